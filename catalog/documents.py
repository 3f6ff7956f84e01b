"""Holds the files that people write to their models, and says in plain words what is wrong with them.

The catalog and the stack settings are both such files. Each is validated by pydantic; what pydantic finds is
told as the place, the value found, what is expected and the nearest right name, and never as a traceback.
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]
"""The keys and list indexes that lead from a document's root to a value."""

JsonSchema = dict[str, Any]
"""A JSON Schema, or a part of one."""

_LONGEST_SHOWN = 60

_CREDENTIAL = re.compile(
    r"""
      (?:A3T|AKIA|ASIA)[0-9A-Z]{12,}         # AWS access key id
    | AIza[\w-]{30,}                         # Google API key
    | gh[pousr]_\w{20,} | github_pat_\w{20,} # GitHub tokens
    | xox[abeprs]-[\w-]{10,}                 # Slack tokens
    | [spr]k_(?:live|test)_\w{10,}           # payment API keys
    | eyJ[\w-]{8,}\.[\w-]{8,}                # JSON web token
    | -----BEGIN                             # PEM block
    | ://[^/\s:@]*:[^/\s@]+@                 # password in an address
    | ://[0-9a-f]{24,}@                      # key in an address, as in a Sentry DSN
    """,
    re.VERBOSE,
)
_LONG_RUN = re.compile(r"^[\w+/=-]{32,}$")
_CONFIDENTIAL_KEY = re.compile(r"secret|passw|passphrase|token|credential|private|api_?key", re.IGNORECASE)

_WRONG_LENGTH = re.compile(r"^\w+ should have (at (?:least|most) \d+ \w+)(?: after validation, not \d+)?")


class Strict(BaseModel):
    """A part of a document: immutable, every key known, no value converted silently.

    The text below a field is its documentation: it stands in the JSON Schema that editors read and in the
    error for a wrong value.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def written(pattern: str, meaning: str, *, example: str, max_length: int | None = None) -> Any:
    """A constraint on how a text is written, for `Annotated`.

    Args:
        pattern: The regular expression that it matches.
        meaning: What the pattern asks for, in words that follow "must be"; editors show them too.
        example: A text that is right.
        max_length: The most characters that it has.
    """
    return Field(
        pattern=pattern,
        max_length=max_length,
        examples=[example],
        # Editors that use the YAML or JSON language server show this in place of the pattern.
        json_schema_extra={"patternErrorMessage": f"must be {meaning}"},
    )


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a document.

    Attributes:
        location: Where, from the document's root.
        text: What was found there and what is expected.
    """

    location: Location
    text: str


def looks_like_a_credential(value: str) -> bool:
    """Whether a text has the shape of a key, token or password, which may stand in no document or message."""
    return _CREDENTIAL.search(value) is not None


def dotted(location: Location) -> str:
    """A location as people write it, `workloads.api.ports[0]`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + _shown_text(part)
    return path


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, if any is near."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def findings(error: ValidationError, schema: JsonSchema, within: Location = ()) -> list[Finding]:
    """What a validation found, one finding for each wrong value.

    Args:
        error: As pydantic raised it.
        schema: The JSON Schema of the whole document, whose descriptions and examples say what is expected.
        within: Where in the document the validated part stands.
    """
    return [
        _finding(detail, (*within, *detail["loc"]), schema)
        for detail in error.errors(include_url=False, include_context=False)
    ]


def missing(location: Location, schema: JsonSchema) -> Finding:
    """What to say where a value is required and there is none."""
    return Finding(location, _absent(_nodes(schema, schema, location)))


def _finding(detail: ErrorDetails, location: Location, schema: JsonSchema) -> Finding:
    if location[-1:] == ("[key]",):
        # Pydantic marks the wrong name of an entry so; the name stands before it.
        location = location[:-1]
        parents = _nodes(schema, schema, location[:-1])
        nodes = [parent["propertyNames"] for parent in parents if "propertyNames" in parent]
    else:
        nodes = list(_nodes(schema, schema, location))
    match detail["type"]:
        case "extra_forbidden":
            text = _unknown_key(str(location[-1]), _nodes(schema, schema, location[:-1]))
        case "missing":
            text = _absent(nodes)
        case "json_invalid":
            text = f"must be an object: {_expectation(nodes)}"
        case _:
            text = _wrong_value(location, detail, nodes)
    return Finding(location, text)


def _absent(nodes: Iterable[JsonSchema]) -> str:
    return f"is missing; add it: {_expectation(nodes)}"


def _unknown_key(key: str, parents: Iterable[JsonSchema]) -> str:
    known = sorted({name for parent in parents for name in parent.get("properties", {})})
    match = nearest(key, known)
    hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(known)}"
    return f"is not a known key; {hint}"


def _wrong_value(location: Location, detail: ErrorDetails, nodes: list[JsonSchema]) -> str:
    value: object = detail["input"]
    wrong = _plain(detail["msg"])
    if detail["type"] == "string_pattern_mismatch":
        wrong = next((node["patternErrorMessage"] for node in nodes if "patternErrorMessage" in node), wrong)
    choices = [choice for node in nodes for choice in node.get("enum", []) if isinstance(choice, str)]
    match = nearest(value, choices) if isinstance(value, str) else None
    expected = _expectation(nodes)
    hint = f"; did you mean `{match}`?" if match else f" ({expected})" if expected else ""
    return f"got {shown(value, location)}, {wrong}{hint}"


def _plain(message: str) -> str:
    """A pydantic message without its names for Python's types and for "the value"."""
    message = message.removeprefix("Value error, ").removesuffix(".").replace("Input should be", "must be", 1)
    return _WRONG_LENGTH.sub(r"must have \1", message)


def _expectation(nodes: Iterable[JsonSchema]) -> str:
    """What a value is and how it looks, as far as the schema says so."""
    node = next(iter(nodes), {})
    parts = [" ".join(str(node.get("description", "")).split()).removesuffix(".")]
    if examples := node.get("examples"):
        parts.append(f"for example {json.dumps(examples[0])}")
    elif required := node.get("required"):
        parts.append(f"an object with {', '.join(required)}")
    return ", ".join(part for part in parts if part)


def shown(value: object, location: Location) -> str:
    """A value as an error may show it.

    A text that looks like a credential, is long, or stands below a key such as `password` is only described.

    Args:
        value: The value found.
        location: Where it was found.
    """
    if any(_CONFIDENTIAL_KEY.search(str(part)) for part in location):
        return "a value that is not shown here"
    if isinstance(value, str):
        return f'"{value}"' if _showable(value) else _shown_text(value)
    if isinstance(value, Sequence):
        return f"a list of length {len(value)}"
    if isinstance(value, Mapping):
        return "an object"
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else "a long number"


def _showable(text: str) -> bool:
    return (
        len(text) <= _LONGEST_SHOWN
        and text.isprintable()
        and not looks_like_a_credential(text)
        and not _LONG_RUN.match(text)
    )


def _shown_text(text: str) -> str:
    return text if _showable(text) else f"a text of {len(text)} characters"


def _nodes(schema: JsonSchema, node: JsonSchema, location: Location) -> Iterator[JsonSchema]:
    """The parts of a JSON Schema that describe a location; several where the schema offers alternatives."""
    if "$ref" in node:
        target = schema["$defs"][str(node["$ref"]).rsplit("/", 1)[-1]]
        own = {key: value for key, value in node.items() if key != "$ref"}
        yield from _nodes(schema, {**target, **own}, location)
        return
    for alternatives in ("anyOf", "oneOf", "allOf"):
        for alternative in node.get(alternatives, []):
            own = {key: value for key, value in node.items() if key != alternatives}
            yield from _nodes(schema, {**own, **alternative}, location)
    if not location:
        yield node
        return
    part, rest = location[0], location[1:]
    if isinstance(part, int):
        children = [node.get("items"), *node.get("prefixItems", [])[part : part + 1]]
    else:
        children = [
            node.get("properties", {}).get(part),
            node.get("additionalProperties"),
            *node.get("patternProperties", {}).values(),
        ]
    for child in children:
        if isinstance(child, dict):
            yield from _nodes(schema, child, rest)
