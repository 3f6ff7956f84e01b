"""The Google Cloud half of the platform: what all systems share there, and what each of them gets."""

from collections.abc import Mapping

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from catalog import Catalog, System
from catalog.types import Cloud
from components.gcp.bucket import Bucket, BucketArgs
from components.gcp.keys import Keys, KeysArgs
from components.gcp.network import Network, NetworkArgs
from components.gcp.postgres import Postgres, PostgresArgs
from components.gcp.project_services import ProjectServices, ProjectServicesArgs
from components.gcp.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
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

# Where Cloud DNS answers pods of GKE ("Using Cloud DNS for GKE"): it has no pods in the cluster.
_CLOUD_DNS = "169.254.169.254/32"


class GcpHalf:
    """The platform on Google Cloud.

    Attributes:
        outputs: What it exports, as the contract's CloudOutputs.
        database_server: Where its database server is, as the contract's PostgresServer.
    """

    outputs: Mapping[str, object]
    database_server: Mapping[str, object]

    def __init__(self, settings: Settings, catalog: Catalog, tags: Tags, suffix: pulumi.Output[str]) -> None:
        self._settings = settings
        self._suffix = suffix
        self._project = settings.gcp.project_id
        self._region = settings.gcp.region
        self._protect = settings.recovery.protect
        provider = gcp.Provider(
            "gcp",
            project=self._project,
            region=self._region,
            # Quota is taken from, and APIs have to be on in, the stack's project, not that of whoever calls.
            user_project_override=True,
            billing_project=self._project,
        )
        self._in_cluster = pulumi.ResourceOptions(
            provider=kubernetes.Provider(
                "kubernetes-gcp", context=settings.kubernetes.gcp_context, enable_server_side_apply=True
            )
        )
        services = ProjectServices(
            "platform",
            ProjectServicesArgs(project=self._project),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        self._opts = pulumi.ResourceOptions(provider=provider, depends_on=[services])
        self._keys = Keys(
            "platform",
            KeysArgs(
                purposes=frozenset(KeyPurpose),
                project=self._project,
                region=self._region,
                key_ring_name=pulumi.Output.concat("covenant-", suffix),
                protection_level=settings.gcp.key_protection,
                tags=tags,
                protect=self._protect,
            ),
            opts=self._opts,
        )
        self._logs = Bucket(
            "logs",
            BucketArgs(
                bucket_name=self._bucket_name("logs"),
                key=self._keys.reference(KeyPurpose.LOGS),
                retention=RetentionClass.LOGS,
                tags=tags.with_(data_kind=DataKind.TELEMETRY),
                project=self._project,
                region=self._region,
                receives_access_logs=True,
                protect=self._protect,
            ),
            opts=self._opts,
        )
        network = Network(
            "platform",
            NetworkArgs(cidr=settings.gcp.network.cidr, project=self._project, region=self._region, tags=tags),
            opts=self._opts,
        )
        self._postgres = self._database_server(network, catalog, database_tags(tags, catalog))
        self.database_server = {"host": self._postgres.host, "port": self._postgres.port}
        self.outputs = {
            "account": self._project,
            "region": self._region,
            "network": {
                "id": network.vpc_id,
                "cidr": network.cidr_block,
                "private_subnet_ids": network.private_subnet_ids,
                "data_subnet_ids": network.data_subnet_ids,
                "egress_ips": network.egress_ips,
            },
            "keys": {purpose: self._keys.reference(purpose) for purpose in KeyPurpose},
            "log_bucket": self._logs.uri,
            "postgres": self.database_server,
        }

    def host(self, system: System, tags: Tags) -> Tenancy:
        """Makes what a system gets on Google Cloud."""
        plans = bucket_plans(system, Cloud.GCP, tags, self._settings.recovery.lock_mode)
        buckets = {
            name: Bucket(
                f"{system.name}-{name}",
                BucketArgs(
                    bucket_name=self._bucket_name(f"{system.name}-{name}"),
                    key=self._keys.reference(plan.key),
                    retention=plan.retention,
                    lock=plan.lock,
                    tags=plan.tags,
                    project=self._project,
                    region=self._region,
                    access_log_bucket=self._logs.name,
                    protect=self._protect,
                ),
                opts=self._opts,
            )
            for name, plan in plans.items()
        }
        identity = WorkloadIdentity(
            system.name,
            WorkloadIdentityArgs(
                # Six letters are the fewest that Google Cloud takes for an account's name.
                service_account_id=f"{system.name}-pods",
                project=self._project,
                region=self._region,
                namespace=system.kubernetes_namespace,
                service_account=system.name,
                tags=tags,
                database_instance=self._postgres.identifier if system.database else None,
                buckets={name: bucket.name for name, bucket in buckets.items()},
            ),
            opts=self._opts,
        )
        namespace = Namespace(
            f"{system.name}-{Cloud.GCP}",
            namespace_args(system, tags, dns_cidr_blocks=(_CLOUD_DNS,), protect=self._protect),
            opts=self._in_cluster,
        )
        return Tenancy(
            namespace=namespace.name,
            identity=identity.reference,
            login=identity.database_user if system.database else None,
            buckets={name: bucket.uri for name, bucket in buckets.items()},
        )

    def _database_server(self, network: Network, catalog: Catalog, tags: Tags) -> Postgres:
        size = self._settings.gcp.postgres
        return Postgres(
            "platform",
            PostgresArgs(
                identifier=pulumi.Output.concat("covenant-", self._suffix),
                project=self._project,
                region=self._region,
                network=network.managed_services_network,
                key=self._keys.reference(KeyPurpose.DATABASE),
                tier=size.tier,
                edition=size.edition,
                storage_gib=size.storage_gib,
                max_storage_gib=size.max_storage_gib,
                high_availability=size.high_availability,
                databases=[system.database for system in catalog.systems.values() if system.database],
                recovery_days=self._settings.recovery.pitr_days,
                maintenance=maintenance_window(self._settings.schedule),
                tags=tags,
                protect=self._protect,
            ),
            opts=self._opts,
        )

    def _bucket_name(self, use: str) -> pulumi.Output[str]:
        return pulumi.Output.concat("covenant-", self._suffix, f"-{use}")
