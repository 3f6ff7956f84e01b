"""The small language in which the tables say what a cloud answers.

A table is YAML: a resource type, under it `id` and outputs by name. Every text in it, at any depth, is a template:

    aws:kms/alias:Alias:
      id: "{input.name}"
      arn: "arn:{partition}:kms:{region}:{account}:{input.name}"

What stands in braces is replaced by

- `input.a.b.0` or `output.a`: an input, or an output further up in the same entry, by path;
- `hex:17`, `lower:8`, `upper:13`, `base32:16`, `digits:12` or `uuid`: a made-up value, the same each time for the
  same place of the same resource;
- a word of the cloud's vocabulary (`account`, `region`, …), which is a Python function; `id`, `name` (the logical
  name) and `instant` are words everywhere;
- `last(x)`, `lower(x)`, `crc32(x)`, `host(x)` of any of these: the part after the last of `/:|`, lower case,
  a checksum, a URL without its scheme and trailing slash;
- a literal: `'text'`, `5432`, `true` or `false`;
- several of these between `|`: the first that has a value.

A text that is nothing but one replacement keeps the value's type. A text whose replacement has no value is left out,
and `~` (null) says that an output stays empty. An entry that can't be understood is an error when the table is loaded.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import yaml

from rehearsal.clouds.identity import (
    BASE32,
    HEX,
    INSTANT,
    LOWER_ALPHANUMERIC,
    UPPER_ALPHANUMERIC,
    Context,
    derived,
    derived_digits,
    derived_uuid,
    seed_of,
)

ABSENT: Final = object()
"""No value: the output is left out."""

_REPLACEMENT = re.compile(r"\{([^{}]*)\}")
_CALL = re.compile(r"(\w+)\((.+)\)")
_MADE_UP = re.compile(r"(hex|lower|upper|base32|digits):(\d+)|uuid")
_ALPHABETS = {"hex": HEX, "lower": LOWER_ALPHANUMERIC, "upper": UPPER_ALPHANUMERIC, "base32": BASE32}


class TableError(Exception):
    """A table of outputs can't be understood."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What templates are rendered from.

    Attributes:
        token: The resource type.
        inputs: The resource's inputs, with no unknowns and no secret wrappers.
        context: The resource.
        id: Its id, empty while that is being rendered.
        outputs: The outputs rendered so far.
    """

    token: str
    inputs: Mapping[str, Any]
    context: Context
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])

    def seed(self, purpose: str) -> tuple[str, ...]:
        """Returns the seed of one made-up value of this resource."""
        return seed_of(self.context, purpose)


Word: TypeAlias = Callable[[Scope], Any]
_Source: TypeAlias = Callable[[Scope, str], Any]

_WORDS: Mapping[str, Word] = {
    "id": lambda scope: scope.id,
    "name": lambda scope: scope.context.logical_name,
    "instant": lambda _: INSTANT,
}

_FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    "last": lambda text: re.split("[/:|]", text)[-1],
    "lower": str.lower,
    "crc32": lambda text: str(zlib.crc32(text.encode())),  # the providers' hash of a set's element
    "host": lambda text: text.removeprefix("https://").removesuffix("/"),
}


@dataclass(frozen=True)
class Template:
    """A compiled template.

    Attributes:
        text: What stands in the table.
        sources: What its replacements are taken from, such as `input.name`, `hex:17` or `account`.
    """

    text: str
    sources: frozenset[str]
    _parts: tuple[str | _Source, ...]

    def render(self, scope: Scope, purpose: str) -> Any:
        """Returns the value, or `ABSENT` where a replacement has none.

        Args:
            scope: What it is rendered from.
            purpose: Where the value goes, which keeps made-up values apart.
        """
        # The place in the text keeps two made-up values of one text apart.
        values = [
            part if isinstance(part, str) else part(scope, f"{purpose}/{place}")
            for place, part in enumerate(self._parts)
        ]
        if any(value is ABSENT for value in values):
            return ABSENT
        return values[0] if len(values) == 1 else "".join(map(_as_text, values))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a table says of one resource type.

    Attributes:
        token: The resource type.
        id: Its id; None where another source knows it.
        outputs: Its outputs by name: templates, lists and maps of them, plain values, or None for one that stays empty.
    """

    token: str
    id: Template | None
    outputs: Mapping[str, Any]


def load(path: Path, words: Mapping[str, Word]) -> Mapping[str, Entry]:
    """Reads a table.

    Args:
        path: The YAML file.
        words: The cloud's vocabulary.

    Raises:
        TableError: Something in it can't be understood; the message names file, type and output.
    """
    try:
        table = cast(dict[str, dict[str, Any]], yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise TableError(f"{path.name}: {error}") from error
    known = {**_WORDS, **words}
    return {token: _entry(f"{path.name}: {token}", token, values, known) for token, values in table.items()}


def render(value: Any, scope: Scope, purpose: str) -> Any:
    """Returns a compiled value of a table with every template in it rendered, `ABSENT` parts left out."""
    match value:
        case Template():
            return value.render(scope, purpose)
        case list():
            items = [render(item, scope, f"{purpose}.{index}") for index, item in enumerate(cast(list[Any], value))]
            return [item for item in items if item is not ABSENT]
        case dict():
            pairs = {key: render(item, scope, f"{purpose}.{key}") for key, item in cast(dict[str, Any], value).items()}
            return {key: item for key, item in pairs.items() if item is not ABSENT}
        case _:
            return value


def _entry(where: str, token: str, values: Mapping[str, Any], words: Mapping[str, Word]) -> Entry:
    outputs: dict[str, Any] = {}
    for name, value in values.items():
        if name != "id":
            outputs[name] = _compile(f"{where}: {name}", value, words, outputs.keys())
    identifier = values.get("id")
    compiled = _template(f"{where}: id", identifier, words, ()) if identifier is not None else None
    return Entry(token=token, id=compiled, outputs=outputs)


def _compile(where: str, value: Any, words: Mapping[str, Word], earlier: Iterable[str]) -> Any:
    match value:
        case str():
            return _template(where, value, words, earlier)
        case list():
            return [_compile(where, item, words, earlier) for item in cast(list[Any], value)]
        case dict():
            return {key: _compile(where, item, words, earlier) for key, item in cast(dict[str, Any], value).items()}
        case _:
            return value


def _template(where: str, text: str, words: Mapping[str, Word], earlier: Iterable[str]) -> Template:
    parts: list[str | _Source] = []
    sources: list[str] = []
    end = 0
    for found in _REPLACEMENT.finditer(text):
        alternatives = [alternative.strip() for alternative in found[1].split("|")]
        sources += map(_innermost, alternatives)
        parts += [text[end : found.start()], _first_of(where, alternatives, words, earlier)]
        end = found.end()
    parts.append(text[end:])
    if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
        raise TableError(f"{where}: a brace in `{text}` has no partner")
    return Template(text, frozenset(sources), tuple(part for part in parts if part != "") or ("",))


def _first_of(where: str, alternatives: list[str], words: Mapping[str, Word], earlier: Iterable[str]) -> _Source:
    sources = [_source(where, alternative, words, earlier) for alternative in alternatives]

    def first(scope: Scope, purpose: str) -> Any:
        values = (source(scope, purpose) for source in sources)
        return next((value for value in values if value is not ABSENT), ABSENT)

    return first


def _innermost(text: str) -> str:
    call = _CALL.fullmatch(text)
    return _innermost(call[2]) if call else text


def _source(where: str, text: str, words: Mapping[str, Word], earlier: Iterable[str]) -> _Source:
    head, _, path = text.partition(".")
    if call := _CALL.fullmatch(text):
        return _applied(where, call[1], _source(where, call[2], words, earlier))
    if head == "input" and path:
        return lambda scope, _: _at(scope.inputs, path)
    if head == "output" and path.split(".")[0] in set(earlier):
        return lambda scope, _: _at(scope.outputs, path)
    if made_up := _MADE_UP.fullmatch(text):
        return _made_up(made_up[1], int(made_up[2] or 0))
    if text in words:
        word = words[text]
        return lambda scope, _: _present(word(scope))
    literal = _literal(text)
    if literal is ABSENT:
        raise TableError(f"{where}: `{{{text}}}` is neither an input, an output further up, nor a known word")
    return lambda _scope, _purpose: literal


def _applied(where: str, function: str, source: _Source) -> _Source:
    if function not in _FUNCTIONS:
        raise TableError(f"{where}: no function `{function}`; there are {', '.join(_FUNCTIONS)}")
    apply = _FUNCTIONS[function]

    def applied(scope: Scope, purpose: str) -> Any:
        value = source(scope, purpose)
        return value if value is ABSENT else apply(_as_text(value))

    return applied


def _made_up(kind: str | None, length: int) -> _Source:
    if kind is None:
        return lambda scope, purpose: derived_uuid(*scope.seed(purpose))
    if kind == "digits":
        return lambda scope, purpose: derived_digits(length, *scope.seed(purpose))
    return lambda scope, purpose: derived(_ALPHABETS[kind], length, *scope.seed(purpose))


def _literal(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if text.isdecimal():
        return int(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else ABSENT


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(values, list):
            items = cast(list[Any], values)
            values = items[int(key)] if int(key) < len(items) else None
        else:
            values = cast(dict[str, Any], values).get(key) if isinstance(values, Mapping) else None
    return _present(values)


def _present(value: Any) -> Any:
    return ABSENT if value is None or value == "" else value


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
