"""After a killed engine: brings state and stand-in clouds together again, so that nothing is lost or made twice.

The engine notes what it is about to do as a pending operation and takes the note away when it has the answer. A kill
between the two leaves a note: the resource may or may not exist. The engine's own ways out either make it again
or forget it; the one that works is to look it up in the cloud by identity, and to write down what is found.
"""

import json
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from rehearsal.clouds.store import Store
from rehearsal.program import RehearsalError
from rehearsal.session import Session


def recover(session: Session, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Clears what a killed run left behind; returns a line for each thing that was put right, none after a clean run.

    Raises:
        RehearsalError: the stack is locked by a run that is still alive, or the state can't be refreshed.
    """
    notes = _unlock(session)
    if not _has_pending(session.checkpoint):
        return notes
    state = session.export()
    deployment, settled = settle(state["deployment"], session.store)
    session.import_state(state | {"deployment": deployment})
    outcome = session.refresh(tell)
    if not outcome.succeeded:
        raise RehearsalError("; ".join(failure.message for failure in outcome.failures))
    return (*notes, *settled)


def _has_pending(checkpoint: Path) -> bool:
    """Whether the state holds pending operations; read from its file, as every command asks and a run is slow."""
    state = json.loads(checkpoint.read_bytes())
    return bool((state["checkpoint"].get("latest") or {}).get("pending_operations"))


def settle(deployment: Mapping[str, Any], store: Store) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Returns the deployment without pending operations, with every resource that the clouds hold, and what was found.

    Args:
        deployment: the ``deployment`` of an exported state.
        store: what exists in the stand-in clouds.
    """
    resources = [dict(resource) for resource in deployment.get("resources") or []]
    notes: list[str] = []
    for operation in deployment["pending_operations"]:
        resource, kind = operation["resource"], operation["type"]
        if kind != "creating":
            notes.append(f"{kind} {resource['urn']}: looked at again")
            continue
        known = {each.get("id") for each in resources if each["urn"] == resource["urn"]}
        made = next((record for record in store.find(resource["urn"]) if record.id not in known), None)
        if made is None:
            notes.append(f"creating {resource['urn']}: was not made")
            continue
        notes.append(f"creating {resource['urn']}: was made, adopted as {made.id}")
        resources = _retire(resources, resource["urn"])
        adopted = dict(resource) | {"id": made.id, "outputs": resource.get("inputs", {})}
        resources.insert(_after_what_it_needs(adopted, resources), adopted)
    return {key: value for key, value in deployment.items() if key != "pending_operations"} | {
        "resources": resources
    }, tuple(notes)


def _after_what_it_needs(resource: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> int:
    """Returns the first place at which a state may list a resource: what it depends on before, its dependents after."""
    needed = {
        resource.get("parent"),
        resource.get("provider", "").rpartition("::")[0],
        *(resource.get("dependencies") or ()),
        *(urn for urns in (resource.get("propertyDependencies") or {}).values() for urn in urns or ()),
    }
    return max((index + 1 for index, other in enumerate(resources) if other["urn"] in needed), default=0)


def _retire(resources: Iterable[Mapping[str, Any]], urn: str) -> list[dict[str, Any]]:
    """Marks the copy that a replacement leaves behind for deletion; one that is deleted already goes at once."""
    return [
        dict(resource) | ({"delete": True} if resource["urn"] == urn else {})
        for resource in resources
        if not (resource["urn"] == urn and resource.get("pendingReplacement"))
    ]


def _unlock(session: Session) -> tuple[str, ...]:
    """Removes the lock of a run that is dead.

    Raises:
        RehearsalError: the run that holds the lock is alive, or works on another machine.
    """
    locks = sorted((session.folder / "state" / ".pulumi" / "locks").rglob("*.json"))
    for lock in locks:
        holder = json.loads(lock.read_text() or "{}")
        pid, host = holder.get("pid", 0), holder.get("hostname", "")
        if host not in ("", socket.gethostname()) or _is_running_engine(pid):
            raise RehearsalError(
                f"stack {session.program.stack} is in use by process {pid} on {host or 'this machine'}; wait for it "
                f"to end, or remove {session.folder} if that machine is gone"
            )
    if not locks:
        return ()
    session.cancel()
    return ("the last run was killed: its lock is removed",)


def _is_running_engine(pid: int) -> bool:
    """Whether a process is an engine at work; a killed one may stay listed where nobody reaps it, as in a container."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "pulumi" in process.name()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
