import inspect
from typing import Any

import pytest

from stacks.model import Settings
from stacks.rules import RULES
from tests.stacks.program import changed, faults, load

BROKEN: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "stack_is_named_for_its_environment",
        "qa",
        {},
        'environment: got "staging", but the stack is qa; name the stack staging or staging-…',
    ),
    (
        "data_stays_where_it_may",
        "staging",
        {"aws.backup_region": "us-east-1"},
        'aws.backup_region: got "us-east-1", in which data may not rest; residency allows eu-west-1, eu-central-1',
    ),
    (
        "data_stays_where_it_may",
        "staging",
        {"gcp.region": "us-central1"},
        'gcp.region: got "us-central1", in which data may not rest; residency allows europe-west1, europe-west4',
    ),
    (
        "copies_are_elsewhere",
        "staging",
        {"aws.backup_region": "eu-west-1"},
        'aws.backup_region: got "eu-west-1", which is the serving region too; name another',
    ),
    (
        "copies_are_elsewhere",
        "staging",
        {"gcp.backup_region": "europe-west1"},
        'gcp.backup_region: got "europe-west1", which is the serving region too; name another',
    ),
    (
        "zones_are_of_the_region",
        "staging",
        {"aws.network.zones": ["eu-west-1a", "eu-west-2b"]},
        'aws.network.zones[1]: got "eu-west-2b", which is not a zone of eu-west-1, such as eu-west-1a',
    ),
    (
        "zones_are_of_the_region",
        "staging",
        {"aws.network.zones": ["eu-west-1a", "eu-west-1a"]},
        'aws.network.zones[1]: got "eu-west-1a" a second time; name another zone',
    ),
    (
        "networks_are_apart",
        "staging",
        {"gcp.network.cidr": "10.16.16.0/20"},
        'gcp.network.cidr: got "10.16.16.0/20", which overlaps aws.network.cidr, 10.16.0.0/16; choose another',
    ),
    (
        "clusters_are_two",
        "staging",
        {"kubernetes.gcp_context": "covenant-staging-eks"},
        'kubernetes.gcp_context: got "covenant-staging-eks", which is the context of the cluster on AWS too',
    ),
    (
        "disks_can_grow",
        "staging",
        {"aws.postgres.max_storage_gib": 54},
        "aws.postgres.max_storage_gib: got 54, must be at least 55, a tenth more than storage_gib",
    ),
    (
        "disks_can_grow",
        "staging",
        {"gcp.postgres.max_storage_gib": 50},
        "gcp.postgres.max_storage_gib: got 50, must be at least 55, a tenth more than storage_gib",
    ),
    (
        "cloud_sql_reaches_back_far_enough",
        "staging",
        {"recovery.pitr_days": 8},
        (
            'gcp.postgres.tier: got "db-custom-2-7680", which goes back 7 days, but recovery.pitr_days is 8; choose a '
            "machine of Enterprise Plus such as db-perf-optimized-N-4"
        ),
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"aws.network.zones": ["eu-west-1a", "eu-west-1b"]},
        "aws.network.zones: got 2, production needs at least 3",
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"aws.network.nat_gateways": "one"},
        'aws.network.nat_gateways: got "one", must be "per-zone" in production',
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"aws.postgres.high_availability": False},
        "aws.postgres.high_availability: got false, must be true in production",
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"gcp.postgres.high_availability": False},
        "gcp.postgres.high_availability: got false, must be true in production",
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"gcp.key_protection": "SOFTWARE"},
        'gcp.key_protection: got "SOFTWARE", must be "HSM" in production',
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"recovery.pitr_days": 34},
        "recovery.pitr_days: got 34, must be 35 in production",
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"recovery.lock_mode": "governance"},
        'recovery.lock_mode: got "governance", must be "compliance" in production',
    ),
    (
        "production_keeps_its_promises",
        "prod",
        {"recovery.protect": False},
        "recovery.protect: got false, must be true in production",
    ),
    (
        "only_production_locks_for_good",
        "staging",
        {"recovery.lock_mode": "compliance"},
        'recovery.lock_mode: must be "governance" in staging; nobody can lift "compliance" again',
    ),
    (
        "maintenance_leaves_backups_alone",
        "staging",
        {"schedule.maintenance_hour": 5},
        (
            "schedule.maintenance_hour: 5 is not free: maintenance starts from 6 to 22 UTC, because backups are made "
            "and checked from 00:00 to 06:00"
        ),
    ),
    (
        # Sydney is 11 hours ahead in its summer, 10 in its winter.
        "maintenance_leaves_backups_alone",
        "staging",
        {"schedule.time_zone": "Australia/Sydney", "schedule.maintenance_hour": 19},
        (
            "schedule.maintenance_hour: got 19 UTC, in some months 05:00 in Australia/Sydney; keep clear of 02:00 to "
            "06:00, when backups are made and checked"
        ),
    ),
    (
        # Kolkata is five and a half hours ahead: the hour that begins at 01:30 runs into the backups.
        "maintenance_leaves_backups_alone",
        "staging",
        {"schedule.time_zone": "Asia/Kolkata", "schedule.maintenance_hour": 20},
        (
            "schedule.maintenance_hour: got 20 UTC, in some months 01:30 in Asia/Kolkata; keep clear of 02:00 to 06:00,"
            " when backups are made and checked"
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "stack", "changes", "fault"), BROKEN, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(BROKEN)]
)
def test_settings_that_break_a_rule_are_told_where_and_why(
    rule: str, stack: str, changes: dict[str, Any], fault: str
) -> None:
    file = "prod" if stack == "prod" else "staging"
    assert faults(changed(file, changes), stack) == [f"covenant:{fault}"]


def test_every_rule_is_seen_to_refuse() -> None:
    assert sorted({rule for rule, *_ in BROKEN}) == sorted(rule.__name__ for rule in RULES)


def test_every_rule_names_sections_that_exist_and_says_why_it_does() -> None:
    for rule in RULES:
        assert inspect.signature(rule).parameters.keys() <= {"stack", *Settings.model_fields}, rule.__name__
        assert inspect.getdoc(rule), rule.__name__


@pytest.mark.parametrize(
    ("stack", "file", "changes"),
    [
        ("prod-nordics", "prod", {}),
        ("staging", "staging", {"schedule.time_zone": "Australia/Sydney", "schedule.maintenance_hour": 20}),
        ("staging", "staging", {"aws.network.zones": ["eu-west-1a", "eu-west-1b"]}),
        ("staging", "staging", {"gcp.postgres.tier": "db-perf-optimized-N-2", "recovery.pitr_days": 35}),
        ("staging", "staging", {"gcp.network.cidr": "10.17.0.0/16"}),
    ],
)
def test_settings_just_within_the_rules_load(stack: str, file: str, changes: dict[str, Any]) -> None:
    assert load(changed(file, changes), stack)
