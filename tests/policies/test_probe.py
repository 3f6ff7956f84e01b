"""The accessor tells missing, unknown and set apart, whoever hands over the properties."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import proxy
from pulumi_policy.deserialize import (
    SPECIAL_ASSET_SIG,
    SPECIAL_SECRET_SIG,
    SPECIAL_SIG_KEY,
    deserialize_properties,
)

from policies.probe import Missing, Unknown, Value, holds, probe, probe_each

UNKNOWNS = [value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")]
REFERENCE_SIG = "5cf8f73096256a8f31e491e813e4eb8e"


def proxied(properties: dict[str, Any]) -> Any:
    """As the policy SDK hands properties to a rule."""
    return proxy.unknown_checking_proxy(deserialize_properties(properties))


def plain(properties: dict[str, Any]) -> Any:
    """As a state holds them."""
    return properties


HANDED_OVER = pytest.mark.parametrize("hand_over", [plain, proxied])

PROPERTIES: dict[str, Any] = {
    "engine": "postgres",
    "port": 5432.0,
    "public": False,
    "nothing": None,
    "empty": "",
    "later": proxy.UNKNOWN_STRING_VALUE,
    "tags": {"data-kind": "audit", "app.kubernetes.io/name": "scoring", "later": proxy.UNKNOWN_STRING_VALUE},
    "ingress": [
        {"port": 443, "cidrBlocks": ["10.0.0.0/8", proxy.UNKNOWN_STRING_VALUE]},
        {"port": 80},
        proxy.UNKNOWN_OBJECT_VALUE,
        {"cidrBlocks": ["0.0.0.0/0"]},
    ],
    "rules": proxy.UNKNOWN_ARRAY_VALUE,
}


@HANDED_OVER
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("engine", Value("engine", "postgres")),
        ("port", Value("port", 5432)),
        ("public", Value("public", False)),
        ("empty", Value("empty", "")),
        ("nothing", Missing("nothing")),
        ("absent", Missing("absent")),
        ("absent.below[0].that", Missing("absent.below[0].that")),
        ("engine.below", Missing("engine.below")),
        ("engine[0]", Missing("engine[0]")),
        ("tags[0]", Missing("tags[0]")),
        ("ingress.port", Missing("ingress.port")),
        ("later", Unknown("later")),
        ("later.below[0]", Unknown("later")),
        ("tags.data-kind", Value("tags.data-kind", "audit")),
        ('tags["data-kind"]', Value("tags.data-kind", "audit")),
        ('tags["app.kubernetes.io/name"]', Value('tags["app.kubernetes.io/name"]', "scoring")),
        ("tags.later", Unknown("tags.later")),
        ("tags.absent", Missing("tags.absent")),
        ("ingress[0].port", Value("ingress[0].port", 443)),
        ("ingress[1].cidrBlocks", Missing("ingress[1].cidrBlocks")),
        ("ingress[2].port", Unknown("ingress[2]")),
        ("ingress[9].port", Missing("ingress[9].port")),
        ("rules[0].id", Unknown("rules")),
    ],
)
def test_one_property_is_missing_unknown_or_set(path: str, found: Any, hand_over: Any):
    assert probe(hand_over(PROPERTIES), path) == found


@HANDED_OVER
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("engine", [Value("engine", "postgres")]),
        ("absent[]", []),
        ("engine[]", []),
        ("rules[]", [Unknown("rules")]),
        ("rules[].id", [Unknown("rules")]),
        (
            "ingress[].port",
            [
                Value("ingress[0].port", 443),
                Value("ingress[1].port", 80),
                Unknown("ingress[2]"),
                Missing("ingress[3].port"),
            ],
        ),
        (
            "ingress[].cidrBlocks[]",
            [
                Value("ingress[0].cidrBlocks[0]", "10.0.0.0/8"),
                Unknown("ingress[0].cidrBlocks[1]"),
                Unknown("ingress[2]"),
                Value("ingress[3].cidrBlocks[0]", "0.0.0.0/0"),
            ],
        ),
    ],
)
def test_a_wildcard_finds_each_element(path: str, found: Any, hand_over: Any):
    assert list(probe_each(hand_over(PROPERTIES), path)) == found


@pytest.mark.parametrize("path", ["", ".", "a..b", ".a", "a.", "a[", "a[b]", 'a["b]', "a]", "a[0]b"])
def test_a_malformed_path_is_an_error(path: str):
    with pytest.raises(ValueError, match="path"):
        probe({}, path)


def test_one_property_has_no_wildcard():
    with pytest.raises(ValueError, match="use probe_each"):
        probe({}, "ingress[].port")


@HANDED_OVER
@pytest.mark.parametrize("unknown", UNKNOWNS)
def test_every_kind_of_unknown_is_unknown(unknown: str, hand_over: Any):
    assert probe(hand_over({"a": {"b": unknown}}), "a.b.c") == Unknown("a.b")


def secret(**content: Any) -> dict[str, Any]:
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, **content}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (secret(value={"length": 20}), Value("password.length", 20)),
        (secret(plaintext=json.dumps({"length": 20})), Value("password.length", 20)),
        (secret(ciphertext="v1:abcd"), Unknown("password")),
        (secret(value=proxy.UNKNOWN_STRING_VALUE), Unknown("password")),
        # `pulumi policy analyze` puts this in place of what it has no key for.
        ("[secret]", Unknown("password")),
    ],
)
def test_a_secret_is_looked_through_and_an_encrypted_one_is_unknown(raw: Any, found: Any):
    assert probe({"password": raw}, "password.length") == found


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({"urn": "urn:pulumi::key", "id": "k-1"}, Value("key", "k-1")),
        ({"urn": "urn:pulumi::key", "id": proxy.UNKNOWN_STRING_VALUE}, Unknown("key")),
        ({"urn": "urn:pulumi::component"}, Missing("key")),
    ],
)
def test_a_reference_to_a_resource_is_its_id(reference: Any, found: Any):
    assert probe({"key": {SPECIAL_SIG_KEY: REFERENCE_SIG, **reference}}, "key") == found


def test_a_file_is_a_value_like_any_other():
    file = {SPECIAL_SIG_KEY: SPECIAL_ASSET_SIG, "text": "hello"}
    assert probe({"source": file}, "source") == Value("source", file)


def test_a_value_is_not_shown():
    assert "hunter2" not in repr(probe({"password": "hunter2"}, "password"))


def test_booleans_are_no_numbers():
    assert holds(Value("a", 1), 1.0)
    assert not holds(Value("a", 1), True)
    assert not holds(Value("a", False), 0)
    assert not holds(Unknown("a"), proxy.UNKNOWN_STRING_VALUE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(UNKNOWNS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
)
PATHS = st.lists(st.sampled_from([".a", ".b", ".c", "[0]", "[1]", "[]"]), min_size=1, max_size=4).map(
    lambda steps: "".join(steps).removeprefix(".")
)


@given(st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4), PATHS)
def test_the_proxies_of_the_sdk_change_nothing(properties: dict[str, Any], path: str):
    def kinds(handed_over: Any) -> list[Any]:
        return [(type(found), found.path) for found in probe_each(handed_over, path)]

    assert kinds(proxied(properties)) == kinds(properties)
