"""A difference as people and programs read it: Markdown for a pull request, JSON for tools."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rehearsal.clouds.changes import changes, lookup, parsed
from rehearsal.difference import Difference, ExitCode, Severity, StackDifference
from rehearsal.graph import picture
from rehearsal.outcome import Operation, Step

# GitHub refuses comments of more than 65,536 characters; some room is left for who posts it.
MAXIMUM_LENGTH: Final = 60_000

MARKER: Final = "<!-- covenant-rehearsal -->"

_LONGEST_VALUE = 80

_ICONS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "🛑",
    Severity.BREAKING: "🛑",
    Severity.LOSS: "🔴",
    Severity.REPLACEMENT: "🟠",
    Severity.CHANGE: "🟡",
    Severity.NONE: "🟢",
}

_VERDICT: Final[Mapping[ExitCode, str]] = {
    ExitCode.CLEAN: "Nothing here needs more than a review.",
    ExitCode.ERROR: "**The program can't be rolled out: see the errors.**",
    ExitCode.NEEDS_ALLOW_REPLACE: "**Data would be lost: merge only with the label `allow-replace`.**",
    ExitCode.BREAKS_CONTRACT: "**Consumers of the outputs would break: publish a new contract version instead.**",
}


def markdown(difference: Difference, *, limit: int = MAXIMUM_LENGTH) -> str:
    """Returns the report for a pull request, at most `limit` characters long.

    The summary always stands whole; details are left out from the end, with a line that says so.
    """
    text = "\n".join([MARKER, *_summary(difference)])
    left_out = 0
    for block in _details(difference):
        if len(text) + len(block) + 200 > limit:
            left_out += 1
        else:
            text += f"\n{block}"
    if left_out:
        text += f"\n\n_{left_out} of the detail blocks are left out for length: run `make diff` to see all._"
    return f"{text}\n"


def document(difference: Difference) -> dict[str, Any]:
    """Returns the report as plain JSON values."""
    return {
        "base": difference.base,
        "exit_code": int(difference.exit_code),
        "stacks": [_stack_document(stack) for stack in difference.stacks],
    }


def _summary(difference: Difference) -> list[str]:
    rows = [
        f"| {_ICONS[stack.severity]} `{stack.stack}` | {stack.severity} | "
        + " | ".join(str(stack.outcome.counts[operation]) for operation in _COLUMNS)
        + f" | {len(stack.outcome.verdicts)} |"
        for stack in difference.stacks
    ]
    return [
        f"## What this change does, rehearsed against `{difference.base[:12]}`",
        "",
        "| stack | severity | create | update | replace | delete | unchanged | policy violations |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
        *rows,
        "",
        _VERDICT[difference.exit_code],
    ]


_COLUMNS: Final = (Operation.CREATE, Operation.UPDATE, Operation.REPLACE, Operation.DELETE, Operation.SAME)


def _details(difference: Difference) -> Iterable[str]:
    """Returns the blocks after the summary, the most important ones first over all stacks."""
    parts = (_failures, _removals, _contract, _verdicts, _updates, _creations, _picture)
    for part in parts:
        for stack in difference.stacks:
            yield from part(stack)


def _failures(stack: StackDifference) -> Iterable[str]:
    if stack.outcome.failures:
        lines = [f"- {_place(failure.urn)}{_inline(failure.message)}" for failure in stack.outcome.failures]
        yield _block(f"`{stack.stack}`: errors", lines, is_open=True)


def _removals(stack: StackDifference) -> Iterable[str]:
    if not stack.removals and not stack.unprotected:
        return
    lines = ["| | resource | because of | |", "|---|---|---|---|"]
    for step in sorted(stack.removals, key=lambda step: (step not in stack.losses, step.urn)):
        note = "**holds data**" if step in stack.losses else ""
        lines.append(f"| {step.operation} | {_resource(step)} | {_reason(step)} | {note} |")
    lines += [f"| unprotect | {_named(urn)} | `protect` | deletable from now on |" for urn in stack.unprotected]
    yield _block(f"`{stack.stack}`: replaced or deleted", lines, is_open=True)


def _contract(stack: StackDifference) -> Iterable[str]:
    if stack.contract:
        lines = [f"- {'**breaks consumers:** ' if line in stack.breaking else ''}{line}" for line in stack.contract]
        yield _block(f"`{stack.stack}`: output contract", lines, is_open=bool(stack.breaking))


def _verdicts(stack: StackDifference) -> Iterable[str]:
    if stack.outcome.verdicts:
        lines = [
            f"- `{verdict.policy}` ({verdict.level}) {_place(verdict.urn)}{_inline(verdict.message)}"
            for verdict in stack.outcome.verdicts
        ]
        yield _block(f"`{stack.stack}`: policy violations", lines, is_open=True)


def _updates(stack: StackDifference) -> Iterable[str]:
    for step in stack.outcome.steps:
        if step.operation in (Operation.UPDATE, Operation.REPLACE) and step.changes:
            lines = ["| property | before | after |", "|---|---|---|"]
            lines += [row for path, kind in sorted(step.changes.items()) for row in _rows(step, path, kind)]
            yield _block(f"`{stack.stack}`: {step.operation} {_resource(step)}", lines, is_open=False)


def _rows(step: Step, path: str, kind: str) -> Iterable[str]:
    """Returns the table rows of one changed property: one, or for a JSON document one for each place in it."""
    before, after = _sides(step, path, kind)
    note = " (forces replacement)" if kind.endswith("-replace") else ""
    old, new = parsed(before), parsed(after)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for inner in changes(old, new):
            yield f"| `{path}` at `{inner}`{note} | {_value(lookup(old, inner))} | {_value(lookup(new, inner))} |"
    else:
        yield f"| `{path}`{note} | {_value(before)} | {_value(after)} |"


def _sides(step: Step, path: str, kind: str) -> tuple[Any, Any]:
    """Returns a property before and after; what is added has no before, though a set may hold another at its place."""
    before = None if kind.startswith("add") else lookup(step.old, path)
    after = None if kind.startswith("delete") else lookup(step.new, path)
    return before, after


def _creations(stack: StackDifference) -> Iterable[str]:
    created = [step for step in stack.outcome.steps if step.operation is Operation.CREATE]
    if created:
        yield _block(f"`{stack.stack}`: {len(created)} created", [f"- {_resource(s)}" for s in created], is_open=False)


def _picture(stack: StackDifference) -> Iterable[str]:
    changed = [step for step in stack.outcome.steps if step.operation not in (Operation.SAME, Operation.READ)]
    if changed:
        drawn = picture(stack.outcome.steps, only_changes=True)
        yield _block(f"`{stack.stack}`: picture", ["```mermaid", drawn, "```"], is_open=False)


def _block(title: str, lines: Iterable[str], *, is_open: bool) -> str:
    opened = " open" if is_open else ""
    body = "\n".join(lines)
    return f"\n<details{opened}><summary>{_html(title)}</summary>\n\n{body}\n\n</details>"


def _html(title: str) -> str:
    pieces = title.replace("&", "&amp;").replace("<", "&lt;").split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))


def _resource(step: Step) -> str:
    return f"`{step.type}` `{step.name}`"


def _named(urn: str) -> str:
    kind, name = urn.split("::")[-2:]
    return f"`{kind.rpartition('$')[2]}` `{name}`"


def _place(urn: str) -> str:
    return f"`{urn.rsplit('::', 1)[-1]}`: " if urn else ""


def _reason(step: Step) -> str:
    if step.operation is Operation.DELETE:
        return "no longer in the program"
    return ", ".join(f"`{name}`" for name in step.forcing) or "what it depends on is replaced"


def _inline(text: str) -> str:
    return " ".join(text.split())


def _value(value: Any) -> str:
    if value is None:
        return "_none_"
    text = _inline(str(value)).replace("|", "\\|").replace("`", "'")
    return f"`{text[:_LONGEST_VALUE]}…`" if len(text) > _LONGEST_VALUE else f"`{text}`"


def _stack_document(stack: StackDifference) -> dict[str, Any]:
    outcome = stack.outcome
    return {
        "stack": stack.stack,
        "severity": stack.severity.name.lower(),
        "counts": {operation.value: outcome.counts[operation] for operation in _COLUMNS},
        "replaced_or_deleted": [
            {
                "operation": step.operation,
                "urn": step.urn,
                "type": step.type,
                "forced_by": list(step.forcing),
                "stateful": step in stack.losses,
            }
            for step in stack.removals
        ],
        "updated": [
            {
                "urn": step.urn,
                "type": step.type,
                "properties": {
                    path: {"kind": kind, **dict(zip(("before", "after"), _sides(step, path, kind), strict=True))}
                    for path, kind in sorted(step.changes.items())
                },
            }
            for step in outcome.steps
            if step.operation in (Operation.UPDATE, Operation.REPLACE)
        ],
        "created": [step.urn for step in outcome.steps if step.operation is Operation.CREATE],
        "unprotected": list(stack.unprotected),
        "contract": {"changes": list(stack.contract), "breaking": list(stack.breaking)},
        "violations": [
            {"policy": v.policy, "level": v.level, "urn": v.urn, "message": v.message} for v in outcome.verdicts
        ],
        "errors": [{"urn": failure.urn, "message": failure.message} for failure in outcome.failures],
    }
