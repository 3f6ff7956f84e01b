"""When a managed service may restart itself: never while backups run and are checked."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BACKUP_START: Final = "00:00"
"""When the databases' own daily backup begins, UTC."""
BACKUP_END: Final = "01:30"
"""When AWS must have begun it; Google Cloud has a window of four hours from BACKUP_START."""

# The platform's backups start at 02:00 and their verification at 05:00 (seed 002), done by 06:00; the databases' own
# backup comes before them, and a window that starts after 22:00 would run into it.
_FIRST_HOUR: Final = 6
_LAST_HOUR: Final = 22


class Weekday(StrEnum):
    """Days of the week as AWS writes them."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


@dataclass(frozen=True, kw_only=True)
class MaintenanceWindow:
    """The hour of the week, UTC, in which a service may restart itself: Cloud SQL's window is one hour.

    Raises:
        ValueError: The hour runs into the backups, from 00:00 to 06:00.
    """

    day: Weekday = Weekday.SATURDAY
    hour: int = 22

    def __post_init__(self) -> None:
        if not _FIRST_HOUR <= self.hour <= _LAST_HOUR:
            raise ValueError(
                f"MaintenanceWindow.hour: {self.hour} is not free: maintenance starts from {_FIRST_HOUR} to "
                f"{_LAST_HOUR} UTC, because backups are made and checked from 00:00 to 06:00"
            )

    @property
    def aws(self) -> str:
        """As RDS and ElastiCache want it, for example `sat:22:00-sat:23:00`."""
        return f"{self.day}:{self.hour:02}:00-{self.day}:{self.hour + 1:02}:00"

    @property
    def gcp_day(self) -> int:
        """The day as Cloud SQL wants it: 1 is Monday."""
        return list(Weekday).index(self.day) + 1


SATURDAY_NIGHT: Final = MaintenanceWindow()
"""The week's quietest hour: the credit services' load follows office hours."""
