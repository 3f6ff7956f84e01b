"""What is wrong with one property of a resource, and how a message says it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.clouds.spelling import did_you_mean

# More would bury the reason.
_CHARACTERS = 60
_CHOICES = 12


@dataclass(frozen=True)
class Problem:
    """One thing that a provider would refuse.

    Attributes:
        path: The property, such as `settings.ipConfiguration.sslMode` or `ingress[0].fromPort`; empty for the whole.
        reason: What is wrong and, where that is known, what would be right. It never holds a secret.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def child(path: str, name: str) -> str:
    """Returns the path of a property of the object at a path: `a.b`, or `a["b.c/d"]` where the key is no plain name."""
    if not name.replace("_", "").isalnum():
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name


def listed(names: Iterable[str]) -> str:
    """Returns names in a row, each back-quoted."""
    return ", ".join(f"`{name}`" for name in names)


def shown(value: Any, *, is_secret: bool = False) -> str:
    """Returns a value back-quoted and, if it is long, cut short; of a secret only that it is one."""
    if is_secret:
        return "a secret value"
    text = (
        str(value).lower() if isinstance(value, bool) else f"{value:.15g}" if isinstance(value, float) else str(value)
    )
    return f"`{text}`" if len(text) <= _CHARACTERS else f"`{text[:_CHARACTERS]}…`"


def typed(value: Any, *, is_secret: bool = False) -> str:
    """Returns a value and its kind, such as "the number `5`"."""
    match value:
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
        case bool():
            kind = "boolean"
        case int() | float():
            kind = "number"
        case str():
            kind = "string"
        case _:
            return f"a value of the type {type(value).__name__}"
    return f"a secret {kind}" if is_secret else f"the {kind} {shown(value)}"


def not_one_of(value: Any, choices: Sequence[str], *, is_secret: bool = False) -> str:
    """Returns the reason why a value is refused that is none of the choices, with the one most like it."""
    more = f" and {len(choices) - _CHOICES} more" if len(choices) > _CHOICES else ""
    hint = "" if is_secret else did_you_mean(str(value), choices)
    return f"{shown(value, is_secret=is_secret)} is none of {listed(choices[:_CHOICES])}{more}{hint}"
