import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from components.aws.documents import rendered
from components.aws.encrypted_volumes import volume_key_statements
from components.aws.karpenter import Karpenter, KarpenterArgs, controller_permissions
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

QUEUE = "arn:lender-karpenter-interruptions"
OWN = "arn:aws:ec2:eu-west-1:111122223333"
OURS = {"aws:ResourceTag/kubernetes.io/cluster/lender-prod": "owned"}
OF_A_POOL = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
BECOMES_OURS = {
    "aws:RequestTag/kubernetes.io/cluster/lender-prod": "owned",
    "aws:RequestTag/eks:eks-cluster-name": "lender-prod",
}
FOR_A_POOL = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
MADE = [
    f"{OWN}:{kind}/*"
    for kind in ("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume")
]


def _args(**changes: Any) -> KarpenterArgs:
    wanted: dict[str, Any] = {
        "cluster_name": "lender-prod",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-cluster",
        "key": "arn:cluster-key",
        "messages_key": "arn:messages-key",
        "prerequisites": [],
        "tags": TAGS,
        **AWS,
    }
    return KarpenterArgs(**wanted | changes)


def _karpenter(**changes: Any) -> Recording:
    return build(lambda: Karpenter("lender-karpenter", _args(**changes)))


def test_karpenter_hears_of_every_reason_why_a_node_may_go() -> None:
    recording = _karpenter()
    queue = recording.one("aws:sqs/queue:Queue", "lender-karpenter-interruptions").inputs
    rules = recording.inputs("aws:cloudwatch/eventRule:EventRule")

    assert queue | {"redrivePolicy": json.loads(queue["redrivePolicy"])} == {
        "name": "lender-prod-interruptions",
        "messageRetentionSeconds": 86_400,
        "receiveWaitTimeSeconds": 20,
        "visibilityTimeoutSeconds": 60,
        "kmsMasterKeyId": "arn:messages-key",
        "redrivePolicy": {"deadLetterTargetArn": f"{QUEUE}-dead", "maxReceiveCount": 5},
        "tags": aws_tags(),
    }
    assert {name: json.loads(rule["eventPattern"]) for name, rule in rules.items()} == {
        "lender-karpenter-interruptions-maintenance": {
            "source": ["aws.health"],
            "detail-type": ["AWS Health Event"],
            "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
        },
        "lender-karpenter-interruptions-spot-interruption": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Spot Instance Interruption Warning"],
        },
        "lender-karpenter-interruptions-spot-rebalance": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance Rebalance Recommendation"],
        },
        "lender-karpenter-interruptions-stop": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance State-change Notification"],
            "detail": {"state": ["stopping", "stopped", "shutting-down", "terminated"]},
        },
    }


def test_only_karpenters_own_pods_take_its_role() -> None:
    recording = _karpenter()
    role = recording.one("aws:iam/role:Role", "lender-karpenter-controller").inputs

    assert role | {"assumeRolePolicy": json.loads(role["assumeRolePolicy"])} == {
        "description": "Starts and stops nodes of lender-prod",
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
                            "aws:RequestTag/kubernetes-service-account": "karpenter",
                        }
                    },
                }
            ],
        },
    }
    association = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    assert recording.inputs(association) == {
        "lender-karpenter-controller": {
            "clusterName": "lender-prod",
            "namespace": "kube-system",
            "serviceAccount": "karpenter",
            "roleArn": "arn:lender-karpenter-controller",
            "tags": aws_tags(),
        }
    }
    assert "lender-karpenter-start-nodes" in recording.one(association, "lender-karpenter-controller").depends_on


def test_karpenter_starts_and_ends_machines_of_its_own_cluster_alone() -> None:
    policy = _karpenter().one("aws:iam/rolePolicy:RolePolicy", "lender-karpenter-start-nodes").inputs["policy"]
    permissions = json.loads(policy)

    assert permissions["Statement"] == [
        {
            "Sid": "UseWhatMachinesAreMadeOf",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances"],
            "Resource": [
                "arn:aws:ec2:eu-west-1::image/*",
                "arn:aws:ec2:eu-west-1::snapshot/*",
                f"{OWN}:security-group/sg-cluster",
                f"{OWN}:subnet/subnet-1",
                f"{OWN}:subnet/subnet-2",
            ],
        },
        {
            "Sid": "UseOwnTemplates",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances"],
            "Resource": [f"{OWN}:launch-template/*"],
            "Condition": {"StringEquals": OURS, "StringLike": OF_A_POOL},
        },
        {
            "Sid": "StartMachinesThatSayWhoseTheyAre",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
            "Resource": MADE,
            "Condition": {"StringEquals": BECOMES_OURS, "StringLike": FOR_A_POOL},
        },
        {
            "Sid": "TagWhatIsStarted",
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": MADE,
            "Condition": {
                "StringEquals": BECOMES_OURS
                | {"ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"]},
                "StringLike": FOR_A_POOL,
            },
        },
        {
            "Sid": "NameOwnMachines",
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": [f"{OWN}:instance/*"],
            "Condition": {
                "StringEquals": OURS,
                "StringLike": OF_A_POOL,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": "lender-prod"},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"]
                },
            },
        },
        {
            "Sid": "EndOwnMachines",
            "Effect": "Allow",
            "Action": ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            "Resource": [f"{OWN}:instance/*", f"{OWN}:launch-template/*"],
            "Condition": {"StringEquals": OURS, "StringLike": OF_A_POOL},
        },
        {
            "Sid": "LetEc2UseSpotMachines",
            "Effect": "Allow",
            "Action": ["iam:CreateServiceLinkedRole"],
            "Resource": ["arn:aws:iam::111122223333:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"],
            "Condition": {"StringEquals": {"iam:AWSServiceName": "spot.amazonaws.com"}},
        },
        *volume_key_statements("arn:cluster-key", "eu-west-1"),
        {
            "Sid": "GiveNodesTheirRole",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": ["arn:lender-karpenter-nodes"],
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        },
        {
            "Sid": "HearOfInterruptions",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            "Resource": [QUEUE],
        },
        {
            "Sid": "ReadInterruptions",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["arn:messages-key"],
            "Condition": {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}},
        },
        {
            "Sid": "LookAround",
            "Effect": "Allow",
            "Action": [
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
            "Resource": ["*"],
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
        {
            "Sid": "LookUpPrices",
            "Effect": "Allow",
            "Action": ["iam:ListInstanceProfiles", "pricing:GetProducts"],
            "Resource": ["*"],
        },
        {
            "Sid": "LookAtProfiles",
            "Effect": "Allow",
            "Action": ["iam:GetInstanceProfile"],
            "Resource": ["arn:aws:iam::111122223333:instance-profile/*"],
        },
        {
            "Sid": "FindImages",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter"],
            "Resource": ["arn:aws:ssm:eu-west-1::parameter/aws/service/eks/optimized-ami/*"],
        },
        {
            "Sid": "FindCluster",
            "Effect": "Allow",
            "Action": ["eks:DescribeCluster"],
            "Resource": ["arn:aws:eks:eu-west-1:111122223333:cluster/lender-prod"],
        },
        {
            "Sid": "AvoidShiftedZones",
            "Effect": "Allow",
            "Action": ["arc-zonal-shift:GetManagedResource"],
            "Resource": ["*"],
            "Condition": {
                "StringEquals": {
                    "arc-zonal-shift:ResourceIdentifier": "arn:aws:eks:eu-west-1:111122223333:cluster/lender-prod"
                }
            },
        },
    ]


def test_the_permissions_fit_into_a_role() -> None:
    """IAM counts 10,240 characters of all policies within a role, blanks apart ("IAM and AWS STS quotas")."""
    args = _args(
        cluster_name="c" * 50,
        subnet_ids=[f"subnet-{'0' * 17}"] * 6,
        key=f"arn:aws:kms:eu-west-1:111122223333:key/{'0' * 36}",
    )
    policy = resolve(
        lambda: rendered(controller_permissions(args, queue_arn=f"arn:{'q' * 100}", node_role_arn=f"arn:{'r' * 100}"))
    )

    assert len(re.sub(r"\s", "", policy)) < 10_240


def test_nodes_join_with_a_role_of_their_own_that_karpenter_cannot_change() -> None:
    recording = _karpenter()

    assert recording.inputs("aws:iam/instanceProfile:InstanceProfile") == {
        "lender-karpenter-nodes": {"role": "lender-karpenter-nodes-0", "tags": aws_tags()}
    }
    assert recording.inputs("aws:eks/accessEntry:AccessEntry") == {
        "lender-karpenter-nodes": {
            "clusterName": "lender-prod",
            "principalArn": "arn:lender-karpenter-nodes",
            "type": "EC2_LINUX",
            "tags": aws_tags(),
        }
    }
    assert recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {
        f"lender-karpenter-nodes-{policy}": {
            "role": "lender-karpenter-nodes-0",
            "policyArn": f"arn:aws:iam::aws:policy/{policy}",
        }
        for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
    }


def test_what_belongs_to_the_cluster_waits_for_it() -> None:
    def program() -> None:
        network = aws.eks.Addon("network", cluster_name="lender-prod", addon_name="vpc-cni")
        Karpenter("lender-karpenter", _args(prerequisites=[network]))

    recording = build(program)

    for token, name in (
        ("aws:eks/accessEntry:AccessEntry", "lender-karpenter-nodes"),
        ("aws:eks/podIdentityAssociation:PodIdentityAssociation", "lender-karpenter-controller"),
    ):
        assert "network" in recording.one(token, name).depends_on


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("role_arn", "arn:lender-karpenter-controller"),
        ("queue_name", "lender-prod-interruptions"),
        ("node_role_arn", "arn:lender-karpenter-nodes"),
        ("instance_profile", "lender-karpenter-nodes-0"),
    ],
)
def test_karpenter_says_what_its_chart_and_pools_need(attribute: str, value: str) -> None:
    assert resolve(lambda: getattr(Karpenter("lender-karpenter", _args()), attribute)) == value


@pytest.mark.parametrize(
    ("argument", "value", "refusal"),
    [
        ("account_id", "1111", "account_id: '1111' is not the twelve digits of an AWS account"),
        (
            "cluster_name",
            "lender prod",
            "cluster_name: 'lender prod' is not the name of a cluster, 50 characters at most",
        ),
        ("subnet_ids", [], "subnet_ids: none given, nodes need a network"),
    ],
)
def test_wrong_arguments_are_refused_by_name(argument: str, value: Any, refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}$"):
        _args(**{argument: value})
