"""What a change would do: the program at another revision is rehearsed, then the working tree on top of its state."""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, cast

from pulumi.runtime import rpc
from pydantic import TypeAdapter

from rehearsal.outcome import Operation, Outcome, Step
from rehearsal.program import RehearsalError, stacks
from rehearsal.progress import Progress
from rehearsal.stateful import STATEFUL_TYPES
from stacks.compatibility import breaking_changes

_NOTHING = Outcome(
    succeeded=True, judged=False, steps=(), verdicts=(), failures=(), warnings=(), outputs={}, seconds=0.0
)


class ExitCode(IntEnum):
    """How `diff` ends; where several hold, the one that is hardest to cure."""

    CLEAN = 0
    ERROR = 1
    NEEDS_ALLOW_REPLACE = 2
    BREAKS_CONTRACT = 3


class Severity(StrEnum):
    """How much a reviewer must look at a stack."""

    ERROR = "error"
    BREAKING = "breaks the output contract"
    LOSS = "replaces or deletes what holds data"
    REPLACEMENT = "replaces or deletes"
    CHANGE = "changes"
    NONE = "no change"


@dataclass(frozen=True, kw_only=True)
class StackDifference:
    """What the change does to one stack.

    Attributes:
        outcome: the preview of the working tree on the base's state.
        contract: changes of the outputs that consumers notice, in words.
        breaking: those of them that break a consumer.
        unprotected: resources that were protected from deletion at the base and are no more.
    """

    stack: str
    outcome: Outcome
    contract: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()
    unprotected: tuple[str, ...] = ()

    @property
    def losses(self) -> tuple[Step, ...]:
        """The stateful resources that would be replaced or deleted."""
        return tuple(step for step in self.removals if step.type in STATEFUL_TYPES)

    @property
    def removals(self) -> tuple[Step, ...]:
        """All resources that would be replaced or deleted, components apart."""
        return tuple(step for step in self.outcome.steps if step.operation in (Operation.REPLACE, Operation.DELETE))

    @property
    def severity(self) -> Severity:
        """The worst that the change does."""
        if not self.outcome.succeeded:
            return Severity.ERROR
        if self.breaking:
            return Severity.BREAKING
        if self.losses:
            return Severity.LOSS
        if self.removals:
            return Severity.REPLACEMENT
        return Severity.NONE if self.outcome.unchanged and not self.contract else Severity.CHANGE


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the change from revision `base` does to every stack."""

    base: str
    stacks: tuple[StackDifference, ...]

    @property
    def exit_code(self) -> ExitCode:
        """What a check on a pull request answers."""
        severities = {difference.severity for difference in self.stacks}
        if Severity.ERROR in severities:
            return ExitCode.ERROR
        if Severity.BREAKING in severities:
            return ExitCode.BREAKS_CONTRACT
        return ExitCode.NEEDS_ALLOW_REPLACE if Severity.LOSS in severities else ExitCode.CLEAN


def compare(root: Path, base: str, progress: Progress) -> Difference:
    """Rehearses every stack at `base` and then as the working tree has it.

    Args:
        root: the folder of the program, in a git checkout.
        base: a git revision.
        progress: where to say what is being done.

    Raises:
        RehearsalError: the revision is unknown, or the program at `base` can't be rehearsed.
    """
    commit = _resolve(root, base)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as temporary:
        before = Path(temporary) / "base"
        _extract(root, commit, before)
        names = sorted({*stacks(before), *stacks(root)})

        def rehearse(stack: str) -> StackDifference:
            return _compare_stack(root, before, stack, Path(temporary) / stack)

        # Each revision needs a process of its own, as modules are imported once; so stacks can run side by side.
        title = f"rehearsing {', '.join(names)} at {commit[:12]} and in the working tree"
        with progress.step(title), ThreadPoolExecutor(max_workers=2) as pool:
            return Difference(base=commit, stacks=tuple(pool.map(rehearse, names)))


def _compare_stack(root: Path, before: Path, stack: str, folder: Path) -> StackDifference:
    old = _up(before, stack, folder) if stack in stacks(before) else _NOTHING
    if stack in stacks(root):
        # The base's protection would stop the preview at the first replacement, and hide all others behind it.
        new = _rehearse("preview", root, stack, folder, "--fast", "--unprotect")
    else:
        gone_steps = tuple(replace(step, operation=Operation.DELETE, protected=False) for step in old.steps)
        new = replace(_NOTHING, steps=gone_steps)
    harmless, breaking = _contract_changes(before, root)
    if not new.succeeded:  # what a run that ended early did not come to is not gone
        return StackDifference(stack=stack, outcome=new, contract=(*breaking, *harmless), breaking=breaking)
    gone, other = _output_changes(old.outputs, new.outputs)
    deleted = {step.urn for step in new.steps if step.operation is Operation.DELETE}
    protected = {step.urn for step in new.steps if step.protected}
    return StackDifference(
        stack=stack,
        outcome=new,
        contract=(*breaking, *gone, *harmless, *other),
        breaking=(*breaking, *gone),
        unprotected=tuple(sorted({step.urn for step in old.steps if step.protected} - protected - deleted)),
    )


def _up(before: Path, stack: str, folder: Path) -> Outcome:
    outcome = _rehearse("up", before, stack, folder, "--fast", "--no-policies")
    if not outcome.succeeded:
        reasons = "; ".join(failure.message for failure in outcome.failures)
        raise RehearsalError(f"stack {stack} can't be rehearsed at the base revision: {reasons}")
    return outcome


def _output_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns in words the outputs that are gone, and those that are new or have another value."""
    before, after = dict(_leaves("", old)), dict(_leaves("", new))
    unknown = tuple(path for path, value in after.items() if value == rpc.UNKNOWN)
    gone = sorted(
        path
        for path in before.keys() - after.keys()
        if not any(path.startswith((f"{whole}.", f"{whole}[")) for whole in unknown)
    )
    added = sorted(after.keys() - before.keys() - set(unknown)) if old else []
    changed = sorted(
        path for path in before.keys() & after.keys() if before[path] != after[path] and path not in unknown
    )
    return tuple(f"output `{path}` is gone" for path in gone), (
        *(f"output `{path}` is new" for path in added),
        *(f"output `{path}` changes" for path in changed),
    )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in cast(Mapping[str, Any], value).items():
            yield from _leaves(f"{path}.{key}" if path else key, item)
    elif path:
        yield path, value


def _rehearse(command: str, program: Path, stack: str, folder: Path, *options: str) -> Outcome:
    """Runs one revision in a process of its own and returns what it did.

    Raises:
        RehearsalError: the run gave no outcome; the message holds what it said.
    """
    record = folder.with_suffix(f".{command}.json")
    finished = subprocess.run(  # noqa: S603 - this very program
        [
            *(sys.executable, "-m", "rehearsal", command, stack),
            *("--program", str(program), "--folder", str(folder), "--record", str(record), *options),
        ],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if not record.is_file():
        raise RehearsalError(f"stack {stack} at {program.name}: {finished.stderr.strip()}")
    return TypeAdapter(Outcome).validate_json(record.read_bytes())


def _resolve(root: Path, revision: str) -> str:
    """Returns the full commit id of a revision.

    Raises:
        RehearsalError: the folder is no git checkout or has no such revision.
    """
    finished = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if finished.returncode:
        raise RehearsalError(
            f"no revision `{revision}` in {root}: name a branch, tag or commit that this checkout holds "
            "(a shallow clone may need `git fetch --unshallow`)"
        )
    return finished.stdout.decode().strip()


def _extract(root: Path, commit: str, target: Path) -> None:
    """Writes the files of a commit to a folder, leaving checkout and index alone.

    Raises:
        RehearsalError: git can't give them.
    """
    target.mkdir()
    if not _git(root, "ls-tree", commit).stdout:
        return  # nothing was there yet, and the archive of nothing is none
    archive = _git(root, "archive", "--format=tar", commit)
    if archive.returncode:
        raise RehearsalError(f"git can't read {commit[:12]}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(target, filter="data")


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607


def _contract_changes(before: Path, after: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns what changed in the published contracts, in words: what consumers may ignore, and what breaks them."""
    old, new = _contracts(before), _contracts(after)
    breaking = [f"{name}: the contract is withdrawn" for name in sorted(old.keys() - new.keys())]
    harmless = [f"{name}: a new contract" for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        broken = breaking_changes(old[name], new[name])
        breaking += [f"{name}: {change}" for change in broken]
        if old[name] != new[name] and not broken:
            harmless.append(f"{name}: changed in a compatible way")
    return tuple(harmless), tuple(breaking)


def _contracts(root: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted((root / "stacks" / "contracts").glob("*.json"))}
