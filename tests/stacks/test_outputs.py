import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import set_mocks

from rehearsal.clouds.mocks import StandInMocks
from stacks import outputs
from stacks.outputs import ContractError, PlatformOutputs, bound, publish, rendered, schema, unpublishable

CLOUD = {
    "account": "111122223333",
    "region": "eu-west-1",
    "network": {
        "id": "vpc-1",
        "cidr": "10.16.0.0/16",
        "private_subnet_ids": ["subnet-1", "subnet-2"],
        "data_subnet_ids": ["subnet-3"],
        "egress_ips": ["198.51.100.1"],
    },
    "keys": {"database": "arn:aws:kms:eu-west-1:111122223333:key/1"},
    "log_bucket": "s3://logs",
    "postgres": {"host": "db.example.com", "port": 5432},
}
SYSTEM = {
    "primary": "aws",
    "standby": "gcp",
    "namespace": "scoring",
    "identities": {"aws": "arn:aws:iam::111122223333:role/scoring", "gcp": "scoring@example.iam.gserviceaccount.com"},
    "buckets": {"models": "s3://models"},
    "database": {"cloud": "aws", "host": "db.example.com", "port": 5432, "name": "scoring", "login": "scoring"},
}
WHOLE = {
    "contract_version": outputs.VERSION,
    "environment": "staging",
    "contacts": {"platform": "a@example.com", "security": "b@example.com", "on_call": "c@example.com"},
    "aws": CLOUD,
    "gcp": CLOUD,
    "systems": {"scoring": SYSTEM, "static-pages": {key: SYSTEM[key] for key in SYSTEM if key != "database"}},
}


def with_(path: str, value: object) -> dict[str, Any]:
    """The whole outputs with one value replaced; `...` takes it out."""
    changed = json.loads(json.dumps(WHOLE))
    *parents, last = path.split(".")
    part: Any = changed
    for parent in parents:
        part = part[parent]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return changed


def future(value: object) -> "asyncio.Future[Any]":
    result: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    result.set_result(value)
    return result


def as_program(make: Any, *, preview: bool) -> None:
    """Runs a function as a Pulumi program."""
    set_mocks(StandInMocks(), project="covenant", stack="staging", preview=preview)
    pulumi.runtime.test(make)()


def test_the_published_contract_is_the_models() -> None:
    assert outputs.FILE.read_text() == rendered(), "the contract has changed: run `python -m stacks.outputs`"


def test_the_contract_breaks_no_reader_of_the_published_one() -> None:
    assert unpublishable(json.loads(outputs.FILE.read_text()), schema()) == []


def test_whole_outputs_are_exported_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    outputs.export({key: value for key, value in WHOLE.items() if key != "contract_version"})
    assert exported == WHOLE
    assert PlatformOutputs.model_validate(exported).systems["static-pages"].database is None


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (with_("aws", ...), "output aws: is missing"),
        (with_("aws.network.id", ...), "output aws.network.id: is missing"),
        (with_("systems.scoring.database.login", ...), "output systems.scoring.database.login: is missing"),
        (with_("colour", "green"), "output colour: is not in the contract"),
        (with_("gcp.postgres.user", "x"), "output gcp.postgres.user: is not in the contract"),
        (
            with_("gcp.postgres.port", 70000),
            "output gcp.postgres.port: Input should be less than or equal to 65535",
        ),
        (with_("aws.region", None), "output aws.region: Input should be a valid string"),
        (
            with_("aws.network.egress_ips", "198.51.100.1"),
            "output aws.network.egress_ips: must be given as a sequence of single values",
        ),
        (with_("aws.keys", ["a"]), "output aws.keys: must be given as a mapping of single values"),
        (with_("systems.scoring.primary", "azure"), "output systems.scoring.primary: Input should be 'aws' or 'gcp'"),
        (
            with_("contract_version", "2.0"),
            r"output contract_version: String should match pattern '^1\.[0-9]+$'",
        ),
    ],
)
def test_what_the_contract_does_not_allow_is_not_exported(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        bound(PlatformOutputs, values)
    assert str(caught.value) == problem


def test_a_value_that_is_known_during_the_update_only_is_checked_then() -> None:
    def program() -> pulumi.Output[Any]:
        return bound(PlatformOutputs, with_("aws.postgres.port", pulumi.Output.from_input(0)))["aws"]["postgres"][
            "port"
        ]

    with pytest.raises(
        ContractError, match=r"^output aws\.postgres\.port: Input should be greater than or equal to 1$"
    ):
        as_program(program, preview=False)


def test_a_value_that_is_not_known_yet_hides_no_other() -> None:
    seen: dict[str, object] = {}

    def program() -> pulumi.Output[Any]:
        unknown = pulumi.Output(set(), future(None), future(False))
        server = bound(PlatformOutputs, with_("aws.postgres.host", unknown))["aws"]["postgres"]

        async def look() -> None:
            seen.update(known=await server["host"].is_known(), port=server["port"])

        return pulumi.Output.from_input(look())

    as_program(program, preview=True)
    assert seen == {"known": False, "port": 5432}


def test_a_secret_value_stays_secret_and_out_of_errors() -> None:
    seen: list[bool] = []

    def program() -> pulumi.Output[Any]:
        secret = pulumi.Output.secret("hunter2")
        host = bound(PlatformOutputs, with_("aws.postgres.host", secret))["aws"]["postgres"]["host"]

        async def look() -> None:
            seen.append(await host.is_secret())

        return pulumi.Output.from_input(look())

    as_program(program, preview=False)
    assert seen == [True]
    with pytest.raises(ContractError) as caught:
        bound(PlatformOutputs, with_("aws.postgres.port", "hunter2"))
    assert "hunter2" not in str(caught.value)


def without(name: str) -> dict[str, Any]:
    """The contract without one of its outputs."""
    changed = schema()
    del changed["properties"][name]
    return changed


def test_a_contract_that_breaks_readers_is_not_published(tmp_path: Path) -> None:
    published = schema()
    published["properties"]["colour"] = {"type": "string"}
    file = tmp_path / "outputs-v1.json"
    file.write_text(json.dumps(published))
    with pytest.raises(ContractError) as caught:
        publish(file)
    assert str(caught.value) == (
        "outputs.colour: was removed\nto break readers, raise the major version in VERSION: it gets a file of its own"
    )
    assert json.loads(file.read_text()) == published


def test_an_addition_is_published_under_a_new_minor_version_only(tmp_path: Path) -> None:
    file = tmp_path / "outputs-v1.json"
    file.write_text(json.dumps(without("contacts")))
    with pytest.raises(ContractError, match=r"^something was added: raise the minor version in VERSION$"):
        publish(file)
    file.write_text(json.dumps(without("contacts") | {"$id": "urn:covenant:outputs:1.-1"}))
    publish(file)
    assert file.read_text() == rendered()


def test_a_new_major_version_gets_a_file_of_its_own(tmp_path: Path) -> None:
    publish(tmp_path / "outputs-v2.json")
    assert (tmp_path / "outputs-v2.json").read_text() == rendered()


def test_every_output_is_described() -> None:
    contract = schema()
    undescribed = [
        f"{name}.{key}"
        for name, part in {"": contract, **contract["$defs"]}.items()
        for key, value in part.get("properties", {}).items()
        if not (value.get("description") or contract["$defs"][value["$ref"].split("/")[-1]].get("description"))
    ]
    assert undescribed == []
