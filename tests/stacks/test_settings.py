import json
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pulumi.runtime.mocks import set_mocks
from ruamel.yaml import YAML

from components.retention import LockMode
from components.windows import Weekday
from rehearsal.clouds.mocks import StandInMocks
from stacks import settings
from stacks.model import (
    Aws,
    AwsNetwork,
    AwsPostgres,
    Contacts,
    Environment,
    Gcp,
    GcpNetwork,
    GcpPostgres,
    Kubernetes,
    Organisation,
    Recovery,
    Residency,
    Schedule,
    Settings,
)
from tests.stacks.program import ROOT, changed, faults, load, stack_file, use

PROD = Settings(
    environment=Environment.PROD,
    organisation=Organisation(owner="platform", cost_centre="cc-1000"),
    residency=Residency(aws_regions=("eu-west-1", "eu-central-1"), gcp_regions=("europe-west1", "europe-west4")),
    aws=Aws(
        account_id="444455556666",
        region="eu-west-1",
        backup_region="eu-central-1",
        network=AwsNetwork(
            cidr="10.32.0.0/16", zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"), nat_gateways="per-zone"
        ),
        postgres=AwsPostgres(
            instance_class="db.m7g.2xlarge", high_availability=True, storage_gib=200, max_storage_gib=2000
        ),
    ),
    gcp=Gcp(
        project_id="covenant-prod-example",
        region="europe-west1",
        backup_region="europe-west4",
        key_protection="HSM",
        network=GcpNetwork(cidr="10.144.0.0/16"),
        postgres=GcpPostgres(
            tier="db-perf-optimized-N-8", high_availability=True, storage_gib=200, max_storage_gib=2000
        ),
    ),
    kubernetes=Kubernetes(aws_context="covenant-prod-eks", gcp_context="covenant-prod-gke"),
    recovery=Recovery(pitr_days=35, lock_mode=LockMode.COMPLIANCE, protect=True),
    schedule=Schedule(time_zone="Etc/UTC", maintenance_day=Weekday.SATURDAY, maintenance_hour=22),
    contacts=Contacts(platform="platform@example.com", security="security@example.com", on_call="on-call@example.com"),
)
STAGING = PROD.model_copy(
    update={
        "environment": Environment.STAGING,
        "aws": Aws(
            account_id="111122223333",
            region="eu-west-1",
            backup_region="eu-central-1",
            network=AwsNetwork(
                cidr="10.16.0.0/16", zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"), nat_gateways="one"
            ),
            postgres=AwsPostgres(
                instance_class="db.t4g.medium", high_availability=False, storage_gib=50, max_storage_gib=200
            ),
        ),
        "gcp": Gcp(
            project_id="covenant-staging-example",
            region="europe-west1",
            backup_region="europe-west4",
            key_protection="SOFTWARE",
            network=GcpNetwork(cidr="10.128.0.0/16"),
            postgres=GcpPostgres(tier="db-custom-2-7680", high_availability=False, storage_gib=50, max_storage_gib=200),
        ),
        "kubernetes": Kubernetes(aws_context="covenant-staging-eks", gcp_context="covenant-staging-gke"),
        "recovery": Recovery(pitr_days=7, lock_mode=LockMode.GOVERNANCE, protect=True),
    }
)


@pytest.mark.parametrize(("stack", "expected"), [("staging", STAGING), ("prod", PROD)])
def test_the_stack_files_load_whole(stack: str, expected: Settings) -> None:
    assert load(stack_file(stack), stack) == expected


def test_a_config_can_be_given() -> None:
    set_mocks(StandInMocks(), project="covenant", stack="staging")
    use(stack_file("staging"), "staging")
    assert settings.load(pulumi.Config("covenant")) == STAGING


def test_the_project_declares_exactly_the_keys_that_are_read() -> None:
    declared = YAML(typ="safe", pure=True).load(ROOT / "Pulumi.yaml")["config"]
    assert declared.keys() == Settings.model_fields.keys()
    assert {key for key, value in declared.items() if not value.get("description")} == set()
    assert {key: value["type"] for key, value in declared.items()} == {
        key: "string" if key == "environment" else "object" for key in Settings.model_fields
    }


WRONG_SHAPES = [
    (
        {"environment": "prd"},
        "environment: got \"prd\", must be 'staging' or 'prod'; did you mean `prod`?",
    ),
    (
        {"residency": ...},
        "residency: is missing; add it: Where data may rest, an object with aws_regions, gcp_regions",
    ),
    (
        {"organisation": "platform"},
        (
            "organisation: must be an object: Who answers for what all systems share, and pays for it, an object "
            "with owner, cost_centre"
        ),
    ),
    (
        {"organisation": 5},
        (
            "organisation: got 5, must be an object (Who answers for what all systems share, and pays for it, an "
            "object with owner, cost_centre)"
        ),
    ),
    ({"awz": {}}, "awz: is not a known key; did you mean `aws`?"),
    (
        {"colour": "green"},
        (
            "colour: is not a known key; known keys: environment, organisation, residency, aws, gcp, kubernetes, "
            "recovery, schedule, contacts"
        ),
    ),
    ({"aws.network.zone": []}, "aws.network.zone: is not a known key; did you mean `zones`?"),
    (
        {"aws.region": ...},
        'aws.region: is missing; add it: The region that serves, for example "eu-west-1"',
    ),
    (
        {"aws.account_id": 111122223333},
        (
            "aws.account_id: got 111122223333, must be a valid string (The account's number, in quotes, for it can "
            'start with a nought, for example "111122223333")'
        ),
    ),
    (
        {"aws.account_id": "1111-2222-3333"},
        (
            'aws.account_id: got "1111-2222-3333", must be twelve digits in quotes (The account\'s number, in quotes, '
            'for it can start with a nought, for example "111122223333")'
        ),
    ),
    (
        {"aws.network.zones": ["eu-west-1a"]},
        (
            "aws.network.zones: got a list of length 1, must have at least 2 items (At least two zones of the region, "
            'in an order that stays, for example ["eu-west-1a", "eu-west-1b"])'
        ),
    ),
    (
        {"aws.network.cidr": "10.16.0.0/22"},
        (
            'aws.network.cidr: got "10.16.0.0/22", is too small for the subnets, the smallest prefix that holds them '
            'is a /21 (A private prefix from /16 to /21 for all subnets, for example "10.16.0.0/16")'
        ),
    ),
    (
        {"gcp.network.cidr": "11.0.0.0/16"},
        (
            'gcp.network.cidr: got "11.0.0.0/16", is outside private address space (10.0.0.0/8, 172.16.0.0/12, '
            "192.168.0.0/16), its real owner would be unreachable (A private prefix from /12 to /20 for all ranges, "
            'for example "10.128.0.0/16")'
        ),
    ),
    (
        {"gcp.network.cidr": "10.16.0.0/33"},
        (
            "gcp.network.cidr: got \"10.16.0.0/33\", is no IPv4 prefix such as 10.20.0.0/12: '33' is not a valid "
            'netmask (A private prefix from /12 to /20 for all ranges, for example "10.128.0.0/16")'
        ),
    ),
    (
        {"aws.postgres.instance_class": "m7g.large"},
        (
            'aws.postgres.instance_class: got "m7g.large", must be an RDS instance class (The machine, for example '
            '"db.m7g.large")'
        ),
    ),
    (
        {"gcp.postgres.tier": "db-f1-micro"},
        (
            'gcp.postgres.tier: got "db-f1-micro", must be a Cloud SQL machine with processors of its own (The '
            'machine, whose name decides the edition too, for example "db-custom-2-7680")'
        ),
    ),
    (
        {"recovery.pitr_days": 36},
        (
            "recovery.pitr_days: got 36, must be less than or equal to 35 (Days that a database can go back to any "
            "second of; 7 in staging, 35 in production (seed 003))"
        ),
    ),
    (
        {"recovery.protect": "yes"},
        (
            'recovery.protect: got "yes", must be a valid boolean (Whether stores refuse to be deleted, by the engine '
            "and by the cloud)"
        ),
    ),
    (
        {"schedule.time_zone": "Europe/Berln"},
        (
            'schedule.time_zone: got "Europe/Berln", is no IANA time zone; did you mean `Europe/Berlin`? (The IANA '
            'time zone of every schedule, for example "Etc/UTC")'
        ),
    ),
    (
        {"schedule.time_zone": "../passwd"},
        (
            'schedule.time_zone: got "../passwd", is no IANA time zone, such as Etc/UTC (The IANA time zone of every '
            'schedule, for example "Etc/UTC")'
        ),
    ),
    (
        {"contacts.security": "nobody"},
        (
            'contacts.security: got "nobody", value is not a valid email address: An email address must have an '
            '@-sign (The team to report a breach to, for example "security@example.com")'
        ),
    ),
]


@pytest.mark.parametrize(("changes", "fault"), WRONG_SHAPES, ids=[", ".join(changes) for changes, _ in WRONG_SHAPES])
def test_a_wrong_setting_is_told_by_file_key_value_and_cure(changes: dict[str, Any], fault: str) -> None:
    assert faults(changed("staging", changes)) == [f"covenant:{fault}"]


def test_all_wrong_settings_are_told_at_once() -> None:
    wrong = {
        "aws.network.cidr": 5,
        "gcp.region": "europe-west9",
        "contacts.on_call": "x",
        "recovery.lock_mode": "compliance",
    }
    assert [line.split(": ")[0] for line in faults(changed("staging", wrong))] == [
        "covenant:aws.network.cidr",
        "covenant:contacts.on_call",
        "covenant:recovery.lock_mode",
    ]


def test_the_error_names_the_stacks_own_file() -> None:
    with pytest.raises(settings.SettingsError) as caught:
        load(changed("prod", {"aws.account_id": "1"}), "prod")
    assert str(caught.value).startswith("the settings are wrong:\n  Pulumi.prod.yaml: covenant:aws.account_id: ")


def test_the_engine_shows_the_error_without_a_traceback() -> None:
    assert issubclass(settings.SettingsError, pulumi.RunError)


@pytest.mark.parametrize("key", Settings.model_fields)
def test_a_secret_setting_is_refused_and_never_shown(key: str) -> None:
    assert faults(stack_file("staging"), secrets=[key]) == [
        f"covenant:{key}: holds a secret, which no stack file may; put it into the cloud's secret store"
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def dotted_paths(value: object, path: str = "") -> list[str]:
    items = value.items() if isinstance(value, dict) else ()
    return [each for key, item in items for each in (f"{path}{key}", *dotted_paths(item, f"{path}{key}."))]


@hypothesis_settings(deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(dotted_paths(stack_file("staging"))), ANYTHING, min_size=1, max_size=3),
    more=st.dictionaries(st.text(max_size=8), ANYTHING, max_size=2),
)
def test_any_config_loads_or_is_refused_in_words(changes: dict[str, Any], more: dict[str, Any]) -> None:
    config = stack_file("staging")
    for path, value in changes.items():
        part = config
        *parents, last = path.split(".")
        for parent in parents:
            part = part[parent] if isinstance(part.get(parent), dict) else {}
        part[last] = value
    try:
        load(config | more)
    except settings.SettingsError as error:
        head, *lines = str(error).splitlines()
        assert head == "the settings are wrong:"
        assert all(line.startswith("  Pulumi.staging.yaml: covenant:") for line in lines)


@hypothesis_settings(deadline=None)
@given(
    key=st.sampled_from(sorted(Settings.model_fields)),
    secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789/+-_.", min_size=8).map("~{}~".format),
    rest=st.text("{}[]:,\"'", max_size=5),
)
def test_no_secret_value_is_ever_shown(key: str, secret: str, rest: str) -> None:
    config = stack_file("staging")
    config[key] = rest + json.dumps({"password": secret, "nested": [secret]}) + rest
    with pytest.raises(settings.SettingsError) as caught:
        load(config, secrets=[key])
    assert secret not in str(caught.value)
