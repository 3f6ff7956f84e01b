"""What a service on EKS may do in AWS: a role that only its pods can take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, Statement, document, rendered, statement
from components.tags import Tags

SESSION_SECONDS: Final = 3600
"""Credentials live for an hour at most (seed 003, short-lived credentials)."""


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentityArgs:
    """Which pods, and what they may use.

    Attributes:
        account_id: The account of the role and of the cluster.
        region: The region of the cluster and of what it uses.
        namespace: The pods' namespace.
        service_account: The pods' service account in Kubernetes.
        tags: Tags of the role.
        database_login_arns: Logins of databases that they may connect as, from `Postgres.login_arn`.
        bucket_arns: Buckets whose objects they may read, write and delete.
        key_arns: The keys of those buckets.

    Raises:
        ValueError: A bucket is given without a key, or names are missing.
    """

    account_id: str
    region: str
    namespace: str
    service_account: str
    tags: Tags
    database_login_arns: Sequence[pulumi.Input[str]] = ()
    bucket_arns: Sequence[pulumi.Input[str]] = ()
    key_arns: Sequence[pulumi.Input[str]] = ()

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        for field, value in (("namespace", self.namespace), ("service_account", self.service_account)):
            if not value:
                raise ValueError(f"{field}: empty, so that pods of any could take the role")
        if bool(self.bucket_arns) != bool(self.key_arns):
            raise ValueError("key_arns: objects are read and written with their bucket's key; give both or neither")


class WorkloadIdentity(pulumi.ComponentResource):
    """A role that one service account takes by EKS Pod Identity.

    Attributes:
        reference: The role's ARN.

    Example:
        >>> args = WorkloadIdentityArgs(
        ...     namespace="scoring", service_account="api", bucket_arns=[bucket], key_arns=[key],
        ...     tags=tags, **place
        ... )
        >>> role: pulumi.Output[str] = WorkloadIdentity("scoring-api", args).reference
    """

    reference: pulumi.Output[str]

    def __init__(self, name: str, args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:WorkloadIdentity", name, None, opts)
        role = aws.iam.Role(
            name,
            description=f"{args.service_account} in namespace {args.namespace}",
            assume_role_policy=rendered(pod_trust(args.account_id, args.namespace, args.service_account)),
            max_session_duration=SESSION_SECONDS,
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if permissions := permission_statements(args):
            aws.iam.RolePolicy(
                name,
                role=role.name,
                policy=rendered(document(*permissions)),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.reference = role.arn
        self.register_outputs({"reference": self.reference})


def pod_trust(account_id: str, namespace: str, service_account: str) -> PolicyDocument:
    """Who may take the role: pods of the account's clusters that run as the service account.

    The cluster tells namespace and service account as tags of the session, so that a wrong association opens
    nothing ("Create IAM role with trust policy required by EKS Pod Identity").
    """
    return document(
        statement(
            "RunAsServiceAccount",
            principal={"Service": "pods.eks.amazonaws.com"},
            actions=["sts:AssumeRole", "sts:TagSession"],
            condition={
                "StringEquals": {
                    "aws:SourceAccount": account_id,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                }
            },
        )
    )


def permission_statements(args: WorkloadIdentityArgs) -> list[Statement]:
    """What the role may do; empty for a service that uses nothing of the cloud."""
    statements: list[Statement] = []
    if args.database_login_arns:
        statements.append(statement("LogIn", actions=["rds-db:connect"], resources=args.database_login_arns))
    if args.bucket_arns:
        statements += [
            statement("FindObjects", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=args.bucket_arns),
            statement(
                "UseObjects",
                # Without s3:DeleteObjectVersion: what a service deletes can be brought back.
                actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                resources=[pulumi.Output.concat(arn, "/*") for arn in args.bucket_arns],
            ),
            statement(
                "UseKeysForObjects",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=args.key_arns,
                condition={"StringEquals": {"kms:ViaService": f"s3.{args.region}.amazonaws.com"}},
            ),
        ]
    return statements
