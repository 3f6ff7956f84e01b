"""Buckets in Cloud Storage: closed, encrypted with the right key, versioned, kept as their class says."""

import re
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_gcp as gcp

from components.checks import check_name
from components.gcp.project import check_project
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

ACCESS_LOG_PREFIX: Final = "gcs-access/"

_DAY_SECONDS: Final = 86_400
_SOFT_DELETE_DAYS: Final = 7
"""Days that even what was removed for good can be brought back: the fewest that Google Cloud offers."""

# Without dots, which would make it a domain name whose ownership has to be proven.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
# The group as which Cloud Storage delivers access logs ("Usage logs & storage logs").
_ACCESS_LOG_WRITER: Final = "group:cloud-storage-analytics@google.com"


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """What a bucket holds and how it is kept.

    Attributes:
        bucket_name: The bucket's name, unique among all of Google Cloud.
        key: The resource name of the key that encrypts it.
        retention: How long objects live.
        tags: Labels of the bucket; the retention is added.
        project: The project that pays for it.
        region: The bucket's region, which is the key's.
        lock: Whether and how hard objects are locked for the days of the retention. Governance is a retention
            policy that can be changed; compliance locks the policy, which nobody can undo.
        receives_access_logs: Whether Cloud Storage may write other buckets' access logs into it.
        access_log_bucket: The name of the bucket that receives the log of each access to this one.
        protect: Whether the engine refuses to destroy it.

    Raises:
        ValueError: Two arguments contradict each other, or the bucket's name is not allowed.
    """

    bucket_name: pulumi.Input[str]
    key: pulumi.Input[str]
    retention: RetentionClass
    tags: Tags
    project: str
    region: str
    lock: LockMode | None = None
    receives_access_logs: bool = False
    access_log_bucket: pulumi.Input[str] | None = None
    protect: bool = True

    def __post_init__(self) -> None:
        check_project(self.project, self.region)
        check_name("bucket_name", self.bucket_name, _NAME, "3 to 63 lower-case letters, digits and inner hyphens")
        if self.lock is not None:
            days_of(self.retention)
        if self.receives_access_logs and self.access_log_bucket is not None:
            raise ValueError("access_log_bucket: a bucket of access logs would log its own log; leave it out")


class Bucket(pulumi.ComponentResource):
    """A bucket with all that belongs to it.

    Attributes:
        name: The bucket's name.
        uri: The bucket as `gs://…`.

    Example:
        >>> args = BucketArgs(
        ...     bucket_name="lender-models", key=key, retention=RetentionClass.MODELS, tags=tags, **place
        ... )
        >>> uri: pulumi.Output[str] = Bucket("models", args).uri
    """

    name: pulumi.Output[str]
    uri: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:Bucket", name, None, opts)
        bucket = gcp.storage.Bucket(
            name,
            name=args.bucket_name,
            project=args.project,
            location=args.region,
            storage_class="STANDARD",
            force_destroy=False,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            encryption=_encryption(args.key),
            # A retention policy refuses each overwriting and deletion; Google Cloud allows one of the two only
            # ("Bucket Lock", interaction with Object Versioning).
            versioning=gcp.storage.BucketVersioningArgs(enabled=args.lock is None),
            soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(
                retention_duration_seconds=_SOFT_DELETE_DAYS * _DAY_SECONDS
            ),
            retention_policy=None
            if args.lock is None
            else gcp.storage.BucketRetentionPolicyArgs(
                retention_period=str(days_of(args.retention) * _DAY_SECONDS),
                is_locked=args.lock is LockMode.COMPLIANCE,
            ),
            lifecycle_rules=lifecycle_rules(args.retention),
            logging=None
            if args.access_log_bucket is None
            else gcp.storage.BucketLoggingArgs(
                log_bucket=args.access_log_bucket, log_object_prefix=f"{ACCESS_LOG_PREFIX}{name}"
            ),
            labels=args.tags.with_(retention=args.retention).gcp(),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.name = bucket.name
        if args.receives_access_logs:
            writer = gcp.storage.BucketIAMMember(
                f"{name}-access-logs",
                bucket=bucket.name,
                role="roles/storage.objectCreator",
                member=_ACCESS_LOG_WRITER,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.name = after(bucket.name, writer)
        self.uri = pulumi.Output.concat("gs://", self.name)
        self.register_outputs({"name": self.name, "uri": self.uri})


def lifecycle_rules(retention: RetentionClass) -> list[gcp.storage.BucketLifecycleRuleArgs]:
    """The rules that remove a class's objects in time, and what was overwritten or never finished."""
    meaning = RETENTION[retention]
    superseded = gcp.storage.BucketLifecycleRuleConditionArgs(
        with_state="ARCHIVED",
        days_since_noncurrent_time=NONCURRENT_DAYS,
        num_newer_versions=None if meaning.newest_versions is None else meaning.newest_versions + 1,
    )
    rules = [
        _rule(
            "AbortIncompleteMultipartUpload",
            gcp.storage.BucketLifecycleRuleConditionArgs(age=ABORT_UPLOAD_DAYS),
        ),
        _rule("Delete", superseded),
    ]
    if meaning.days is not None:
        rules.append(_rule("Delete", gcp.storage.BucketLifecycleRuleConditionArgs(age=meaning.days, with_state="LIVE")))
    if meaning.cold_after_days is not None:
        rules.append(
            _rule(
                "SetStorageClass",
                gcp.storage.BucketLifecycleRuleConditionArgs(
                    age=meaning.cold_after_days, with_state="LIVE", matches_storage_classes=["STANDARD"]
                ),
                # Read in milliseconds like any other, billed for 90 days at least.
                storage_class="COLDLINE",
            )
        )
    return rules


def _rule(
    action: str, condition: gcp.storage.BucketLifecycleRuleConditionArgs, storage_class: str | None = None
) -> gcp.storage.BucketLifecycleRuleArgs:
    return gcp.storage.BucketLifecycleRuleArgs(
        action=gcp.storage.BucketLifecycleRuleActionArgs(type=action, storage_class=storage_class),
        condition=condition,
    )


def _encryption(key: pulumi.Input[str]) -> gcp.storage.BucketEncryptionArgs:
    """Objects are encrypted with the key; Google's own keys and keys that a caller brings are refused."""
    return gcp.storage.BucketEncryptionArgs(
        default_kms_key_name=key,
        google_managed_encryption_enforcement_config=gcp.storage.BucketEncryptionGoogleManagedEncryptionEnforcementConfigArgs(
            restriction_mode="FullyRestricted"
        ),
        customer_supplied_encryption_enforcement_config=gcp.storage.BucketEncryptionCustomerSuppliedEncryptionEnforcementConfigArgs(
            restriction_mode="FullyRestricted"
        ),
    )
