"""When a change of a property replaces the resource, where the provider makes it depend on the values.

A condition is a text of the tables: `shrinks`, `from Advanced to Standard`, `cleared while engine is redis`.
Alternatives are separated by `; `. What hangs on something that no property says, such as an answer of the cloud,
starts with `depends: ` and is for readers: it never holds.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

Lookup = Callable[[str], Any]

_UNDECIDED = "depends: "
_NUMBERS = re.compile(r"\d+")
_BETWEEN = re.compile(r"(?P<no>not )?(?:from (?P<old>\S+))?(?: ?to (?P<new>\S+))?")
_GUARD = re.compile(
    r"(?P<path>\S+) (?P<relation>is not|is below|is|was|starts with|does not (?:start with|contain)) (?P<value>\S+)"
)


class UnknownCondition(ValueError):
    """A text that is no condition."""


@dataclass(frozen=True)
class _Alternative:
    change: Callable[[Any, Any], bool]
    guard: Callable[[Lookup, Lookup], bool]


def holds(condition: str, old: Any, new: Any, before: Lookup, after: Lookup) -> bool:
    """Says whether a changed value replaces its resource.

    Args:
        condition: The condition, as the tables have it.
        old: The value before; None where there was none.
        new: The value after.
        before: Gives the value of any property of the resource before the change.
        after: Gives it after the change.

    Raises:
        UnknownCondition: The text is no condition.
    """
    return any(each.change(old, new) and each.guard(before, after) for each in _alternatives(condition))


@cache
def _alternatives(condition: str) -> tuple[_Alternative, ...]:
    if condition.startswith(_UNDECIDED):
        return ()
    return tuple(_alternative(text) for text in condition.split("; "))


def _alternative(text: str) -> _Alternative:
    change, _, guard = text.partition(" while ")
    return _Alternative(_change(change), _guard(guard))


def _change(text: str) -> Callable[[Any, Any], bool]:
    if text in _CHANGES:
        return _CHANGES[text]
    found = _BETWEEN.fullmatch(text)
    if found is None or not (found["old"] or found["new"]):
        raise UnknownCondition(f"`{text}` is not one of {', '.join(sorted(_CHANGES))}, `from A to B`")

    def between(old: Any, new: Any) -> bool:
        matches = found["old"] in (None, _text(old)) and found["new"] in (None, _text(new))
        return matches != bool(found["no"])

    return between


def _guard(text: str) -> Callable[[Lookup, Lookup], bool]:
    terms = [_term(each) for each in text.split(" and ")] if text else []
    return lambda before, after: all(term(before, after) for term in terms)


def _term(text: str) -> Callable[[Lookup, Lookup], bool]:
    found = _GUARD.fullmatch(text)
    if found is None:
        raise UnknownCondition(f"`{text}` is not of the form `property is value`")
    path, relation, value = found["path"], found["relation"], found["value"]
    return lambda before, after: _RELATIONS[relation](_text((before if relation == "was" else after)(path)), value)


def _text(value: Any) -> str:
    """Returns a value as the tables write it."""
    if not _given(value):
        return "unset"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is(value: str, expected: str) -> bool:
    return value != "unset" if expected == "set" else value == expected


_RELATIONS: Mapping[str, Callable[[str, str], bool]] = {
    "is": _is,
    "was": _is,
    "is not": lambda value, other: not _is(value, other),
    "is below": lambda value, other: _version(value) < _version(other),
    "starts with": lambda value, start: value.startswith(start),
    "does not start with": lambda value, start: not value.startswith(start),
    "does not contain": lambda value, part: part not in value,
}


def _given(value: Any) -> bool:
    """Whether a value says anything: to a provider an empty text or list is none, an empty block is one."""
    return value is not None and value not in ("", [])


def _size(value: Any) -> float:
    """Returns a number or a list's length; what is neither, such as a value not known yet, compares with nothing."""
    if isinstance(value, list):
        return len(cast(list[Any], value))
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return math.nan


def _version(value: Any) -> tuple[int, ...]:
    """Returns the numbers in a version, of which `POSTGRES_17`, `7.1` and `7.x` are examples."""
    return tuple(int(number) for number in _NUMBERS.findall(str(value)))


def _downgraded(old: Any, new: Any) -> bool:
    before, after = _version(old), _version(new)
    shared = min(len(before), len(after))  # `7` and `7.1` are the same as far as is said
    return after[:shared] < before[:shared]


def _items(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _loses(old: Any, new: Any) -> bool:
    kept = _items(new)
    return any(item not in kept for item in _items(old))


def _holds_range(outer: Any, inner: Any) -> bool:
    """Whether an address range lies within another; what is no range, such as a value not known yet, holds nothing."""
    try:
        wide, narrow = ipaddress.ip_network(outer, strict=False), ipaddress.ip_network(inner, strict=False)
    except ValueError:
        return False
    if isinstance(wide, ipaddress.IPv4Network) and isinstance(narrow, ipaddress.IPv4Network):
        return narrow.subnet_of(wide)
    if isinstance(wide, ipaddress.IPv6Network) and isinstance(narrow, ipaddress.IPv6Network):
        return narrow.subnet_of(wide)
    return False


_CHANGES: Mapping[str, Callable[[Any, Any], bool]] = {
    "any change": lambda _old, _new: True,
    "set": lambda old, new: not _given(old) and _given(new),
    "cleared": lambda old, new: _given(old) and not _given(new),
    "set or cleared": lambda old, new: _given(old) != _given(new),
    "set or changed": lambda _old, new: _given(new),
    "changed": lambda old, new: _given(old) and _given(new),
    "changed or cleared": lambda old, _new: _given(old),
    "turned on": lambda old, new: new is True and not old,
    "turned off": lambda old, new: old is True and not new,
    "grows": lambda old, new: _size(new) > _size(old),
    "does not grow": lambda old, new: _size(new) <= _size(old),
    "shrinks": lambda old, new: _given(new) and _size(new) < _size(old),
    "downgraded": _downgraded,
    "upgraded a major version": lambda old, new: _version(new)[:1] > _version(old)[:1],
    "loses items": _loses,
    "gains items": lambda old, new: _loses(new, old),
    "exchanges items": lambda old, new: _loses(old, new) and _loses(new, old),
    "keeps no item": lambda old, new: bool(_items(old)) and not any(item in _items(new) for item in _items(old)),
    "rewritten": lambda old, new: _items(new)[: len(_items(old))] != _items(old),
    "narrowed or moved": lambda old, new: not _holds_range(new, old),
}
