"""What is wrong with one property of a resource, and how its value is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.clouds.spelling import did_you_mean

# A longer value would bury the reason.
_SHOWN = 60
_LISTED = 12


@dataclass(frozen=True)
class Problem:
    """One thing that a provider would refuse.

    Attributes:
        path: The property as its provider names it, such as `settings.ipConfiguration.sslMode` or
            `ingress[0].fromPort`; empty for the resource as a whole.
        reason: What is wrong and, where it is known, what would be right. Never holds a secret.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def child(path: str, name: str) -> str:
    """Returns the path of a property of the object at a path."""
    return f"{path}.{name}" if path else name


def shown(value: Any, *, secret: bool = False) -> str:
    """Returns a value for a message: back-quoted, shortened, and hidden if it is secret."""
    if secret:
        return "a secret value"
    text = (
        str(value).lower() if isinstance(value, bool) else f"{value:.15g}" if isinstance(value, float) else str(value)
    )
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[:_SHOWN]}…`"


def listed(names: Iterable[str]) -> str:
    """Returns names for a message: each back-quoted, in the given order."""
    return ", ".join(f"`{name}`" for name in names)


def not_one_of(value: Any, choices: Sequence[str], *, secret: bool = False) -> str:
    """Returns the reason why a value is refused that is none of the choices, with the choice that is most like it."""
    few = listed(choices[:_LISTED]) + (f" and {len(choices) - _LISTED} more" if len(choices) > _LISTED else "")
    return f"{shown(value, secret=secret)} is none of {few}{'' if secret else did_you_mean(str(value), choices)}"
