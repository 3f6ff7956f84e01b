import json
from typing import Any

import pytest

from components.aws.network import (
    AclRule,
    Network,
    NetworkArgs,
    acl_rules,
    dynamodb_endpoint_policy,
    s3_endpoint_policy,
)
from components.cidr import plan_subnets
from components.retention import RetentionClass
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
ANYWHERE = "0.0.0.0/0"
REPLIES = (1024, 65535)


def _args(**changes: Any) -> NetworkArgs:
    wanted: dict[str, Any] = {
        "cidr": "10.20.0.0/16",
        "zones": ZONES,
        "logs_key": "arn:logs-key",
        "log_bucket_arn": "arn:log-bucket",
        "tags": TAGS,
        **AWS,
    }
    return NetworkArgs(**wanted | changes)


def _network(**changes: Any) -> Recording:
    return build(lambda: Network("lender", _args(**changes)))


def test_the_network_resolves_names_and_its_default_group_is_closed() -> None:
    recording = _network()

    assert recording.inputs("aws:ec2/vpc:Vpc") == {
        "lender": {
            "cidrBlock": "10.20.0.0/16",
            "enableDnsSupport": True,
            "enableDnsHostnames": True,
            "enableNetworkAddressUsageMetrics": True,
            "tags": aws_tags("lender"),
        }
    }
    assert recording.inputs("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup") == {
        "lender-default": {"vpcId": "lender-id", "tags": aws_tags("lender-default")}
    }


def test_each_tier_has_a_subnet_in_each_zone_and_none_gives_out_public_addresses() -> None:
    blocks = {
        "lender-private-eu-west-1a": "10.20.0.0/19",
        "lender-private-eu-west-1b": "10.20.32.0/19",
        "lender-private-eu-west-1c": "10.20.64.0/19",
        "lender-public-eu-west-1a": "10.20.192.0/22",
        "lender-public-eu-west-1b": "10.20.196.0/22",
        "lender-public-eu-west-1c": "10.20.200.0/22",
        "lender-data-eu-west-1a": "10.20.224.0/22",
        "lender-data-eu-west-1b": "10.20.228.0/22",
        "lender-data-eu-west-1c": "10.20.232.0/22",
    }

    assert _network().inputs("aws:ec2/subnet:Subnet") == {
        name: {
            "vpcId": "lender-id",
            "availabilityZone": name[-10:],
            "cidrBlock": block,
            "mapPublicIpOnLaunch": False,
            "tags": aws_tags(name),
        }
        for name, block in blocks.items()
    }


@pytest.mark.parametrize(
    ("nat_gateways", "serving"),
    [
        ("per-zone", {"eu-west-1a": "eu-west-1a", "eu-west-1b": "eu-west-1b", "eu-west-1c": "eu-west-1c"}),
        ("one", {"eu-west-1a": "eu-west-1a", "eu-west-1b": "eu-west-1a", "eu-west-1c": "eu-west-1a"}),
    ],
)
def test_workloads_reach_the_internet_by_nat_and_the_data_tier_does_not(
    nat_gateways: str, serving: dict[str, str]
) -> None:
    recording = _network(nat_gateways=nat_gateways)

    assert recording.inputs("aws:ec2/route:Route") == {
        "lender-public-internet": {
            "routeTableId": "lender-public-id",
            "destinationCidrBlock": ANYWHERE,
            "gatewayId": "lender-internet-id",
        }
    } | {
        f"lender-private-{zone}-internet": {
            "routeTableId": f"lender-private-{zone}-id",
            "destinationCidrBlock": ANYWHERE,
            "natGatewayId": f"lender-nat-{nat}-id",
        }
        for zone, nat in serving.items()
    }
    assert recording.inputs("aws:ec2/natGateway:NatGateway") == {
        f"lender-nat-{zone}": {
            "allocationId": f"lender-nat-{zone}-allocation",
            "subnetId": f"lender-public-{zone}-id",
            "tags": aws_tags(f"lender-nat-{zone}"),
        }
        for zone in set(serving.values())
    }
    assert recording.inputs("aws:ec2/eip:Eip") == {
        f"lender-nat-{zone}": {"domain": "vpc", "tags": aws_tags(f"lender-nat-{zone}")}
        for zone in set(serving.values())
    }


def test_each_subnet_uses_the_routes_of_its_tier() -> None:
    tables = {f"lender-public-{zone}": "lender-public-id" for zone in ZONES}
    tables |= {f"lender-private-{zone}": f"lender-private-{zone}-id" for zone in ZONES}
    tables |= {f"lender-data-{zone}": "lender-data-id" for zone in ZONES}

    assert _network().inputs("aws:ec2/routeTableAssociation:RouteTableAssociation") == {
        name: {"routeTableId": table, "subnetId": f"{name}-id"} for name, table in tables.items()
    }


def test_the_data_tier_hears_workloads_on_its_ports_only_and_answers_nobody_else() -> None:
    plan = plan_subnets("10.20.0.0/16", ZONES[:2])

    assert acl_rules("data", plan) == (
        [
            AclRule("tcp", REPLIES, "10.20.224.0/19"),
            AclRule("tcp", (5432, 5432), "10.20.0.0/19"),
            AclRule("tcp", (6379, 6379), "10.20.0.0/19"),
            AclRule("tcp", (5432, 5432), "10.20.32.0/19"),
            AclRule("tcp", (6379, 6379), "10.20.32.0/19"),
        ],
        [
            AclRule("tcp", REPLIES, "10.20.224.0/19"),
            AclRule("tcp", REPLIES, "10.20.0.0/19"),
            AclRule("tcp", REPLIES, "10.20.32.0/19"),
        ],
    )


def test_only_web_traffic_crosses_the_edge() -> None:
    plan = plan_subnets("10.20.0.0/16", ZONES)
    inside = AclRule("-1", (0, 0), "10.20.0.0/16")
    https = AclRule("tcp", (443, 443), ANYWHERE)
    replies = AclRule("tcp", REPLIES, ANYWHERE)

    assert acl_rules("public", plan) == (
        [https, AclRule("tcp", (80, 80), ANYWHERE), replies, inside],
        [https, replies, inside],
    )
    assert acl_rules("private", plan) == ([inside, replies], [inside, https])


@pytest.mark.parametrize("tier", ["public", "private", "data"])
def test_nobody_may_call_the_port_of_a_remote_shell(tier: Any) -> None:
    ingress, _ = acl_rules(tier, plan_subnets("10.20.0.0/16", ZONES))

    assert not [rule for rule in ingress if rule.cidr_block == ANYWHERE and rule.ports[0] <= 22 <= rule.ports[1]]


def test_each_tier_has_its_own_acl_with_rules_in_order() -> None:
    acls = _network(zones=ZONES[:2]).inputs("aws:ec2/networkAcl:NetworkAcl")

    assert set(acls) == {"lender-public", "lender-private", "lender-data"}
    assert acls["lender-private"] == {
        "vpcId": "lender-id",
        "subnetIds": ["lender-private-eu-west-1a-id", "lender-private-eu-west-1b-id"],
        "ingress": [
            {
                "ruleNo": 100,
                "action": "allow",
                "protocol": "-1",
                "fromPort": 0,
                "toPort": 0,
                "cidrBlock": "10.20.0.0/16",
            },
            {
                "ruleNo": 110,
                "action": "allow",
                "protocol": "tcp",
                "fromPort": 1024,
                "toPort": 65535,
                "cidrBlock": ANYWHERE,
            },
        ],
        "egress": [
            {
                "ruleNo": 100,
                "action": "allow",
                "protocol": "-1",
                "fromPort": 0,
                "toPort": 0,
                "cidrBlock": "10.20.0.0/16",
            },
            {
                "ruleNo": 110,
                "action": "allow",
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlock": ANYWHERE,
            },
        ],
        "tags": aws_tags("lender-private"),
    }


def test_an_acl_of_the_largest_network_stays_within_the_quota() -> None:
    # 20 rules a direction ("Amazon VPC quotas").
    zones = [f"us-east-1{letter}" for letter in "abcdef"]

    for tier in ("public", "private", "data"):
        assert all(len(rules) <= 20 for rules in acl_rules(tier, plan_subnets("10.20.0.0/16", zones)))


def test_data_leaves_through_the_gateways_to_trusted_accounts_only() -> None:
    perimeter = {
        "StringEquals": {
            "aws:PrincipalAccount": "111122223333",
            "aws:ResourceAccount": ["111122223333", "444455556666"],
        }
    }
    s3 = s3_endpoint_policy("111122223333", "eu-west-1", ["444455556666"])
    dynamodb = dynamodb_endpoint_policy("111122223333", ["444455556666"])
    endpoints = _network(trusted_accounts=["444455556666"]).inputs("aws:ec2/vpcEndpoint:VpcEndpoint")

    assert s3 == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OwnPrincipalsOwnBuckets",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:*"],
                "Resource": ["*"],
                "Condition": perimeter,
            },
            {
                "Sid": "ImageLayers",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"],
            },
        ],
    }
    assert dynamodb == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OwnPrincipalsOwnTables",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["dynamodb:*"],
                "Resource": ["*"],
                "Condition": perimeter,
            }
        ],
    }
    assert {name: endpoint | {"policy": json.loads(endpoint["policy"])} for name, endpoint in endpoints.items()} == {
        f"lender-{service}": {
            "vpcId": "lender-id",
            "vpcEndpointType": "Gateway",
            "serviceName": f"com.amazonaws.eu-west-1.{service}",
            "routeTableIds": [f"lender-private-{zone}-id" for zone in ZONES],
            "policy": policy,
            "tags": aws_tags(f"lender-{service}"),
        }
        for service, policy in (("s3", s3), ("dynamodb", dynamodb))
    }


def test_every_flow_is_logged_twice_and_kept() -> None:
    recording = _network(flow_log_retention=RetentionClass.AUDIT)
    kept = RetentionClass.AUDIT
    flow = {"vpcId": "lender-id", "trafficType": "ALL", "maxAggregationInterval": 60}

    assert recording.inputs("aws:ec2/flowLog:FlowLog") == {
        "lender-flow-logs-group": flow
        | {
            "logDestinationType": "cloud-watch-logs",
            "logDestination": "arn:lender-flow-logs",
            "iamRoleArn": "arn:lender-flow-logs",
            "tags": aws_tags("lender-flow-logs-group", kept),
        },
        "lender-flow-logs-bucket": flow
        | {
            "logDestinationType": "s3",
            "logDestination": "arn:log-bucket",
            "destinationOptions": {
                "fileFormat": "parquet",
                "hiveCompatiblePartitions": False,
                "perHourPartition": True,
            },
            "tags": aws_tags("lender-flow-logs-bucket", kept),
        },
    }
    assert recording.inputs("aws:cloudwatch/logGroup:LogGroup") == {
        "lender-flow-logs": {
            "name": "/aws/vpc/lender/flow-logs",
            "kmsKeyId": "arn:logs-key",
            "retentionInDays": 2557,
            "tags": aws_tags(retention=kept),
        }
    }


def test_the_flow_logs_role_writes_to_its_own_group_for_its_own_account() -> None:
    recording = _network()
    trust = recording.one("aws:iam/role:Role", "lender-flow-logs").inputs["assumeRolePolicy"]
    permissions = recording.one("aws:iam/rolePolicy:RolePolicy", "lender-flow-logs").inputs["policy"]

    assert json.loads(trust) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "WriteFlowLogs",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "111122223333"},
                    "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*"},
                },
            }
        ],
    }
    assert json.loads(permissions) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "WriteToOwnGroup",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": ["arn:lender-flow-logs", "arn:lender-flow-logs:*"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zones": ["eu-west-1a"]}, "zones: 1 given, a network that outlives a zone has 2 or more"),
        ({"zones": ["eu-west-1a", "us-east-1a"]}, "zones: 'us-east-1a' is not a zone of eu-west-1"),
        (
            {"cidr": "10.20.0.0/24"},
            "cidr: 10.20.0.0/24 is too small for the subnets, the smallest prefix that holds them is a /21",
        ),
        ({"nat_gateways": "two"}, "nat_gateways: 'two' is neither 'one' nor 'per-zone'"),
        (
            {"flow_log_retention": RetentionClass.LIVE},
            (
                "flow_log_retention: live sets no number of days; the classes that do are backup-full, "
                "backup-differential, backup-stream, backup-daily, backup-weekly, logs, audit, metrics"
            ),
        ),
        ({"trusted_accounts": ["*"]}, "trusted_accounts: '*' is not the twelve digits of an AWS account"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value) == message
