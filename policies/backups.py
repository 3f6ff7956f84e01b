"""Backups: a database can be taken back to any point in time."""

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from policies.controls import CIS_GCP, FSBP, GDPR, NIST_800_53, PCI_DSS
from policies.expect import at_least, equal, is_absent
from policies.resources import Resource
from policies.rule import Example, Finding, NotApplicable, Parameters, ResourceRule
from policies.tokens import CLOUD_SQL, RDS_CLUSTER, RDS_INSTANCE


class PointInTime(Parameters):
    """Checks how far back a database can be taken."""

    # 35 days are the most that RDS and Cloud SQL Enterprise Plus offer.
    minimum_days: int = Field(default=35, ge=1, le=35, description="Days that a database can be taken back at least.")

    def __call__(self, database: Resource) -> Iterator[Finding]:
        """Judges a database."""
        if database.type == CLOUD_SQL:
            yield from self._cloud_sql(database)
        elif database.type == RDS_CLUSTER:
            yield from at_least(database, "backupRetentionPeriod", self.minimum_days, default=1)
        elif is_absent(database.probe("replicateSourceDb")):
            yield from at_least(database, "backupRetentionPeriod", self.minimum_days, default=0)
        else:
            yield NotApplicable("a replica is restored from its source")

    def _cloud_sql(self, database: Resource) -> Iterator[Finding]:
        if not is_absent(database.probe("masterInstanceName")):
            yield NotApplicable("a replica is restored from its primary")
            return
        backups = "settings.backupConfiguration"
        yield from equal(database, f"{backups}.enabled", expected=True, default=False)
        yield from equal(database, f"{backups}.pointInTimeRecoveryEnabled", expected=True, default=False)
        # Both default to 7: https://cloud.google.com/sql/docs/postgres/backup-recovery/backups#default-backup-retention
        yield from at_least(database, f"{backups}.transactionLogRetentionDays", self.minimum_days, default=7)
        yield from at_least(
            database, f"{backups}.backupRetentionSettings.retainedBackups", self.minimum_days, default=7
        )


def _backups(**changes: object) -> dict[str, object]:
    configuration = {
        "enabled": True,
        "pointInTimeRecoveryEnabled": True,
        "transactionLogRetentionDays": 35,
        "backupRetentionSettings": {"retainedBackups": 35},
    }
    return {"settings": {"tier": "db-perf-optimized-N-2", "backupConfiguration": configuration | changes}}


RDS_PITR = ResourceRule(
    name="rds-pitr",
    description="RDS databases can be taken back to any point of the days that the stack asks for.",
    severity=Severity.HIGH,
    controls=(
        *FSBP.controls("RDS.11"),
        *NIST_800_53.controls("CP-9"),
        *PCI_DSS.controls("10.3.3"),
        *GDPR.controls("32(1)(c)"),
    ),
    types=frozenset({RDS_INSTANCE, RDS_CLUSTER}),
    remediation="Set backupRetentionPeriod to the days that the stack asks for: 35 unless configured.",
    check=PointInTime(),
    compliant=(
        Example(RDS_INSTANCE, {"backupRetentionPeriod": 35}),
        Example(RDS_CLUSTER, {"backupRetentionPeriod": 35}),
    ),
    violating=(
        Example(RDS_INSTANCE, {}),
        Example(RDS_INSTANCE, {"backupRetentionPeriod": 7}),
        Example(RDS_CLUSTER, {"backupRetentionPeriod": 1}),
    ),
    exempt=(Example(RDS_INSTANCE, {"replicateSourceDb": "primary"}),),
)

CLOUDSQL_PITR = ResourceRule(
    name="cloudsql-pitr",
    description="Cloud SQL databases can be taken back to any point of the days that the stack asks for.",
    severity=Severity.HIGH,
    controls=(*CIS_GCP.controls("6.8"), *NIST_800_53.controls("CP-9")),
    types=frozenset({CLOUD_SQL}),
    remediation="Set settings.backupConfiguration: enabled, pointInTimeRecoveryEnabled,"
    " transactionLogRetentionDays and backupRetentionSettings.retainedBackups. More than 7 days of logs"
    " take the edition ENTERPRISE_PLUS.",
    check=PointInTime(),
    compliant=(Example(CLOUD_SQL, _backups()),),
    violating=(
        Example(CLOUD_SQL, {"settings": {"tier": "db-custom-2-8192"}}),
        Example(CLOUD_SQL, _backups(enabled=False)),
        Example(CLOUD_SQL, _backups(pointInTimeRecoveryEnabled=False)),
        Example(CLOUD_SQL, _backups(transactionLogRetentionDays=7)),
        Example(CLOUD_SQL, _backups(backupRetentionSettings={"retainedBackups": 7})),
    ),
    exempt=(Example(CLOUD_SQL, {"masterInstanceName": "primary"}),),
)

RULES: Final = (RDS_PITR, CLOUDSQL_PITR)
