"""What Karpenter needs of AWS: an identity that may start nodes, one for the nodes, and word of interruptions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, Statement, document, rendered, statement
from components.aws.encrypted_volumes import volume_key_statements
from components.aws.messages import EventPattern, Queue, QueueArgs
from components.aws.node_identity import NodeIdentity
from components.aws.workload_identity import SESSION_SECONDS, pod_trust
from components.checks import check_name
from components.tags import Tags

NAMESPACE: Final = "kube-system"
"""Where Karpenter runs: the one namespace whose requests the API server never puts off."""

SERVICE_ACCOUNT: Final = "karpenter"

EVENTS: Final[Mapping[str, EventPattern]] = MappingProxyType(
    {
        "maintenance": {
            "source": ["aws.health"],
            "detail-type": ["AWS Health Event"],
            "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
        },
        "spot-interruption": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
        "spot-rebalance": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"]},
        "stop": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance State-change Notification"],
            "detail": {"state": ["stopping", "stopped", "shutting-down", "terminated"]},
        },
    }
)
"""What Karpenter is told of, so that it moves pods before their node is gone."""

_CLUSTER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    """The cluster that Karpenter serves, and what its nodes are made of.

    Attributes:
        cluster_name: The cluster; a plain value, because the names of tags that the policies speak of hold it.
        account_id: The account of the cluster.
        region: The region of the cluster.
        subnet_ids: Where nodes may be.
        security_group_id: The group of the nodes.
        key: The ARN of the key that encrypts the nodes' disks.
        messages_key: The ARN of the key that encrypts the queue; EventBridge must be allowed to use it.
        prerequisites: What nodes wait for, from `Cluster.node_prerequisites`.
        tags: Tags of everything that belongs to it.

    Raises:
        ValueError: The account, region or cluster's name is none, or nodes would have no subnet.
    """

    cluster_name: str
    account_id: str
    region: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    key: pulumi.Input[str]
    messages_key: pulumi.Input[str]
    prerequisites: Sequence[pulumi.Resource]
    tags: Tags

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name("cluster_name", self.cluster_name, _CLUSTER_NAME, "the name of a cluster, 50 characters at most")
        if not self.subnet_ids:
            raise ValueError("subnet_ids: none given, nodes need a network")


class Karpenter(pulumi.ComponentResource):
    """The AWS half of Karpenter; its chart and its pools of nodes belong to the cluster.

    Attributes:
        role_arn: The role of the controller, which pods of SERVICE_ACCOUNT in NAMESPACE take.
        queue_name: The queue of interruptions, the chart's `settings.interruptionQueue`.
        node_role_arn: The role of the nodes that it starts.
        instance_profile: The profile by which those nodes get it, an EC2NodeClass's `instanceProfile`.

    Example:
        >>> args = KarpenterArgs(
        ...     cluster_name="lender", subnet_ids=network.private_subnet_ids, key=key, messages_key=messages_key,
        ...     security_group_id=cluster.security_group_id, prerequisites=cluster.node_prerequisites,
        ...     tags=tags, **place
        ... )
        >>> queue: pulumi.Output[str] = Karpenter("lender-karpenter", args).queue_name
    """

    role_arn: pulumi.Output[str]
    queue_name: pulumi.Output[str]
    node_role_arn: pulumi.Output[str]
    instance_profile: pulumi.Output[str]

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Karpenter", name, None, opts)
        self._prefix = name
        self._args = args
        queue = self._queue()
        nodes, profile = self._nodes()
        role = self._controller(queue, nodes)
        self.role_arn = role.arn
        self.queue_name = queue.name
        self.node_role_arn = nodes.role_arn
        self.instance_profile = profile.name
        self.register_outputs(
            {
                "roleArn": self.role_arn,
                "queueName": self.queue_name,
                "nodeRoleArn": self.node_role_arn,
                "instanceProfile": self.instance_profile,
            }
        )

    def _child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _queue(self) -> Queue:
        return Queue(
            f"{self._prefix}-interruptions",
            QueueArgs(
                queue_name=f"{self._args.cluster_name}-interruptions",
                account_id=self._args.account_id,
                region=self._args.region,
                key=self._args.messages_key,
                events=EVENTS,
                # An interruption follows its warning within minutes: a message of yesterday is no news.
                retention_days=1,
                tags=self._args.tags,
            ),
            opts=self._child(),
        )

    def _nodes(self) -> tuple[NodeIdentity, aws.iam.InstanceProfile]:
        """The profile is made here, so that the controller need not be allowed to make any."""
        identity = NodeIdentity(f"{self._prefix}-nodes", self._args.tags, opts=self._child())
        profile = aws.iam.InstanceProfile(
            f"{self._prefix}-nodes",
            role=identity.role_name,
            tags=self._args.tags.aws(),
            opts=self._child(identity),
        )
        aws.eks.AccessEntry(
            f"{self._prefix}-nodes",
            cluster_name=self._args.cluster_name,
            principal_arn=identity.role_arn,
            # EKS gives nodes their Kubernetes groups itself; managed groups get such an entry by themselves.
            type="EC2_LINUX",
            tags=self._args.tags.aws(),
            opts=self._child(*self._args.prerequisites),
        )
        return identity, profile

    def _controller(self, queue: Queue, nodes: NodeIdentity) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self._prefix}-controller",
            description=f"Starts and stops nodes of {self._args.cluster_name}",
            assume_role_policy=rendered(pod_trust(self._args.account_id, NAMESPACE, SERVICE_ACCOUNT)),
            max_session_duration=SESSION_SECONDS,
            tags=self._args.tags.aws(),
            opts=self._child(),
        )
        permissions = aws.iam.RolePolicy(
            f"{self._prefix}-start-nodes",
            role=role.name,
            policy=rendered(controller_permissions(self._args, queue_arn=queue.arn, node_role_arn=nodes.role_arn)),
            opts=self._child(),
        )
        aws.eks.PodIdentityAssociation(
            f"{self._prefix}-controller",
            cluster_name=self._args.cluster_name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            tags=self._args.tags.aws(),
            opts=self._child(permissions, *self._args.prerequisites),
        )
        return role


def controller_permissions(
    args: KarpenterArgs, *, queue_arn: pulumi.Input[str], node_role_arn: pulumi.Input[str]
) -> PolicyDocument:
    """What the controller may do: start machines for this cluster, and touch no other ("Karpenter reference")."""
    return document(
        *_start_statements(args),
        *volume_key_statements(args.key, args.region),
        statement(
            "GiveNodesTheirRole",
            actions=["iam:PassRole"],
            resources=[node_role_arn],
            condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        statement(
            "HearOfInterruptions",
            actions=["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            resources=[queue_arn],
        ),
        statement(
            "ReadInterruptions",
            actions=["kms:Decrypt"],
            resources=[args.messages_key],
            condition={"StringEquals": {"kms:ViaService": f"sqs.{args.region}.amazonaws.com"}},
        ),
        *_look_statements(args),
    )


def _start_statements(args: KarpenterArgs) -> list[Statement]:
    """Machines are started, tagged and ended only as this cluster's: the tags say whose they are."""
    ec2 = f"arn:aws:ec2:{args.region}"
    own = f"{ec2}:{args.account_id}"
    ours = {f"aws:ResourceTag/kubernetes.io/cluster/{args.cluster_name}": "owned"}
    becomes_ours = {
        f"aws:RequestTag/kubernetes.io/cluster/{args.cluster_name}": "owned",
        "aws:RequestTag/eks:eks-cluster-name": args.cluster_name,
    }
    of_a_pool = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
    for_a_pool = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
    made = [
        f"{own}:{kind}/*"
        for kind in ("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume")
    ]
    return [
        statement(
            "UseWhatMachinesAreMadeOf",
            actions=["ec2:CreateFleet", "ec2:RunInstances"],
            resources=[
                # Images belong to whoever publishes them.
                f"{ec2}::image/*",
                f"{ec2}::snapshot/*",
                pulumi.Output.concat(f"{own}:security-group/", args.security_group_id),
                *(pulumi.Output.concat(f"{own}:subnet/", subnet) for subnet in args.subnet_ids),
            ],
        ),
        statement(
            "UseOwnTemplates",
            actions=["ec2:CreateFleet", "ec2:RunInstances"],
            resources=[f"{own}:launch-template/*"],
            condition={"StringEquals": ours, "StringLike": of_a_pool},
        ),
        statement(
            "StartMachinesThatSayWhoseTheyAre",
            actions=["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
            resources=made,
            condition={"StringEquals": becomes_ours, "StringLike": for_a_pool},
        ),
        statement(
            "TagWhatIsStarted",
            actions=["ec2:CreateTags"],
            resources=made,
            condition={
                "StringEquals": {
                    **becomes_ours,
                    "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
                },
                "StringLike": for_a_pool,
            },
        ),
        statement(
            "NameOwnMachines",
            actions=["ec2:CreateTags"],
            resources=[f"{own}:instance/*"],
            condition={
                "StringEquals": ours,
                "StringLike": of_a_pool,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": args.cluster_name},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"]
                },
            },
        ),
        statement(
            "EndOwnMachines",
            actions=["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            resources=[f"{own}:instance/*", f"{own}:launch-template/*"],
            condition={"StringEquals": ours, "StringLike": of_a_pool},
        ),
        # An account that never used spot machines lacks the role by which EC2 handles them.
        statement(
            "LetEc2UseSpotMachines",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[
                f"arn:aws:iam::{args.account_id}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
            ],
            condition={"StringEquals": {"iam:AWSServiceName": "spot.amazonaws.com"}},
        ),
    ]


def _look_statements(args: KarpenterArgs) -> list[Statement]:
    cluster_arn = f"arn:aws:eks:{args.region}:{args.account_id}:cluster/{args.cluster_name}"
    return [
        # None of these can be limited to a resource.
        statement(
            "LookAround",
            actions=[
                "ec2:DescribeCapacityReservations",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypeOfferings",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribePlacementGroups",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets",
            ],
            resources=["*"],
            condition={"StringEquals": {"aws:RequestedRegion": args.region}},
        ),
        # Nor these two, which know no region either: prices, and the list of all profiles.
        statement("LookUpPrices", actions=["iam:ListInstanceProfiles", "pricing:GetProducts"], resources=["*"]),
        statement(
            "LookAtProfiles",
            actions=["iam:GetInstanceProfile"],
            resources=[f"arn:aws:iam::{args.account_id}:instance-profile/*"],
        ),
        statement(
            "FindImages",
            actions=["ssm:GetParameter"],
            resources=[f"arn:aws:ssm:{args.region}::parameter/aws/service/eks/optimized-ami/*"],
        ),
        statement("FindCluster", actions=["eks:DescribeCluster"], resources=[cluster_arn]),
        # Zones that traffic was shifted away from get no new nodes. The condition is what limits it.
        statement(
            "AvoidShiftedZones",
            actions=["arc-zonal-shift:GetManagedResource"],
            resources=["*"],
            condition={"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster_arn}},
        ),
    ]
