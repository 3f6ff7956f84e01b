"""Where a Google Cloud resource lives, and the addresses it gets there."""

import ipaddress
import re
from typing import Any

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context, derived_digits, derived_integer
from rehearsal.clouds.outputs.templates import ABSENT, Scope, Word
from rehearsal.clouds.regions import UnknownRegion, gcp_zones

# Reserved for benchmarks (RFC 2544), so that a made-up public address is never someone's.
_PUBLIC = ipaddress.ip_network("198.18.0.0/15")
_PRIVATE = ipaddress.ip_network("10.0.0.0/8")


def project_of(scope: Scope) -> str:
    """Returns the project of the resource: its own, else the provider's."""
    return str(scope.inputs.get("project") or scope.context.account).removeprefix("projects/")


def project_number(scope: Scope) -> str:
    """Returns the number of the resource's project."""
    return number_of(project_of(scope), scope.context)


def number_of(project: str, context: Context) -> str:
    """Returns the number of a project: 12 digits."""
    if project == context.account:
        return context.number
    return project if project.isdecimal() else derived_digits(12, "gcp-project-number", project)


def region_of(scope: Scope) -> str:
    """Returns the region of the resource: its own, its zone's, else the provider's.

    Raises:
        UnknownRegion: Neither the resource nor the provider says one.
    """
    zone = str(scope.inputs.get("zone") or "").rpartition("/")[2].rpartition("-")[0]
    region = str(scope.inputs.get("region") or zone or scope.context.region).rpartition("/")[2]
    if not region:
        raise UnknownRegion("gcp", region)
    return region


def location_of(scope: Scope) -> str:
    """Returns the location of the resource, which is a region unless it says a zone or a multi-region."""
    return str(scope.inputs.get("location") or region_of(scope))


def zone_of(scope: Scope) -> str:
    """Returns the zone of the resource, its own or one of its region."""
    own = str(scope.inputs.get("zone") or "").rpartition("/")[2]
    if own:
        return own
    zones = gcp_zones(region_of(scope))
    return zones[derived_integer(0, len(zones) - 1, *scope.seed("zone"))]


def public_address(scope: Scope, purpose: str = "public-address") -> str:
    """Returns an IPv4 address that can't be anyone's."""
    return str(_PUBLIC[derived_integer(1, _PUBLIC.num_addresses - 2, *scope.seed(purpose))])


def private_address(scope: Scope, purpose: str = "private-address") -> str:
    """Returns a private IPv4 address; which network it lies in is unknown here."""
    return str(_PRIVATE[derived_integer(1, _PRIVATE.num_addresses - 2, *scope.seed(purpose))])


def id_from_pattern(scope: Scope, pattern: str) -> Any:
    """Returns an id by the provider's own pattern, such as `projects/{project}/topics/{name}`.

    What was not given is empty, as the provider has it; what is no input at all Google makes up. `ABSENT` for a pattern
    that is nothing but made up.
    """
    inputs = sdk.resource_type(scope.token).inputs
    if pattern.strip("{}") not in inputs and re.fullmatch(r"\{\w+\}", pattern):
        return ABSENT

    def value(name: str) -> str:
        given = scope.inputs.get(name)
        if name in WORDS and (given is None or name in ("project", "region", "zone")):
            return str(WORDS[name](scope))
        return (
            derived_digits(19, *scope.seed(f"id-{name}")) if name not in inputs else "" if given is None else str(given)
        )

    return re.sub(r"\{(\w+)\}", lambda found: value(found[1]), pattern)


def _address(scope: Scope) -> str:
    kind = str(scope.inputs.get("addressType") or scope.inputs.get("loadBalancingScheme") or "EXTERNAL")
    return private_address(scope) if kind.startswith("INTERNAL") else public_address(scope)


def _global_address(scope: Scope) -> str:
    """Returns a global address, or the start of the range that is reserved for private services."""
    if scope.inputs.get("addressType") != "INTERNAL":
        return public_address(scope)
    length = int(scope.inputs.get("prefixLength") or 32)
    block = derived_integer(0, 2 ** (length - _PRIVATE.prefixlen) - 1, *scope.seed("global-address"))
    return str(_PRIVATE[block << (32 - length)])


def _subnet_gateway(scope: Scope) -> str | None:
    cidr = scope.inputs.get("ipCidrRange")
    return str(ipaddress.ip_network(cidr)[1]) if cidr else None


def _vpn_interfaces(scope: Scope) -> list[dict[str, int | str]]:
    return [{"id": number, "ipAddress": public_address(scope, f"vpn-interface-{number}")} for number in (0, 1)]


WORDS: dict[str, Word] = {
    "project": project_of,
    "number": project_number,
    "project_number_as_integer": lambda scope: int(project_number(scope)),
    "region": region_of,
    "location": location_of,
    "zone": zone_of,
    "address": _address,
    "global_address": _global_address,
    "subnet_gateway": _subnet_gateway,
    "vpn_interfaces": _vpn_interfaces,
    "control_plane_address": public_address,
    "private_control_plane_address": private_address,
    "cache_address": lambda scope: private_address(scope, "cache"),
}
