"""Turns what a Terraform provider says about a resource into facts in the SDK's terms.

Paths are written as the tables have them: `a.b` is a property of an object, `a[].b` of each element of a list, `a.#`
how many of `a` there are. A path stands for the value there and all inside it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.clouds.sdk import Kind, ResourceType, Shape
from tools.provider_facts.constants import value_of
from tools.provider_facts.names import camel_case, pair
from tools.provider_facts.terraform import Attribute, Resource

_POSITION = re.compile(r"\.\d+(?=\.|$)")
_TEMPLATE = re.compile(r"\{\{%?(\w+)\}\}")
_GUARDED = re.compile(r"( while | and )(\S+)(?= (?:is|was|starts|does)\b)")
SOMEWHERE = "?"  # a condition's path that the provider's code works out as it runs
_ALWAYS = "any change"
_NOT_PROPERTIES = frozenset({"id", "timeouts"})  # Terraform's own; the SDKs have neither


@dataclass
class Translation:
    """The facts about one resource type, and what could not be carried over.

    Attributes:
        paths: The SDK's path of each Terraform path, both as inputs.
        unmatched: Terraform paths that force a replacement, and that the SDK doesn't have.
    """

    replaces: list[str] = field(default_factory=list[str])
    replaces_when: dict[str, str] = field(default_factory=dict[str, str])
    secret_outputs: list[str] = field(default_factory=list[str])
    computed: list[str] = field(default_factory=list[str])
    unordered: list[str] = field(default_factory=list[str])
    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    exclusive: list[list[str]] = field(default_factory=list[list[str]])
    id: str | None = None
    paths: dict[str, str] = field(default_factory=dict[str, str])
    unmatched: list[str] = field(default_factory=list[str])

    def bears(self, path: str) -> bool:
        """Whether it matters what a property is by default: inside a list only if that bears on a replacement."""
        forcing = (*self.replaces, *self.replaces_when)
        return "[]" not in path or any(f"{path}.".startswith((f"{each}.", f"{each}[")) for each in forcing)


def translate(
    resource: Resource,
    sdk: ResourceType,
    *,
    renamed: Mapping[str, str],
    conditions: Mapping[str, str],
    deciders: Mapping[str, str],
) -> Translation:
    """Returns the facts about a resource type.

    Args:
        resource: What the Terraform provider's source says.
        sdk: What the SDK says.
        renamed: The SDK's names of properties that it calls something else, by Terraform path.
        conditions: When a change of a Terraform path replaces the resource, where code decides.
        deciders: The same by the name of the deciding function, where that says it all.
    """
    inputs = {name: each.shape for name, each in sdk.inputs.items()}
    found = Translation()
    _Walk(renamed, deciders, found).block(resource.attributes, inputs, "", "")
    for path, text in conditions.items():
        if path in found.paths:
            found.replaces_when[found.paths[path]] = _in_sdk_terms(text, found.paths)
        elif path != SOMEWHERE:
            found.unmatched.append(path)
    always = [path for path, when in found.replaces_when.items() if when == _ALWAYS]
    found.replaces = [path for path in found.replaces if path.removesuffix(".#") not in found.replaces_when] + always
    for path in always:
        del found.replaces_when[path]
    found.computed = [path for path in found.computed if found.bears(path)]
    found.unordered = [path for path in found.unordered if found.bears(path)]
    found.defaults = {path: value for path, value in found.defaults.items() if found.bears(path)}
    found.secret_outputs = sorted(_sensitive(resource.attributes, sdk.outputs, renamed, "", ""))
    found.exclusive = _exclusive(resource.attributes, found.paths)
    found.id = _id(resource, sdk, renamed)
    return found


def _in_sdk_terms(condition: str, paths: Mapping[str, str]) -> str:
    return _GUARDED.sub(lambda match: match[1] + paths.get(match[2], match[2]), condition)


def unclassified(resource: Resource, conditions: Mapping[str, str], deciders: Mapping[str, str]) -> list[str]:
    """Returns what code decides about and no condition is known for: paths, with the deciding function."""
    attributes = dict(_paths(resource.attributes, ""))
    found = [
        f"{each.path} ({each.by})"
        for each in resource.conditions
        if each.path not in conditions and (each.path not in attributes or attributes[each.path].settable)
    ]
    for path, attribute in attributes.items():
        if path not in conditions:
            found += [f"{path} ({decider})" for decider in attribute.conditions if decider not in deciders]
    return found


def overlap(resource: Resource, sdk: ResourceType, renamed: Mapping[str, str]) -> float:
    """Returns the share of properties that both sides have, of all that either has."""
    terraform = resource.attributes.keys() - _NOT_PROPERTIES
    pairs = pair(terraform, sdk.outputs, renamed)
    either = len(terraform) + len(sdk.outputs.keys() - set(pairs.values()))
    return len(pairs) / either if either else 1.0


@dataclass(frozen=True)
class _Walk:
    renamed: Mapping[str, str]
    deciders: Mapping[str, str]
    found: Translation

    def block(self, attributes: Mapping[str, Attribute], shapes: Mapping[str, Shape], terraform: str, sdk: str) -> None:
        """Collects the facts about the properties of a resource or of a nested block."""
        own = {name: each for name, each in attributes.items() if terraform or name not in _NOT_PROPERTIES}
        settable = {name: each for name, each in own.items() if each.settable}
        names = pair(settable, shapes, _local(self.renamed, terraform))
        for name, attribute in sorted(settable.items()):
            if name in names:
                self._property(attribute, shapes[names[name]], terraform + name, sdk + names[name])
            elif any(each.force_new for each in _all(attribute)):
                self.found.unmatched.append(terraform + name)

    def _property(self, attribute: Attribute, shape: Shape, terraform: str, sdk: str) -> None:
        found = self.found
        found.paths[terraform] = sdk
        if attribute.type == "set" and _is_list(shape):
            found.unordered.append(sdk)
        default = _default(attribute)
        if default is not None:
            found.defaults[sdk] = default
        elif attribute.optional and attribute.computed:
            found.computed.append(sdk)
        for decider in attribute.conditions:
            if decider in self.deciders:
                found.replaces_when[sdk] = self.deciders[decider]
        if self._forces_as_whole(attribute):
            found.replaces.append(sdk)
        elif attribute.force_new:
            found.replaces.append(f"{sdk}.#")
        inside = len(found.replaces)
        shapes, suffix = _inside(shape)
        self.block(attribute.attributes or {}, shapes, f"{terraform}.", f"{sdk}{suffix}.")
        if self._forces_as_whole(attribute):
            del found.replaces[inside:]

    def _forces_as_whole(self, attribute: Attribute) -> bool:
        if attribute.whole:
            return attribute.force_new
        # A block of the plugin SDK only counts its elements.
        forcing = [each.force_new for each in _leaves(attribute)]
        # An element of a set has no place: whatever changes in it, an element goes and another comes.
        return bool(forcing) and (any(forcing) if attribute.type == "set" else all(forcing))


def _default(attribute: Attribute) -> Any:
    """Returns what a property is if it is not given; None if the source doesn't say, or it has no default."""
    if attribute.attributes:
        return None
    default = value_of(attribute.constant) if attribute.constant else attribute.default
    # pulumi-aws puts its own name in.
    return "Managed by Pulumi" if default == "Managed by Terraform" else default


def _local(renamed: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {path.removeprefix(prefix): name for path, name in renamed.items() if path.startswith(prefix)}


def _all(attribute: Attribute) -> Iterator[Attribute]:
    yield attribute
    for each in (attribute.attributes or {}).values():
        yield from _all(each)


def _leaves(attribute: Attribute) -> Iterator[Attribute]:
    if not attribute.attributes:
        yield attribute
        return
    for each in attribute.attributes.values():
        if each.settable or each.type == "unread":
            yield from _leaves(each)


def _is_list(shape: Shape) -> bool:
    return shape.kind is Kind.LIST or any(_is_list(each) for each in shape.alternatives)


def _inside(shape: Shape) -> tuple[Mapping[str, Shape], str]:
    """Returns the properties of a nested object, and what a path to them has after the property itself."""
    for each in (shape, *shape.alternatives):
        if each.properties:
            return {name: inner.shape for name, inner in each.properties.items()}, ""
        if each.kind is Kind.LIST and each.element is not None:
            shapes, suffix = _inside(each.element)
            if shapes:
                return shapes, f"[]{suffix}"
    return {}, ""


def _sensitive(
    attributes: Mapping[str, Attribute],
    shapes: Mapping[str, Shape],
    renamed: Mapping[str, str],
    terraform: str,
    sdk: str,
) -> Iterator[str]:
    own = (name for name in attributes if terraform or name not in _NOT_PROPERTIES)
    names = pair(own, shapes, _local(renamed, terraform))
    for name, sdk_name in names.items():
        attribute = attributes[name]
        if attribute.sensitive:
            yield sdk + sdk_name
        elif attribute.attributes:
            inner, suffix = _inside(shapes[sdk_name])
            yield from _sensitive(
                attribute.attributes, inner, renamed, f"{terraform}{name}.", f"{sdk}{sdk_name}{suffix}."
            )


def _exclusive(attributes: Mapping[str, Attribute], paths: Mapping[str, str]) -> list[list[str]]:
    """Returns groups of properties of which at most one may be given."""
    groups: set[tuple[str, ...]] = set()
    excludes: dict[str, set[str]] = {}
    for own, attribute in _paths(attributes, ""):
        one_of = {_plain(path) for path in attribute.exactly_one}
        if len(one_of) > 1 and one_of <= paths.keys():
            groups.add(tuple(sorted(paths[path] for path in one_of)))
        for other in map(_plain, attribute.conflicts):
            if other != own and {own, other} <= paths.keys():
                excludes.setdefault(paths[own], set()).add(paths[other])
                excludes.setdefault(paths[other], set()).add(paths[own])
    for own in sorted(excludes):
        for other in sorted(excludes[own]):
            if not any({own, other} <= set(group) for group in groups):
                groups.add(_clique(own, other, excludes))
    return [list(group) for group in sorted(groups)]


def _clique(first: str, second: str, excludes: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Returns two properties that exclude each other, with all that exclude each other and them."""
    group = [first, second]
    for other in sorted(excludes[first] & excludes[second]):
        if all(other in excludes[member] for member in group):
            group.append(other)
    return tuple(sorted(group))


def _paths(attributes: Mapping[str, Attribute], prefix: str) -> Iterator[tuple[str, Attribute]]:
    for name, attribute in attributes.items():
        yield prefix + name, attribute
        yield from _paths(attribute.attributes or {}, f"{prefix}{name}.")


def _plain(path: str) -> str:
    return _POSITION.sub("", path)


def _id(resource: Resource, sdk: ResourceType, renamed: Mapping[str, str]) -> str | None:
    """Returns the template of the id with the SDK's names, if every name in it is a property or the provider's own."""
    if resource.id is None:
        return None
    names = pair(resource.attributes, sdk.outputs, renamed)
    used: Iterable[str] = _TEMPLATE.findall(resource.id)
    if not all(name in names or name in ("project", "region", "zone") for name in used):
        return None
    return _TEMPLATE.sub(lambda match: "{" + names.get(match[1], camel_case(match[1])) + "}", resource.id)
