"""Customer-managed keys in KMS, one a purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, Statement, document, rendered, statement
from components.purposes import DELETION_DAYS, ROTATION_DAYS, SIGNING, KeyPurpose
from components.tags import Tags

SIGNING_ALGORITHM: Final = "RSASSA_PKCS1_V1_5_SHA_256"

_ADMINISTRATION: Final = (
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
)
_ENCRYPTION: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)

_SERVICES: Final[Mapping[KeyPurpose, tuple[str, ...]]] = MappingProxyType(
    {
        KeyPurpose.DATABASE: ("rds",),
        KeyPurpose.CACHE: ("elasticache",),
        KeyPurpose.OBJECTS: ("s3",),
        KeyPurpose.AUDIT: ("s3",),
        KeyPurpose.BACKUP: ("backup", "rds", "s3"),
        KeyPurpose.LOGS: ("s3",),
        # RDS makes and rotates the password of a database's first user as a secret of Secrets Manager.
        KeyPurpose.SECRETS: ("rds", "secretsmanager"),
        KeyPurpose.CLUSTER: ("ec2", "eks"),
        KeyPurpose.MESSAGING: ("sns", "sqs"),
    }
)
"""The services through which principals of the account use each symmetric key."""


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What the keys are for and where.

    Attributes:
        purposes: One key is made for each.
        account_id: The account whose IAM policies may let principals use and administer the keys.
        region: The region of the keys and of the services that use them.
        tags: Tags of each key; a tag `use` with the key's purpose is added.
        protect: Whether the engine refuses to destroy a key: what it encrypted would be lost with it.

    Raises:
        ValueError: No purpose is given, or the account or region is no such thing.
    """

    purposes: frozenset[KeyPurpose]
    account_id: str
    region: str
    tags: Tags
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        if not self.purposes:
            raise ValueError(f"purposes: name at least one of {', '.join(KeyPurpose)}")


class Keys(pulumi.ComponentResource):
    """One key for each purpose, with an alias `alias/<name>/<purpose>`.

    Example:
        >>> keys = Keys("lender", KeysArgs(purposes=frozenset({KeyPurpose.LOGS}), tags=tags, **place))
        >>> logs_key: pulumi.Output[str] = keys.reference(KeyPurpose.LOGS)
    """

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Keys", name, None, opts)
        keys = {purpose: self._key(name, purpose, args) for purpose in sorted(args.purposes)}
        for purpose, key in keys.items():
            aws.kms.Alias(
                f"{name}-{purpose}",
                name=f"alias/{name}/{purpose}",
                target_key_id=key.key_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self._arns = {purpose: key.arn for purpose, key in keys.items()}
        self.register_outputs({"arns": {str(purpose): arn for purpose, arn in self._arns.items()}})

    def reference(self, purpose: KeyPurpose) -> pulumi.Output[str]:
        """The ARN of the key for a purpose.

        Raises:
            ValueError: No key was made for it.
        """
        if purpose not in self._arns:
            raise ValueError(f"KeysArgs.purposes: no key for {purpose}, there are keys for {', '.join(self._arns)}")
        return self._arns[purpose]

    def _key(self, name: str, purpose: KeyPurpose, args: KeysArgs) -> aws.kms.Key:
        signing = purpose in SIGNING
        return aws.kms.Key(
            f"{name}-{purpose}",
            description=f"{name}: {purpose}",
            key_usage="SIGN_VERIFY" if signing else "ENCRYPT_DECRYPT",
            customer_master_key_spec="RSA_3072" if signing else "SYMMETRIC_DEFAULT",
            enable_key_rotation=not signing,
            rotation_period_in_days=None if signing else ROTATION_DAYS,
            deletion_window_in_days=DELETION_DAYS,
            # A backup is restored in another region with the same key. It can't be made so later without a new key.
            multi_region=purpose is KeyPurpose.BACKUP,
            policy=rendered(key_policy(purpose, account_id=args.account_id, region=args.region)),
            tags=args.tags.aws() | {"use": str(purpose)},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )


def key_policy(purpose: KeyPurpose, *, account_id: str, region: str) -> PolicyDocument:
    """Who may do what with the key for a purpose.

    The account stands for its IAM policies: a principal needs the permission there and here. Without it
    nobody could change the key again, not even to repair this policy. The resource `*` is the key itself, the
    only one that a key's policy speaks of.
    """
    account = {"AWS": f"arn:aws:iam::{account_id}:root"}
    administer = statement("AdministerWithoutUsing", principal=account, actions=_ADMINISTRATION, resources=["*"])
    if purpose in SIGNING:
        return document(administer, *_signing_statements(account))
    through_services: dict[str, str | list[str]] = {
        "kms:CallerAccount": account_id,
        "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in _SERVICES[purpose]],
    }
    return document(
        administer,
        statement(
            "UseThroughServices",
            principal=account,
            actions=_ENCRYPTION,
            resources=["*"],
            condition={"StringEquals": through_services},
        ),
        statement(
            "LetServicesKeepUsing",
            principal=account,
            actions=["kms:CreateGrant"],
            resources=["*"],
            condition={"StringEquals": through_services, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        *(_log_statements(account_id, region) if purpose is KeyPurpose.LOGS else ()),
    )


def _signing_statements(account: Mapping[str, str]) -> tuple[Statement, ...]:
    return (
        statement(
            "SignAndVerify",
            principal=account,
            actions=["kms:Sign", "kms:Verify"],
            resources=["*"],
            condition={"StringEquals": {"kms:SigningAlgorithm": SIGNING_ALGORITHM}},
        ),
    )


def _log_statements(account_id: str, region: str) -> tuple[Statement, ...]:
    return (
        statement(
            "EncryptLogGroups",
            principal={"Service": f"logs.{region}.amazonaws.com"},
            actions=_ENCRYPTION,
            resources=["*"],
            condition={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:log-group:*"}
            },
        ),
        statement(
            "EncryptDeliveredLogs",
            principal={"Service": "delivery.logs.amazonaws.com"},
            actions=_ENCRYPTION,
            resources=["*"],
            condition={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"},
            },
        ),
    )
