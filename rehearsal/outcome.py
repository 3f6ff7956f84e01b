"""What a run of the engine did: its events, gathered into plain values that the screen and the reports show."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pulumi.automation import events

_STACK_TYPE = "pulumi:pulumi:Stack"

# The launcher that boots the policy pack is found on PATH by design; the engine warns about it on every run.
_EXPECTED_NOISE = ("pulumi-analyzer-policy-python from $PATH",)


# What the engine says at the end of a run that failed, after it has said why.
_CLOSING_WORDS = ("preview failed", "update failed", "destroy failed", "refresh failed", "an unhandled error occurred")


class Operation(StrEnum):
    """What the engine does to one resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    REFRESH = "refresh"


# The engine's step names to ours; the physical halves of a replacement count as the one replacement.
_OPERATIONS: Mapping[str, Operation] = {
    "same": Operation.SAME,
    "create": Operation.CREATE,
    "import": Operation.CREATE,
    "update": Operation.UPDATE,
    "replace": Operation.REPLACE,
    "import-replacement": Operation.REPLACE,
    "delete": Operation.DELETE,
    "discard": Operation.DELETE,
    "read": Operation.READ,
    "refresh": Operation.REFRESH,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource in a run.

    Attributes:
        protected: whether the program protects the resource from deletion.
        changes: property path -> "add", "delete", "update" (with "-replace" where it forces a replacement).
        forcing: the top-level properties that force a replacement.
        old, new: the inputs before and after; secrets arrive from the engine as "[secret]".
    """

    operation: Operation
    urn: str
    type: str
    parent: str
    protected: bool = False
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    forcing: tuple[str, ...] = ()
    old: Mapping[str, Any] = field(default_factory=dict[str, Any])
    new: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[1]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a policy said of a resource (or, with an empty `urn`, of the whole stack)."""

    policy: str
    level: str
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error that the engine, a provider or the program gave."""

    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A finished run; `judged` says whether the policy pack had its say."""

    succeeded: bool
    judged: bool
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]
    outputs: Mapping[str, Any]
    seconds: float

    @property
    def counts(self) -> Counter[Operation]:
        """How many resources were created, updated, replaced, deleted, left alone."""
        return Counter(step.operation for step in self.steps)

    @property
    def unchanged(self) -> bool:
        """Whether nothing was or would be done."""
        return all(step.operation in (Operation.SAME, Operation.READ, Operation.REFRESH) for step in self.steps)


class Recorder:
    """Gathers the engine's events while it runs; `tell` hears of each resource as work on it begins."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._steps: dict[str, Step] = {}
        self._verdicts: dict[Verdict, None] = {}
        self._failures: dict[Failure, None] = {}
        self._warnings: dict[str, None] = {}
        self._outputs: Mapping[str, Any] = {}
        self._finished = 0

    def __call__(self, event: events.EngineEvent) -> None:
        """Takes one event."""
        if event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._end(event.res_outputs_event.metadata)
        elif event.policy_event:
            self._judge(event.policy_event)
        elif event.diagnostic_event:
            self._diagnose(event.diagnostic_event)

    def outcome(self, *, succeeded: bool, judged: bool, seconds: float) -> Outcome:
        """Returns all that was gathered."""
        return Outcome(
            succeeded=succeeded,
            judged=judged,
            steps=tuple(self._steps.values()),
            verdicts=tuple(self._verdicts),
            failures=tuple(self._failures),
            warnings=tuple(self._warnings),
            outputs=self._outputs,
            seconds=seconds,
        )

    def _begin(self, metadata: events.StepEventMetadata) -> None:
        step = _step(metadata)
        if step is None:
            return
        known = self._steps.get(step.urn)
        if known is None or known.operation in (Operation.SAME, Operation.REFRESH, Operation.READ):
            self._steps[step.urn] = step
        self._tell(f"{self._finished} done, {_verb(step.operation)} {step.type} {step.name}")

    def _end(self, metadata: events.StepEventMetadata) -> None:
        self._finished += 1
        if metadata.type == _STACK_TYPE and metadata.new is not None:
            self._outputs = metadata.new.outputs or {}

    def _judge(self, event: events.PolicyEvent) -> None:
        verdict = Verdict(
            policy=event.policy_name,
            level=event.enforcement_level,
            urn=event.resource_urn or "",
            message=_plain(event.message),
        )
        self._verdicts[verdict] = None

    def _diagnose(self, event: events.DiagnosticEvent) -> None:
        message = _plain(event.message)
        if event.severity == "error" and message and not message.startswith(_CLOSING_WORDS):
            self._failures[Failure(urn=event.urn or "", message=message)] = None
        elif event.severity == "warning" and not any(noise in message for noise in _EXPECTED_NOISE):
            self._warnings[message] = None


def _step(metadata: events.StepEventMetadata) -> Step | None:
    operation = _OPERATIONS.get(metadata.op)
    state = metadata.new or metadata.old
    if operation is None or state is None:
        return None
    old = metadata.old
    return Step(
        operation=operation,
        urn=metadata.urn,
        type=metadata.type,
        parent=state.parent,
        protected=bool(metadata.new and metadata.new.protect),
        changes={path: diff.diff_kind.value for path, diff in (metadata.detailed_diff or {}).items()},
        forcing=tuple(metadata.keys or ()),
        old=(old.inputs or {}) if old else {},
        new=(metadata.new.inputs or {}) if metadata.new else {},
    )


def _verb(operation: Operation) -> str:
    return "checking" if operation is Operation.SAME else f"{operation.value.removesuffix('e')}ing"


def _plain(message: str) -> str:
    """Takes the engine's colour marks (``<{%fg 1%}>``) off a message."""
    text = message
    while "<{%" in text:
        before, _, rest = text.partition("<{%")
        text = before + rest.partition("%}>")[2]
    return text.strip()
