"""The nodes of a cluster on EKS that are always there, in groups that EKS starts, replaces and mends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import available_timezones

import pulumi
import pulumi_aws as aws
from cronsim import CronSim, CronSimError

from components.aws.account import check_account
from components.aws.eks_releases import KUBERNETES_VERSION, ROOT_DEVICE, release_of
from components.aws.node_identity import NodeIdentity
from components.nodes import NodePool, NodeRole, TaintEffect, check_pools
from components.tags import Tags

IMAGE: Final = "AL2023_x86_64_STANDARD"
"""Amazon Linux 2023."""

GPU_IMAGE: Final = "AL2023_x86_64_NVIDIA"
"""The same with NVIDIA's driver; the device plugin that offers the GPU to pods comes as a controller."""

SCALE_DOWN: Final = "0 0 * * *"
"""When groups go back to their least size every evening (seed 003, aws_autoscaling_schedule)."""

_EFFECTS: Final = MappingProxyType(
    {
        TaintEffect.NO_SCHEDULE: "NO_SCHEDULE",
        TaintEffect.PREFER_NO_SCHEDULE: "PREFER_NO_SCHEDULE",
        TaintEffect.NO_EXECUTE: "NO_EXECUTE",
    }
)
"""Taint effects as EKS writes them."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """Which nodes, and where they join.

    A change of a pool's name, role, `gpu` or `aws_types`, or of `subnet_ids`, makes a new group beside the old one,
    which is then drained. A new version, disk or key replaces nodes one after the other; all else changes in place.

    Attributes:
        cluster_name: The cluster.
        account_id: The account of the cluster.
        region: The region of the cluster.
        subnet_ids: Private subnets, one a zone.
        security_group_id: The group that the cluster and its nodes share.
        key: The ARN of the key that encrypts the nodes' disks.
        pools: All pools of the cluster. Those that start from nothing get no group: their nodes are Karpenter's.
        prerequisites: What nodes wait for, from `Cluster.node_prerequisites`.
        tags: Tags of everything, machines and disks included; their environment becomes a label of the nodes.
        kubernetes_version: The version of the nodes, at most that of the cluster.
        scale_down: When groups go back to their least size, as a cron expression.
        time_zone: The IANA time zone of `scale_down`.

    Raises:
        ValueError: The pools don't carry a cluster, or another argument is one that AWS would refuse.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    region: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    key: pulumi.Input[str]
    pools: Sequence[NodePool]
    prerequisites: Sequence[pulumi.Resource]
    tags: Tags
    kubernetes_version: str = KUBERNETES_VERSION
    scale_down: str = SCALE_DOWN
    time_zone: str = "Etc/UTC"

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_pools(self.pools)
        release_of(self.kubernetes_version)
        if not self.subnet_ids:
            raise ValueError("subnet_ids: none given, nodes need a network")
        try:
            CronSim(self.scale_down, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError:
            raise ValueError(
                f"scale_down: {self.scale_down!r} is not a cron expression of five fields such as {SCALE_DOWN!r}"
            ) from None
        if self.time_zone not in available_timezones():
            raise ValueError(f"time_zone: {self.time_zone!r} is not an IANA time zone such as Etc/UTC")


class NodeGroups(pulumi.ComponentResource):
    """A managed group for each pool that has nodes at all times.

    Attributes:
        groups: The groups, for what must not start without nodes.
        node_role_arn: The role of the nodes.
        scaling_group_names: The Auto Scaling group of each pool, by the pool's name.

    Example:
        >>> args = NodeGroupsArgs(
        ...     cluster_name=cluster.name, subnet_ids=network.private_subnet_ids, key=key, pools=pools,
        ...     security_group_id=cluster.security_group_id, prerequisites=cluster.node_prerequisites,
        ...     tags=tags, **place
        ... )
        >>> nodes = NodeGroups("lender", args)
    """

    groups: list[aws.eks.NodeGroup]
    node_role_arn: pulumi.Output[str]
    scaling_group_names: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:NodeGroups", name, None, opts)
        self._prefix = name
        self._args = args
        identity = NodeIdentity(f"{name}-nodes", args.tags, opts=self._child())
        self.node_role_arn = identity.role_arn
        self.groups = []
        self.scaling_group_names = {}
        for pool in args.pools:
            if pool.min_size > 0:
                group = self._group(pool, self._template(pool), identity)
                self.groups.append(group)
                self.scaling_group_names[pool.name] = group.resources.apply(scaling_group_name)
                self._scale_down(pool)
        self.register_outputs({"nodeRoleArn": self.node_role_arn, "scalingGroupNames": self.scaling_group_names})

    def _child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _template(self, pool: NodePool) -> aws.ec2.LaunchTemplate:
        name = f"{self._prefix}-{pool.name}"
        tags = self._args.tags.aws(name=name)
        return aws.ec2.LaunchTemplate(
            name,
            description=f"Nodes of {name}",
            update_default_version=True,
            # No key pair and no port 22: nobody logs in to a node.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # The answer dies at the node's own border, so that no pod gets the node's role.
                http_put_response_hop_limit=1,
                http_protocol_ipv6="disabled",
                instance_metadata_tags="disabled",
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=pool.disk_gib,
                        encrypted="true",
                        kms_key_id=self._args.key,
                        delete_on_termination="true",
                    ),
                )
            ],
            network_interfaces=[
                aws.ec2.LaunchTemplateNetworkInterfaceArgs(
                    device_index=0,
                    associate_public_ip_address="false",
                    delete_on_termination="true",
                    # EKS adds the cluster's group only to interfaces that it describes itself.
                    security_groups=[self._args.security_group_id],
                )
            ],
            monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=tags,
            opts=self._child(),
        )

    def _group(self, pool: NodePool, template: aws.ec2.LaunchTemplate, identity: NodeIdentity) -> aws.eks.NodeGroup:
        return aws.eks.NodeGroup(
            f"{self._prefix}-{pool.name}",
            cluster_name=self._args.cluster_name,
            version=self._args.kubernetes_version,
            # A new image is a change here, tried in staging first, and never a surprise.
            release_version=release_of(self._args.kubernetes_version).node_image,
            ami_type=IMAGE if pool.gpu is None else GPU_IMAGE,
            capacity_type="SPOT" if pool.role is NodeRole.SPOT else "ON_DEMAND",
            instance_types=list(pool.aws_types),
            node_role_arn=identity.role_arn,
            subnet_ids=self._args.subnet_ids,
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=pool.min_size, max_size=pool.max_size, desired_size=pool.initial_size
            ),
            # One at a time: with three nodes two must hold what runs on them.
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels=pool.labels_in(self._args.tags.environment),
            taints=[
                aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=_EFFECTS[taint.effect])
                for taint in pool.taints
            ],
            tags=self._args.tags.aws(),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[identity, *self._args.prerequisites],
                # People scale it by day and the schedule scales it back; an update that only meant to change a
                # label must not.
                ignore_changes=["scalingConfig.desiredSize"],
            ),
        )

    def _scale_down(self, pool: NodePool) -> None:
        aws.autoscaling.Schedule(
            f"{self._prefix}-{pool.name}",
            scheduled_action_name=f"{pool.name}-scale-down",
            autoscaling_group_name=self.scaling_group_names[pool.name],
            # The bounds are the group's own: others would fight with those that EKS sets.
            min_size=pool.min_size,
            max_size=pool.max_size,
            desired_capacity=pool.min_size,
            recurrence=self._args.scale_down,
            time_zone=self._args.time_zone,
            opts=self._child(),
        )


def scaling_group_name(resources: Sequence[aws.eks.outputs.NodeGroupResource]) -> str:
    """The name of the one Auto Scaling group that EKS keeps a node group in.

    Raises:
        ValueError: EKS reports none, or more than one.
    """
    names = [group.name for resource in resources for group in resource.autoscaling_groups or []]
    if len(names) != 1 or names[0] is None:
        raise ValueError(f"a node group is kept in one Auto Scaling group, EKS reports {len(names)}")
    return names[0]
