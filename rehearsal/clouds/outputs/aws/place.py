"""Where an AWS resource lives, and the addresses it gets there."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from rehearsal.clouds.identity import (
    HEX,
    Context,
    derived,
    derived_bytes,
    derived_digits,
    derived_integer,
    seed_of,
)
from rehearsal.clouds.outputs.templates import Scope, Word
from rehearsal.clouds.regions import AwsRegion, aws_region

# Reserved for benchmarks (RFC 2544), so that a made-up public address is never someone's.
_PUBLIC = ipaddress.ip_network("198.18.0.0/15")
_PRIVATE = ipaddress.ip_network("10.0.0.0/8")
_NAME_PREFIXES = frozenset({"bucketPrefix", "identifierPrefix", "keyNamePrefix", "namePrefix", "policyNamePrefix"})
_IPV6 = ipaddress.ip_network("2001:db8::/32")  # for documentation (RFC 3849)


def region_of(scope: Scope) -> AwsRegion:
    """Returns the region of the resource: its own, else the provider's."""
    return aws_region(scope.inputs.get("region") or scope.context.region)


def account_token(scope: Scope, service: str, length: int, alphabet: str) -> str:
    """Returns the part of a service's host names that is the same for an account in a region."""
    return derived(alphabet, length, service, scope.context.account, region_of(scope).name)


def public_address(scope: Scope, purpose: str = "public-address") -> str:
    """Returns an IPv4 address that can't be anyone's."""
    return str(_PUBLIC[derived_integer(1, _PUBLIC.num_addresses - 2, *scope.seed(purpose))])


def private_address(scope: Scope, purpose: str = "private-address") -> str:
    """Returns a private IPv4 address; which network it lies in is unknown here."""
    return str(_PRIVATE[derived_integer(1, _PRIVATE.num_addresses - 2, *scope.seed(purpose))])


def ipv6_block(scope: Scope) -> str:
    """Returns the /56 that Amazon gives a VPC."""
    offset = derived_integer(0, 2 ** (56 - _IPV6.prefixlen) - 1, *scope.seed("ipv6-block"))
    return f"{_IPV6[offset << (128 - 56)]}/56"


def mac_address(scope: Scope) -> str:
    """Returns a locally administered MAC address."""
    return bytes([0x02, *derived_bytes(5, *scope.seed("mac-address"))]).hex(":")


def unique(scope: Scope) -> str:
    """Returns the 26 characters that the provider makes its own unique names of: a time stamp and a counter."""
    return _unique(scope.context)


def prefixed_names(inputs: Mapping[str, Any], context: Context) -> dict[str, str]:
    """Returns the names that the provider makes of the prefixes that a program gives instead of them."""
    given = {name: inputs[name] for name in _NAME_PREFIXES if inputs.get(name)}
    return {name.removesuffix("Prefix"): f"{prefix}{_unique(context)}" for name, prefix in given.items()}


def _unique(context: Context) -> str:
    fraction, counter = derived_digits(4, *seed_of(context, "unique")), derived(HEX, 8, *seed_of(context, "counter"))
    return f"20260101000000{fraction}{counter}"


def _zone(scope: Scope) -> str:
    return list(region_of(scope).zones)[derived_integer(0, len(region_of(scope).zones) - 1, *scope.seed("zone"))]


def _zone_id(scope: Scope) -> str | None:
    return region_of(scope).zones.get(scope.inputs.get("availabilityZone") or _zone(scope))


def _public_dns_name(scope: Scope) -> str:
    region = region_of(scope).name
    zone = "compute-1" if region == "us-east-1" else f"{region}.compute"
    return f"ec2-{public_address(scope).replace('.', '-')}.{zone}.{region_of(scope).dns_suffix}"


def _private_dns_name(scope: Scope) -> str:
    region = region_of(scope).name
    address = scope.inputs.get("privateIp") or private_address(scope)
    return f"ip-{address.replace('.', '-')}.{'ec2' if region == 'us-east-1' else f'{region}.compute'}.internal"


WORDS: dict[str, Word] = {
    "account": lambda scope: scope.context.account,
    "region": lambda scope: region_of(scope).name,
    "region_code": lambda scope: next(iter(region_of(scope).zones.values())).split("-")[0],
    "partition": lambda scope: region_of(scope).partition,
    "dns_suffix": lambda scope: region_of(scope).dns_suffix,
    "zone": _zone,
    "zone_id": _zone_id,
    "unique": unique,
    "public_address": public_address,
    "private_address": private_address,
    "public_dns_name": _public_dns_name,
    "private_dns_name": _private_dns_name,
    "mac_address": mac_address,
}
