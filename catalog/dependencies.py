"""What a system needs beside its own containers: stores, queues and registries, run by the platform."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from catalog.documents import Strict
from catalog.types import Name, Quantity, SqlName
from components.retention import RetentionClass
from components.tags import Classification, DataKind


class Postgres(Strict):
    """A database of the platform's PostgreSQL in the primary cloud, with a login and no password."""

    database: SqlName | None = None
    """The database and its login. Default: the system's name with underscores."""

    extensions: tuple[Literal["pg_stat_statements", "pgaudit", "pg_partman", "pg_cron"], ...] = (
        "pg_stat_statements",
        "pgaudit",
    )
    """Extensions; only those that RDS and Cloud SQL both have, for the standby holds the database too."""


class Redis(Strict):
    """Keys of the platform's Redis, below a prefix of the system's own. Holds only what can be rebuilt."""

    uses: Annotated[tuple[Literal["cache", "counters", "revocations"], ...], Field(min_length=1)]
    """What it is for: `cache` may be evicted, `counters` and `revocations` (of tokens) may not."""


class Bucket(Strict):
    """A bucket of the system's own, in the primary cloud, copied to the standby."""

    description: str
    """What lies in it, in a sentence."""

    data_kind: DataKind | None = None
    """The kind of data in it. Default: the system's."""

    classification: Classification | None = None
    """How confidential it is. Default: the system's."""

    retention: RetentionClass | None = None
    """How long it is kept. Default: the system's."""


class Topic(Strict):
    """A queue of messages between workloads, with a dead-letter queue."""

    description: str
    """What is announced on it, in a sentence."""

    # SQS keeps a message 14 days at most, Pub/Sub 31; a topic has to work on both.
    retention_days: Annotated[int, Field(ge=1, le=14)] = 7
    """How long a message waits for its reader, in days."""

    # Pub/Sub moves a message to the dead letters after 5 to 100 attempts.
    delivery_attempts: Annotated[int, Field(ge=5, le=100)] = 5
    """After how many failed deliveries a message goes to the dead letters."""


class Mongodb(Strict):
    """A MongoDB replica set of three members over the zones, run by an operator, with TLS and logins."""

    database: SqlName | None = None
    """The database. Default: the system's name with underscores."""

    storage: Annotated[Quantity, Field(examples=["50Gi"])]
    """Bytes of the encrypted volume of each member."""

    cache: Quantity = "2Gi"
    """Memory of the storage engine's cache of each member (seed 003: 2 GB)."""


class Mlflow(Strict):
    """Access to the platform's model registry."""

    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Registered models that the system may read and write."""


class BigqueryDataset(Strict):
    """A BigQuery dataset, in Google Cloud whatever the placement. Personal data enter it pseudonymised."""

    description: str
    """What lies in it, in a sentence."""

    retention: RetentionClass | None = None
    """How long rows are kept. Default: the system's."""


class Dependencies(Strict):
    """What the platform runs for a system. Databases, logins, roles, buckets and secrets follow from it."""

    postgres: Postgres | None = None
    """A PostgreSQL database."""

    redis: Redis | None = None
    """Cache, counters or revocations in Redis."""

    bucket: Mapping[Name, Bucket] = {}
    """Buckets by name."""

    topic: Mapping[Name, Topic] = {}
    """Topics by name."""

    mongodb: Mongodb | None = None
    """A MongoDB replica set."""

    mlflow: Mlflow | None = None
    """The model registry."""

    bigquery: Mapping[SqlName, BigqueryDataset] = {}
    """BigQuery datasets by name."""
