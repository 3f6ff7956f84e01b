"""Redis on ElastiCache, whose engine is Valkey: the same protocol and commands under an open licence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import pulumi
import pulumi_aws as aws

from components import ports
from components.aws.account import check_account
from components.aws.clients import check_clients, guarding_group
from components.checks import check_name
from components.retention import RetentionClass, days_of
from components.tags import Tags
from components.windows import BACKUP_END, BACKUP_START, SATURDAY_NIGHT, MaintenanceWindow

ENGINE: Final = "valkey"

ENGINE_VERSION: Final = "8.2"
"""The last minor version of Valkey 8. A lower one than is running would replace the whole group."""

MIN_SNAPSHOT_DAYS: Final = 7
MAX_SNAPSHOT_DAYS: Final = 35
"""The longest that ElastiCache keeps its daily snapshots."""

LOGS: Final = ("slow-log", "engine-log")
"""The logs that ElastiCache hands to CloudWatch."""

SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Seed 003 asks for both: clients keep their connections, dead ones are noticed after five minutes.
        "timeout": "0",
        "tcp-keepalive": "300",
    }
)
"""What the engine is told, beside what happens when its memory is full."""

COMMANDS: Final = (
    "-@all",
    "+@read",
    "+@write",
    "+@connection",
    "+@transaction",
    "+@scripting",
    # FLUSHALL, FLUSHDB, KEYS, CONFIG, DEBUG and the like.
    "-@dangerous",
    "-@admin",
    # They see the names of everybody's keys, whatever prefix a login is held to.
    "-scan",
    "-randomkey",
    "-dbsize",
    # The cache of scripts, and functions, belong to all logins.
    "-script|flush",
    "-script|kill",
    "-function",
)
"""What a login may call, in the order in which the engine applies and shows it."""

# ElastiCache takes 40 characters for a group and as many for a user.
_IDENTIFIER = re.compile(r"(?=.{1,40}$)[a-z](?:-?[a-z0-9])*")
_LOGIN = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")
_MIN_SUBNETS: Final = 2
_NODES: Final = (2, 6)


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """Size, place and keys of a replication group.

    `key` and `subnet_ids` can never be changed without a new, empty group.

    Attributes:
        identifier: The group's name, which its logs and final snapshot carry too. A stack that is destroyed and made
            again gives it a suffix.
        account_id: The account that the group is in.
        region: The region that the group is in.
        vpc_id: The network.
        subnet_ids: Data subnets in two zones or more.
        key: The ARN of the key that encrypts data and snapshots.
        logs_key: The ARN of the key that encrypts the log groups.
        node_type: The machine, for example cache.m7g.large.
        evicts: Whether old keys make room for new ones, as a cache wants it. Otherwise writes fail when the memory
            is full, as counters and revocations want it: nothing is forgotten.
        logins: Systems that may use it. Each is held to the keys below its own name and a colon.
        tags: Tags of everything that belongs to it.
        client_security_groups: Security groups that may connect, by a name that stays.
        client_cidr_blocks: Prefixes that may connect.
        nodes: The primary and its replicas, which take over by themselves.
        snapshot_days: Days that daily snapshots are kept.
        maintenance: When nodes may be replaced for updates.
        protect: Whether the engine refuses to destroy it.

    Raises:
        ValueError: An argument that ElastiCache would refuse or that would leave the data open or unprotected.
    """

    identifier: pulumi.Input[str]
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key: pulumi.Input[str]
    logs_key: pulumi.Input[str]
    node_type: str
    evicts: bool
    logins: Sequence[str]
    tags: Tags
    client_security_groups: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    client_cidr_blocks: Sequence[str] = ()
    nodes: int = 3
    snapshot_days: int = MIN_SNAPSHOT_DAYS
    maintenance: MaintenanceWindow = SATURDAY_NIGHT
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name(
            "identifier",
            self.identifier,
            _IDENTIFIER,
            "1 to 40 lower-case letters, digits and single inner hyphens that start with a letter",
        )
        if len(self.subnet_ids) < _MIN_SUBNETS:
            raise ValueError(f"subnet_ids: {len(self.subnet_ids)} given, a fail-over asks for two zones or more")
        if not self.logins:
            raise ValueError("logins: none given, so nobody could use it")
        for login in self.logins:
            check_name("logins", login, _LOGIN, "lower-case letters, digits and single inner hyphens")
        if len(set(self.logins)) != len(self.logins):
            raise ValueError(f"logins: {', '.join(self.logins)} names a system twice")
        check_clients(self.client_security_groups, self.client_cidr_blocks)
        fewest, most = _NODES
        if not fewest <= self.nodes <= most:
            raise ValueError(f"nodes: {self.nodes} is outside {fewest} to {most}; with one nothing could take over")
        if not MIN_SNAPSHOT_DAYS <= self.snapshot_days <= MAX_SNAPSHOT_DAYS:
            raise ValueError(
                f"snapshot_days: {self.snapshot_days} is outside {MIN_SNAPSHOT_DAYS} to {MAX_SNAPSHOT_DAYS}"
            )


class Redis(pulumi.ComponentResource):
    """A replication group in the data subnets, which clients reach by TLS and enter with their IAM role.

    There is no password and no user named `default`: in a group of users for Valkey that user does not exist
    unless it is made.

    Attributes:
        arn: The group's ARN.
        host: The name to connect to; it follows the primary.
        reader_host: The name that spreads readers over the replicas.
        port: The port to connect to.
        endpoint: The primary as `host:port`.
        security_group_id: The group that guards it.
        user_names: The user that each login connects as, by login: the component's name and the login's.

    Example:
        >>> args = RedisArgs(
        ...     identifier="lender-cache", node_type="cache.m7g.large", evicts=True, logins=["scoring"], tags=tags,
        ...     vpc_id=network.vpc_id, subnet_ids=network.data_subnet_ids, client_cidr_blocks=["10.20.0.0/18"],
        ...     key=key, logs_key=logs_key, **place
        ... )
        >>> endpoint: pulumi.Output[str] = Redis("cache", args).endpoint
    """

    arn: pulumi.Output[str]
    host: pulumi.Output[str]
    reader_host: pulumi.Output[str]
    port: pulumi.Output[int]
    endpoint: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    user_names: dict[str, str]

    def __init__(self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Redis", name, None, opts)
        self._prefix = name
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        subnets = aws.elasticache.SubnetGroup(
            name,
            description=f"Data subnets of {name}",
            subnet_ids=args.subnet_ids,
            tags=args.tags.aws(),
            opts=child,
        )
        guard = guarding_group(
            name,
            store="Redis",
            port=ports.REDIS,
            vpc_id=args.vpc_id,
            security_groups=args.client_security_groups,
            cidr_blocks=args.client_cidr_blocks,
            tags=args.tags,
            parent=self,
        )
        parameters = aws.elasticache.ParameterGroup(
            name,
            family=f"{ENGINE}{ENGINE_VERSION.partition('.')[0]}",
            description=f"Settings of {name}",
            parameters=parameters_of(evicts=args.evicts),
            tags=args.tags.aws(),
            opts=child,
        )
        self.user_names = {login: f"{name}-{login}" for login in args.logins}
        self._users = self._make_users()
        users = aws.elasticache.UserGroup(
            name,
            engine=ENGINE,
            user_group_id=args.identifier,
            user_ids=[user.user_id for user in self._users.values()],
            tags=args.tags.aws(),
            opts=child,
        )
        group = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=args.identifier,
            description=f"Redis {name}",
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            node_type=args.node_type,
            cluster_mode="disabled",
            num_cache_clusters=args.nodes,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            at_rest_encryption_enabled=True,
            kms_key_id=args.key,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            user_group_ids=[users.user_group_id],
            subnet_group_name=subnets.name,
            security_group_ids=[guard.id],
            port=ports.REDIS,
            parameter_group_name=parameters.name,
            maintenance_window=args.maintenance.aws,
            snapshot_retention_limit=args.snapshot_days,
            snapshot_window=f"{BACKUP_START}-{BACKUP_END}",
            final_snapshot_identifier=pulumi.Output.concat(args.identifier, "-final"),
            log_delivery_configurations=self._logs(),
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.arn = group.arn
        self.host = group.primary_endpoint_address
        self.reader_host = group.reader_endpoint_address
        self.port = pulumi.Output.from_input(ports.REDIS)
        self.endpoint = pulumi.Output.concat(self.host, f":{ports.REDIS}")
        self.security_group_id = guard.id
        self.register_outputs({"arn": self.arn, "endpoint": self.endpoint, "readerHost": self.reader_host})

    def connect_arns(self, login: str) -> list[pulumi.Output[str]]:
        """What `elasticache:Connect` is allowed on for one login: the group, and the login's user in it."""
        return [self.arn, self._users[login].arn]

    def _make_users(self) -> dict[str, aws.elasticache.User]:
        users: dict[str, aws.elasticache.User] = {}
        for login, user in self.user_names.items():
            check_name("logins", user, _IDENTIFIER, "a user's name of 40 characters at most; shorten the component's")
            users[login] = aws.elasticache.User(
                user,
                user_id=user,
                # IAM asks that it be the same.
                user_name=user,
                engine=ENGINE,
                authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
                access_string=access_string(login),
                tags=self._args.tags.aws(),
                opts=pulumi.ResourceOptions(parent=self),
            )
        return users

    def _logs(self) -> list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs]:
        deliveries: list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs] = []
        for log in LOGS:
            group = aws.cloudwatch.LogGroup(
                f"{self._prefix}-{log}",
                name=pulumi.Output.concat("/aws/elasticache/", self._args.identifier, f"/{log}"),
                kms_key_id=self._args.logs_key,
                retention_in_days=days_of(RetentionClass.LOGS),
                tags=self._args.tags.with_(retention=RetentionClass.LOGS).aws(),
                opts=pulumi.ResourceOptions(parent=self),
            )
            deliveries.append(
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=group.name,
                    destination_type="cloudwatch-logs",
                    log_format="json",
                    log_type=log,
                )
            )
        return deliveries


def access_string(login: str) -> str:
    """What a login may do, as the engine's access lists say it: its own keys, and no harmful command."""
    return " ".join(("on", f"~{login}:*", *COMMANDS))


def parameters_of(*, evicts: bool) -> list[aws.elasticache.ParameterGroupParameterArgs]:
    """The settings of a group that drops its least recently used keys when its memory is full, or drops none."""
    policy = {"maxmemory-policy": "allkeys-lru" if evicts else "noeviction"}
    return [
        aws.elasticache.ParameterGroupParameterArgs(name=name, value=value)
        for name, value in (policy | dict(SETTINGS)).items()
    ]
