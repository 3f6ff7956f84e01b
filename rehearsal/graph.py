"""The platform as a picture: a Mermaid flow chart of components and resources, grouped as the program nests them."""

from collections.abc import Iterable, Mapping
from typing import Final

from rehearsal.outcome import Operation, Step

_CLASSES: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "fill:#dafbe1,stroke:#1a7f37,color:#0b3d17",
    Operation.UPDATE: "fill:#fff8c5,stroke:#9a6700,color:#3b2300",
    Operation.REPLACE: "fill:#fbefff,stroke:#8250df,color:#2e1461",
    Operation.DELETE: "fill:#ffebe9,stroke:#cf222e,color:#660018",
}

_SYMBOLS: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "+ ",
    Operation.UPDATE: "~ ",
    Operation.REPLACE: "± ",
    Operation.DELETE: "- ",
}

_QUIET = (Operation.SAME, Operation.READ, Operation.REFRESH)


def picture(steps: Iterable[Step], *, only_changes: bool = False) -> str:
    """Returns Mermaid text: a box for each component, a node for each resource in it.

    Args:
        steps: the resources of a run.
        only_changes: leave out what stays as it is, and colour the rest by what is done to it.
    """
    steps = tuple(steps)
    shown = _with_ancestors(steps) if only_changes else {step.urn for step in steps}
    children: dict[str, list[Step]] = {}
    for step in steps:
        if step.urn in shown:
            children.setdefault(step.parent if step.parent in shown else "", []).append(step)
    numbers = {step.urn: f"n{index}" for index, step in enumerate(steps)}
    lines = ["flowchart LR"]
    for root in _sorted(children.get("", ())):
        lines += _draw(root, children, numbers, "  ")
    used = {step.operation for step in steps if step.urn in shown} - set(_QUIET)
    lines += [f"  classDef {operation} {_CLASSES[operation]}" for operation in _CLASSES if operation in used]
    return "\n".join(lines)


def _draw(step: Step, children: Mapping[str, list[Step]], numbers: Mapping[str, str], indent: str) -> list[str]:
    number = numbers[step.urn]
    below = _sorted(children.get(step.urn, ()))
    style = f":::{step.operation}" if step.operation in _CLASSES else ""
    label = f"{_SYMBOLS.get(step.operation, '')}{step.name}"
    if not below:
        kind = step.type.rsplit(":", 1)[-1]
        return [f'{indent}{number}["{_escape(label)}<br/><small>{_escape(kind)}</small>"]{style}']
    lines = [f'{indent}subgraph {number}["{_escape(label)}"]']
    for child in below:
        lines += _draw(child, children, numbers, f"{indent}  ")
    return [*lines, f"{indent}end"]


def _with_ancestors(steps: Iterable[Step]) -> set[str]:
    steps = tuple(steps)
    parents = {step.urn: step.parent for step in steps}
    shown: set[str] = set()
    for step in steps:
        if step.operation in _QUIET:
            continue
        urn = step.urn
        while urn in parents and urn not in shown:
            shown.add(urn)
            urn = parents[urn]
    return shown


def _sorted(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (step.type, step.name))


def _escape(text: str) -> str:
    return text.replace('"', "#quot;").replace("<", "#lt;")
