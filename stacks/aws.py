"""The AWS half of the platform: what all systems share there, and what each of them gets."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from catalog import Catalog, System
from catalog.types import Cloud
from components.aws.bucket import Bucket, BucketArgs, LogSource
from components.aws.keys import Keys, KeysArgs
from components.aws.network import Network, NetworkArgs
from components.aws.postgres import Postgres, PostgresArgs
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.kubernetes.namespace import Namespace
from components.purposes import KeyPurpose
from components.retention import RetentionClass
from components.tags import DataKind, Tags
from stacks.settings import Settings
from stacks.tenancy import (
    Tenancy,
    bucket_plans,
    database_tags,
    maintenance_window,
    namespace_args,
)


class AwsHalf:
    """The platform on AWS.

    Attributes:
        outputs: What it exports, as the contract's CloudOutputs.
        database_server: Where its database server is, as the contract's PostgresServer.
    """

    outputs: Mapping[str, object]
    database_server: Mapping[str, object]

    def __init__(self, settings: Settings, catalog: Catalog, tags: Tags, suffix: pulumi.Output[str]) -> None:
        self._settings = settings
        self._suffix = suffix
        self._account = settings.aws.account_id
        self._region = settings.aws.region
        self._protect = settings.recovery.protect
        self._opts = pulumi.ResourceOptions(
            # Credentials for another account than the stack's are refused before they do harm.
            provider=aws.Provider("aws", region=self._region, allowed_account_ids=[self._account])
        )
        self._in_cluster = pulumi.ResourceOptions(
            provider=kubernetes.Provider(
                "kubernetes-aws", context=settings.kubernetes.aws_context, enable_server_side_apply=True
            )
        )
        self._keys = Keys(
            "platform",
            KeysArgs(
                purposes=frozenset(KeyPurpose),
                account_id=self._account,
                region=self._region,
                tags=tags,
                protect=self._protect,
            ),
            opts=self._opts,
        )
        self._access_logs, logs = self._log_buckets(tags.with_(data_kind=DataKind.TELEMETRY))
        network = Network(
            "platform",
            NetworkArgs(
                cidr=settings.aws.network.cidr,
                zones=settings.aws.network.zones,
                account_id=self._account,
                region=self._region,
                logs_key=self._keys.reference(KeyPurpose.LOGS),
                log_bucket_arn=logs.arn,
                nat_gateways=settings.aws.network.nat_gateways,
                tags=tags,
            ),
            opts=self._opts,
        )
        self._postgres = self._database_server(network, database_tags(tags, catalog))
        self.database_server = {"host": self._postgres.host, "port": self._postgres.port}
        self.outputs = {
            "account": self._account,
            "region": self._region,
            "network": {
                "id": network.vpc_id,
                "cidr": network.cidr_block,
                "private_subnet_ids": network.private_subnet_ids,
                "data_subnet_ids": network.data_subnet_ids,
                "egress_ips": network.egress_ips,
            },
            "keys": {purpose: self._keys.reference(purpose) for purpose in KeyPurpose},
            "log_bucket": logs.uri,
            "postgres": self.database_server,
        }

    def host(self, system: System, tags: Tags) -> Tenancy:
        """Makes what a system gets on AWS."""
        plans = bucket_plans(system, Cloud.AWS, tags, self._settings.recovery.lock_mode)
        buckets = {
            name: Bucket(
                f"{system.name}-{name}",
                BucketArgs(
                    bucket_name=self._bucket_name(f"{system.name}-{name}"),
                    key=self._keys.reference(plan.key),
                    retention=plan.retention,
                    lock=plan.lock,
                    tags=plan.tags,
                    account_id=self._account,
                    region=self._region,
                    access_log_bucket=self._access_logs.name,
                    protect=self._protect,
                ),
                opts=self._opts,
            )
            for name, plan in plans.items()
        }
        identity = WorkloadIdentity(
            system.name,
            WorkloadIdentityArgs(
                account_id=self._account,
                region=self._region,
                namespace=system.kubernetes_namespace,
                service_account=system.name,
                tags=tags,
                database_login_arns=[self._postgres.login_arn(system.database)] if system.database else [],
                bucket_arns=[bucket.arn for bucket in buckets.values()],
                key_arns=[self._keys.reference(key) for key in sorted({plan.key for plan in plans.values()})],
            ),
            opts=self._opts,
        )
        namespace = Namespace(
            f"{system.name}-{Cloud.AWS}",
            namespace_args(system, tags, protect=self._protect),
            opts=self._in_cluster,
        )
        return Tenancy(
            namespace=namespace.name,
            identity=identity.reference,
            login=system.database,
            buckets={name: bucket.uri for name, bucket in buckets.items()},
        )

    def _log_buckets(self, tags: Tags) -> tuple[Bucket, Bucket]:
        """The bucket for the log of every access to another bucket, and the one for all other logs."""
        accesses = Bucket(
            "access-logs",
            BucketArgs(
                bucket_name=self._bucket_name("access-logs"),
                retention=RetentionClass.LOGS,
                tags=tags,
                account_id=self._account,
                region=self._region,
                log_sources=frozenset({LogSource.S3_ACCESS}),
                protect=self._protect,
            ),
            opts=self._opts,
        )
        logs = Bucket(
            "logs",
            BucketArgs(
                bucket_name=self._bucket_name("logs"),
                key=self._keys.reference(KeyPurpose.LOGS),
                retention=RetentionClass.LOGS,
                tags=tags,
                account_id=self._account,
                region=self._region,
                log_sources=frozenset({LogSource.VPC_FLOW}),
                access_log_bucket=accesses.name,
                protect=self._protect,
            ),
            opts=self._opts,
        )
        return accesses, logs

    def _database_server(self, network: Network, tags: Tags) -> Postgres:
        size = self._settings.aws.postgres
        return Postgres(
            "platform",
            PostgresArgs(
                identifier=pulumi.Output.concat("covenant-", self._suffix),
                account_id=self._account,
                region=self._region,
                vpc_id=network.vpc_id,
                subnet_ids=network.data_subnet_ids,
                key=self._keys.reference(KeyPurpose.DATABASE),
                secrets_key=self._keys.reference(KeyPurpose.SECRETS),
                logs_key=self._keys.reference(KeyPurpose.LOGS),
                instance_class=size.instance_class,
                storage_gib=size.storage_gib,
                max_storage_gib=size.max_storage_gib,
                high_availability=size.high_availability,
                client_cidr_blocks=network.private_cidr_blocks,
                recovery_days=self._settings.recovery.pitr_days,
                maintenance=maintenance_window(self._settings.schedule),
                tags=tags,
                protect=self._protect,
            ),
            opts=self._opts,
        )

    def _bucket_name(self, use: str) -> pulumi.Output[str]:
        return pulumi.Output.concat("covenant-", self._suffix, f"-{use}")
