import re
from typing import Any

import pytest

from components.aws.web_acl import ScopedLimit, WebAcl, WebAclArgs
from tests.components.recording import TAGS, Recording, aws_tags, build, resolve

TOO_MANY = {
    "block": {"customResponse": {"responseCode": 429, "responseHeaders": [{"name": "retry-after", "value": "60"}]}}
}
PATH = [
    {"priority": 0, "type": "URL_DECODE"},
    {"priority": 1, "type": "NORMALIZE_PATH"},
    {"priority": 2, "type": "LOWERCASE"},
]
EVALUATE = ScopedLimit(
    name="testbed-evaluate", host="testbed.example.com", path="/api/Evaluate", requests_per_minute=10
)


def _args(**changes: Any) -> WebAclArgs:
    wanted: dict[str, Any] = {
        "scope": "REGIONAL",
        "log_bucket_arn": "arn:aws:s3:::aws-waf-logs-lender",
        "tags": TAGS,
    }
    return WebAclArgs(**wanted | changes)


def _web_acl(**changes: Any) -> Recording:
    return build(lambda: WebAcl("edge", _args(**changes)))


def _rules(**changes: Any) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = _web_acl(**changes).inputs("aws:wafv2/webAcl:WebAcl")["edge"]["rules"]
    return rules


def _named(name: str, priority: int, **parts: Any) -> dict[str, Any]:
    visible = {"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": True}
    return {"name": name, "priority": priority, "visibilityConfig": visible, **parts}


def _managed(name: str, priority: int, override: str = "none") -> dict[str, Any]:
    statement = {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS"}}
    return _named(name, priority, overrideAction={override: {}}, statement=statement)


def _rate(limit: int) -> dict[str, Any]:
    return {"aggregateKeyType": "IP", "evaluationWindowSec": 60, "limit": limit}


MANAGED = [
    _managed("AWSManagedRulesCommonRuleSet", 1),
    _managed("AWSManagedRulesKnownBadInputsRuleSet", 2),
    _managed("AWSManagedRulesSQLiRuleSet", 3),
    _managed("AWSManagedRulesAmazonIpReputationList", 4),
    _managed("AWSManagedRulesAnonymousIpList", 5, "count"),
]


def _everything() -> dict[str, Any]:
    return {
        "limits": [EVALUATE],
        "unlimited_addresses": ["198.51.100.0/28"],
        "countries": ["IE", "DE"],
        "large_body_paths": ["/v1/batch", "/v1/Upload"],
    }


def test_attacks_are_blocked_and_each_address_has_a_thousand_requests_a_minute() -> None:
    web_acl = _web_acl().inputs("aws:wafv2/webAcl:WebAcl")["edge"]

    assert web_acl == {
        "description": "What edge lets through",
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "rules": [
            *MANAGED,
            _named("requests-per-address", 6, action=TOO_MANY, statement={"rateBasedStatement": _rate(1000)}),
        ],
        "dataProtectionConfig": {
            "dataProtections": [
                {"action": "SUBSTITUTION", "field": {"fieldType": "SINGLE_HEADER", "fieldKeys": ["authorization"]}},
                {"action": "SUBSTITUTION", "field": {"fieldType": "SINGLE_COOKIE"}},
            ]
        },
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "metricName": "edge",
            "sampledRequestsEnabled": True,
        },
        "tags": aws_tags(),
    }


def test_who_is_not_counted_is_still_searched_for_attacks() -> None:
    names = [rule["name"] for rule in _rules(**_everything())]

    assert names == [
        *(rule["name"] for rule in MANAGED),
        "large-bodies",
        "unlimited-addresses",
        "countries",
        "testbed-evaluate",
        "requests-per-address",
    ]
    assert [rule["priority"] for rule in _rules(**_everything())] == list(range(1, 11))


def test_a_path_has_its_own_lower_limit_however_it_is_spelled() -> None:
    limited = next(rule for rule in _rules(**_everything()) if rule["name"] == "testbed-evaluate")

    assert limited == _named(
        "testbed-evaluate",
        9,
        action=TOO_MANY,
        statement={
            "rateBasedStatement": _rate(10)
            | {
                "scopeDownStatement": {
                    "andStatement": {
                        "statements": [
                            {
                                "byteMatchStatement": {
                                    "searchString": "testbed.example.com",
                                    "positionalConstraint": "STARTS_WITH",
                                    "fieldToMatch": {"singleHeader": {"name": "host"}},
                                    "textTransformations": [{"priority": 0, "type": "LOWERCASE"}],
                                }
                            },
                            {
                                "byteMatchStatement": {
                                    "searchString": "/api/evaluate",
                                    "positionalConstraint": "STARTS_WITH",
                                    "fieldToMatch": {"uriPath": {}},
                                    "textTransformations": PATH,
                                }
                            },
                        ]
                    }
                }
            }
        },
    )


def test_large_bodies_are_blocked_except_where_they_are_expected() -> None:
    rules = _rules(**_everything())

    assert rules[0]["overrideAction"] == {"none": {}}
    assert rules[0]["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"] == [
        {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    ]
    assert rules[5] == _named(
        "large-bodies",
        6,
        action={"block": {}},
        statement={
            "andStatement": {
                "statements": [
                    {
                        "labelMatchStatement": {
                            "scope": "LABEL",
                            "key": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
                        }
                    },
                    *(
                        {
                            "notStatement": {
                                "statement": {
                                    "byteMatchStatement": {
                                        "searchString": path,
                                        "positionalConstraint": "STARTS_WITH",
                                        "fieldToMatch": {"uriPath": {}},
                                        "textTransformations": PATH,
                                    }
                                }
                            }
                        }
                        for path in ("/v1/batch", "/v1/upload")
                    ),
                ]
            }
        },
    )


def test_lists_let_addresses_go_uncounted_and_keep_other_countries_out() -> None:
    recording = _web_acl(**_everything())
    rules = recording.inputs("aws:wafv2/webAcl:WebAcl")["edge"]["rules"]

    assert recording.inputs("aws:wafv2/ipSet:IpSet") == {
        "edge-unlimited": {
            "description": "Addresses whose requests are not counted",
            "scope": "REGIONAL",
            "ipAddressVersion": "IPV4",
            "addresses": ["198.51.100.0/28"],
            "tags": aws_tags(),
        }
    }
    assert rules[6:8] == [
        _named(
            "unlimited-addresses",
            7,
            action={"allow": {}},
            statement={"ipSetReferenceStatement": {"arn": "arn:edge-unlimited"}},
        ),
        _named(
            "countries",
            8,
            action={"block": {}},
            statement={"notStatement": {"statement": {"geoMatchStatement": {"countryCodes": ["IE", "DE"]}}}},
        ),
    ]


def test_every_request_is_logged_without_credentials() -> None:
    assert _web_acl().inputs("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration") == {
        "edge": {
            "resourceArn": "arn:edge",
            "logDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-lender"],
            "redactedFields": [{"singleHeader": {"name": "authorization"}}, {"singleHeader": {"name": "cookie"}}],
        }
    }


def test_the_firewall_of_distributions_is_made_where_cloudfront_looks_for_it() -> None:
    recording = _web_acl(scope="CLOUDFRONT", **_everything())
    made = [it for it in recording.resources if it.token.startswith("aws:wafv2/")]

    assert {it.token.split(":")[-1]: it.inputs.get("region") for it in made} == dict.fromkeys(
        ("IpSet", "WebAcl", "WebAclLoggingConfiguration"), "us-east-1"
    )
    assert {it.inputs["scope"] for it in made if "scope" in it.inputs} == {"CLOUDFRONT"}


def test_it_tells_its_arn() -> None:
    assert resolve(lambda: WebAcl("edge", _args()).arn) == "arn:edge"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scope": "GLOBAL"}, "scope: 'GLOBAL' is neither 'REGIONAL' nor 'CLOUDFRONT'"),
        (
            {"log_bucket_arn": "arn:aws:s3:::logs"},
            "log_bucket_arn: 'arn:aws:s3:::logs' is not the ARN of a bucket whose name begins with aws-waf-logs-",
        ),
        ({"requests_per_minute": 1001}, "requests_per_minute: 1001 is outside 10 to 1000"),
        ({"requests_per_minute": 9}, "requests_per_minute: 9 is outside 10 to 1000"),
        (
            {"limits": [ScopedLimit(name="a b", host="a", path="/", requests_per_minute=10)]},
            "limits: 'a b' is not 1 to 128 letters, digits, hyphens and underscores",
        ),
        (
            {"limits": [ScopedLimit(name="high", host="a", path="/", requests_per_minute=1000)]},
            "limits: high allows 1000 requests a minute, all requests together are held to 1000",
        ),
        (
            {"unlimited_addresses": ["0.0.0.0/0"]},
            "unlimited_addresses: '0.0.0.0/0' is not an IPv4 prefix such as 198.51.100.0/28, at the widest a /16",
        ),
        (
            {"unlimited_addresses": ["lender"]},
            "unlimited_addresses: 'lender' is not an IPv4 prefix such as 198.51.100.0/28, at the widest a /16",
        ),
        ({"countries": ["Ireland"]}, "countries: 'Ireland' is not a country's code of two capitals such as IE"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _args(**changes)
