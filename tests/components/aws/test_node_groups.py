import json
import re
from dataclasses import replace
from typing import Any

import pulumi_aws as aws
import pytest

from components.aws.node_groups import NodeGroups, NodeGroupsArgs, scaling_group_name
from components.machines import GpuKind
from components.nodes import GPU_TAINT, SPOT_TAINT, NodePool, NodeRole
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

SYSTEM = NodePool(
    name="system",
    role=NodeRole.SYSTEM,
    aws_types=["m7i.4xlarge", "m6i.4xlarge"],
    gcp_type="n2-standard-16",
    min_size=3,
    max_size=10,
    desired_size=4,
    disk_gib=500,
)
SPOT = NodePool(
    name="spot",
    role=NodeRole.SPOT,
    aws_types=["m7i.2xlarge", "m7a.2xlarge", "m6i.2xlarge"],
    gcp_type="n2-standard-8",
    min_size=1,
    max_size=6,
    disk_gib=200,
    taints=[SPOT_TAINT],
)
GPU = NodePool(
    name="gpu",
    role=NodeRole.GPU,
    aws_types=["g6.xlarge"],
    gcp_type="g2-standard-4",
    min_size=1,
    max_size=2,
    disk_gib=200,
    taints=[GPU_TAINT],
    gpu=GpuKind.L4,
)
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SCHEDULE = "aws:autoscaling/schedule:Schedule"


def _args(**changes: Any) -> NodeGroupsArgs:
    wanted: dict[str, Any] = {
        "cluster_name": "lender-prod",
        "subnet_ids": ["subnet-1", "subnet-2", "subnet-3"],
        "security_group_id": "sg-cluster",
        "key": "arn:cluster-key",
        "pools": [SYSTEM],
        "prerequisites": [],
        "tags": TAGS,
        **AWS,
    }
    return NodeGroupsArgs(**wanted | changes)


def _groups(**changes: Any) -> Recording:
    return build(lambda: NodeGroups("lender", _args(**changes)))


def test_the_base_runs_on_demand_mends_itself_and_gives_up_one_node_at_a_time() -> None:
    assert _groups().inputs(GROUP) == {
        "lender-system": {
            "clusterName": "lender-prod",
            "version": "1.36",
            "releaseVersion": "1.36.4-20260923",
            "amiType": "AL2023_x86_64_STANDARD",
            "capacityType": "ON_DEMAND",
            "instanceTypes": ["m7i.4xlarge", "m6i.4xlarge"],
            "nodeRoleArn": "arn:lender-nodes",
            "subnetIds": ["subnet-1", "subnet-2", "subnet-3"],
            "launchTemplate": {"id": "lender-system-id", "version": "7"},
            "scalingConfig": {"minSize": 3, "maxSize": 10, "desiredSize": 4},
            "updateConfig": {"maxUnavailable": 1},
            "nodeRepairConfig": {"enabled": True},
            "labels": {"Environment": "staging", "NodeGroup": "system", "platform.covenant/pool-role": "system"},
            "taints": [],
            "tags": aws_tags(),
        }
    }


def test_spot_and_gpu_nodes_keep_off_pods_that_did_not_ask_for_them() -> None:
    groups = _groups(pools=[SYSTEM, SPOT, GPU]).inputs(GROUP)
    common = {
        key: value
        for key, value in groups["lender-system"].items()
        if key not in ("launchTemplate", "scalingConfig", "labels", "instanceTypes", "taints")
    }

    assert groups["lender-spot"] == common | {
        "capacityType": "SPOT",
        "instanceTypes": ["m7i.2xlarge", "m7a.2xlarge", "m6i.2xlarge"],
        "launchTemplate": {"id": "lender-spot-id", "version": "7"},
        "scalingConfig": {"minSize": 1, "maxSize": 6, "desiredSize": 1},
        "labels": {"Environment": "staging", "NodeGroup": "spot", "platform.covenant/pool-role": "spot"},
        "taints": [{"key": "platform.covenant/spot", "value": "true", "effect": "NO_SCHEDULE"}],
    }
    assert groups["lender-gpu"] == common | {
        "amiType": "AL2023_x86_64_NVIDIA",
        "instanceTypes": ["g6.xlarge"],
        "launchTemplate": {"id": "lender-gpu-id", "version": "7"},
        "scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 1},
        "labels": {"Environment": "staging", "NodeGroup": "gpu", "platform.covenant/pool-role": "gpu"},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    }


def test_pools_that_start_from_nothing_have_no_group() -> None:
    recording = _groups(pools=[SYSTEM, replace(SPOT, min_size=0), replace(GPU, min_size=0)])

    for token in (GROUP, TEMPLATE, SCHEDULE):
        assert set(recording.inputs(token)) == {"lender-system"}


def test_machines_are_closed_encrypted_and_keep_their_identity_from_pods() -> None:
    tags = aws_tags("lender-system")

    assert _groups().inputs(TEMPLATE) == {
        "lender-system": {
            "description": "Nodes of lender-system",
            "updateDefaultVersion": True,
            "metadataOptions": {
                "httpEndpoint": "enabled",
                "httpTokens": "required",
                "httpPutResponseHopLimit": 1,
                "httpProtocolIpv6": "disabled",
                "instanceMetadataTags": "disabled",
            },
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {
                        "volumeType": "gp3",
                        "volumeSize": 500,
                        "encrypted": "true",
                        "kmsKeyId": "arn:cluster-key",
                        "deleteOnTermination": "true",
                    },
                }
            ],
            "networkInterfaces": [
                {
                    "deviceIndex": 0,
                    "associatePublicIpAddress": "false",
                    "deleteOnTermination": "true",
                    "securityGroups": ["sg-cluster"],
                }
            ],
            "monitoring": {"enabled": True},
            "tagSpecifications": [
                {"resourceType": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
            ],
            "tags": tags,
        }
    }


def test_nodes_may_find_their_cluster_pull_images_and_nothing_else() -> None:
    recording = _groups()
    role = recording.one("aws:iam/role:Role", "lender-nodes").inputs

    assert role | {"assumeRolePolicy": json.loads(role["assumeRolePolicy"])} == {
        "description": "Nodes of lender-nodes",
        "assumeRolePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RunOnNodes",
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": ["sts:AssumeRole"],
                }
            ],
        },
        "tags": aws_tags(),
    }
    assert recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {
        f"lender-nodes-{policy}": {"role": "lender-nodes-0", "policyArn": f"arn:aws:iam::aws:policy/{policy}"}
        for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
    }
    assert recording.inputs("aws:iam/rolePolicy:RolePolicy") == {}


def test_nodes_wait_for_their_permissions_and_for_what_makes_them_ready() -> None:
    def program() -> None:
        network = aws.eks.Addon("network", cluster_name="lender-prod", addon_name="vpc-cni")
        NodeGroups("lender", _args(prerequisites=[network]))

    assert {
        "network",
        "lender-nodes-AmazonEKSWorkerNodePolicy",
        "lender-nodes-AmazonEC2ContainerRegistryPullOnly",
    } <= build(program).one(GROUP, "lender-system").depends_on


def test_the_evening_brings_a_group_back_to_its_least_and_never_below() -> None:
    assert _groups(pools=[SYSTEM, SPOT]).inputs(SCHEDULE) == {
        f"lender-{pool.name}": {
            "scheduledActionName": f"{pool.name}-scale-down",
            "autoscalingGroupName": f"eks-lender-{pool.name}",
            "minSize": pool.min_size,
            "maxSize": pool.max_size,
            "desiredCapacity": pool.min_size,
            "recurrence": "0 0 * * *",
            "timeZone": "Etc/UTC",
        }
        for pool in (SYSTEM, SPOT)
    }
    evening = _groups(scale_down="30 21 * * 1-5", time_zone="Europe/Dublin").inputs(SCHEDULE)["lender-system"]
    assert (evening["recurrence"], evening["timeZone"]) == ("30 21 * * 1-5", "Europe/Dublin")


def test_an_update_leaves_the_number_of_nodes_to_people_and_the_evening() -> None:
    assert _groups().one(GROUP, "lender-system").ignore_changes == ("scalingConfig.desiredSize",)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda nodes: nodes.node_role_arn, "arn:lender-nodes"),
        (lambda nodes: nodes.scaling_group_names["system"], "eks-lender-system"),
        (lambda nodes: nodes.groups[0].id, "lender-system-id"),
    ],
)
def test_the_groups_say_how_others_find_them(read: Any, value: str) -> None:
    assert resolve(lambda: read(NodeGroups("lender", _args()))) == value


@pytest.mark.parametrize(("names", "count"), [([], 0), (["a", "b"], 2), ([None], 1)])
def test_a_group_without_its_one_scaling_group_is_an_error(names: list[str | None], count: int) -> None:
    resource = aws.eks.outputs.NodeGroupResource(
        autoscaling_groups=[aws.eks.outputs.NodeGroupResourceAutoscalingGroup(name=name) for name in names]
    )

    with pytest.raises(ValueError, match=f"^a node group is kept in one Auto Scaling group, EKS reports {count}$"):
        scaling_group_name([resource])


@pytest.mark.parametrize(
    ("argument", "value", "refusal"),
    [
        ("region", "europe", "region: 'europe' is not an AWS region such as eu-west-1"),
        (
            "kubernetes_version",
            "1.34",
            "kubernetes_version: '1.34' is not supported, the versions that are: 1.35, 1.36",
        ),
        ("subnet_ids", [], "subnet_ids: none given, nodes need a network"),
        (
            "pools",
            [SPOT],
            "pools: none has the role system, so that the cluster's own workloads would find no node",
        ),
        ("pools", [SYSTEM, SYSTEM], "pools: system, system names a pool twice"),
        (
            "scale_down",
            "daily",
            "scale_down: 'daily' is not a cron expression of five fields such as '0 0 * * *'",
        ),
        (
            "scale_down",
            "0 25 * * *",
            "scale_down: '0 25 * * *' is not a cron expression of five fields such as '0 0 * * *'",
        ),
        ("time_zone", "Dublin", "time_zone: 'Dublin' is not an IANA time zone such as Etc/UTC"),
    ],
)
def test_wrong_arguments_are_refused_by_name(argument: str, value: Any, refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}$"):
        _args(**{argument: value})
