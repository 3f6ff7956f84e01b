"""Plausible values for the outputs that no table lists: of the right type, and shaped by their name.

So a program that reads an output of a type nobody has described yet gets something it can go on with, and the same
thing each time. Where the shape matters, the type belongs in a table.
"""

import base64
import re
from collections.abc import Callable
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
from rehearsal.clouds.sdk import Kind, Shape

_DEPTH = 4  # shapes may hold themselves

_Maker = Callable[[Scope, str], str]


def plausible(scope: Scope, name: str, shape: Shape, depth: int = 0) -> Any:
    """Returns a value for an output, or `ABSENT` where its shape says nothing.

    Args:
        scope: The resource.
        name: The output's name, with the names of the objects around it before it.
        shape: Its shape.
        depth: How many objects are around it.
    """
    match shape.kind:
        case Kind.STRING:
            return shape.choices[0] if shape.choices else _text(scope, name)
        case Kind.INTEGER | Kind.NUMBER:
            return 443 if name.lower().endswith("port") else 1 if name.lower().endswith("version") else 0
        case Kind.BOOLEAN:
            return False
        case Kind.MAP:
            return {}
        case Kind.LIST:
            # An object in it, because a program reads the first one; nothing else tells how many there are.
            holds_object = shape.element is not None and shape.element.kind is Kind.OBJECT
            item = plausible(scope, name, shape.element, depth) if shape.element and holds_object else ABSENT
            return [] if item is ABSENT else [item]
        case Kind.OBJECT if depth < _DEPTH:
            parts = {
                part: plausible(scope, f"{name}.{part}", inner.shape, depth + 1)
                for part, inner in shape.properties.items()
            }
            return {part: value for part, value in parts.items() if value is not ABSENT}
        case _:
            return ABSENT


def default_id(scope: Scope) -> str:
    """Returns an id for a type that no table lists."""
    token_name = scope.token.rpartition(":")[2]
    own = scope.inputs.get("name")
    if scope.context.provider == "gcp":
        project = scope.inputs.get("project") or scope.context.account
        place = scope.inputs.get("location") or scope.inputs.get("region") or "global"
        leaf = own or _hexadecimal(scope, "id")
        return f"projects/{project}/locations/{place}/{token_name[0].lower()}{token_name[1:]}s/{leaf}"
    return str(own) if own else f"{_words(token_name)}-{_hexadecimal(scope, 'id')}"


def _text(scope: Scope, name: str) -> str:
    leaf = name.rpartition(".")[2]
    return next(make(scope, name) for pattern, make in _TEXTS if re.search(pattern, leaf, re.IGNORECASE))


def _arn(scope: Scope, name: str) -> str:
    service = scope.token.split(":")[1].split("/")[0]
    context = scope.context
    kind = _words(scope.token.rpartition(":")[2])
    leaf = scope.id.rpartition("/")[2] if name == "arn" and ":" not in scope.id else _hexadecimal(scope, name)
    return f"arn:aws:{service}:{context.region}:{context.account}:{kind}/{leaf}"


def _self_link(scope: Scope, _name: str) -> str:
    service = scope.token.split(":")[1].split("/")[0]
    return f"https://www.googleapis.com/{service}/v1/{scope.id.lstrip('/')}"


def _host(scope: Scope, name: str) -> str:
    tail = {"aws": f"{scope.context.region}.amazonaws.com", "gcp": "googleapis.com"}.get(
        scope.context.provider, "local"
    )
    return f"{derived(HEX, 12, *scope.seed(name))}.{tail}"


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
    (r"(time|timestamp|date|at|created|updated)$", lambda *_: INSTANT),
    (r"(state|status)$", lambda *_: "ACTIVE"),
    (r"(etag|fingerprint)$", lambda scope, name: base64.b64encode(derived_bytes(8, *scope.seed(name))).decode()),
    (r"(hash|checksum|crc\w*|md5|sha\d+)$", lambda scope, name: derived(HEX, 64, *scope.seed(name))),
    (r"(uid|uuid|token)$", lambda scope, name: derived_uuid(*scope.seed(name))),
    (r"email$", lambda scope, name: f"{_hexadecimal(scope, name)}@{scope.context.account}.iam.gserviceaccount.com"),
    (r"(url|uri)$", lambda scope, name: f"https://{_host(scope, name)}"),
    (r"(endpoint|host|dnsName|domainName|fqdn)$", _host),
    (r"(ip|ipAddress)$", lambda scope, name: f"10.{'.'.join(map(str, derived_bytes(3, *scope.seed(name))))}"),
    (r"version$", lambda *_: "1"),
    (r"^name$", lambda scope, _: scope.id),
    (r"id$", _made_up_id),
    (r"", lambda scope, name: f"{_words(name.rpartition('.')[2])}-{derived(HEX, 8, *scope.seed(name))}"),
)
