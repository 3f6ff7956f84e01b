"""What Karpenter is told of a pool: the specs of the NodePool and the EC2NodeClass from which it makes nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.aws.eks_releases import KUBERNETES_VERSION, ROOT_DEVICE, release_of
from components.nodes import NodePool, NodeRole
from components.tags import Tags

EXPIRE_AFTER: Final = "720h"
"""The age at which a node is replaced: thirty days, in which its image may have been found wanting."""

DRAIN_TIME: Final = "1h"
"""How long pods may hold up a node that has to go; spot machines don't wait at all."""

_BACKUP_HOURS: Final = {"nodes": "0", "schedule": "0 0 * * *", "duration": "6h"}
"""No node is replaced or given up while backups are made and checked, 00:00 to 06:00 UTC."""


@dataclass(frozen=True, kw_only=True)
class NodeClassArgs:
    """What the nodes of all pools share.

    Attributes:
        cluster_name: The cluster.
        instance_profile: The profile of the nodes, from `Karpenter.instance_profile`.
        subnet_ids: Where nodes may be.
        security_group_id: The group of the nodes.
        key: The ARN of the key that encrypts the nodes' disks.
        tags: Tags of machines and disks.
        kubernetes_version: The cluster's version, which decides on the image.
    """

    cluster_name: str
    instance_profile: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    key: pulumi.Input[str]
    tags: Tags
    kubernetes_version: str = KUBERNETES_VERSION


def node_class_spec(pool: NodePool, args: NodeClassArgs) -> Mapping[str, object]:
    """The `spec` of the pool's EC2NodeClass (karpenter.k8s.aws/v1): hardened like the machines of managed groups.

    Raises:
        ValueError: The Kubernetes version is not supported.
    """
    return {
        "amiSelectorTerms": [{"alias": f"al2023@v{release_of(args.kubernetes_version).node_image_date}"}],
        "instanceProfile": args.instance_profile,
        "subnetSelectorTerms": [{"id": subnet} for subnet in args.subnet_ids],
        "securityGroupSelectorTerms": [{"id": args.security_group_id}],
        "associatePublicIPAddress": False,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "blockDeviceMappings": [
            {
                "deviceName": ROOT_DEVICE,
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": f"{pool.disk_gib}Gi",
                    "encrypted": True,
                    "kmsKeyID": args.key,
                    "deleteOnTermination": True,
                },
            }
        ],
        "detailedMonitoring": True,
        # By the second tag the driver of volumes knows the machines that it may attach volumes to.
        "tags": {**args.tags.aws(), "ebs.csi.aws.com/cluster-name": args.cluster_name},
    }


def node_pool_spec(pool: NodePool, *, node_class: str, environment: str) -> Mapping[str, object]:
    """The `spec` of the pool's NodePool (karpenter.sh/v1): what comes on top of the nodes that are always there.

    Args:
        pool: The pool.
        node_class: The name of its EC2NodeClass.
        environment: The stack's environment, a label of the nodes.

    Raises:
        ValueError: All nodes of the pool are always there.
    """
    if pool.max_size == pool.min_size:
        raise ValueError(f"pool {pool.name!r}: all of its {pool.min_size} nodes are always there, none can come")
    capacity = "spot" if pool.role is NodeRole.SPOT else "on-demand"
    return {
        "template": {
            "metadata": {"labels": pool.labels_in(environment)},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": node_class},
                "taints": [
                    {"key": taint.key, "value": taint.value, "effect": str(taint.effect)} for taint in pool.taints
                ],
                "requirements": [
                    {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [capacity]},
                    {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": list(pool.aws_types)},
                ],
                "expireAfter": EXPIRE_AFTER,
                "terminationGracePeriod": DRAIN_TIME,
            },
        },
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "10%"}, _BACKUP_HOURS],
        },
        "limits": {"nodes": str(pool.max_size - pool.min_size)},
    }
