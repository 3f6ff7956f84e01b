"""What changed between two sets of inputs, as a provider sees it: by property path, less what means the same."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, cast

from rehearsal.clouds.facts import Facts
from rehearsal.clouds.values import reveal

# ["a key"], [0] or a plain name
_SEGMENTS = re.compile(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[]+)')


_INDEX = re.compile(r"\[\d+\]")


class Change(StrEnum):
    """What happened to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


def changes(old: Mapping[str, Any], new: Mapping[str, Any], known: Facts | None = None) -> dict[str, Change]:
    """Returns each changed property's path (``settings.tier``, ``ingress[0].fromPort``) and what happened to it.

    Args:
        old: The inputs as they were.
        new: The inputs as they are wanted.
        known: What the provider does with the type: an optional property that it fills in itself keeps the value it
            has when the program leaves it out, and the order of a set means nothing.

    Not a change, because the real providers suppress it too: an empty value for a missing one, a number for the same
    number in a string, a JSON document (an IAM policy) written in another way. Keys that start with ``__`` are the
    provider's own notes and are passed over. Secrets are compared by what is inside.
    """
    before, after = reveal(old), reveal(new)
    if known:
        after |= {name: before[name] for name in known.computed if name in before and name not in after}
    return dict(_compare("", before, after, known.unordered if known else frozenset()))


def _compare(path: str, old: Any, new: Any, sets: frozenset[str]) -> Iterator[tuple[str, Change]]:
    if _same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = cast(Mapping[str, Any], old), cast(Mapping[str, Any], new)
        for key in sorted(before.keys() | after.keys()):
            if not key.startswith("__"):
                yield from _compare(_join(path, key), before.get(key), after.get(key), sets)
    elif isinstance(old, list) and isinstance(new, list):
        left, right = cast(list[Any], old), cast(list[Any], new)
        if _INDEX.sub("[]", path) in sets:
            # An element has no identity but its value; one that stands on both sides is marked off as missing.
            left, right = _without(left, right, path, sets), _without(right, left, path, sets)
        for index in range(max(len(left), len(right))):
            yield from _compare(
                f"{path}[{index}]",
                left[index] if index < len(left) else None,
                right[index] if index < len(right) else None,
                sets,
            )
    elif _empty(old):
        yield path, Change.ADD
    elif _empty(new):
        yield path, Change.DELETE
    else:
        yield path, Change.UPDATE


def _without(items: list[Any], others: list[Any], path: str, sets: frozenset[str]) -> list[Any]:
    """Returns a set's elements with None in place of each that stands among the others, as often as it does."""
    rest = list(others)
    kept: list[Any] = []
    for item in items:
        equal = (index for index, other in enumerate(rest) if not dict(_compare(f"{path}[0]", item, other, sets)))
        same = next(equal, None)
        kept.append(item if same is None else None)
        if same is not None:
            del rest[same]
    return kept


def _join(path: str, key: str) -> str:
    if not key.replace("_", "").replace("-", "").isalnum():
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _same(old: Any, new: Any) -> bool:
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return True
    if _empty(old) and _empty(new):
        return True
    if isinstance(old, str) and isinstance(new, str):
        return parsed(old) is not None and parsed(old) == parsed(new)
    return {type(old), type(new)} <= {str, int, float, bool} and _scalar(old) == _scalar(new)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def parsed(text: Any) -> Any:
    """Returns the JSON object or list that a text holds, or None where it holds none or is no text."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def lookup(values: Mapping[str, Any], path: str) -> Any:
    """Returns the value at a path that `changes` gave, or None where there is none."""
    found: Any = values
    for quoted, index, plain in _SEGMENTS.findall(path):
        if index:
            items = cast(list[Any], found) if isinstance(found, list) else []
            found = items[int(index)] if int(index) < len(items) else None
        else:
            found = cast(Mapping[str, Any], found).get(quoted or plain) if isinstance(found, Mapping) else None
    return found
