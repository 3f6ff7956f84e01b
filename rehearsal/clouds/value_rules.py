"""The table `value_rules.yaml`: what the clouds ask of values and the SDKs don't tell.

The keys of the table are resource types: `*` stands for any text, a type after `!` is left out, and several share a
key where all its rules hold for each. A rule is one line: a property, one kind of rule with its parameter, perhaps
conditions (`when`, `unless`), the source, and a value that it refuses where none can be derived from the rule.

A property is a path from the resource: `a.b` is property b of the object a, `a[]` each element of a list, `a{key}` and
`a{value}` each key and value of a map, `**.b` a property b at any depth, and `.` the resource itself. Other properties
that a rule names stand beside its own, or with `$.` in front are paths from the resource.
"""

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_network
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeGuard

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from rehearsal.clouds.formats import FORMATS, cidr_block, minutes, seconds
from rehearsal.clouds.problem import Problem, child, listed, not_one_of, shown
from rehearsal.clouds.spelling import did_you_mean
from rehearsal.clouds.values import UNKNOWN, Secret

TABLE = Path(__file__).with_name("value_rules.yaml")

Scalar = str | bool | int | float | None
Bounds = tuple[float | None, float | None]


def _known(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"unknown format `{name}`{did_you_mean(name, FORMATS)}")
    return name


class Rule(BaseModel):
    """What a line of the table asks of a property. Exactly one of the fields from `pattern` to `open` is set.

    Attributes:
        pattern: The regular expression that the whole text must match; `means` says it in words.
        format: The format of the text, by its name in `formats.py`.
        length: The fewest and the most characters of the text.
        items: The fewest and the most elements of the list or entries of the map.
        range: The smallest and the largest number.
        seconds: The shortest and the longest duration, for a text such as `86400s`.
        prefix_length: The shortest and the longest prefix, for a CIDR block.
        one_of: The only values allowed.
        at_most: A property whose number this one may not exceed.
        apart_from: A property whose time window this one may not overlap.
        unique: The property in which no two objects of the list may agree.
        disjoint: Properties of this object, or of the objects in its lists, whose CIDR blocks may not overlap.
        requires: Properties that must be given too.
        conflicts_with: Properties that may not be given too.
        exactly_one_of: Properties of this object of which one must be given, and no other.
        required: The property must be given.
        forbidden: The property may not be given.
        open: The SDK's documentation lists only some of the values that the cloud accepts.
        when: The values of other properties with which the rule holds; null stands for one that is not given.
        unless: The values of other properties with which the rule does not hold.
        means: What the pattern asks for, in words.
        source: Where this stands.
        refuses: What the rule refuses, where none can be derived: a value; where it hangs on other properties the
            object that holds them, or the whole resource if they are paths from there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: re.Pattern[str] | None = None
    format: Annotated[str, AfterValidator(_known)] | None = None
    length: Bounds | None = None
    items: Bounds | None = None
    range: Bounds | None = None
    seconds: Bounds | None = None
    prefix_length: Bounds | None = None
    one_of: tuple[Scalar, ...] | None = None
    at_most: str | None = None
    apart_from: str | None = None
    unique: str | None = None
    disjoint: tuple[str, ...] | None = None
    requires: tuple[str, ...] | None = None
    conflicts_with: tuple[str, ...] | None = None
    exactly_one_of: tuple[str, ...] | None = None
    required: Literal[True] | None = None
    forbidden: Literal[True] | None = None
    open: Literal[True] | None = None

    when: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    unless: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    means: str | None = None
    source: str
    refuses: Any = None

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"a rule is exactly one of {', '.join(KINDS)}; this is {', '.join(given) or 'none'}")
        if (self.pattern is None) != (self.means is None):
            raise ValueError("`pattern` needs `means`, and nothing else does")
        return self

    @property
    def kind(self) -> str:
        """The field that makes the rule."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)


@dataclass(frozen=True)
class Scope:
    """An object that rules are applied to.

    Attributes:
        path: Its path in the resource.
        holder: Its properties.
        resource: The properties of the whole resource.
        is_secret: Whether all of it is secret.
    """

    path: str
    holder: Mapping[str, Any]
    resource: Mapping[str, Any]
    is_secret: bool = False

    def look_up(self, name: str) -> Any:
        """Returns the value of another property that a rule names: None if not given, `UNKNOWN` if not known."""
        value: Any = self.resource if name.startswith("$.") else self.holder
        for step in name.removeprefix("$.").split("."):
            value = _bare(value.get(step)) if isinstance(value, Mapping) else value if value is UNKNOWN else None
        return value


@dataclass(frozen=True)
class Given:
    """A value that a rule is applied to; as text, the way it may be shown."""

    path: str
    value: Any
    is_secret: bool
    scope: Scope

    def __str__(self) -> str:
        return shown(self.value, is_secret=self.is_secret)


@dataclass(frozen=True)
class Place:
    """A place in a resource type: a property of every object at a path.

    Attributes:
        holder: The path of the objects that hold the property, empty for the resource; `**` stands for any path.
        name: The property, empty for the object itself.
        part: What of its value: all of it (empty), each element (`[]`), each key (`{key}`) or each value (`{value}`).
    """

    holder: str
    name: str
    part: str

    @classmethod
    def at(cls, path: str) -> "Place":
        """Returns the place that a path of the table names.

        Raises:
            ValueError: It is not such a path.
        """
        holder, _, last = ("", "", "") if path == "." else path.rpartition(".")
        parts = re.fullmatch(r"(\w*)(\[\]|\{key\}|\{value\}|)", last)
        if parts is None:
            raise ValueError(f"`{path}` is not the path of a property")
        return cls(holder, parts[1], parts[2])

    def is_in(self, holder: str) -> bool:
        """Says whether the place is a property of the objects at a path."""
        if self.holder.startswith("**"):
            return f".{holder}".endswith(self.holder[2:])
        return self.holder == holder

    def given(self, scope: Scope) -> Iterator[Given]:
        """Yields what an object has at the place, or once None if it has nothing."""
        if not self.name:
            yield Given(scope.path, scope.holder, scope.is_secret, scope)
            return
        path, whole = child(scope.path, self.name), scope.holder.get(self.name)
        value, is_secret = _bare(whole), scope.is_secret or isinstance(whole, Secret)
        match self.part, value:
            case "", _:
                yield Given(path, value, is_secret, scope)
            case "[]", list() | tuple():
                for number, element in enumerate(value):
                    secret = is_secret or isinstance(element, Secret)
                    yield Given(f"{path}[{number}]", _bare(element), secret, scope)
            case (("{key}" | "{value}"), Mapping()):
                for key, element in value.items():
                    secret = is_secret or isinstance(element, Secret)
                    item = key if self.part == "{key}" else _bare(element)
                    yield Given(child(path, key), item, secret, scope)
            case _:
                pass


@dataclass(frozen=True, eq=False)
class RuleSet:
    """The rules of one resource type, each with its place."""

    rules: tuple[tuple[Place, Rule], ...]

    def problems(self, inputs: Mapping[str, Any]) -> Iterator[Problem]:
        """Yields what the rules find wrong with the inputs of a resource; what is not known yet never is."""
        return _problems(self, inputs, "", Scope("", inputs, inputs))

    def settles(self, holder: str, name: str) -> bool:
        """Says whether the table, rather than the SDK's documentation, settles which values a property may have."""
        return any(
            place.name == name and rule.kind in _SETTLING and not rule.when and not rule.unless
            for place, rule in _within(self, holder)
        )


def _problems(rules: RuleSet, value: Any, pattern: str, scope: Scope) -> Iterator[Problem]:
    """Yields what the rules find wrong with a value and all below it; `pattern` is its path as the table writes it."""
    while isinstance(value, Secret):
        value, scope = value.value, replace(scope, is_secret=True)
    if isinstance(value, list | tuple):
        for number, element in enumerate(value):
            yield from _problems(rules, element, f"{pattern}[]", replace(scope, path=f"{scope.path}[{number}]"))
    elif isinstance(value, Mapping):
        yield from _problems_of_one(_within(rules, pattern), replace(scope, holder=value))
        for name, inner in value.items():
            yield from _problems(rules, inner, child(pattern, name), replace(scope, path=child(scope.path, name)))


def _problems_of_one(rules: tuple[tuple[Place, Rule], ...], scope: Scope) -> Iterator[Problem]:
    """Yields what rules find wrong with one object: of each property the first thing, of the object itself all."""
    wrong: set[str] = set()
    for place, rule in rules:
        for given in place.given(scope) if _applies(rule, scope) else ():
            is_open = given.value is not UNKNOWN and given.path not in wrong
            reason = KINDS[rule.kind](rule, given) if is_open else None
            if reason:
                yield Problem(given.path, reason + _conditions(rule))
                wrong |= {given.path} if place.name else set()


@cache
def rules_for(token: str) -> RuleSet:
    """Returns the rules that the table has for a resource type.

    Raises:
        pydantic.ValidationError: The table is wrong.
    """
    return RuleSet(
        tuple(
            (Place.at(path), rule)
            for types, lines in table().items()
            if _covers(types, token)
            for line in lines
            for path, rule in line.items()
        )
    )


def _covers(types: str, token: str) -> bool:
    """Says whether a key of the table names a resource type."""
    patterns = types.split()
    excluded = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(fnmatch.fnmatchcase(token, pattern) for pattern in patterns) and not any(
        fnmatch.fnmatchcase(token, pattern) for pattern in excluded
    )


@cache
def table() -> Mapping[str, list[dict[str, Rule]]]:
    """Returns the whole table, as its file has it."""
    lines = yaml.load(TABLE.read_bytes(), Loader=yaml.CSafeLoader)
    return TypeAdapter(dict[str, list[dict[str, Rule]]]).validate_python(lines)


@cache
def _within(rules: RuleSet, holder: str) -> tuple[tuple[Place, Rule], ...]:
    return tuple((place, rule) for place, rule in rules.rules if place.is_in(holder))


def _applies(rule: Rule, scope: Scope) -> bool:
    """Says whether the conditions of a rule are met; what is not known yet meets none."""
    conditions = [(name, values, True) for name, values in rule.when.items()]
    conditions += [(name, values, False) for name, values in rule.unless.items()]
    found = [(scope.look_up(name), values, wanted) for name, values, wanted in conditions]
    return all(value is not UNKNOWN and (value in values) is wanted for value, values, wanted in found)


def _conditions(rule: Rule) -> str:
    """Returns the conditions of a rule as the end of a message."""
    said = [
        f"{word} `{name.removeprefix('$.')}` is {_either(values)}"
        for word, conditions in (("when", rule.when), ("unless", rule.unless))
        for name, values in conditions.items()
    ]
    return f" ({', '.join(said)})" if said else ""


def _either(values: tuple[Scalar, ...]) -> str:
    return " or ".join("not given" if value is None else shown(value) for value in values)


def _bare(value: Any) -> Any:
    while isinstance(value, Secret):
        value = value.value
    return value


def _pattern(rule: Rule, given: Given) -> str | None:
    if not _is_text(given.value) or rule.pattern is None or rule.pattern.fullmatch(given.value):
        return None
    return f"must be {rule.means}, not {given}"


def _format(rule: Rule, given: Given) -> str | None:
    if not _is_text(given.value) or rule.format is None:
        return None
    flaw = FORMATS[rule.format](given.value)
    if flaw and given.is_secret:
        return f"{given} does not have the format {rule.format.replace('_', ' ')}"
    return f"{given} {flaw}" if flaw else None


def _length(rule: Rule, given: Given) -> str | None:
    if not isinstance(given.value, str) or _is_between(len(given.value), rule.length):
        return None
    return f"must have {_between(rule.length)} characters, not {len(given.value)}"


def _items(rule: Rule, given: Given) -> str | None:
    if not isinstance(given.value, list | tuple | Mapping) or _is_between(len(given.value), rule.items):
        return None
    return f"must have {_between(rule.items)} items, not {len(given.value)}"


def _range(rule: Rule, given: Given) -> str | None:
    if not _is_number(given.value) or _is_between(given.value, rule.range):
        return None
    return f"must be {_between(rule.range)}, not {given}"


def _seconds(rule: Rule, given: Given) -> str | None:
    length = seconds(given.value) if isinstance(given.value, str) else None
    if length is None or _is_between(length, rule.seconds):
        return None
    return f"must be {_between(rule.seconds)} seconds, not {given}"


def _prefix_length(rule: Rule, given: Given) -> str | None:
    if not _is_text(given.value) or cidr_block(given.value):
        return None
    length = ip_network(given.value).prefixlen
    return (
        None
        if _is_between(length, rule.prefix_length)
        else f"must have a prefix {_between(rule.prefix_length)}, not {given}"
    )


def _one_of(rule: Rule, given: Given) -> str | None:
    choices = rule.one_of or ()
    if not isinstance(given.value, str | int | float) or given.value in (*choices, ""):
        return None
    return not_one_of(given.value, [str(choice) for choice in choices], is_secret=given.is_secret)


def _at_most(rule: Rule, given: Given) -> str | None:
    other = given.scope.look_up(rule.at_most or "")
    if not _is_number(given.value) or not _is_number(other) or given.value <= other:
        return None
    return f"must not exceed `{rule.at_most}`, which is {shown(other)}, but is {given}"


def _apart_from(rule: Rule, given: Given) -> str | None:
    other = given.scope.look_up(rule.apart_from or "")
    if not isinstance(given.value, str) or not isinstance(other, str) or not minutes(given.value) & minutes(other):
        return None
    return f"must not overlap `{rule.apart_from}`, which is {shown(other)}, but is {given}"


def _unique(rule: Rule, given: Given) -> str | None:
    values = [value for value in _all_at(given.value, [rule.unique or ""]) if isinstance(value, str | int | float)]
    twice = next((value for value in values if values.count(value) > 1), None)
    return None if twice is None else f"no two may have the same `{rule.unique}`, but {shown(twice)} is there twice"


def _disjoint(rule: Rule, given: Given) -> str | None:
    texts = [text for path in rule.disjoint or () for text in _all_at(given.value, path.split("."))]
    blocks = [ip_network(text) for text in texts if isinstance(text, str) and cidr_block(text) is None]
    for one, other in combinations(blocks, 2):
        if one.overlaps(other):
            return f"{listed(rule.disjoint or ())} must not overlap, but {shown(one)} and {shown(other)} do"
    return None


def _requires(rule: Rule, given: Given) -> str | None:
    missing = [name for name in rule.requires or () if given.scope.look_up(name) is None]
    return f"needs {listed(missing)} to be given too" if given.value is not None and missing else None


def _conflicts_with(rule: Rule, given: Given) -> str | None:
    others = [name for name in rule.conflicts_with or () if given.scope.look_up(name) is not None]
    return f"may not be given together with {listed(others)}" if given.value is not None and others else None


def _exactly_one_of(rule: Rule, given: Given) -> str | None:
    names = rule.exactly_one_of or ()
    if not isinstance(given.value, Mapping):
        return None
    found = [name for name in names if given.value.get(name) is not None]
    return None if len(found) == 1 else f"needs exactly one of {listed(names)}, but has {listed(found) or 'none'}"


def _required(rule: Rule, given: Given) -> str | None:  # noqa: ARG001
    return "must be given" if given.value is None else None


def _forbidden(rule: Rule, given: Given) -> str | None:  # noqa: ARG001
    return None if given.value is None else "may not be given"


def _open(rule: Rule, given: Given) -> str | None:  # noqa: ARG001
    return None


def _all_at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yields the known values at a path below a value, in every element of the lists on the way."""
    value = _bare(value)
    if isinstance(value, list | tuple):
        for element in value:
            yield from _all_at(element, path)
    elif not path and value is not None and value is not UNKNOWN:
        yield value
    elif path and isinstance(value, Mapping):
        yield from _all_at(value.get(path[0]), path[1:])


def _is_text(value: Any) -> TypeGuard[str]:
    """Says whether a value is a text that says something: the bridge takes an empty one for none at all."""
    return isinstance(value, str) and value != ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_between(number: float, bounds: Bounds | None) -> bool:
    least, most = bounds or (None, None)
    return (least is None or number >= least) and (most is None or number <= most)


def _between(bounds: Bounds | None) -> str:
    least, most = bounds or (None, None)
    if least is None or most is None:
        return f"at most {most:.10g}" if least is None else f"at least {least:.10g}"
    return f"between {least:.10g} and {most:.10g}"


KINDS: Mapping[str, Callable[[Rule, Given], str | None]] = MappingProxyType(
    {
        "pattern": _pattern,
        "format": _format,
        "length": _length,
        "items": _items,
        "range": _range,
        "seconds": _seconds,
        "prefix_length": _prefix_length,
        "one_of": _one_of,
        "at_most": _at_most,
        "apart_from": _apart_from,
        "unique": _unique,
        "disjoint": _disjoint,
        "requires": _requires,
        "conflicts_with": _conflicts_with,
        "exactly_one_of": _exactly_one_of,
        "required": _required,
        "forbidden": _forbidden,
        "open": _open,
    }
)

_SETTLING = frozenset({"one_of", "pattern", "range", "open"})
