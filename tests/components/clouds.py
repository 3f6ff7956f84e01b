"""Both clouds built from their components, wired as a stack wires them: by outputs that are not known beforehand."""

from components.aws.bucket import Bucket as S3Bucket
from components.aws.bucket import BucketArgs as S3BucketArgs
from components.aws.bucket import LogSource
from components.aws.keys import Keys as AwsKeys
from components.aws.keys import KeysArgs as AwsKeysArgs
from components.aws.network import Network as AwsNetwork
from components.aws.network import NetworkArgs as AwsNetworkArgs
from components.aws.postgres import Postgres as Rds
from components.aws.postgres import PostgresArgs as RdsArgs
from components.aws.workload_identity import WorkloadIdentity as AwsIdentity
from components.aws.workload_identity import WorkloadIdentityArgs as AwsIdentityArgs
from components.gcp.bucket import Bucket as GcsBucket
from components.gcp.bucket import BucketArgs as GcsBucketArgs
from components.gcp.keys import Keys as GcpKeys
from components.gcp.keys import KeysArgs as GcpKeysArgs
from components.gcp.network import Network as GcpNetwork
from components.gcp.network import NetworkArgs as GcpNetworkArgs
from components.gcp.postgres import Postgres as CloudSql
from components.gcp.postgres import PostgresArgs as CloudSqlArgs
from components.gcp.workload_identity import WorkloadIdentity as GcpIdentity
from components.gcp.workload_identity import WorkloadIdentityArgs as GcpIdentityArgs
from components.purposes import KeyPurpose
from components.retention import LockMode, RetentionClass
from tests.components.recording import AWS, GCP, TAGS


def aws_platform() -> None:
    """Everything on AWS with the safe defaults, an audit bucket locked for good."""
    keys = AwsKeys("keys", AwsKeysArgs(purposes=frozenset(KeyPurpose), tags=TAGS, **AWS))
    access_logs = S3Bucket(
        "access-logs",
        S3BucketArgs(
            bucket_name="lender-access-logs",
            retention=RetentionClass.LOGS,
            log_sources=frozenset({LogSource.S3_ACCESS}),
            tags=TAGS,
            **AWS,
        ),
    )
    logs = S3Bucket(
        "logs",
        S3BucketArgs(
            bucket_name="lender-logs",
            key=keys.reference(KeyPurpose.LOGS),
            retention=RetentionClass.LOGS,
            log_sources=frozenset({LogSource.VPC_FLOW}),
            access_log_bucket=access_logs.name,
            tags=TAGS,
            **AWS,
        ),
    )
    S3Bucket(
        "audit",
        S3BucketArgs(
            bucket_name="lender-audit",
            key=keys.reference(KeyPurpose.AUDIT),
            retention=RetentionClass.AUDIT,
            lock=LockMode.COMPLIANCE,
            access_log_bucket=access_logs.name,
            tags=TAGS,
            **AWS,
        ),
    )
    network = AwsNetwork(
        "network",
        AwsNetworkArgs(
            cidr="10.20.0.0/16",
            zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
            logs_key=keys.reference(KeyPurpose.LOGS),
            log_bucket_arn=logs.arn,
            tags=TAGS,
            **AWS,
        ),
    )
    database = Rds(
        "postgres",
        RdsArgs(
            identifier="lender",
            instance_class="db.m7g.large",
            storage_gib=100,
            max_storage_gib=500,
            vpc_id=network.vpc_id,
            subnet_ids=network.data_subnet_ids,
            client_cidr_blocks=network.private_cidr_blocks,
            key=keys.reference(KeyPurpose.DATABASE),
            secrets_key=keys.reference(KeyPurpose.SECRETS),
            logs_key=keys.reference(KeyPurpose.LOGS),
            tags=TAGS,
            **AWS,
        ),
    )
    models = S3Bucket(
        "models",
        S3BucketArgs(
            bucket_name="lender-models",
            key=keys.reference(KeyPurpose.OBJECTS),
            retention=RetentionClass.MODELS,
            access_log_bucket=access_logs.name,
            tags=TAGS,
            **AWS,
        ),
    )
    AwsIdentity(
        "scoring-api",
        AwsIdentityArgs(
            namespace="scoring",
            service_account="api",
            database_login_arns=[database.login_arn("scoring")],
            bucket_arns=[models.arn],
            key_arns=[keys.reference(KeyPurpose.OBJECTS)],
            tags=TAGS,
            **AWS,
        ),
    )


def gcp_platform() -> None:
    """Everything on Google Cloud with the safe defaults, an audit bucket locked for good."""
    keys = GcpKeys("keys", GcpKeysArgs(purposes=frozenset(KeyPurpose), tags=TAGS, **GCP))
    access_logs = GcsBucket(
        "access-logs",
        GcsBucketArgs(
            bucket_name="lender-access-logs",
            key=keys.reference(KeyPurpose.LOGS),
            retention=RetentionClass.LOGS,
            receives_access_logs=True,
            tags=TAGS,
            **GCP,
        ),
    )
    GcsBucket(
        "audit",
        GcsBucketArgs(
            bucket_name="lender-audit",
            key=keys.reference(KeyPurpose.AUDIT),
            retention=RetentionClass.AUDIT,
            lock=LockMode.COMPLIANCE,
            access_log_bucket=access_logs.name,
            tags=TAGS,
            **GCP,
        ),
    )
    network = GcpNetwork("network", GcpNetworkArgs(cidr="10.64.0.0/16", tags=TAGS, **GCP))
    database = CloudSql(
        "postgres",
        CloudSqlArgs(
            identifier="lender",
            tier="db-perf-optimized-N-2",
            storage_gib=100,
            max_storage_gib=500,
            network=network.managed_services_network,
            key=keys.reference(KeyPurpose.DATABASE),
            databases=["scoring"],
            tags=TAGS,
            **GCP,
        ),
    )
    models = GcsBucket(
        "models",
        GcsBucketArgs(
            bucket_name="lender-models",
            key=keys.reference(KeyPurpose.OBJECTS),
            retention=RetentionClass.MODELS,
            access_log_bucket=access_logs.name,
            tags=TAGS,
            **GCP,
        ),
    )
    GcpIdentity(
        "scoring-api",
        GcpIdentityArgs(
            service_account_id="scoring-api",
            namespace="scoring",
            service_account="api",
            workload_pool="lender-staging.svc.id.goog",
            database_instance=database.identifier,
            buckets={"models": models.name},
            tags=TAGS,
            **GCP,
        ),
    )
