from dataclasses import replace
from typing import Any

import pytest

from components.aws.karpenter_pools import NodeClassArgs, node_class_spec, node_pool_spec
from components.machines import GpuKind
from components.nodes import GPU_TAINT, SPOT_TAINT, NodePool, NodeRole
from tests.components.recording import TAGS, aws_tags

SYSTEM = NodePool(
    name="system",
    role=NodeRole.SYSTEM,
    aws_types=["m7i.4xlarge", "m6i.4xlarge"],
    gcp_type="n2-standard-16",
    min_size=3,
    max_size=10,
    disk_gib=500,
)
SPOT = NodePool(
    name="spot",
    role=NodeRole.SPOT,
    aws_types=["m7i.2xlarge", "m7a.2xlarge", "m6i.2xlarge"],
    gcp_type="n2-standard-8",
    min_size=0,
    max_size=10,
    disk_gib=200,
    taints=[SPOT_TAINT],
)
GPU = NodePool(
    name="gpu",
    role=NodeRole.GPU,
    aws_types=["g6.xlarge"],
    gcp_type="g2-standard-4",
    min_size=0,
    max_size=2,
    disk_gib=200,
    taints=[GPU_TAINT],
    gpu=GpuKind.L4,
)
ARGS = NodeClassArgs(
    cluster_name="lender-prod",
    instance_profile="lender-nodes",
    subnet_ids=["subnet-1", "subnet-2"],
    security_group_id="sg-cluster",
    key="arn:cluster-key",
    tags=TAGS,
)


@pytest.mark.parametrize("pool", [SYSTEM, SPOT, GPU], ids=lambda pool: pool.name)
def test_machines_are_closed_encrypted_and_keep_their_identity_from_pods(pool: NodePool) -> None:
    assert node_class_spec(pool, ARGS) == {
        "amiSelectorTerms": [{"alias": "al2023@v20260923"}],
        "instanceProfile": "lender-nodes",
        "subnetSelectorTerms": [{"id": "subnet-1"}, {"id": "subnet-2"}],
        "securityGroupSelectorTerms": [{"id": "sg-cluster"}],
        "associatePublicIPAddress": False,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": f"{pool.disk_gib}Gi",
                    "encrypted": True,
                    "kmsKeyID": "arn:cluster-key",
                    "deleteOnTermination": True,
                },
            }
        ],
        "detailedMonitoring": True,
        "tags": aws_tags() | {"ebs.csi.aws.com/cluster-name": "lender-prod"},
    }


@pytest.mark.parametrize(
    ("pool", "capacity", "nodes", "taints"),
    [
        (SYSTEM, "on-demand", "7", []),
        (SPOT, "spot", "10", [{"key": "platform.covenant/spot", "value": "true", "effect": "NoSchedule"}]),
        (GPU, "on-demand", "2", [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]),
    ],
    ids=lambda value: value.name if isinstance(value, NodePool) else None,
)
def test_nodes_come_on_top_of_those_that_are_always_there(
    pool: NodePool, capacity: str, nodes: str, taints: list[dict[str, str]]
) -> None:
    requirements: dict[str, Any] = {
        "kubernetes.io/arch": ["amd64"],
        "karpenter.sh/capacity-type": [capacity],
        "node.kubernetes.io/instance-type": pool.aws_types,
    }

    assert node_pool_spec(pool, node_class="lender", environment="prod") == {
        "template": {
            "metadata": {
                "labels": {
                    "Environment": "prod",
                    "NodeGroup": pool.name,
                    "platform.covenant/pool-role": pool.name,
                }
            },
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "lender"},
                "taints": taints,
                "requirements": [
                    {"key": key, "operator": "In", "values": values} for key, values in requirements.items()
                ],
                "expireAfter": "720h",
                "terminationGracePeriod": "1h",
            },
        },
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "10%"}, {"nodes": "0", "schedule": "0 0 * * *", "duration": "6h"}],
        },
        "limits": {"nodes": nodes},
    }


def test_a_pool_whose_nodes_are_all_there_has_none_to_come() -> None:
    with pytest.raises(ValueError, match=r"^pool 'system': all of its 3 nodes are always there, none can come$"):
        node_pool_spec(replace(SYSTEM, max_size=3), node_class="lender", environment="prod")
