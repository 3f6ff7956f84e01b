"""Add-ons that EKS installs and keeps as they are told: one pinned build each, with a role of its own where needed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import Statement, document, rendered
from components.aws.eks_releases import AddonName, release_of
from components.aws.workload_identity import SESSION_SECONDS, pod_trust
from components.tags import Tags

NAMESPACE: Final = "kube-system"
"""Where the add-ons run."""


@dataclass(frozen=True, kw_only=True)
class ManagedAddonArgs:
    """Which add-on, where, and what its pods may do.

    Attributes:
        cluster_name: The cluster.
        kubernetes_version: The cluster's version, which decides on the build.
        account_id: The account of the cluster.
        region: The region of the cluster.
        addon: The add-on.
        tags: Tags of everything that belongs to it.
        configuration: What it is told, by the schema of `aws eks describe-addon-configuration`.
        service_account: The account of those of its pods that call AWS; None where none does.
        policy_arn: AWS's own policy for those pods.
        statements: What those pods may do beyond it.
        prerequisites: What it waits for.

    Raises:
        ValueError: The version is not supported, or there are permissions that no pod would have.
    """

    cluster_name: pulumi.Input[str]
    kubernetes_version: str
    account_id: str
    region: str
    addon: AddonName
    tags: Tags
    configuration: Mapping[str, object] = field(default_factory=dict[str, object])
    service_account: str | None = None
    policy_arn: str | None = None
    statements: Sequence[Statement] = ()
    prerequisites: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        release_of(self.kubernetes_version)
        if self.service_account is None and (self.policy_arn is not None or self.statements):
            raise ValueError("service_account: missing; permissions are given, and no pod would have them")


class ManagedAddon(pulumi.ComponentResource):
    """An add-on of EKS with its identity.

    Example:
        >>> args = ManagedAddonArgs(
        ...     cluster_name=cluster.name, kubernetes_version="1.36", addon=AddonName.KUBE_PROXY, tags=tags, **place
        ... )
        >>> proxy = ManagedAddon("lender-kube-proxy", args)
    """

    def __init__(self, name: str, args: ManagedAddonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:ManagedAddon", name, None, opts)
        identities, permissions = self._identity(name, args)
        aws.eks.Addon(
            name,
            cluster_name=args.cluster_name,
            addon_name=args.addon,
            addon_version=release_of(args.kubernetes_version).addons[args.addon],
            configuration_values=json.dumps(args.configuration, sort_keys=True) if args.configuration else None,
            pod_identity_associations=identities,
            # What stands here is what runs: a change by hand is taken back with the next update.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*permissions, *args.prerequisites]),
        )
        self.register_outputs({})

    def _identity(
        self, name: str, args: ManagedAddonArgs
    ) -> tuple[list[aws.eks.AddonPodIdentityAssociationArgs] | None, list[pulumi.Resource]]:
        """The role of the add-on's pods, if any call AWS, and what it must have before they start."""
        if args.service_account is None:
            return None, []
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description=f"{args.service_account} of {name}",
            assume_role_policy=rendered(pod_trust(args.account_id, NAMESPACE, args.service_account)),
            max_session_duration=SESSION_SECONDS,
            tags=args.tags.aws(),
            opts=child,
        )
        permissions: list[pulumi.Resource] = []
        if args.policy_arn is not None:
            permissions.append(
                aws.iam.RolePolicyAttachment(f"{name}-usual", role=role.name, policy_arn=args.policy_arn, opts=child)
            )
        if args.statements:
            permissions.append(
                aws.iam.RolePolicy(
                    f"{name}-own", role=role.name, policy=rendered(document(*args.statements)), opts=child
                )
            )
        identity = aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=args.service_account)
        return [identity], permissions
