"""What a run looks like on a terminal: the tree of resources, verdicts, outputs, and what it came to."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi.runtime import rpc
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from rehearsal.outcome import Operation, Outcome, Step
from rehearsal.progress import elapsed

_STYLES: Final[Mapping[Operation, tuple[str, str]]] = {
    Operation.SAME: ("=", "dim"),
    Operation.READ: ("=", "dim"),
    Operation.REFRESH: ("~", "dim"),
    Operation.CREATE: ("+", "green"),
    Operation.UPDATE: ("~", "yellow"),
    Operation.REPLACE: ("±", "bold magenta"),
    Operation.DELETE: ("-", "red"),
}

_PAST: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.REPLACE: "replaced",
    Operation.DELETE: "deleted",
    Operation.SAME: "unchanged",
}

_FUTURE: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "to create",
    Operation.UPDATE: "to update",
    Operation.REPLACE: "to replace",
    Operation.DELETE: "to delete",
    Operation.SAME: "unchanged",
}


def show(console: Console, outcome: Outcome, *, preview: bool) -> None:
    """Prints a whole run: tree, outputs, verdicts, failures, and the summary last, where the eye is."""
    console.print(tree(outcome.steps))
    if outcome.outputs:
        console.print(Group(Text("\nOutputs", style="bold"), outputs_table(outcome.outputs)))
    console.print(verdicts_text(outcome))
    for warning in outcome.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))
    for failure in outcome.failures:
        console.print(_failure_text(failure.urn, failure.message))
    console.print(summary(outcome, preview=preview))


def tree(steps: Iterable[Step]) -> Tree:
    """Returns the resources under their components, each with what is done to it."""
    steps = tuple(steps)
    known = {step.urn for step in steps}
    children: dict[str, list[Step]] = {}
    for step in steps:
        children.setdefault(step.parent if step.parent in known else "", []).append(step)

    def grow(branch: Tree, parent: str) -> Tree:
        for step in sorted(children.get(parent, ()), key=lambda child: (child.type, child.name)):
            grow(branch.add(_step_text(step)), step.urn)
        return branch

    return grow(Tree("", hide_root=True), "")


def outputs_table(outputs: Mapping[str, Any]) -> Table:
    """Returns the stack's outputs, nested ones by path; secrets stay hidden."""
    table = Table.grid(padding=(0, 2))
    for path, value in _leaves("", outputs):
        table.add_row(Text(f"  {path}"), Text(value, overflow="fold"))
    return table


def verdicts_text(outcome: Outcome) -> RenderableType:
    """Returns each violation with its resource, or that there is none, or that nothing was judged."""
    if not outcome.judged:
        return Text("\nPolicies: not run", style="dim")
    if not outcome.verdicts and outcome.failures:
        return Text("\nPolicies: the run ended before all was judged", style="yellow")
    if not outcome.verdicts:
        return Text("\nPolicies: no violations", style="green")
    lines = [Text(f"\nPolicies: {len(outcome.verdicts)} violations", style="bold red")]
    for verdict in outcome.verdicts:
        style = "red" if verdict.level == "mandatory" else "yellow"
        place = verdict.urn.rsplit("::", 1)[-1] or "the stack"
        message = verdict.message.replace("\n", "\n    ")
        lines.append(Text(f"  [{verdict.level}] {verdict.policy} on {place}\n    {message}", style=style))
    return Group(*lines)


def summary(outcome: Outcome, *, preview: bool) -> Text:
    """Returns one line: what was (or would be) done to how many resources, and the time taken."""
    words = _FUTURE if preview else _PAST
    counts = outcome.counts
    parts = [f"{counts[operation]} {word}" for operation, word in words.items() if counts[operation]]
    if outcome.succeeded and outcome.unchanged:
        text, style = f"unchanged: all {sum(counts.values())} resources", "bold green"
    elif outcome.succeeded:
        text, style = ", ".join(parts), "bold green"
    else:
        text, style = f"failed after: {', '.join(parts) or 'nothing was done'}", "bold red"
    return Text(f"\n{text}, in {elapsed(outcome.seconds)}", style=style)


def _step_text(step: Step) -> Text:
    symbol, style = _STYLES[step.operation]
    text = Text(f"{symbol} ", style=style)
    text.append(step.name, style=style)
    text.append(f"  {step.type}", style="dim")
    if step.forcing:
        text.append(f"  replaced because of {', '.join(step.forcing)}", style=style)
    elif step.changes:
        text.append(f"  {', '.join(step.changes)}", style=style)
    return text


def _failure_text(urn: str, message: str) -> Text:
    place = f"{urn.rsplit('::', 2)[-2]} {urn.rsplit('::', 1)[-1]}: " if urn else ""
    return Text(f"\nerror: {place}{message}", style="bold red")


def _leaves(path: str, value: Any) -> Iterable[tuple[str, str]]:
    match value:
        case Mapping():
            for key, item in value.items():
                yield from _leaves(f"{path}.{key}" if path else str(key), item)
        case list() if any(isinstance(item, Mapping | list) for item in value):
            for index, item in enumerate(value):
                yield from _leaves(f"{path}[{index}]", item)
        case list():
            yield path, ", ".join("known after up" if item == rpc.UNKNOWN else str(item) for item in value)
        case rpc.UNKNOWN:
            yield path, "known after up"
        case _:
            yield path, str(value)
