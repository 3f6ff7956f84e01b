"""Add-ons that run on nodes: names within the cluster, and volumes with their snapshots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi

from components.aws.account import check_account
from components.aws.eks_releases import KUBERNETES_VERSION, AddonName, release_of
from components.aws.encrypted_volumes import volume_key_statements
from components.aws.managed_addon import ManagedAddon, ManagedAddonArgs
from components.tags import Tags


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """Where the add-ons run and what they make.

    Attributes:
        cluster_name: The cluster.
        account_id: The account of the cluster.
        region: The region of the cluster.
        key: The ARN of the key that volumes are encrypted with; storage classes name it too.
        prerequisites: Nodes, from `NodeGroups.groups`: EKS gives up on an add-on that finds none.
        tags: Tags of everything that belongs to them, and of the volumes.
        kubernetes_version: The cluster's version, which decides on the builds.

    Raises:
        ValueError: The account or region is none, or the version is not supported.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    region: str
    key: pulumi.Input[str]
    prerequisites: Sequence[pulumi.Resource]
    tags: Tags
    kubernetes_version: str = KUBERNETES_VERSION

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        release_of(self.kubernetes_version)


class Addons(pulumi.ComponentResource):
    """The add-ons without which workloads find neither each other nor their data.

    Example:
        >>> args = AddonsArgs(cluster_name=cluster.name, key=key, prerequisites=nodes.groups, tags=tags, **place)
        >>> addons = Addons("lender", args)
    """

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Addons", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        dns = ManagedAddonArgs(
            cluster_name=args.cluster_name,
            kubernetes_version=args.kubernetes_version,
            account_id=args.account_id,
            region=args.region,
            addon=AddonName.COREDNS,
            tags=args.tags,
            # One a zone, and more as the cluster grows.
            configuration={"autoScaling": {"enabled": True, "minReplicas": 3, "maxReplicas": 10}},
            prerequisites=args.prerequisites,
        )
        ManagedAddon(f"{name}-{AddonName.COREDNS}", dns, opts=child)
        snapshots = ManagedAddon(
            f"{name}-{AddonName.SNAPSHOT_CONTROLLER}",
            replace(dns, addon=AddonName.SNAPSHOT_CONTROLLER, configuration={}),
            opts=child,
        )
        ManagedAddon(
            f"{name}-{AddonName.EBS_CSI_DRIVER}",
            replace(
                dns,
                addon=AddonName.EBS_CSI_DRIVER,
                configuration={"controller": {"extraVolumeTags": args.tags.aws()}},
                service_account="ebs-csi-controller-sa",
                # Touches volumes of its own cluster only, which it knows by the name in the pods' session; nodes
                # that EKS did not start must carry that name as the tag ebs.csi.aws.com/cluster-name.
                policy_arn="arn:aws:iam::aws:policy/AmazonEBSCSIDriverEKSClusterScopedPolicy",
                statements=volume_key_statements(args.key, args.region),
                # The driver looks for the kinds of snapshots when it starts, and only then.
                prerequisites=[*args.prerequisites, snapshots],
            ),
            opts=child,
        )
        self.register_outputs({})
