"""The model of a stack's settings: what `Pulumi.<stack>.yaml` says, typed."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, EmailStr, Field

from catalog.documents import Strict, nearest, written
from catalog.types import Name
from components.aws.network import NatGateways
from components.cidr import MAX_ZONES, plan_ranges, plan_subnets
from components.gcp.keys import ProtectionLevel
from components.gcp.postgres import Edition
from components.postgres import MAX_RECOVERY_DAYS
from components.retention import LockMode
from components.windows import Weekday


class Environment(StrEnum):
    """What a stack is for."""

    STAGING = "staging"
    PROD = "prod"


def _fits_aws(cidr: str) -> str:
    with _without_the_value(cidr):
        plan_subnets(cidr, ["any"])
    return cidr


def _fits_gcp(cidr: str) -> str:
    with _without_the_value(cidr):
        plan_ranges(cidr)
    return cidr


@contextmanager
def _without_the_value(cidr: str) -> Generator[None]:
    """Takes argument and value from the planner's refusal: a settings error has named both already."""
    try:
        yield
    except ValueError as error:
        text = str(error).removeprefix("cidr: ").removeprefix(cidr).removeprefix(repr(cidr))
        raise ValueError(text.strip()) from None


def _is_time_zone(name: str) -> str:
    known = available_timezones()
    if name not in known:
        match = nearest(name, known)
        hint = f"; did you mean `{match}`?" if match else ", such as Etc/UTC"
        raise ValueError(f"is no IANA time zone{hint}")
    return name


_Prefix = Annotated[str, written(r"^[0-9.]{7,15}/[0-9]{1,2}$", "an IPv4 prefix", example="10.16.0.0/16")]

AwsRegion = Annotated[str, written(r"^[a-z]{2}-[a-z]+-[0-9]$", "an AWS region", example="eu-west-1")]
AwsZone = Annotated[str, written(r"^[a-z]{2}-[a-z]+-[0-9][a-z]$", "a zone of an AWS region", example="eu-west-1a")]
GcpRegion = Annotated[str, written(r"^[a-z]+-[a-z]+[0-9]+$", "a Google Cloud region", example="europe-west1")]


class Organisation(Strict):
    """Who answers for what all systems share, and pays for it."""

    owner: Annotated[Name, Field(examples=["platform"])]
    """The team that answers for the platform."""

    cost_centre: Annotated[Name, Field(examples=["cc-1000"])]
    """Who pays for the platform."""


class Residency(Strict):
    """Where data may rest. The law decides this list, and every region of the stack is held to it."""

    aws_regions: Annotated[tuple[AwsRegion, ...], Field(min_length=1)]
    """AWS regions in which data may rest."""

    gcp_regions: Annotated[tuple[GcpRegion, ...], Field(min_length=1)]
    """Google Cloud regions in which data may rest."""


class AwsNetwork(Strict):
    """The network on AWS."""

    cidr: Annotated[
        _Prefix,
        AfterValidator(_fits_aws),
        Field(examples=["10.16.0.0/16"]),
    ]
    """A private prefix from /16 to /21 for all subnets."""

    zones: Annotated[
        tuple[AwsZone, ...],
        Field(
            min_length=2,
            max_length=MAX_ZONES,
            examples=[["eu-west-1a", "eu-west-1b"]],
        ),
    ]
    """At least two zones of the region, in an order that stays."""

    nat_gateways: NatGateways
    """One NAT gateway for all zones is cheaper; one per zone survives the loss of a zone."""


class AwsPostgres(Strict):
    """The PostgreSQL server on AWS."""

    instance_class: Annotated[
        str,
        written(
            r"^db\.[a-z0-9]+\.(?:micro|small|medium|large|[0-9]*xlarge)$",
            "an RDS instance class",
            example="db.m7g.large",
        ),
    ]
    """The machine."""

    high_availability: bool
    """Whether a standby in another zone takes over."""

    # RDS gives PostgreSQL on gp3 between 20 GiB and 64 TiB.
    storage_gib: Annotated[int, Field(ge=20, le=65536)]
    """Disk to begin with, in GiB."""

    max_storage_gib: Annotated[int, Field(ge=20, le=65536)]
    """Disk that it may grow to by itself, in GiB."""


class Aws(Strict):
    """The AWS half of the stack."""

    account_id: Annotated[
        str,
        written(r"^[0-9]{12}$", "twelve digits in quotes", example="111122223333"),
    ]
    """The account's number, in quotes, for it can start with a nought."""

    region: AwsRegion
    """The region that serves."""

    backup_region: AwsRegion
    """The region that keeps copies."""

    network: AwsNetwork
    """Its network."""

    postgres: AwsPostgres
    """Its PostgreSQL server."""


class GcpNetwork(Strict):
    """The network on Google Cloud."""

    cidr: Annotated[
        _Prefix,
        AfterValidator(_fits_gcp),
        Field(examples=["10.128.0.0/16"]),
    ]
    """A private prefix from /12 to /20 for all ranges."""


class GcpPostgres(Strict):
    """The PostgreSQL server on Google Cloud."""

    tier: Annotated[
        str,
        written(
            r"^db-(?:custom-[0-9]+-[0-9]+|perf-optimized-N-[0-9]+|c4a-highmem-[0-9]+)$",
            "a Cloud SQL machine with processors of its own",
            example="db-custom-2-7680",
        ),
    ]
    """The machine, whose name decides the edition too."""

    high_availability: bool
    """Whether a standby in another zone takes over."""

    # Cloud SQL gives SSDs between 10 GiB and 64 TiB.
    storage_gib: Annotated[int, Field(ge=10, le=65536)]
    """Disk to begin with, in GiB."""

    max_storage_gib: Annotated[int, Field(ge=10, le=65536)]
    """Disk that it may grow to by itself, in GiB."""

    @property
    def edition(self) -> Edition:
        """The edition, which the machine's name tells ("Cloud SQL editions")."""
        return "ENTERPRISE" if self.tier.startswith("db-custom-") else "ENTERPRISE_PLUS"


class Gcp(Strict):
    """The Google Cloud half of the stack."""

    project_id: Annotated[
        str,
        written(
            r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$",
            "6 to 30 lower-case letters, digits and hyphens, the first a letter",
            example="covenant-staging-example",
        ),
    ]
    """The project's id."""

    region: GcpRegion
    """The region that serves."""

    backup_region: GcpRegion
    """The region that keeps copies."""

    key_protection: ProtectionLevel
    """Whether keys live in hardware modules (`HSM`) or, for less money, in software (`SOFTWARE`)."""

    network: GcpNetwork
    """Its network."""

    postgres: GcpPostgres
    """Its PostgreSQL server."""


class Kubernetes(Strict):
    """How the clusters are reached: contexts of the kubeconfig of whoever runs the program."""

    aws_context: Annotated[str, Field(min_length=1, examples=["covenant-staging-eks"])]
    """The context of the cluster on AWS."""

    gcp_context: Annotated[str, Field(min_length=1, examples=["covenant-staging-gke"])]
    """The context of the cluster on Google Cloud."""


class Recovery(Strict):
    """How far back the stores can go, and how hard it is to lose them."""

    pitr_days: Annotated[int, Field(ge=7, le=MAX_RECOVERY_DAYS)]
    """Days that a database can go back to any second of; 7 in staging, 35 in production (seed 003)."""

    lock_mode: LockMode
    """Whether a special permission can lift a lock (`governance`), or nobody can (`compliance`)."""

    protect: bool
    """Whether stores refuse to be deleted, by the engine and by the cloud."""


class Schedule(Strict):
    """When things happen by themselves."""

    time_zone: Annotated[
        str,
        AfterValidator(_is_time_zone),
        Field(examples=["Etc/UTC"]),
    ]
    """The IANA time zone of every schedule."""

    maintenance_day: Weekday
    """The day of the week on which services may restart themselves."""

    maintenance_hour: Annotated[int, Field(ge=0, le=23)]
    """The hour, UTC, in which they may: managed databases know no other time zone."""


class Contacts(Strict):
    """Whom to write to."""

    platform: Annotated[EmailStr, Field(examples=["platform@example.com"])]
    """The team that runs the platform."""

    security: Annotated[EmailStr, Field(examples=["security@example.com"])]
    """The team to report a breach to."""

    on_call: Annotated[EmailStr, Field(examples=["on-call@example.com"])]
    """Whoever is on duty."""


class Settings(Strict):
    """All settings of a stack."""

    environment: Annotated[Environment, Field(examples=["staging"])]
    """What the stack is for."""

    organisation: Organisation
    """Who answers for what all systems share, and pays for it."""

    residency: Residency
    """Where data may rest."""

    aws: Aws
    """The AWS half of the stack."""

    gcp: Gcp
    """The Google Cloud half of the stack."""

    kubernetes: Kubernetes
    """How the clusters are reached."""

    recovery: Recovery
    """How far back the stores can go, and how hard it is to lose them."""

    schedule: Schedule
    """When things happen by themselves."""

    contacts: Contacts
    """Whom to write to."""
