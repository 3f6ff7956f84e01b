from typing import Any

import pytest

from components.gcp.postgres import Postgres, PostgresArgs
from components.windows import MaintenanceWindow, Weekday
from tests.components.recording import GCP, TAGS, Recording, build, gcp_labels, resolve

FLAGS = {
    "cloudsql.iam_authentication": "on",
    "cloudsql.enable_pgaudit": "on",
    "cloudsql.logical_decoding": "on",
    "log_checkpoints": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "log_temp_files": "0",
    "log_statement": "ddl",
    "log_min_messages": "warning",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "pgaudit.log": "ddl,role",
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
}


def _args(**changes: Any) -> PostgresArgs:
    wanted: dict[str, Any] = {
        "identifier": "lender-7f3a",
        "tier": "db-perf-optimized-N-2",
        "storage_gib": 100,
        "max_storage_gib": 500,
        "network": "projects/lender-staging/global/networks/lender",
        "key": "key",
        "tags": TAGS,
        **GCP,
    }
    return PostgresArgs(**wanted | changes)


def _postgres(**changes: Any) -> Recording:
    return build(lambda: Postgres("lender", _args(**changes)))


def _instance(**changes: Any) -> dict[str, Any]:
    return _postgres(**changes).inputs("gcp:sql/databaseInstance:DatabaseInstance")["lender"]


def test_the_instance_is_private_encrypted_recoverable_and_watched() -> None:
    assert _instance() == {
        "name": "lender-7f3a",
        "project": "lender-staging",
        "region": "europe-west3",
        "databaseVersion": "POSTGRES_16",
        "encryptionKeyName": "key",
        "deletionProtection": True,
        "settings": {
            "edition": "ENTERPRISE_PLUS",
            "tier": "db-perf-optimized-N-2",
            "availabilityType": "REGIONAL",
            "diskType": "PD_SSD",
            "diskSize": 100,
            "diskAutoresize": True,
            "diskAutoresizeLimit": 500,
            "deletionProtectionEnabled": True,
            "ipConfiguration": {
                "ipv4Enabled": False,
                "privateNetwork": "projects/lender-staging/global/networks/lender",
                "sslMode": "ENCRYPTED_ONLY",
            },
            "connectorEnforcement": "REQUIRED",
            "backupConfiguration": {
                "enabled": True,
                "startTime": "00:00",
                "location": "europe-west3",
                "pointInTimeRecoveryEnabled": True,
                "transactionLogRetentionDays": 35,
                "backupRetentionSettings": {"retainedBackups": 35, "retentionUnit": "COUNT"},
            },
            "retainBackupsOnDelete": True,
            "finalBackupConfig": {"enabled": True, "retentionDays": 90},
            "maintenanceWindow": {"day": 6, "hour": 22, "updateTrack": "stable"},
            "insightsConfig": {
                "queryInsightsEnabled": True,
                "recordApplicationTags": True,
                "recordClientAddress": True,
            },
            "databaseFlags": [{"name": name, "value": value} for name, value in FLAGS.items()],
            "userLabels": gcp_labels(),
        },
    }


def test_settings_change_size_and_promises_and_nothing_else() -> None:
    default = _instance()
    changed = _instance(
        edition="ENTERPRISE",
        tier="db-custom-2-7680",
        high_availability=False,
        recovery_days=7,
        protect=False,
        major_version=17,
        maintenance=MaintenanceWindow(day=Weekday.MONDAY, hour=20),
    )
    settings = default["settings"]

    assert changed == default | {
        "databaseVersion": "POSTGRES_17",
        "deletionProtection": False,
        "settings": settings
        | {
            "edition": "ENTERPRISE",
            "tier": "db-custom-2-7680",
            "availabilityType": "ZONAL",
            "deletionProtectionEnabled": False,
            "backupConfiguration": settings["backupConfiguration"]
            | {
                "transactionLogRetentionDays": 7,
                "backupRetentionSettings": {"retainedBackups": 7, "retentionUnit": "COUNT"},
            },
            "maintenanceWindow": {"day": 1, "hour": 20, "updateTrack": "stable"},
        },
    }


def test_clients_without_connectors_bring_a_certificate() -> None:
    default = _instance()
    settings = default["settings"]

    assert _instance(client_proof="certificate") == default | {
        "settings": settings
        | {
            "ipConfiguration": settings["ipConfiguration"] | {"sslMode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"},
            "connectorEnforcement": "NOT_REQUIRED",
        }
    }


@pytest.mark.parametrize(("client_proof", "port"), [("connector", 3307), ("certificate", 5432)])
def test_the_database_is_found_by_its_endpoint(client_proof: str, port: int) -> None:
    args = _args(client_proof=client_proof)

    assert resolve(lambda: Postgres("lender", args).endpoint) == f"10.64.160.3:{port}"


def test_a_disk_that_grew_is_left_alone() -> None:
    instance = _postgres().one("gcp:sql/databaseInstance:DatabaseInstance", "lender")

    assert instance.ignore_changes == ("settings.diskSize",)


def test_each_service_has_a_database_of_its_own() -> None:
    recording = _postgres(databases=["scoring", "mlflow"])

    assert recording.inputs("gcp:sql/database:Database") == {
        f"lender-{name}": {
            "name": name,
            "instance": "lender-7f3a",
            "project": "lender-staging",
            "charset": "UTF8",
            "collation": "en_US.UTF8",
        }
        for name in ("scoring", "mlflow")
    }


@pytest.mark.parametrize("protect", [True, False])
def test_data_is_destroyed_only_where_a_setting_allows_it(*, protect: bool) -> None:
    recording = _postgres(databases=["scoring"], protect=protect)

    assert {resource.name for resource in recording.resources if resource.protect} == (
        {"lender", "lender-scoring"} if protect else set()
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"identifier": "Lender"}, "identifier: 'Lender' is not 1 to 67 lower-case letters, digits and single inner"),
        ({"identifier": "a" * 68}, "identifier: 'aaaaa"),
        ({"edition": "FREE"}, "edition: 'FREE' is neither 'ENTERPRISE' nor 'ENTERPRISE_PLUS'"),
        (
            {"tier": "db-custom-2-7680"},
            (
                "tier: 'db-custom-2-7680' is no machine of edition ENTERPRISE_PLUS, whose names start with "
                "db-perf-optimized- or db-c4a-"
            ),
        ),
        ({"client_proof": "trust"}, "client_proof: 'trust' is neither 'connector' nor 'certificate'"),
        ({"storage_gib": 5}, "storage_gib: 5 is less than Cloud SQL's 10 GiB"),
        ({"max_storage_gib": 100}, "max_storage_gib: 100 leaves no room to grow above storage_gib, 100"),
        ({"major_version": 15}, "major_version: 15 is older than 16"),
        ({"recovery_days": 36}, "recovery_days: 36 is outside 1 to 35, what edition ENTERPRISE_PLUS offers"),
        (
            {"edition": "ENTERPRISE", "tier": "db-custom-2-7680", "recovery_days": 8},
            "recovery_days: 8 is outside 1 to 7, what edition ENTERPRISE offers",
        ),
        ({"databases": ["scoring", "scoring"]}, "databases: scoring, scoring names one twice"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value).startswith(message)
