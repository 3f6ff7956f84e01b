"""What holds for every resource type: determinism, identity, what the program gave stands, what a preview knows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs import computed_output_names, computed_outputs, preview_outputs, resource_id
from rehearsal.clouds.values import UNKNOWN, has_unknown

ContextOf = Callable[..., Context]

VPC = "aws:ec2/vpc:Vpc"
CLUSTER = "aws:eks/cluster:Cluster"
INSTANCE = "aws:rds/instance:Instance"
NAMES = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"], include_characters="-"), min_size=1, max_size=40)


@settings(deadline=None)  # the first example imports a part of the SDK
@given(name=NAMES, stack=NAMES)
def test_the_same_program_gives_the_same_state(context_of: ContextOf, name: str, stack: str) -> None:
    one, other = context_of(VPC, name, stack=stack), context_of(VPC, name, stack=stack)
    identifier = resource_id(VPC, {}, one)
    assert identifier == resource_id(VPC, {}, other)
    assert computed_outputs(VPC, {}, identifier, one) == computed_outputs(VPC, {}, identifier, other)


@pytest.mark.parametrize(
    "change", [{"stack": "prod"}, {"region": "eu-central-1"}, {"account": "444455556666"}], ids=str
)
def test_another_stack_region_or_account_gives_other_ids(context_of: ContextOf, change: dict[str, str]) -> None:
    assert resource_id(VPC, {}, context_of(VPC, **change)) != resource_id(VPC, {}, context_of(VPC))


def test_ten_thousand_resources_never_share_an_id(context_of: ContextOf) -> None:
    base = context_of(VPC).urn
    ids = {resource_id(VPC, {}, context_of(VPC, urn=f"{base}-{number}")) for number in range(10_000)}
    assert len(ids) == 10_000


def test_a_replacement_gets_an_id_of_its_own(context_of: ContextOf) -> None:
    urn = context_of(VPC).urn
    assert resource_id(VPC, {}, context_of(VPC, urn=f"{urn}#1")) != resource_id(VPC, {}, context_of(VPC, urn=urn))


def test_what_the_program_gave_stands_and_defaults_join_it(context_of: ContextOf) -> None:
    context = context_of("aws:kms/key:Key")
    inputs = {"description": "objects", "enableKeyRotation": True, "policy": "{}"}
    identifier = resource_id("aws:kms/key:Key", inputs, context)
    assert computed_outputs("aws:kms/key:Key", inputs, identifier, context) == {
        **inputs,
        "arn": f"arn:aws:kms:eu-west-1:111122223333:key/{identifier}",
        "keyId": identifier,
        "region": "eu-west-1",
        "tagsAll": {},
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
    }


def test_write_only_arguments_never_reach_the_state(context_of: ContextOf) -> None:
    inputs = {"identifier": "scoring", "engine": "postgres", "passwordWo": "hunter2", "passwordWoVersion": 1}
    state = computed_outputs(INSTANCE, inputs, "db-1", context_of(INSTANCE))
    assert "hunter2" not in str(state)
    assert state["passwordWoVersion"] == 1


def test_a_resource_with_a_region_of_its_own_lives_there(context_of: ContextOf) -> None:
    inputs = {"bucket": "archive", "region": "eu-central-1"}
    state = computed_outputs("aws:s3/bucket:Bucket", inputs, "archive", context_of("aws:s3/bucket:Bucket"))
    assert state["bucketRegionalDomainName"] == "archive.s3.eu-central-1.amazonaws.com"


def test_a_preview_knows_what_was_given_and_nothing_that_the_provider_decides(context_of: ContextOf) -> None:
    inputs = {"identifier": "scoring", "port": 6000, "password": UNKNOWN}
    names = computed_output_names(INSTANCE, inputs)
    assert {"arn", "address", "endpoint", "resourceId", "availabilityZone", "status"} <= names
    assert not {"identifier", "port", "password"} & names
    preview = preview_outputs(INSTANCE, inputs, context_of(INSTANCE))
    assert {name for name, value in preview.items() if value is UNKNOWN} == names | {"password"}
    assert preview.keys() >= inputs.keys()
    assert (preview["port"], preview["publiclyAccessible"]) == (6000, False)


def test_every_name_that_a_preview_leaves_open_is_an_output(context_of: ContextOf) -> None:
    for token in (VPC, CLUSTER, INSTANCE, "gcp:container/cluster:Cluster"):
        assert computed_output_names(token, {}) <= sdk.resource_type(token).outputs.keys()
        assert context_of(token)


def test_a_preview_leaves_open_what_the_provider_adds_to_a_given_object(context_of: ContextOf) -> None:
    inputs: dict[str, Any] = {"name": "main", "vpcConfig": {"subnetIds": ["subnet-1"], "vpcId": "vpc-1"}}
    preview = preview_outputs(CLUSTER, inputs, context_of(CLUSTER))
    assert preview["vpcConfig"] == {
        "subnetIds": ["subnet-1"],
        "vpcId": "vpc-1",
        "clusterSecurityGroupId": UNKNOWN,
        "endpointPrivateAccess": False,
        "endpointPublicAccess": True,
    }
    state = computed_outputs(CLUSTER, inputs, "main", context_of(CLUSTER))
    assert state["vpcConfig"].keys() == preview["vpcConfig"].keys()
    assert not has_unknown(state)


def test_the_preview_of_an_update_keeps_what_the_provider_decided(context_of: ContextOf) -> None:
    inputs: dict[str, Any] = {"name": "main", "vpcConfig": {"subnetIds": ["subnet-1"]}}
    olds = computed_outputs(CLUSTER, inputs, "main", context_of(CLUSTER))
    changed = {**inputs, "vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"]}}
    preview = preview_outputs(CLUSTER, changed, context_of(CLUSTER), olds)
    assert preview["endpoint"] == olds["endpoint"]
    assert preview["vpcConfig"] == {**olds["vpcConfig"], "subnetIds": ["subnet-1", "subnet-2"]}
    assert not has_unknown(preview)


def test_labels_are_known_while_previewing(context_of: ContextOf) -> None:
    token = "gcp:storage/bucket:Bucket"
    preview = preview_outputs(token, {"name": "archive", "labels": {"owner": "risk"}}, context_of(token))
    assert preview["effectiveLabels"] == {"owner": "risk", "goog-pulumi-provisioned": "true"}


def test_a_type_that_no_table_lists_gets_plausible_outputs(context_of: ContextOf) -> None:
    token = "aws:apigateway/restApi:RestApi"
    context = context_of(token)
    identifier = resource_id(token, {"name": "scoring"}, context)
    state = computed_outputs(token, {"name": "scoring"}, identifier, context)
    assert identifier == "scoring"
    assert sdk.resource_type(token).outputs.keys() >= state.keys()
    assert state["arn"] == "arn:aws:apigateway:eu-west-1:111122223333:rest-api/scoring"
    assert state["createdDate"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("token", "inputs", "identifier"),
    [
        (  # by the provider's own pattern
            "gcp:workflows/workflow:Workflow",
            {"name": "nightly", "region": "europe-west3"},
            "projects/covenant-test/locations/europe-west3/workflows/nightly",
        ),
        (
            "gcp:compute/subnetwork:Subnetwork",
            {"name": "data", "network": "main"},
            "projects/covenant-test/regions/europe-west1/subnetworks/data",
        ),
        (  # a grant on something that no table lists
            "gcp:kms/ekmConnectionIamMember:EkmConnectionIamMember",
            {"name": "hsm", "location": "europe", "role": "roles/cloudkms.viewer", "member": "user:a@b.example"},
            "hsm/europe/roles/cloudkms.viewer/user:a@b.example",
        ),
    ],
)
def test_a_gcp_id_follows_the_providers_pattern(
    context_of: ContextOf, token: str, inputs: dict[str, str], identifier: str
) -> None:
    assert resource_id(token, inputs, context_of(token)) == identifier


@pytest.mark.parametrize(
    ("token", "inputs", "pattern"),
    [
        ("gcp:tags/tagKey:TagKey", {"parent": "organizations/1", "shortName": "owner"}, r"tagKeys/[1-9]\d+"),
        (
            "gcp:monitoring/group:Group",
            {"displayName": "api", "filter": "f"},
            r"projects/covenant-test/.+/[0-9a-f]{17}",
        ),
        ("gcp:servicedirectory/service:Service", {"namespace": "n", "serviceId": "s"}, r"projects/covenant-test/.+"),
    ],
)
def test_what_google_names_itself_is_made_up(
    context_of: ContextOf, token: str, inputs: dict[str, str], pattern: str
) -> None:
    assert re.fullmatch(pattern, resource_id(token, inputs, context_of(token)))
