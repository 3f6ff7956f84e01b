"""A VPC with public, private and data subnets over zones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, Literal, get_args

import pulumi
import pulumi_aws as aws

from components import ports
from components.aws.account import check_account, check_account_id
from components.aws.documents import PolicyDocument, document, rendered, statement
from components.cidr import NetworkPlan, ZonePlan, plan_subnets
from components.retention import RetentionClass, days_of
from components.tags import Tags

NatGateways = Literal["one", "per-zone"]
Tier = Literal["public", "private", "data"]

FLOW_LOG_SECONDS: Final = 60
"""Seconds that a record of a flow spans: the shorter of the two that AWS offers."""

_ANYWHERE: Final = "0.0.0.0/0"
# Replies come back to a port that the caller chose: NAT gateways and load balancers choose from all of these
# ("Ephemeral ports", Amazon VPC). A network ACL has no memory of the call, so it must let all of them in.
_REPLIES: Final = (1024, 65535)
_MIN_ZONES: Final = 2
_FIRST_RULE: Final = 100
_RULE_STEP: Final = 10


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Size and place of a network.

    Attributes:
        cidr: Its IPv4 prefix, from /16 to /21; all subnets are computed from it.
        zones: Two zones or more of the region, in an order that stays: a new one goes to the end.
        account_id: The account that the network is in.
        region: The region that the network is in.
        logs_key: The ARN of the key that encrypts the flow logs' log group.
        log_bucket_arn: The ARN of the bucket that takes the flow logs too.
        tags: Tags of everything in it.
        nat_gateways: `per-zone`, or `one` to save money where the loss of its zone may cut off the others.
        flow_log_retention: How long the log group keeps flow logs.
        trusted_accounts: Other accounts whose buckets and tables may be reached through the gateway
            endpoints.

    Raises:
        ValueError: The arguments don't make a network; the message names the one to change.
    """

    cidr: str
    zones: Sequence[str]
    account_id: str
    region: str
    logs_key: pulumi.Input[str]
    log_bucket_arn: pulumi.Input[str]
    tags: Tags
    nat_gateways: NatGateways = "per-zone"
    flow_log_retention: RetentionClass = RetentionClass.LOGS
    trusted_accounts: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        if len(self.zones) < _MIN_ZONES:
            raise ValueError(f"zones: {len(self.zones)} given, a network that outlives a zone has {_MIN_ZONES} or more")
        for zone in self.zones:
            if not zone.startswith(self.region):
                raise ValueError(f"zones: {zone!r} is not a zone of {self.region}")
        plan_subnets(self.cidr, self.zones)
        if self.nat_gateways not in get_args(NatGateways):
            raise ValueError(f"nat_gateways: {self.nat_gateways!r} is neither 'one' nor 'per-zone'")
        days_of(self.flow_log_retention, argument="flow_log_retention")
        for account in self.trusted_accounts:
            check_account_id("trusted_accounts", account)


class Network(pulumi.ComponentResource):
    """A VPC whose workloads reach the internet by NAT only and whose data tier doesn't reach it at all.

    Attributes:
        vpc_id: The VPC's id.
        cidr_block: Its IPv4 prefix.
        public_subnet_ids: Subnets of load balancers and NAT gateways, in the order of the zones.
        private_subnet_ids: Subnets of nodes and pods.
        data_subnet_ids: Subnets of databases and caches.
        private_cidr_blocks: The prefixes of the private subnets, for rules that let workloads in.
        egress_ips: The public addresses that workloads call from.

    Example:
        >>> args = NetworkArgs(
        ...     cidr="10.20.0.0/16", zones=zones, logs_key=key, log_bucket_arn=log_bucket, tags=tags, **place
        ... )
        >>> nodes: list[pulumi.Output[str]] = Network("lender", args).private_subnet_ids
    """

    vpc_id: pulumi.Output[str]
    cidr_block: str
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    data_subnet_ids: list[pulumi.Output[str]]
    private_cidr_blocks: list[str]
    egress_ips: list[pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Network", name, None, opts)
        self._prefix = name
        self._args = args
        plan = plan_subnets(args.cidr, args.zones)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            enable_network_address_usage_metrics=True,
            tags=args.tags.aws(name=name),
            opts=self._child(),
        )
        # Nothing belongs to the default group; without rules, what ends up in it by mistake can't talk.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=vpc.id, tags=args.tags.aws(name=f"{name}-default"), opts=self._child()
        )
        gateway = aws.ec2.InternetGateway(
            f"{name}-internet", vpc_id=vpc.id, tags=args.tags.aws(name=name), opts=self._child()
        )
        public = self._subnets(vpc, plan, "public")
        private = self._subnets(vpc, plan, "private")
        data = self._subnets(vpc, plan, "data")
        addresses, nats = self._nat_gateways(gateway, public)
        self._public_routes(vpc, gateway, public)
        private_tables = self._private_routes(vpc, nats, private)
        self._data_routes(vpc, data)
        self._network_acls(vpc, plan, {"public": public, "private": private, "data": data})
        self._gateway_endpoints(vpc, private_tables)
        self._flow_logs(vpc)
        self.vpc_id = vpc.id
        self.cidr_block = args.cidr
        self.public_subnet_ids = [subnet.id for subnet in public.values()]
        self.private_subnet_ids = [subnet.id for subnet in private.values()]
        self.data_subnet_ids = [subnet.id for subnet in data.values()]
        self.private_cidr_blocks = [str(zone.private) for zone in plan.zones]
        self.egress_ips = [address.public_ip for address in addresses]
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "cidrBlock": self.cidr_block,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
                "egressIps": self.egress_ips,
            }
        )

    def _child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _subnets(self, vpc: aws.ec2.Vpc, plan: NetworkPlan, tier: Tier) -> dict[str, aws.ec2.Subnet]:
        return {
            zone.zone: aws.ec2.Subnet(
                f"{self._prefix}-{tier}-{zone.zone}",
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                cidr_block=str(_range(zone, tier)),
                # Load balancers and NAT gateways bring their own addresses; nothing else may have a public one.
                map_public_ip_on_launch=False,
                tags=self._args.tags.aws(name=f"{self._prefix}-{tier}-{zone.zone}"),
                opts=self._child(),
            )
            for zone in plan.zones
        }

    def _nat_gateways(
        self, gateway: aws.ec2.InternetGateway, public: Mapping[str, aws.ec2.Subnet]
    ) -> tuple[list[aws.ec2.Eip], dict[str, aws.ec2.NatGateway]]:
        """The addresses, and for each zone the NAT gateway that serves it."""
        zones = list(public)
        served = zones[:1] if self._args.nat_gateways == "one" else zones
        addresses = {
            zone: aws.ec2.Eip(
                f"{self._prefix}-nat-{zone}",
                domain="vpc",
                tags=self._args.tags.aws(name=f"{self._prefix}-nat-{zone}"),
                opts=self._child(gateway),
            )
            for zone in served
        }
        nats = {
            zone: aws.ec2.NatGateway(
                f"{self._prefix}-nat-{zone}",
                allocation_id=addresses[zone].allocation_id,
                subnet_id=public[zone].id,
                tags=self._args.tags.aws(name=f"{self._prefix}-nat-{zone}"),
                opts=self._child(gateway),
            )
            for zone in served
        }
        return list(addresses.values()), {zone: nats.get(zone, nats[served[0]]) for zone in zones}

    def _route_table(self, vpc: aws.ec2.Vpc, part: str) -> aws.ec2.RouteTable:
        name = f"{self._prefix}-{part}"
        return aws.ec2.RouteTable(name, vpc_id=vpc.id, tags=self._args.tags.aws(name=name), opts=self._child())

    def _associate(self, table: aws.ec2.RouteTable, part: str, subnet: aws.ec2.Subnet) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._prefix}-{part}", route_table_id=table.id, subnet_id=subnet.id, opts=self._child()
        )

    def _public_routes(
        self, vpc: aws.ec2.Vpc, gateway: aws.ec2.InternetGateway, subnets: Mapping[str, aws.ec2.Subnet]
    ) -> None:
        table = self._route_table(vpc, "public")
        aws.ec2.Route(
            f"{self._prefix}-public-internet",
            route_table_id=table.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child(),
        )
        for zone, subnet in subnets.items():
            self._associate(table, f"public-{zone}", subnet)

    def _private_routes(
        self,
        vpc: aws.ec2.Vpc,
        nats: Mapping[str, aws.ec2.NatGateway],
        subnets: Mapping[str, aws.ec2.Subnet],
    ) -> list[aws.ec2.RouteTable]:
        """One table a zone even with one NAT gateway, so that changing their number replaces no table."""
        tables = {zone: self._route_table(vpc, f"private-{zone}") for zone in subnets}
        for zone, table in tables.items():
            aws.ec2.Route(
                f"{self._prefix}-private-{zone}-internet",
                route_table_id=table.id,
                destination_cidr_block=_ANYWHERE,
                nat_gateway_id=nats[zone].id,
                opts=self._child(),
            )
            self._associate(table, f"private-{zone}", subnets[zone])
        return list(tables.values())

    def _data_routes(self, vpc: aws.ec2.Vpc, subnets: Mapping[str, aws.ec2.Subnet]) -> None:
        table = self._route_table(vpc, "data")
        for zone, subnet in subnets.items():
            self._associate(table, f"data-{zone}", subnet)

    def _network_acls(
        self, vpc: aws.ec2.Vpc, plan: NetworkPlan, tiers: Mapping[Tier, Mapping[str, aws.ec2.Subnet]]
    ) -> None:
        for tier, subnets in tiers.items():
            ingress, egress = acl_rules(tier, plan)
            aws.ec2.NetworkAcl(
                f"{self._prefix}-{tier}",
                vpc_id=vpc.id,
                subnet_ids=[subnet.id for subnet in subnets.values()],
                ingress=[
                    aws.ec2.NetworkAclIngressArgs(
                        rule_no=number,
                        action="allow",
                        protocol=rule.protocol,
                        from_port=rule.ports[0],
                        to_port=rule.ports[1],
                        cidr_block=rule.cidr_block,
                    )
                    for number, rule in _numbered(ingress)
                ],
                egress=[
                    aws.ec2.NetworkAclEgressArgs(
                        rule_no=number,
                        action="allow",
                        protocol=rule.protocol,
                        from_port=rule.ports[0],
                        to_port=rule.ports[1],
                        cidr_block=rule.cidr_block,
                    )
                    for number, rule in _numbered(egress)
                ],
                tags=self._args.tags.aws(name=f"{self._prefix}-{tier}"),
                opts=self._child(),
            )

    def _gateway_endpoints(self, vpc: aws.ec2.Vpc, tables: Sequence[aws.ec2.RouteTable]) -> None:
        policies = {
            "s3": s3_endpoint_policy(self._args.account_id, self._args.region, self._args.trusted_accounts),
            "dynamodb": dynamodb_endpoint_policy(self._args.account_id, self._args.trusted_accounts),
        }
        for service, policy in policies.items():
            aws.ec2.VpcEndpoint(
                f"{self._prefix}-{service}",
                vpc_id=vpc.id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{self._args.region}.{service}",
                route_table_ids=[table.id for table in tables],
                policy=rendered(policy),
                tags=self._args.tags.aws(name=f"{self._prefix}-{service}"),
                opts=self._child(),
            )

    def _flow_logs(self, vpc: aws.ec2.Vpc) -> None:
        """Twice: in CloudWatch for alarms and quick questions, in the log bucket for the years."""
        name = f"{self._prefix}-flow-logs"
        tags = self._args.tags.with_(retention=self._args.flow_log_retention)
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/vpc/{self._prefix}/flow-logs",
            kms_key_id=self._args.logs_key,
            retention_in_days=days_of(self._args.flow_log_retention),
            tags=tags.aws(),
            opts=self._child(),
        )
        role = aws.iam.Role(
            name,
            description=f"Writes the flow logs of {self._prefix}",
            assume_role_policy=rendered(flow_log_trust(self._args.account_id, self._args.region)),
            tags=tags.aws(),
            opts=self._child(),
        )
        permission = aws.iam.RolePolicy(
            name, role=role.name, policy=rendered(flow_log_permissions(group.arn)), opts=self._child()
        )
        aws.ec2.FlowLog(
            f"{name}-group",
            vpc_id=vpc.id,
            traffic_type="ALL",
            max_aggregation_interval=FLOW_LOG_SECONDS,
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags=tags.aws(name=f"{name}-group"),
            opts=self._child(permission),
        )
        aws.ec2.FlowLog(
            f"{name}-bucket",
            vpc_id=vpc.id,
            traffic_type="ALL",
            max_aggregation_interval=FLOW_LOG_SECONDS,
            log_destination_type="s3",
            log_destination=self._args.log_bucket_arn,
            destination_options=aws.ec2.FlowLogDestinationOptionsArgs(
                file_format="parquet",
                # Its folders are named differently, and the log bucket's policy lets deliveries into the usual ones.
                hive_compatible_partitions=False,
                per_hour_partition=True,
            ),
            tags=tags.aws(name=f"{name}-bucket"),
            opts=self._child(),
        )


@dataclass(frozen=True)
class AclRule:
    """What a network ACL lets through: a protocol, first and last port, and the other side's addresses."""

    protocol: Literal["tcp", "-1"]
    ports: tuple[int, int]
    cidr_block: str


def acl_rules(tier: Tier, plan: NetworkPlan) -> tuple[list[AclRule], list[AclRule]]:
    """What a tier's network ACL lets in and out; anything else is dropped.

    Network ACLs are the second fence behind security groups: they hold when a group is opened by mistake.
    They see single packets, so each direction of a conversation needs a rule.
    """
    inside = AclRule("-1", (0, 0), str(plan.prefix))
    replies = AclRule("tcp", _REPLIES, _ANYWHERE)
    https = AclRule("tcp", (443, 443), _ANYWHERE)
    if tier == "public":
        # Port 80 is answered with a redirect to 443 and nothing else.
        return [https, AclRule("tcp", (80, 80), _ANYWHERE), replies, inside], [https, replies, inside]
    if tier == "private":
        return [inside, replies], [inside, https]
    # Replicas and failovers talk within the tier, on ports of their services' choice.
    tier_itself = AclRule("tcp", _REPLIES, str(plan.data_tier))
    private = [str(zone.private) for zone in plan.zones]
    calls = [AclRule("tcp", (port, port), block) for block in private for port in (ports.POSTGRES, ports.REDIS)]
    return [tier_itself, *calls], [tier_itself, *(AclRule("tcp", _REPLIES, block) for block in private)]


def s3_endpoint_policy(account_id: str, region: str, trusted_accounts: Sequence[str]) -> PolicyDocument:
    """What may be reached through the gateway to S3: the platform's own buckets, and the layers of images.

    All actions are allowed there: the endpoint decides where data may go, IAM and the buckets' policies what
    may be done.
    """
    return document(
        statement(
            "OwnPrincipalsOwnBuckets",
            principal="*",
            actions=["s3:*"],
            resources=["*"],
            condition=_perimeter(account_id, trusted_accounts),
        ),
        # ECR keeps the layers of all its customers' images there and hands out signed addresses ("Amazon ECR
        # interface VPC endpoints").
        statement(
            "ImageLayers",
            principal="*",
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"],
        ),
    )


def dynamodb_endpoint_policy(account_id: str, trusted_accounts: Sequence[str]) -> PolicyDocument:
    """What may be reached through the gateway to DynamoDB: the platform's own tables, as with S3."""
    return document(
        statement(
            "OwnPrincipalsOwnTables",
            principal="*",
            actions=["dynamodb:*"],
            resources=["*"],
            condition=_perimeter(account_id, trusted_accounts),
        )
    )


def flow_log_trust(account_id: str, region: str) -> PolicyDocument:
    """Who may take the role that writes flow logs: the service, for flow logs of this account."""
    return document(
        statement(
            "WriteFlowLogs",
            principal={"Service": "vpc-flow-logs.amazonaws.com"},
            actions=["sts:AssumeRole"],
            condition={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:{account_id}:vpc-flow-log/*"},
            },
        )
    )


def flow_log_permissions(group_arn: pulumi.Input[str]) -> PolicyDocument:
    """What that role may do: write to its one log group."""
    return document(
        statement(
            "WriteToOwnGroup",
            actions=[
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            resources=[group_arn, pulumi.Output.concat(group_arn, ":*")],
        )
    )


def _perimeter(account_id: str, trusted_accounts: Sequence[str]) -> Mapping[str, Mapping[str, str | list[str]]]:
    return {
        "StringEquals": {
            "aws:PrincipalAccount": account_id,
            "aws:ResourceAccount": [account_id, *trusted_accounts],
        }
    }


def _range(zone: ZonePlan, tier: Tier) -> IPv4Network:
    return {"public": zone.public, "private": zone.private, "data": zone.data}[tier]


def _numbered(rules: Sequence[AclRule]) -> list[tuple[int, AclRule]]:
    return [(_FIRST_RULE + index * _RULE_STEP, rule) for index, rule in enumerate(rules)]
