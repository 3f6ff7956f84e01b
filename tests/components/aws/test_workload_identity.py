import json
from typing import Any

import pytest

from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from tests.components.recording import AWS, TAGS, aws_tags, build, resolve

BUCKET = "arn:aws:s3:::lender-models"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
LOGIN = "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABC/scoring"


def _args(**changes: Any) -> WorkloadIdentityArgs:
    wanted: dict[str, Any] = {
        "namespace": "scoring",
        "service_account": "api",
        "tags": TAGS,
        "database_login_arns": [LOGIN],
        "bucket_arns": [BUCKET],
        "key_arns": [KEY],
        **AWS,
    }
    return WorkloadIdentityArgs(**wanted | changes)


def test_only_the_services_own_pods_take_the_role_for_an_hour() -> None:
    role = build(lambda: WorkloadIdentity("scoring-api", _args())).one("aws:iam/role:Role", "scoring-api").inputs

    assert role | {"assumeRolePolicy": json.loads(role["assumeRolePolicy"])} == {
        "description": "api in namespace scoring",
        "maxSessionDuration": 3600,
        "tags": aws_tags(),
        "assumeRolePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RunAsServiceAccount",
                    "Effect": "Allow",
                    "Principal": {"Service": "pods.eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Condition": {
                        "StringEquals": {
                            "aws:SourceAccount": "111122223333",
                            "aws:RequestTag/kubernetes-namespace": "scoring",
                            "aws:RequestTag/kubernetes-service-account": "api",
                        }
                    },
                }
            ],
        },
    }


def test_the_role_opens_the_services_own_login_objects_and_key() -> None:
    recording = build(lambda: WorkloadIdentity("scoring-api", _args()))
    policy = recording.one("aws:iam/rolePolicy:RolePolicy", "scoring-api").inputs["policy"]

    assert json.loads(policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "LogIn", "Effect": "Allow", "Action": ["rds-db:connect"], "Resource": [LOGIN]},
            {
                "Sid": "FindObjects",
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
                "Resource": [BUCKET],
            },
            {
                "Sid": "UseObjects",
                "Effect": "Allow",
                "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                "Resource": [f"{BUCKET}/*"],
            },
            {
                "Sid": "UseKeysForObjects",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": [KEY],
                "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
            },
        ],
    }


def test_a_service_that_uses_nothing_may_do_nothing() -> None:
    recording = build(lambda: WorkloadIdentity("web", _args(database_login_arns=[], bucket_arns=[], key_arns=[])))

    assert recording.inputs("aws:iam/rolePolicy:RolePolicy") == {}


def test_the_role_is_what_a_cluster_associates() -> None:
    assert resolve(lambda: WorkloadIdentity("scoring-api", _args()).reference) == "arn:scoring-api"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"namespace": ""}, "namespace: empty, so that pods of any could take the role"),
        ({"service_account": ""}, "service_account: empty, so that pods of any could take the role"),
        ({"key_arns": []}, "key_arns: objects are read and written with their bucket's key; give both or neither"),
        ({"bucket_arns": []}, "key_arns: objects are read and written with their bucket's key; give both or neither"),
        ({"region": "mars"}, "region: 'mars' is not an AWS region such as eu-west-1"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value) == message
