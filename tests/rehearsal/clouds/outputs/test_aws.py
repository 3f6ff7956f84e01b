"""AWS: the shapes that programs and policies take apart."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.names import automatic_inputs
from rehearsal.clouds.outputs import computed_outputs, resource_id

ContextOf = Callable[..., Context]
StateOf = Callable[..., dict[str, Any]]

HOST = r"[a-z0-9.-]+"


@pytest.fixture
def state_of(context_of: ContextOf) -> StateOf:
    """Returns a function that makes a resource of a type; its id stands in the state as `id`."""

    def make(token: str, inputs: dict[str, Any], **change: str) -> dict[str, Any]:
        context = context_of(token, **change)
        inputs = inputs | automatic_inputs(token, inputs, context)
        identifier = resource_id(token, inputs, context)
        return {"id": identifier, **computed_outputs(token, inputs, identifier, context)}

    return make


@pytest.mark.parametrize(
    ("token", "inputs", "pattern"),
    [
        ("aws:ec2/vpc:Vpc", {}, r"vpc-[0-9a-f]{17}"),
        ("aws:ec2/securityGroup:SecurityGroup", {}, r"sg-[0-9a-f]{17}"),
        ("aws:kms/key:Key", {}, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("aws:kms/key:Key", {"multiRegion": True}, r"mrk-[0-9a-f]{32}"),
        ("aws:kms/replicaKey:ReplicaKey", {"primaryKeyArn": "arn:aws:kms:x:1:key/mrk-1"}, r"mrk-1"),
        ("aws:rds/instance:Instance", {}, r"db-[A-Z2-7]{26}"),
        ("aws:rds/cluster:Cluster", {"engine": "aurora-postgresql"}, r"tf-20260101000000\d{4}[0-9a-f]{8}"),
        ("aws:iam/policy:Policy", {"name": "read", "path": "/risk/"}, r"arn:aws:iam::111122223333:policy/risk/read"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "arn:p"}, r"r/arn:p"),
        ("aws:sns/topic:Topic", {"name": "alerts"}, r"arn:aws:sns:eu-west-1:111122223333:alerts"),
        ("aws:sqs/queue:Queue", {"name": "jobs"}, r"https://sqs\.eu-west-1\.amazonaws\.com/111122223333/jobs"),
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b"}, r"b"),
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b", "expectedBucketOwner": "1"}, r"b,1"),
        ("aws:cloudwatch/eventRule:EventRule", {"name": "spot", "eventBusName": "default"}, r"spot"),
        ("aws:cloudwatch/eventRule:EventRule", {"name": "spot", "eventBusName": "risk"}, r"risk/spot"),
        ("aws:eks/addon:Addon", {"clusterName": "main", "addonName": "vpc-cni"}, r"main:vpc-cni"),
        ("aws:eks/podIdentityAssociation:PodIdentityAssociation", {"clusterName": "main"}, r"a-[a-z0-9]{17}"),
        (
            "aws:route53/record:Record",
            {"zoneId": "Z1", "name": "API.example.com", "type": "A", "setIdentifier": "aws"},
            r"Z1_api\.example\.com_A_aws",
        ),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            {"url": "https://token.actions.githubusercontent.com"},
            r"arn:aws:iam::111122223333:oidc-provider/token\.actions\.githubusercontent\.com",
        ),
        (
            "aws:secretsmanager/secret:Secret",
            {"name": "jwt"},
            r"arn:aws:secretsmanager:eu-west-1:111122223333:secret:jwt-[a-z0-9]{6}",
        ),
        # crc32("0.0.0.0/0") is 1080289494, as in every Terraform state with a default route
        ("aws:ec2/route:Route", {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"}, r"r-rtb-11080289494"),
        ("aws:iam/role:Role", {"namePrefix": "risk-"}, r"risk-20260101000000\d{4}[0-9a-f]{8}"),
    ],
)
def test_an_id_has_the_form_of_a_real_one(state_of: StateOf, token: str, inputs: dict[str, Any], pattern: str) -> None:
    assert re.fullmatch(pattern, state_of(token, inputs)["id"])


def test_a_database_has_an_endpoint_and_a_managed_secret(state_of: StateOf) -> None:
    inputs = {"identifier": "scoring", "engine": "postgres", "engineVersion": "16", "manageMasterUserPassword": True}
    state = state_of("aws:rds/instance:Instance", inputs)
    assert re.fullmatch(r"scoring\.[a-z0-9]{12}\.eu-west-1\.rds\.amazonaws\.com", state["address"])
    assert (state["port"], state["endpoint"]) == (5432, f"{state['address']}:5432")
    assert (state["resourceId"], state["engineVersionActual"]) == (state["id"], "16.11")
    (secret,) = state["masterUserSecrets"]
    arn = r"arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-[0-9a-f-]{36}-[a-z0-9]{6}"
    assert re.fullmatch(arn, secret["secretArn"])


def test_the_databases_of_an_account_share_the_tail_of_their_host_names(state_of: StateOf) -> None:
    one, other = (state_of("aws:rds/instance:Instance", {"identifier": name}) for name in ("one", "other"))
    assert one["address"].partition(".")[2] == other["address"].partition(".")[2]
    assert one["hostedZoneId"] == other["hostedZoneId"]


@pytest.mark.parametrize(
    ("engine", "port"),
    [("postgres", 5432), ("mysql", 3306), ("oracle-ee", 1521), ("sqlserver-web", 1433), ("aurora-mysql", 3306)],
)
def test_a_database_listens_on_its_engines_port(state_of: StateOf, engine: str, port: int) -> None:
    assert state_of("aws:rds/clusterInstance:ClusterInstance", {"engine": engine})["port"] == port


def test_a_port_that_was_given_is_part_of_the_endpoint(state_of: StateOf) -> None:
    state = state_of("aws:rds/instance:Instance", {"identifier": "scoring", "engine": "postgres", "port": 6000})
    assert state["endpoint"].endswith(":6000")


def test_a_cluster_can_be_reached_and_trusted(state_of: StateOf) -> None:
    state = state_of("aws:eks/cluster:Cluster", {"name": "main", "roleArn": "r", "vpcConfig": {"subnetIds": ["a"]}})
    token = re.fullmatch(r"https://([0-9A-F]{32})\.gr7\.eu-west-1\.eks\.amazonaws\.com", state["endpoint"])
    assert token
    assert state["identities"] == [{"oidcs": [{"issuer": f"https://oidc.eks.eu-west-1.amazonaws.com/id/{token[1]}"}]}]
    pem = base64.b64decode(state["certificateAuthority"]["data"], validate=True).decode()
    lines = pem.splitlines()
    assert (lines[0], lines[-1]) == ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
    body = base64.b64decode("".join(lines[1:-1]), validate=True)
    assert body[:2] == b"\x30\x82"
    assert int.from_bytes(body[2:4]) == len(body) - 4
    assert re.fullmatch(r"sg-[0-9a-f]{17}", state["vpcConfig"]["clusterSecurityGroupId"])


def test_a_certificate_asks_for_one_record_a_name_and_shares_it_with_the_wildcard(state_of: StateOf) -> None:
    inputs = {
        "domainName": "example.com",
        "subjectAlternativeNames": ["*.example.com", "api.example.org", "example.com"],
    }
    options = state_of("aws:acm/certificate:Certificate", inputs | {"validationMethod": "DNS"})[
        "domainValidationOptions"
    ]
    assert [option["domainName"] for option in options] == ["example.com", "*.example.com", "api.example.org"]
    assert options[0] == {**options[1], "domainName": "example.com"}
    assert options[0]["resourceRecordName"] != options[2]["resourceRecordName"]
    for option in options:
        domain = option["domainName"].removeprefix("*.")
        assert re.fullmatch(rf"_[0-9a-f]{{32}}\.{re.escape(domain)}\.", option["resourceRecordName"])
        assert re.fullmatch(r"_[0-9a-f]{32}\.[a-z0-9]{10}\.acm-validations\.aws\.", option["resourceRecordValue"])
        assert option["resourceRecordType"] == "CNAME"


def test_a_certificate_validated_by_mail_asks_for_no_record(state_of: StateOf) -> None:
    state = state_of("aws:acm/certificate:Certificate", {"domainName": "example.com", "validationMethod": "EMAIL"})
    assert state["domainValidationOptions"] == []


@pytest.mark.parametrize(
    ("inputs", "host", "zone"),
    [
        ({"name": "edge"}, r"edge-\d{10}\.eu-west-1\.elb\.amazonaws\.com", "Z32O12XQLNTSW2"),
        ({"name": "edge", "internal": True}, r"internal-edge-\d{10}\.eu-west-1\.elb\.amazonaws\.com", "Z32O12XQLNTSW2"),
        (
            {"name": "edge", "loadBalancerType": "network"},
            r"edge-[0-9a-f]{16}\.elb\.eu-west-1\.amazonaws\.com",
            "Z2IFOLAFXWLO4F",
        ),
    ],
)
def test_a_load_balancer_has_its_kinds_host_and_zone(
    state_of: StateOf, inputs: dict[str, Any], host: str, zone: str
) -> None:
    state = state_of("aws:lb/loadBalancer:LoadBalancer", inputs)
    assert re.fullmatch(host, state["dnsName"])
    assert state["zoneId"] == zone
    assert state["arn"].endswith(f":loadbalancer/{state['arnSuffix']}")


def test_listeners_and_rules_are_named_after_their_load_balancer(state_of: StateOf) -> None:
    balancer = state_of("aws:lb/loadBalancer:LoadBalancer", {"name": "edge"})
    listener = state_of("aws:lb/listener:Listener", {"loadBalancerArn": balancer["arn"]})
    rule = state_of("aws:lb/listenerRule:ListenerRule", {"listenerArn": listener["arn"]})
    assert re.fullmatch(rf".*:listener/{balancer['arnSuffix']}/[0-9a-f]{{16}}", listener["arn"])
    assert re.fullmatch(rf".*:listener-rule/{balancer['arnSuffix']}/[0-9a-f]{{16}}/[0-9a-f]{{16}}", rule["arn"])


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (
            {"transitEncryptionEnabled": True, "numCacheClusters": 2},
            {
                "clusterEnabled": False,
                "primaryEndpointAddress": r"master\.main\.[a-z0-9]{6}\.euw1\.cache\.amazonaws\.com",
                "readerEndpointAddress": r"replica\.main\.[a-z0-9]{6}\.euw1\.cache\.amazonaws\.com",
                "memberClusters": ["main-001", "main-002"],
            },
        ),
        (
            {"numCacheClusters": 1},
            {
                "clusterEnabled": False,
                "primaryEndpointAddress": r"main\.[a-z0-9]{6}\.ng\.0001\.euw1\.cache\.amazonaws\.com",
                "readerEndpointAddress": r"main-ro\.[a-z0-9]{6}\.ng\.0001\.euw1\.cache\.amazonaws\.com",
                "memberClusters": ["main-001"],
            },
        ),
        (
            {"numNodeGroups": 2, "replicasPerNodeGroup": 1},
            {
                "clusterEnabled": True,
                "configurationEndpointAddress": r"clustercfg\.main\.[a-z0-9]{6}\.euw1\.cache\.amazonaws\.com",
                "memberClusters": ["main-0001-001", "main-0001-002", "main-0002-001", "main-0002-002"],
            },
        ),
    ],
    ids=["failover with TLS", "single", "sharded"],
)
def test_a_cache_has_the_endpoints_of_its_mode(
    state_of: StateOf, inputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    state = state_of("aws:elasticache/replicationGroup:ReplicationGroup", {"replicationGroupId": "main", **inputs})
    endpoints = {name: value for name, value in state.items() if name.endswith("EndpointAddress")}
    assert endpoints.keys() == {name for name in expected if name.endswith("EndpointAddress")}
    for name, value in endpoints.items():
        assert re.fullmatch(expected[name], value)
    assert state["memberClusters"] == expected["memberClusters"]
    assert state["clusterEnabled"] is expected["clusterEnabled"]


def test_a_bucket_has_domain_names_and_the_regions_hosted_zone(state_of: StateOf) -> None:
    state = state_of("aws:s3/bucket:Bucket", {"bucket": "audit"})
    assert state["arn"] == "arn:aws:s3:::audit"
    assert state["bucketDomainName"] == "audit.s3.amazonaws.com"
    assert state["bucketRegionalDomainName"] == "audit.s3.eu-west-1.amazonaws.com"
    assert state["hostedZoneId"] == "Z1BKCTXD74EZPE"


def test_in_china_partition_and_host_names_differ(state_of: StateOf) -> None:
    queue = state_of("aws:sqs/queue:Queue", {"name": "jobs"}, region="cn-north-1")
    assert queue["arn"] == "arn:aws-cn:sqs:cn-north-1:111122223333:jobs"
    assert queue["url"] == "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/jobs"


def test_a_role_has_its_path_and_unique_id(state_of: StateOf) -> None:
    state = state_of("aws:iam/role:Role", {"name": "analyst", "path": "/people/", "assumeRolePolicy": "{}"})
    assert state["arn"] == "arn:aws:iam::111122223333:role/people/analyst"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", state["uniqueId"])


def test_a_zone_has_a_name_server_in_each_top_level_domain(state_of: StateOf) -> None:
    state = state_of("aws:route53/zone:Zone", {"name": "example.com"})
    assert re.fullmatch(r"Z[A-Z0-9]{20}", state["zoneId"])
    assert state["nameServers"] == sorted(state["nameServers"])
    tops = {
        re.fullmatch(r"ns-\d{1,4}\.awsdns-\d\d\.(com|net|org|co\.uk)", server)[1] for server in state["nameServers"]
    }  # type: ignore[index]
    assert tops == {"com", "net", "org", "co.uk"}
    assert state["primaryNameServer"] in state["nameServers"]


def test_a_private_zone_has_the_name_servers_of_all_private_zones(state_of: StateOf) -> None:
    state = state_of("aws:route53/zone:Zone", {"name": "internal", "vpcs": [{"vpcId": "vpc-1"}]})
    assert state["nameServers"] == [
        "ns-0.awsdns-00.com",
        "ns-1024.awsdns-00.org",
        "ns-1536.awsdns-00.co.uk",
        "ns-512.awsdns-00.net",
    ]


def test_a_key_without_a_policy_has_the_services_own(state_of: StateOf) -> None:
    policy = json.loads(state_of("aws:kms/key:Key", {})["policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}


def test_a_web_acl_takes_the_capacity_of_its_rules(state_of: StateOf) -> None:
    def managed(name: str) -> dict[str, Any]:
        return {"statement": {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS"}}}

    limited = {
        "rateBasedStatement": {
            "limit": 10,
            "scopeDownStatement": {
                "byteMatchStatement": {"searchString": "/api/evaluate", "textTransformations": [{"type": "NONE"}]}
            },
        }
    }
    either = {
        "orStatement": {
            "statements": [{"geoMatchStatement": {"countryCodes": ["X"]}}, {"sqliMatchStatement": {"a": 1}}]
        }
    }
    rules = [managed("AWSManagedRulesCommonRuleSet"), {"statement": limited}, {"statement": either}]
    inputs = {"name": "edge", "scope": "REGIONAL", "rules": rules}
    state = state_of("aws:wafv2/webAcl:WebAcl", inputs)
    assert state["capacity"] == 700 + (2 + 2 + 10) + (1 + 20)
    assert re.fullmatch(r"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/edge/[0-9a-f-]{36}", state["arn"])


def test_what_is_for_cloudfront_lives_in_virginia(state_of: StateOf) -> None:
    state = state_of("aws:wafv2/ipSet:IpSet", {"name": "lenders", "scope": "CLOUDFRONT"})
    assert state["arn"] == f"arn:aws:wafv2:us-east-1:111122223333:global/ipset/lenders/{state['id']}"


def test_an_interface_endpoint_has_names_and_an_interface_a_subnet(state_of: StateOf) -> None:
    state = state_of(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": "vpc-1",
            "serviceName": "com.amazonaws.eu-west-1.kms",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            "subnetIds": ["subnet-1", "subnet-2"],
        },
    )
    assert len(set(state["networkInterfaceIds"])) == 2
    own, service = (entry["dnsName"] for entry in state["dnsEntries"])
    assert re.fullmatch(rf"{state['id']}-[a-z0-9]{{8}}\.kms\.eu-west-1\.vpce\.amazonaws\.com", own)
    assert service == "kms.eu-west-1.amazonaws.com"
    assert "prefixListId" not in state


def test_a_gateway_endpoint_leads_to_the_prefix_list_that_the_data_source_finds(
    state_of: StateOf, context_of: ContextOf
) -> None:
    from rehearsal.clouds.invokes import invoke  # noqa: PLC0415 - only this promise spans both

    name = "com.amazonaws.eu-west-1.s3"
    state = state_of("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcId": "vpc-1", "serviceName": name})
    found = invoke("aws:ec2/getManagedPrefixList:getManagedPrefixList", {"name": name}, context_of("aws:x", urn=""))
    assert state["prefixListId"] == found["id"]


def test_a_tunnel_has_two_ends_in_its_inside_range(state_of: StateOf) -> None:
    state = state_of(
        "aws:ec2/vpnConnection:VpnConnection",
        {"customerGatewayId": "c", "type": "ipsec.1", "tunnel1InsideCidr": "169.254.16.0/30"},
    )
    assert state["tunnel1VgwInsideAddress"] == "169.254.16.1"
    assert state["tunnel1CgwInsideAddress"] == "169.254.16.2"
    assert re.fullmatch(r"169\.254\.\d+\.\d+/30", state["tunnel2InsideCidr"])
    assert state["tunnel1Address"] != state["tunnel2Address"]


def test_ipv6_is_there_when_asked_for(state_of: StateOf) -> None:
    with_ipv6 = state_of("aws:ec2/vpc:Vpc", {"assignGeneratedIpv6CidrBlock": True})
    assert re.fullmatch(r"2001:db8:[0-9a-f:]+/56", with_ipv6["ipv6CidrBlock"])
    assert not {"ipv6CidrBlock", "ipv6AssociationId"} & state_of("aws:ec2/vpc:Vpc", {}).keys()


def test_a_subnet_says_the_id_of_its_zone(state_of: StateOf) -> None:
    state = state_of("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1", "availabilityZone": "eu-west-1a"})
    assert state["availabilityZoneId"] == "euw1-az3"


@pytest.mark.parametrize(("protocol", "waits"), [("email", True), ("https", True), ("sqs", False), ("lambda", False)])
def test_only_a_person_or_a_web_server_has_to_confirm_a_subscription(
    state_of: StateOf, protocol: str, waits: bool
) -> None:
    inputs = {"topic": "arn:aws:sns:eu-west-1:111122223333:alerts", "endpoint": "e", "protocol": protocol}
    assert state_of("aws:sns/topicSubscription:TopicSubscription", inputs)["pendingConfirmation"] is waits


def test_a_role_enters_a_cluster_as_a_user_a_session(state_of: StateOf) -> None:
    inputs = {"clusterName": "main", "principalArn": "arn:aws:iam::111122223333:role/people/analyst"}
    state = state_of("aws:eks/accessEntry:AccessEntry", inputs)
    assert state["userName"] == "arn:aws:sts::111122223333:assumed-role/people/analyst/{{SessionName}}"
    assert re.fullmatch(r".*:access-entry/main/role/111122223333/analyst/[0-9a-f-]{36}", state["accessEntryArn"])
