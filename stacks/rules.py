"""What must hold between the settings of a stack, beyond the shape of each.

A rule names the sections that it compares as its parameters; `stack` is the stack's name.
"""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Network
from typing import Final
from zoneinfo import ZoneInfo

from catalog.documents import Finding, shown
from components.postgres import MAX_RECOVERY_DAYS
from components.retention import LockMode
from components.windows import MaintenanceWindow
from stacks.model import Aws, Environment, Gcp, Kubernetes, Recovery, Residency, Schedule

# "Cloud SQL editions": point-in-time recovery goes back 7 days with Enterprise, 35 with Enterprise Plus.
_ENTERPRISE_PITR_DAYS: Final = 7
# RDS refuses a ceiling less than a tenth above the size ("Managing capacity automatically with storage autoscaling").
_DISK_GROWTH: Final = Decimal("1.1")
# A quorum survives the loss of one of three.
_PROD_ZONES: Final = 3
_BACKUP_HOURS: Final = range(2, 6)
"""The hours, in the stack's time zone, in which backups are made and verified (seed 002)."""


def stack_is_named_for_its_environment(stack: str, environment: Environment) -> Iterator[Finding]:
    """Whoever types `-s prod` must get production, and nobody else may."""
    if stack != environment and not stack.startswith(f"{environment}-"):
        yield Finding(
            ("environment",),
            f'got "{environment}", but the stack is {stack}; name the stack {environment} or {environment}-…',
        )


def data_stays_where_it_may(residency: Residency, aws: Aws, gcp: Gcp) -> Iterator[Finding]:
    """Every region that keeps data is one in which it may rest."""
    for cloud, settings, allowed in (
        ("aws", aws, residency.aws_regions),
        ("gcp", gcp, residency.gcp_regions),
    ):
        for key, region in (("region", settings.region), ("backup_region", settings.backup_region)):
            if region not in allowed:
                text = f'got "{region}", in which data may not rest; residency allows {", ".join(allowed)}'
                yield Finding((cloud, key), text)


def copies_are_elsewhere(aws: Aws, gcp: Gcp) -> Iterator[Finding]:
    """A copy in the same region is lost with it."""
    for cloud, settings in (("aws", aws), ("gcp", gcp)):
        if settings.backup_region == settings.region:
            text = f'got "{settings.region}", which is the serving region too; name another'
            yield Finding((cloud, "backup_region"), text)


def zones_are_of_the_region(aws: Aws) -> Iterator[Finding]:
    """AWS names a zone by its region and a letter."""
    seen: set[str] = set()
    for index, zone in enumerate(aws.network.zones):
        where = ("aws", "network", "zones", index)
        if zone[:-1] != aws.region:
            yield Finding(where, f'got "{zone}", which is not a zone of {aws.region}, such as {aws.region}a')
        elif zone in seen:
            yield Finding(where, f'got "{zone}" a second time; name another zone')
        seen.add(zone)


def networks_are_apart(aws: Aws, gcp: Gcp) -> Iterator[Finding]:
    """The clouds are joined by a private network, in which an address may exist only once."""
    if IPv4Network(aws.network.cidr).overlaps(IPv4Network(gcp.network.cidr)):
        yield Finding(
            ("gcp", "network", "cidr"),
            f'got "{gcp.network.cidr}", which overlaps aws.network.cidr, {aws.network.cidr}; choose another',
        )


def clusters_are_two(kubernetes: Kubernetes) -> Iterator[Finding]:
    """The clouds' clusters hold the same namespaces: in one cluster they would be taken twice."""
    if kubernetes.gcp_context == kubernetes.aws_context:
        text = f"got {shown(kubernetes.gcp_context, ())}, which is the context of the cluster on AWS too"
        yield Finding(("kubernetes", "gcp_context"), text)


def disks_can_grow(aws: Aws, gcp: Gcp) -> Iterator[Finding]:
    """A database whose disk is full stops."""
    for cloud, postgres in (("aws", aws.postgres), ("gcp", gcp.postgres)):
        least = math.ceil(postgres.storage_gib * _DISK_GROWTH)
        if postgres.max_storage_gib < least:
            yield Finding(
                (cloud, "postgres", "max_storage_gib"),
                f"got {postgres.max_storage_gib}, must be at least {least}, a tenth more than storage_gib",
            )


def cloud_sql_reaches_back_far_enough(gcp: Gcp, recovery: Recovery) -> Iterator[Finding]:
    """Only the edition Enterprise Plus goes back more than a week; its machines have names of their own."""
    if gcp.postgres.edition == "ENTERPRISE" and recovery.pitr_days > _ENTERPRISE_PITR_DAYS:
        yield Finding(
            ("gcp", "postgres", "tier"),
            f'got "{gcp.postgres.tier}", which goes back {_ENTERPRISE_PITR_DAYS} days, but recovery.pitr_days '
            f"is {recovery.pitr_days}; choose a machine of Enterprise Plus such as db-perf-optimized-N-4",
        )


def production_keeps_its_promises(
    environment: Environment, aws: Aws, gcp: Gcp, recovery: Recovery
) -> Iterator[Finding]:
    """What may be small or soft elsewhere is not in production."""
    if environment is not Environment.PROD:
        return
    if len(aws.network.zones) < _PROD_ZONES:
        text = f"got {len(aws.network.zones)}, production needs at least {_PROD_ZONES}"
        yield Finding(("aws", "network", "zones"), text)
    for location, value, needed in (
        (("aws", "network", "nat_gateways"), aws.network.nat_gateways, "per-zone"),
        (("aws", "postgres", "high_availability"), aws.postgres.high_availability, True),
        (("gcp", "postgres", "high_availability"), gcp.postgres.high_availability, True),
        (("gcp", "key_protection"), gcp.key_protection, "HSM"),
        (("recovery", "pitr_days"), recovery.pitr_days, MAX_RECOVERY_DAYS),
        (("recovery", "lock_mode"), recovery.lock_mode, LockMode.COMPLIANCE),
        (("recovery", "protect"), recovery.protect, True),
    ):
        if value != needed:
            text = f"got {shown(value, location)}, must be {shown(needed, location)} in production"
            yield Finding(location, text)


def only_production_locks_for_good(environment: Environment, recovery: Recovery) -> Iterator[Finding]:
    """A compliance lock can be lifted by nobody: a mistake in it is paid for seven years."""
    if environment is not Environment.PROD and recovery.lock_mode is LockMode.COMPLIANCE:
        text = f'must be "governance" in {environment}; nobody can lift "compliance" again'
        yield Finding(("recovery", "lock_mode"), text)


def maintenance_leaves_backups_alone(schedule: Schedule) -> Iterator[Finding]:
    """A database that restarts breaks its backup, in summer and in winter."""
    where = ("schedule", "maintenance_hour")
    try:
        MaintenanceWindow(day=schedule.maintenance_day, hour=schedule.maintenance_hour)
    except ValueError as error:
        yield Finding(where, str(error).removeprefix("MaintenanceWindow.hour: "))
        return
    zone = ZoneInfo(schedule.time_zone)
    for month in (1, 7):
        start = datetime(2025, month, 1, schedule.maintenance_hour, tzinfo=UTC)
        touched = {(start + timedelta(minutes=minutes)).astimezone(zone).hour for minutes in (0, 59)}
        if touched & set(_BACKUP_HOURS):
            local = f"{start.astimezone(zone):%H:%M} in {schedule.time_zone}"
            text = f"got {schedule.maintenance_hour} UTC, in some months {local}; keep clear of 02:00 to 06:00"
            yield Finding(where, f"{text}, when backups are made and checked")
            return


RULES: tuple[Callable[..., Iterator[Finding]], ...] = (
    stack_is_named_for_its_environment,
    data_stays_where_it_may,
    copies_are_elsewhere,
    zones_are_of_the_region,
    networks_are_apart,
    clusters_are_two,
    disks_can_grow,
    cloud_sql_reaches_back_far_enough,
    production_keeps_its_promises,
    only_production_locks_for_good,
    maintenance_leaves_backups_alone,
)
"""What a stack's settings must hold among each other."""
