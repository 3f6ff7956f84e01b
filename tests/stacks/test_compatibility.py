import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stacks.compatibility import breaking_changes

Schema = dict[str, Any]


def contract(**properties: Schema) -> Schema:
    """A contract in which every output is always there."""
    return {"type": "object", "properties": properties, "required": sorted(properties)}


TEXT: Schema = {"type": "string"}
CLOUD: Schema = {"type": "string", "enum": ["aws", "gcp"]}
SERVER = contract(host=TEXT, port={"type": "integer", "minimum": 1, "maximum": 65535})


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (contract(host=TEXT), contract(), ["outputs.host: was removed"]),
        (contract(host=TEXT), contract(address=TEXT), ["outputs.host: was removed"]),
        (
            contract(host=TEXT),
            contract(host=TEXT) | {"required": []},
            ["outputs.host: was always there, can now be absent"],
        ),
        (contract(port=TEXT), contract(port={"type": "integer"}), ["outputs.port: was string, can now be integer"]),
        (
            contract(port={"type": "integer"}),
            contract(port={"type": "number"}),
            ["outputs.port: was integer, can now be number"],
        ),
        (contract(port=TEXT), contract(port={}), ["outputs.port: was string, can now be anything"]),
        (
            contract(host=TEXT),
            contract(host={"anyOf": [TEXT, {"type": "null"}]}),
            ["outputs.host: was string, can now be null"],
        ),
        (
            contract(host=TEXT),
            contract(host={"type": ["string", "null"]}),
            ["outputs.host: was string, can now be null"],
        ),
        (
            contract(cloud=CLOUD),
            contract(cloud=CLOUD | {"enum": ["aws", "azure", "gcp"]}),
            ['outputs.cloud: was one of "aws", "gcp", can now be "azure"'],
        ),
        (
            contract(cloud=CLOUD),
            contract(cloud=TEXT),
            ['outputs.cloud: was one of "aws", "gcp", can now be any other value'],
        ),
        (
            contract(version={"const": "1"}),
            contract(version={"const": "2"}),
            ['outputs.version: was one of "1", can now be "2"'],
        ),
        (contract(flag={"const": 1}), contract(flag={"const": True}), ["outputs.flag: was one of 1, can now be true"]),
        (
            contract(server=SERVER),
            contract(server=contract(host=TEXT, port={"type": "integer", "minimum": 0})),
            ["outputs.server.port: maximum was 65535, is now gone", "outputs.server.port: minimum was 1, is now 0"],
        ),
        (
            contract(uri=TEXT | {"pattern": "^s3:"}),
            contract(uri=TEXT | {"pattern": "^gs:"}),
            ['outputs.uri: pattern was "^s3:", is now "^gs:"'],
        ),
        (
            contract(uri=TEXT | {"format": "uri"}),
            contract(uri=TEXT),
            ['outputs.uri: format was "uri", is now gone'],
        ),
        (
            contract(subnets={"type": "array", "items": TEXT, "minItems": 2}),
            contract(subnets={"type": "array", "items": {"type": "integer"}, "minItems": 1}),
            ["outputs.subnets: minItems was 2, is now 1", "outputs.subnets[]: was string, can now be integer"],
        ),
        (
            contract(subnets={"type": "array", "items": TEXT}),
            contract(subnets={"type": "array"}),
            ["outputs.subnets[]: can now be anything"],
        ),
        (
            contract(systems={"type": "object", "additionalProperties": SERVER}),
            contract(systems={"type": "object", "additionalProperties": contract(host=TEXT)}),
            ["outputs.systems.*.port: was removed"],
        ),
        (
            contract(server={"$ref": "#/$defs/Server"}) | {"$defs": {"Server": SERVER}},
            contract(server={"$ref": "#/$defs/Server"}) | {"$defs": {"Server": contract(host=TEXT)}},
            ["outputs.server.port: was removed"],
        ),
    ],
)
def test_what_a_reader_can_trip_over_is_named(old: Schema, new: Schema, changes: list[str]) -> None:
    assert breaking_changes(old, new) == changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (contract(host=TEXT), contract(host=TEXT, port={"type": "integer"})),
        (contract(host=TEXT) | {"required": []}, contract(host=TEXT)),
        (contract(host={"anyOf": [TEXT, {"type": "null"}]}), contract(host=TEXT)),
        (contract(port={"type": "number"}), contract(port={"type": "integer"})),
        (contract(cloud=CLOUD), contract(cloud=CLOUD | {"enum": ["aws"]})),
        (contract(cloud=CLOUD), contract(cloud={"const": "gcp", "type": "string"})),
        (contract(host=TEXT), contract(host=CLOUD)),
        (contract(port={"type": "integer", "minimum": 1}), contract(port={"type": "integer", "minimum": 1024})),
        (contract(uri=TEXT), contract(uri=TEXT | {"pattern": "^s3:"})),
        (contract(host={}), contract(host=TEXT)),
        (contract(host=TEXT | {"description": "Where."}), contract(host=TEXT | {"title": "Host", "examples": ["a"]})),
        (contract(server=SERVER), contract(server={"$ref": "#/$defs/S"}) | {"$defs": {"S": SERVER}}),
        (
            contract(server={"anyOf": [SERVER, {"type": "null"}]}),
            contract(server={"oneOf": [contract(**SERVER["properties"], name=TEXT)]}),
        ),
    ],
)
def test_what_no_reader_can_notice_breaks_nothing(old: Schema, new: Schema) -> None:
    assert breaking_changes(old, new) == []


LEAVES = st.sampled_from(
    [TEXT, CLOUD, {"type": "integer", "minimum": 1}, {"type": "boolean"}, {"type": ["string", "null"]}]
)
NAMES = st.sampled_from(["host", "port", "keys", "cloud"])
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(NAMES, inner, max_size=3).map(lambda properties: contract(**properties))
        | inner.map(lambda items: {"type": "array", "items": items})
        | inner.map(lambda values: {"type": "object", "additionalProperties": values})
        | st.lists(inner, min_size=1, max_size=2).map(lambda options: {"anyOf": options})
    ),
    max_leaves=6,
)
CONTRACTS = st.dictionaries(NAMES, SCHEMAS, min_size=1).map(lambda properties: contract(**properties))


@hypothesis_settings(deadline=None)
@given(CONTRACTS)
def test_an_unchanged_contract_breaks_nobody(schema: Schema) -> None:
    assert breaking_changes(schema, copy.deepcopy(schema)) == []


@hypothesis_settings(deadline=None)
@given(CONTRACTS, SCHEMAS)
def test_an_added_output_breaks_nobody(schema: Schema, added: Schema) -> None:
    assert breaking_changes(schema, contract(**schema["properties"], added=added)) == []


@hypothesis_settings(deadline=None)
@given(CONTRACTS, st.data())
def test_a_removed_output_always_breaks(schema: Schema, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(schema["required"]))
    left = {name: part for name, part in schema["properties"].items() if name != gone}
    assert breaking_changes(schema, contract(**left)) == [f"outputs.{gone}: was removed"]
