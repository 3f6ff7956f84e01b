"""The value rules that the SDKs state in words."""

import pytest

from rehearsal.clouds.documented import Limits, choices_in, limits_in


@pytest.mark.parametrize(
    ("documentation", "choices"),
    [
        ("Tenancy. Valid values are `default`, `dedicated`, and `host`.", ("default", "dedicated", "host")),
        ("Valid values: `STANDARD`, `GLACIER`", ("STANDARD", "GLACIER")),
        ("Status of the rule. Valid values: `Enabled` | `Disabled`", ("Enabled", "Disabled")),
        ("Valid values are `MATCH` (default) and `NO_MATCH`.", ("MATCH", "NO_MATCH")),
        ("One of `OFF` or `ON`. Defaults to `OFF`.", ("OFF", "ON")),
        ('Must be one of: `"a"`, `"b"`.', ("a", "b")),
        ("The mode.\n        Valid values are `a`,\n        `b`.", ("a", "b")),
        # The Google provider's generator ends the text of every enum with its values, even if there is only one.
        ("Such as X, one of the following. Default is Y. Possible values are: `A`.", ("A",)),
        ("A list, for example of A. Each value may be one of: `A`, `B`.", ("A", "B")),
    ],
)
def test_a_closed_list_is_read(documentation, choices):
    assert choices_in(documentation) == choices


@pytest.mark.parametrize(
    "documentation",
    [
        "",
        "Name of the bucket.",
        "Valid values include `a` and `b`.",
        "Valid values are `a`, `b`, etc.",
        "Valid values are `a` and `b`. For example, `a`.",
        "Valid values are `sqs` and `sms`. Protocols `http` and `https` are also valid.",
        "For engine X, valid values are `a`, `b`.",
        "Valid values are `a`, `b` or an ARN.",
        "Valid values are `a`, `b`. Valid values for Y are `c`.",
        "Valid values are `a`, `b`. Default is `c`.",
        "Valid values are `rate(…)` and `cron(…)`.",
        "Valid values are `2XX`, `4XX`, or `5XX`.",
        "Valid values: `APPSYNC_JS`.",
        "Valid values are `mw1.small`, `mw1.medium`, `mw1.large`.",
        "Valid values are `9.4`, `10.4`.",
        "Valid values are `en-US`, `de-DE`.",
        "See [here](https://example.com) for valid values.",
        "Exactly one of `a` or `b` must be specified.",
    ],
)
def test_a_list_that_may_be_open_is_passed_over(documentation):
    assert choices_in(documentation) is None


@pytest.mark.parametrize(
    ("documentation", "limits"),
    [
        ("If you specify a value, it must be between `7` and `30`, inclusive. Defaults to `30`.", Limits(7, 30)),
        ("Must be between `7` and `30` days.", Limits(7, 30)),
        ("Visibility timeout. An integer from 0 to 43200 (12 hours). The default is 30.", Limits(0, 43200)),
        ("Time. Valid range: 2\N{EN DASH}60.", Limits(2, 60)),
        ("The range is 1-604800 seconds (7 days).", Limits(1, 604800)),
        ("An integer from 1024 bytes (1 KiB) up to 1048576 bytes (1024 KiB).", Limits(1024, 1048576)),
        ("Valid values are between `60` and `525600`", Limits(60, 525600)),
        ("Must be between 1 and 5,000.", Limits(1, 5000)),
        ("The value must be between 0.0 and 100.0 inclusive.", Limits(0, 100)),
        ("Ranges from `1` (default) to `10`.", Limits(1, 10)),
        ("Minimum value of `1`. Maximum value of `50`.", Limits(1, 50)),
        ("Must be at least `1`.", Limits(1, None)),
        ("Maximum value of 10.", Limits(None, 10)),
    ],
)
def test_a_range_is_read(documentation, limits):
    assert limits_in(documentation) == limits


@pytest.mark.parametrize(
    "documentation",
    [
        "",
        "Number of nodes.",
        "Valid values: `5` and `60`.",
        "The range is 30-900 seconds or 0 to disable.",
        "Valid range is 10 to 99. 0 disables the check.",
        "Must be between 2 and 5 if the class is not small, 1 otherwise.",
        "Must be between 1 and 5. Set to -1 for all.",
        "The range is 1 second to 1 week (604800 seconds).",
        "Must be between 2 and 5. Defaults to 1.",
        "For X, must be between 1 and 5. For Y the maximum is 9.",
        "Must be between 1 and 5. Must be between 3 and 9.",
    ],
)
def test_a_range_with_exceptions_is_passed_over(documentation):
    assert limits_in(documentation) is None


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(7, 30), "between 7 and 30"),
        (Limits(None, 0.5), "at most 0.5"),
        (Limits(10485760, None), "at least 10485760"),
    ],
)
def test_limits_say_what_they_are(limits, text):
    assert str(limits) == text


def test_both_ends_of_a_range_are_allowed():
    limits = Limits(7, 30)
    assert [limits.allow(number) for number in (6, 7, 30, 31)] == [False, True, True, False]
