"""The contract with other teams: what a stack exports, typed and versioned.

The outputs have the names of the fields below, in lower case with underscores. The contract as a JSON Schema
is `contracts/outputs-v<major>.json`. `python -m stacks.outputs` writes it anew and refuses to break its readers:
what was promised stays until a new major version, with a file of its own beside the old one, takes it away.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, cast, get_args, get_origin

import pulumi
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from catalog.types import Cloud
from stacks.compatibility import JsonSchema, breaking_changes
from stacks.model import Environment

VERSION: Final = "1.0"
"""Major and minor version of the contract. The minor one grows when something is added."""

_MAJOR: Final = VERSION.partition(".")[0]
FILE: Final = Path(__file__).parent / "contracts" / f"outputs-v{_MAJOR}.json"


class ContractError(pulumi.RunError):
    """What a stack exports is not what it promises, or the contract would break its readers."""


class Promise(BaseModel):
    """A part of the contract. Readers ignore what they do not know, so that parts can be added."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Contacts(Promise):
    """Whom to write to, by e-mail."""

    platform: str
    """The team that runs the platform."""

    security: str
    """The team to report a breach to."""

    on_call: str
    """Whoever is on duty."""


class Network(Promise):
    """A network of the platform."""

    id: str
    """Id of the VPC on AWS; resource name of the network on Google Cloud."""

    cidr: str
    """Its IPv4 prefix."""

    private_subnet_ids: tuple[str, ...]
    """Subnets of nodes and pods: one a zone on AWS, one a region on Google Cloud."""

    data_subnet_ids: tuple[str, ...]
    """Subnets of databases and caches."""

    egress_ips: tuple[str, ...]
    """Public addresses that workloads call the internet from."""


class PostgresServer(Promise):
    """A PostgreSQL server, which is reached from the platform's networks only, by TLS and IAM login."""

    host: str
    """Name or address to connect to."""

    port: Annotated[int, Field(ge=1, le=65535)]
    """TCP port; on Google Cloud that of its connectors."""


class CloudOutputs(Promise):
    """What the platform has on one cloud."""

    account: str
    """AWS account id, or Google Cloud project id."""

    region: str
    """The region that serves."""

    network: Network
    """The platform's network."""

    keys: Mapping[str, str]
    """Encryption keys by purpose: ARN on AWS, resource name on Google Cloud."""

    log_bucket: str
    """Address of the bucket that keeps logs, `s3://…` or `gs://…`."""

    postgres: PostgresServer
    """The PostgreSQL server that systems share."""


class Database(Promise):
    """A system's PostgreSQL database."""

    cloud: Cloud
    """The cloud whose server holds it."""

    host: str
    """Name or address to connect to."""

    port: Annotated[int, Field(ge=1, le=65535)]
    """TCP port."""

    name: str
    """The database."""

    login: str
    """The login, for which IAM gives out short-lived passwords."""


class SystemOutputs(Promise):
    """What a system of the catalog has on the platform."""

    primary: Cloud
    """The cloud that serves."""

    standby: Cloud
    """The cloud that takes over."""

    namespace: str
    """Its Kubernetes namespace, on the clusters of both clouds."""

    identities: Mapping[str, str]
    """What its pods run as, by cloud: role ARN on AWS, service account on Google Cloud."""

    buckets: Mapping[str, str]
    """Addresses of its buckets by their name in the catalog, `s3://…` or `gs://…`."""

    database: Database | None = None
    """Its PostgreSQL database; absent if it has none."""


class PlatformOutputs(Promise):
    """Everything that a stack of the platform exports for other teams."""

    contract_version: Annotated[str, Field(pattern=rf"^{_MAJOR}\.[0-9]+$")]
    """Version of this contract."""

    environment: Environment
    """What the stack is for."""

    contacts: Contacts
    """Whom to write to."""

    aws: CloudOutputs
    """What the platform has on AWS."""

    gcp: CloudOutputs
    """What the platform has on Google Cloud."""

    systems: Mapping[str, SystemOutputs]
    """What each system of the catalog has, by name."""


def export(outputs: Mapping[str, object]) -> None:
    """Exports the stack's outputs, held to the contract.

    Args:
        outputs: The values of PlatformOutputs but for the contract's version, nested as there. Any single value
            may be a `pulumi.Output`.

    Raises:
        ContractError: A name is missing or not in the contract. A value that the contract does not allow is
            refused as soon as it is known, which for some is during the update only.
    """
    for name, value in bound(PlatformOutputs, {"contract_version": VERSION, **outputs}).items():
        pulumi.export(name, value)


def bound(model: type[BaseModel], values: Mapping[str, object], path: str = "") -> dict[str, object]:
    """The values with each of them bound to its field: the names are checked now, a value once it is known.

    Each value stays an output of its own, so that one that is unknown in a preview hides no other.

    Raises:
        ContractError: A name is missing or not in the model, or a value that is known already is not allowed.
    """
    fields = model.model_fields
    required = {name for name, field in fields.items() if field.is_required()}
    for problem, names in (
        ("is not in the contract", values.keys() - fields.keys()),
        ("is missing", required - values.keys()),
    ):
        if names:
            raise ContractError(f"output {path}{min(names)}: {problem}")
    return {
        name: _bound_value(Annotated[field.annotation, field], values[name], f"{path}{name}")
        for name, field in fields.items()
        if name in values
    }


def _bound_value(annotation: Any, value: object, path: str) -> object:
    """A value bound to what its field's type says: part by part down to the single values."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if get_origin(kind) is UnionType:
        kind = next(choice for choice in get_args(kind) if choice is not NoneType)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return bound(kind, _given_as(Mapping, value, path), f"{path}.")
    if get_origin(kind) is Mapping:
        named = _given_as(Mapping, value, path).items()
        return {str(name): _bound_value(get_args(kind)[1], item, f"{path}.{name}") for name, item in named}
    if get_origin(kind) is tuple:
        items = enumerate(_given_as(Sequence, value, path))
        return [_bound_value(get_args(kind)[0], item, f"{path}[{index}]") for index, item in items]
    check = partial(checked, TypeAdapter[object](annotation), path)
    if isinstance(value, pulumi.Output):
        return cast("pulumi.Output[object]", value).apply(check)
    return check(value)


def _given_as(kind: type[Any], value: object, path: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, str):
        raise ContractError(f"output {path}: must be given as a {kind.__name__.lower()} of single values")
    return value


def checked(adapter: TypeAdapter[object], path: str, value: object) -> object:
    """A known value as it is exported.

    Raises:
        ContractError: The contract does not allow it. The text does not show it, for it could be secret.
    """
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        raise ContractError(f"output {path}: {error.errors(include_input=False)[0]['msg']}") from None


def schema() -> dict[str, Any]:
    """The contract as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:covenant:outputs:{VERSION}",
        **PlatformOutputs.model_json_schema(),
    }


def unpublishable(published: JsonSchema, current: JsonSchema) -> list[str]:
    """Why a contract may not replace the published one of its major version; empty if it may."""
    if broken := breaking_changes(published, current):
        return [*broken, "to break readers, raise the major version in VERSION: it gets a file of its own"]
    if published != current and published["$id"] == current["$id"]:
        return ["something was added: raise the minor version in VERSION"]
    return []


def rendered() -> str:
    """The contract as the text of its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def publish(file: Path = FILE) -> None:
    """Writes the contract's file.

    Raises:
        ContractError: The contract would break the file's readers, or has changed under the same version.
    """
    if file.exists():
        reasons = unpublishable(json.loads(file.read_text(encoding="utf-8")), schema())
        if reasons:
            raise ContractError("\n".join(reasons))
    file.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    try:
        publish()
    except ContractError as error:
        sys.exit(str(error))
