"""The one way in which rules read properties.

A property may be absent, or not known before the update, and plain Python access gets both wrong: on the
policy SDK's proxies `in`, `.get` and iteration raise at an unknown, and a rule that raises counts as advice.
`probe` tells the cases apart, and reads alike what the engine sends (through the SDK's proxies) and what
`pulumi stack export` prints.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import Any, Final

from pulumi_policy import deserialize, proxy

Properties = Mapping[str, Any]
"""A resource's properties, by their camelCase names."""

# The marks that exported states use; the engine's wire format shares the signature key.
# Source: sdk/go/common/resource/sig/sig.go of pulumi v3.250.0.
_RESOURCE_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
# What `pulumi policy analyze --file` puts in place of a secret that it has no key for.
_REDACTED: Final = "[secret]"

_UNKNOWNS: Final = frozenset(
    {
        _REDACTED,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
    }
)


@dataclass(frozen=True)
class Missing:
    """Nothing is set at `path`."""

    path: str


@dataclass(frozen=True)
class Unknown:
    """Something is set at `path` that can't be read: unknown before the update, or encrypted in the state."""

    path: str


@dataclass(frozen=True)
class Value:
    """What is set at `path`. It may be a secret: messages and representations leave it out."""

    path: str
    value: Any = field(repr=False)


Probed = Missing | Unknown | Value


def probe(properties: Properties, path: str) -> Probed:
    """Reads one property.

    Args:
        properties: A resource's properties: plain, behind the policy SDK's proxies, or as a state holds them.
        path: Names joined by dots, list positions in brackets (`rules[0].id`), names with dots in quotes
            (`labels["a/b.c"]`).

    Returns:
        What is there. `Unknown` carries the path of the outermost unknown on the way.

    Raises:
        ValueError: The path is malformed or has a wildcard: `probe_each` reads those.
    """
    if None in _steps(path):
        raise ValueError(f"path {path!r} has a wildcard and may find several values: use probe_each")
    return next(probe_each(properties, path))


def probe_each(properties: Properties, path: str) -> Iterator[Probed]:
    """Reads every property that a path with wildcards leads to.

    Args:
        properties: As for `probe`.
        path: As for `probe`, with `[]` for each element of a list (`ingress[].cidrBlocks[]`).

    Yields:
        One result an element, with its own path. A list that is missing or empty yields nothing; one that is
        unknown yields one `Unknown`.

    Raises:
        ValueError: The path is malformed.
    """
    yield from _walk(Value("", properties), _steps(path))


def holds(found: Probed, *values: object) -> bool:
    """Whether one of these values is set. Booleans are no numbers: 1 is not true."""
    return isinstance(found, Value) and any(
        found.value == value and isinstance(found.value, bool) == isinstance(value, bool) for value in values
    )


_Step = str | int | None  # a name, a position, or None for every element

_STEP = re.compile(r'(?:^|(?<!^)\.)(?P<name>[^.\[\]"]+)|\["(?P<quoted>[^"]+)"\]|\[(?P<position>\d*)\]')


@cache
def _steps(path: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    end = 0
    while end < len(path):
        found = _STEP.match(path, end)
        if found is None:
            raise ValueError(f"path {path!r} is malformed at position {end}")
        end = found.end()
        position = found["position"]
        if position is None:
            steps.append(found["name"] or found["quoted"])
        else:
            steps.append(int(position) if position else None)
    if not steps:
        raise ValueError("path is empty")
    return tuple(steps)


def _walk(at: Probed, steps: tuple[_Step, ...]) -> Iterator[Probed]:
    if not steps:
        yield at
        return
    step, rest = steps[0], steps[1:]
    match at:
        case Unknown():
            yield at
        case Missing():
            named = [step for step in steps if step is not None]
            if len(named) == len(steps):
                yield Missing(reduce(_join, named, at.path))
        case Value():
            elements = range(len(at.value) if _is_list(at.value) else 0) if step is None else (step,)
            for element in elements:
                yield from _walk(_member(at, element), rest)


def _member(of: Value, step: str | int) -> Probed:
    path = _join(of.path, step)
    if not (isinstance(of.value, Mapping) if isinstance(step, str) else _is_list(of.value)):
        return Missing(path)
    try:
        return _read(path, of.value[step])
    except (KeyError, IndexError):
        return Missing(path)
    except proxy.UnknownValueError:
        return Unknown(path)


def _read(path: str, raw: Any) -> Probed:
    if isinstance(raw, Mapping) and deserialize.SPECIAL_SIG_KEY in raw:
        raw = _signed(raw)
    if raw is None:
        return Missing(path)
    return Unknown(path) if isinstance(raw, str) and raw in _UNKNOWNS else Value(path, raw)


def _signed(raw: Mapping[str, Any]) -> Any:
    """What a value with a signature stands for: a secret's content, a reference's id, or itself (files)."""
    match raw[deserialize.SPECIAL_SIG_KEY]:
        case deserialize.SPECIAL_SECRET_SIG if "plaintext" in raw:
            return json.loads(raw["plaintext"])
        case deserialize.SPECIAL_SECRET_SIG:
            return raw.get("value", _REDACTED)
        case str(signature) if signature == _RESOURCE_REFERENCE:
            return raw.get("id")
        case _:
            return raw


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _join(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step}]"
    if re.search(r"[.\[\]]", step):
        return f'{path}["{step}"]'
    return f"{path}.{step}" if path else step
