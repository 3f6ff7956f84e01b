"""Encryption at rest: every store is encrypted with a key of our own, never with the provider's."""

from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_policy import Severity

from policies.controls import CIS_AWS, FSBP, GDPR, NIST_800_53, PCI_DSS, SOC2
from policies.expect import customer_key, equal, is_absent, on, one_of, present, while_known
from policies.probe import Missing, Unknown, holds, probe_each
from policies.resources import Resource, Stack
from policies.rule import (
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
    RDS_INSTANCE,
    S3_BUCKET,
    S3_BUCKET_V2,
    S3_BUCKETS,
)

_AWS_KEY: Final = "arn:aws:kms:eu-west-1:111122223333:key/5c0b8ecb-1f0b-4c4a-9d53-3f3f5f5b1c11"
_GCP_KEY: Final = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"


def _rds(resource: Resource) -> Iterator[Finding]:
    source = "replicateSourceDb" if resource.type == RDS_INSTANCE else "replicationSourceIdentifier"
    if not is_absent(resource.probe(source)) and is_absent(resource.probe("kmsKeyId")):
        yield NotApplicable("a replica without a key of its own is encrypted as its source is")
        return
    yield from equal(resource, "storageEncrypted", expected=True, default=False)
    yield from customer_key(resource, "kmsKeyId")


RDS_CMK = ResourceRule(
    name="rds-cmk",
    description="RDS databases are encrypted with a customer-managed KMS key.",
    severity=Severity.HIGH,
    controls=(
        *CIS_AWS.controls("3.2.1"),
        *FSBP.controls("RDS.3", "RDS.27"),
        *NIST_800_53.controls("SC-28(1)"),
        *PCI_DSS.controls("3.5.1"),
        *SOC2.controls("CC6.1"),
        *GDPR.controls("32(1)(a)"),
    ),
    types=frozenset({RDS_INSTANCE, RDS_CLUSTER}),
    remediation="Set storageEncrypted to true and kmsKeyId to the ARN of the database's KMS key.",
    check=_rds,
    compliant=(
        Example(RDS_INSTANCE, {"storageEncrypted": True, "kmsKeyId": _AWS_KEY}),
        Example(RDS_CLUSTER, {"storageEncrypted": True, "kmsKeyId": _AWS_KEY}),
    ),
    violating=(
        Example(RDS_INSTANCE, {"storageEncrypted": False, "kmsKeyId": _AWS_KEY}),
        Example(RDS_INSTANCE, {"kmsKeyId": _AWS_KEY}),
        Example(RDS_INSTANCE, {"storageEncrypted": True}),
        Example(
            RDS_CLUSTER,
            {
                "storageEncrypted": True,
                "kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:alias/aws/rds",
            },
        ),
    ),
    exempt=(
        Example(RDS_INSTANCE, {"replicateSourceDb": "primary"}),
        Example(RDS_CLUSTER, {"replicationSourceIdentifier": "arn:aws:rds:eu-west-1:111122223333:cluster:primary"}),
    ),
)


def _cloud_sql(resource: Resource) -> Iterator[Finding]:
    replica = not is_absent(resource.probe("masterInstanceName"))
    if replica and is_absent(resource.probe("encryptionKeyName")):
        yield NotApplicable("a replica without a key of its own is encrypted as its primary is")
        return
    yield from present(resource, "encryptionKeyName")


CLOUDSQL_CMEK = ResourceRule(
    name="cloudsql-cmek",
    description="Cloud SQL databases are encrypted with a customer-managed key.",
    severity=Severity.HIGH,
    controls=(*NIST_800_53.controls("SC-28(1)"), *PCI_DSS.controls("3.5.1"), *GDPR.controls("32")),
    types=frozenset({CLOUD_SQL}),
    remediation="Set encryptionKeyName to a Cloud KMS key in the database's region.",
    check=_cloud_sql,
    compliant=(Example(CLOUD_SQL, {"encryptionKeyName": _GCP_KEY}),),
    violating=(
        Example(CLOUD_SQL, {}),
        Example(CLOUD_SQL, {"encryptionKeyName": ""}),
    ),
    exempt=(Example(CLOUD_SQL, {"masterInstanceName": "primary"}),),
)


def _gcs(resource: Resource) -> Iterator[Finding]:
    yield from present(resource, "encryption.defaultKmsKeyName")


GCS_CMEK = ResourceRule(
    name="gcs-cmek",
    description="Cloud Storage buckets are encrypted with a customer-managed key.",
    severity=Severity.HIGH,
    controls=(*NIST_800_53.controls("SC-28(1)"), *PCI_DSS.controls("3.5.1")),
    types=frozenset({GCS_BUCKET}),
    remediation="Set encryption.defaultKmsKeyName to a Cloud KMS key in the bucket's location.",
    check=_gcs,
    compliant=(Example(GCS_BUCKET, {"encryption": {"defaultKmsKeyName": _GCP_KEY}}),),
    violating=(
        Example(GCS_BUCKET, {}),
        Example(GCS_BUCKET, {"encryption": {"defaultKmsKeyName": ""}}),
    ),
)

_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_ENCRYPTION_V2: Final = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"

# Where the rules of an encryption stand; the deprecated bucket holds lists of at most one.
_ENCRYPTION_RULES: Final = {
    S3_BUCKET: "serverSideEncryptionConfiguration.rule",
    S3_BUCKET_V2: "serverSideEncryptionConfigurations[].rules[]",
    _ENCRYPTION: "rules[]",
    _ENCRYPTION_V2: "rules[]",
}

# S3's own access log and the load balancers' are delivered to no bucket under a KMS key:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
_S3_ACCESS_LOGS: Final = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
_LOAD_BALANCERS: Final = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)

_KMS: Final = "aws:kms"
# It has no bucket keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html
_DOUBLE_KMS: Final = "aws:kms:dsse"


def _s3(bucket: Resource, stack: Stack) -> Iterator[Finding]:
    s3_logs = stack.companions(bucket, _S3_ACCESS_LOGS, "targetBucket")
    balancer_logs = stack.companions(bucket, _LOAD_BALANCERS, "accessLogs.bucket")
    if s3_logs.found or balancer_logs.found:
        yield NotApplicable("it receives access logs, which are delivered only under S3's own key")
        return
    separate = stack.companions(bucket, {_ENCRYPTION, _ENCRYPTION_V2}, "bucket")
    if separate.found:
        findings = [finding for one in separate.found for finding in on(one, _encryption(one))]
    else:
        findings = list(_inline_encryption(bucket))
    undecided = separate.undecided or s3_logs.undecided or balancer_logs.undecided
    yield from while_known(Unknown("bucket") if undecided else Missing("bucket"), findings)


def _inline_encryption(bucket: Resource) -> Iterator[Finding]:
    top = _ENCRYPTION_RULES[bucket.type].partition(".")[0].removesuffix("[]")
    if isinstance(bucket.probe_set(top), Missing):
        yield Violation(top, "is not set, and no BucketServerSideEncryptionConfiguration names the bucket")
    else:
        yield from _encryption(bucket)


def _encryption(resource: Resource) -> Iterator[Finding]:
    path = _ENCRYPTION_RULES[resource.type]
    rules = tuple(probe_each(resource.properties, path))
    if not rules:
        yield Violation(path, "is not set")
    for rule in rules:
        by_default = f"{rule.path}.applyServerSideEncryptionByDefault"
        if resource.type == S3_BUCKET_V2:
            by_default += "s[0]"
        algorithm = resource.probe(f"{by_default}.sseAlgorithm")
        yield from one_of(resource, f"{by_default}.sseAlgorithm", (_KMS, _DOUBLE_KMS))
        yield from customer_key(resource, f"{by_default}.kmsMasterKeyId")
        if not holds(algorithm, _DOUBLE_KMS):
            bucket_key = equal(resource, f"{rule.path}.bucketKeyEnabled", expected=True, default=False)
            yield from while_known(algorithm, bucket_key)


def _kms_rule(algorithm: str = _KMS, **changes: object) -> dict[str, object]:
    by_default = {"sseAlgorithm": algorithm, "kmsMasterKeyId": _AWS_KEY}
    return {"applyServerSideEncryptionByDefault": by_default, "bucketKeyEnabled": True} | changes


def _separate(*rules: object) -> tuple[Example, ...]:
    return (
        Example(S3_BUCKET, {"bucket": "data"}, name="data"),
        Example(_ENCRYPTION, {"bucket": Reference("data"), "rules": list(rules)}),
    )


def _log_bucket(delivery: str, target: Mapping[str, object]) -> tuple[Example, ...]:
    plain = _kms_rule(applyServerSideEncryptionByDefault={"sseAlgorithm": "AES256"})
    return (*_separate(plain), Example(delivery, target, name="delivery"))


def _inline_v2(by_default: Mapping[str, str], *, bucket_key: bool) -> tuple[Example, ...]:
    rule = {"applyServerSideEncryptionByDefaults": [by_default], "bucketKeyEnabled": bucket_key}
    return (Example(S3_BUCKET_V2, {"serverSideEncryptionConfigurations": [{"rules": [rule]}]}),)


S3_CMK = StackRule(
    name="s3-cmk",
    description="S3 buckets are encrypted with a customer-managed KMS key, through bucket keys.",
    severity=Severity.HIGH,
    controls=(
        *FSBP.controls("S3.17"),
        *NIST_800_53.controls("SC-28(1)"),
        *PCI_DSS.controls("3.5.1"),
        *GDPR.controls("32"),
    ),
    types=S3_BUCKETS,
    companions=frozenset({_ENCRYPTION, _ENCRYPTION_V2, *_S3_ACCESS_LOGS, *_LOAD_BALANCERS}),
    remediation="Give the bucket a BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms, kmsMasterKeyId"
    " and bucketKeyEnabled.",
    check=_s3,
    compliant=(
        _separate(_kms_rule()),
        _separate(_kms_rule(_DOUBLE_KMS, bucketKeyEnabled=False)),
        (
            Example(S3_BUCKET_V2, {"bucket": "old"}, name="old"),
            Example(_ENCRYPTION_V2, {"bucket": Reference("old"), "rules": [_kms_rule()]}),
        ),
        (Example(S3_BUCKET, {"serverSideEncryptionConfiguration": {"rule": _kms_rule()}}),),
        _inline_v2({"sseAlgorithm": _KMS, "kmsMasterKeyId": _AWS_KEY}, bucket_key=True),
    ),
    violating=(
        _separate(),
        _separate(_kms_rule(applyServerSideEncryptionByDefault={"sseAlgorithm": "AES256"})),
        _separate(_kms_rule(applyServerSideEncryptionByDefault={"sseAlgorithm": _KMS})),
        _separate(_kms_rule(bucketKeyEnabled=False)),
        (*_separate(_kms_rule()), Example(S3_BUCKET_V2, {"bucket": "other"}, name="other")),
        (Example(S3_BUCKET, {"serverSideEncryptionConfiguration": {"rule": {"bucketKeyEnabled": True}}}),),
        _inline_v2({"sseAlgorithm": "AES256"}, bucket_key=False),
    ),
    exempt=(
        *(_log_bucket(token, {"targetBucket": Reference("data")}) for token in _S3_ACCESS_LOGS),
        *(_log_bucket(token, {"accessLogs": {"bucket": Reference("data")}}) for token in _LOAD_BALANCERS),
    ),
)

_KEY_PROPERTY: Final = {
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
    "aws:cloudtrail/trail:Trail": "kmsKeyId",
    "aws:sqs/queue:Queue": "kmsMasterKeyId",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
}


def _logs_and_queues(resource: Resource) -> Iterator[Finding]:
    yield from customer_key(resource, _KEY_PROPERTY[resource.type])


LOGS_QUEUES_CMK = ResourceRule(
    name="logs-queues-cmk",
    description="Log groups, trails, queues and topics are encrypted with a customer-managed KMS key.",
    severity=Severity.MEDIUM,
    controls=(
        *CIS_AWS.controls("4.5"),
        *FSBP.controls("CloudTrail.2"),
        *PCI_DSS.controls("10.3.2"),
        *NIST_800_53.controls("AU-9(3)"),
    ),
    types=frozenset(_KEY_PROPERTY),
    remediation="Set kmsKeyId (kmsMasterKeyId on queues and topics) to a KMS key that the service may use.",
    check=_logs_and_queues,
    compliant=tuple(Example(token, {key: _AWS_KEY}) for token, key in _KEY_PROPERTY.items()),
    violating=(
        *(Example(token, {}) for token in _KEY_PROPERTY),
        Example("aws:sns/topic:Topic", {"kmsMasterKeyId": "alias/aws/sns"}),
    ),
)

RULES: Final = (RDS_CMK, CLOUDSQL_CMEK, GCS_CMEK, S3_CMK, LOGS_QUEUES_CMK)
