"""The golden inventory: which resources a stack consists of, by type and name, in a file that reviews read."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import ruamel.yaml

from rehearsal.outcome import Operation, Step

GOLDENS: Final = Path("tests") / "goldens"


def inventory(steps: Iterable[Step]) -> dict[str, list[str]]:
    """Returns the names of the resources of each type, components and providers among them, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for step in steps:
        if step.operation is not Operation.DELETE:
            found.setdefault(step.type, []).append(step.name)
    return {token: sorted(names) for token, names in sorted(found.items())}


def written(stack: str, steps: Iterable[Step]) -> str:
    """Returns the golden file's text for a stack."""
    yaml = ruamel.yaml.YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    buffer = io.StringIO()
    buffer.write(f"# What stack {stack} consists of. Regenerate: make golden\n")
    yaml.dump(inventory(steps), buffer)
    return buffer.getvalue()
