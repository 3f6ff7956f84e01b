import re
from typing import Any

import pytest

from components.aws.dns import Alias, Certificate, CertificateArgs, PublicName, PublicNameArgs
from tests.components.recording import TAGS, Recording, aws_tags, build, resolve

ALARM = {
    "type": "CLOUDWATCH_METRIC",
    "cloudwatchAlarmRegion": "eu-west-1",
    "insufficientDataHealthStatus": "Unhealthy",
}


def _certificate_args(**changes: Any) -> CertificateArgs:
    wanted: dict[str, Any] = {
        "host": "api.example.com",
        "zone_id": "ZONE",
        "regions": ["eu-west-1", "us-east-1"],
        "tags": TAGS,
    }
    return CertificateArgs(**wanted | changes)


def _name_args(**changes: Any) -> PublicNameArgs:
    wanted: dict[str, Any] = {
        "host": "api.example.com",
        "zone_id": "ZONE",
        "alias": Alias(dns_name="edge.elb.amazonaws.com", zone_id="ZONE-OF-BALANCERS"),
        "alarm_names": {"scoring-api": "scoring-api-down"},
        "region": "eu-west-1",
        "tags": TAGS,
    }
    return PublicNameArgs(**wanted | changes)


def _name(**changes: Any) -> Recording:
    return build(lambda: PublicName("api", _name_args(**changes)))


def test_a_name_has_a_certificate_where_it_is_answered_and_proves_itself_once() -> None:
    recording = build(lambda: Certificate("api", _certificate_args()))
    certificate = {
        "domainName": "api.example.com",
        "validationMethod": "DNS",
        "keyAlgorithm": "EC_prime256v1",
        "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
        "tags": aws_tags(),
    }

    assert recording.inputs("aws:acm/certificate:Certificate") == {
        "api-eu-west-1": certificate | {"region": "eu-west-1"},
        "api-us-east-1": certificate | {"region": "us-east-1"},
    }
    assert recording.inputs("aws:route53/record:Record") == {
        "api": {
            "zoneId": "ZONE",
            "name": "_proof.api.example.com",
            "type": "CNAME",
            "records": ["_value.acm-validations.aws"],
            "ttl": 300,
            "allowOverwrite": True,
        }
    }
    assert recording.inputs("aws:acm/certificateValidation:CertificateValidation") == {
        f"api-{region}": {
            "certificateArn": f"arn:api-{region}",
            "region": region,
            "validationRecordFqdns": ["_proof.api.example.com"],
        }
        for region in ("eu-west-1", "us-east-1")
    }


def test_a_certificate_is_handed_out_once_it_is_issued() -> None:
    recording = build(lambda: Certificate("api", _certificate_args()))

    assert resolve(lambda: Certificate("api", _certificate_args()).arns["us-east-1"]) == "arn:api-us-east-1"
    assert "api" in recording.one("aws:acm/certificateValidation:CertificateValidation", "api-us-east-1").depends_on


def test_the_other_cloud_steps_in_when_no_pod_is_healthy() -> None:
    recording = _name(other_address="34.120.0.1")

    assert recording.inputs("aws:route53/record:Record") == {
        "api-aws": {
            "zoneId": "ZONE",
            "name": "api.example.com",
            "type": "A",
            "aliases": [
                {"name": "edge.elb.amazonaws.com", "zoneId": "ZONE-OF-BALANCERS", "evaluateTargetHealth": False}
            ],
            "setIdentifier": "aws",
            "weightedRoutingPolicies": [{"weight": 1}],
            "healthCheckId": "api-scoring-api-id",
        },
        "api-gcp": {
            "zoneId": "ZONE",
            "name": "api.example.com",
            "type": "A",
            "records": ["34.120.0.1"],
            "ttl": 60,
            "setIdentifier": "gcp",
            "weightedRoutingPolicies": [{"weight": 0}],
            "healthCheckId": "api-gcp-id",
        },
    }
    assert recording.inputs("aws:route53/healthCheck:HealthCheck") == {
        "api-scoring-api": ALARM | {"cloudwatchAlarmName": "scoring-api-down", "tags": aws_tags("api-scoring-api")},
        "api-gcp": {
            "type": "TCP",
            "ipAddress": "34.120.0.1",
            "port": 443,
            "requestInterval": 30,
            "failureThreshold": 3,
            "tags": aws_tags("api-gcp"),
        },
    }


def test_a_service_that_is_at_home_in_the_other_cloud_is_answered_there() -> None:
    default = _name(other_address="34.120.0.1").inputs("aws:route53/record:Record")
    there = _name(other_address="34.120.0.1", preferred=False).inputs("aws:route53/record:Record")

    assert there == {
        "api-aws": default["api-aws"] | {"weightedRoutingPolicies": [{"weight": 0}]},
        "api-gcp": default["api-gcp"] | {"weightedRoutingPolicies": [{"weight": 1}]},
    }


def test_the_other_cloud_can_be_added_later_without_touching_the_first_record() -> None:
    alone = _name().inputs("aws:route53/record:Record")
    both = _name(other_address="34.120.0.1").inputs("aws:route53/record:Record")

    assert alone == {"api-aws": both["api-aws"]}


def test_a_name_is_as_healthy_as_the_worst_service_behind_it() -> None:
    recording = _name(alarm_names={"api": "api-down", "frontend": "frontend-down"})

    assert recording.inputs("aws:route53/healthCheck:HealthCheck") == {
        "api-api": ALARM | {"cloudwatchAlarmName": "api-down", "tags": aws_tags("api-api")},
        "api-frontend": ALARM | {"cloudwatchAlarmName": "frontend-down", "tags": aws_tags("api-frontend")},
        "api": {
            "type": "CALCULATED",
            "childHealthchecks": ["api-api-id", "api-frontend-id"],
            "childHealthThreshold": 2,
            "tags": aws_tags("api"),
        },
    }
    assert recording.inputs("aws:route53/record:Record")["api-aws"]["healthCheckId"] == "api-id"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _certificate_args(regions=[]), "regions: none given, name each region once"),
        (
            lambda: _certificate_args(regions=["eu-west-1", "eu-west-1"]),
            "regions: eu-west-1, eu-west-1 given, name each region once",
        ),
        (
            lambda: _name_args(alarm_names={}),
            "alarm_names: none given, so that nobody would notice that it is down",
        ),
        (
            lambda: _name_args(preferred=False),
            "other_address: missing, though the other cloud is preferred",
        ),
        (
            lambda: _name_args(other_address="10.0.0.1"),
            "other_address: '10.0.0.1' is not a public IPv4 address",
        ),
        (lambda: _name_args(other_address="gcp"), "other_address: 'gcp' is not a public IPv4 address"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()
