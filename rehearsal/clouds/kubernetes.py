"""What a Kubernetes API server would refuse: objects are held against the OpenAPI schemas of its types.

The schemas are those packaged with `kubernetes-validate`, in the strict form that allows no properties but its own.
Of a custom resource only the cluster has the schema: it is checked for what every object has.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource

from rehearsal.clouds.problem import Problem, child, not_one_of, typed
from rehearsal.clouds.sdk import registered, resource_type
from rehearsal.clouds.spelling import did_you_mean
from rehearsal.clouds.values import UNKNOWN, Secret

VERSION = "1.34"

_DEFINITIONS = "https://kubernetes.io/api/_definitions.json#/$defs/"
_METADATA = f"{_DEFINITIONS}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_NAMES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
}


def defines(token: str) -> bool:
    """Says whether a resource type is an object of the Kubernetes API, rather than a chart, a patch or a provider."""
    return _identity(token) is not None


def check(token: str, inputs: Mapping[str, Any], version: str = VERSION) -> tuple[Problem, ...]:
    """Returns what the API server of a Kubernetes version would refuse about the structure of an object.

    Args:
        token: The resource type: `kubernetes:apps/v1:Deployment`, `kubernetes:cert-manager.io/v1:Certificate`.
        inputs: The object, decoded as `values.py` says. What is not known yet passes.
        version: The version of Kubernetes, one of those packaged (1.25 to 1.37).

    Raises:
        ValueError: The token is no object of the API, or the version is not packaged.
    """
    identity = _identity(token)
    if identity is None:
        raise ValueError(f"`{token}` is no object of the Kubernetes API")
    validator = _validator(*identity, version, is_custom=token not in registered("kubernetes"))
    if validator is None:
        return (Problem("", f"Kubernetes {version} has no `{identity[1]}` of `{identity[0]}`"),)
    given = _plain(inputs)
    found = [problem for error in validator.iter_errors(given) for problem in _problems(error, inputs)]
    return tuple(dict.fromkeys((*_missing(token, given), *found)))


@cache
def _identity(token: str) -> tuple[str, str] | None:
    """Returns the API version and the kind of an object, if a resource type is one."""
    package, _, rest = token.partition(":")
    if package != "kubernetes":
        return None
    known = registered(package)
    if token in known:
        inputs = resource_type(token).inputs
        fixed = [inputs[name].choices for name in ("apiVersion", "kind") if name in inputs]
        match fixed:
            case [(api_version,), (kind,)] if not token.endswith("Patch"):
                return api_version, kind
            case _:
                return None
    api_version, _, kind = rest.partition(":")
    group = api_version.partition("/")[0]
    is_custom = "." in group and not any(each.startswith(f"{package}:{group}/") for each in known)
    return (api_version, kind) if is_custom else None


@cache
def _validator(api_version: str, kind: str, version: str, *, is_custom: bool) -> Validator | None:
    """Returns the validator of a kind, or nothing if the version has no such kind."""
    if is_custom:
        properties = {"apiVersion": {"enum": [api_version]}, "kind": {"enum": [kind]}, "metadata": {"$ref": _METADATA}}
        schema = {"type": "object", "properties": properties, "required": ["apiVersion", "kind"]}
    else:
        group, _, group_version = api_version.rpartition("/")
        name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], group_version)))
        file = _schemas(version) / f"{name}.json"
        if not file.is_file():
            return None
        schema = json.loads(file.read_text())
    return _LENIENT(schema, registry=_definitions(version))


@cache
def _definitions(version: str) -> Registry[Any]:
    return Resource.from_contents(json.loads((_schemas(version) / "_definitions.json").read_text())) @ Registry()


def _schemas(version: str) -> Traversable:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    if not folder.is_dir():
        raise ValueError(f"kubernetes-validate has no schemas of Kubernetes {version}")
    return folder


def _unless_unknown(keyword: Callable[..., Any]) -> Callable[..., Iterator[ValidationError]]:
    """Returns the check of a keyword of JSON Schema that lets pass what is not known yet."""

    def check_known(validator: Validator, parameter: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if instance is not UNKNOWN:
            yield from keyword(validator, parameter, instance, schema) or ()

    return check_known


_LENIENT = extend(
    Draft202012Validator, {name: _unless_unknown(keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()}
)


def _plain(value: Any) -> Any:
    """Returns a value without secret wrappers and without what is null, which an API server takes as not given."""
    match value:
        case Secret():
            return _plain(value.value)
        case Mapping():
            return {name: _plain(inner) for name, inner in value.items() if inner is not None and name[:2] != "__"}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _missing(token: str, given: Mapping[str, Any]) -> Iterator[Problem]:
    """Yields the properties that a kind cannot do without, such as the `spec` of a Deployment: only the SDK says so."""
    if token in registered("kubernetes"):
        for name, described in resource_type(token).inputs.items():
            if described.required and name not in given:
                yield Problem(name, "missing required property")


def _problems(error: ValidationError, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Yields what an error of JSON Schema says, in the words of the other clouds' problems."""
    path, is_secret = _place(error, inputs)
    schema, parameter, instance = (
        cast(Mapping[str, Any], error.schema),
        cast(Any, error.validator_value),
        error.instance,
    )
    match error.validator:
        case "additionalProperties":
            allowed = schema.get("properties", {})
            for name in sorted(cast(Mapping[str, Any], instance).keys() - allowed.keys()):
                yield Problem(child(path, name), f"unknown property `{name}`{did_you_mean(name, allowed)}")
        case "required":
            for name in parameter:
                if name not in instance:
                    yield Problem(child(path, name), "missing required property")
        case "enum":
            yield Problem(path, not_one_of(instance, parameter, is_secret=is_secret))
        case "type" | "oneOf":
            yield Problem(path, f"must be {' or '.join(_types(schema))}, not {typed(instance, is_secret=is_secret)}")
        case _:
            yield Problem(path, f"does not satisfy `{error.validator}` of the schema")


def _types(schema: Mapping[str, Any]) -> list[str]:
    """Returns the types that a schema allows, null aside."""
    alternatives: list[Mapping[str, Any]] = schema.get("oneOf", [schema])
    types = (each["type"] for each in alternatives)
    names = (name for each in types for name in ([each] if isinstance(each, str) else each))
    return [_NAMES[name] for name in dict.fromkeys(names) if name != "null"]


def _place(error: ValidationError, inputs: Mapping[str, Any]) -> tuple[str, bool]:
    """Returns the path of an error for messages, and whether the value there is secret."""
    path, is_secret = "", False
    value: Any = inputs
    for step in error.absolute_path:
        path = f"{path}[{step}]" if isinstance(step, int) else child(path, step)
        value = value[step]
        while isinstance(value, Secret):
            is_secret, value = True, value.value
    return path, is_secret
