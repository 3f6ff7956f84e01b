"""What PostgreSQL is told on both clouds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MIN_MAJOR_VERSION: Final = 16
"""The oldest major version that is run: seed 000 asks for 15, which leaves support in November 2027."""

MAX_RECOVERY_DAYS: Final = 35
"""Days that either cloud can go back to any second of."""

LOGGING: Final[Mapping[str, bool | int | str]] = MappingProxyType(
    {
        # CIS Google Cloud 5.0, 6.2.1 to 6.2.8: who came, who changed the structure or rights, what waited or spilled.
        "log_checkpoints": True,
        "log_connections": True,
        "log_disconnections": True,
        "log_lock_waits": True,
        "log_temp_files": 0,
        "log_statement": "ddl",
        "log_min_messages": "warning",
        "log_min_error_statement": "error",
        "log_error_verbosity": "default",
        "pgaudit.log": "ddl,role",
        # Milliseconds: a statement over the API's P99 limit of one second (seed 003) is worth a line.
        "log_min_duration_statement": 1000,
        # That line comes without the statement's parameters, which are applicants' data.
        "log_parameter_max_length": 0,
    }
)
"""Settings that decide what stands in the database's log."""
