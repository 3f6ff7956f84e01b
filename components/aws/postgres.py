"""PostgreSQL on RDS."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import pulumi
import pulumi_aws as aws

from components import ports
from components.aws.account import check_account
from components.aws.clients import check_clients
from components.aws.documents import PolicyDocument, document, rendered, statement
from components.checks import check_name
from components.postgres import LOGGING, MAX_RECOVERY_DAYS, MIN_MAJOR_VERSION
from components.retention import RetentionClass, days_of
from components.tags import Tags
from components.windows import BACKUP_END, BACKUP_START, SATURDAY_NIGHT, MaintenanceWindow

ADMINISTRATOR: Final = "platform_admin"
"""The first user. RDS keeps and rotates its password; workloads log in with IAM and never see it."""

MONITORING_SECONDS: Final = 60
"""Seconds between measurements of the machine's processes: the longest that RDS offers."""

MIN_STORAGE_GIB: Final = 20
"""The smallest gp3 volume that RDS makes."""

_GROWTH: Final = 1.1
"""RDS refuses a ceiling less than a tenth above the size ("Working with storage for RDS DB instances")."""

_PERFORMANCE_DAYS: Final = 7
_IDENTIFIER = re.compile(r"(?=.{1,63}$)[a-z](?:-?[a-z0-9])*")

_MIN_SUBNETS: Final = 2

LOG_RETENTION: Final[Mapping[str, RetentionClass]] = MappingProxyType(
    {
        # pgaudit writes into the ordinary log, which makes it an audit log.
        "postgresql": RetentionClass.AUDIT,
        "upgrade": RetentionClass.LOGS,
    }
)
"""The logs that RDS hands to CloudWatch and how long each is kept."""

SETTINGS: Final[Mapping[str, bool | int | str]] = MappingProxyType(
    {
        "rds.force_ssl": True,
        "ssl_min_protocol_version": "TLSv1.3",
        "shared_preload_libraries": "pg_stat_statements,pgaudit",
        # The archive in the other cloud is fed by logical replication; turning it on later costs a restart.
        "rds.logical_replication": True,
        **LOGGING,
    }
)
"""What PostgreSQL is told, on top of what RDS sets by itself."""


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """Size, place and keys of a database instance.

    Attributes:
        identifier: The instance's name, which its log groups and final snapshot carry too. A stack that is
            destroyed and made again gives it a suffix.
        account_id: The account that the instance is in.
        region: The region that the instance is in.
        vpc_id: The network.
        subnet_ids: Data subnets in two zones or more.
        key: The ARN of the key that encrypts data, backups and performance insights. It can never be changed.
        secrets_key: The ARN of the key that encrypts the administrator's password.
        logs_key: The ARN of the key that encrypts the log groups.
        instance_class: The machine, for example db.m7g.large.
        storage_gib: The volume's first size.
        max_storage_gib: The size that the volume may grow to by itself.
        tags: Tags of everything that belongs to it.
        client_security_groups: Security groups that may connect, by a name that stays.
        client_cidr_blocks: Prefixes that may connect.
        major_version: The major version; minor ones come by themselves in the maintenance window. An instance that
            exists is upgraded by a runbook and never by a changed setting.
        high_availability: Whether a standby in another zone takes over.
        recovery_days: Days that the database can be taken back to any second of.
        maintenance: When the instance may restart for updates.
        protect: Whether engine and cloud refuse to destroy it.

    Raises:
        ValueError: An argument that RDS would refuse or that would leave the database open or unprotected.
    """

    identifier: pulumi.Input[str]
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key: pulumi.Input[str]
    secrets_key: pulumi.Input[str]
    logs_key: pulumi.Input[str]
    instance_class: str
    storage_gib: int
    max_storage_gib: int
    tags: Tags
    client_security_groups: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    client_cidr_blocks: Sequence[str] = ()
    major_version: int = MIN_MAJOR_VERSION
    high_availability: bool = True
    recovery_days: int = MAX_RECOVERY_DAYS
    maintenance: MaintenanceWindow = SATURDAY_NIGHT
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name(
            "identifier",
            self.identifier,
            _IDENTIFIER,
            "1 to 63 lower-case letters, digits and single inner hyphens, the first a letter",
        )
        if len(self.subnet_ids) < _MIN_SUBNETS:
            raise ValueError(f"subnet_ids: {len(self.subnet_ids)} given, RDS asks for subnets in two zones or more")
        if self.storage_gib < MIN_STORAGE_GIB:
            raise ValueError(f"storage_gib: {self.storage_gib} is less than the {MIN_STORAGE_GIB} GiB of a gp3 volume")
        if self.max_storage_gib < self.storage_gib * _GROWTH:
            raise ValueError(
                f"max_storage_gib: {self.max_storage_gib} leaves no room to grow, RDS asks for a tenth more "
                f"than storage_gib, {self.storage_gib}"
            )
        check_clients(self.client_security_groups, self.client_cidr_blocks)
        if self.major_version < MIN_MAJOR_VERSION:
            raise ValueError(f"major_version: {self.major_version} is older than {MIN_MAJOR_VERSION}")
        if not 1 <= self.recovery_days <= MAX_RECOVERY_DAYS:
            raise ValueError(f"recovery_days: {self.recovery_days} is outside 1 to {MAX_RECOVERY_DAYS}")


class Postgres(pulumi.ComponentResource):
    """A PostgreSQL instance in the data subnets; the operations job makes its databases and logins.

    Attributes:
        identifier: The instance's name.
        arn: The instance's ARN.
        resource_id: The name that IAM knows it by; it outlives the identifier.
        host: The name to connect to.
        port: The port to connect to.
        endpoint: Both, as `host:port`.
        security_group_id: The group that guards it.

    Example:
        >>> args = PostgresArgs(
        ...     identifier="lender", instance_class="db.m7g.large", storage_gib=100, max_storage_gib=500,
        ...     vpc_id=network.vpc_id, subnet_ids=network.data_subnet_ids, client_cidr_blocks=["10.20.0.0/18"],
        ...     key=key, secrets_key=key, logs_key=key, tags=tags, **place
        ... )
        >>> endpoint: pulumi.Output[str] = Postgres("lender", args).endpoint
    """

    identifier: pulumi.Output[str]
    arn: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    host: pulumi.Output[str]
    port: pulumi.Output[int]
    endpoint: pulumi.Output[str]
    security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Postgres", name, None, opts)
        self._prefix = name
        self._args = args
        subnets = aws.rds.SubnetGroup(
            name,
            description=f"Data subnets of {name}",
            subnet_ids=args.subnet_ids,
            tags=args.tags.aws(),
            opts=self._child(),
        )
        group = self._security_group()
        parameters = aws.rds.ParameterGroup(
            name,
            family=f"postgres{args.major_version}",
            description=f"Settings of {name}",
            parameters=parameters_of(SETTINGS),
            tags=args.tags.aws(),
            # A new major version has a new family, hence a new group; the old one goes once the instance left it.
            opts=self._child(),
        )
        log_groups = self._log_groups()
        monitoring, permission = self._monitoring_role()
        instance = aws.rds.Instance(
            name,
            identifier=args.identifier,
            engine="postgres",
            # The major version only: with a minor one the update that RDS makes by itself would look like a change.
            engine_version=str(args.major_version),
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=False,
            apply_immediately=False,
            instance_class=args.instance_class,
            multi_az=args.high_availability,
            storage_type="gp3",
            # What the volume has grown to is not a change: the provider leaves this alone beside a ceiling.
            allocated_storage=args.storage_gib,
            max_allocated_storage=args.max_storage_gib,
            storage_encrypted=True,
            kms_key_id=args.key,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            port=ports.POSTGRES,
            parameter_group_name=parameters.name,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            username=ADMINISTRATOR,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.secrets_key,
            iam_database_authentication_enabled=True,
            backup_retention_period=args.recovery_days,
            backup_window=f"{BACKUP_START}-{BACKUP_END}",
            maintenance_window=args.maintenance.aws,
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=args.protect,
            skip_final_snapshot=False,
            final_snapshot_identifier=pulumi.Output.concat(args.identifier, "-final"),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key,
            performance_insights_retention_period=_PERFORMANCE_DAYS,
            monitoring_interval=MONITORING_SECONDS,
            monitoring_role_arn=monitoring.arn,
            enabled_cloudwatch_logs_exports=list(LOG_RETENTION),
            tags=args.tags.aws(),
            # Without a group of that name RDS would make one itself: unencrypted, and kept for ever.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[*log_groups, permission]),
        )
        self.identifier = instance.identifier
        self.arn = instance.arn
        self.resource_id = instance.resource_id
        self.host = instance.address
        self.port = instance.port
        self.endpoint = instance.endpoint
        self.security_group_id = group.id
        self.register_outputs(
            {
                "identifier": self.identifier,
                "arn": self.arn,
                "resourceId": self.resource_id,
                "endpoint": self.endpoint,
            }
        )

    def login_arn(self, login: str) -> pulumi.Output[str]:
        """What `rds-db:connect` is allowed on, for one login of the database."""
        return pulumi.Output.concat(
            f"arn:aws:rds-db:{self._args.region}:{self._args.account_id}:dbuser:",
            self.resource_id,
            f"/{login}",
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Clients may call in; the database calls nobody, so there is no rule for the way out."""
        group = aws.ec2.SecurityGroup(
            self._prefix,
            # A new description means a new group: keep it.
            description=f"PostgreSQL {self._prefix}",
            vpc_id=self._args.vpc_id,
            tags=self._args.tags.aws(name=self._prefix),
            opts=self._child(),
        )
        for client, source in self._args.client_security_groups.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{self._prefix}-from-{client}",
                security_group_id=group.id,
                description=f"PostgreSQL from {client}",
                ip_protocol="tcp",
                from_port=ports.POSTGRES,
                to_port=ports.POSTGRES,
                referenced_security_group_id=source,
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
        for block in self._args.client_cidr_blocks:
            aws.vpc.SecurityGroupIngressRule(
                f"{self._prefix}-from-{block.replace('/', '-')}",
                security_group_id=group.id,
                description=f"PostgreSQL from {block}",
                ip_protocol="tcp",
                from_port=ports.POSTGRES,
                to_port=ports.POSTGRES,
                cidr_ipv4=block,
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
        return group

    def _log_groups(self) -> list[aws.cloudwatch.LogGroup]:
        return [
            aws.cloudwatch.LogGroup(
                f"{self._prefix}-{log}",
                name=pulumi.Output.concat("/aws/rds/instance/", self._args.identifier, f"/{log}"),
                kms_key_id=self._args.logs_key,
                retention_in_days=days_of(retention),
                tags=self._args.tags.with_(retention=retention).aws(),
                opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
            )
            for log, retention in LOG_RETENTION.items()
        ]

    def _monitoring_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{self._prefix}-monitoring",
            description=f"Measures the machine of {self._prefix}",
            assume_role_policy=rendered(monitoring_trust(self._args.account_id, self._args.region)),
            tags=self._args.tags.aws(),
            opts=self._child(),
        )
        permission = aws.iam.RolePolicyAttachment(
            f"{self._prefix}-monitoring",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=self._child(),
        )
        return role, permission


def parameters_of(settings: Mapping[str, bool | int | str]) -> list[aws.rds.ParameterGroupParameterArgs]:
    """The settings as RDS writes them: 1 and 0 for on and off."""
    return [
        aws.rds.ParameterGroupParameterArgs(
            name=name,
            value=str(int(value)) if isinstance(value, bool) else str(value),
            # All at the next start. A value that happens to be RDS's default keeps RDS's method whatever is asked
            # for, and "immediate" would show as a change for ever.
            apply_method="pending-reboot",
        )
        for name, value in settings.items()
    ]


def monitoring_trust(account_id: str, region: str) -> PolicyDocument:
    """Who may take the role that measures machines: RDS, for instances of this account."""
    return document(
        statement(
            "MeasureMachines",
            principal={"Service": "monitoring.rds.amazonaws.com"},
            actions=["sts:AssumeRole"],
            condition={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{region}:{account_id}:db:*"},
            },
        )
    )
