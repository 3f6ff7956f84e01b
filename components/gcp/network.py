"""A VPC with a private and a data subnet in one region, closed in both directions but for what is listed."""

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_gcp as gcp

from components import ports
from components.cidr import RegionPlan, plan_ranges
from components.gcp.project import check_project
from components.ordering import after
from components.tags import Tags

PODS_RANGE: Final = "pods"
SERVICES_RANGE: Final = "services"
"""Names of the private subnet's secondary ranges, by which a cluster takes them."""

FLOW_LOG_INTERVAL: Final = "INTERVAL_1_MIN"
"""Time that a record of a flow spans, as on AWS."""

_ANYWHERE: Final = "0.0.0.0/0"
# The last priority before the two rules that every network has and that let everything out ("VPC firewall rules").
_LAST_PRIORITY: Final = 65_534
_USUAL_PRIORITY: Final = 1000


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Size and place of a network.

    Attributes:
        cidr: Its IPv4 prefix, from /12 to /20; all ranges are computed from it.
        project: The project that the network is in.
        region: The region of its subnets.
        tags: Labels of its addresses; networks and subnets take none.
        nat_addresses: Public addresses that workloads call from; each serves 64,512 connections to one
            server.

    Raises:
        ValueError: The arguments don't make a network; the message names the one to change.
    """

    cidr: str
    project: str
    region: str
    tags: Tags
    nat_addresses: int = 1

    def __post_init__(self) -> None:
        check_project(self.project, self.region)
        plan_ranges(self.cidr)
        if self.nat_addresses < 1:
            raise ValueError(f"nat_addresses: {self.nat_addresses} given, workloads call from one or more")


class Network(pulumi.ComponentResource):
    """A VPC whose workloads reach the internet by NAT only and whose data tier doesn't reach it at all.

    There is no public tier as on AWS: Google's load balancers stand outside of the network.

    Attributes:
        vpc_id: The network's id.
        cidr_block: Its IPv4 prefix.
        private_subnet_ids: The subnet of nodes and pods.
        data_subnet_ids: The subnet of private endpoints to data stores.
        private_cidr_blocks: The prefixes of nodes and of pods.
        egress_ips: The public addresses that workloads call from.
        managed_services_network: The network's id, known once Google's managed services can be reached from
            it: what Cloud SQL is placed in.

    Example:
        >>> network = Network("lender", NetworkArgs(cidr="10.64.0.0/16", tags=tags, **place))
        >>> nodes: list[pulumi.Output[str]] = network.private_subnet_ids
    """

    vpc_id: pulumi.Output[str]
    cidr_block: str
    private_subnet_ids: list[pulumi.Output[str]]
    data_subnet_ids: list[pulumi.Output[str]]
    private_cidr_blocks: list[str]
    egress_ips: list[pulumi.Output[str]]
    managed_services_network: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:Network", name, None, opts)
        self._prefix = name
        self._args = args
        plan = plan_ranges(args.cidr)
        network = gcp.compute.Network(
            name,
            project=args.project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=self._child(),
        )
        private = self._private_subnet(network, plan)
        data = self._data_subnet(network, plan)
        addresses = self._nat(network, private)
        self._firewall(network, plan)
        gcp.dns.Policy(
            name,
            project=args.project,
            description=f"Logs what workloads of {name} ask for",
            enable_logging=True,
            networks=[gcp.dns.PolicyNetworkArgs(network_url=network.id)],
            opts=self._child(),
        )
        peering = self._managed_services(network, plan)
        self.vpc_id = network.id
        self.cidr_block = args.cidr
        self.private_subnet_ids = [private.id]
        self.data_subnet_ids = [data.id]
        self.private_cidr_blocks = [str(plan.private), str(plan.pods)]
        self.egress_ips = [address.address for address in addresses]
        self.managed_services_network = after(network.id, peering)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "cidrBlock": self.cidr_block,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
                "egressIps": self.egress_ips,
            }
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _private_subnet(self, network: gcp.compute.Network, plan: RegionPlan) -> gcp.compute.Subnetwork:
        return gcp.compute.Subnetwork(
            f"{self._prefix}-private",
            project=self._args.project,
            region=self._args.region,
            network=network.id,
            ip_cidr_range=str(plan.private),
            secondary_ip_ranges=[
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=PODS_RANGE, ip_cidr_range=str(plan.pods)),
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=SERVICES_RANGE, ip_cidr_range=str(plan.services)),
            ],
            private_ip_google_access=True,
            log_config=_flow_logs(),
            opts=self._child(),
        )

    def _data_subnet(self, network: gcp.compute.Network, plan: RegionPlan) -> gcp.compute.Subnetwork:
        return gcp.compute.Subnetwork(
            f"{self._prefix}-data",
            project=self._args.project,
            region=self._args.region,
            network=network.id,
            ip_cidr_range=str(plan.data),
            private_ip_google_access=True,
            log_config=_flow_logs(),
            opts=self._child(),
        )

    def _nat(self, network: gcp.compute.Network, private: gcp.compute.Subnetwork) -> list[gcp.compute.Address]:
        """Fixed addresses, so that partners can let the platform in, and for the private subnet only."""
        addresses = [
            gcp.compute.Address(
                f"{self._prefix}-nat-{number}",
                project=self._args.project,
                region=self._args.region,
                address_type="EXTERNAL",
                labels=self._args.tags.gcp(),
                opts=self._child(),
            )
            for number in range(1, self._args.nat_addresses + 1)
        ]
        router = gcp.compute.Router(
            self._prefix,
            project=self._args.project,
            region=self._args.region,
            network=network.id,
            opts=self._child(),
        )
        gcp.compute.RouterNat(
            f"{self._prefix}-nat",
            project=self._args.project,
            region=self._args.region,
            router=router.name,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link for address in addresses],
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[
                gcp.compute.RouterNatSubnetworkArgs(name=private.id, source_ip_ranges_to_nats=["ALL_IP_RANGES"])
            ],
            # A node gets more ports when it needs them; this excludes mappings that don't depend on the server.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            log_config=gcp.compute.RouterNatLogConfigArgs(enable=True, filter="ALL"),
            opts=self._child(),
        )
        return addresses

    def _firewall(self, network: gcp.compute.Network, plan: RegionPlan) -> None:
        for rule in firewall_rules(plan):
            allowed_ports = [str(port) for port in rule.ports] or None
            gcp.compute.Firewall(
                f"{self._prefix}-{rule.name}",
                project=self._args.project,
                network=network.id,
                description=rule.description,
                direction=rule.direction,
                priority=rule.priority,
                source_ranges=list(rule.ranges) if rule.direction == "INGRESS" else None,
                destination_ranges=list(rule.ranges) if rule.direction == "EGRESS" else None,
                allows=[
                    gcp.compute.FirewallAllowArgs(protocol=protocol, ports=allowed_ports) for protocol in rule.protocols
                ]
                if rule.allowed
                else None,
                denies=None if rule.allowed else [gcp.compute.FirewallDenyArgs(protocol="all")],
                # What is let through stands in the flow logs already.
                log_config=None if rule.allowed else gcp.compute.FirewallLogConfigArgs(metadata="INCLUDE_ALL_METADATA"),
                opts=self._child(),
            )

    def _managed_services(self, network: gcp.compute.Network, plan: RegionPlan) -> gcp.servicenetworking.Connection:
        reserved = gcp.compute.GlobalAddress(
            f"{self._prefix}-managed",
            project=self._args.project,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(plan.managed.network_address),
            prefix_length=plan.managed.prefixlen,
            network=network.id,
            labels=self._args.tags.gcp(),
            opts=self._child(),
        )
        return gcp.servicenetworking.Connection(
            f"{self._prefix}-managed",
            network=network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            # Cloud SQL holds on to a deleted instance for days, which would keep the network from being deleted.
            deletion_policy="REMOVE_PEERING",
            opts=self._child(),
        )


@dataclass(frozen=True, kw_only=True)
class FirewallRule:
    """One direction's traffic with some addresses: all of a protocol, or only some ports."""

    name: str
    description: str
    direction: Literal["INGRESS", "EGRESS"]
    ranges: tuple[str, ...]
    allowed: bool = True
    priority: int = _USUAL_PRIORITY
    protocols: tuple[str, ...] = ("tcp",)
    ports: tuple[int, ...] = ()


def firewall_rules(plan: RegionPlan) -> list[FirewallRule]:
    """What may flow: between workloads, to data stores, and out by HTTPS. The rest is refused and logged.

    Who may speak to whom within a cluster is for its network policies to say.
    """
    workloads = (str(plan.private), str(plan.pods))
    return [
        FirewallRule(
            name="deny-ingress",
            description="Nobody calls in unless a rule says so",
            direction="INGRESS",
            ranges=(_ANYWHERE,),
            allowed=False,
            priority=_LAST_PRIORITY,
        ),
        FirewallRule(
            name="deny-egress",
            description="Nobody calls out unless a rule says so",
            direction="EGRESS",
            ranges=(_ANYWHERE,),
            allowed=False,
            priority=_LAST_PRIORITY,
        ),
        FirewallRule(
            name="workloads-in",
            description="Nodes and pods are called by each other",
            direction="INGRESS",
            ranges=workloads,
            protocols=("tcp", "udp", "icmp"),
        ),
        FirewallRule(
            name="workloads-out",
            description="Nodes and pods call each other",
            direction="EGRESS",
            ranges=workloads,
            protocols=("tcp", "udp", "icmp"),
        ),
        FirewallRule(
            name="data-out",
            description="Workloads call databases and caches",
            direction="EGRESS",
            ranges=(str(plan.data), str(plan.managed)),
            ports=(ports.CLOUD_SQL_CONNECTOR, ports.POSTGRES, ports.REDIS),
        ),
        FirewallRule(
            name="https-out",
            description="Workloads call Google's APIs and partners",
            direction="EGRESS",
            ranges=(_ANYWHERE,),
            ports=(443,),
        ),
    ]


def _flow_logs() -> gcp.compute.SubnetworkLogConfigArgs:
    return gcp.compute.SubnetworkLogConfigArgs(
        aggregation_interval=FLOW_LOG_INTERVAL, flow_sampling=1.0, metadata="INCLUDE_ALL_METADATA"
    )
