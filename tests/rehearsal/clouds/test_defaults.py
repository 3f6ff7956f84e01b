"""What providers fill into inputs: names, schema defaults, default tags."""

from typing import Any

import pytest

from rehearsal.clouds.defaults import fill_in
from rehearsal.clouds.identity import Context
from rehearsal.clouds.values import UNKNOWN


def context(token: str, **change: Any) -> Context:
    fields: dict[str, Any] = {
        "provider": token.partition(":")[0],
        "urn": f"urn:pulumi:staging::covenant::{token}::network",
        "project": "covenant",
        "stack": "staging",
        "region": "eu-west-1",
        "account": "111122223333",
    }
    return Context(**fields | change)


def test_schema_defaults_and_default_tags_are_filled_in() -> None:
    token = "aws:ec2/vpc:Vpc"
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "network", "owner": "risk"}}
    assert fill_in(token, inputs, context(token, default_tags={"owner": "platform", "stack": "staging"})) == {
        **inputs,
        "enableDnsSupport": True,
        "instanceTenancy": "default",
        "tagsAll": {"owner": "risk", "stack": "staging", "Name": "network"},
        "__defaults": ["enableDnsSupport", "instanceTenancy"],
    }


def test_a_default_that_the_program_spells_out_is_no_change() -> None:
    token = "aws:ec2/vpc:Vpc"
    silent = fill_in(token, {"cidrBlock": "10.0.0.0/16"}, context(token))
    spelled = fill_in(token, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "default"}, context(token))
    assert {**silent, "__defaults": []} == {**spelled, "__defaults": []}


def test_defaults_reach_into_objects_and_lists_that_are_there() -> None:
    token = "gcp:kms/cryptoKey:CryptoKey"
    filled = fill_in(token, {"keyRing": "ring", "versionTemplate": {"algorithm": "X"}}, context(token))
    assert filled["versionTemplate"] == {"algorithm": "X", "protectionLevel": "SOFTWARE"}
    assert "versionTemplate" not in fill_in(token, {"keyRing": "ring"}, context(token))


def test_unknown_tags_make_the_merged_tags_unknown() -> None:
    token = "aws:ec2/vpc:Vpc"
    filled = fill_in(token, {"tags": {"Name": UNKNOWN}}, context(token, default_tags={"owner": "platform"}))
    assert filled["tagsAll"] is UNKNOWN


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "p"}),  # has no tags
        ("kubernetes:core/v1:Namespace", {"metadata": {"name": "scoring"}}),
        ("random:index/randomString:RandomString", {"length": 8}),  # of the plugin framework: defaults come later
    ],
)
def test_nothing_is_filled_in_that_the_provider_does_not_fill_in(token: str, inputs: dict[str, Any]) -> None:
    assert fill_in(token, inputs, context(token, default_tags={"owner": "platform"})) == inputs


def test_an_automatic_name_is_noted_and_kept() -> None:
    token = "aws:s3/bucket:Bucket"
    first = fill_in(token, {}, context(token))
    second = fill_in(token, {"tags": {"a": "b"}}, context(token, urn=f"{context(token).urn}#1"), first)
    assert "bucket" in first["__defaults"]
    assert second["bucket"] == first["bucket"]
