"""What EC2 networking answers beyond templates."""

import ipaddress
from typing import Any

from rehearsal.clouds.identity import HEX, LOWER_ALPHANUMERIC, derived, derived_integer
from rehearsal.clouds.outputs.aws.place import ipv6_block, public_address, region_of
from rehearsal.clouds.outputs.templates import Scope, Word


def route_destination(scope: Scope) -> str | None:
    """Returns what a route leads to."""
    names = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
    return next((scope.inputs[name] for name in names if scope.inputs.get(name)), None)


def nat_public_address(scope: Scope) -> str | None:
    """Returns a NAT gateway's public address; a private one has none."""
    return None if scope.inputs.get("connectivityType") == "private" else public_address(scope)


def nat_association(scope: Scope) -> str | None:
    """Returns the association of a NAT gateway with its address."""
    return f"eipassoc-{_hex17(scope, 'eip')}" if scope.inputs.get("allocationId") else None


def subnet_ipv6_association(scope: Scope) -> str | None:
    """Returns the association of a subnet with its IPv6 block, if it has one."""
    return f"subnet-cidr-assoc-{_hex17(scope, 'ipv6')}" if scope.inputs.get("ipv6CidrBlock") else None


def vpc_ipv6_association(scope: Scope) -> str | None:
    """Returns the association of a VPC with its IPv6 block, if it has one."""
    return f"vpc-cidr-assoc-{_hex17(scope, 'ipv6')}" if _has_ipv6(scope) else None


def vpc_ipv6_block(scope: Scope) -> str | None:
    """Returns the IPv6 block that a VPC asked Amazon for."""
    return ipv6_block(scope) if _has_ipv6(scope) else None


def endpoint_prefix_list(scope: Scope) -> str | None:
    """Returns the prefix list that a gateway endpoint's routes lead to."""
    if scope.inputs.get("vpcEndpointType", "Gateway") != "Gateway":
        return None
    return managed_prefix_list(region_of(scope).name, scope.inputs.get("serviceName", ""))


def managed_prefix_list(region: str, service: str) -> str:
    """Returns the id of the prefix list that Amazon keeps for a service in a region: 8 hexadecimal digits."""
    return f"pl-{derived(HEX, 8, 'managed-prefix-list', region, service)}"


def endpoint_dns_entries(scope: Scope) -> list[dict[str, str]]:
    """Returns the host names of an interface endpoint: its own, and the service's if private DNS is on."""
    if scope.inputs.get("vpcEndpointType") != "Interface":
        return []
    region, suffix = region_of(scope).name, region_of(scope).dns_suffix
    service = str(scope.inputs.get("serviceName", "")).rpartition(".")[2]
    token = derived(LOWER_ALPHANUMERIC, 8, *scope.seed("endpoint-host"))
    zone = f"Z{derived(LOWER_ALPHANUMERIC, 13, 'endpoint-zone', region).upper()}"
    names = [f"{scope.id}-{token}.{service}.{region}.vpce.{suffix}"]
    if scope.inputs.get("privateDnsEnabled"):
        names.append(f"{service}.{region}.{suffix}")
    return [{"dnsName": name, "hostedZoneId": zone} for name in names]


def endpoint_interfaces(scope: Scope) -> list[str]:
    """Returns the network interfaces of an endpoint: one a subnet."""
    subnets: list[Any] = scope.inputs.get("subnetIds") or []
    return [f"eni-{_hex17(scope, f'subnet-{index}')}" for index in range(len(subnets))]


def vpn_transit_attachment(scope: Scope) -> str | None:
    """Returns the transit gateway attachment of a VPN connection that ends at one."""
    return f"tgw-attach-{_hex17(scope, 'vpn')}" if scope.inputs.get("transitGatewayId") else None


def tunnel_inside(scope: Scope, tunnel: int) -> str:
    """Returns the /30 in 169.254.0.0/16 that a tunnel's two ends talk in."""
    given = scope.inputs.get(f"tunnel{tunnel}InsideCidr")
    # The first blocks are Amazon's own; AWS picks from the rest.
    block = derived_integer(1024, 16_383, *scope.seed(f"tunnel-{tunnel}"))
    return given or f"{ipaddress.ip_address('169.254.0.0') + 4 * block}/30"


def _tunnel_words(tunnel: int) -> dict[str, Word]:
    def host(scope: Scope, number: int) -> str:
        return str(ipaddress.ip_network(tunnel_inside(scope, tunnel))[number])

    return {
        f"tunnel{tunnel}_address": lambda scope: public_address(scope, f"tunnel-{tunnel}-address"),
        f"tunnel{tunnel}_inside": lambda scope: tunnel_inside(scope, tunnel),
        f"tunnel{tunnel}_aws_address": lambda scope: host(scope, 1),
        f"tunnel{tunnel}_customer_address": lambda scope: host(scope, 2),
    }


def _has_ipv6(scope: Scope) -> bool:
    return bool(scope.inputs.get("assignGeneratedIpv6CidrBlock"))


def _hex17(scope: Scope, purpose: str) -> str:
    return derived(HEX, 17, *scope.seed(purpose))


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        endpoint_dns_entries,
        endpoint_interfaces,
        endpoint_prefix_list,
        nat_association,
        nat_public_address,
        route_destination,
        subnet_ipv6_association,
        vpc_ipv6_association,
        vpc_ipv6_block,
        vpn_transit_attachment,
    )
} | {
    **_tunnel_words(1),
    **_tunnel_words(2),
}
