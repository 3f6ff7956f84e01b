"""The facts about a resource type, as the tables have them. A table is loaded when a type in it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_EVERY_KIND = "kubernetes:*"


@dataclass(frozen=True)
class Facts:
    """What a provider's source says about one resource type.

    Attributes:
        source: The file, or package and function, that was read.
        replaces: Properties whose change forces a replacement.
        replaces_when: Properties whose change forces a replacement under a condition: see `conditions`.
        secret_outputs: Outputs that the provider calls sensitive.
        defaults: What a property is if it is not given.
        exclusive: Groups of properties of which at most one may be given.
        id: How the provider makes the id, such as `projects/{project}/topics/{name}`; None if the source doesn't say.
        computed: Optional properties that the provider fills in: left out, they keep the value they have.
        unordered: Lists whose order means nothing.
        framework: Whether the provider builds on Terraform's plugin framework, which passes over a nested property that
            goes together with the block around it.
    """

    source: str
    replaces: tuple[str, ...] = ()
    replaces_when: Mapping[str, str] = field(default_factory=dict[str, str])
    secret_outputs: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    exclusive: tuple[tuple[str, ...], ...] = ()
    id: str | None = None
    computed: frozenset[str] = frozenset()
    unordered: frozenset[str] = frozenset()
    framework: bool = False


def facts(token: str) -> Facts | None:
    """Returns what was read about a resource type; None if nothing was."""
    package, _, path = token.partition(":")
    if package == "kubernetes":
        kinds = _table("kubernetes")
        return kinds.get(token, kinds[_EVERY_KIND])
    part = path.partition("/")[0]
    return _table(package if part == "index" else f"{package}/{part}").get(token)


@cache
def _table(name: str) -> Mapping[str, Facts]:
    path = _FOLDER / f"{name}.yaml"
    if not path.is_file():
        return MappingProxyType({})
    # The C loader: 0.05 s for the tables of forty parts, where a loader in Python takes 1 s.
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return MappingProxyType({token: _facts(entry) for token, entry in document["types"].items()})


def _facts(entry: Mapping[str, Any]) -> Facts:
    return Facts(
        source=entry["source"],
        replaces=tuple(entry.get("replaces", ())),
        replaces_when=MappingProxyType(entry.get("replaces_when", {})),
        secret_outputs=frozenset(entry.get("secret_outputs", ())),
        defaults=MappingProxyType(entry.get("defaults", {})),
        exclusive=tuple(map(tuple, entry.get("exclusive", ()))),
        id=entry.get("id"),
        computed=frozenset(entry.get("computed", ())),
        unordered=frozenset(entry.get("unordered", ())),
        framework=entry.get("framework", False),
    )
