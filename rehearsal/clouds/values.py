"""Property values as plain Python, once the wire format is decoded: None, bool, float, str, list, dict, and two more.

`UNKNOWN` stands for an output that is not known while previewing, and `Secret` wraps what must never be printed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, cast


class Unknown(Enum):
    """The type of `UNKNOWN`, of which there is only one, also after copying and pickling."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return self.value


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A secret value. What is inside never shows in a representation, and so in no message or log."""

    value: Any = field(repr=False)


def reveal(value: Any) -> Any:
    """Returns a deep copy of a value with the secret wrappers taken off."""
    match value:
        case Secret():
            return reveal(value.value)
        case Mapping():
            return {key: reveal(inner) for key, inner in value.items()}
        case list() | tuple():
            return [reveal(inner) for inner in value]
        case _:
            return value


def has_unknown(value: Any) -> bool:
    """Says whether a value is unknown or holds an unknown at any depth, inside secrets too."""
    match value:
        case Unknown():
            return True
        case Secret():
            return has_unknown(value.value)
        case Mapping():
            return any(has_unknown(inner) for inner in value.values())
        case list() | tuple():
            return any(has_unknown(inner) for inner in value)
        case _:
            return False


def edited(value: Any, path: str, edit: Callable[[Any], Any]) -> Any:
    """Returns a value with `edit` applied to what a path leads to (`actions[].secret`); elsewhere it stays as it is."""
    return _edited(value, path.split("."), edit)


def _edited(value: Any, names: Sequence[str], edit: Callable[[Any], Any]) -> Any:
    if not names:
        return edit(value)
    name = names[0].removesuffix("[]")
    if not isinstance(value, Mapping) or name not in value:
        return value
    fields = cast(Mapping[str, Any], value)
    inner = fields[name]
    if names[0].endswith("[]") and isinstance(inner, list):
        return {**fields, name: [_edited(item, names[1:], edit) for item in cast(list[Any], inner)]}
    return {**fields, name: _edited(inner, names[1:], edit)}
