"""How long data is kept: one table of classes that both clouds, the catalog and the tags share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

NONCURRENT_DAYS: Final = 35
"""Days that an overwritten or deleted object can be brought back: as deep as the databases' recovery."""

ABORT_UPLOAD_DAYS: Final = 7
"""Days after which an upload that was never finished is thrown away: its parts cost money unseen."""


class RetentionClass(StrEnum):
    """The name by which a catalog file, a tag and a bucket say how long data lives."""

    LIVE = "live"
    MODELS = "models"
    BACKUP_FULL = "backup-full"
    BACKUP_DIFFERENTIAL = "backup-differential"
    BACKUP_STREAM = "backup-stream"
    BACKUP_DAILY = "backup-daily"
    BACKUP_WEEKLY = "backup-weekly"
    LOGS = "logs"
    AUDIT = "audit"
    METRICS = "metrics"


class LockMode(StrEnum):
    """How hard a retention is to shorten.

    Governance can be lifted by whoever holds a special permission; compliance by nobody, not even by the
    account's owner, until the days have passed. Only production uses compliance: a mistake in it is paid for
    the whole time.
    """

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What a class of retention means.

    Attributes:
        days: Days from an object's creation to its removal; None where the data's owner removes it.
        newest_versions: Overwritten versions that stay beyond NONCURRENT_DAYS; None for none.
        cold_after_days: Days after which an object moves to storage that is cheap to keep and dear to read.
        source: Where the numbers come from.
    """

    days: int | None
    newest_versions: int | None = None
    cold_after_days: int | None = None
    source: str


RETENTION: Final[Mapping[RetentionClass, Retention]] = MappingProxyType(
    {
        RetentionClass.LIVE: Retention(days=None, source="the service's own erasure rules decide"),
        RetentionClass.MODELS: Retention(days=None, newest_versions=10, source="seed 002: 10 model versions"),
        RetentionClass.BACKUP_FULL: Retention(days=90, source="seed 002: full backups 90 days"),
        RetentionClass.BACKUP_DIFFERENTIAL: Retention(days=30, source="seed 002: incremental backups 30 days"),
        # Seed 002 says 14: a recovery to any second of the last 35 days needs 35 days of the stream.
        RetentionClass.BACKUP_STREAM: Retention(days=35, source="seed 003: point-in-time recovery over 35 days"),
        RetentionClass.BACKUP_DAILY: Retention(days=35, source="seed 003: daily snapshots 35 days"),
        RetentionClass.BACKUP_WEEKLY: Retention(
            days=365, cold_after_days=90, source="seed 003: weekly archives one year"
        ),
        RetentionClass.LOGS: Retention(days=365, source="PCI DSS 4.0 10.5.1: audit history of twelve months"),
        # Seven years hold one or two leap days; the longer count keeps the promise whenever the seven years begin.
        RetentionClass.AUDIT: Retention(days=2557, cold_after_days=90, source="seed 000: seven years"),
        RetentionClass.METRICS: Retention(days=30, source="decisions: Prometheus keeps 30 days"),
    }
)


def days_of(retention: RetentionClass, *, argument: str = "retention") -> int:
    """The days that data of a class is kept.

    Raises:
        ValueError: The class sets no number of days, so nothing can be locked or made to expire by it; the
            message names the argument that asked.
    """
    days = RETENTION[retention].days
    if days is None:
        dated = ", ".join(name for name, meaning in RETENTION.items() if meaning.days is not None)
        raise ValueError(f"{argument}: {retention} sets no number of days; the classes that do are {dated}")
    return days
