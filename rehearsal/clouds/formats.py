"""The formats of texts that the clouds' APIs ask for. Each function says what is wrong with a text, or nothing."""

import ipaddress
import itertools
import json
import re
import zoneinfo
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_WEEKDAY = rf"({'|'.join(_WEEKDAYS)})"
_POLICY_VERSIONS = ("2012-10-17", "2008-10-17")


def cidr_block(text: str) -> str | None:
    """An IPv4 or IPv6 block whose host bits are zero."""
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        return "is not a CIDR block such as `10.0.0.0/16`"
    if "/" not in text:
        return f"needs a prefix length, such as `{interface.network}`"
    if interface.network.network_address != interface.ip:
        return f"has bits set beyond its prefix: the block is `{interface.network}`"
    return None


def json_document(text: str) -> str | None:
    """A JSON document."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    return None


def iam_policy(text: str) -> str | None:
    """An IAM policy document: the elements that IAM's grammar of policies asks for."""
    if (flaw := json_document(text)) is not None:
        return flaw
    document = json.loads(text)
    if not isinstance(document, dict):
        return "is not a policy: a policy is a JSON object"
    version = document.get("Version", _POLICY_VERSIONS[-1])
    if version not in _POLICY_VERSIONS:
        return f"has the policy version `{version}`, which is none of `2012-10-17`, `2008-10-17`"
    statements = document.get("Statement")
    if statements is None:
        return "has no `Statement`"
    for number, statement in enumerate(statements if isinstance(statements, list) else [statements], start=1):
        if (flaw := _statement(statement)) is not None:
            return f"has a flaw in statement {number}: {flaw}"
    return None


def _statement(statement: Any) -> str | None:
    if not isinstance(statement, dict):
        return "it is not a JSON object"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return "`Effect` must be `Allow` or `Deny`"
    if ("Action" in statement) == ("NotAction" in statement):
        return "one of `Action` and `NotAction` must be given"
    if "Resource" in statement and "NotResource" in statement:
        return "`Resource` and `NotResource` exclude each other"
    if "Principal" in statement and "NotPrincipal" in statement:
        return "`Principal` and `NotPrincipal` exclude each other"
    unknown = statement.keys() - _STATEMENT_ELEMENTS
    return f"`{min(unknown)}` is not an element of a statement" if unknown else None


_STATEMENT_ELEMENTS = frozenset(
    f"{negation}{name}" for negation in ("", "Not") for name in ("Action", "Resource", "Principal")
) | {"Sid", "Effect", "Condition"}


def arn(text: str) -> str | None:
    """An Amazon Resource Name."""
    is_arn = re.fullmatch(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}|aws|cloudfront|)?:.+", text)
    return None if is_arn else "is not an ARN such as `arn:aws:kms:eu-central-1:123456789012:key/…`"


def time_zone(text: str) -> str | None:
    """A time zone of the IANA database."""
    return None if text in zoneinfo.available_timezones() else "is not an IANA time zone such as `Etc/UTC`"


def daily_window(text: str) -> str | None:
    """A window of a day in UTC, as RDS and ElastiCache write it."""
    return None if minutes(text) else "is not a daily window such as `03:00-04:00`"


def weekly_window(text: str) -> str | None:
    """A window of a week in UTC, as RDS and ElastiCache write it."""
    is_weekly = re.fullmatch(rf"{_WEEKDAY}:{_TIME}-{_WEEKDAY}:{_TIME}", text, re.IGNORECASE)
    return None if is_weekly else "is not a weekly window such as `sun:07:00-sun:08:00`"


def schedule(text: str) -> str | None:
    """A schedule expression of EventBridge and its kin: `cron` with six fields, `rate` or `at`."""
    if re.fullmatch(
        r"cron\(\s*\S+(\s+\S+){5}\s*\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\([\d-]{10}T[\d:]{8}\)", text
    ):
        return None
    return "is not a schedule such as `cron(0 2 * * ? *)` or `rate(1 hour)`"


def cron(text: str) -> str | None:
    """A schedule in the five fields of Unix cron."""
    return None if re.fullmatch(r"\S+(\s+\S+){4}", text) else "is not a cron schedule such as `0 2 * * *`"


def duration(text: str) -> str | None:
    """A duration as Google's APIs write it: seconds, with up to nine digits after the point."""
    return None if seconds(text) is not None else "is not a duration in seconds such as `86400s`"


def time_of_day(text: str) -> str | None:
    """A time of day in UTC."""
    return None if re.fullmatch(_TIME, text) else "is not a time of day such as `03:00`"


def email(text: str) -> str | None:
    """An e-mail address, as far as a pattern can tell."""
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else "is not an e-mail address"


def seconds(text: str) -> float | None:
    """Returns the length of one of Google's durations, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d{1,9})?)s", text)
    return float(match[1]) if match else None


def minutes(window: str) -> frozenset[int]:
    """Returns the minutes of the week that a daily or weekly window covers; none if it is no such window."""
    match = re.fullmatch(rf"(?:{_WEEKDAY}:)?{_TIME}-(?:{_WEEKDAY}:)?{_TIME}", window, re.IGNORECASE)
    if match is None or (match[1] is None) != (match[4] is None):
        return frozenset()
    begin, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (2, 5))
    if match[1] is None:
        length = (end - begin) % _DAY or _DAY
        return frozenset((day * _DAY + begin + i) % _WEEK for day, i in itertools.product(range(7), range(length)))
    begin += _WEEKDAYS.index(match[1].lower()) * _DAY
    end += _WEEKDAYS.index(match[4].lower()) * _DAY
    return frozenset((begin + i) % _WEEK for i in range((end - begin) % _WEEK or _WEEK))


FORMATS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "arn": arn,
        "cidr_block": cidr_block,
        "cron": cron,
        "daily_window": daily_window,
        "duration": duration,
        "email": email,
        "iam_policy": iam_policy,
        "json_document": json_document,
        "schedule": schedule,
        "time_of_day": time_of_day,
        "time_zone": time_zone,
        "weekly_window": weekly_window,
    }
)
