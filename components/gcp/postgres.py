"""PostgreSQL on Cloud SQL."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

import pulumi
import pulumi_gcp as gcp

from components import ports
from components.checks import check_name
from components.gcp.project import check_project
from components.postgres import LOGGING, MAX_RECOVERY_DAYS, MIN_MAJOR_VERSION
from components.retention import RetentionClass, days_of
from components.tags import Tags
from components.windows import BACKUP_START, SATURDAY_NIGHT, MaintenanceWindow

Edition = Literal["ENTERPRISE", "ENTERPRISE_PLUS"]
ClientProof = Literal["connector", "certificate"]

MIN_STORAGE_GIB: Final = 10
"""The smallest SSD that Cloud SQL makes."""

# How far back each edition goes, and the machines that it runs on ("Cloud SQL editions").
_RECOVERY_DAYS: Final[Mapping[Edition, int]] = MappingProxyType({"ENTERPRISE": 7, "ENTERPRISE_PLUS": MAX_RECOVERY_DAYS})
_TIERS: Final[Mapping[Edition, tuple[str, ...]]] = MappingProxyType(
    {"ENTERPRISE": ("db-custom-",), "ENTERPRISE_PLUS": ("db-perf-optimized-", "db-c4a-")}
)

# Name and project's id may have 98 characters together with a colon between them, and an id may take 30 of them.
_IDENTIFIER = re.compile(r"(?=.{1,67}$)[a-z](?:-?[a-z0-9])*")

SETTINGS: Final[Mapping[str, bool | int | str]] = MappingProxyType(
    {
        "cloudsql.iam_authentication": True,
        "cloudsql.enable_pgaudit": True,
        # The archive in the other cloud is fed by logical replication; turning it on later costs a restart.
        "cloudsql.logical_decoding": True,
        **LOGGING,
    }
)
"""What PostgreSQL is told, on top of what Cloud SQL sets by itself."""


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """Size, place and keys of a database instance.

    Attributes:
        identifier: The instance's name. Once deleted it is taken for a week, so a stack that is destroyed and
            made again gives it a suffix.
        project: The project that the instance is in.
        region: The region that the instance and its backups are in.
        network: The network from which it is reached, from `Network.managed_services_network`.
        key: The resource name of the key that encrypts data and backups. It can never be changed.
        tier: The machine, for example db-perf-optimized-N-2.
        storage_gib: The disk's first size.
        max_storage_gib: The size that the disk may grow to by itself.
        tags: Labels of the instance.
        databases: Databases to make, one a service.
        edition: ENTERPRISE_PLUS; or ENTERPRISE, which costs less and goes back seven days at most.
        client_proof: How clients prove who they are on the wire beside their login: by Cloud SQL's
            connectors, or by a certificate of their own. Either way nothing goes unencrypted.
        major_version: The major version; minor ones come by themselves in the maintenance window. An instance that
            exists is upgraded by a runbook and never by a changed setting.
        high_availability: Whether a standby in another zone takes over.
        recovery_days: Days that the database can be taken back to any second of.
        maintenance: When the instance may restart for updates.
        protect: Whether engine and cloud refuse to destroy it.

    Raises:
        ValueError: An argument that Cloud SQL would refuse or that would leave the database unprotected.
    """

    identifier: pulumi.Input[str]
    project: str
    region: str
    network: pulumi.Input[str]
    key: pulumi.Input[str]
    tier: str
    storage_gib: int
    max_storage_gib: int
    tags: Tags
    databases: Sequence[str] = ()
    edition: Edition = "ENTERPRISE_PLUS"
    client_proof: ClientProof = "connector"
    major_version: int = MIN_MAJOR_VERSION
    high_availability: bool = True
    recovery_days: int = MAX_RECOVERY_DAYS
    maintenance: MaintenanceWindow = SATURDAY_NIGHT
    protect: bool = True

    def __post_init__(self) -> None:
        check_project(self.project, self.region)
        check_name(
            "identifier",
            self.identifier,
            _IDENTIFIER,
            "1 to 67 lower-case letters, digits and single inner hyphens, the first a letter",
        )
        if self.edition not in get_args(Edition):
            raise ValueError(f"edition: {self.edition!r} is neither 'ENTERPRISE' nor 'ENTERPRISE_PLUS'")
        if not self.tier.startswith(_TIERS[self.edition]):
            raise ValueError(
                f"tier: {self.tier!r} is no machine of edition {self.edition}, whose names start with "
                f"{' or '.join(_TIERS[self.edition])}"
            )
        if self.client_proof not in get_args(ClientProof):
            raise ValueError(f"client_proof: {self.client_proof!r} is neither 'connector' nor 'certificate'")
        if self.storage_gib < MIN_STORAGE_GIB:
            raise ValueError(f"storage_gib: {self.storage_gib} is less than Cloud SQL's {MIN_STORAGE_GIB} GiB")
        if self.max_storage_gib <= self.storage_gib:
            raise ValueError(
                f"max_storage_gib: {self.max_storage_gib} leaves no room to grow above storage_gib, {self.storage_gib}"
            )
        if self.major_version < MIN_MAJOR_VERSION:
            raise ValueError(f"major_version: {self.major_version} is older than {MIN_MAJOR_VERSION}")
        if not 1 <= self.recovery_days <= _RECOVERY_DAYS[self.edition]:
            raise ValueError(
                f"recovery_days: {self.recovery_days} is outside 1 to {_RECOVERY_DAYS[self.edition]}, what "
                f"edition {self.edition} offers"
            )
        if len(set(self.databases)) != len(self.databases):
            raise ValueError(f"databases: {', '.join(self.databases)} names one twice")


class Postgres(pulumi.ComponentResource):
    """A PostgreSQL instance with a private address only, and the services' databases.

    Attributes:
        identifier: The instance's name.
        connection_name: The instance as connectors want it, `project:region:name`.
        host: The address to connect to.
        port: The port that clients reach: the connectors' own, or PostgreSQL's with certificates.
        endpoint: Both, as `host:port`.

    Example:
        >>> args = PostgresArgs(
        ...     identifier="lender", tier="db-perf-optimized-N-2", storage_gib=100, max_storage_gib=500,
        ...     network=network.managed_services_network, key=key, databases=["scoring"], tags=tags, **place
        ... )
        >>> endpoint: pulumi.Output[str] = Postgres("lender", args).endpoint
    """

    identifier: pulumi.Output[str]
    connection_name: pulumi.Output[str]
    host: pulumi.Output[str]
    port: pulumi.Output[int]
    endpoint: pulumi.Output[str]

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:Postgres", name, None, opts)
        instance = gcp.sql.DatabaseInstance(
            name,
            name=args.identifier,
            project=args.project,
            region=args.region,
            database_version=f"POSTGRES_{args.major_version}",
            encryption_key_name=args.key,
            deletion_protection=args.protect,
            settings=_settings(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # The disk grows by itself and can't shrink: what it has grown to is not a change.
                ignore_changes=["settings.diskSize"],
            ),
        )
        for database in args.databases:
            gcp.sql.Database(
                f"{name}-{database}",
                name=database,
                instance=instance.name,
                project=args.project,
                charset="UTF8",
                collation="en_US.UTF8",
                opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
        self.identifier = instance.name
        self.connection_name = instance.connection_name
        self.host = instance.private_ip_address
        self.port = pulumi.Output.from_input(
            ports.CLOUD_SQL_CONNECTOR if args.client_proof == "connector" else ports.POSTGRES
        )
        self.endpoint = pulumi.Output.format("{0}:{1}", self.host, self.port)
        self.register_outputs(
            {
                "identifier": self.identifier,
                "connectionName": self.connection_name,
                "endpoint": self.endpoint,
            }
        )


def database_flags(
    settings: Mapping[str, bool | int | str],
) -> list[gcp.sql.DatabaseInstanceSettingsDatabaseFlagArgs]:
    """The settings as Cloud SQL writes them: on and off."""
    return [
        gcp.sql.DatabaseInstanceSettingsDatabaseFlagArgs(
            name=name, value=("on" if value else "off") if isinstance(value, bool) else str(value)
        )
        for name, value in settings.items()
    ]


def _settings(args: PostgresArgs) -> gcp.sql.DatabaseInstanceSettingsArgs:
    return gcp.sql.DatabaseInstanceSettingsArgs(
        edition=args.edition,
        tier=args.tier,
        availability_type="REGIONAL" if args.high_availability else "ZONAL",
        disk_type="PD_SSD",
        disk_size=args.storage_gib,
        disk_autoresize=True,
        disk_autoresize_limit=args.max_storage_gib,
        # The provider's own flag holds back this engine; this one holds back the console and gcloud too.
        deletion_protection_enabled=args.protect,
        ip_configuration=_ip_configuration(args),
        connector_enforcement="REQUIRED" if args.client_proof == "connector" else "NOT_REQUIRED",
        backup_configuration=gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs(
            enabled=True,
            start_time=BACKUP_START,
            location=args.region,
            point_in_time_recovery_enabled=True,
            transaction_log_retention_days=args.recovery_days,
            backup_retention_settings=gcp.sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
                retained_backups=args.recovery_days, retention_unit="COUNT"
            ),
        ),
        retain_backups_on_delete=True,
        final_backup_config=gcp.sql.DatabaseInstanceSettingsFinalBackupConfigArgs(
            enabled=True, retention_days=days_of(RetentionClass.BACKUP_FULL)
        ),
        maintenance_window=gcp.sql.DatabaseInstanceSettingsMaintenanceWindowArgs(
            day=args.maintenance.gcp_day, hour=args.maintenance.hour, update_track="stable"
        ),
        insights_config=gcp.sql.DatabaseInstanceSettingsInsightsConfigArgs(
            query_insights_enabled=True, record_application_tags=True, record_client_address=True
        ),
        database_flags=database_flags(SETTINGS),
        user_labels=args.tags.gcp(),
    )


def _ip_configuration(args: PostgresArgs) -> gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs:
    """A private address only. Connectors bring certificates of an hour; others must bring their own."""
    return gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs(
        ipv4_enabled=False,
        private_network=args.network,
        ssl_mode="ENCRYPTED_ONLY" if args.client_proof == "connector" else "TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
    )
