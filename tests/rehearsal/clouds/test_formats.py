"""The formats of texts that the clouds ask for."""

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clouds.formats import FORMATS, cidr_block, duration, minutes, seconds

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(*statements, **rest):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **rest})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("arn", "arn:aws:s3:::lender-audit"),
        ("arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("arn", "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1a2b"),
        ("cidr_block", "10.0.0.0/16"),
        ("cidr_block", "0.0.0.0/0"),
        ("cidr_block", "2001:db8::/56"),
        ("cron", "*/5 2 * * 1-5"),
        ("daily_window", "23:30-00:30"),
        ("duration", "7776000s"),
        ("duration", "3.5s"),
        ("email", "on-call@example.com"),
        ("iam_policy", policy(STATEMENT)),
        ("iam_policy", json.dumps({"Statement": STATEMENT})),
        (
            "iam_policy",
            policy({"Effect": "Deny", "NotAction": "iam:*", "NotPrincipal": "*", "Condition": {}, "Sid": "a"}),
        ),
        ("json_document", "[1]"),
        ("schedule", "cron(0 2 ? * SUN *)"),
        ("schedule", "rate(6 hours)"),
        ("schedule", "at(2030-01-01T00:00:00)"),
        ("time_of_day", "02:00"),
        ("time_zone", "Etc/UTC"),
        ("weekly_window", "Sun:07:00-Sun:08:00"),
    ],
)
def test_right_texts_pass(name, text):
    assert FORMATS[name](text) is None


@pytest.mark.parametrize(
    ("name", "text", "flaw"),
    [
        ("arn", "key/1a2b", "is not an ARN such as `arn:aws:kms:eu-central-1:123456789012:key/…`"),
        (
            "arn",
            "arn:aws:kms:eu-central-1:12345:key/1",
            "is not an ARN such as `arn:aws:kms:eu-central-1:123456789012:key/…`",
        ),
        ("cidr_block", "10.0.0.0", "needs a prefix length, such as `10.0.0.0/32`"),
        ("cidr_block", "10.0.1.0/16", "has bits set beyond its prefix: the block is `10.0.0.0/16`"),
        ("cidr_block", "10.0.0.0/33", "is not a CIDR block such as `10.0.0.0/16`"),
        ("cron", "0 2 * *", "is not a cron schedule such as `0 2 * * *`"),
        ("daily_window", "3am-4am", "is not a daily window such as `03:00-04:00`"),
        ("duration", "90d", "is not a duration in seconds such as `86400s`"),
        ("email", "on-call", "is not an e-mail address"),
        ("iam_policy", "{", "is not JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ("iam_policy", "[]", "is not a policy: a policy is a JSON object"),
        ("iam_policy", "{}", "has no `Statement`"),
        (
            "iam_policy",
            policy(STATEMENT, Version="2024-01-01"),
            "has the policy version `2024-01-01`, which is none of `2012-10-17`, `2008-10-17`",
        ),
        ("iam_policy", policy("s3:*"), "has a flaw in statement 1: it is not a JSON object"),
        (
            "iam_policy",
            policy(STATEMENT, STATEMENT | {"Effect": "allow"}),
            "has a flaw in statement 2: `Effect` must be `Allow` or `Deny`",
        ),
        (
            "iam_policy",
            policy({"Effect": "Allow", "Resource": "*"}),
            "has a flaw in statement 1: one of `Action` and `NotAction` must be given",
        ),
        (
            "iam_policy",
            policy(STATEMENT | {"NotResource": "*"}),
            "has a flaw in statement 1: `Resource` and `NotResource` exclude each other",
        ),
        (
            "iam_policy",
            policy(STATEMENT | {"Principal": "*", "NotPrincipal": "*"}),
            "has a flaw in statement 1: `Principal` and `NotPrincipal` exclude each other",
        ),
        (
            "iam_policy",
            policy(STATEMENT | {"Resources": "*"}),
            "has a flaw in statement 1: `Resources` is not an element of a statement",
        ),
        ("json_document", '{"a" 1}', "is not JSON: Expecting ':' delimiter in line 1, column 6"),
        ("schedule", "cron(0 2 * * *)", "is not a schedule such as `cron(0 2 * * ? *)` or `rate(1 hour)`"),
        ("schedule", "rate(0 hours)", "is not a schedule such as `cron(0 2 * * ? *)` or `rate(1 hour)`"),
        ("time_of_day", "24:00", "is not a time of day such as `03:00`"),
        ("time_zone", "Mars/Olympus", "is not an IANA time zone such as `Etc/UTC`"),
        ("weekly_window", "sun-mon", "is not a weekly window such as `sun:07:00-sun:08:00`"),
    ],
)
def test_wrong_texts_are_refused_with_the_reason(name, text, flaw):
    assert FORMATS[name](text) == flaw


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_every_block_passes_once_its_host_bits_are_cleared(address, prefix):
    assert cidr_block(str(ipaddress.ip_network((address, prefix), strict=False))) is None


@given(st.integers(0, 10**10))
def test_whole_seconds_are_durations(length):
    assert duration(f"{length}s") is None
    assert seconds(f"{length}s") == length


def test_a_daily_window_covers_its_minutes_on_every_day_of_the_week():
    assert len(minutes("03:00-04:00")) == 7 * 60
    assert minutes("23:30-00:30") >= minutes("sun:23:30-mon:00:30")


def test_a_weekly_window_may_run_past_the_end_of_the_week():
    assert len(minutes("sun:23:00-mon:01:00")) == 120
    assert minutes("sun:23:00-mon:01:00") & minutes("00:30-01:30") == minutes("mon:00:30-mon:01:00")


def test_a_text_that_is_no_window_covers_nothing():
    assert minutes("later") == frozenset()
    assert minutes("sun:03:00-04:00") == frozenset()
