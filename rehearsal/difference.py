"""What a change would do: the program at another revision is rehearsed, then the working tree on top of its state."""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rehearsal.outcome import Operation, Outcome, Step
from rehearsal.progress import Progress
from rehearsal.session import RehearsalError, stacks
from rehearsal.stateful import STATEFUL_TYPES
from stacks.compatibility import breaking_changes


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
        names = stacks(root)

        def rehearse(stack: str) -> StackDifference:
            return _compare_stack(root, before, stack, Path(temporary) / stack)

        # Each revision needs a process of its own, as modules are imported once; so stacks can run side by side.
        title = f"rehearsing {', '.join(names)} at {commit[:12]} and in the working tree"
        with progress.step(title), ThreadPoolExecutor(max_workers=2) as pool:
            return Difference(base=commit, stacks=tuple(pool.map(rehearse, names)))


def _compare_stack(root: Path, before: Path, stack: str, folder: Path) -> StackDifference:
    protected: frozenset[str] = frozenset()
    old_outputs: Mapping[str, Any] = {}
    if (before / f"Pulumi.{stack}.yaml").is_file():
        outcome = _rehearse("up", before, stack, folder, "--fast", "--no-policies")
        if not outcome.succeeded:
            reasons = "; ".join(failure.message for failure in outcome.failures)
            raise RehearsalError(f"stack {stack} can't be rehearsed at the base revision: {reasons}")
        protected = frozenset(step.urn for step in outcome.steps if step.protected)
        old_outputs = outcome.outputs
    # The base's protection would stop the preview at the first replacement, and hide all others behind it.
    outcome = _rehearse("preview", root, stack, folder, "--fast", "--unprotect")
    removed = {step.urn for step in outcome.steps if step.operation is Operation.DELETE}
    kept = {step.urn for step in outcome.steps if step.protected}
    contract, breaking = _contract_changes(before, root)
    gone = tuple(f"output `{name}` is gone" for name in sorted(old_outputs.keys() - outcome.outputs.keys()))
    added = tuple(f"output `{name}` is new" for name in sorted(outcome.outputs.keys() - old_outputs.keys()))
    return StackDifference(
        stack=stack,
        outcome=outcome,
        contract=(*breaking, *gone, *contract, *added),
        breaking=(*breaking, *gone) if outcome.succeeded else breaking,
        unprotected=tuple(sorted(protected - kept - removed)),
    )


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
    """Writes the files of a commit to a folder, leaving checkout and index alone."""
    with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", commit).stdout)) as archive:
        archive.extractall(target, filter="data")


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607


def _contract_changes(before: Path, after: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns what changed in the published contracts, in words: what consumers may ignore, and what breaks them."""
    old, new = _contracts(before), _contracts(after)
    breaking = [f"{name}: the contract is withdrawn" for name in sorted(old.keys() - new.keys())]
    harmless = [f"{name}: a new contract" for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        breaking += [f"{name}: {change}" for change in breaking_changes(old[name], new[name])]
        if old[name] != new[name] and not breaking:
            harmless.append(f"{name}: changed in a compatible way")
    return tuple(harmless), tuple(breaking)


def _contracts(root: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted((root / "stacks" / "contracts").glob("*.json"))}
