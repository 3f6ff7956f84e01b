"""Subnets computed from one prefix, so that a stack's settings name one network and never a dozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

MAX_ZONES: Final = 6
"""Zones of the largest AWS region, us-east-1."""

# An AWS network is a /16 at most. Its smallest useful subnet is a /27, which a load balancer asks for ("Subnets for
# your load balancer", Elastic Load Balancing); the plan's public subnets are 64 to the prefix.
_AWS_LENGTHS: Final = (16, 21)
# A cluster takes a /16 of service addresses at most (GKE, "IP address ranges for VPC-native clusters"); a managed
# database asks for a /24 to be reserved ("Configure private services access"); either is 16 to the prefix.
_GCP_LENGTHS: Final = (12, 20)

_PRIVATE_SPACE: Final = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


@dataclass(frozen=True, kw_only=True)
class ZonePlan:
    """The subnets of one zone: one a tier."""

    zone: str
    public: IPv4Network
    private: IPv4Network
    data: IPv4Network


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """The subnets of a network whose subnets lie in zones, as on AWS."""

    prefix: IPv4Network
    data_tier: IPv4Network
    zones: tuple[ZonePlan, ...]


@dataclass(frozen=True, kw_only=True)
class RegionPlan:
    """The ranges of a network whose subnets span a region, as on Google Cloud.

    Attributes:
        prefix: All of it.
        pods: Addresses of pods, half of the prefix: each node takes a block of them.
        private: Addresses of nodes.
        services: Addresses of a cluster's services.
        data: Addresses of private endpoints to data stores.
        managed: Addresses that Google's managed services take for the platform's databases.
    """

    prefix: IPv4Network
    pods: IPv4Network
    private: IPv4Network
    services: IPv4Network
    data: IPv4Network
    managed: IPv4Network


def plan_subnets(cidr: str, zones: Sequence[str]) -> NetworkPlan:
    """Plans public, private and data subnets over zones.

    The prefix is cut into eight. Six eighths are private subnets, one a zone: pods take addresses of their
    own there. The seventh holds the public subnets, the eighth the data subnets. Room is kept for MAX_ZONES,
    so that a zone added at the end moves no other.

    Args:
        cidr: An IPv4 prefix from /16 to /21 in private address space.
        zones: The zones' names, in an order that stays.

    Raises:
        ValueError: The prefix or the zones don't fit; the message names the argument and what would do.
    """
    prefix = _checked_prefix(cidr, _AWS_LENGTHS)
    if not 1 <= len(zones) <= MAX_ZONES:
        raise ValueError(f"zones: {len(zones)} given, a network spans 1 to {MAX_ZONES}")
    if len(set(zones)) != len(zones):
        raise ValueError(f"zones: {', '.join(zones)} names a zone twice")
    *private, public_tier, data_tier = prefix.subnets(prefixlen_diff=3)
    return NetworkPlan(
        prefix=prefix,
        data_tier=data_tier,
        zones=tuple(
            ZonePlan(zone=zone, public=public, private=own, data=data)
            for zone, public, own, data in zip(
                zones,
                public_tier.subnets(prefixlen_diff=3),
                private,
                data_tier.subnets(prefixlen_diff=3),
                strict=False,
            )
        ),
    )


def plan_ranges(cidr: str) -> RegionPlan:
    """Plans a region's ranges: half for pods, a sixteenth for each other use, four sixteenths in reserve.

    Args:
        cidr: An IPv4 prefix from /12 to /20 in private address space.

    Raises:
        ValueError: The prefix doesn't fit; the message names the argument and what would do.
    """
    prefix = _checked_prefix(cidr, _GCP_LENGTHS)
    pods, rest = prefix.subnets(prefixlen_diff=1)
    private, services, data, managed, *_ = rest.subnets(prefixlen_diff=3)
    return RegionPlan(prefix=prefix, pods=pods, private=private, services=services, data=data, managed=managed)


def is_private(cidr: str) -> bool:
    """Whether it is an IPv4 prefix in private address space (RFC 1918)."""
    try:
        return _in_private_space(IPv4Network(cidr))
    except ValueError:
        return False


def _in_private_space(prefix: IPv4Network) -> bool:
    return any(prefix.subnet_of(block) for block in _PRIVATE_SPACE)


def _checked_prefix(cidr: str, lengths: tuple[int, int]) -> IPv4Network:
    shortest, longest = lengths
    try:
        prefix = IPv4Network(cidr)
    except ValueError as error:
        raise ValueError(f"cidr: {cidr!r} is no IPv4 prefix such as 10.20.0.0/{shortest}: {error}") from None
    if not _in_private_space(prefix):
        blocks = ", ".join(map(str, _PRIVATE_SPACE))
        raise ValueError(
            f"cidr: {cidr} is outside private address space ({blocks}), its real owner would be unreachable"
        )
    if prefix.prefixlen > longest:
        raise ValueError(
            f"cidr: {cidr} is too small for the subnets, the smallest prefix that holds them is a /{longest}"
        )
    if prefix.prefixlen < shortest:
        raise ValueError(f"cidr: {cidr} is larger than the cloud allows, the largest prefix is a /{shortest}")
    return prefix
