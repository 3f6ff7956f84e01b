"""A Kubernetes cluster on EKS: its control plane, who may talk to it, and what nodes need to join."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, document, rendered, statement
from components.aws.eks_releases import KUBERNETES_VERSION, AddonName, release_of
from components.aws.managed_addon import ManagedAddon, ManagedAddonArgs
from components.checks import check_name
from components.ordering import after
from components.retention import RetentionClass, days_of
from components.roles import PlatformRole
from components.tags import Tags

LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that a control plane logs."""

SERVICE_CIDR: Final = "172.20.0.0/16"
"""Addresses of services: one of the two ranges that EKS takes by itself, outside the networks of both clouds."""

ADMINISTRATORS: Final = frozenset({PlatformRole.DEPLOY, PlatformRole.BREAK_GLASS})
"""Roles with AWS's own policy for administrators: whoever writes the cluster's RBAC, and whoever mends it.

All other roles may do what RBAC gives to their group, so that their verbs stand in one place for both clouds.
"""

SHORTEST_PUBLIC_CLIENT: Final = 16
"""The length of the widest prefix that may call the public endpoint: what lies beyond is nobody's own."""

_NAME: Final = re.compile(r"(?=.{1,50}$)[a-z](?:-?[a-z0-9])*")
_ROLE_ARN: Final = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+")
_SERVICE_LENGTHS: Final = (12, 24)
_MIN_SUBNETS: Final = 2
_API_PORT: Final = 443


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Version, place and friends of a cluster.

    A new cluster has to be made, and all that runs in the old one with it, when `cluster_name` or
    `service_cidr` change. `key` can never be changed. `kubernetes_version` goes up in place, one version at a
    time and never down; `subnet_ids` change in place as long as their zones stay.

    Attributes:
        cluster_name: The cluster's name, unique in the region.
        account_id: The account that the cluster is in.
        region: The region that the cluster is in.
        vpc_id: The network.
        subnet_ids: Private subnets in two zones or more, for the control plane's network interfaces.
        key: The ARN of the key that encrypts secrets, on top of AWS's own encryption of its disks.
        logs_key: The ARN of the key that encrypts the control plane's logs.
        access: The IAM role of each platform role that may come in; `deploy` must be among them.
        tags: Tags of everything that belongs to it.
        kubernetes_version: The version of the control plane.
        service_cidr: Addresses of services, seen in the cluster only.
        private_clients: Private prefixes outside the cluster that may call its API: pipelines, a VPN.
        public_clients: Public prefixes that may call its API. Without any it has no public endpoint.
        protect: Whether engine and cloud refuse to destroy it.

    Raises:
        ValueError: An argument that EKS would refuse, or that would open the cluster or lock everybody out.
    """

    cluster_name: str
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key: pulumi.Input[str]
    logs_key: pulumi.Input[str]
    access: Mapping[PlatformRole, pulumi.Input[str]]
    tags: Tags
    kubernetes_version: str = KUBERNETES_VERSION
    service_cidr: str = SERVICE_CIDR
    private_clients: Sequence[str] = ()
    public_clients: Sequence[str] = ()
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name(
            "cluster_name",
            self.cluster_name,
            _NAME,
            "1 to 50 lower-case letters, digits and single inner hyphens, the first a letter",
        )
        release_of(self.kubernetes_version)
        if len(self.subnet_ids) < _MIN_SUBNETS:
            raise ValueError(f"subnet_ids: {len(self.subnet_ids)} given, EKS asks for subnets in two zones or more")
        shortest, longest = _SERVICE_LENGTHS
        if not shortest <= _private("service_cidr", self.service_cidr).prefixlen <= longest:
            raise ValueError(f"service_cidr: {self.service_cidr} is not between a /{shortest} and a /{longest}")
        for block in self.private_clients:
            _private("private_clients", block)
        for block in self.public_clients:
            if _prefix("public_clients", block).prefixlen < SHORTEST_PUBLIC_CLIENT:
                raise ValueError(
                    f"public_clients: {block} would open the API to strangers, the widest prefix is a "
                    f"/{SHORTEST_PUBLIC_CLIENT}"
                )
        if PlatformRole.DEPLOY not in self.access:
            raise ValueError("access: no IAM role for deploy, so that nobody could set the cluster up")
        for role, arn in self.access.items():
            check_name(f"access[{role}]", arn, _ROLE_ARN, "the ARN of an IAM role")


class Cluster(pulumi.ComponentResource):
    """A cluster without nodes.

    Attributes:
        name: The cluster's name.
        arn: The cluster's ARN.
        endpoint: The address of its API.
        certificate_authority: The certificate that the API's own is signed with, PEM in base64.
        oidc_issuer: Who signs the tokens of its service accounts, for clouds that trust them.
        security_group_id: The group of the control plane and of all nodes.
        log_group_name: Where the control plane logs, audit included.
        kubeconfig: How to reach it, for whoever has one of the IAM roles; no secret is in it.
        node_prerequisites: What must be there before a node comes, or it never becomes ready.

    Example:
        >>> args = ClusterArgs(
        ...     cluster_name="lender", vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids,
        ...     key=key, logs_key=logs_key, access={PlatformRole.DEPLOY: deploy_role}, tags=tags, **place
        ... )
        >>> issuer: pulumi.Output[str] = Cluster("lender", args).oidc_issuer
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    oidc_issuer: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    node_prerequisites: list[pulumi.Resource]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Cluster", name, None, opts)
        self._prefix = name
        self._args = args
        log_group = self._log_group()
        role, permissions = self._role()
        cluster = aws.eks.Cluster(
            name,
            name=args.cluster_name,
            version=args.kubernetes_version,
            role_arn=role.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                security_group_ids=[self._api_group().id],
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_clients),
                public_access_cidrs=list(args.public_clients) or None,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.service_cidr
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API",
                # Whoever happens to create it gets nothing by that: who may come in stands in `access`.
                bootstrap_cluster_creator_admin_permissions=False,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key), resources=["secrets"]
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            # EKS would put in its own builds, which nobody updates; the managed ones come below.
            bootstrap_self_managed_addons=False,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=args.protect,
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # EKS needs the permissions until it is gone; without a group of that name it would make one
                # itself, unencrypted and kept for ever.
                depends_on=[log_group, permissions],
            ),
        )
        administrators = self._access(cluster)
        self.node_prerequisites = self._node_addons(cluster)
        self.name = cluster.name
        self.arn = cluster.arn
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data
        self.oidc_issuer = cluster.identities[0].oidcs[0].issuer
        self.security_group_id = cluster.vpc_config.cluster_security_group_id
        self.log_group_name = log_group.name
        way_in = kubeconfig(
            cluster_name=args.cluster_name,
            region=args.region,
            endpoint=self.endpoint,
            certificate_authority=self.certificate_authority,
        )
        # Whoever sets the cluster up with it must be let in first, and locked out last.
        self.kubeconfig = after(pulumi.Output.json_dumps(way_in), administrators[PlatformRole.DEPLOY])
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "oidcIssuer": self.oidc_issuer,
                "securityGroupId": self.security_group_id,
                "logGroupName": self.log_group_name,
            }
        )

    def _child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        """One group takes all logs, hence all are kept as long as the audit log among them."""
        retention = RetentionClass.AUDIT
        return aws.cloudwatch.LogGroup(
            f"{self._prefix}-logs",
            name=f"/aws/eks/{self._args.cluster_name}/cluster",
            kms_key_id=self._args.logs_key,
            retention_in_days=days_of(retention),
            tags=self._args.tags.with_(retention=retention).aws(),
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            f"{self._prefix}-control-plane",
            description=f"Control plane of {self._prefix}",
            assume_role_policy=rendered(control_plane_trust()),
            tags=self._args.tags.aws(),
            opts=self._child(),
        )
        permissions = aws.iam.RolePolicy(
            f"{self._prefix}-look-at-nodes",
            role=role.name,
            policy=rendered(
                control_plane_permissions(
                    account_id=self._args.account_id, region=self._args.region, key=self._args.key
                )
            ),
            opts=self._child(),
        )
        return role, permissions

    def _api_group(self) -> aws.ec2.SecurityGroup:
        """Guards the private endpoint; nodes come in by the group that EKS makes for them and itself.

        It is there even when it lets nobody in, because giving the cluster a group later takes EKS minutes.
        """
        group = aws.ec2.SecurityGroup(
            f"{self._prefix}-api",
            # A new description means a new group: keep it.
            description=f"Kubernetes API of {self._prefix}",
            vpc_id=self._args.vpc_id,
            tags=self._args.tags.aws(name=f"{self._prefix}-api"),
            opts=self._child(),
        )
        for block in self._args.private_clients:
            aws.vpc.SecurityGroupIngressRule(
                f"{self._prefix}-api-from-{block.replace('/', '-')}",
                security_group_id=group.id,
                description=f"Kubernetes API from {block}",
                ip_protocol="tcp",
                from_port=_API_PORT,
                to_port=_API_PORT,
                cidr_ipv4=block,
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
        return group

    def _access(self, cluster: aws.eks.Cluster) -> dict[PlatformRole, aws.eks.AccessPolicyAssociation]:
        """Lets the platform roles in; returns what makes administrators of some."""
        administrators: dict[PlatformRole, aws.eks.AccessPolicyAssociation] = {}
        for role, arn in self._args.access.items():
            entry = aws.eks.AccessEntry(
                f"{self._prefix}-{role}",
                cluster_name=cluster.name,
                principal_arn=arn,
                type="STANDARD",
                kubernetes_groups=[role.kubernetes_group],
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
            if role in ADMINISTRATORS:
                administrators[role] = aws.eks.AccessPolicyAssociation(
                    f"{self._prefix}-{role}",
                    cluster_name=cluster.name,
                    principal_arn=arn,
                    policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                    opts=self._child(entry),
                )
        return administrators

    def _node_addons(self, cluster: aws.eks.Cluster) -> list[pulumi.Resource]:
        """What each node runs before it is ready: the ways to services, to AWS and to other pods."""
        common = ManagedAddonArgs(
            cluster_name=cluster.name,
            kubernetes_version=self._args.kubernetes_version,
            account_id=self._args.account_id,
            region=self._args.region,
            addon=AddonName.KUBE_PROXY,
            tags=self._args.tags,
        )
        proxy = ManagedAddon(f"{self._prefix}-{AddonName.KUBE_PROXY}", common, opts=self._child())
        agent = ManagedAddon(
            f"{self._prefix}-{AddonName.POD_IDENTITY_AGENT}",
            replace(common, addon=AddonName.POD_IDENTITY_AGENT),
            opts=self._child(),
        )
        network = ManagedAddon(
            f"{self._prefix}-{AddonName.VPC_CNI}",
            replace(
                common,
                addon=AddonName.VPC_CNI,
                configuration={
                    # Without it network policies are stored and ignored. The schema wants these as text.
                    "enableNetworkPolicy": "true",
                    "nodeAgent": {"enablePolicyEventLogs": "true"},
                    # Sixteen addresses at a time: more pods on a node, and fewer calls to EC2.
                    "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
                },
                service_account="aws-node",
                policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
                prerequisites=[agent],
            ),
            opts=self._child(),
        )
        return [proxy, agent, network]


def control_plane_trust() -> PolicyDocument:
    """Who may take the role of the control plane: EKS."""
    return document(
        statement("RunControlPlane", principal={"Service": "eks.amazonaws.com"}, actions=["sts:AssumeRole"])
    )


def control_plane_permissions(account_id: str, region: str, key: pulumi.Input[str]) -> PolicyDocument:
    """What the control plane may do: look at its nodes ("Amazon EKS cluster IAM role", custom policy).

    AWS's own AmazonEKSClusterPolicy also lets a service of the type LoadBalancer put itself on the internet.
    """
    return document(
        statement(
            "NameNodes",
            actions=["ec2:CreateTags"],
            resources=[f"arn:aws:ec2:{region}:{account_id}:instance/*"],
            condition={"ForAnyValue:StringLike": {"aws:TagKeys": "kubernetes.io/cluster/*"}},
        ),
        # None of these can be limited to a resource.
        statement(
            "LookAtNodes",
            actions=[
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeInstanceTopology",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeVpcs",
            ],
            resources=["*"],
        ),
        statement("LookAtKey", actions=["kms:DescribeKey"], resources=[key]),
    )


def kubeconfig(
    *,
    cluster_name: str,
    region: str,
    endpoint: pulumi.Input[str],
    certificate_authority: pulumi.Input[str],
) -> dict[str, object]:
    """How to reach a cluster: a token of fifteen minutes is fetched with the caller's own credentials each time."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster_name,
                "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
            }
        ],
        "users": [
            {
                "name": cluster_name,
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1",
                        "command": "aws",
                        "args": ["eks", "get-token", "--cluster-name", cluster_name, "--region", region],
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
        "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}],
        "current-context": cluster_name,
    }


def _prefix(argument: str, block: str) -> IPv4Network:
    try:
        return IPv4Network(block)
    except ValueError:
        raise ValueError(f"{argument}: {block!r} is not an IPv4 prefix such as 10.20.0.0/16") from None


def _private(argument: str, block: str) -> IPv4Network:
    prefix = _prefix(argument, block)
    if not prefix.is_private:
        raise ValueError(f"{argument}: {block} is outside private address space")
    return prefix
