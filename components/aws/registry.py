"""Container images on ECR: the platform's own, and those of others as they were when they were first used."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import PolicyDocument, document, rendered, statement
from components.checks import check_name
from components.tags import Tags

KEPT_IMAGES: Final = 500
"""Images that each repository keeps, the newest first: a year and a half of a release a day. The digest that runs
and the one before it must always be among them."""

CREDENTIALS_PREFIX: Final = "ecr-pullthroughcache/"
"""How the names of entries of Secrets Manager begin that ECR may read."""

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"(?=.{{2,256}}$){_PART}(?:/{_PART})*")
_PREFIX = re.compile(rf"(?=.{{2,30}}$){_PART}(?:/{_PART})*")
_CREDENTIALS = re.compile(rf"arn:aws:secretsmanager:[a-z0-9-]+:\d{{12}}:secret:{CREDENTIALS_PREFIX}.+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """Somebody else's registry, of whose images the platform keeps copies.

    Attributes:
        host: The registry's host.
        credentials_arn: The entry of Secrets Manager with the credentials for it, whose name begins with
            CREDENTIALS_PREFIX and whose reader is the role AWSServiceRoleForECRPullThroughCache, which AWS makes; None
            for a registry that asks for none.

    Raises:
        ValueError: The host is written wrongly, or the entry is one that ECR may not read.
    """

    host: str
    credentials_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        check_name("Upstream.host", self.host, _HOST, "a host name such as registry.example.com")
        if self.credentials_arn is not None:
            check_name(
                "Upstream.credentials_arn",
                self.credentials_arn,
                _CREDENTIALS,
                f"the ARN of a secret whose name begins with {CREDENTIALS_PREFIX}",
            )


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """What the registry holds. An account has one a region.

    Attributes:
        repositories: Names of the platform's own repositories.
        account_id: The account whose registry it is.
        region: The region that images are pushed to.
        replica_region: The region that gets a copy of each image.
        key: The ARN of the key that encrypts the platform's own images. It can never be changed.
        replica_key: The ARN of the key that encrypts the copies, in their region.
        push_role_arn: The one role that may push.
        tags: Tags of each repository.
        upstreams: Other registries, by the prefix that their images have here.
        protect: Whether the engine refuses to destroy a repository.

    Raises:
        ValueError: An argument that ECR would refuse.
    """

    repositories: Sequence[str]
    account_id: str
    region: str
    replica_region: str
    key: pulumi.Input[str]
    replica_key: pulumi.Input[str]
    push_role_arn: pulumi.Input[str]
    tags: Tags
    upstreams: Mapping[str, Upstream] = field(default_factory=dict[str, Upstream])
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_account(self.account_id, self.replica_region)
        if self.region == self.replica_region:
            raise ValueError(f"replica_region: {self.replica_region} is the region itself, which would be no copy")
        if not self.repositories:
            raise ValueError("repositories: none given")
        for repository in self.repositories:
            check_name("repositories", repository, _REPOSITORY, "2 to 256 of a-z, 0-9 and ._-/")
        for prefix in self.upstreams:
            check_name("upstreams", prefix, _PREFIX, "2 to 30 of a-z, 0-9 and ._-/")
            if owned := [name for name in self.repositories if name.startswith(f"{prefix}/")]:
                raise ValueError(f"upstreams: {prefix} is where the own repository {owned[0]} lies")


class Registry(pulumi.ComponentResource):
    """Repositories whose tags can't be moved, scanned for weaknesses, with a copy in another region.

    Attributes:
        host: The registry's host, with which each image's address begins.
        uris: Addresses of the platform's own repositories, by name.

    Example:
        >>> args = RegistryArgs(repositories=["scoring-api"], push_role_arn=role, key=key, tags=tags, **place)
        >>> uri: pulumi.Output[str] = Registry("lender", args).uris["scoring-api"]
    """

    host: str
    uris: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Registry", name, None, opts)
        self._prefix = name
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        aws.ecr.RegistryScanningConfiguration(
            name,
            # By Inspector, again whenever a weakness becomes known, in packages of languages too.
            scan_type="ENHANCED",
            rules=[
                aws.ecr.RegistryScanningConfigurationRuleArgs(
                    scan_frequency="CONTINUOUS_SCAN",
                    repository_filters=[
                        aws.ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(
                            filter="*", filter_type="WILDCARD"
                        )
                    ],
                )
            ],
            opts=child,
        )
        own = {repository: self._repository(repository, args.key) for repository in args.repositories}
        copies = [
            self._repository(repository, args.replica_key, args.replica_region) for repository in args.repositories
        ]
        for repository, made in own.items():
            aws.ecr.RepositoryPolicy(
                repository, repository=made.name, policy=rendered(push_policy(args.push_role_arn)), opts=child
            )
        self._replication(copies)
        for prefix, upstream in args.upstreams.items():
            self._cache(prefix, upstream)
        self.host = f"{args.account_id}.dkr.ecr.{args.region}.amazonaws.com"
        self.uris = {repository: made.repository_url for repository, made in own.items()}
        self.register_outputs({"host": self.host, "uris": self.uris})

    def _repository(self, repository: str, key: pulumi.Input[str], region: str | None = None) -> aws.ecr.Repository:
        name = f"{repository}-{region}" if region else repository
        made = aws.ecr.Repository(
            name,
            name=repository,
            region=region,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key)
            ],
            force_delete=False,
            tags=self._args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )
        aws.ecr.LifecyclePolicy(
            name,
            repository=made.name,
            region=region,
            policy=json.dumps(lifecycle()),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return made

    def _replication(self, copies: Sequence[aws.ecr.Repository]) -> None:
        configuration = aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(
            rules=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
                    destinations=[
                        aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                            region=self._args.replica_region, registry_id=self._args.account_id
                        )
                    ],
                    repository_filters=[
                        aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                            filter=repository, filter_type="PREFIX_MATCH"
                        )
                        for repository in self._args.repositories
                    ],
                )
            ]
        )
        aws.ecr.ReplicationConfiguration(
            self._prefix,
            replication_configuration=configuration,
            # ECR makes a repository that it misses over there by itself: with tags that can be moved, and without key.
            opts=pulumi.ResourceOptions(parent=self, depends_on=copies),
        )

    def _cache(self, prefix: str, upstream: Upstream) -> None:
        template = aws.ecr.RepositoryCreationTemplate(
            prefix,
            prefix=prefix,
            description=f"Copies of images from {upstream.host}",
            applied_fors=["PULL_THROUGH_CACHE"],
            image_tag_mutability="IMMUTABLE",
            lifecycle_policy=json.dumps(lifecycle()),
            # They hold what anybody can fetch. A key of ours, or tags, would ask for a role with which ECR makes
            # repositories and grants on the key.
            encryption_configurations=[
                aws.ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(encryption_type="AES256")
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.ecr.PullThroughCacheRule(
            prefix,
            ecr_repository_prefix=prefix,
            upstream_registry_url=upstream.host,
            credential_arn=upstream.credentials_arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[template]),
        )


def lifecycle() -> Mapping[str, object]:
    """The rule that removes old images. Parts of a multi-platform image have no tags and don't count."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Keep the newest {KEPT_IMAGES}",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": KEPT_IMAGES,
                },
                "action": {"type": "expire"},
            }
        ]
    }


def push_policy(push_role_arn: pulumi.Input[str]) -> PolicyDocument:
    """That nobody but one role puts images into a repository or takes them out, whatever IAM allows them.

    Who may pull is left to IAM: nodes do so with their role.
    """
    return document(
        statement(
            "DenyOtherWriters",
            effect="Deny",
            principal="*",
            actions=[
                "ecr:BatchDeleteImage",
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            condition={"ArnNotEquals": {"aws:PrincipalArn": push_role_arn}},
        )
    )
