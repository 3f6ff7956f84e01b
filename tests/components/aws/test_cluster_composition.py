"""A whole cluster, wired as a stack wires it: by outputs that are not known beforehand."""

import warnings
from typing import Any

import pulumi
import pytest

from components.aws.addons import Addons, AddonsArgs
from components.aws.cluster import Cluster, ClusterArgs
from components.aws.karpenter import Karpenter, KarpenterArgs
from components.aws.keys import Keys, KeysArgs
from components.aws.node_groups import NodeGroups, NodeGroupsArgs
from components.machines import GpuKind
from components.nodes import GPU_TAINT, PRODUCTION_FLOORS, SPOT_TAINT, NodePool, NodeRole
from components.purposes import KeyPurpose
from components.roles import PlatformRole
from rehearsal.clouds.mocks import StandInMocks
from tests.components.recording import AWS, TAGS, aws_tags, build

PREVIEW_AND_UP = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
SUBNETS = [f"subnet-0123456789abcdef{zone}" for zone in range(3)]
POOLS = [
    NodePool(
        name="system",
        role=NodeRole.SYSTEM,
        aws_types=["m7i.4xlarge", "m6i.4xlarge"],
        gcp_type="n2-standard-16",
        min_size=3,
        max_size=10,
        disk_gib=500,
        floor=PRODUCTION_FLOORS[NodeRole.SYSTEM],
    ),
    NodePool(
        name="spot",
        role=NodeRole.SPOT,
        aws_types=["m7i.2xlarge", "m7a.2xlarge", "m6i.2xlarge"],
        gcp_type="n2-standard-8",
        min_size=1,
        max_size=10,
        disk_gib=200,
        taints=[SPOT_TAINT],
        floor=PRODUCTION_FLOORS[NodeRole.SPOT],
    ),
    NodePool(
        name="gpu",
        role=NodeRole.GPU,
        aws_types=["g6.xlarge"],
        gcp_type="g2-standard-4",
        min_size=0,
        max_size=2,
        disk_gib=200,
        taints=[GPU_TAINT],
        gpu=GpuKind.L4,
    ),
]


def _program() -> None:
    keys = Keys("keys", KeysArgs(purposes=frozenset(KeyPurpose), tags=TAGS, **AWS))
    cluster = Cluster(
        "lender",
        ClusterArgs(
            cluster_name="lender",
            vpc_id="vpc-0123456789abcdef0",
            subnet_ids=SUBNETS,
            key=keys.reference(KeyPurpose.CLUSTER),
            logs_key=keys.reference(KeyPurpose.LOGS),
            access={role: f"arn:aws:iam::111122223333:role/{role}" for role in PlatformRole},
            private_clients=["10.9.0.0/24"],
            public_clients=["198.51.100.0/24"],
            tags=TAGS,
            **AWS,
        ),
    )
    shared: dict[str, Any] = {
        "subnet_ids": SUBNETS,
        "security_group_id": cluster.security_group_id,
        "key": keys.reference(KeyPurpose.CLUSTER),
        "prerequisites": cluster.node_prerequisites,
        "tags": TAGS,
        **AWS,
    }
    nodes = NodeGroups("nodes", NodeGroupsArgs(cluster_name=cluster.name, pools=POOLS, **shared))
    Addons(
        "addons",
        AddonsArgs(
            cluster_name=cluster.name,
            key=keys.reference(KeyPurpose.CLUSTER),
            prerequisites=nodes.groups,
            tags=TAGS,
            **AWS,
        ),
    )
    Karpenter(
        "karpenter",
        KarpenterArgs(cluster_name="lender", messages_key=keys.reference(KeyPurpose.MESSAGING), **shared),
    )


@PREVIEW_AND_UP
def test_the_stand_in_cloud_takes_every_resource(*, preview: bool) -> None:
    mocks = StandInMocks()
    pulumi.runtime.set_mocks(mocks, project="covenant", stack="staging", preview=preview)
    pulumi.runtime.test(_program)()

    assert {(it.token, it.name) for it in mocks.resources} == {(it.token, it.name) for it in build(_program).resources}


def test_the_control_plane_comes_before_nodes_and_nodes_before_what_runs_on_them() -> None:
    recording = build(_program)
    before_nodes = {"lender-kube-proxy", "lender-eks-pod-identity-agent", "lender-vpc-cni"}

    for addon in before_nodes:
        assert "lender" in recording.one("aws:eks/addon:Addon", addon).depends_on
    for group in ("nodes-system", "nodes-spot"):
        assert before_nodes <= recording.one("aws:eks/nodeGroup:NodeGroup", group).depends_on
    for addon in ("addons-coredns", "addons-aws-ebs-csi-driver", "addons-snapshot-controller"):
        assert {"nodes-system", "nodes-spot"} <= recording.one("aws:eks/addon:Addon", addon).depends_on


def test_everything_that_takes_tags_carries_them() -> None:
    untaggable = {
        "aws:autoscaling/schedule:Schedule",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    }
    resources = [it for it in build(_program).resources if not it.token.startswith("covenant:")]

    assert {it.token for it in resources if not aws_tags().items() <= it.inputs.get("tags", {}).items()} == untaggable


def test_nothing_deprecated_is_used() -> None:
    build(_program)

    # The SDKs warn once about deprecated classes of their own when they are first read: that has happened above.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeprecationWarning)
        build(_program)

    assert [str(it.message) for it in caught if issubclass(it.category, DeprecationWarning)] == []
