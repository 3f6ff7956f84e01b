from typing import Any

import pytest

from components.gcp.bucket import Bucket, BucketArgs
from components.retention import LockMode, RetentionClass
from tests.components.recording import GCP, TAGS, build, gcp_labels, resolve

KEY = "projects/lender-staging/locations/europe-west3/keyRings/lender/cryptoKeys/objects"
UNFINISHED = {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 7}}
SUPERSEDED = {
    "action": {"type": "Delete"},
    "condition": {"withState": "ARCHIVED", "daysSinceNoncurrentTime": 35},
}


def _args(**changes: Any) -> BucketArgs:
    wanted: dict[str, Any] = {
        "bucket_name": "lender-7f3a",
        "key": KEY,
        "retention": RetentionClass.LOGS,
        "tags": TAGS,
        **GCP,
    }
    return BucketArgs(**wanted | changes)


def _bucket(**changes: Any) -> dict[str, Any]:
    return build(lambda: Bucket("lender", _args(**changes))).inputs("gcp:storage/bucket:Bucket")["lender"]


def _expected(retention: RetentionClass = RetentionClass.LOGS, **changes: Any) -> dict[str, Any]:
    return {
        "name": "lender-7f3a",
        "project": "lender-staging",
        "location": "europe-west3",
        "storageClass": "STANDARD",
        "forceDestroy": False,
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "encryption": {
            "defaultKmsKeyName": KEY,
            "googleManagedEncryptionEnforcementConfig": {"restrictionMode": "FullyRestricted"},
            "customerSuppliedEncryptionEnforcementConfig": {"restrictionMode": "FullyRestricted"},
        },
        "versioning": {"enabled": True},
        "softDeletePolicy": {"retentionDurationSeconds": 604800},
        "lifecycleRules": [
            UNFINISHED,
            SUPERSEDED,
            {"action": {"type": "Delete"}, "condition": {"age": 365, "withState": "LIVE"}},
        ],
        "labels": gcp_labels(retention),
    } | changes


def test_a_bucket_is_closed_encrypted_versioned_and_cleaned() -> None:
    assert _bucket() == _expected()


@pytest.mark.parametrize(("lock", "locked"), [(LockMode.GOVERNANCE, False), (LockMode.COMPLIANCE, True)])
def test_an_audit_bucket_is_locked_for_as_long_as_it_keeps(lock: LockMode, locked: bool) -> None:
    retention = RetentionClass.AUDIT

    assert _bucket(retention=retention, lock=lock, access_log_bucket="lender-access") == _expected(
        retention,
        versioning={"enabled": False},
        retentionPolicy={"retentionPeriod": "220924800", "isLocked": locked},
        lifecycleRules=[
            UNFINISHED,
            SUPERSEDED,
            {"action": {"type": "Delete"}, "condition": {"age": 2557, "withState": "LIVE"}},
            {
                "action": {"type": "SetStorageClass", "storageClass": "COLDLINE"},
                "condition": {"age": 90, "withState": "LIVE", "matchesStorageClasses": ["STANDARD"]},
            },
        ],
        logging={"logBucket": "lender-access", "logObjectPrefix": "gcs-access/lender"},
    )


def test_models_stay_until_their_owner_removes_them_and_keep_ten_versions() -> None:
    # The live version counts too.
    superseded = {**SUPERSEDED, "condition": SUPERSEDED["condition"] | {"numNewerVersions": 11}}

    assert _bucket(retention=RetentionClass.MODELS) == _expected(
        RetentionClass.MODELS, lifecycleRules=[UNFINISHED, superseded]
    )


def test_a_bucket_of_access_logs_lets_their_writer_in_and_nobody_else() -> None:
    recording = build(lambda: Bucket("lender", _args(receives_access_logs=True)))

    assert recording.inputs("gcp:storage/bucketIAMMember:BucketIAMMember") == {
        "lender-access-logs": {
            "bucket": "lender-7f3a",
            "role": "roles/storage.objectCreator",
            "member": "group:cloud-storage-analytics@google.com",
        }
    }
    assert build(lambda: Bucket("lender", _args())).inputs("gcp:storage/bucketIAMMember:BucketIAMMember") == {}


@pytest.mark.parametrize("protect", [True, False])
def test_the_engine_destroys_a_bucket_only_where_a_setting_allows_it(*, protect: bool) -> None:
    recording = build(lambda: Bucket("lender", _args(protect=protect)))

    assert recording.one("gcp:storage/bucket:Bucket", "lender").protect is protect


@pytest.mark.parametrize("receives_access_logs", [True, False])
def test_a_bucket_is_found_by_its_address(*, receives_access_logs: bool) -> None:
    args = _args(receives_access_logs=receives_access_logs)

    assert resolve(lambda: Bucket("lender", args).uri) == "gs://lender-7f3a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"bucket_name": "Lender"},
            "bucket_name: 'Lender' is not 3 to 63 lower-case letters, digits and inner hyphens",
        ),
        ({"bucket_name": "a.b.c"}, "bucket_name: 'a.b.c' is not 3 to 63 lower-case letters, digits and inner hyphens"),
        (
            {"receives_access_logs": True, "access_log_bucket": "lender-7f3a"},
            "access_log_bucket: a bucket of access logs would log its own log; leave it out",
        ),
        ({"retention": RetentionClass.LIVE, "lock": LockMode.GOVERNANCE}, "retention: live sets no number of days; "),
        ({"project": "x"}, "project: 'x' is not 6 to 30 lower-case letters, digits and hyphens, the first a letter"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value).startswith(message)
