"""What a system runs: deployments, stateful sets and cron jobs, each with one container."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from catalog.documents import Strict, written
from catalog.types import (
    Cron,
    DirectoryPath,
    EnvironmentName,
    HostName,
    Name,
    Percent,
    Port,
    Quantity,
    SecretName,
    UrlPath,
)


class Exposure(StrEnum):
    """Who can reach a service over the network, beside the workloads that `access` names."""

    PUBLIC = "public"
    """The internet, through the platform's load balancer and web application firewall."""
    INTERNAL = "internal"
    """The company's own network, through an internal load balancer."""
    NONE = "none"
    """Nobody else."""


class Tier(StrEnum):
    """What a workload that keeps no data of its own is, which decides its recovery promise (seed 003)."""

    FRONTEND = "frontend"
    API = "api"
    MEDIA = "media"
    CONFIGURATION = "configuration"

    @property
    def rto_minutes(self) -> int:
        """Minutes until it serves again."""
        return {Tier.FRONTEND: 5, Tier.API: 10, Tier.MEDIA: 15, Tier.CONFIGURATION: 5}[self]

    @property
    def rpo_minutes(self) -> int:
        """Minutes of work that may be lost."""
        return {Tier.FRONTEND: 1, Tier.API: 1, Tier.MEDIA: 60, Tier.CONFIGURATION: 0}[self]


class Strategy(StrEnum):
    """How a new version replaces the old one."""

    BLUE_GREEN = "blue_green"
    """The new version is analysed beside the old one, then takes all traffic at once."""
    CANARY = "canary"
    """The new version takes a growing part of the traffic while it is analysed."""
    ROLLING = "rolling"
    """Pod by pod."""


class Amounts(Strict):
    """Processor time and memory."""

    cpu: Quantity
    """Processors."""

    memory: Annotated[Quantity, Field(examples=["512Mi"])]
    """Bytes of memory."""


class Resources(Strict):
    """What one pod is given."""

    requests: Amounts
    """Reserved for it."""

    limits: Amounts | None = None
    """The most it may use. Default: what it requests."""

    gpus: Annotated[int, Field(ge=0, le=16)] = 0
    """Whole NVIDIA GPUs. More than none places it on the GPU pool."""


class Egress(Strict):
    """A flow to somewhere outside the platform. Everything not listed is refused."""

    host: HostName
    """Where to."""

    port: Annotated[int, Field(ge=1, le=65535)] = 443
    """The port there."""

    reason: Annotated[str, Field(min_length=10)]
    """Why, in a sentence that an auditor understands."""


class Container(Strict):
    """What every workload says about its container."""

    image: Name
    """Name of the image. Address and digest are settings of the stack."""

    command: tuple[str, ...] = ()
    """Command and arguments. Default: the image's own."""

    resources: Resources
    """Processor, memory and GPUs of one pod."""

    env: Mapping[EnvironmentName, str] = {}
    """Environment variables. None of them may hold a secret."""

    secrets: Mapping[EnvironmentName, SecretName] = {}
    """Environment variables whose values are entries of the cloud's secret store, by the entry's name."""

    writable: tuple[DirectoryPath, ...] = ()
    """Directories that may be written to. All others are read-only; what is written ends with the pod."""

    egress: tuple[Egress, ...] = ()
    """Flows to hosts outside the platform."""

    spot: bool = False
    """Whether it may run on spare capacity that the cloud takes back at two minutes' notice."""

    service_account_token: bool = False
    """Whether it calls the Kubernetes API and so needs a token for it."""

    grace_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """How long it may take to end its work when it is told to stop, in seconds."""


class HttpProbe(Strict):
    """An HTTP request that tells how a pod is."""

    path: UrlPath
    """Path that answers with a status below 400."""

    port: Name = "http"
    """Name of the port that is asked."""

    period_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """Seconds between two requests."""

    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 2
    """Seconds to wait for an answer."""

    failures: Annotated[int, Field(ge=1, le=60)] = 3
    """After how many failures in a row the pod counts as failed."""


class Probes(Strict):
    """How the platform knows that a pod has started, works and takes requests."""

    liveness: HttpProbe
    """Restarted when it fails."""

    readiness: HttpProbe
    """Taken out of traffic while it fails."""

    startup: HttpProbe | None = None
    """Holds the other two back until it succeeds. Default: the liveness probe with 30 failures."""


class Metrics(Strict):
    """Where Prometheus reads a workload's metrics."""

    path: UrlPath = "/metrics"
    """Path of the metrics."""

    port: Name = "http"
    """Name of the port that is read."""

    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    """Seconds between two reads (seed 000: 15, 5 for its back end; seed 003: 30)."""


class Route(Strict):
    """An address under which a service is reached through the load balancer."""

    host: Annotated[
        str,
        written(
            r"^(?:@|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$",
            "one label of a host name, or @",
            example="scoring",
        ),
    ]
    """The host below the stack's domain, or @ for the domain itself."""

    path: UrlPath = "/"
    """All paths below this one."""


class RateLimit(Strict):
    """How often one caller may ask. More is answered with 429."""

    path: UrlPath
    """All paths below this one."""

    per: Literal["address", "client"]
    """Who is counted: an IP address at the edge, or an authenticated client in the service."""

    requests_per_minute: Annotated[int, Field(ge=1)]
    """Requests in a minute."""


class CircuitBreaker(Strict):
    """When a failing pod gets no more requests for a while."""

    consecutive_errors: Annotated[int, Field(ge=1, le=100)] = 5
    """After how many server errors in a row."""

    pause_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """For how long at first, in seconds."""


class Traffic(Strict):
    """How the mesh carries requests to a service."""

    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """When an unanswered request is given up, in seconds."""

    retries: Annotated[int, Field(ge=0, le=5)] = 2
    """How often a request that is safe to repeat is tried again."""

    circuit_breaker: CircuitBreaker = CircuitBreaker()
    """When a failing pod is left out."""

    # 4,000 s is the longest idle time-out of an AWS application load balancer.
    websocket_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] | None = None
    """How long a silent WebSocket stays open, in seconds. Default: the service has none."""


class CustomMetric(Strict):
    """A metric that the number of pods follows, beside processor and memory."""

    metric: Annotated[
        str,
        written(r"^[a-zA-Z_:][a-zA-Z0-9_:]*$", "the name of a Prometheus metric", example="http_requests_per_second"),
    ]
    """A Prometheus metric of the workload, a rate or a gauge."""

    target: Annotated[float, Field(gt=0)]
    """Its value per pod that the platform keeps."""


class Scaling(Strict):
    """How many pods run. The platform's default is 3 to 10 (seed 003)."""

    min: Annotated[int, Field(ge=1, le=100)] = 3
    """Fewest pods."""

    max: Annotated[int, Field(ge=1, le=100)] = 10
    """Most pods."""

    cpu_percent: Percent = 70
    """Share of the requested processor time to keep (seed 003)."""

    memory_percent: Percent = 80
    """Share of the requested memory to keep (seed 003)."""

    custom: tuple[CustomMetric, ...] = ()
    """Further metrics to follow."""


class Migration(Strict):
    """A job that changes the database's schema before a new version starts."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Command and arguments, run in the workload's own image."""

    deadline_seconds: Annotated[int, Field(ge=1, le=3600)] = 600
    """When it counts as failed, in seconds."""


class SmokeCheck(Strict):
    """A request that must succeed after every deployment."""

    path: UrlPath
    """What to ask for."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    """The HTTP status expected."""

    contains: str | None = None
    """A text that the answer holds."""


class Service(Container):
    """A workload that answers requests."""

    ports: Annotated[Mapping[Name, Port], Field(min_length=1, examples=[{"http": 8000}])]
    """TCP ports by name; the one named `http` takes the traffic of routes."""

    tier: Tier = Tier.API
    """Its own recovery promise (seed 003)."""

    exposure: Exposure = Exposure.NONE
    """Who can reach it, beside the workloads that `access` names."""

    routes: tuple[Route, ...] = ()
    """Its addresses at the load balancer."""

    access: tuple[
        Annotated[
            str,
            written(
                r"^[a-z][a-z0-9-]*(?:/[a-z][a-z0-9-]*)?$",
                "a system, or a system, a slash and its workload",
                example="rrio/backend",
            ),
        ],
        ...,
    ] = ()
    """Systems of the catalog, or single workloads of them, that may call it."""

    cdn: bool = False
    """Whether a content delivery network stands before it."""

    rate_limits: tuple[RateLimit, ...] = ()
    """Limits beside the platform's 1,000 requests a minute and address."""

    probes: Probes
    """How the platform knows that it works."""

    metrics: Metrics | None = Metrics()
    """Where its metrics are read; `null` when it has none."""

    traffic: Traffic = Traffic()
    """Time-outs, retries and circuit breaking."""

    smoke: tuple[SmokeCheck, ...] = ()
    """Requests that must succeed after every deployment."""


class Deployment(Service):
    """Interchangeable pods that keep no data of their own."""

    scaling: Scaling = Scaling()
    """How many pods run."""

    strategy: Strategy = Strategy.BLUE_GREEN
    """How a new version replaces the old one."""

    migration: Migration | None = None
    """A job that changes the database's schema before a new version starts."""


class Volume(Strict):
    """An encrypted disk of each pod, backed up with the system's retention."""

    path: DirectoryPath
    """Where the container sees it."""

    size: Annotated[Quantity, Field(examples=["20Gi"])]
    """Bytes."""


class StatefulSet(Service):
    """Pods that each keep an identity and a disk."""

    replicas: Annotated[int, Field(ge=1, le=9)] = 3
    """How many pods run."""

    volume: Volume
    """The disk of each pod."""


class CronJob(Container):
    """A container that runs on a schedule and ends."""

    schedule: Cron
    """When it starts."""

    deadline_seconds: Annotated[int, Field(ge=1, le=86400)] = 3600
    """When a run counts as failed and is ended, in seconds."""

    overlap: Literal["forbid", "replace"] = "forbid"
    """A run that comes due while the last one goes on is left out (`forbid`), or takes its place."""

    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often a failed run is tried again."""
