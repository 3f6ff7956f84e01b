"""What both clouds promise alike: one table, one line a promise, read from what each cloud is told."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.components.clouds import aws_platform, gcp_platform
from tests.components.recording import Recording, build

DAY = 86_400
BUCKETS = {"access-logs", "audit", "models"}


@cache
def _aws() -> Recording:
    return build(aws_platform)


@cache
def _gcp() -> Recording:
    return build(gcp_platform)


def _rds(key: str) -> Any:
    return _aws().inputs("aws:rds/instance:Instance")["postgres"][key]


def _rds_setting(name: str) -> str:
    (group,) = _aws().inputs("aws:rds/parameterGroup:ParameterGroup").values()
    return next(parameter["value"] for parameter in group["parameters"] if parameter["name"] == name)


def _cloud_sql() -> Any:
    return _gcp().inputs("gcp:sql/databaseInstance:DatabaseInstance")["postgres"]


def _cloud_sql_flag(name: str) -> str:
    return next(flag["value"] for flag in _cloud_sql()["settings"]["databaseFlags"] if flag["name"] == name)


def _seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def _s3_part(part: str) -> dict[str, Any]:
    """One part of each bucket that both clouds have, by the bucket."""
    found = _aws().inputs(f"aws:s3/{part[0].lower()}{part[1:]}:{part}")
    suffixes = ("-public-access", "-lifecycle", "-lock", "-encryption", "-policy")
    named = {
        next((name.removesuffix(suffix) for suffix in suffixes if name.endswith(suffix)), name): inputs
        for name, inputs in found.items()
    }
    return {name: inputs for name, inputs in named.items() if name in BUCKETS}


def _gcs() -> dict[str, Any]:
    return _gcp().inputs("gcp:storage/bucket:Bucket")


def _s3_rule(bucket: str, rule: str) -> Any:
    rules = _s3_part("BucketLifecycleConfiguration")[bucket]["rules"]
    return next((found for found in rules if found["id"] == rule), None)


def _gcs_condition(bucket: str, **wanted: Any) -> Any:
    rules = [rule for rule in _gcs()[bucket]["lifecycleRules"] if rule["action"]["type"] == wanted["action"]]
    conditions = [rule["condition"] for rule in rules if rule["condition"].get("withState") == wanted.get("state")]
    return next(iter(conditions), None)


def _aws_rotation() -> set[int]:
    return {
        int(key["rotationPeriodInDays"])
        for key in _aws().inputs("aws:kms/key:Key").values()
        if key["keyUsage"] == "ENCRYPT_DECRYPT"
    }


def _gcp_rotation() -> set[int]:
    return {
        _seconds(key["rotationPeriod"]) // DAY
        for key in _gcp().inputs("gcp:kms/cryptoKey:CryptoKey").values()
        if key["purpose"] == "ENCRYPT_DECRYPT"
    }


def _aws_lifetime() -> dict[str, Any]:
    return {
        bucket: (_s3_rule(bucket, "retention") or {"expiration": {"days": None}})["expiration"]["days"]
        for bucket in BUCKETS
    }


def _gcp_lifetime() -> dict[str, Any]:
    return {
        bucket: (_gcs_condition(bucket, action="Delete", state="LIVE") or {"age": None})["age"] for bucket in BUCKETS
    }


def _aws_firewall_open_to_all() -> set[int]:
    """Ports of workloads and data that the world may call; replies to calls from within are no calls."""
    acls = _aws().inputs("aws:ec2/networkAcl:NetworkAcl")
    return {
        int(rule["toPort"])
        for tier in ("network-private", "network-data")
        for rule in acls[tier]["ingress"]
        if rule["cidrBlock"] == "0.0.0.0/0" and rule["fromPort"] < 1024
    }


def _gcp_firewall_open_to_all() -> set[int]:
    return {
        int(port)
        for rule in _gcp().inputs("gcp:compute/firewall:Firewall").values()
        if rule["direction"] == "INGRESS" and "0.0.0.0/0" in rule["sourceRanges"]
        for allowed in rule.get("allows", [])
        for port in allowed.get("ports", [0])
    }


PROMISES: dict[str, tuple[Callable[[], Any], Callable[[], Any], Any]] = {
    "days until a key rotates": (_aws_rotation, _gcp_rotation, {90}),
    "days until a key is gone": (
        lambda: {int(key["deletionWindowInDays"]) for key in _aws().inputs("aws:kms/key:Key").values()},
        lambda: {
            _seconds(key["destroyScheduledDuration"]) // DAY
            for key in _gcp().inputs("gcp:kms/cryptoKey:CryptoKey").values()
        },
        {30},
    ),
    "purposes with a key of their own": (
        lambda: {key["tags"]["use"] for key in _aws().inputs("aws:kms/key:Key").values()},
        lambda: {key["labels"]["use"] for key in _gcp().inputs("gcp:kms/cryptoKey:CryptoKey").values()},
        {
            "audit",
            "backup",
            "cache",
            "cluster",
            "database",
            "jwt-signing",
            "logs",
            "manifest-signing",
            "messaging",
            "objects",
            "secrets",
        },
    ),
    "days of recovery to any second": (
        lambda: _rds("backupRetentionPeriod"),
        lambda: _cloud_sql()["settings"]["backupConfiguration"]["transactionLogRetentionDays"],
        35,
    ),
    "start of the daily backup": (
        lambda: _rds("backupWindow").split("-")[0],
        lambda: _cloud_sql()["settings"]["backupConfiguration"]["startTime"],
        "00:00",
    ),
    "maintenance": (
        lambda: tuple(_rds("maintenanceWindow").split(":")[:2]),
        lambda: (
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][
                int(_cloud_sql()["settings"]["maintenanceWindow"]["day"]) - 1
            ],
            str(int(_cloud_sql()["settings"]["maintenanceWindow"]["hour"])),
        ),
        ("sat", "22"),
    ),
    "database survives a zone": (
        lambda: _rds("multiAz"),
        lambda: _cloud_sql()["settings"]["availabilityType"] == "REGIONAL",
        True,
    ),
    "database has a public address": (
        lambda: _rds("publiclyAccessible"),
        lambda: _cloud_sql()["settings"]["ipConfiguration"]["ipv4Enabled"],
        False,
    ),
    "database takes plain text": (
        lambda: _rds_setting("rds.force_ssl") != "1",
        lambda: _cloud_sql()["settings"]["ipConfiguration"]["sslMode"] == "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
        False,
    ),
    "logins are identities of the cloud": (
        lambda: _rds("iamDatabaseAuthenticationEnabled"),
        lambda: _cloud_sql_flag("cloudsql.iam_authentication") == "on",
        True,
    ),
    "database refuses deletion": (
        lambda: {_rds("deletionProtection"), _aws().one("aws:rds/instance:Instance", "postgres").protect},
        lambda: {
            _cloud_sql()["deletionProtection"],
            _cloud_sql()["settings"]["deletionProtectionEnabled"],
            _gcp().one("gcp:sql/databaseInstance:DatabaseInstance", "postgres").protect,
        },
        {True},
    ),
    "backups outlive their database": (
        lambda: not _rds("deleteAutomatedBackups"),
        lambda: _cloud_sql()["settings"]["retainBackupsOnDelete"],
        True,
    ),
    "what the database's log records": (
        lambda: (_rds_setting("pgaudit.log"), _rds_setting("log_statement"), _rds_setting("log_parameter_max_length")),
        lambda: (
            _cloud_sql_flag("pgaudit.log"),
            _cloud_sql_flag("log_statement"),
            _cloud_sql_flag("log_parameter_max_length"),
        ),
        ("ddl,role", "ddl", "0"),
    ),
    "buckets closed to the public": (
        lambda: {name for name, block in _s3_part("BucketPublicAccessBlock").items() if set(block.values()) >= {True}},
        lambda: {name for name, bucket in _gcs().items() if bucket["publicAccessPrevention"] == "enforced"},
        BUCKETS,
    ),
    "days that objects live": (
        _aws_lifetime,
        _gcp_lifetime,
        {"access-logs": 365, "audit": 2557, "models": None},
    ),
    "days that deleted objects can be brought back": (
        lambda: {_s3_rule(name, "superseded")["noncurrentVersionExpiration"]["noncurrentDays"] for name in BUCKETS},
        lambda: {
            _gcs_condition(name, action="Delete", state="ARCHIVED")["daysSinceNoncurrentTime"] for name in BUCKETS
        },
        {35},
    ),
    "days until an unfinished upload goes": (
        lambda: {
            _s3_rule(name, "superseded")["abortIncompleteMultipartUpload"]["daysAfterInitiation"] for name in BUCKETS
        },
        lambda: {_gcs_condition(name, action="AbortIncompleteMultipartUpload")["age"] for name in BUCKETS},
        {7},
    ),
    "days and hardness of locks": (
        lambda: {
            name: (lock["rule"]["defaultRetention"]["days"], lock["rule"]["defaultRetention"]["mode"] == "COMPLIANCE")
            for name, lock in _s3_part("BucketObjectLockConfiguration").items()
        },
        lambda: {
            name: (int(bucket["retentionPolicy"]["retentionPeriod"]) // DAY, bucket["retentionPolicy"]["isLocked"])
            for name, bucket in _gcs().items()
            if "retentionPolicy" in bucket
        },
        {"audit": (2557, True)},
    ),
    "seconds that a flow's record spans": (
        lambda: {flow["maxAggregationInterval"] for flow in _aws().inputs("aws:ec2/flowLog:FlowLog").values()},
        lambda: {
            {"INTERVAL_1_MIN": 60}[subnet["logConfig"]["aggregationInterval"]]
            for subnet in _gcp().inputs("gcp:compute/subnetwork:Subnetwork").values()
        },
        {60},
    ),
    "ports of workloads and data open to the world": (_aws_firewall_open_to_all, _gcp_firewall_open_to_all, set()),
    "actions that a workload may take on its objects without a delete for good": (
        lambda: (
            "s3:DeleteObjectVersion"
            not in json.dumps(_aws().inputs("aws:iam/rolePolicy:RolePolicy")["scoring-api"]["policy"])
        ),
        lambda: (
            _gcp().inputs("gcp:storage/bucketIAMMember:BucketIAMMember")["scoring-api-models"]["role"]
            != "roles/storage.objectAdmin"
        ),
        True,
    ),
}


@pytest.mark.parametrize("promise", PROMISES)
def test_both_clouds_keep_the_promise(promise: str) -> None:
    on_aws, on_gcp, expected = PROMISES[promise]

    assert (on_aws(), on_gcp()) == (expected, expected)
