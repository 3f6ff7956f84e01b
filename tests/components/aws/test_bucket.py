import json
from typing import Any

import pytest

from components.aws.bucket import Bucket, BucketArgs, LogSource
from components.retention import LockMode, RetentionClass
from tests.components.recording import AWS, TAGS, aws_tags, build, resolve

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
ARN = "arn:lender"
EVERYTHING = [ARN, f"{ARN}/*"]

DENIALS = [
    {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": EVERYTHING,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
    {
        "Sid": "DenyOldTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": EVERYTHING,
        "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    },
]
RIGHT_KEY = [
    {
        "Sid": "DenyOtherEncryption",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": [f"{ARN}/*"],
        "Condition": {
            "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
            "Null": {"s3:x-amz-server-side-encryption": "false"},
        },
    },
    {
        "Sid": "DenyOtherKeys",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": [f"{ARN}/*"],
        "Condition": {
            "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
            "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
        },
    },
]
FLOW_LOGS = [
    {
        "Sid": "TakeFlowLogs",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"{ARN}/AWSLogs/111122223333/*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333", "s3:x-amz-acl": "bucket-owner-full-control"},
            "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
        },
    },
    {
        "Sid": "LetDeliveryLook",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
        "Resource": [ARN],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
        },
    },
]
ACCESS_LOGS = {
    "Sid": "TakeAccessLogs",
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": ["s3:PutObject"],
    "Resource": [f"{ARN}/s3-access/*"],
    "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
}
SUPERSEDED = {
    "id": "superseded",
    "status": "Enabled",
    "filter": {},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    "noncurrentVersionExpiration": {"noncurrentDays": 35},
    "expiration": {"expiredObjectDeleteMarker": True},
}


def _args(**changes: Any) -> BucketArgs:
    wanted: dict[str, Any] = {
        "bucket_name": "lender-7f3a",
        "key": KEY,
        "retention": RetentionClass.LOGS,
        "tags": TAGS,
        **AWS,
    }
    return BucketArgs(**wanted | changes)


def _parts(args: BucketArgs) -> dict[str, dict[str, Any]]:
    """The inputs of all that a bucket is made of, by the type's short name and without the bucket's name."""
    parts = {
        resource.token.split(":")[-1]: {key: value for key, value in resource.inputs.items() if key != "bucket"}
        for resource in build(lambda: Bucket("lender", args)).resources
        if resource.token.startswith("aws:")
    }
    policy = parts["BucketPolicy"]
    return parts | {"BucketPolicy": policy | {"policy": json.loads(policy["policy"])}}


def _expected(retention: RetentionClass = RetentionClass.LOGS, **changes: Any) -> dict[str, Any]:
    return {
        "Bucket": {
            "forceDestroy": False,
            "objectLockEnabled": False,
            "tags": aws_tags(retention=retention),
        },
        "BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketPublicAccessBlock": {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "BucketServerSideEncryptionConfiguration": {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
                    "bucketKeyEnabled": True,
                    "blockedEncryptionTypes": ["SSE-C"],
                }
            ]
        },
        "BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "BucketLifecycleConfiguration": {
            "rules": [
                SUPERSEDED,
                {"id": "retention", "status": "Enabled", "filter": {}, "expiration": {"days": 365}},
            ]
        },
        "BucketPolicy": {"policy": {"Version": "2012-10-17", "Statement": [*DENIALS, *RIGHT_KEY]}},
    } | changes


def test_a_bucket_is_closed_encrypted_versioned_and_cleaned() -> None:
    assert _parts(_args()) == _expected()


def test_a_bucket_of_flow_logs_lets_their_delivery_in_and_nobody_else() -> None:
    assert _parts(_args(log_sources=frozenset({LogSource.VPC_FLOW}))) == _expected(
        BucketPolicy={"policy": {"Version": "2012-10-17", "Statement": [*DENIALS, *RIGHT_KEY, *FLOW_LOGS]}}
    )


def test_a_bucket_of_access_logs_is_encrypted_by_s3_itself() -> None:
    assert _parts(_args(key=None, log_sources=frozenset({LogSource.S3_ACCESS}))) == _expected(
        BucketServerSideEncryptionConfiguration={
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                    "bucketKeyEnabled": False,
                    "blockedEncryptionTypes": ["SSE-C"],
                }
            ]
        },
        BucketPolicy={"policy": {"Version": "2012-10-17", "Statement": [*DENIALS, ACCESS_LOGS]}},
    )


@pytest.mark.parametrize(("lock", "mode"), [(LockMode.GOVERNANCE, "GOVERNANCE"), (LockMode.COMPLIANCE, "COMPLIANCE")])
def test_an_audit_bucket_is_locked_for_as_long_as_it_keeps(lock: LockMode, mode: str) -> None:
    retention = RetentionClass.AUDIT

    assert _parts(_args(retention=retention, lock=lock, access_log_bucket="lender-access")) == _expected(
        retention=retention,
        Bucket={"forceDestroy": False, "objectLockEnabled": True, "tags": aws_tags(retention=retention)},
        BucketObjectLockConfiguration={"rule": {"defaultRetention": {"mode": mode, "days": 2557}}},
        BucketLifecycleConfiguration={
            "rules": [
                SUPERSEDED,
                {
                    "id": "retention",
                    "status": "Enabled",
                    "filter": {},
                    "expiration": {"days": 2557},
                    "transitions": [{"days": 90, "storageClass": "GLACIER_IR"}],
                },
            ]
        },
        BucketLogging={
            "targetBucket": "lender-access",
            "targetPrefix": "s3-access/",
            "targetObjectKeyFormat": {"partitionedPrefix": {"partitionDateSource": "EventTime"}},
        },
    )


def test_models_stay_until_their_owner_removes_them_and_keep_ten_versions() -> None:
    retention = RetentionClass.MODELS

    assert _parts(_args(retention=retention)) == _expected(
        retention=retention,
        BucketLifecycleConfiguration={
            "rules": [
                SUPERSEDED | {"noncurrentVersionExpiration": {"noncurrentDays": 35, "newerNoncurrentVersions": 10}}
            ]
        },
    )


@pytest.mark.parametrize("protect", [True, False])
def test_the_engine_destroys_a_bucket_only_where_a_setting_allows_it(*, protect: bool) -> None:
    recording = build(lambda: Bucket("lender", _args(protect=protect)))

    assert recording.one("aws:s3/bucket:Bucket", "lender").protect is protect


def test_objects_are_versioned_before_they_are_locked_or_expire() -> None:
    recording = build(lambda: Bucket("lender", _args(retention=RetentionClass.AUDIT, lock=LockMode.GOVERNANCE)))

    for token, name in (
        ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lender-lifecycle"),
        ("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "lender-lock"),
    ):
        assert recording.one(token, name).depends_on == {"lender", "lender-versioning"}


def test_a_bucket_is_handed_out_once_it_is_closed_encrypted_and_policed() -> None:
    def program() -> None:
        first = Bucket("lender", _args())
        Bucket("second", _args(bucket_name="second", access_log_bucket=first.name))

    dependent = build(program).one("aws:s3/bucketLogging:BucketLogging", "second-access-log")

    assert dependent.depends_on >= {"lender", "lender-public-access", "lender-encryption", "lender-policy"}


def test_a_bucket_is_found_by_name_arn_and_address() -> None:
    def outputs() -> Any:
        bucket = Bucket("lender", _args())
        return bucket.name.apply(
            lambda name: bucket.arn.apply(lambda arn: bucket.uri.apply(lambda uri: [name, arn, uri]))
        )

    assert resolve(outputs) == ["lender-7f3a", "arn:lender", "s3://lender-7f3a"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"bucket_name": "Lender"},
            "bucket_name: 'Lender' is not 3 to 63 lower-case letters, digits and inner hyphens",
        ),
        ({"bucket_name": "a.b.c"}, "bucket_name: 'a.b.c' is not 3 to 63 lower-case letters, digits and inner hyphens"),
        ({"key": None}, "key: missing; only a bucket that receives S3's access logs has no key"),
        (
            {"log_sources": frozenset({LogSource.S3_ACCESS})},
            "key: S3 delivers access logs to no bucket that KMS encrypts; leave it out",
        ),
        (
            {"key": None, "log_sources": frozenset({LogSource.S3_ACCESS}), "lock": LockMode.GOVERNANCE},
            "lock: S3 delivers access logs to no bucket with Object Lock; leave it out",
        ),
        (
            {"key": None, "log_sources": frozenset({LogSource.S3_ACCESS}), "access_log_bucket": "lender-7f3a"},
            "access_log_bucket: a bucket of access logs would log its own log; leave it out",
        ),
        (
            {"retention": RetentionClass.LIVE, "lock": LockMode.GOVERNANCE},
            (
                "retention: live sets no number of days; the classes that do are backup-full, backup-differential, "
                "backup-stream, backup-daily, backup-weekly, logs, audit, metrics"
            ),
        ),
        ({"account_id": "me"}, "account_id: 'me' is not the twelve digits of an AWS account"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value) == message
