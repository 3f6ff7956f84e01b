"""What a service on GKE may do in Google Cloud: a service account that only its pods can use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.checks import check_name
from components.gcp.project import check_project
from components.tags import Tags

_ACCOUNT = re.compile(r"(?=.{6,30}$)[a-z](?:-?[a-z0-9])*")


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentityArgs:
    """Which pods, and what they may use.

    Attributes:
        service_account_id: The name of the account, unique in the project.
        project: The project of the account and of what it uses.
        region: The region of what it uses.
        namespace: The pods' namespace.
        service_account: The pods' service account in Kubernetes.
        tags: Whose it is; accounts take no labels, so it stands in the description.
        workload_pool: The cluster's pool of identities, `<project>.svc.id.goog`. None while the project has
            no cluster: the pool is made with the first one, and a grant to it is refused earlier.
        database_instance: The Cloud SQL instance that they log in to as themselves.
        buckets: Buckets whose objects they may read, write and delete, by a name that stays.

    Raises:
        ValueError: A name is missing or not allowed.
    """

    service_account_id: str
    project: str
    region: str
    namespace: str
    service_account: str
    tags: Tags
    workload_pool: pulumi.Input[str] | None = None
    database_instance: pulumi.Input[str] | None = None
    buckets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    def __post_init__(self) -> None:
        check_project(self.project, self.region)
        check_name(
            "service_account_id",
            self.service_account_id,
            _ACCOUNT,
            "6 to 30 lower-case letters, digits and single inner hyphens, the first a letter",
        )
        for name, value in (("namespace", self.namespace), ("service_account", self.service_account)):
            if not value:
                raise ValueError(f"{name}: empty, so that pods of any could use the account")


class WorkloadIdentity(pulumi.ComponentResource):
    """A Google service account that one Kubernetes service account may use.

    Attributes:
        reference: The account's e-mail address.
        database_user: The name under which it logs in to the database.

    Example:
        >>> args = WorkloadIdentityArgs(
        ...     service_account_id="scoring-api", namespace="scoring", service_account="api", tags=tags,
        ...     database_instance="lender", buckets={"models": "lender-models"}, **place
        ... )
        >>> email: pulumi.Output[str] = WorkloadIdentity("scoring-api", args).reference
    """

    reference: pulumi.Output[str]
    database_user: pulumi.Output[str]

    def __init__(self, name: str, args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:WorkloadIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            name,
            account_id=args.service_account_id,
            project=args.project,
            display_name=f"{args.service_account} in namespace {args.namespace}",
            description=f"{args.tags.system}, owned by {args.tags.owner}",
            opts=child,
        )
        if args.workload_pool is not None:
            gcp.serviceaccount.IAMMember(
                f"{name}-pods",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=pulumi.Output.concat(
                    "serviceAccount:", args.workload_pool, f"[{args.namespace}/{args.service_account}]"
                ),
                opts=child,
            )
        for bucket, bucket_name in args.buckets.items():
            gcp.storage.BucketIAMMember(
                f"{name}-{bucket}",
                bucket=bucket_name,
                role="roles/storage.objectUser",
                member=account.member,
                opts=child,
            )
        self.reference = account.email
        self.database_user = account.email.apply(database_user)
        if args.database_instance is not None:
            self._database_login(name, args.project, args.database_instance, account.member)
        self.register_outputs({"reference": self.reference, "databaseUser": self.database_user})

    def _database_login(self, name: str, project: str, instance: pulumi.Input[str], member: pulumi.Input[str]) -> None:
        """Roles of Cloud SQL are given in the project: a condition keeps them to the one instance."""
        only_this = gcp.projects.IAMMemberConditionArgs(
            title="one-instance",
            expression=pulumi.Output.format(
                "resource.name == 'projects/{0}/instances/{1}' && resource.service == 'sqladmin.googleapis.com'",
                project,
                instance,
            ),
        )
        for role in ("cloudsql.client", "cloudsql.instanceUser"):
            gcp.projects.IAMMember(
                f"{name}-{role}",
                project=project,
                role=f"roles/{role}",
                member=member,
                condition=only_this,
                opts=pulumi.ResourceOptions(parent=self),
            )
        gcp.sql.User(
            name,
            project=project,
            instance=instance,
            name=self.database_user,
            type="CLOUD_IAM_SERVICE_ACCOUNT",
            # PostgreSQL drops no user that has rights on something. The login ends with its account anyway.
            deletion_policy="ABANDON",
            opts=pulumi.ResourceOptions(parent=self),
        )


def database_user(email: str) -> str:
    """A service account's name as PostgreSQL's user: names end after 63 characters, so the domain is cut."""
    return email.removesuffix(".gserviceaccount.com")
