"""The model of the catalog: what one file says about a system on the platform.

The shortest useful file names the system, who owns and pays for it, where it runs, what kind of data it holds
and one workload; everything else has the platform's safe default.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Literal

from pydantic import Field

from catalog.dependencies import Dependencies
from catalog.documents import Strict, written
from catalog.types import Cloud, Name, Severity
from catalog.workloads import Container, CronJob, Deployment, StatefulSet
from components.retention import RetentionClass
from components.tags import Classification, DataKind


class Placement(Strict):
    """Where a system runs, and where it comes back when that cloud is lost."""

    primary: Cloud
    """The cloud that serves."""

    standby: Cloud
    """The other cloud, which holds the copies and takes over."""


class AcrossClouds(Strict):
    """The promise for the loss of the whole primary cloud."""

    # The platform's own figures: what replication between the clouds and a rehearsed fail-over can keep.
    rto_minutes: Annotated[int, Field(ge=60)] = 60
    """Minutes until the standby serves; the platform needs 60."""

    rpo_minutes: Annotated[int, Field(ge=15)] = 15
    """Minutes of data that may be lost; replication to the other cloud needs 15."""


class Recovery(Strict):
    """How soon a system is back after a loss, and how much data may be lost."""

    # What a restore to a point in time takes, and how often the transaction log leaves the database server.
    rto_minutes: Annotated[int, Field(ge=30)] = 30
    """Minutes until its stores serve again within the region; a restore needs 30."""

    rpo_minutes: Annotated[int, Field(ge=5)] = 5
    """Minutes of data that may be lost within the region; the log is shipped every 5."""

    across_clouds: AcrossClouds = AcrossClouds()
    """The promise for the loss of the whole primary cloud."""


class PodSecurity(Strict):
    """The Pod Security level of the namespace. Any but `restricted` is an exception and needs its reason."""

    level: Literal["restricted", "baseline", "privileged"] = "restricted"
    """A level of the Kubernetes Pod Security Standards."""

    reason: str | None = None
    """Why `restricted` is not possible, in a sentence that an auditor understands."""


class Slo(Strict):
    """A promise about the share of good requests, from which burn-rate alerts and error budgets follow."""

    workload: Name
    """The workload it is about."""

    objective: Annotated[float, Field(gt=0, lt=100)]
    """Percent of requests that are good."""

    latency_ms: Annotated[int, Field(ge=1)] | None = None
    """Milliseconds in which a good request is answered. Default: one without a server error is good."""

    window_days: Annotated[int, Field(ge=7, le=90)] = 30
    """Days over which the share is taken."""


class Alert(Strict):
    """A Prometheus alert beside those that follow from the SLOs."""

    expression: Annotated[str, Field(min_length=1)]
    """PromQL that gives a result while something is wrong, one series for each system."""

    minutes: Annotated[int, Field(ge=0, le=1440)]
    """For how long it must hold before the alert fires."""

    severity: Severity
    """How soon it needs a person."""

    summary: Annotated[str, Field(min_length=10)]
    """What is wrong, in a sentence for the person called."""

    topic: Literal["reliability", "security", "governance", "compliance", "sustainability"] = "reliability"
    """What it is about, which decides with the severity who is called."""


class System(Strict):
    """A system on the platform: one file of the catalog."""

    name: Annotated[Name, Field(examples=["scoring"])]
    """The system's name, which is its file's name."""

    description: Annotated[str, Field(min_length=10, examples=["Scores applications for credit."])]
    """What it does, in a sentence."""

    owner: Annotated[Name, Field(examples=["credit-risk"])]
    """The team that answers for it."""

    cost_centre: Annotated[Name, Field(examples=["cc-4100"])]
    """Who pays for it."""

    namespace: Name | None = None
    """Its Kubernetes namespace. Default: its name."""

    placement: Annotated[Placement, Field(examples=[{"primary": "aws", "standby": "gcp"}])]
    """Where it runs, and where it comes back."""

    classification: Annotated[Classification, Field(examples=["restricted"])]
    """How confidential its data are."""

    data_kind: Annotated[DataKind, Field(examples=["pii"])]
    """The most protected kind of data that it holds."""

    retention: Annotated[RetentionClass, Field(examples=["audit"])]
    """How long its data are kept."""

    recovery: Recovery = Recovery()
    """How soon it is back, and how much data may be lost."""

    pod_security: PodSecurity = PodSecurity()
    """The Pod Security level of its namespace."""

    dependencies: Dependencies = Dependencies()
    """What the platform runs for it."""

    deployments: Mapping[Name, Deployment] = {}
    """Workloads that answer requests and keep no data of their own."""

    stateful_sets: Mapping[Name, StatefulSet] = {}
    """Workloads that keep data on a disk."""

    cron_jobs: Mapping[Name, CronJob] = {}
    """Workloads that run on a schedule."""

    slos: Mapping[Name, Slo] = {}
    """Promises about its services, by name."""

    alerts: Mapping[
        Annotated[
            str,
            written(r"^[A-Z][A-Za-z0-9]{2,60}$", "capitalised words without spaces", example="HighErrorRate"),
        ],
        Alert,
    ] = {}
    """Alerts beside those that follow from the SLOs, by name."""

    dashboards: tuple[
        Literal["business", "executive", "fairness", "governance", "model", "pipeline", "sustainability"], ...
    ] = ()
    """Dashboards beside the one that every service gets."""

    @property
    def kubernetes_namespace(self) -> str:
        """The namespace that it runs in, on both clouds."""
        return self.namespace or self.name

    @property
    def database(self) -> str | None:
        """Its PostgreSQL database and the login to it, which have one name; nothing when it needs none."""
        postgres = self.dependencies.postgres
        return (postgres.database or self.name.replace("-", "_")) if postgres else None

    @property
    def workloads(self) -> Iterator[tuple[str, str, Container]]:
        """All workloads: the field that holds it, its name, and what it is."""
        return chain(
            (("deployments", name, workload) for name, workload in self.deployments.items()),
            (("stateful_sets", name, workload) for name, workload in self.stateful_sets.items()),
            (("cron_jobs", name, workload) for name, workload in self.cron_jobs.items()),
        )


@dataclass(frozen=True)
class Catalog:
    """All systems on the platform, by name, in the order of their names."""

    systems: Mapping[str, System]
