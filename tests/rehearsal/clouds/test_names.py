"""Automatic names: those of the real providers, stable while a resource lives."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.names import _RULES, NameTooLong, automatic_inputs, has_fixed_name


def context(token: str, name: str = "Scoring") -> Context:
    return Context(
        provider=token.partition(":")[0],
        urn=f"urn:pulumi:staging::covenant::{token}::{name}",
        project="covenant",
        stack="staging",
        region="eu-west-1",
        account="111122223333",
    )


@pytest.mark.parametrize(
    ("token", "inputs", "pattern"),
    [
        ("aws:ecs/cluster:Cluster", {}, r"Scoring-[0-9a-f]{7}"),
        ("aws:iam/role:Role", {}, r"Scoring-[0-9a-f]{7}"),
        ("aws:kms/alias:Alias", {}, r"alias/Scoring-[0-9a-f]{7}"),
        ("aws:sqs/queue:Queue", {}, r"Scoring-[0-9a-f]{7}"),
        ("aws:sqs/queue:Queue", {"fifoQueue": True}, r"Scoring-[0-9a-f]{7}\.fifo"),
        ("aws:sns/topic:Topic", {"fifoTopic": True}, r"Scoring-[0-9a-f]{7}\.fifo"),
        ("aws:glue/catalogDatabase:CatalogDatabase", {}, r"scoring_[a-z]{8}"),
        ("gcp:compute/network:Network", {}, r"scoring-[0-9a-f]{7}"),
        ("gcp:pubsub/topic:Topic", {}, r"Scoring-[0-9a-f]{7}"),
        ("kubernetes:helm.sh/v3:Release", {}, r"Scoring-[0-9a-f]{8}"),
    ],
)
def test_a_resource_without_a_name_gets_the_providers(token: str, inputs: dict[str, Any], pattern: str) -> None:
    automatic = automatic_inputs(token, inputs, context(token))
    assert list(automatic) == ["name"]
    assert re.fullmatch(pattern, automatic["name"])


@pytest.mark.parametrize(
    ("token", "name", "pattern"),
    [
        ("aws:s3/bucket:Bucket", "bucket", r"scoring-[0-9a-f]{7}"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", "key", r"Scoring"),
        ("aws:rds/instance:Instance", "identifier", r"Scoring[0-9a-f]{7}"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId", r"scoring-[0-9a-f]{7}"),
        ("aws:eks/nodeGroup:NodeGroup", "nodeGroupName", r"Scoring-[0-9a-f]{7}"),
        ("gcp:serviceaccount/account:Account", "accountId", r"Scoring-[0-9a-f]{7}"),
        ("gcp:secretmanager/secret:Secret", "secretId", r"Scoring-[0-9a-f]{7}"),
    ],
)
def test_a_type_named_by_another_property_gets_its_name_there(token: str, name: str, pattern: str) -> None:
    automatic = automatic_inputs(token, {}, context(token))
    assert list(automatic) == [name]
    assert re.fullmatch(pattern, automatic[name])


@pytest.mark.parametrize(
    "token",
    [
        "aws:route53/record:Record",  # its name is a domain's
        "gcp:dns/recordSet:RecordSet",
        "aws:ec2/vpc:Vpc",  # has no name
        "random:index/randomId:RandomId",
    ],
)
def test_nothing_is_named_that_the_provider_does_not_name(token: str) -> None:
    assert automatic_inputs(token, {}, context(token)) == {}


@pytest.mark.parametrize("given", [{"bucket": "mine"}, {"bucketPrefix": "mine-"}])
def test_a_name_or_prefix_of_the_program_stands(given: dict[str, str]) -> None:
    assert automatic_inputs("aws:s3/bucket:Bucket", given, context("aws:s3/bucket:Bucket")) == {}


def test_a_project_is_named_without_random_characters_and_identified_with_them() -> None:
    token = "gcp:organizations/project:Project"
    automatic = automatic_inputs(token, {}, context(token))
    assert automatic["name"] == "Scoring"
    assert re.fullmatch(r"scoring-[0-9a-f]{7}", automatic["projectId"])


def test_an_update_keeps_the_automatic_name() -> None:
    token = "aws:s3/bucket:Bucket"
    olds = {"bucket": "scoring-0000000", "__defaults": ["bucket"]}
    assert automatic_inputs(token, {}, context(token), olds) == {"bucket": "scoring-0000000"}


def test_a_name_that_the_program_takes_back_becomes_automatic() -> None:
    token = "aws:s3/bucket:Bucket"
    olds = {"bucket": "mine", "__defaults": []}
    assert automatic_inputs(token, {}, context(token), olds)["bucket"].startswith("scoring-")


def test_a_name_longer_than_the_cloud_allows_is_refused_with_the_way_out() -> None:
    token = "aws:lb/targetGroup:TargetGroup"
    message = re.escape(
        "aws:lb/targetGroup:TargetGroup `scoring-api-of-the-test-bed`: the automatic name "
        "`scoring-api-of-the-test-bed-` and 7 random characters is longer than 32; "
        "shorten the logical name or set `name`"
    )
    with pytest.raises(NameTooLong, match=message):
        automatic_inputs(token, {}, context(token, "scoring-api-of-the-test-bed"))


@settings(deadline=None)  # the first example imports a part of the SDK
@given(st.text(st.characters(codec="ascii", categories=["Ll", "Nd"], include_characters="-"), min_size=1, max_size=20))
def test_names_are_the_same_for_the_same_resource(name: str) -> None:
    token = "aws:iam/role:Role"
    assert automatic_inputs(token, {}, context(token, name)) == automatic_inputs(token, {}, context(token, name))


@pytest.mark.parametrize("token", sorted(_RULES))
def test_every_rule_names_a_property_that_the_sdk_leaves_open(token: str) -> None:
    inputs = sdk.resource_type(token).inputs
    for rule in _RULES[token]:
        assert not inputs[rule.property].required
        assert not rule.fifo or rule.fifo in inputs


def test_a_kubernetes_object_is_named_and_placed() -> None:
    token = "kubernetes:core/v1:ConfigMap"
    automatic = automatic_inputs(token, {"metadata": {"labels": {"a": "b"}}}, context(token, "settings"))
    name = automatic["metadata"]["name"]
    assert re.fullmatch(r"settings-[0-9a-f]{8}", name)
    assert automatic == {
        "metadata": {
            "labels": {"a": "b"},
            "name": name,
            "namespace": "default",
            "annotations": {"pulumi.com/autonamed": "true"},
        }
    }


def test_a_kubernetes_object_keeps_its_automatic_name_when_its_labels_change() -> None:
    token = "kubernetes:core/v1:ConfigMap"
    olds = automatic_inputs(token, {"metadata": {"labels": {"a": "b"}}}, context(token))
    news = automatic_inputs(token, {"metadata": {"labels": {"a": "c"}}}, context(f"{token}"), olds)
    assert news["metadata"]["name"] == olds["metadata"]["name"]
    assert news["metadata"]["labels"] == {"a": "c"}


@pytest.mark.parametrize(
    ("token", "metadata"),
    [
        ("kubernetes:core/v1:Namespace", {"name": "scoring"}),
        ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", {"name": "viewer"}),
        ("kubernetes:core/v1:ConfigMap", {"name": "settings", "namespace": "scoring"}),
        ("kubernetes:batch/v1:Job", {"generateName": "load-", "namespace": "scoring"}),
    ],
)
def test_a_named_and_placed_kubernetes_object_stays_as_it_is(token: str, metadata: dict[str, str]) -> None:
    assert automatic_inputs(token, {"metadata": metadata}, context(token)) == {}


@pytest.mark.parametrize(
    ("token", "inputs", "fixed"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "mine"}, True),
        ("aws:s3/bucket:Bucket", {"bucket": "mine-0000000", "__defaults": ["bucket"]}, False),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, False),
        ("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "settings"}}, True),
        (
            "kubernetes:core/v1:ConfigMap",
            {"metadata": {"name": "settings-0", "annotations": {"pulumi.com/autonamed": "true"}}},
            False,
        ),
    ],
)
def test_only_what_the_program_named_can_not_stand_beside_its_replacement(
    token: str, inputs: dict[str, Any], fixed: bool
) -> None:
    assert has_fixed_name(token, inputs) is fixed
