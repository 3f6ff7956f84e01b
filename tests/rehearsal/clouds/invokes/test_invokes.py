"""Data sources: which are known, what they refuse, and that answers have the SDK's shape."""

import re
from typing import Any

import pytest

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes import _FUNCTIONS, InvokeError, UnknownInvoke, WrongArguments, invoke
from rehearsal.clouds.regions import aws_regions
from rehearsal.clouds.sdk import Kind

AWS = Context(
    provider="aws",
    urn="",
    project="covenant",
    stack="staging",
    region="eu-west-1",
    account="111122223333",
    default_tags={"owner": "platform"},
)
GCP = Context(
    provider="gcp",
    urn="",
    project="covenant",
    stack="staging",
    region="europe-west1",
    account="covenant-test",
    project_number="123456789012",
    default_tags={"owner": "platform"},
)

# Arguments with which every function answers.
CALLS: dict[str, dict[str, Any]] = {
    "aws:cloudfront/getCachePolicy:getCachePolicy": {"name": "Managed-CachingDisabled"},
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": {"name": "Managed-AllViewer"},
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": {"id": "67f7725c-6f97-4210-82d7-5512b31e9d03"},
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"name": "com.amazonaws.eu-west-1.s3"},
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": {"service": "kms"},
    "aws:eks/getAddonVersion:getAddonVersion": {"addonName": "coredns", "kubernetesVersion": "1.34"},
    "aws:elb/getServiceAccount:getServiceAccount": {},
    "aws:iam/getPolicy:getPolicy": {"name": "AmazonEBSCSIDriverPolicy"},
    "aws:iam/getPolicyDocument:getPolicyDocument": {"statements": [{"actions": ["s3:*"]}]},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {},
    "aws:index/getCallerIdentity:getCallerIdentity": {},
    "aws:index/getDefaultTags:getDefaultTags": {},
    "aws:index/getPartition:getPartition": {},
    "aws:index/getRegion:getRegion": {},
    "aws:index/getRegions:getRegions": {},
    "aws:kms/getAlias:getAlias": {"name": "alias/aws/s3"},
    "aws:lb/getHostedZoneId:getHostedZoneId": {},
    "aws:route53/getZone:getZone": {"name": "example.com."},
    "aws:s3/getCanonicalUserId:getCanonicalUserId": {},
    "aws:ssm/getParameter:getParameter": {
        "name": "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/standard/recommended/image_id"
    },
    "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount": {},
    "gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount": {},
    "gcp:compute/getNetblockIPRanges:getNetblockIPRanges": {"rangeType": "health-checkers"},
    "gcp:compute/getRegions:getRegions": {},
    "gcp:compute/getZones:getZones": {},
    "gcp:container/getEngineVersions:getEngineVersions": {},
    "gcp:logging/getProjectCmekSettings:getProjectCmekSettings": {"project": "covenant-test"},
    "gcp:organizations/getClientConfig:getClientConfig": {},
    "gcp:organizations/getIAMPolicy:getIAMPolicy": {"bindings": [{"role": "r", "members": ["user:a"]}]},
    "gcp:organizations/getOrganization:getOrganization": {"domain": "example.com"},
    "gcp:organizations/getProject:getProject": {},
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {},
    "gcp:storage/getTransferProjectServiceAccount:getTransferProjectServiceAccount": {},
}
KINDS: dict[Kind, type | tuple[type, ...]] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.LIST: list,
    Kind.MAP: dict,
}


def ask(token: str, **args: Any) -> dict[str, Any]:
    return invoke(token, args, AWS if token.startswith("aws:") else GCP)


def test_every_function_of_the_clouds_is_called_here() -> None:
    assert CALLS.keys() == {token for token in _FUNCTIONS if not token.startswith("kubernetes:")}


@pytest.mark.parametrize("token", CALLS)
def test_an_answer_has_the_sdks_names_and_types(token: str) -> None:
    shapes = sdk.function_type(token).outputs
    answer = ask(token, **CALLS[token])
    assert answer["id"]
    assert answer.keys() <= shapes.keys()
    for name, value in answer.items():
        if shapes[name].kind in KINDS:
            assert isinstance(value, KINDS[shapes[name].kind]), name


@pytest.mark.parametrize("token", CALLS)
def test_an_answer_is_the_same_each_time(token: str) -> None:
    assert ask(token, **CALLS[token]) == ask(token, **CALLS[token])


def test_an_unknown_function_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UnknownInvoke) as error:
        ask("aws:index/getCallerIdentiti:getCallerIdentiti")
    assert str(error.value) == (
        "the stand-in clouds can't answer `aws:index/getCallerIdentiti:getCallerIdentiti`, did you mean "
        "`aws:index/getCallerIdentity:getCallerIdentity`?; add it to rehearsal/clouds/invokes"
    )


@pytest.mark.parametrize(
    ("token", "args", "message"),
    [
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"stat": "available"},
            "aws:index/getAvailabilityZones:getAvailabilityZones: stat: unknown property `stat`, did you mean `state`?",
        ),
        ("aws:kms/getAlias:getAlias", {}, "aws:kms/getAlias:getAlias: name: missing required property"),
        ("aws:index/getRegion:getRegion", {"region": "eu-west-9"}, "region: aws has no region `eu-west-9`"),
        ("gcp:compute/getZones:getZones", {"region": "eu-west-1"}, "region: gcp has no region `eu-west-1`"),
        ("aws:iam/getPolicy:getPolicy", {"name": "Mine"}, "no policy `Mine` among those that AWS manages"),
        ("aws:ssm/getParameter:getParameter", {"name": "/mine"}, "`/mine` is none of AWS's public parameters"),
        ("aws:ec2/getManagedPrefixList:getManagedPrefixList", {"name": "s4"}, "no prefix list `s4` among AWS's own"),
        (
            "aws:ec2/getVpcEndpointService:getVpcEndpointService",
            {},
            "service or serviceName: one of them has to be given",
        ),
        (
            "aws:ec2/getVpcEndpointService:getVpcEndpointService",
            {"service": "s3"},
            "serviceType: s3 has endpoints of both types, Gateway and Interface; name one",
        ),
        (
            "aws:ec2/getVpcEndpointService:getVpcEndpointService",
            {"service": "kms", "serviceType": "Gateway"},
            "serviceType: kms has no endpoints of type Gateway",
        ),
        ("aws:elb/getServiceAccount:getServiceAccount", {"region": "eu-south-2"}, "write logs as the service"),
        ("aws:lb/getHostedZoneId:getHostedZoneId", {"loadBalancerType": "classic"}, "neither application nor network"),
        ("aws:route53/getZone:getZone", {}, "name or zoneId: one of them has to be given"),
        ("aws:eks/getAddonVersion:getAddonVersion", {"addonName": "x", "kubernetesVersion": "1.34"}, "no add-on `x`"),
        (
            "aws:cloudfront/getCachePolicy:getCachePolicy",
            {"name": "Mine"},
            "no cache-policy `Mine` among CloudFront's own",
        ),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"filters": [{"name": "zone", "values": []}]},
            "filters: no filter `zone` among",
        ),
        ("gcp:compute/getNetblockIPRanges:getNetblockIPRanges", {"rangeType": "all"}, "rangeType: `all` is none of"),
        ("gcp:organizations/getOrganization:getOrganization", {}, "organization or domain: one of them"),
    ],
)
def test_wrong_arguments_are_refused(token: str, args: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArguments, match=re.escape(message)):
        ask(token, **args)


def test_a_refusal_is_an_invoke_error_that_names_the_function() -> None:
    with pytest.raises(InvokeError, match=r"^aws:iam/getPolicyDocument:getPolicyDocument: version: "):
        ask("aws:iam/getPolicyDocument:getPolicyDocument", version="1")


def test_the_caller_is_a_role_in_the_account() -> None:
    caller = ask("aws:index/getCallerIdentity:getCallerIdentity")
    assert caller["accountId"] == caller["id"] == "111122223333"
    assert caller["arn"] == "arn:aws:sts::111122223333:assumed-role/rehearsal/rehearsal"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}:rehearsal", caller["userId"])


@pytest.mark.parametrize(
    ("region", "count"), [("eu-west-1", 3), ("us-east-1", 6), ("us-west-1", 2), ("ap-northeast-2", 4)]
)
def test_a_region_has_its_real_zones(region: str, count: int) -> None:
    zones = ask("aws:index/getAvailabilityZones:getAvailabilityZones", region=region, state="available")
    assert len(zones["names"]) == len(zones["zoneIds"]) == count
    assert zones["names"] == sorted(zones["names"])
    assert all(name.startswith(region) for name in zones["names"])


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({"state": "impaired"}, []),
        ({"excludeNames": ["eu-west-1a"]}, ["eu-west-1b", "eu-west-1c"]),
        ({"excludeZoneIds": ["euw1-az1"]}, ["eu-west-1a", "eu-west-1c"]),
        (
            {"filters": [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]},
            ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        ),
        ({"filters": [{"name": "zone-id", "values": ["euw1-az3"]}]}, ["eu-west-1a"]),
        ({"filters": [{"name": "zone-type", "values": ["local-zone"]}]}, []),
    ],
)
def test_zones_are_filtered(args: dict[str, Any], names: list[str]) -> None:
    assert ask("aws:index/getAvailabilityZones:getAvailabilityZones", **args)["names"] == names


def test_a_region_is_described() -> None:
    assert ask("aws:index/getRegion:getRegion", region="us-gov-west-1") == {
        "id": "us-gov-west-1",
        "name": "us-gov-west-1",
        "region": "us-gov-west-1",
        "description": "AWS GovCloud (US-West)",
        "endpoint": "ec2.us-gov-west-1.amazonaws.com",
    }


def test_the_regions_are_those_of_the_partition() -> None:
    names = ask("aws:index/getRegions:getRegions")["names"]
    assert "eu-west-1" in names
    assert {name for name in aws_regions() if name.startswith(("cn-", "us-gov-"))}.isdisjoint(names)


def test_a_managed_policy_is_found_with_its_path() -> None:
    policy = ask("aws:iam/getPolicy:getPolicy", name="AmazonEBSCSIDriverPolicy")
    assert policy["arn"] == "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    assert (policy["path"], policy["name"]) == ("/service-role/", "AmazonEBSCSIDriverPolicy")
    assert ask("aws:iam/getPolicy:getPolicy", arn=policy["arn"]) == policy


def test_a_prefix_list_is_found_by_id_and_by_filter_too() -> None:
    token = "aws:ec2/getManagedPrefixList:getManagedPrefixList"
    found = ask(token, name="com.amazonaws.global.cloudfront.origin-facing")
    assert re.fullmatch(r"pl-[0-9a-f]{8}", found["id"])
    assert ask(token, id=found["id"]) == found
    assert ask(token, filters=[{"name": "prefix-list-name", "values": [found["name"]]}]) == found


def test_load_balancers_have_the_regions_hosted_zones_and_account() -> None:
    zone = "aws:lb/getHostedZoneId:getHostedZoneId"
    assert ask(zone)["id"] == "Z32O12XQLNTSW2"
    assert ask(zone, loadBalancerType="network")["id"] == "Z2IFOLAFXWLO4F"
    assert ask("aws:elb/getServiceAccount:getServiceAccount")["arn"] == "arn:aws:iam::156460612806:root"


def test_a_key_alias_leads_to_the_same_key_in_every_stack() -> None:
    alias = ask("aws:kms/getAlias:getAlias", name="alias/aws/s3")
    assert alias["targetKeyArn"] == f"arn:aws:kms:eu-west-1:111122223333:key/{alias['targetKeyId']}"


def test_default_tags_are_the_providers() -> None:
    assert ask("aws:index/getDefaultTags:getDefaultTags")["tags"] == {"owner": "platform"}
    assert ask("gcp:organizations/getClientConfig:getClientConfig")["defaultLabels"] == {"owner": "platform"}


def test_no_token_is_a_real_one() -> None:
    assert ask("gcp:organizations/getClientConfig:getClientConfig")["accessToken"] == "not-a-real-token"


def test_a_project_has_its_number() -> None:
    project = ask("gcp:organizations/getProject:getProject")
    assert (project["projectId"], project["number"]) == ("covenant-test", "123456789012")
    other = ask("gcp:organizations/getProject:getProject", projectId="projects/other")
    assert other["projectId"] == "other"
    assert re.fullmatch(r"\d{12}", other["number"])
    assert other["number"] != "123456789012"


@pytest.mark.parametrize(
    ("token", "name", "email"),
    [
        (
            "gcp:storage/getProjectServiceAccount:getProjectServiceAccount",
            "emailAddress",
            "service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
        ),
        (
            "gcp:storage/getTransferProjectServiceAccount:getTransferProjectServiceAccount",
            "email",
            "project-123456789012@storage-transfer-service.iam.gserviceaccount.com",
        ),
        (
            "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount",
            "email",
            "bq-123456789012@bigquery-encryption.iam.gserviceaccount.com",
        ),
        (
            "gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount",
            "email",
            "123456789012-compute@developer.gserviceaccount.com",
        ),
    ],
)
def test_a_service_has_its_account_in_the_project(token: str, name: str, email: str) -> None:
    answer = ask(token)
    assert answer[name] == email
    assert answer["member"] == f"serviceAccount:{email}"


def test_the_subject_of_storage_transfer_is_a_number_that_aws_can_trust() -> None:
    answer = ask("gcp:storage/getTransferProjectServiceAccount:getTransferProjectServiceAccount")
    assert re.fullmatch(r"1\d{20}", answer["subjectId"])


def test_an_iam_policy_is_merged_and_in_order() -> None:
    answer = ask(
        "gcp:organizations/getIAMPolicy:getIAMPolicy",
        bindings=[
            {"role": "roles/viewer", "members": ["user:b@x", "user:a@x"]},
            {"role": "roles/viewer", "members": ["user:c@x"], "condition": {"title": "t", "expression": "e"}},
            {"role": "roles/editor", "members": ["user:e@x"]},
            {"role": "roles/viewer", "members": ["user:0@x"]},
        ],
        auditConfigs=[
            {"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["b", "a"]}]}
        ],
    )
    assert answer["policyData"] == (
        '{"auditConfigs":[{"auditLogConfigs":[{"exemptedMembers":["a","b"],"logType":"DATA_READ"}],"service":"allServices"}],'
        '"bindings":[{"members":["user:e@x"],"role":"roles/editor"},'
        '{"members":["user:0@x","user:a@x","user:b@x"],"role":"roles/viewer"},'
        '{"condition":{"expression":"e","title":"t"},"members":["user:c@x"],"role":"roles/viewer"}]}'
    )


def test_versions_of_gke_are_found_by_prefix() -> None:
    token = "gcp:container/getEngineVersions:getEngineVersions"
    assert ask(token, versionPrefix="1.34.")["latestMasterVersion"].startswith("1.34.")
    assert ask(token, versionPrefix="1.1.")["validMasterVersions"] == []
