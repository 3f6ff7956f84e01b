"""Whether readers of an older contract can read what a newer one promises.

A contract is a JSON Schema of what a stack exports. Its readers are other teams' programs, so it breaks when
a value that they were promised can be absent, or can look as they were told it never does. New values break
nobody.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

JsonSchema = Mapping[str, Any]

_LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_COMPARED_BELOW: Final = frozenset(
    {
        *("type", "enum", "const", "anyOf", "oneOf"),
        *("properties", "required", "additionalProperties", "items"),
        *_LOWER_BOUNDS,
        *_UPPER_BOUNDS,
    }
)
_ANNOTATIONS: Final = frozenset(
    {"$defs", "$id", "$schema", "title", "description", "examples", "default", "deprecated"}
)


def breaking_changes(old: JsonSchema, new: JsonSchema) -> list[str]:
    """What a reader of the old contract can trip over in outputs that follow the new one.

    Args:
        old: The JSON Schema that readers were written against.
        new: The JSON Schema that outputs follow now.

    Returns:
        One sentence for each change, with the path of the output; empty if no reader can notice.
    """
    return list(dict.fromkeys(_changes("outputs", _Node(old, old), _Node(new, new))))


class _Node:
    """A part of a schema, with the document that its references lead into."""

    def __init__(self, document: JsonSchema, part: JsonSchema) -> None:
        self._document = document
        while "$ref" in part:
            own = {key: value for key, value in part.items() if key != "$ref"}
            part = {**document["$defs"][str(part["$ref"]).rsplit("/", 1)[-1]], **own}
        self.part = part

    def below(self, keyword: str) -> "dict[str, _Node]":
        """The parts that a keyword such as `properties` holds by name."""
        return {name: _Node(self._document, part) for name, part in self.part.get(keyword, {}).items()}

    def single(self, keyword: str) -> "_Node | None":
        """The part that a keyword such as `items` holds; nothing where it allows or forbids all."""
        part = self.part.get(keyword)
        return _Node(self._document, part) if isinstance(part, Mapping) else None

    def alternatives(self) -> "list[_Node]":
        """What a value may be: this, or each of what `anyOf` and `oneOf` allow."""
        options = [*self.part.get("anyOf", []), *self.part.get("oneOf", [])]
        if not options:
            return [self]
        return [leaf for option in options for leaf in _Node(self._document, option).alternatives()]

    def types(self) -> set[str]:
        """The names of the types that a value may have; empty for any."""
        named = self.part.get("type", [])
        names = {named} if isinstance(named, str) else set(named)
        return names | {"integer"} if "number" in names else names

    def values(self) -> list[str] | None:
        """The values that are possible, as JSON; nothing where they are not listed."""
        listed = [self.part["const"]] if "const" in self.part else self.part.get("enum")
        return None if listed is None else [json.dumps(value) for value in listed]


def _changes(path: str, old: _Node, new: _Node) -> Iterator[str]:
    """What the new part allows and the old one did not."""
    for option in new.alternatives():
        against_each = [list(_changes_of_one(path, known, option)) for known in old.alternatives()]
        # A value is expected if any of the old alternatives holds it; else the nearest of them says why not.
        yield from min(against_each, key=len)


def _changes_of_one(path: str, old: _Node, new: _Node) -> Iterator[str]:
    if old.types() and not (new.types() and new.types() <= old.types()):
        others = _listed(new.types() - old.types()) or "anything"
        yield f"{path}: was {_listed(old.types())}, can now be {others}"
        return
    known = old.values()
    if known is not None:
        values = new.values()
        others = "any other value" if values is None else _listed(set(values) - set(known))
        if others:
            yield f"{path}: was one of {', '.join(known)}, can now be {others}"
    for keyword in sorted(old.part.keys() - _ANNOTATIONS):
        yield from _weaker_constraint(path, keyword, old.part[keyword], new.part.get(keyword))
    yield from _changes_below(path, old, new)


def _weaker_constraint(path: str, keyword: str, old: Any, new: Any) -> Iterator[str]:
    if (keyword in _LOWER_BOUNDS and (new is None or new < old)) or (
        keyword in _UPPER_BOUNDS and (new is None or new > old)
    ):
        yield f"{path}: {keyword} was {old}, is now {'gone' if new is None else new}"
    elif keyword not in _COMPARED_BELOW and new != old:
        yield f"{path}: {keyword} was {json.dumps(old)}, is now {'gone' if new is None else json.dumps(new)}"


def _changes_below(path: str, old: _Node, new: _Node) -> Iterator[str]:
    properties, required = new.below("properties"), new.part.get("required", [])
    for name, part in old.below("properties").items():
        if name not in properties:
            yield f"{path}.{name}: was removed"
            continue
        if name in old.part.get("required", []) and name not in required:
            yield f"{path}.{name}: was always there, can now be absent"
        yield from _changes(f"{path}.{name}", part, properties[name])
    for keyword, below in (("additionalProperties", f"{path}.*"), ("items", f"{path}[]")):
        part, counterpart = old.single(keyword), new.single(keyword)
        if part and counterpart:
            yield from _changes(below, part, counterpart)
        elif part:
            yield f"{below}: can now be anything"


def _listed(names: set[str]) -> str:
    return " or ".join(sorted(names))
