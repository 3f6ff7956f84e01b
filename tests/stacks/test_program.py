"""What `__main__.py` makes of the stack files and the catalog."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from catalog import load_catalog
from stacks import outputs, platform, settings
from stacks.outputs import PlatformOutputs
from tests.catalog.files import load as load_files
from tests.catalog.files import shortest
from tests.catalog.test_model import EVERYTHING
from tests.stacks.program import ROOT, Run, run, stack_file

STACKS = ("staging", "prod")


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def made(stack: str) -> Run:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return run(stack, monkeypatch)


def test_the_program_is_at_most_20_lines() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 20


def test_what_is_exported_keeps_the_contract(stack: str, made: Run) -> None:
    outputs = PlatformOutputs.model_validate(made.outputs)
    config = stack_file(stack)
    assert outputs.environment == stack
    assert (outputs.aws.account, outputs.gcp.account) == (config["aws"]["account_id"], config["gcp"]["project_id"])
    assert outputs.systems.keys() == load_catalog().systems.keys()


def test_each_resource_is_made_with_the_stacks_own_credentials(made: Run) -> None:
    providers = {
        (resource.token.split(":")[0], resource.provider)
        for resource in made.resources
        if not resource.token.startswith(("pulumi:", "covenant:"))
    }
    assert providers == {
        ("aws", "aws"),
        ("gcp", "gcp"),
        ("random", "random"),
        ("kubernetes", "kubernetes-aws"),
        ("kubernetes", "kubernetes-gcp"),
    }


def test_a_system_gets_database_login_buckets_namespaces_and_identities_on_both_clouds(made: Run) -> None:
    scoring = {
        (resource.token, resource.name)
        for resource in made.resources
        if resource.token.startswith("covenant:") and resource.name.startswith("scoring")
    }
    assert scoring == {
        ("covenant:aws:Bucket", "scoring-approvals"),
        ("covenant:aws:Bucket", "scoring-models"),
        ("covenant:aws:WorkloadIdentity", "scoring"),
        ("covenant:gcp:WorkloadIdentity", "scoring"),
        ("covenant:kubernetes:Namespace", "scoring-aws"),
        ("covenant:kubernetes:Namespace", "scoring-gcp"),
    }
    assert made.of("gcp:sql/database:Database")["platform-scoring"].inputs["name"] == "scoring"
    assert made.of("gcp:sql/user:User")["scoring"].inputs["type"] == "CLOUD_IAM_SERVICE_ACCOUNT"
    database = made.outputs["systems"]["scoring"]["database"]
    assert database == made.outputs["aws"]["postgres"] | {"cloud": "aws", "name": "scoring", "login": "scoring"}


def test_only_records_are_locked_and_for_good_in_production_only(stack: str, made: Run) -> None:
    locks = made.of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert {name: lock.inputs["rule"]["defaultRetention"] for name, lock in locks.items()} == {
        "scoring-approvals-lock": {"mode": {"staging": "GOVERNANCE", "prod": "COMPLIANCE"}[stack], "days": 2557}
    }


def test_stores_are_protected(made: Run) -> None:
    stores = {
        **made.of("aws:s3/bucket:Bucket"),
        **made.of("aws:rds/instance:Instance"),
        **made.of("aws:kms/key:Key"),
        **made.of("gcp:storage/bucket:Bucket"),
        **made.of("gcp:sql/databaseInstance:DatabaseInstance"),
        **made.of("gcp:kms/cryptoKey:CryptoKey"),
        **made.of("kubernetes:core/v1:Namespace"),
    }
    assert {store.protect for store in stores.values()} == {True}


def test_both_databases_go_back_as_far_as_the_stack_says(stack: str, made: Run) -> None:
    days = {"staging": 7, "prod": 35}[stack]
    backup = made.of("gcp:sql/databaseInstance:DatabaseInstance")["platform"].inputs["settings"]["backupConfiguration"]
    assert made.of("aws:rds/instance:Instance")["platform"].inputs["backupRetentionPeriod"] == days
    assert backup["transactionLogRetentionDays"] == days


def test_no_password_is_made(made: Run) -> None:
    assert {resource.token for resource in made.resources if resource.token.startswith("random:")} == {
        "random:index/randomId:RandomId"
    }


def test_names_that_all_customers_of_a_cloud_share_carry_the_stacks_suffix(made: Run) -> None:
    suffix = made.of("random:index/randomId:RandomId")["suffix"]
    names = [
        *(bucket.inputs["bucket"] for bucket in made.of("aws:s3/bucket:Bucket").values()),
        *(bucket.inputs["name"] for bucket in made.of("gcp:storage/bucket:Bucket").values()),
        made.of("gcp:kms/keyRing:KeyRing")["platform"].inputs["name"],
        made.of("aws:rds/instance:Instance")["platform"].inputs["identifier"],
        made.of("gcp:sql/databaseInstance:DatabaseInstance")["platform"].inputs["name"],
    ]
    prefixes = {name.split("-")[1] for name in names}
    assert suffix.inputs == {"byteLength": 3}
    assert len(prefixes) == 1
    assert all(len(name) <= 63 for name in names)


def test_a_system_is_served_where_its_file_says_and_stands_by_in_the_other_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = load_files(tmp_path, everything=EVERYTHING, greeter=shortest())
    made = run("staging", monkeypatch, lambda: outputs.export(platform.build(settings.load(), catalog)))
    systems = PlatformOutputs.model_validate(made.outputs).systems
    everything, greeter = systems["everything"], systems["greeter"]
    assert everything.database
    assert everything.database.model_dump() == {
        **made.outputs["gcp"]["postgres"],
        "cloud": "gcp",
        "name": "everything",
        "login": everything.identities["gcp"].removesuffix(".gserviceaccount.com"),
    }
    assert everything.buckets == {
        "reports": f"gs://{made.of('gcp:storage/bucket:Bucket')['everything-reports'].inputs['name']}"
    }
    assert "everything-reports" not in made.of("aws:s3/bucket:Bucket")
    assert (greeter.database, greeter.buckets) == (None, {})
    assert "greeter" not in made.of("gcp:sql/user:User")


@pytest.mark.parametrize("stack", STACKS)
def test_default_providers_are_off(stack: str) -> None:
    config = YAML(typ="safe", pure=True).load(ROOT / f"Pulumi.{stack}.yaml")["config"]
    assert config["pulumi:disable-default-providers"] == ["*"]


def test_stacks_differ_in_values_only() -> None:
    def keys(value: object, path: str = "") -> set[str]:
        items = value.items() if isinstance(value, dict) else ()
        return {path}.union(*(keys(item, f"{path}.{key}") for key, item in items))

    assert keys(stack_file("staging")) == keys(stack_file("prod"))


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi*.yaml")), ids=lambda path: path.name)
def test_no_stack_file_holds_a_secret(path: Path) -> None:
    text = path.read_text()
    assert "secure:" not in text
    assert "encryptionsalt" not in text
    assert "encryptedkey" not in text
