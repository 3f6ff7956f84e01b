"""What the stand-in clouds answer about a resource: its id and its whole state, shaped like the real ones.

Three sources, in this order: what the program gave, the tables (`aws/outputs.yaml`, `gcp/outputs.yaml`) or, for
kubernetes and random, the functions that follow those providers, and for the rest plausible values of the SDK's type.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from rehearsal.clouds import sdk, tags
from rehearsal.clouds.defaults import with_defaults
from rehearsal.clouds.facts import facts
from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs import aws, gcp, kubernetes, random
from rehearsal.clouds.outputs.aws.place import prefixed_names
from rehearsal.clouds.outputs.gcp.place import id_from_pattern
from rehearsal.clouds.outputs.plausible import default_id, plausible
from rehearsal.clouds.outputs.templates import ABSENT, Entry, Scope, Word, load, render
from rehearsal.clouds.values import UNKNOWN

_WORDS: Mapping[str, Mapping[str, Word]] = {"aws": aws.WORDS, "gcp": gcp.WORDS}
_PLACES = {"aws": frozenset({"region"}), "gcp": frozenset({"project", "region", "location", "zone"})}
_WRITE_ONLY = re.compile(r"[a-z]Wo$")


def resource_id(token: str, inputs: Mapping[str, Any], context: Context) -> str:
    """Returns the id that the provider gives a resource.

    The real providers' ids, with what follows from that: those of `random` are no identities (every password's is
    "none"), and those of attachments repeat if the same attachment is made twice.

    Args:
        token: The resource type.
        inputs: Its inputs with automatic names, without unknowns and secret wrappers.
        context: The resource.
    """
    if context.provider == "kubernetes":
        return kubernetes.resource_id(token, inputs)
    if context.provider == "random":
        return random.resource_id(token, inputs, context)
    scope = _scope(token, inputs, context)
    entry, known = _entry(token), facts(token)
    identifier = render(entry.id, scope, "id") if entry and entry.id else ABSENT
    if identifier is ABSENT and known and known.id:
        identifier = id_from_pattern(scope, known.id)
    return default_id(scope) if identifier is ABSENT else str(identifier)


def computed_outputs(
    token: str,
    inputs: Mapping[str, Any],
    id: str,  # noqa: A002 - the engine's word for it
    context: Context,
) -> dict[str, Any]:
    """Returns the whole state of a resource: what was given, and everything that the provider decides.

    Args:
        token: The resource type.
        inputs: Its inputs with automatic names, without unknowns and secret wrappers.
        id: Its id.
        context: The resource.
    """
    if context.provider == "kubernetes":
        return kubernetes.outputs(token, inputs, context)
    if context.provider == "random":
        return random.outputs(token, inputs, context)
    scope = _scope(token, inputs, context, id)
    state = scope.outputs
    state |= tags.labels(token, inputs, context) | tags.tags_all(token, inputs, context) | _readable(scope.inputs)
    state |= {name: _WORDS[context.provider][name](scope) for name in _places(token) - state.keys()}
    for name, value in _listed(token).items():
        present = state.get(name)
        if name not in state:
            state[name] = render(value, scope, name)
        elif isinstance(value, dict) and isinstance(present, Mapping):
            state[name] = _merged(render(value, scope, name), cast(Mapping[str, Any], present))
    shapes = sdk.resource_type(token).outputs
    for name in sorted(_decided_by_provider(token) - state.keys()):
        state[name] = plausible(scope, name, shapes[name])
    return {name: value for name, value in state.items() if value is not ABSENT and value is not None}


def computed_output_names(token: str, inputs: Mapping[str, Any]) -> frozenset[str]:
    """Returns the outputs whose value the provider decides, and which a preview therefore can't know.

    Those that are no inputs at all, and those inputs left open for which the provider is known to fill in a value.
    """
    if token.startswith("kubernetes:"):
        return kubernetes.computed_output_names(token)
    listed = frozenset(name for name, value in _listed(token).items() if value is not None)
    empty = _listed(token).keys() - listed
    return (_decided_by_provider(token) | _places(token) | listed) - inputs.keys() - empty


def preview_outputs(
    token: str, inputs: Mapping[str, Any], context: Context, olds: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Returns the state as a preview knows it: what was given, labels and tags, and `UNKNOWN` for the rest.

    Args:
        token: The resource type.
        inputs: Its inputs with automatic names; unknowns and secrets in them stay.
        context: The resource.
        olds: The state as it stands, if there is one; an update leaves what the provider decided.
    """
    olds = olds or {}
    given = _with_defaults(token, inputs)
    state: dict[str, Any] = {name: olds.get(name, UNKNOWN) for name in computed_output_names(token, inputs)}
    if context.provider == "gcp":
        state |= tags.labels(token, inputs, context)
    state |= _readable(given)
    for name, value in _listed(token).items():
        present = given.get(name)
        if isinstance(value, dict) and isinstance(present, Mapping):
            unknown = {part: _at(olds.get(name), part) for part in cast(dict[str, Any], value)}
            state[name] = _merged(unknown, cast(Mapping[str, Any], present))
    return state


def _scope(token: str, inputs: Mapping[str, Any], context: Context, identifier: str = "") -> Scope:
    given = _with_defaults(token, inputs)
    named = prefixed_names(given, context) if context.provider == "aws" else {}
    return Scope(token=token, inputs={**named, **given}, context=context, id=identifier)


def _with_defaults(token: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    known = facts(token) if token.startswith(("aws:", "gcp:")) else None
    return with_defaults(token, inputs, known) if known else inputs


def _readable(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if not _WRITE_ONLY.search(name)}


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an object that the program gave, with what the provider adds to it."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _at(values: Any, name: str) -> Any:
    return cast(Mapping[str, Any], values).get(name, UNKNOWN) if isinstance(values, Mapping) else UNKNOWN


def _decided_by_provider(token: str) -> frozenset[str]:
    resource = sdk.resource_type(token)
    return frozenset(resource.outputs.keys() - resource.inputs.keys())


def _places(token: str) -> frozenset[str]:
    """Returns the inputs that say where a resource lives, and that the provider fills in."""
    known = facts(token)
    named = _PLACES.get(token.partition(":")[0], frozenset())
    return named & known.computed & sdk.resource_type(token).outputs.keys() if known else frozenset()


def _listed(token: str) -> Mapping[str, Any]:
    entry = _entry(token)
    return entry.outputs if entry else {}


def _entry(token: str) -> Entry | None:
    package = token.partition(":")[0]
    return _table(package).get(token) if package in _WORDS else None


@cache
def _table(package: str) -> Mapping[str, Entry]:
    return load(Path(__file__).parent / package / "outputs.yaml", _WORDS[package])
