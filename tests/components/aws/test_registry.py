import json
import re
from typing import Any

import pytest

from components.aws.registry import Registry, RegistryArgs, Upstream
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

CREDENTIALS = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/vendor-a1b2c3"
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Keep the newest 500",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": 500,
            },
            "action": {"type": "expire"},
        }
    ]
}


def _args(**changes: Any) -> RegistryArgs:
    wanted: dict[str, Any] = {
        "repositories": ["scoring-api", "scoring-batch"],
        "replica_region": "eu-central-1",
        "key": "arn:cluster-key",
        "replica_key": "arn:replica-key",
        "push_role_arn": "arn:deploy",
        "tags": TAGS,
        **AWS,
    }
    return RegistryArgs(**wanted | changes)


def _registry(**changes: Any) -> Recording:
    return build(lambda: Registry("lender", _args(**changes)))


def test_images_and_their_copies_are_immutable_scanned_and_encrypted() -> None:
    recording = _registry()
    repository = {
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "forceDelete": False,
        "tags": aws_tags(),
    }
    own = repository | {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "arn:cluster-key"}]}
    copy = repository | {
        "region": "eu-central-1",
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "arn:replica-key"}],
    }

    assert recording.inputs("aws:ecr/repository:Repository") == {
        "scoring-api": own | {"name": "scoring-api"},
        "scoring-batch": own | {"name": "scoring-batch"},
        "scoring-api-eu-central-1": copy | {"name": "scoring-api"},
        "scoring-batch-eu-central-1": copy | {"name": "scoring-batch"},
    }
    assert recording.one("aws:ecr/repository:Repository", "scoring-api").protect


def test_only_old_images_are_removed() -> None:
    policies = _registry(repositories=["scoring-api"]).inputs("aws:ecr/lifecyclePolicy:LifecyclePolicy")

    assert {name: inputs | {"policy": json.loads(inputs["policy"])} for name, inputs in policies.items()} == {
        "scoring-api": {"repository": "scoring-api", "policy": LIFECYCLE},
        "scoring-api-eu-central-1": {
            "repository": "scoring-api",
            "region": "eu-central-1",
            "policy": LIFECYCLE,
        },
    }


def test_every_image_is_scanned_again_when_a_weakness_becomes_known() -> None:
    assert _registry().inputs("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration") == {
        "lender": {
            "scanType": "ENHANCED",
            "rules": [
                {
                    "scanFrequency": "CONTINUOUS_SCAN",
                    "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
                }
            ],
        }
    }


def test_nobody_but_the_deploy_role_writes() -> None:
    policies = _registry(repositories=["scoring-api"]).inputs("aws:ecr/repositoryPolicy:RepositoryPolicy")

    assert {name: inputs | {"policy": json.loads(inputs["policy"])} for name, inputs in policies.items()} == {
        "scoring-api": {
            "repository": "scoring-api",
            "policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "DenyOtherWriters",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": [
                            "ecr:BatchDeleteImage",
                            "ecr:CompleteLayerUpload",
                            "ecr:InitiateLayerUpload",
                            "ecr:PutImage",
                            "ecr:UploadLayerPart",
                        ],
                        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:deploy"}},
                    }
                ],
            },
        }
    }


def test_own_images_are_copied_into_repositories_that_stand_already() -> None:
    replication = _registry().one("aws:ecr/replicationConfiguration:ReplicationConfiguration", "lender")

    assert replication.inputs == {
        "replicationConfiguration": {
            "rules": [
                {
                    "destinations": [{"region": "eu-central-1", "registryId": "111122223333"}],
                    "repositoryFilters": [
                        {"filter": "scoring-api", "filterType": "PREFIX_MATCH"},
                        {"filter": "scoring-batch", "filterType": "PREFIX_MATCH"},
                    ],
                }
            ]
        }
    }
    assert {"scoring-api-eu-central-1", "scoring-batch-eu-central-1"} <= replication.depends_on


def test_images_of_others_are_kept_as_they_were_first_fetched() -> None:
    recording = _registry(
        upstreams={
            "open": Upstream(host="open.example.com"),
            "vendor": Upstream(host="vendor.example.com", credentials_arn=CREDENTIALS),
        }
    )
    template = {
        "appliedFors": ["PULL_THROUGH_CACHE"],
        "imageTagMutability": "IMMUTABLE",
        "lifecyclePolicy": json.dumps(LIFECYCLE),
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
    }

    assert recording.inputs("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate") == {
        "open": template | {"prefix": "open", "description": "Copies of images from open.example.com"},
        "vendor": template | {"prefix": "vendor", "description": "Copies of images from vendor.example.com"},
    }
    assert recording.inputs("aws:ecr/pullThroughCacheRule:PullThroughCacheRule") == {
        "open": {"ecrRepositoryPrefix": "open", "upstreamRegistryUrl": "open.example.com"},
        "vendor": {
            "ecrRepositoryPrefix": "vendor",
            "upstreamRegistryUrl": "vendor.example.com",
            "credentialArn": CREDENTIALS,
        },
    }
    assert "open" in recording.one("aws:ecr/pullThroughCacheRule:PullThroughCacheRule", "open").depends_on


def test_it_tells_where_images_are() -> None:
    hosts: list[str] = []
    build(lambda: hosts.append(Registry("lender", _args()).host))

    assert hosts == ["111122223333.dkr.ecr.eu-west-1.amazonaws.com"]
    assert resolve(lambda: Registry("lender", _args()).uris["scoring-batch"]) == f"{hosts[0]}/scoring-batch"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _args(account_id="1"), "account_id: '1' is not the twelve digits of an AWS account"),
        (
            lambda: _args(replica_region="eu-west-1"),
            "replica_region: eu-west-1 is the region itself, which would be no copy",
        ),
        (lambda: _args(repositories=[]), "repositories: none given"),
        (
            lambda: _args(repositories=["Scoring"]),
            "repositories: 'Scoring' is not 2 to 256 of a-z, 0-9 and ._-/",
        ),
        (
            lambda: _args(upstreams={"Open": Upstream(host="open.example.com")}),
            "upstreams: 'Open' is not 2 to 30 of a-z, 0-9 and ._-/",
        ),
        (
            lambda: _args(repositories=["open/api"], upstreams={"open": Upstream(host="open.example.com")}),
            "upstreams: open is where the own repository open/api lies",
        ),
        (
            lambda: Upstream(host="https://open.example.com"),
            "Upstream.host: 'https://open.example.com' is not a host name such as registry.example.com",
        ),
        (
            lambda: Upstream(host="vendor.example.com", credentials_arn="arn:vendor"),
            (
                "Upstream.credentials_arn: 'arn:vendor' is not the ARN of a secret whose name begins with "
                "ecr-pullthroughcache/"
            ),
        ),
    ],
)
def test_a_wrong_argument_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()
