"""Property values between the engine's wire format and plain Python.

The engine sends properties as a protobuf ``Struct`` in which unknown, secret, asset and output values are marked
by signatures (the SDK's ``pulumi.runtime.rpc`` holds them). Inside the stand-ins they are plain Python values,
with `UNKNOWN` for what a preview can't know and `Secret` around what must not be shown.
"""

from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

from rehearsal.clouds.values import UNKNOWN, Secret

# The protocol's own marks, the same in every SDK (`pulumi.runtime.rpc` and the engine's `resource/plugin/rpc.go`).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"

# One sentinel per type: the engine uses the string's for everything, the policy SDK knows the others too.
_UNKNOWN_SENTINELS = frozenset(
    {
        rpc.UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def decode(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Returns the properties as plain Python; whole numbers become ``int``, as protobuf knows only doubles."""
    return {key: plain(value) for key, value in json_format.MessageToDict(properties).items()}


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Returns the properties in the wire format; the opposite of `decode`. ``None`` values are left out."""
    struct = struct_pb2.Struct()
    json_format.ParseDict({key: _encode(value) for key, value in properties.items() if value is not None}, struct)
    return struct


def plain(value: Any) -> Any:
    """Returns a value that protobuf has decoded as the stand-ins know it: unknown, secret, and whole numbers whole."""
    if isinstance(value, str) and value in _UNKNOWN_SENTINELS:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        if _SIGNATURE in fields:
            return _decode_marked(fields)
        return {key: plain(item) for key, item in fields.items()}
    return value


def _decode_marked(fields: dict[str, Any]) -> Any:
    match fields[_SIGNATURE]:
        case signature if signature == _SECRET:
            return Secret(plain(fields.get("value")))
        case signature if signature == _OUTPUT:
            inner = plain(fields["value"]) if "value" in fields else UNKNOWN
            return Secret(inner) if fields.get("secret") else inner
        case signature if signature == _RESOURCE:
            return fields.get("id") or fields["urn"]
        case _:
            return fields  # assets and archives travel as they are


def _encode(value: Any) -> Any:
    if value is UNKNOWN:
        return rpc.UNKNOWN
    match value:
        case Secret():
            return {_SIGNATURE: _SECRET, "value": _encode(value.value)}
        case Mapping():
            return {key: _encode(item) for key, item in value.items()}
        case list() | tuple():
            return [_encode(item) for item in value]
        case _:
            return value
