"""Network exposure: no store can be reached from the internet."""

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from policies.controls import CIS_AWS, CIS_GCP, PCI_DSS
from policies.expect import equal, is_absent, while_known
from policies.probe import Unknown, Value, holds
from policies.resources import Resource, Stack
from policies.rule import (
    CannotTellYet,
    Example,
    Finding,
    NotApplicable,
    Reference,
    ResourceRule,
    StackRule,
    Violation,
)
from policies.tokens import (
    CLOUD_SQL,
    GCS_BUCKET,
    RDS_CLUSTER,
    RDS_CLUSTER_INSTANCE,
    RDS_INSTANCE,
    S3_BUCKET,
    S3_BUCKET_V2,
    S3_BUCKETS,
)

_BUCKET_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_FLAGS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _blocked(block: Resource) -> Iterator[Finding]:
    for flag in _FLAGS:
        yield from equal(block, flag, expected=True, default=False)


_ALL_BLOCKED: Final[dict[str, bool]] = dict.fromkeys(_FLAGS, True)
_S3_CONTROLS: Final = CIS_AWS.controls("3.1.4")

S3_PUBLIC_ACCESS_BLOCK = ResourceRule(
    name="s3-public-access-block",
    description="A public access block closes all four ways of making an S3 bucket public.",
    severity=Severity.CRITICAL,
    controls=_S3_CONTROLS,
    types=frozenset({_BUCKET_BLOCK, _ACCOUNT_BLOCK}),
    remediation="Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true.",
    check=_blocked,
    compliant=(
        Example(_BUCKET_BLOCK, {"bucket": "b", **_ALL_BLOCKED}),
        Example(_ACCOUNT_BLOCK, _ALL_BLOCKED),
    ),
    violating=(
        *(Example(_BUCKET_BLOCK, {"bucket": "b", **_ALL_BLOCKED, flag: False}) for flag in _FLAGS),
        Example(_BUCKET_BLOCK, {"bucket": "b"}),
        Example(_ACCOUNT_BLOCK, {}),
    ),
)


def _block_attached(bucket: Resource, stack: Stack) -> Iterator[Finding]:
    own = stack.companions(bucket, {_BUCKET_BLOCK}, "bucket")
    blocks = [account for account in stack.of({_ACCOUNT_BLOCK}) if account.provider == bucket.provider]
    of_account = [tuple(_blocked(block)) for block in blocks]
    if own.found or () in of_account:
        return
    open_accounts = [any(isinstance(finding, Violation) for finding in findings) for findings in of_account]
    if own.undecided or not all(open_accounts):
        yield CannotTellYet("bucket")
    else:
        yield Violation("bucket", "is named by no BucketPublicAccessBlock, and its account has none that closes all")


S3_PUBLIC_ACCESS_BLOCK_ATTACHED = StackRule(
    name="s3-public-access-block-attached",
    description="Every S3 bucket has a public access block, its own or its account's.",
    severity=Severity.CRITICAL,
    controls=_S3_CONTROLS,
    types=S3_BUCKETS,
    companions=frozenset({_BUCKET_BLOCK, _ACCOUNT_BLOCK}),
    remediation="Add a BucketPublicAccessBlock for the bucket.",
    check=_block_attached,
    compliant=(
        (
            Example(S3_BUCKET, {"bucket": "data"}, name="data"),
            Example(_BUCKET_BLOCK, {"bucket": Reference("data"), **_ALL_BLOCKED}),
        ),
        (
            Example(S3_BUCKET_V2, {"bucket": "data"}, name="data"),
            Example(_ACCOUNT_BLOCK, _ALL_BLOCKED),
        ),
    ),
    violating=(
        (Example(S3_BUCKET, {"bucket": "data"}, name="data"),),
        (
            Example(S3_BUCKET, {"bucket": "data"}, name="data"),
            Example(S3_BUCKET_V2, {"bucket": "other"}, name="other"),
            Example(_BUCKET_BLOCK, {"bucket": Reference("data"), **_ALL_BLOCKED}),
        ),
    ),
)


def _gcs(bucket: Resource) -> Iterator[Finding]:
    yield from equal(bucket, "publicAccessPrevention", expected="enforced", default="inherited")
    yield from equal(bucket, "uniformBucketLevelAccess", expected=True, default=False)


GCS_NOT_PUBLIC = ResourceRule(
    name="gcs-not-public",
    description="Cloud Storage buckets can't be made public, and only IAM grants access to them.",
    severity=Severity.CRITICAL,
    controls=CIS_GCP.controls("5.1", "5.2"),
    types=frozenset({GCS_BUCKET}),
    remediation="Set publicAccessPrevention to enforced and uniformBucketLevelAccess to true.",
    check=_gcs,
    compliant=(
        Example(
            GCS_BUCKET,
            {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": True},
        ),
    ),
    violating=(
        Example(GCS_BUCKET, {"uniformBucketLevelAccess": True}),
        Example(GCS_BUCKET, {"publicAccessPrevention": "enforced"}),
        Example(
            GCS_BUCKET,
            {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": True},
        ),
    ),
)

_MULTI_AZ_CLUSTER_ENGINES: Final = ("mysql", "postgres")


def _rds_instance(instance: Resource) -> Iterator[Finding]:
    yield from equal(instance, "publiclyAccessible", expected=False, default=False)


def _rds_cluster(cluster: Resource) -> Iterator[Finding]:
    engine = cluster.probe("engine")
    if isinstance(engine, Value) and not holds(engine, *_MULTI_AZ_CLUSTER_ENGINES):
        yield NotApplicable("the cluster's instances say whether they are public")
        return
    # A Multi-AZ cluster without a subnet group is public: pulumi_aws.rds.Cluster.publicly_accessible.
    assumed = is_absent(cluster.probe("dbSubnetGroupName"))
    yield from while_known(engine, equal(cluster, "publiclyAccessible", expected=False, default=assumed))


def _cloud_sql(database: Resource) -> Iterator[Finding]:
    network = "settings.ipConfiguration"
    yield from equal(database, f"{network}.ipv4Enabled", expected=False, default=True)
    if is_absent(database.probe(f"{network}.privateNetwork")) and is_absent(database.probe(f"{network}.pscConfigs")):
        yield Violation(f"{network}.privateNetwork", "is not set, nor are pscConfigs: there is no private way in")
    authorized = database.probe(f"{network}.authorizedNetworks")
    if isinstance(authorized, Unknown):
        yield CannotTellYet(authorized.path)
    elif not is_absent(authorized):
        yield Violation(authorized.path, "must be empty: it lets in addresses from outside the network")


_DATABASES: Final = {
    RDS_INSTANCE: _rds_instance,
    RDS_CLUSTER: _rds_cluster,
    RDS_CLUSTER_INSTANCE: _rds_instance,
    CLOUD_SQL: _cloud_sql,
}


def _db_private(database: Resource) -> Iterator[Finding]:
    yield from _DATABASES[database.type](database)


def _ip_configuration(**configuration: object) -> dict[str, object]:
    private = {"ipv4Enabled": False, "privateNetwork": "projects/p/global/networks/n"}
    return {"settings": {"tier": "db-custom-2-8192", "ipConfiguration": private | configuration}}


DB_PRIVATE = ResourceRule(
    name="db-private",
    description="Databases have no public address.",
    severity=Severity.CRITICAL,
    controls=(*CIS_AWS.controls("3.2.3"), *CIS_GCP.controls("6.5", "6.7"), *PCI_DSS.controls("1.4.4")),
    types=frozenset(_DATABASES),
    remediation="RDS: set publiclyAccessible to false. Cloud SQL: set ipv4Enabled to false, privateNetwork or"
    " pscConfigs, and no authorizedNetworks.",
    check=_db_private,
    compliant=(
        Example(RDS_INSTANCE, {"engine": "postgres"}),
        Example(RDS_CLUSTER, {"engine": "postgres", "dbSubnetGroupName": "data"}),
        Example(RDS_CLUSTER_INSTANCE, {"publiclyAccessible": False}),
        Example(CLOUD_SQL, _ip_configuration()),
        Example(
            CLOUD_SQL,
            _ip_configuration(privateNetwork=None, pscConfigs=[{"pscEnabled": True}]),
        ),
    ),
    violating=(
        Example(RDS_INSTANCE, {"publiclyAccessible": True}),
        Example(RDS_CLUSTER, {"engine": "postgres"}),
        Example(RDS_CLUSTER_INSTANCE, {"publiclyAccessible": True}),
        Example(CLOUD_SQL, _ip_configuration(ipv4Enabled=True)),
        Example(CLOUD_SQL, _ip_configuration(privateNetwork=None)),
        Example(CLOUD_SQL, _ip_configuration(authorizedNetworks=[{"value": "203.0.113.0/24"}])),
        Example(CLOUD_SQL, {"settings": {"tier": "db-custom-2-8192"}}),
    ),
    exempt=(Example(RDS_CLUSTER, {"engine": "aurora-postgresql"}),),
)

RULES: Final = (S3_PUBLIC_ACCESS_BLOCK, S3_PUBLIC_ACCESS_BLOCK_ATTACHED, GCS_NOT_PUBLIC, DB_PRIVATE)
