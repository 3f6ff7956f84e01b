"""Retention: what must be kept is kept for its time, and isn't deleted by accident."""

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from policies.controls import CIS_GCP, FSBP, NIST_800_53, PCI_DSS
from policies.expect import at_least, equal
from policies.probe import Unknown, holds
from policies.resources import Resource
from policies.rule import CannotTellYet, Example, Finding, Parameters, ResourceRule, Violation
from policies.tokens import CLOUD_SQL, RDS_CLUSTER, RDS_INSTANCE

_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_LOG_BUCKET: Final = "gcp:logging/projectBucketConfig:ProjectBucketConfig"


class LogRetention(Parameters):
    """Checks that logs are kept for their time, and not for ever."""

    # PCI-DSS 4.0 10.5.1 asks for twelve months.
    days: int = Field(default=365, ge=1, description="Days that logs are kept at least.")
    # Seven years; CloudWatch offers it: pulumi_aws.cloudwatch.LogGroup.retention_in_days.
    audit_days: int = Field(
        default=2557, ge=1, description="Days that logs with the tag data-kind=audit are kept at least."
    )

    def __call__(self, logs: Resource) -> Iterator[Finding]:
        """Judges a log group or log bucket."""
        if logs.type == _LOG_BUCKET:
            # Unless told otherwise: pulumi_gcp.logging.ProjectBucketConfig.retention_days.
            yield from at_least(logs, "retentionDays", self.days, default=30)
            return
        kept = logs.probe("retentionInDays")
        if holds(kept, 0):
            yield Violation("retentionInDays", "is 0: the logs are kept for ever")
            return
        kind = logs.tag("data-kind")
        needed = self.audit_days if holds(kind, "audit") else self.days
        too_short = tuple(at_least(logs, "retentionInDays", needed))
        yield from too_short
        if not too_short and isinstance(kind, Unknown) and any(at_least(logs, "retentionInDays", self.audit_days)):
            yield CannotTellYet(kind.path)


LOG_RETENTION = ResourceRule(
    name="log-retention",
    description="Logs are kept for at least a year, audit logs for seven years, and none for ever.",
    severity=Severity.MEDIUM,
    controls=(*NIST_800_53.controls("AU-11"), *PCI_DSS.controls("10.5.1")),
    types=frozenset({_LOG_GROUP, _LOG_BUCKET}),
    remediation="Set retentionInDays (retentionDays on Google Cloud) to 365, or to 2557 for audit logs.",
    check=LogRetention(),
    compliant=(
        Example(_LOG_GROUP, {"retentionInDays": 365}),
        Example(_LOG_GROUP, {"retentionInDays": 2557, "tags": {"data-kind": "audit"}}),
        Example(_LOG_BUCKET, {"bucketId": "logs", "retentionDays": 365}),
    ),
    violating=(
        Example(_LOG_GROUP, {}),
        Example(_LOG_GROUP, {"retentionInDays": 0}),
        Example(_LOG_GROUP, {"retentionInDays": 180}),
        Example(_LOG_GROUP, {"retentionInDays": 2192, "tags": {"data-kind": "audit"}}),
        Example(_LOG_BUCKET, {"bucketId": "logs", "retentionDays": 30}),
        Example(_LOG_BUCKET, {"bucketId": "logs"}),
    ),
)


def _deletion_protection(database: Resource) -> Iterator[Finding]:
    if database.type == CLOUD_SQL:
        # The provider's guard is on by default, the cloud's isn't: pulumi_gcp.sql.DatabaseInstance.
        yield from equal(database, "deletionProtection", expected=True, default=True)
        yield from equal(database, "settings.deletionProtectionEnabled", expected=True, default=False)
    else:
        yield from equal(database, "deletionProtection", expected=True, default=False)


DELETION_PROTECTION = ResourceRule(
    name="deletion-protection",
    description="Databases can't be deleted by accident.",
    severity=Severity.HIGH,
    controls=(*FSBP.controls("RDS.7", "RDS.8"), *CIS_GCP.controls("6.9")),
    types=frozenset({RDS_INSTANCE, RDS_CLUSTER, CLOUD_SQL}),
    remediation="Set deletionProtection to true, and on Cloud SQL settings.deletionProtectionEnabled too.",
    check=_deletion_protection,
    compliant=(
        Example(RDS_INSTANCE, {"deletionProtection": True}),
        Example(RDS_CLUSTER, {"deletionProtection": True}),
        Example(CLOUD_SQL, {"settings": {"deletionProtectionEnabled": True}}),
    ),
    violating=(
        Example(RDS_INSTANCE, {}),
        Example(RDS_CLUSTER, {"deletionProtection": False}),
        Example(CLOUD_SQL, {"deletionProtection": True}),
        Example(
            CLOUD_SQL,
            {"deletionProtection": False, "settings": {"deletionProtectionEnabled": True}},
        ),
    ),
)

RULES: Final = (LOG_RETENTION, DELETION_PROTECTION)
