"""Buckets in S3: closed, encrypted with the right key, versioned, kept as long as their class says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, Statement, document, rendered, statement
from components.checks import check_name
from components.ordering import after
from components.retention import (
    ABORT_UPLOAD_DAYS,
    NONCURRENT_DAYS,
    RETENTION,
    LockMode,
    RetentionClass,
    days_of,
)
from components.tags import Tags

ACCESS_LOG_PREFIX: Final = "s3-access/"

# Without dots: they break the certificate of https://<bucket>.s3.<region>.amazonaws.com.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


class LogSource(StrEnum):
    """Services that write their logs into a bucket by themselves and must be let in by its policy."""

    VPC_FLOW = "vpc-flow"
    S3_ACCESS = "s3-access"


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """What a bucket holds and how it is kept.

    Attributes:
        bucket_name: The bucket's name, unique among all of AWS.
        key: The ARN of the key that encrypts it. Only a bucket that receives S3's access logs has none: S3
            delivers them to no bucket that KMS encrypts ("Enabling Amazon S3 server access logging").
        retention: How long objects live.
        tags: Tags of the bucket; the retention is added.
        account_id: The bucket's account, for which log services write.
        region: The bucket's region.
        lock: Whether and how hard objects are locked for the days of the retention; it can't be taken back
            from a bucket that has it.
        log_sources: Services that may write their logs into the bucket.
        access_log_bucket: The name of the bucket that receives the log of each access to this one.
        protect: Whether the engine refuses to destroy it.

    Raises:
        ValueError: Two arguments contradict each other, or the bucket's name is not allowed.
    """

    bucket_name: pulumi.Input[str]
    key: pulumi.Input[str] | None = None
    retention: RetentionClass
    tags: Tags
    account_id: str
    region: str
    lock: LockMode | None = None
    log_sources: frozenset[LogSource] = frozenset()
    access_log_bucket: pulumi.Input[str] | None = None
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name("bucket_name", self.bucket_name, _NAME, "3 to 63 lower-case letters, digits and inner hyphens")
        if self.lock is not None:
            days_of(self.retention)
        if LogSource.S3_ACCESS not in self.log_sources:
            if self.key is None:
                raise ValueError("key: missing; only a bucket that receives S3's access logs has no key")
            return
        if self.key is not None:
            raise ValueError("key: S3 delivers access logs to no bucket that KMS encrypts; leave it out")
        if self.lock is not None:
            raise ValueError("lock: S3 delivers access logs to no bucket with Object Lock; leave it out")
        if self.access_log_bucket is not None:
            raise ValueError("access_log_bucket: a bucket of access logs would log its own log; leave it out")


class Bucket(pulumi.ComponentResource):
    """A bucket with all that belongs to it.

    Attributes:
        name: The bucket's name. Like the others it is handed out once the bucket is closed, encrypted and
            policed, so that nothing is written earlier.
        arn: The bucket's ARN.
        uri: The bucket as `s3://…`.

    Example:
        >>> args = BucketArgs(
        ...     bucket_name="lender-models", key=key, retention=RetentionClass.MODELS, tags=tags, **place
        ... )
        >>> uri: pulumi.Output[str] = Bucket("models", args).uri
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    uri: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Bucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket_name,
            force_destroy=False,
            # A change of it means a new bucket.
            object_lock_enabled=args.lock is not None,
            tags=args.tags.with_(retention=args.retention).aws(),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=bucket.bucket, rules=[_encryption_rule(args.key)], opts=child
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        versioned = pulumi.ResourceOptions(parent=self, depends_on=[versioning])
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket.bucket, rules=lifecycle_rules(args.retention), opts=versioned
        )
        if args.lock is not None:
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.bucket,
                rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                    default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                        mode=args.lock.upper(), days=days_of(args.retention)
                    )
                ),
                opts=versioned,
            )
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=rendered(
                bucket_policy(
                    bucket_arn=bucket.arn,
                    key=args.key,
                    account_id=args.account_id,
                    region=args.region,
                    log_sources=args.log_sources,
                )
            ),
            # S3 answers two changes of a bucket's access at once with a conflict.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        if args.access_log_bucket is not None:
            aws.s3.BucketLogging(
                f"{name}-access-log",
                bucket=bucket.bucket,
                target_bucket=args.access_log_bucket,
                target_prefix=ACCESS_LOG_PREFIX,
                target_object_key_format=aws.s3.BucketLoggingTargetObjectKeyFormatArgs(
                    partitioned_prefix=aws.s3.BucketLoggingTargetObjectKeyFormatPartitionedPrefixArgs(
                        partition_date_source="EventTime"
                    )
                ),
                opts=child,
            )
        self.name = after(bucket.bucket, closed, encryption, policy)
        self.arn = after(bucket.arn, closed, encryption, policy)
        self.uri = pulumi.Output.concat("s3://", self.name)
        self.register_outputs({"name": self.name, "arn": self.arn, "uri": self.uri})


def lifecycle_rules(retention: RetentionClass) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """The rules that remove a class's objects in time, and what was overwritten or never finished."""
    meaning = RETENTION[retention]
    rules = [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="superseded",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
            abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=ABORT_UPLOAD_DAYS
            ),
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=NONCURRENT_DAYS, newer_noncurrent_versions=meaning.newest_versions
            ),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        )
    ]
    if meaning.days is not None:
        rules.append(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="retention",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=meaning.days),
                transitions=[
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                        # Read in milliseconds like any other, billed for 90 days at least.
                        days=meaning.cold_after_days,
                        storage_class="GLACIER_IR",
                    )
                ]
                if meaning.cold_after_days is not None
                else None,
            )
        )
    return rules


def bucket_policy(
    *,
    bucket_arn: pulumi.Input[str],
    key: pulumi.Input[str] | None,
    account_id: str,
    region: str,
    log_sources: frozenset[LogSource],
) -> PolicyDocument:
    """What nobody may do with a bucket, whatever IAM allows them, and which log services may write to it."""
    objects = pulumi.Output.concat(bucket_arn, "/*")
    everything = [bucket_arn, objects]
    own_account = {"aws:SourceAccount": account_id}
    statements = [
        statement(
            "DenyPlainHttp",
            effect="Deny",
            principal="*",
            actions=["s3:*"],
            resources=everything,
            condition={"Bool": {"aws:SecureTransport": "false"}},
        ),
        statement(
            "DenyOldTls",
            effect="Deny",
            principal="*",
            actions=["s3:*"],
            resources=everything,
            condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        ),
    ]
    if key is not None:
        statements += _right_key_statements(objects, key)
    if LogSource.VPC_FLOW in log_sources:
        statements += _flow_log_statements(bucket_arn, account_id, region)
    if LogSource.S3_ACCESS in log_sources:
        statements.append(
            statement(
                "TakeAccessLogs",
                principal={"Service": "logging.s3.amazonaws.com"},
                actions=["s3:PutObject"],
                resources=[pulumi.Output.concat(bucket_arn, f"/{ACCESS_LOG_PREFIX}*")],
                condition={"StringEquals": own_account},
            )
        )
    return document(*statements)


def _right_key_statements(objects: pulumi.Input[str], key: pulumi.Input[str]) -> list[Statement]:
    """A writer may leave the encryption to the bucket, or must ask for the bucket's own."""
    asked = {
        "DenyOtherEncryption": ("s3:x-amz-server-side-encryption", "aws:kms"),
        "DenyOtherKeys": ("s3:x-amz-server-side-encryption-aws-kms-key-id", key),
    }
    return [
        statement(
            sid,
            effect="Deny",
            principal="*",
            actions=["s3:PutObject"],
            resources=[objects],
            # A negated operator is true for a request that lacks the header: Null takes those out.
            condition={"StringNotEquals": {header: allowed}, "Null": {header: "false"}},
        )
        for sid, (header, allowed) in asked.items()
    ]


def _flow_log_statements(bucket_arn: pulumi.Input[str], account_id: str, region: str) -> list[Statement]:
    """What the delivery of flow logs asks for ("Amazon S3 bucket permissions for flow logs", Amazon VPC)."""
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    own_account: Mapping[str, pulumi.Input[str]] = {"aws:SourceAccount": account_id}
    own_logs = {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"}
    return [
        statement(
            "TakeFlowLogs",
            principal=delivery,
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/AWSLogs/{account_id}/*")],
            condition={
                "StringEquals": {**own_account, "s3:x-amz-acl": "bucket-owner-full-control"},
                "ArnLike": own_logs,
            },
        ),
        statement(
            "LetDeliveryLook",
            principal=delivery,
            actions=["s3:GetBucketAcl", "s3:ListBucket"],
            resources=[bucket_arn],
            condition={"StringEquals": own_account, "ArnLike": own_logs},
        ),
    ]


def _encryption_rule(
    key: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default(sse_algorithm="AES256")
        if key is None
        else by_default(sse_algorithm="aws:kms", kms_master_key_id=key),
        bucket_key_enabled=key is not None,
        # A key that the caller brings and AWS forgets can neither be audited nor rotated.
        blocked_encryption_types=["SSE-C"],
    )
