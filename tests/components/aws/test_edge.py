import re
from collections import Counter
from typing import Any

import pytest

from components.aws.edge import Edge, EdgeArgs, limits_of
from components.aws.web_acl import ScopedLimit
from components.edge import PublicService, RateLimit, Route
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

SCORING = PublicService(routes=(Route(host="scoring.example.com"),), port=8000, health_path="/health")
TESTBED_API = PublicService(
    routes=(Route(host="testbed.example.com", path="/api"),),
    port=8000,
    health_path="/api/health",
    rate_limits=(RateLimit(path="/api/evaluate", requests_per_minute=10),),
)
TESTBED_FRONTEND = PublicService(routes=(Route(host="testbed.example.com"),), port=3000, health_path="/")
WEBSITE = PublicService(routes=(Route(host="example.com"),), port=3000, health_path="/", cdn=True)
SERVICES = {
    "scoring-api": SCORING,
    "testbed-api": TESTBED_API,
    "testbed-frontend": TESTBED_FRONTEND,
    "website": WEBSITE,
}


def _args(**changes: Any) -> EdgeArgs:
    wanted: dict[str, Any] = {
        "vpc_id": "vpc-1",
        "public_subnet_ids": ["public-1", "public-2"],
        "private_subnet_ids": ["private-1", "private-2"],
        "private_cidr_blocks": ["10.20.0.0/19"],
        "domain": "example.com",
        "zone_id": "ZONE",
        "services": SERVICES,
        "log_bucket": "lender-access-logs",
        "waf_log_bucket_arn": "arn:aws:s3:::aws-waf-logs-lender",
        "cdn_log_bucket_arn": "arn:aws:s3:::lender-logs",
        "other_address": "34.120.0.1",
        "tags": TAGS,
        **AWS,
    }
    return EdgeArgs(**wanted | changes)


def _edge(**changes: Any) -> Recording:
    return build(lambda: Edge("edge", _args(**changes)))


def test_each_name_has_a_certificate_where_it_is_answered() -> None:
    certificates = _edge().inputs("aws:acm/certificate:Certificate")

    assert {(it["domainName"], it["region"]) for it in certificates.values()} == {
        ("example.com", "eu-west-1"),
        ("example.com", "us-east-1"),
        ("scoring.example.com", "eu-west-1"),
        ("testbed.example.com", "eu-west-1"),
    }
    assert len(certificates) == 4


def test_services_with_a_cdn_have_no_public_address() -> None:
    recording = _edge()
    balancers = recording.inputs("aws:lb/loadBalancer:LoadBalancer")

    assert {name: (it["internal"], it["subnets"]) for name, it in balancers.items()} == {
        "edge-public": (False, ["public-1", "public-2"]),
        "edge-cdn": (True, ["private-1", "private-2"]),
    }
    assert recording.inputs("aws:cloudfront/vpcOrigin:VpcOrigin")["edge-cdn"]["vpcOriginEndpointConfig"]["arn"] == (
        "arn:edge-cdn"
    )
    assert set(recording.inputs("aws:lb/targetGroup:TargetGroup")) == {
        "edge-public-scoring-api",
        "edge-public-testbed-api",
        "edge-public-testbed-frontend",
        "edge-cdn-website",
    }


def test_what_the_internet_reaches_stands_behind_a_firewall_of_its_kind() -> None:
    recording = _edge(
        requests_per_minute=600,
        unlimited_addresses=["198.51.100.0/28"],
        countries=["IE"],
        large_body_paths=["/v1/batch"],
    )
    web_acls = recording.inputs("aws:wafv2/webAcl:WebAcl")
    own = ["large-bodies", "unlimited-addresses", "countries"]

    assert {name: it["scope"] for name, it in web_acls.items()} == {
        "edge-public": "REGIONAL",
        "edge-cdn": "CLOUDFRONT",
    }
    assert {name: [rule["name"] for rule in it["rules"][5:]] for name, it in web_acls.items()} == {
        "edge-public": [*own, "testbed-api-testbed-example-com-api-evaluate", "requests-per-address"],
        "edge-cdn": [*own, "requests-per-address"],
    }
    assert {it["rules"][-1]["statement"]["rateBasedStatement"]["limit"] for it in web_acls.values()} == {600}
    assert recording.inputs("aws:wafv2/webAclAssociation:WebAclAssociation") == {
        "edge-public": {"resourceArn": "arn:edge-public", "webAclArn": "arn:edge-public"}
    }
    assert recording.inputs("aws:cloudfront/distribution:Distribution")["edge-cdn-example.com"]["webAclId"] == (
        "arn:edge-cdn"
    )


def test_each_name_points_to_where_its_services_are_and_to_the_other_cloud() -> None:
    records = _edge().inputs("aws:route53/record:Record")
    answers = {
        (it["name"], it["setIdentifier"]): it.get("records") or it["aliases"][0]["name"]
        for it in records.values()
        if "setIdentifier" in it
    }

    assert answers == {
        ("scoring.example.com", "aws"): "edge-public.elb.amazonaws.com",
        ("testbed.example.com", "aws"): "edge-public.elb.amazonaws.com",
        ("example.com", "aws"): "edge-cdn-example.com.cloudfront.net",
        **{(host, "gcp"): ["34.120.0.1"] for host in ("scoring.example.com", "testbed.example.com", "example.com")},
    }


def test_a_name_fails_over_when_any_service_behind_it_is_down() -> None:
    checks = _edge().inputs("aws:route53/healthCheck:HealthCheck")

    assert checks["edge-testbed.example.com"]["childHealthchecks"] == [
        "edge-testbed.example.com-testbed-api-id",
        "edge-testbed.example.com-testbed-frontend-id",
    ]
    assert checks["edge-scoring.example.com-scoring-api"]["cloudwatchAlarmName"] == "edge-public-scoring-api-down-0"


def test_paid_protection_covers_all_that_the_internet_reaches() -> None:
    assert _edge().inputs("aws:shield/protection:Protection") == {}
    assert _edge(shield_advanced=True).inputs("aws:shield/protection:Protection") == {
        name: {"name": name, "resourceArn": f"arn:{name}", "tags": aws_tags()}
        for name in ("edge-public", "edge-cdn-example.com")
    }


def test_nothing_is_made_for_a_cdn_that_no_service_has() -> None:
    tokens = Counter(it.token for it in _edge(services={"scoring-api": SCORING}).resources)

    assert {token: count for token, count in tokens.items() if token.startswith("covenant:")} == {
        "covenant:aws:Edge": 1,
        "covenant:aws:Certificate": 2,
        "covenant:aws:WebAcl": 1,
        "covenant:aws:LoadBalancer": 1,
        "covenant:aws:PublicName": 1,
    }


def test_nothing_public_is_made_for_services_that_all_have_a_cdn() -> None:
    recording = _edge(services={"website": WEBSITE})

    assert list(recording.inputs("aws:lb/loadBalancer:LoadBalancer")) == ["edge-cdn"]
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").keys() == {"edge-cdn-cdn"}


def test_a_limit_holds_on_each_host_of_its_service() -> None:
    service = PublicService(
        routes=(Route(host="a.example.com"), Route(host="b.example.com")),
        port=8000,
        health_path="/",
        rate_limits=(RateLimit(path="/api/v1.0~", requests_per_minute=10),),
    )

    assert limits_of({"api": service}) == [
        ScopedLimit(
            name=f"api-{host}-example-com-api-v1-0-",
            host=f"{host}.example.com",
            path="/api/v1.0~",
            requests_per_minute=10,
        )
        for host in ("a", "b")
    ]


def test_it_tells_what_the_cluster_binds_pods_to_and_who_calls_them() -> None:
    made: list[Edge] = []
    build(lambda: made.append(Edge("edge", _args())))

    assert made[0].hosts == ["scoring.example.com", "testbed.example.com", "example.com"]
    assert set(made[0].target_group_arns) == set(SERVICES)
    assert resolve(lambda: Edge("edge", _args()).target_group_arns["website"]) == "arn:edge-cdn-website"
    assert resolve(lambda: Edge("edge", _args()).security_group_ids[1]) == "edge-cdn-id"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account_id": "1"}, "account_id: '1' is not the twelve digits of an AWS account"),
        ({"services": {}}, "services: none given"),
        (
            {"domain": "lender.com"},
            "services[scoring-api]: the host scoring.example.com is not below lender.com",
        ),
        (
            {
                "services": {
                    "a": PublicService(routes=(Route(host="a.example.com"),), port=1, health_path="/", cdn=True),
                    "b": PublicService(routes=(Route(host="a.example.com", path="/b"),), port=1, health_path="/"),
                }
            },
            "services[b]: another service of a.example.com differs in cdn or preferred, but a name leads to one place",
        ),
        (
            {
                "other_address": None,
                "services": {
                    "a": PublicService(routes=(Route(host="a.example.com"),), port=1, health_path="/", preferred=False)
                },
            },
            "other_address: missing, a is answered by the other cloud first",
        ),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _args(**changes)
