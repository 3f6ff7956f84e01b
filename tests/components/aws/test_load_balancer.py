import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.load_balancer import (
    LoadBalancer,
    LoadBalancerArgs,
    idle_seconds,
    priorities_of,
    target_group_name,
)
from components.edge import PublicService, Route
from tests.components.recording import TAGS, Recording, aws_tags, build, resolve

API = PublicService(routes=(Route(host="app.example.com", path="/api"),), port=8000, health_path="/health")
FRONTEND = PublicService(
    routes=(Route(host="app.example.com"),), port=3000, health_path="/", protocol="HTTP", websocket_timeout_seconds=300
)
SERVICES = {"app-api": API, "app-frontend": FRONTEND}

SEGMENTS = st.sampled_from(["a", "b", "api", "v1"])
ROUTES = st.builds(
    lambda host, parts: Route(host=f"{host}.example.com", path="/" + "/".join(parts)),
    st.sampled_from(["a", "b", "c"]),
    st.lists(SEGMENTS, max_size=4),
)


def _args(**changes: Any) -> LoadBalancerArgs:
    wanted: dict[str, Any] = {
        "exposure": "internet",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "target_cidr_blocks": ["10.20.0.0/19", "10.20.32.0/19"],
        "services": SERVICES,
        "certificates": {"example.com": "arn:domain", "app.example.com": "arn:app"},
        "log_bucket": "lender-access-logs",
        "web_acl_arn": "arn:web-acl",
        "tags": TAGS,
    }
    return LoadBalancerArgs(**wanted | changes)


def _balancer(**changes: Any) -> Recording:
    return build(lambda: LoadBalancer("edge", _args(**changes)))


def _behind_a_cdn(**changes: Any) -> Recording:
    return _balancer(exposure="cdn", web_acl_arn=None, **changes)


def test_the_load_balancer_is_strict_protected_and_logged() -> None:
    balancer = _balancer().one("aws:lb/loadBalancer:LoadBalancer", "edge")

    assert balancer.protect
    assert balancer.inputs == {
        "loadBalancerType": "application",
        "internal": False,
        "ipAddressType": "ipv4",
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": ["edge-id"],
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "xffHeaderProcessingMode": "append",
        "enableHttp2": True,
        "enableWafFailOpen": False,
        "enableZonalShift": True,
        "idleTimeout": 300,
        "enableDeletionProtection": True,
        "accessLogs": {"bucket": "lender-access-logs", "enabled": True},
        "connectionLogs": {"bucket": "lender-access-logs", "enabled": True},
        "tags": aws_tags(),
    }


def test_behind_a_cdn_it_has_private_addresses_and_only_the_cdn_may_call() -> None:
    token = "aws:lb/loadBalancer:LoadBalancer"
    recording = _behind_a_cdn(protect=False)

    assert recording.inputs(token)["edge"] == _balancer().inputs(token)["edge"] | {
        "internal": True,
        "enableDeletionProtection": False,
    }
    assert not recording.one(token, "edge").protect
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        "edge-cdn": {
            "securityGroupId": "edge-id",
            "description": "Callers on port 443",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "prefixListId": "pl-of-com.amazonaws.global.cloudfront.origin-facing",
            "tags": aws_tags(),
        }
    }
    assert list(recording.inputs("aws:lb/listener:Listener")) == ["edge-https"]
    assert recording.inputs("aws:wafv2/webAclAssociation:WebAclAssociation") == {}


def test_the_internet_calls_by_https_and_pods_are_called_on_their_ports_only() -> None:
    recording = _balancer()
    rule = {"securityGroupId": "edge-id", "ipProtocol": "tcp", "tags": aws_tags()}

    assert recording.inputs("aws:ec2/securityGroup:SecurityGroup") == {
        "edge": {
            "description": "Load balancer edge",
            "vpcId": "vpc-1",
            "tags": aws_tags("edge") | {"tier": "edge"},
        }
    }
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        name: rule
        | {
            "description": f"Callers on port {port}",
            "fromPort": port,
            "toPort": port,
            "cidrIpv4": "0.0.0.0/0",
        }
        for name, port in {"edge-https": 443, "edge-http": 80}.items()
    }
    assert recording.inputs("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == {
        f"edge-to-{port}-{block.replace('/', '-')}": rule
        | {"description": f"Pods on port {port}", "fromPort": port, "toPort": port, "cidrIpv4": block}
        for port in (3000, 8000)
        for block in ("10.20.0.0/19", "10.20.32.0/19")
    }


def test_it_speaks_tls_1_3_only_and_sends_plain_http_there() -> None:
    recording = _balancer()

    assert recording.inputs("aws:lb/listener:Listener") == {
        "edge-https": {
            "loadBalancerArn": "arn:edge",
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
            "certificateArn": "arn:domain",
            "defaultActions": [
                {
                    "type": "fixed-response",
                    "fixedResponse": {
                        "statusCode": "404",
                        "contentType": "text/plain",
                        "messageBody": "Not found",
                    },
                }
            ],
            "routingHttpResponseServerEnabled": False,
            "routingHttpResponseStrictTransportSecurityHeaderValue": "max-age=31536000; includeSubDomains; preload",
            "routingHttpResponseXContentTypeOptionsHeaderValue": "nosniff",
            "routingHttpResponseXFrameOptionsHeaderValue": "DENY",
            "tags": aws_tags(),
        },
        "edge-http": {
            "loadBalancerArn": "arn:edge",
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": [
                {
                    "type": "redirect",
                    "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"},
                }
            ],
            "tags": aws_tags(),
        },
    }
    assert recording.inputs("aws:lb/listenerCertificate:ListenerCertificate") == {
        "edge-app.example.com": {"listenerArn": "arn:edge-https", "certificateArn": "arn:app"}
    }


def test_the_internet_comes_through_the_firewall() -> None:
    assert _balancer().inputs("aws:wafv2/webAclAssociation:WebAclAssociation") == {
        "edge": {"resourceArn": "arn:edge", "webAclArn": "arn:web-acl"}
    }


def test_each_service_has_a_target_group_for_its_pods() -> None:
    group = {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "loadBalancingAlgorithmType": "least_outstanding_requests",
        "deregistrationDelay": 30,
        "tags": aws_tags(),
    }
    health = {
        "enabled": True,
        "port": "traffic-port",
        "matcher": "200",
        "interval": 10,
        "timeout": 5,
        "healthyThreshold": 2,
        "unhealthyThreshold": 3,
    }

    assert _balancer().inputs("aws:lb/targetGroup:TargetGroup") == {
        "edge-app-api": group
        | {
            "name": target_group_name("edge", "app-api", API),
            "port": 8000,
            "protocol": "HTTPS",
            "healthCheck": health | {"protocol": "HTTPS", "path": "/health"},
        },
        "edge-app-frontend": group
        | {
            "name": target_group_name("edge", "app-frontend", FRONTEND),
            "port": 3000,
            "protocol": "HTTP",
            "healthCheck": health | {"protocol": "HTTP", "path": "/"},
        },
    }


def test_requests_go_to_the_service_of_their_host_and_path() -> None:
    rules = _balancer().inputs("aws:lb/listenerRule:ListenerRule")
    priorities = priorities_of([route for service in SERVICES.values() for route in service.routes])

    assert rules == {
        "edge-app.example.com/api": {
            "listenerArn": "arn:edge-https",
            "priority": priorities[API.routes[0]],
            "conditions": [
                {"hostHeader": {"values": ["app.example.com"]}},
                {"pathPattern": {"values": ["/api", "/api/*"]}},
            ],
            "actions": [{"type": "forward", "targetGroupArn": "arn:edge-app-api"}],
            "tags": aws_tags(),
        },
        "edge-app.example.com/": {
            "listenerArn": "arn:edge-https",
            "priority": priorities[FRONTEND.routes[0]],
            "conditions": [{"hostHeader": {"values": ["app.example.com"]}}],
            "actions": [{"type": "forward", "targetGroupArn": "arn:edge-app-frontend"}],
            "tags": aws_tags(),
        },
    }


def test_a_service_without_a_healthy_pod_rings_even_when_nothing_is_heard_at_all() -> None:
    assert _balancer(alarm_actions=["arn:on-call"]).inputs("aws:cloudwatch/metricAlarm:MetricAlarm") == {
        f"edge-{service}-down": {
            "alarmDescription": f"{service} has no healthy pod behind edge",
            "namespace": "AWS/ApplicationELB",
            "metricName": "HealthyHostCount",
            "dimensions": {"LoadBalancer": "app/edge", "TargetGroup": f"targetgroup/edge-{service}"},
            "statistic": "Maximum",
            "period": 60,
            "evaluationPeriods": 2,
            "comparisonOperator": "LessThanThreshold",
            "threshold": 1,
            "treatMissingData": "breaching",
            "alarmActions": ["arn:on-call"],
            "tags": aws_tags(),
        }
        for service in SERVICES
    }


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda balancer: balancer.arn, "arn:edge"),
        (lambda balancer: balancer.dns_name, "edge.elb.amazonaws.com"),
        (lambda balancer: balancer.zone_id, "ZONE-OF-BALANCERS"),
        (lambda balancer: balancer.security_group_id, "edge-id"),
        (lambda balancer: balancer.target_group_arns["app-api"], "arn:edge-app-api"),
        (lambda balancer: balancer.alarm_names["app-api"], "edge-app-api-down-0"),
    ],
)
def test_it_tells_where_it_is(read: Any, value: str) -> None:
    assert resolve(lambda: read(LoadBalancer("edge", _args()))) == value


@given(st.lists(ROUTES, unique=True, max_size=40))
def test_longer_paths_come_first_and_no_two_rules_share_a_place(routes: list[Route]) -> None:
    priorities = priorities_of(routes)

    assert set(priorities) == set(routes)
    assert len(set(priorities.values())) == len(routes)
    assert all(1 <= priority <= 50_000 for priority in priorities.values())
    for longer in routes:
        for shorter in routes:
            if longer.segments > shorter.segments:
                assert priorities[longer] < priorities[shorter]


def test_a_new_service_moves_no_rule_of_another() -> None:
    routes = [Route(host=f"service-{number}.example.com") for number in range(30)]
    before = priorities_of(routes)

    assert priorities_of([*routes, Route(host="a-new-one.example.com")]).items() >= before.items()


def test_rules_that_would_take_the_same_place_stand_side_by_side() -> None:
    # So many names for 10,000 places that some of them have to meet.
    routes = [Route(host=f"service-{number}.example.com") for number in range(1000)]

    assert len(set(priorities_of(routes).values())) == len(routes)


def test_a_target_group_that_has_to_be_replaced_gets_another_name() -> None:
    other_port = PublicService(routes=API.routes, port=8001, health_path="/health")
    other_protocol = PublicService(routes=API.routes, port=8000, health_path="/health", protocol="HTTP")
    other_path = PublicService(routes=API.routes, port=8000, health_path="/ready")
    long_name = "a-system-with-a-long-name-and-its-workload"

    assert target_group_name("edge", "app-api", API) == target_group_name("edge", "app-api", other_path)
    assert len({target_group_name("edge", "app-api", it) for it in (API, other_port, other_protocol)}) == 3
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])", target_group_name("edge", long_name, API))


def test_a_connection_may_be_silent_as_long_as_the_most_patient_websocket() -> None:
    assert idle_seconds({"api": API}) == 60
    assert idle_seconds(SERVICES) == 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exposure": "company"}, "exposure: 'company' is neither 'internet' nor 'cdn'"),
        (
            {"subnet_ids": ["subnet-1"]},
            "subnet_ids: 1 given, a load balancer asks for subnets in two zones or more",
        ),
        ({"target_cidr_blocks": []}, "target_cidr_blocks: none given, so no pod could be reached"),
        (
            {"web_acl_arn": None},
            "web_acl_arn: missing, the internet would reach services without a firewall",
        ),
        (
            {"exposure": "cdn"},
            "web_acl_arn: leave it out, what is behind a CDN has its firewall at the distribution",
        ),
        ({"services": {}}, "services: none given"),
        (
            {"services": {"App": API}},
            "services: 'App' is not 1 to 60 lower-case letters, digits and single inner hyphens",
        ),
        (
            {"certificates": {"example.com": "arn:domain"}},
            "certificates: none for app.example.com, a host of app-api",
        ),
        (
            {"services": {"app-api": API, "other": API}},
            "services: two of them have the route app.example.com/api",
        ),
        (
            {"certificates": {"app.example.com": "arn"} | {f"{n}.example.com": "arn" for n in range(26)}},
            "certificates: 27 given, a load balancer takes 26; AWS raises the quota on request",
        ),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _args(**changes)
