"""What a provider fills into a resource's inputs before anything is compared or made.

The bridged providers add automatic names, the default values of their schemas and the provider's default tags, and note
in `__defaults` what was not the program's own (pulumi-terraform-bridge `pkg/tfbridge/schema.go`). So a default that the
program starts to spell out is no change, and a changed default tag is one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from rehearsal.clouds import names, sdk, tags
from rehearsal.clouds.facts import Facts, facts
from rehearsal.clouds.identity import Context

_MISSING = object()


def fill_in(
    token: str, inputs: Mapping[str, Any], context: Context, olds: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Returns a resource's inputs as its provider goes on with them.

    Args:
        token: The resource type.
        inputs: What the program gave; unknowns and secrets in them stay.
        context: The resource.
        olds: The filled-in inputs of the resource as it stands, if there is one.

    Raises:
        NameTooLong: An automatic name would be longer than the cloud allows.
    """
    named = names.automatic_inputs(token, inputs, context, olds)
    filled = {**inputs, **named}
    if context.provider in ("aws", "gcp"):
        known = facts(token)
        if known and not known.framework:  # types of that kind get their defaults when they are made
            filled = with_defaults(token, filled, known)
        filled |= tags.tags_all(token, inputs, context)
    added = sorted(filled.keys() - inputs.keys() - {"tagsAll"})
    return {**filled, "__defaults": added} if added else filled


def with_defaults(token: str, inputs: Mapping[str, Any], known: Facts) -> dict[str, Any]:
    """Returns inputs with the default values of their schema, in objects that are there too.

    A default gives way to a property that excludes it, and a deprecated property has none.
    """
    properties = sdk.resource_type(token).inputs
    filled = dict(inputs)
    for path, value in known.defaults.items():
        top = properties.get(re.split(r"[.\[]", path)[0])
        others = {other for group in known.exclusive if path in group for other in group} - {path}
        if top and not (top.deprecated and top.name not in inputs) and not _any_given(filled, others):
            filled = cast(dict[str, Any], _with_default(filled, path.split("."), value))
    return filled


def _with_default(values: Any, path: list[str], default: Any) -> Any:
    """Returns a copy of nested values with one default in it, wherever what is around it exists."""
    if not isinstance(values, Mapping):
        return values
    copy = dict(cast(Mapping[str, Any], values))
    name, rest = path[0], path[1:]
    if not rest:
        return {name: default, **copy} if copy.get(name) is None else copy
    if name.endswith("[]"):
        name = name.removesuffix("[]")
        items = copy.get(name)
        if isinstance(items, list):
            copy[name] = [_with_default(item, rest, default) for item in cast(list[Any], items)]
    elif name in copy:
        copy[name] = _with_default(copy[name], rest, default)
    return copy


def _any_given(values: Mapping[str, Any], paths: Iterable[str]) -> bool:
    return any(_at(values, path) is not _MISSING for path in paths)


def _at(values: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(values, Mapping) or cast(Mapping[str, Any], values).get(name) is None:
            return _MISSING
        values = values[name]
    return values
