import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from components.aws.addons import Addons, AddonsArgs
from components.aws.documents import statement
from components.aws.eks_releases import AddonName
from components.aws.encrypted_volumes import volume_key_statements
from components.aws.managed_addon import ManagedAddonArgs
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build

ADDON = "aws:eks/addon:Addon"
DRIVER = "lender-aws-ebs-csi-driver"


def _args(**changes: Any) -> AddonsArgs:
    wanted: dict[str, Any] = {
        "cluster_name": "lender-prod",
        "key": "arn:cluster-key",
        "prerequisites": [],
        "tags": TAGS,
        **AWS,
    }
    return AddonsArgs(**wanted | changes)


def _addons(**changes: Any) -> Recording:
    return build(lambda: Addons("lender", _args(**changes)))


def test_what_runs_on_nodes_is_pinned() -> None:
    pinned = {
        "clusterName": "lender-prod",
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
        "tags": aws_tags(),
    }
    addons = {
        name: inputs
        | (
            {"configurationValues": json.loads(inputs["configurationValues"])}
            if "configurationValues" in inputs
            else {}
        )
        for name, inputs in _addons().inputs(ADDON).items()
    }

    assert addons == {
        "lender-coredns": pinned
        | {
            "addonName": "coredns",
            "addonVersion": "v1.14.3-eksbuild.23",
            "configurationValues": {"autoScaling": {"enabled": True, "minReplicas": 3, "maxReplicas": 10}},
        },
        "lender-snapshot-controller": pinned
        | {"addonName": "snapshot-controller", "addonVersion": "v8.6.0-eksbuild.8"},
        DRIVER: pinned
        | {
            "addonName": "aws-ebs-csi-driver",
            "addonVersion": "v1.66.0-eksbuild.1",
            "configurationValues": {"controller": {"extraVolumeTags": aws_tags()}},
            "podIdentityAssociations": [{"roleArn": f"arn:{DRIVER}", "serviceAccount": "ebs-csi-controller-sa"}],
        },
    }


def test_an_older_cluster_gets_the_builds_that_belong_to_it() -> None:
    versions = {name: it["addonVersion"] for name, it in _addons(kubernetes_version="1.35").inputs(ADDON).items()}

    assert versions == {
        "lender-coredns": "v1.13.2-eksbuild.31",
        "lender-snapshot-controller": "v8.6.0-eksbuild.8",
        DRIVER: "v1.66.0-eksbuild.1",
    }


def test_all_wait_for_nodes_and_the_driver_for_its_permissions_and_for_snapshots() -> None:
    def program() -> None:
        nodes = aws.eks.Addon("nodes", cluster_name="lender-prod", addon_name="vpc-cni")
        Addons("lender", _args(prerequisites=[nodes]))

    recording = build(program)

    for addon in ("lender-coredns", "lender-snapshot-controller"):
        assert "nodes" in recording.one(ADDON, addon).depends_on
    assert {"nodes", "lender-snapshot-controller", f"{DRIVER}-usual", f"{DRIVER}-own"} <= recording.one(
        ADDON, DRIVER
    ).depends_on


def test_only_the_drivers_own_pods_touch_volumes_and_only_their_clusters() -> None:
    recording = _addons()
    role = recording.one("aws:iam/role:Role", DRIVER).inputs

    assert role | {"assumeRolePolicy": json.loads(role["assumeRolePolicy"])} == {
        "description": f"ebs-csi-controller-sa of {DRIVER}",
        "maxSessionDuration": 3600,
        "tags": aws_tags(),
        "assumeRolePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RunAsServiceAccount",
                    "Effect": "Allow",
                    "Principal": {"Service": "pods.eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Condition": {
                        "StringEquals": {
                            "aws:SourceAccount": "111122223333",
                            "aws:RequestTag/kubernetes-namespace": "kube-system",
                            "aws:RequestTag/kubernetes-service-account": "ebs-csi-controller-sa",
                        }
                    },
                }
            ],
        },
    }
    assert recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {
        f"{DRIVER}-usual": {
            "role": f"{DRIVER}-0",
            "policyArn": "arn:aws:iam::aws:policy/AmazonEBSCSIDriverEKSClusterScopedPolicy",
        }
    }
    own = recording.one("aws:iam/rolePolicy:RolePolicy", f"{DRIVER}-own").inputs
    assert own | {"policy": json.loads(own["policy"])} == {
        "role": f"{DRIVER}-0",
        "policy": {
            "Version": "2012-10-17",
            "Statement": list(volume_key_statements("arn:cluster-key", "eu-west-1")),
        },
    }


def test_the_key_of_volumes_is_used_through_ec2_alone() -> None:
    through_ec2 = {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}

    assert volume_key_statements("arn:cluster-key", "eu-west-1") == (
        {
            "Sid": "EncryptVolumes",
            "Effect": "Allow",
            "Action": [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            "Resource": ["arn:cluster-key"],
            "Condition": {"StringEquals": through_ec2},
        },
        {
            "Sid": "LetVolumesKeepUsingTheKey",
            "Effect": "Allow",
            "Action": ["kms:CreateGrant"],
            "Resource": ["arn:cluster-key"],
            "Condition": {"StringEquals": through_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    )


@pytest.mark.parametrize(
    ("argument", "value", "refusal"),
    [
        ("account_id", "1111", "account_id: '1111' is not the twelve digits of an AWS account"),
        (
            "kubernetes_version",
            "1.34",
            "kubernetes_version: '1.34' is not supported, the versions that are: 1.35, 1.36",
        ),
    ],
)
def test_wrong_arguments_are_refused_by_name(argument: str, value: Any, refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}$"):
        _args(**{argument: value})


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"region": "europe"}, "region: 'europe' is not an AWS region such as eu-west-1"),
        ({"kubernetes_version": ""}, "kubernetes_version: '' is not supported, the versions that are: 1.35, 1.36"),
        (
            {"policy_arn": "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"},
            "service_account: missing; permissions are given, and no pod would have them",
        ),
        (
            {"statements": [statement("Look", actions=["ec2:DescribeVpcs"], resources=["*"])]},
            "service_account: missing; permissions are given, and no pod would have them",
        ),
    ],
)
def test_an_add_on_with_wrong_arguments_is_refused(changes: dict[str, Any], refusal: str) -> None:
    wanted: dict[str, Any] = {
        "cluster_name": "lender-prod",
        "kubernetes_version": "1.36",
        "addon": AddonName.KUBE_PROXY,
        "tags": TAGS,
        **AWS,
    }

    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}$"):
        ManagedAddonArgs(**wanted | changes)
