"""The kinds of values that catalog files are written in."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field

from catalog.documents import written

_SUFFIXES = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
}
_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<suffix>m|k|M|G|T|Ki|Mi|Gi|Ti)?")
# Kubernetes reads five fields and neither L, # nor ? nor 7 for Sunday, all of which other cron dialects have.
_CRON_FIELDS = ("minute", "hour", "day", "month", "weekday")
_CRON_ITEM = r"(?:\*|(?:[0-9]+|[A-Z]{3})(?:-(?:[0-9]+|[A-Z]{3}))?)(?:/[0-9]+)?"
_CRON_FIELD = re.compile(f"{_CRON_ITEM}(?:,{_CRON_ITEM})*")


class Cloud(StrEnum):
    """The clouds that a system can run on."""

    AWS = "aws"
    GCP = "gcp"


class Severity(StrEnum):
    """How soon an alert needs a person: now, within an hour, within a day (seed 001)."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


def checked_cron(expression: str) -> str:
    """A cron expression, refused unless Kubernetes reads it and it ever comes due.

    Raises:
        ValueError: What is wrong with it.
    """
    fields = expression.upper().split()
    if len(fields) != len(_CRON_FIELDS):
        raise ValueError(f"must have the five fields {', '.join(_CRON_FIELDS)}")
    if not all(_CRON_FIELD.fullmatch(field) for field in fields):
        raise ValueError("must hold only numbers, names of months and weekdays, and the signs * , - /")
    if re.search(r"(?<![0-9/])7(?![0-9])", fields[4]):
        raise ValueError("must write Sunday as 0, for Kubernetes refuses 7")
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"is no schedule: {str(error).lower()}") from None
    return expression


def amount(quantity: str) -> Decimal:
    """The number that a Kubernetes quantity stands for, 0.5 for `500m`.

    Raises:
        ValueError: It is not a quantity above zero.
    """
    match = _QUANTITY.fullmatch(quantity)
    number = Decimal(match["number"]) * _SUFFIXES[match["suffix"] or ""] if match else Decimal(0)
    if not number:
        raise ValueError("must be a quantity above zero")
    return number


def _checked_quantity(quantity: str) -> str:
    amount(quantity)
    return quantity


Name = Annotated[
    str,
    written(
        r"^[a-z](?:-?[a-z0-9])*$",
        "lower-case letters, digits and single hyphens, the first a letter",
        example="scoring",
        # A bucket's name is covenant-<6>-<system>-<bucket> and has 63 characters at most.
        max_length=22,
    ),
]
"""Fits wherever names of systems and workloads end up: DNS labels, Google service accounts, bucket names."""

EnvironmentName = Annotated[
    str, written(r"^[A-Z][A-Z0-9_]*$", "the name of a variable in capitals", example="LOG_LEVEL")
]

SecretName = Annotated[
    str,
    written(
        # Google's Secret Manager takes 255 characters and no slash, AWS takes more of both.
        r"^[a-z](?:-?[a-z0-9])*$",
        "lower-case letters, digits and single hyphens, the first a letter",
        example="scoring-sentry-dsn",
        max_length=255,
    ),
]

SqlName = Annotated[
    str,
    written(
        # Needs no quotes in any tool; PostgreSQL cuts names after 63 bytes.
        r"^[a-z_][a-z0-9_]*$",
        "lower-case letters, digits and underscores",
        example="scoring",
        max_length=63,
    ),
]

UrlPath = Annotated[str, written(r"^/[A-Za-z0-9._~/-]*$", "a path that starts with a slash", example="/health")]

DirectoryPath = Annotated[
    str,
    written(
        r"^(?:/[A-Za-z0-9._-]*[A-Za-z0-9_-])+$",
        "the absolute path of a directory, without a slash at its end",
        example="/var/cache",
    ),
]

HostName = Annotated[
    str,
    written(
        r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        "a full host name in lower case",
        example="api.example.com",
        max_length=253,
    ),
]

# A container that is not root cannot listen below 1024.
Port = Annotated[int, Field(ge=1024, le=65535, examples=[8000])]

Percent = Annotated[int, Field(ge=1, le=100)]

Quantity = Annotated[str, AfterValidator(_checked_quantity), Field(examples=["500m"])]

Cron = Annotated[str, AfterValidator(checked_cron), Field(examples=["0 2 * * 0"])]
