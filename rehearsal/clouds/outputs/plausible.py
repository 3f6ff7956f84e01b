"""Plausible values for the outputs that no table lists: of the right type, and shaped by their name.

So a program that reads an output of a type nobody has described yet gets something it can go on with, and the same
thing each time. Where the shape matters, the type belongs in a table.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.clouds.identity import (
    HEX,
    INSTANT,
    derived,
    derived_bytes,
    derived_digits,
    derived_uuid,
)
from rehearsal.clouds.outputs.templates import ABSENT, Scope
from rehearsal.clouds.regions import aws_region
from rehearsal.clouds.sdk import Kind, Shape

_DEPTH = 4  # shapes may hold themselves
_NEVER_YET = re.compile(r"(delete|deletion|destroy|expire|expiration|disable|suspend)\w*(Time|Date)$")

_NUMBERS = {"port": 443, "version": 1}
# How many there are of something nobody has described is unknown, so there are none.
_EMPTY: Mapping[Kind, Callable[[], Any]] = {
    Kind.BOOLEAN: bool,
    Kind.LIST: list[Any],
    Kind.MAP: dict[str, Any],
}

_Maker = Callable[[Scope, str], str]


def plausible(scope: Scope, name: str, shape: Shape, depth: int = 0) -> Any:
    """Returns a value for an output, or `ABSENT` where its shape says nothing.

    Args:
        scope: The resource.
        name: The output's name, with the names of the objects around it before it.
        shape: Its shape.
        depth: How many objects are around it.
    """
    if shape.kind is Kind.STRING:
        return ABSENT if _NEVER_YET.match(name) else shape.choices[0] if shape.choices else _text(scope, name)
    if shape.kind in (Kind.INTEGER, Kind.NUMBER):
        return _number(name)
    if shape.kind is Kind.OBJECT and depth < _DEPTH:
        parts = {
            part: plausible(scope, f"{name}.{part}", inner.shape, depth + 1) for part, inner in shape.properties.items()
        }
        return {part: value for part, value in parts.items() if value is not ABSENT}
    return _EMPTY[shape.kind]() if shape.kind in _EMPTY else ABSENT


def default_id(scope: Scope) -> str:
    """Returns an id for a type that no table lists."""
    token_name = scope.token.rpartition(":")[2]
    own = scope.inputs.get("name")
    if scope.context.provider == "gcp" and "role" in scope.inputs:
        target = [str(value) for value in scope.inputs.values() if isinstance(value, str)]
        return "/".join(dict.fromkeys(target))
    if scope.context.provider == "gcp":
        project = scope.inputs.get("project") or scope.context.account
        place = scope.inputs.get("location") or scope.inputs.get("region") or "global"
        leaf = own or _hexadecimal(scope, "id")
        return f"projects/{project}/locations/{place}/{token_name[0].lower()}{token_name[1:]}s/{leaf}"
    return str(own) if own else f"{_words(token_name)}-{_hexadecimal(scope, 'id')}"


def _number(name: str) -> int:
    return next((number for ending, number in _NUMBERS.items() if name.lower().endswith(ending)), 0)


def _text(scope: Scope, name: str) -> str:
    leaf = name.rpartition(".")[2]
    return next(make(scope, name) for pattern, make in _TEXTS if re.search(pattern, leaf, re.IGNORECASE))


def _arn(scope: Scope, name: str) -> str:
    service = scope.token.split(":")[1].split("/")[0]
    context = scope.context
    partition = aws_region(context.region).partition
    kind = _words(scope.token.rpartition(":")[2])
    leaf = scope.id.rpartition("/")[2] if name == "arn" and ":" not in scope.id else _hexadecimal(scope, name)
    return f"arn:{partition}:{service}:{context.region}:{context.account}:{kind}/{leaf}"


def _self_link(scope: Scope, _name: str) -> str:
    service = scope.token.split(":")[1].split("/")[0]
    return f"https://www.googleapis.com/{service}/v1/{scope.id.lstrip('/')}"


def _host(scope: Scope, name: str) -> str:
    tail = {"aws": f"{scope.context.region}.amazonaws.com", "gcp": "googleapis.com"}.get(
        scope.context.provider, "local"
    )
    return f"{derived(HEX, 12, *scope.seed(name))}.{tail}"


def _instant(_scope: Scope, _name: str) -> str:
    return INSTANT


def _active(_scope: Scope, _name: str) -> str:
    return "ACTIVE"


def _one(_scope: Scope, _name: str) -> str:
    return "1"


def _hexadecimal(scope: Scope, name: str) -> str:
    return derived(HEX, 17, *scope.seed(name))


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _made_up_id(scope: Scope, name: str) -> str:
    return derived_digits(19, *scope.seed(name)) if scope.context.provider == "gcp" else _hexadecimal(scope, name)


# The first pattern that the name matches decides, whatever its case.
_TEXTS: tuple[tuple[str, _Maker], ...] = (
    (r"^(account|owner|registry|awsAccount)Id$", lambda scope, _: scope.context.account),
    (r"^(owner|owningAccount|vpcOwnerId)$", lambda scope, _: scope.context.account),
    (r"^(project|projectId)$", lambda scope, _: scope.context.account),
    (r"^(project)?number$", lambda scope, _: scope.context.number),
    (r"region$", lambda scope, _: scope.context.region),
    (r"arn$", _arn),
    (r"^selfLink", _self_link),
    (r"(time|timestamp|date|at|created|updated|modified)$", _instant),
    (r"(state|status)$", _active),
    (r"(etag|fingerprint)$", lambda scope, name: base64.b64encode(derived_bytes(8, *scope.seed(name))).decode()),
    (r"(hash|checksum|crc\w*|md5|sha\d+)$", lambda scope, name: derived(HEX, 64, *scope.seed(name))),
    (r"(uid|uuid|token)$", lambda scope, name: derived_uuid(*scope.seed(name))),
    (r"email$", lambda scope, name: f"{_hexadecimal(scope, name)}@{scope.context.account}.iam.gserviceaccount.com"),
    (r"(url|uri)$", lambda scope, name: f"https://{_host(scope, name)}"),
    (r"(endpoint|host|dnsName|domainName|fqdn)$", _host),
    (r"(ip|ipAddress)$", lambda scope, name: f"10.{'.'.join(map(str, derived_bytes(3, *scope.seed(name))))}"),
    (r"(version|generation)$", _one),
    (r"^name$", lambda scope, _: scope.id),
    (r"id$", _made_up_id),
    (r"", lambda scope, name: f"{_words(name.rpartition('.')[2])}-{derived(HEX, 8, *scope.seed(name))}"),
)
