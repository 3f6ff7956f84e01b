"""The edge and what serves it, wired as a stack wires them: by outputs that are not known beforehand."""

import warnings
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.aws.bucket import Bucket, BucketArgs, LogSource
from components.aws.budgets import Budgets, BudgetsArgs
from components.aws.edge import Edge, EdgeArgs
from components.aws.keys import Keys, KeysArgs
from components.aws.messages import Queue, QueueArgs, Sender, Topic, TopicArgs
from components.aws.redis import Redis, RedisArgs
from components.aws.registry import Registry, RegistryArgs, Upstream
from components.aws.secrets import SecretEntries, SecretEntriesArgs, SecretEntry
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.edge import PublicService, RateLimit, Route
from components.purposes import KeyPurpose
from components.retention import RetentionClass
from rehearsal.clouds.mocks import StandInMocks
from tests.components.recording import AWS, TAGS, aws_tags, build

SERVICES = {
    "scoring-api": PublicService(
        routes=(Route(host="scoring.example.com"),), port=8000, health_path="/health", websocket_timeout_seconds=300
    ),
    "testbed-api": PublicService(
        routes=(Route(host="testbed.example.com", path="/api"),),
        port=8000,
        health_path="/api/health",
        rate_limits=(RateLimit(path="/api/evaluate", requests_per_minute=10),),
        preferred=False,
    ),
    "testbed-frontend": PublicService(
        routes=(Route(host="testbed.example.com"),), port=3000, health_path="/", preferred=False
    ),
    "website": PublicService(routes=(Route(host="example.com"),), port=3000, health_path="/", cdn=True),
}


def _program() -> None:
    keys = Keys("keys", KeysArgs(purposes=frozenset(KeyPurpose), tags=TAGS, **AWS))
    subnets: dict[str, Any] = {
        "vpc_id": "vpc-0123456789abcdef0",
        "public_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "private_subnet_ids": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
        "private_cidr_blocks": ["10.20.0.0/19", "10.20.32.0/19"],
    }
    waf_logs = Bucket(
        "waf-logs",
        BucketArgs(
            bucket_name="aws-waf-logs-lender",
            key=keys.reference(KeyPurpose.LOGS),
            retention=RetentionClass.LOGS,
            log_sources=frozenset({LogSource.VPC_FLOW}),
            tags=TAGS,
            **AWS,
        ),
    )
    identity = WorkloadIdentity(
        "eso", WorkloadIdentityArgs(namespace="secrets", service_account="eso", tags=TAGS, **AWS)
    )
    messages: dict[str, Any] = {"key": keys.reference(KeyPurpose.MESSAGING), "tags": TAGS, **AWS}
    inquiries = Queue(
        "inquiries",
        QueueArgs(
            queue_name="inquiries",
            senders={"bucket": Sender(service="s3.amazonaws.com", source_arn=waf_logs.arn)},
            events={"spot": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]}},
            **messages,
        ),
    )
    on_call = Topic(
        "on-call",
        TopicArgs(
            topic_name="on-call",
            senders={"budgets": Sender(service="budgets.amazonaws.com")},
            queues={"inquiries": inquiries.arn},
            emails=["on-call@example.com"],
            **messages,
        ),
    )
    Edge(
        "edge",
        EdgeArgs(
            domain="example.com",
            zone_id="Z0123456789ABC",
            services=SERVICES,
            log_bucket="lender-access-logs",
            waf_log_bucket_arn=waf_logs.arn,
            cdn_log_bucket_arn="arn:aws:s3:::lender-logs",
            other_address="34.120.0.1",
            unlimited_addresses=["198.51.100.0/28"],
            countries=["IE", "DE"],
            large_body_paths=["/v1/batch"],
            alarm_actions=[on_call.arn],
            shield_advanced=True,
            tags=TAGS,
            **subnets,
            **AWS,
        ),
    )
    Redis(
        "cache",
        RedisArgs(
            identifier="lender-cache",
            vpc_id=subnets["vpc_id"],
            subnet_ids=subnets["private_subnet_ids"],
            key=keys.reference(KeyPurpose.CACHE),
            logs_key=keys.reference(KeyPurpose.LOGS),
            node_type="cache.m7g.large",
            evicts=True,
            logins=["scoring", "sustainable-credit"],
            client_cidr_blocks=subnets["private_cidr_blocks"],
            tags=TAGS,
            **AWS,
        ),
    )
    secrets = SecretEntries(
        "secrets",
        SecretEntriesArgs(
            entries={
                "scoring-sentry-dsn": SecretEntry(description="Sentry", readers=[identity.reference]),
                "ecr-pullthroughcache/vendor": SecretEntry(
                    description="The vendor of images",
                    readers=[identity.reference],
                    rotation_function_arn="arn:aws:lambda:eu-west-1:111122223333:function:rotate",
                ),
            },
            key=keys.reference(KeyPurpose.SECRETS),
            notice_topic_arn=on_call.arn,
            tags=TAGS,
            **AWS,
        ),
    )
    Registry(
        "images",
        RegistryArgs(
            repositories=["scoring-api"],
            replica_region="eu-central-1",
            key=keys.reference(KeyPurpose.CLUSTER),
            replica_key=keys.reference(KeyPurpose.BACKUP),
            push_role_arn=identity.reference,
            upstreams={
                "open": Upstream(host="open.example.com"),
                "vendor": Upstream(
                    host="vendor.example.com", credentials_arn=secrets.arns["ecr-pullthroughcache/vendor"]
                ),
            },
            tags=TAGS,
            **AWS,
        ),
    )
    Budgets(
        "lender",
        BudgetsArgs(
            monthly_usd=9000,
            anomaly_usd=200,
            topic_arn=on_call.arn,
            emails=["costs@example.com"],
            cost_centres={"cc-4100": 700},
            tags=TAGS,
        ),
    )


class _WholeNumbers(StandInMocks):
    """Pulumi's mocks hand every number over as a float; a provider gets whole ones as whole ones."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        args.inputs = _whole(args.inputs)
        return super().new_resource(args)


def _whole(value: Any) -> Any:
    match value:
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_the_stand_in_cloud_takes_every_resource(*, preview: bool) -> None:
    mocks = _WholeNumbers()
    pulumi.runtime.set_mocks(mocks, project="covenant", stack="staging", preview=preview)
    pulumi.runtime.test(_program)()

    assert {(it.token, it.name) for it in mocks.resources} == {(it.token, it.name) for it in build(_program).resources}


def test_everything_that_takes_tags_carries_them() -> None:
    untaggable = {
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:cloudfront/cachePolicy:CachePolicy",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:kms/alias:Alias",
        "aws:lb/listenerCertificate:ListenerCertificate",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    }
    resources = [it for it in build(_program).resources if not it.token.startswith("covenant:")]

    assert {it.token for it in resources if not aws_tags().items() <= it.inputs.get("tags", {}).items()} == untaggable


def test_nothing_deprecated_is_used() -> None:
    build(_program)

    # The SDKs warn once about deprecated classes of their own when they are first read: that has happened above.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeprecationWarning)
        build(_program)

    assert [str(it.message) for it in caught if issubclass(it.category, DeprecationWarning)] == []
