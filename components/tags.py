"""The tags that everything taggable carries, from one table of keys, as each platform wants them written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypedDict, Unpack

from components.checks import check_name
from components.retention import RetentionClass

KUBERNETES_PREFIX: Final = "platform.covenant/"

TAG_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "owner": "owner",
        "environment": "environment",
        "system": "system",
        "cost_centre": "cost-centre",
        "classification": "data-classification",
        "data_kind": "data-kind",
        "retention": "retention",
        "rpo_minutes": "rpo-minutes",
        "rto_minutes": "rto-minutes",
    }
)
"""The key of each field of Tags."""

# What AWS takes in a tag's value (Tagging AWS resources, "Tag naming limits"); it starts with a letter or digit here
# because a Kubernetes label's value must.
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,254}")
# Both Google Cloud and Kubernetes cut a label's value off at 63 characters.
_LABEL_LENGTH: Final = 63


class Classification(StrEnum):
    """How sensitive data is (seed 003, data classification)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class DataKind(StrEnum):
    """What data is about, where a rule depends on it."""

    PII = "pii"
    AUDIT = "audit"
    BACKUP = "backup"
    MODEL = "model"
    TELEMETRY = "telemetry"


class TagChanges(TypedDict, total=False):
    """What one store says differently from the system that it belongs to."""

    owner: str
    system: str
    cost_centre: str
    classification: Classification
    data_kind: DataKind | None
    retention: RetentionClass | None
    rpo_minutes: int | None
    rto_minutes: int | None


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Who owns a resource, what it holds and what is promised for it.

    Attributes:
        owner: The team that answers for it.
        environment: The stack's environment, `staging` or `prod`.
        system: The catalog's system, or `platform` for what all of them share.
        cost_centre: Where its costs are booked.
        classification: How sensitive what it holds is.
        data_kind: What it holds; None where no rule depends on it.
        retention: How long what it holds is kept; None for what holds nothing.
        rpo_minutes: Minutes of data that a disaster may cost; None for what holds nothing.
        rto_minutes: Minutes until it works again after a disaster.

    Raises:
        ValueError: A value that one of the platforms would refuse.
    """

    owner: str
    environment: str
    system: str
    cost_centre: str
    classification: Classification
    data_kind: DataKind | None = None
    retention: RetentionClass | None = None
    rpo_minutes: int | None = None
    rto_minutes: int | None = None

    def __post_init__(self) -> None:
        for field in ("owner", "environment", "system", "cost_centre"):
            meaning = "1 to 255 letters, digits, spaces and _.:/=+@-, the first a letter or digit"
            check_name(f"Tags.{field}", getattr(self, field), _VALUE, meaning)
        for field, minutes in (("rpo_minutes", self.rpo_minutes), ("rto_minutes", self.rto_minutes)):
            if minutes is not None and minutes < 0:
                raise ValueError(f"Tags.{field}: {minutes} minutes can't be promised: 0 or more")

    def with_(self, **changes: Unpack[TagChanges]) -> "Tags":
        """The same tags but for what a store says differently."""
        return replace(self, **changes)

    def aws(self, *, name: str | None = None) -> dict[str, str]:
        """Tags for AWS; `name` is what its console shows for resources that have no name of their own."""
        return ({"Name": name} if name else {}) | self._values()

    def gcp(self) -> dict[str, str]:
        """Labels for Google Cloud: lower case, at most 63 of a-z, 0-9, _ and -."""
        return {
            key: re.sub(r"[^a-z0-9_-]", "-", value.lower())[:_LABEL_LENGTH] for key, value in self._values().items()
        }

    def kubernetes(self) -> dict[str, str]:
        """Labels for Kubernetes under the platform's prefix."""
        return {
            f"{KUBERNETES_PREFIX}{key}": re.sub(r"[^A-Za-z0-9_.-]", "-", value)[:_LABEL_LENGTH].rstrip("-_.")
            for key, value in self._values().items()
        }

    def _values(self) -> dict[str, str]:
        values = ((TAG_KEYS[field.name], getattr(self, field.name)) for field in fields(self))
        return {key: str(value) for key, value in values if value is not None}
