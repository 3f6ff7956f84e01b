"""Reads the catalog from its files, and names every fault of every file by line and column."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from catalog.documents import Finding, Location, dotted, findings
from catalog.model import Catalog, System
from catalog.rules import CATALOG_RULES, SYSTEM_RULES

DIRECTORY = Path(__file__).parent

_SCHEMA = System.model_json_schema()


class CatalogError(pulumi.RunError):
    """The catalog cannot be used. Its text has one line for each fault of each file."""


@dataclass(frozen=True, order=True)
class _Fault:
    """One thing that is wrong, where an editor can jump to it; lines and columns count from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


@dataclass(frozen=True)
class _File:
    """A file as read: its plain values as JSON, and the tree that knows where each of them stands."""

    name: str
    values: str
    tree: Node | None

    def fault(self, finding: Finding) -> _Fault:
        line, column = _position(self.tree, finding.location)
        path = dotted(finding.location)
        return _Fault(self.name, line, column, f"{path}: {finding.text}" if path else finding.text)


def load_catalog(directory: Path = DIRECTORY) -> Catalog:
    """Reads and checks every system of the catalog.

    Args:
        directory: Where the files stand, one `<system>.yaml` each.

    Returns:
        The systems, in the order of their names.

    Raises:
        CatalogError: Anything is wrong with any file; the text lists everything that is.
    """
    faults: list[_Fault] = []
    files: dict[str, _File] = {}
    systems: dict[str, System] = {}
    for path in sorted(directory.glob("*.yaml")):
        read = _read(path)
        if isinstance(read, _Fault):
            faults.append(read)
            continue
        files[path.stem] = read
        try:
            systems[path.stem] = System.model_validate_json(read.values)
        except ValidationError as error:
            faults.extend(read.fault(finding) for finding in findings(error, _SCHEMA))
    for key, finding in _broken_system_rules(systems):
        faults.append(files[key].fault(finding))
    if not faults:
        # A system that cannot be read would be missed by others that name it.
        faults.extend(files[key].fault(finding) for rule in CATALOG_RULES for key, finding in rule(systems))
    if faults:
        raise CatalogError("the catalog is wrong:\n" + "\n".join(f"  {fault}" for fault in sorted(faults)))
    if not systems:
        raise CatalogError(f"{directory} holds no system; add one as <name>.yaml")
    return Catalog(systems)


def _broken_system_rules(systems: Mapping[str, System]) -> Iterator[tuple[str, Finding]]:
    for key, system in systems.items():
        if system.name != key:
            yield key, Finding(("name",), f'got "{system.name}", but the file is {key}.yaml; make them equal')
        for rule in SYSTEM_RULES:
            for finding in rule(system):
                yield key, finding


def _read(path: Path) -> _File | _Fault:
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        yaml = YAML(typ="safe", pure=True)
        tree = yaml.compose(text)
        values = yaml.constructor.construct_document(tree) if tree else None
        return _File(name, json.dumps(values, default=str), tree)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _Fault(name, line, column, _syntax_problem(error))
    except (YAMLError, ValueError, TypeError, RecursionError):
        # Bytes that are no text, a date that does not exist, a list as a key, nesting without end.
        return _Fault(name, 1, 1, "cannot be read as YAML in UTF-8 with plain values and names")


def _syntax_problem(error: MarkedYAMLError) -> str:
    problem = " ".join((error.problem or error.context or "is not YAML").split())
    # The parser's text for a key that stands twice shows both values, which may be secret.
    return problem.split(" with value")[0] if isinstance(error, DuplicateKeyError) else problem


def _position(tree: Node | None, location: Location) -> tuple[int, int]:
    """Line and column of the key or list item at a location, or of the nearest one above it."""
    mark = tree.start_mark if tree else None
    node = tree
    for part in location:
        if isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        elif isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
