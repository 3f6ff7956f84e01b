"""Entries of Secrets Manager: who may read them and when they are renewed. Their values are never here."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, document, rendered, statement
from components.checks import check_name
from components.purposes import DELETION_DAYS, ROTATION_DAYS
from components.tags import Tags

NOTICE_DAYS: Final = 60
"""Days between two notices to renew what only people can. Whoever does it within 30 days keeps every value younger
than ROTATION_DAYS, also one that was put in just after a notice."""

_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")


@dataclass(frozen=True, kw_only=True)
class SecretEntry:
    """A secret that somebody puts in by hand or that a function makes.

    Attributes:
        description: What it opens, and where a new one comes from.
        readers: ARNs of the roles that may read it; nobody else may, whatever IAM allows them.
        rotation_function_arn: The function that makes a new value; it has to be a reader. None for what somebody
            outside hands out, such as a key to their service: then a person renews it after a notice.

    Raises:
        ValueError: Nobody could read it.
    """

    description: str
    readers: Sequence[pulumi.Input[str]]
    rotation_function_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        if not self.description:
            raise ValueError("SecretEntry.description: empty, so that nobody would know how to renew it")
        if not self.readers:
            raise ValueError("SecretEntry.readers: none given, so nobody could read it")


@dataclass(frozen=True, kw_only=True)
class SecretEntriesArgs:
    """The entries and what they share.

    Attributes:
        entries: The entries by name.
        account_id: The account that they are in.
        region: The region that they are in.
        key: The ARN of the key that encrypts them.
        notice_topic_arn: The topic that tells people what to renew. It must let `events.amazonaws.com` send.
        tags: Tags of each entry; a tag `renewal` is added, `function` or `by-hand`.
        protect: Whether the engine refuses to destroy an entry.

    Raises:
        ValueError: No entry is given, or a name that Secrets Manager would refuse.
    """

    entries: Mapping[str, SecretEntry]
    account_id: str
    region: str
    key: pulumi.Input[str]
    notice_topic_arn: pulumi.Input[str]
    tags: Tags
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        if not self.entries:
            raise ValueError("entries: none given")
        for name in self.entries:
            check_name("entries", name, _NAME, "1 to 512 letters, digits and /_+=.@-")


class SecretEntries(pulumi.ComponentResource):
    """Entries without values, each readable by the roles that it names.

    Attributes:
        arns: The ARN of each entry, by name.

    Example:
        >>> entries = {"sentry-dsn": SecretEntry(description="Sentry, project scoring", readers=[role])}
        >>> args = SecretEntriesArgs(entries=entries, key=key, notice_topic_arn=topic.arn, tags=tags, **place)
        >>> arn: pulumi.Output[str] = SecretEntries("lender", args).arns["sentry-dsn"]
    """

    arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SecretEntriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:SecretEntries", name, None, opts)
        self.arns = {entry: self._entry(entry, meaning, args) for entry, meaning in args.entries.items()}
        by_hand = {
            entry: meaning.description
            for entry, meaning in args.entries.items()
            if meaning.rotation_function_arn is None
        }
        if by_hand:
            self._notices(name, by_hand, args)
        self.register_outputs({"arns": self.arns})

    def _entry(self, name: str, entry: SecretEntry, args: SecretEntriesArgs) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        by_hand = entry.rotation_function_arn is None
        secret = aws.secretsmanager.Secret(
            name,
            name=name,
            description=entry.description,
            kms_key_id=args.key,
            recovery_window_in_days=DELETION_DAYS,
            tags=args.tags.aws() | {"renewal": "by-hand" if by_hand else "function"},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.secretsmanager.SecretPolicy(
            name,
            secret_arn=secret.arn,
            policy=rendered(readers_policy(entry.readers)),
            block_public_policy=True,
            opts=child,
        )
        if entry.rotation_function_arn is not None:
            aws.secretsmanager.SecretRotation(
                name,
                secret_id=secret.id,
                rotation_lambda_arn=entry.rotation_function_arn,
                rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                    automatically_after_days=ROTATION_DAYS
                ),
                opts=child,
            )
        return secret.arn

    def _notices(self, name: str, by_hand: Mapping[str, str], args: SecretEntriesArgs) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{name}-renewal",
            description=f"Secrets of {name} that people renew are due",
            schedule_expression=f"rate({NOTICE_DAYS} days)",
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-renewal",
            rule=rule.name,
            arn=args.notice_topic_arn,
            input=json.dumps(notice(by_hand, args.account_id, args.region)),
            opts=pulumi.ResourceOptions(parent=self),
        )


def readers_policy(readers: Sequence[pulumi.Input[str]]) -> PolicyDocument:
    """That nobody reads an entry but its readers, whatever IAM allows them. The resource `*` is the entry itself."""
    return document(
        statement(
            "DenyOtherReaders",
            effect="Deny",
            principal="*",
            actions=["secretsmanager:GetSecretValue"],
            resources=["*"],
            # Documents.Condition knows lists of plain strings only.
            condition={"ArnNotEquals": {"aws:PrincipalArn": list(readers)}},  # pyright: ignore[reportArgumentType]
        )
    )


def notice(by_hand: Mapping[str, str], account_id: str, region: str) -> Mapping[str, object]:
    """What people are told: which entries are due and where a new value comes from. No value is in it."""
    return {
        "notice": f"Renew these secrets within {ROTATION_DAYS - NOTICE_DAYS} days",
        "account": account_id,
        "region": region,
        "entries": dict(by_hand),
    }
