import json
import re
from typing import Any

import pytest

from components.aws.secrets import NOTICE_DAYS, SecretEntries, SecretEntriesArgs, SecretEntry
from components.purposes import ROTATION_DAYS
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

SENTRY = SecretEntry(description="Sentry, project scoring", readers=["arn:eso", "arn:break-glass"])
SESSIONS = SecretEntry(
    description="Signs sessions of the testbed",
    readers=["arn:eso", "arn:rotation-role"],
    rotation_function_arn="arn:rotation",
)


def _args(**changes: Any) -> SecretEntriesArgs:
    wanted: dict[str, Any] = {
        "entries": {"scoring-sentry-dsn": SENTRY, "testbed-sessions": SESSIONS},
        "key": "arn:secrets-key",
        "notice_topic_arn": "arn:on-call",
        "tags": TAGS,
        **AWS,
    }
    return SecretEntriesArgs(**wanted | changes)


def _secrets(**changes: Any) -> Recording:
    return build(lambda: SecretEntries("lender", _args(**changes)))


def test_entries_are_encrypted_recoverable_and_hold_no_value() -> None:
    recording = _secrets()
    common = {"kmsKeyId": "arn:secrets-key", "recoveryWindowInDays": 30}

    assert recording.inputs("aws:secretsmanager/secret:Secret") == {
        "scoring-sentry-dsn": common
        | {
            "name": "scoring-sentry-dsn",
            "description": "Sentry, project scoring",
            "tags": aws_tags() | {"renewal": "by-hand"},
        },
        "testbed-sessions": common
        | {
            "name": "testbed-sessions",
            "description": "Signs sessions of the testbed",
            "tags": aws_tags() | {"renewal": "function"},
        },
    }
    assert recording.one("aws:secretsmanager/secret:Secret", "testbed-sessions").protect
    assert "aws:secretsmanager/secretVersion:SecretVersion" not in {it.token for it in recording.resources}


def test_nobody_reads_an_entry_but_its_readers() -> None:
    policies = _secrets().inputs("aws:secretsmanager/secretPolicy:SecretPolicy")

    assert {
        name: (inputs["secretArn"], inputs["blockPublicPolicy"], json.loads(inputs["policy"]))
        for name, inputs in policies.items()
    } == {
        name: (
            f"arn:{name}",
            True,
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "DenyOtherReaders",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": ["secretsmanager:GetSecretValue"],
                        "Resource": ["*"],
                        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": readers}},
                    }
                ],
            },
        )
        for name, readers in {
            "scoring-sentry-dsn": ["arn:eso", "arn:break-glass"],
            "testbed-sessions": ["arn:eso", "arn:rotation-role"],
        }.items()
    }


def test_what_a_function_can_renew_is_rotated_in_time() -> None:
    assert _secrets().inputs("aws:secretsmanager/secretRotation:SecretRotation") == {
        "testbed-sessions": {
            "secretId": "testbed-sessions-id",
            "rotationLambdaArn": "arn:rotation",
            "rotationRules": {"automaticallyAfterDays": 90},
        }
    }


def test_people_are_told_what_only_they_can_renew_and_never_a_value() -> None:
    recording = _secrets()

    assert recording.inputs("aws:cloudwatch/eventRule:EventRule") == {
        "lender-renewal": {
            "description": "Secrets of lender that people renew are due",
            "scheduleExpression": "rate(60 days)",
            "tags": aws_tags(),
        }
    }
    target = recording.inputs("aws:cloudwatch/eventTarget:EventTarget")["lender-renewal"]
    assert target | {"input": json.loads(target["input"])} == {
        "rule": "lender-renewal-0",
        "arn": "arn:on-call",
        "input": {
            "notice": "Renew these secrets within 30 days",
            "account": "111122223333",
            "region": "eu-west-1",
            "entries": {"scoring-sentry-dsn": "Sentry, project scoring"},
        },
    }


@pytest.mark.parametrize("put_in_on_day", range(2 * NOTICE_DAYS))
def test_whoever_follows_each_notice_in_time_keeps_every_value_young(put_in_on_day: int) -> None:
    next_notice = (put_in_on_day // NOTICE_DAYS + 1) * NOTICE_DAYS
    latest_renewal = next_notice + (ROTATION_DAYS - NOTICE_DAYS)

    assert latest_renewal - put_in_on_day <= ROTATION_DAYS


def test_nobody_is_told_of_entries_that_functions_renew() -> None:
    recording = _secrets(entries={"testbed-sessions": SESSIONS})

    assert recording.inputs("aws:cloudwatch/eventRule:EventRule") == {}
    assert recording.inputs("aws:cloudwatch/eventTarget:EventTarget") == {}


def test_each_entry_tells_its_arn() -> None:
    assert resolve(lambda: SecretEntries("lender", _args()).arns["testbed-sessions"]) == "arn:testbed-sessions"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _args(entries={}), "entries: none given"),
        (
            lambda: _args(entries={"sentry dsn": SENTRY}),
            "entries: 'sentry dsn' is not 1 to 512 letters, digits and /_+=.@-",
        ),
        (lambda: _args(region="europe"), "region: 'europe' is not an AWS region such as eu-west-1"),
        (
            lambda: SecretEntry(description="", readers=["arn:eso"]),
            "SecretEntry.description: empty, so that nobody would know how to renew it",
        ),
        (
            lambda: SecretEntry(description="Sentry", readers=[]),
            "SecretEntry.readers: none given, so nobody could read it",
        ),
    ],
)
def test_a_wrong_argument_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()
