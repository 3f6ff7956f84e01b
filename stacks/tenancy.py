"""What a system gets on a cloud, decided before anything is made: the same for both clouds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pulumi

from catalog import Catalog, System
from catalog.capacity import capacity
from catalog.dependencies import Bucket
from catalog.types import Cloud
from components.kubernetes.namespace import NamespaceArgs
from components.purposes import KeyPurpose
from components.retention import LockMode, RetentionClass
from components.tags import Classification, DataKind, Tags
from components.windows import MaintenanceWindow
from stacks.model import Schedule, Settings


@dataclass(frozen=True, kw_only=True)
class Tenancy:
    """What a system has got on a cloud.

    Attributes:
        namespace: Its Kubernetes namespace.
        identity: What its pods run as.
        login: What they log in to the database server as; nothing when the system has no database.
        buckets: Addresses of its buckets by their name in the catalog; empty on the standby.
    """

    namespace: pulumi.Output[str]
    identity: pulumi.Output[str]
    login: pulumi.Input[str] | None
    buckets: Mapping[str, pulumi.Output[str]]


class Half(Protocol):
    """One cloud's half of the platform."""

    @property
    def outputs(self) -> Mapping[str, object]:
        """What it exports, as the contract's CloudOutputs."""
        ...

    @property
    def database_server(self) -> Mapping[str, object]:
        """Where its database server is, as the contract's PostgresServer."""
        ...

    def host(self, system: System, tags: Tags) -> Tenancy:
        """Makes what a system gets on this cloud."""
        ...


@dataclass(frozen=True, kw_only=True)
class BucketPlan:
    """How a system's bucket is kept.

    Attributes:
        tags: Its tags.
        key: The purpose of the key that encrypts it.
        retention: How long objects live.
        lock: Whether and how hard objects are locked for that time.
    """

    tags: Tags
    key: KeyPurpose
    retention: RetentionClass
    lock: LockMode | None


def platform_tags(settings: Settings) -> Tags:
    """Tags of what all systems share."""
    return Tags(
        owner=settings.organisation.owner,
        environment=settings.environment,
        system="platform",
        cost_centre=settings.organisation.cost_centre,
        classification=Classification.INTERNAL,
    )


def system_tags(system: System, environment: str) -> Tags:
    """Tags of what belongs to a system."""
    return Tags(
        owner=system.owner,
        environment=environment,
        system=system.name,
        cost_centre=system.cost_centre,
        classification=system.classification,
        data_kind=system.data_kind,
        retention=system.retention,
        rpo_minutes=system.recovery.rpo_minutes,
        rto_minutes=system.recovery.rto_minutes,
    )


def database_tags(tags: Tags, catalog: Catalog) -> Tags:
    """Tags of a database server: as protected, and as soon back, as the most demanding of its systems asks.

    Args:
        tags: The platform's tags.
        catalog: All systems; those without a database ask for nothing.
    """
    systems = [system for system in catalog.systems.values() if system.database]
    if not systems:
        return tags
    order = list(Classification)
    return tags.with_(
        classification=max((system.classification for system in systems), key=order.index),
        data_kind=DataKind.PII if any(system.data_kind is DataKind.PII for system in systems) else None,
        retention=RetentionClass.LIVE,
        rpo_minutes=min(system.recovery.rpo_minutes for system in systems),
        rto_minutes=min(system.recovery.rto_minutes for system in systems),
    )


def bucket_plans(system: System, cloud: Cloud, tags: Tags, lock: LockMode) -> Mapping[str, BucketPlan]:
    """How each bucket of a system is kept on a cloud, by its name: none on the standby.

    Args:
        system: Whose buckets they are.
        cloud: Where they would be.
        tags: The system's tags.
        lock: How hard the stack locks what must not be shortened.
    """
    buckets = system.dependencies.bucket if system.placement.primary is cloud else {}
    return {name: _bucket_plan(system, bucket, tags, lock) for name, bucket in buckets.items()}


def _bucket_plan(system: System, bucket: Bucket, tags: Tags, lock: LockMode) -> BucketPlan:
    """What the bucket leaves open is as its system says."""
    retention = bucket.retention or system.retention
    data_kind = bucket.data_kind or system.data_kind
    return BucketPlan(
        tags=tags.with_(
            classification=bucket.classification or system.classification,
            data_kind=data_kind,
            retention=retention,
        ),
        key=KeyPurpose.AUDIT if data_kind is DataKind.AUDIT else KeyPurpose.OBJECTS,
        retention=retention,
        lock=lock if retention is RetentionClass.AUDIT else None,
    )


def namespace_args(
    system: System, tags: Tags, *, dns_cidr_blocks: tuple[str, ...] = (), protect: bool
) -> NamespaceArgs:
    """The namespace of a system, with room for as much as the system can take."""
    room = capacity(system)
    return NamespaceArgs(
        namespace=system.kubernetes_namespace,
        tags=tags,
        cpu=room.cpu,
        memory=room.memory,
        memory_limit=room.memory_limit,
        pods=room.pods,
        dns_cidr_blocks=dns_cidr_blocks,
        protect=protect,
    )


def maintenance_window(schedule: Schedule) -> MaintenanceWindow:
    """When managed services may restart themselves."""
    return MaintenanceWindow(day=schedule.maintenance_day, hour=schedule.maintenance_hour)
