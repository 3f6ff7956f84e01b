import json

import pytest

from components.aws.keys import Keys, KeysArgs, key_policy
from components.purposes import SIGNING, KeyPurpose
from tests.components.recording import AWS, TAGS, aws_tags, build, resolve

ACCOUNT = {"AWS": "arn:aws:iam::111122223333:root"}
ENCRYPTION = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
ADMINISTER = {
    "Sid": "AdministerWithoutUsing",
    "Effect": "Allow",
    "Principal": ACCOUNT,
    "Action": [
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:DeleteAlias",
        "kms:DescribeKey",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListGrants",
        "kms:ListKeyPolicies",
        "kms:ListKeyRotations",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:ReplicateKey",
        "kms:RevokeGrant",
        "kms:RotateKeyOnDemand",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateAlias",
        "kms:UpdateKeyDescription",
    ],
    "Resource": ["*"],
}
SERVICES = {
    KeyPurpose.DATABASE: ["rds.eu-west-1.amazonaws.com"],
    KeyPurpose.CACHE: ["elasticache.eu-west-1.amazonaws.com"],
    KeyPurpose.OBJECTS: ["s3.eu-west-1.amazonaws.com"],
    KeyPurpose.AUDIT: ["s3.eu-west-1.amazonaws.com"],
    KeyPurpose.BACKUP: ["backup.eu-west-1.amazonaws.com", "rds.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"],
    KeyPurpose.LOGS: ["s3.eu-west-1.amazonaws.com"],
    KeyPurpose.SECRETS: ["rds.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"],
    KeyPurpose.CLUSTER: ["ec2.eu-west-1.amazonaws.com", "eks.eu-west-1.amazonaws.com"],
    KeyPurpose.MESSAGING: ["sns.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"],
}
LOGS = [
    {
        "Sid": "EncryptLogGroups",
        "Effect": "Allow",
        "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": ENCRYPTION,
        "Resource": ["*"],
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:*"}
        },
    },
    {
        "Sid": "EncryptDeliveredLogs",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ENCRYPTION,
        "Resource": ["*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
        },
    },
]


def _through(services: list[str]) -> list[dict[str, object]]:
    condition = {"kms:CallerAccount": "111122223333", "kms:ViaService": services}
    return [
        {
            "Sid": "UseThroughServices",
            "Effect": "Allow",
            "Principal": ACCOUNT,
            "Action": ENCRYPTION,
            "Resource": ["*"],
            "Condition": {"StringEquals": condition},
        },
        {
            "Sid": "LetServicesKeepUsing",
            "Effect": "Allow",
            "Principal": ACCOUNT,
            "Action": ["kms:CreateGrant"],
            "Resource": ["*"],
            "Condition": {"StringEquals": condition, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def _args(*purposes: KeyPurpose) -> KeysArgs:
    return KeysArgs(purposes=frozenset(purposes), tags=TAGS, **AWS)


@pytest.mark.parametrize("purpose", sorted(set(KeyPurpose) - SIGNING))
def test_a_key_is_used_through_its_services_only(purpose: KeyPurpose) -> None:
    assert key_policy(purpose, **AWS) == {
        "Version": "2012-10-17",
        "Statement": [
            ADMINISTER,
            *_through(SERVICES[purpose]),
            *(LOGS if purpose is KeyPurpose.LOGS else []),
        ],
    }


@pytest.mark.parametrize("purpose", sorted(SIGNING))
def test_a_key_pair_signs_with_one_algorithm_only(purpose: KeyPurpose) -> None:
    assert key_policy(purpose, **AWS) == {
        "Version": "2012-10-17",
        "Statement": [
            ADMINISTER,
            {
                "Sid": "SignAndVerify",
                "Effect": "Allow",
                "Principal": ACCOUNT,
                "Action": ["kms:Sign", "kms:Verify"],
                "Resource": ["*"],
                "Condition": {"StringEquals": {"kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}},
            },
        ],
    }


def _expected_key(purpose: KeyPurpose) -> dict[str, object]:
    kind: dict[str, object] = (
        {"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "RSA_3072", "enableKeyRotation": False}
        if purpose in SIGNING
        else {
            "keyUsage": "ENCRYPT_DECRYPT",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": True,
            "rotationPeriodInDays": 90,
        }
    )
    return {
        "description": f"lender: {purpose}",
        "deletionWindowInDays": 30,
        "multiRegion": purpose is KeyPurpose.BACKUP,
        "policy": key_policy(purpose, **AWS),
        "tags": aws_tags() | {"use": str(purpose)},
        **kind,
    }


@pytest.mark.parametrize("preview", [False, True])
def test_each_purpose_has_a_key_that_rotates_and_outlives_a_mistake(*, preview: bool) -> None:
    recording = build(lambda: Keys("lender", _args(*KeyPurpose)), preview=preview)
    keys = recording.inputs("aws:kms/key:Key")

    assert {name: key | {"policy": json.loads(key["policy"])} for name, key in keys.items()} == {
        f"lender-{purpose}": _expected_key(purpose) for purpose in KeyPurpose
    }
    assert all(recording.one("aws:kms/key:Key", name).protect for name in keys)


def test_aliases_tell_users_what_a_key_is_for() -> None:
    recording = build(lambda: Keys("lender", _args(KeyPurpose.LOGS, KeyPurpose.JWT_SIGNING)))

    assert recording.inputs("aws:kms/alias:Alias") == {
        "lender-jwt-signing": {"name": "alias/lender/jwt-signing", "targetKeyId": "lender-jwt-signing-key"},
        "lender-logs": {"name": "alias/lender/logs", "targetKeyId": "lender-logs-key"},
    }


def test_a_key_is_found_by_its_purpose() -> None:
    assert resolve(lambda: Keys("lender", _args(*KeyPurpose)).reference(KeyPurpose.CACHE)) == "arn:lender-cache"


def test_a_key_that_was_not_made_is_named() -> None:
    def program() -> None:
        Keys("lender", _args(KeyPurpose.LOGS, KeyPurpose.CACHE)).reference(KeyPurpose.AUDIT)

    with pytest.raises(ValueError, match=r"^KeysArgs\.purposes: no key for audit, there are keys for cache, logs$"):
        build(program)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"purposes": frozenset()},
            (
                "purposes: name at least one of database, cache, objects, audit, backup, logs, secrets, cluster, "
                "messaging, manifest-signing, jwt-signing"
            ),
        ),
        ({"account_id": "1111"}, "account_id: '1111' is not the twelve digits of an AWS account"),
        ({"region": "Ireland"}, "region: 'Ireland' is not an AWS region such as eu-west-1"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        KeysArgs(**{"purposes": frozenset({KeyPurpose.LOGS}), "tags": TAGS, **AWS, **changes})  # type: ignore[arg-type]

    assert str(error.value) == message
