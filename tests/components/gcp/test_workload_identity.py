from typing import Any

import pytest

from components.gcp.workload_identity import WorkloadIdentity, WorkloadIdentityArgs, database_user
from tests.components.recording import GCP, TAGS, Recording, build, resolve

EMAIL = "scoring-api@lender-staging.iam.gserviceaccount.com"
MEMBER = f"serviceAccount:{EMAIL}"


def _args(**changes: Any) -> WorkloadIdentityArgs:
    wanted: dict[str, Any] = {
        "service_account_id": "scoring-api",
        "namespace": "scoring",
        "service_account": "api",
        "tags": TAGS,
        **GCP,
    }
    return WorkloadIdentityArgs(**wanted | changes)


def _identity(**changes: Any) -> Recording:
    return build(lambda: WorkloadIdentity("scoring-api", _args(**changes)))


def test_an_account_says_whose_it_is() -> None:
    assert _identity().inputs("gcp:serviceaccount/account:Account") == {
        "scoring-api": {
            "accountId": "scoring-api",
            "project": "lender-staging",
            "displayName": "api in namespace scoring",
            "description": "scoring, owned by risk-platform",
        }
    }


def test_only_the_services_own_pods_use_the_account() -> None:
    recording = _identity(workload_pool="lender-staging.svc.id.goog")

    assert recording.inputs("gcp:serviceaccount/iAMMember:IAMMember") == {
        "scoring-api-pods": {
            "serviceAccountId": "projects/lender-staging/serviceAccounts/scoring-api",
            "role": "roles/iam.workloadIdentityUser",
            "member": "serviceAccount:lender-staging.svc.id.goog[scoring/api]",
        }
    }


def test_nobody_uses_the_account_before_there_is_a_cluster() -> None:
    assert _identity().inputs("gcp:serviceaccount/iAMMember:IAMMember") == {}


def test_the_account_opens_the_services_own_objects() -> None:
    assert _identity(buckets={"models": "lender-models"}).inputs("gcp:storage/bucketIAMMember:BucketIAMMember") == {
        "scoring-api-models": {"bucket": "lender-models", "role": "roles/storage.objectUser", "member": MEMBER}
    }


def test_the_account_logs_in_to_the_one_instance_as_itself() -> None:
    recording = _identity(database_instance="lender-7f3a")
    only_this = {
        "title": "one-instance",
        "expression": "resource.name == 'projects/lender-staging/instances/lender-7f3a'"
        " && resource.service == 'sqladmin.googleapis.com'",
    }

    assert recording.inputs("gcp:projects/iAMMember:IAMMember") == {
        f"scoring-api-{role}": {
            "project": "lender-staging",
            "role": f"roles/{role}",
            "member": MEMBER,
            "condition": only_this,
        }
        for role in ("cloudsql.client", "cloudsql.instanceUser")
    }
    assert recording.inputs("gcp:sql/user:User") == {
        "scoring-api": {
            "project": "lender-staging",
            "instance": "lender-7f3a",
            "name": "scoring-api@lender-staging.iam",
            "type": "CLOUD_IAM_SERVICE_ACCOUNT",
            "deletionPolicy": "ABANDON",
        }
    }


def test_a_service_that_uses_nothing_may_do_nothing() -> None:
    assert [resource.token for resource in _identity().resources] == [
        "covenant:gcp:WorkloadIdentity",
        "gcp:serviceaccount/account:Account",
    ]


def test_the_account_is_known_by_its_address() -> None:
    assert resolve(lambda: WorkloadIdentity("scoring-api", _args()).reference) == EMAIL


def test_a_database_user_is_an_address_without_its_domain() -> None:
    assert database_user(EMAIL) == "scoring-api@lender-staging.iam"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"service_account_id": "api"},
            "service_account_id: 'api' is not 6 to 30 lower-case letters, digits and single",
        ),
        ({"service_account_id": "a" * 31}, "service_account_id: 'aaa"),
        ({"namespace": ""}, "namespace: empty, so that pods of any could use the account"),
        ({"service_account": ""}, "service_account: empty, so that pods of any could use the account"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value).startswith(message)
