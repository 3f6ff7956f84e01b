"""What a node itself may do in AWS: next to nothing, so that a pod that breaks out of its container finds little."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.documents import PolicyDocument, document, rendered, statement
from components.tags import Tags

# Not AmazonEKSWorkerNodeMinimalPolicy, which is made for EKS Auto Mode: it lacks ec2:DescribeInstances, without
# which Amazon Linux 2023 does not join. Nothing for Session Manager: nobody logs in to a node. Nothing for the
# network plugin and for volumes either: their pods have roles of their own.
NODE_POLICIES: Final = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
"""AWS's policies for a node: to find its cluster and hand pods their identities, and to pull images."""


class NodeIdentity(pulumi.ComponentResource):
    """The role that a cluster's nodes run with.

    Attributes:
        role_name: The role's name.
        role_arn: The role's ARN.

    Example:
        >>> role: pulumi.Output[str] = NodeIdentity("lender-nodes", tags).role_arn
    """

    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]

    def __init__(self, name: str, tags: Tags, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:NodeIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description=f"Nodes of {name}",
            assume_role_policy=rendered(node_trust()),
            tags=tags.aws(),
            opts=child,
        )
        for policy in NODE_POLICIES:
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=child
            )
        self.role_name = role.name
        self.role_arn = role.arn
        self.register_outputs({"roleName": self.role_name, "roleArn": self.role_arn})


def node_trust() -> PolicyDocument:
    """Who may take the role: EC2, for the instances that it starts with it."""
    return document(statement("RunOnNodes", principal={"Service": "ec2.amazonaws.com"}, actions=["sts:AssumeRole"]))
