"""What a provider would refuse about the inputs of a resource, before it makes anything.

Names, types, required properties and choices come from the SDKs (`sdk.py`), the rest from the table
`value_rules.yaml`; objects of Kubernetes are held against the schemas of its API (`kubernetes.py`).

Types are strict: `"5"` is no number and `1` no boolean. The real providers coerce some of these with a warning that is
meant to become an error (pulumi-terraform-bridge 1800), and coercion loses data: an account id given as a number has
lost its leading zero (pulumi-aws 2806). A number that the wire made a float is an integer if it is whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from rehearsal.clouds import kubernetes
from rehearsal.clouds.problem import Problem, child, not_one_of, shown, typed
from rehearsal.clouds.sdk import PROVIDER, Kind, Property, Shape, function_type, resource_type
from rehearsal.clouds.spelling import did_you_mean
from rehearsal.clouds.value_rules import RuleSet, rules_for
from rehearsal.clouds.values import UNKNOWN, Secret

__all__ = ["Problem", "check", "check_arguments"]

_NAMES: Mapping[Kind, str] = {
    Kind.STRING: "a string",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "a boolean",
    Kind.LIST: "a list",
    Kind.MAP: "a map",
    Kind.OBJECT: "an object",
    Kind.ASSET: "an asset or archive",
    Kind.ANY: "a value",
}
# The engine adds these to the inputs of every provider.
_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL", "pluginChecksums"})


def check(token: str, inputs: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Returns all that a provider would refuse about the inputs of a resource or of a provider itself.

    Args:
        token: The resource type, such as `aws:kms/key:Key`, or a provider, such as `pulumi:providers:aws`.
        inputs: The values by wire name, decoded as `values.py` says. What is not known yet passes.

    Raises:
        UnknownToken: No SDK has the type.
    """
    if kubernetes.defines(token):
        return (*kubernetes.check(token, inputs), *rules_for(token).problems(inputs))
    described = resource_type(token)
    given = _provider_inputs(described.inputs, inputs) if token.startswith(PROVIDER) else inputs
    replaced = [Problem("", described.deprecated)] if described.deprecated else []
    return (*replaced, *_problems(token, described.inputs, given))


def check_arguments(token: str, arguments: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Returns all that a provider would refuse about the arguments of a function.

    Raises:
        UnknownToken: No SDK has the function.
    """
    return tuple(_problems(token, function_type(token).inputs, arguments))


def _problems(token: str, properties: Mapping[str, Property], given: Mapping[str, Any]) -> Iterator[Problem]:
    rules = rules_for(token)
    yield from _Walk(rules).through(properties, given)
    yield from rules.problems(given)


@dataclass(frozen=True)
class _Spot:
    """Where a walk is: its path for messages, its path as the table of rules writes it, and whether it is secret."""

    path: str = ""
    pattern: str = ""
    is_secret: bool = False

    def property(self, name: str) -> "_Spot":
        return replace(self, path=child(self.path, name), pattern=child(self.pattern, name))

    def element(self, number: int) -> "_Spot":
        return replace(self, path=f"{self.path}[{number}]", pattern=f"{self.pattern}[]")

    def entry(self, key: str) -> "_Spot":
        return replace(self, path=child(self.path, key), pattern=f"{self.pattern}{{value}}")


@dataclass(frozen=True)
class _Walk:
    """A walk through the inputs of one resource, along the shapes that the SDK gives them."""

    rules: RuleSet

    def through(self, properties: Mapping[str, Property], given: Mapping[str, Any]) -> Iterator[Problem]:
        return self._object(properties, given, _Spot())

    def _object(self, properties: Mapping[str, Property], given: Mapping[str, Any], spot: _Spot) -> Iterator[Problem]:
        for name, value in given.items():
            described = properties.get(name)
            if name.startswith("__"):
                continue
            if described is None:
                yield Problem(child(spot.path, name), f"unknown property `{name}`{_right_name(name, properties)}")
            elif described.deprecated:
                yield Problem(child(spot.path, name), f"deprecated: {described.deprecated}")
            else:
                yield from self._property(described, value, spot)
        for described in properties.values():
            if described.required and given.get(described.name) is None:
                yield Problem(child(spot.path, described.name), "missing required property")

    def _property(self, described: Property, value: Any, holder: _Spot) -> Iterator[Problem]:
        spot = holder.property(described.name)
        problems = tuple(self._value(described.shape, value, spot))
        yield from problems
        if not problems and not self.rules.settles(holder.pattern, described.name):
            yield from _documented(described, value, spot)

    def _value(self, shape: Shape, value: Any, spot: _Spot) -> Iterator[Problem]:
        value, spot = _opened(value, spot)
        if value is None or value is UNKNOWN:
            return
        match shape.kind, value:
            case Kind.LIST, list() | tuple():
                for number, element in enumerate(value):
                    yield from self._value(shape.element or _ANYTHING, element, spot.element(number))
            case Kind.MAP, Mapping():
                for key, entry in value.items():
                    yield from self._value(shape.element or _ANYTHING, entry, spot.entry(key))
            case Kind.OBJECT, Mapping():
                yield from self._object(shape.properties, value, spot)
            case Kind.UNION, _:
                yield from self._union(shape, value, spot)
            case kind, _ if not _is_of(kind, value):
                yield Problem(spot.path, f"must be {_NAMES[kind]}, not {typed(value, is_secret=spot.is_secret)}")
            case _:
                pass

    def _union(self, shape: Shape, value: Any, spot: _Spot) -> Iterator[Problem]:
        """Yields nothing if one alternative fits, else what the alternative of the value's own kind finds wrong."""
        found = [(each, tuple(self._value(each, value, spot))) for each in shape.alternatives]
        if all(problems for _, problems in found):
            of_its_kind = [problems for each, problems in found if _is_of(each.kind, value)]
            wanted = " or ".join(_NAMES[each.kind] for each in shape.alternatives)
            wrong = Problem(spot.path, f"must be {wanted}, not {typed(value, is_secret=spot.is_secret)}")
            yield from of_its_kind[0] if of_its_kind else (wrong,)


_ANYTHING = Shape(Kind.ANY)
_CLASSES: Mapping[Kind, Any] = {
    Kind.STRING: str,
    Kind.BOOLEAN: bool,
    Kind.LIST: (list, tuple),
    Kind.MAP: Mapping,
    Kind.OBJECT: Mapping,
    # The engine sends an asset as an object that its signature marks.
    Kind.ASSET: (pulumi.Asset, pulumi.Archive, Mapping),
}


def _documented(described: Property, value: Any, spot: _Spot) -> Iterator[Problem]:
    """Yields what the documentation of a property says against a value of the right shape."""
    value, spot = _opened(value, spot)
    if isinstance(value, list | tuple):
        for number, element in enumerate(value):
            yield from _documented(described, element, spot.element(number))
    elif isinstance(value, int | float) and described.limits and not described.limits.allow(value):
        yield Problem(spot.path, f"must be {described.limits}, not {shown(value, is_secret=spot.is_secret)}")
    # The bridge takes an empty text for one that is not given.
    elif isinstance(value, str | int | float) and described.choices and value != "":
        text = value if isinstance(value, str) else f"{value:.15g}"
        if text not in described.choices:
            yield Problem(spot.path, not_one_of(text, described.choices, is_secret=spot.is_secret))


def _provider_inputs(properties: Mapping[str, Property], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the inputs of a provider with those decoded that the SDKs send as JSON: all that are no strings."""
    return {
        name: _from_json(value) if name in properties and properties[name].shape.kind is not Kind.STRING else value
        for name, value in inputs.items()
        if name not in _OF_THE_ENGINE
    }


def _from_json(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_from_json(value.value))
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def _opened(value: Any, spot: _Spot) -> tuple[Any, _Spot]:
    """Returns a value without its secret wrapper, and the spot that remembers it had one."""
    while isinstance(value, Secret):
        value, spot = value.value, replace(spot, is_secret=True)
    return value, spot


def _right_name(name: str, properties: Mapping[str, Property]) -> str:
    by_own_name = {described.python_name: described.name for described in properties.values()}
    return did_you_mean(by_own_name.get(name, name), properties)


def _is_of(kind: Kind, value: Any) -> bool:
    """Says whether a value is of a kind, whatever it holds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case Kind.INTEGER:
            return is_number and float(value).is_integer()
        case Kind.NUMBER:
            return is_number
        case Kind.ANY | Kind.UNION:
            return True
        case _:
            return isinstance(value, _CLASSES[kind])
