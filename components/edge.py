"""What the internet reaches, and what every answer carries, on both clouds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from components.checks import check_name

BackendProtocol = Literal["HTTPS", "HTTP"]

REQUESTS_PER_MINUTE: Final = 1000
"""Requests that one address may make in a minute (seed 003)."""

MIN_REQUESTS_PER_MINUTE: Final = 10
"""The lowest limit that AWS WAF counts ("Rate-based rule statement")."""

HSTS_SECONDS: Final = 31_536_000
"""How long a browser asks for nothing but HTTPS: a year, the least that browsers' preload lists take."""

SECURITY_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-XSS-Protection": "1; mode=block",
        "Strict-Transport-Security": f"max-age={HSTS_SECONDS}; includeSubDomains; preload",
    }
)
"""The headers of seed 003, which asks for HSTS preloading too."""

MAX_PATH_SEGMENTS: Final = 4
"""Segments of the longest path that traffic is routed by."""

# The longest silence that a load balancer of AWS bears.
_MAX_WEBSOCKET_SECONDS: Final = 4000

_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PATH = re.compile(r"/|(?:/[A-Za-z0-9._~-]+)+")
_PATH_MEANING: Final = "a path such as /api/v1, without a slash at its end"


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address under which a service is reached.

    Attributes:
        host: The full host name.
        path: This path and all below it.

    Raises:
        ValueError: The host or the path is written wrongly, or the path is too long to be routed by.
    """

    host: str
    path: str = "/"

    def __post_init__(self) -> None:
        check_name("Route.host", self.host, _HOST, "a full host name in lower case such as api.example.com")
        check_name("Route.path", self.path, _PATH, _PATH_MEANING)
        if self.segments > MAX_PATH_SEGMENTS:
            raise ValueError(
                f"Route.path: {self.path!r} has {self.segments} segments, traffic is routed by up to "
                f"{MAX_PATH_SEGMENTS}"
            )

    @property
    def segments(self) -> int:
        """How many segments the path has: 0 for `/`, 2 for `/api/v1`."""
        return len(self.path.split("/")) - 1 if self.path != "/" else 0


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """How often one address may ask for a part of a service; more is answered with 429.

    Attributes:
        path: This path and all below it, on each host of the service.
        requests_per_minute: Requests of one address in a minute.

    Raises:
        ValueError: The path is written wrongly, or the limit is lower than can be counted.
    """

    path: str
    requests_per_minute: int

    def __post_init__(self) -> None:
        check_name("RateLimit.path", self.path, _PATH, _PATH_MEANING)
        if self.requests_per_minute < MIN_REQUESTS_PER_MINUTE:
            raise ValueError(
                f"RateLimit.requests_per_minute: {self.requests_per_minute} is less than the "
                f"{MIN_REQUESTS_PER_MINUTE} that are counted at the least"
            )


@dataclass(frozen=True, kw_only=True)
class PublicService:
    """A service that the internet reaches.

    Attributes:
        routes: Its addresses.
        port: The port that its pods listen on.
        health_path: The path that answers 200 while a pod works.
        protocol: What its pods speak to the load balancer.
        rate_limits: Limits beside REQUESTS_PER_MINUTE.
        cdn: Whether a content delivery network stands before it.
        websocket_timeout_seconds: How long a silent WebSocket stays open; None for a service without any.
        preferred: Whether this cloud answers as long as it can; otherwise the other one does.

    Raises:
        ValueError: A part is missing or contradicts what load balancers can do.
    """

    routes: tuple[Route, ...]
    port: int
    health_path: str
    protocol: BackendProtocol = "HTTPS"
    rate_limits: tuple[RateLimit, ...] = ()
    cdn: bool = False
    websocket_timeout_seconds: int | None = None
    preferred: bool = True

    def __post_init__(self) -> None:
        if not self.routes:
            raise ValueError("PublicService.routes: none given, so nobody could reach the service")
        if not 1 <= self.port <= 65535:  # noqa: PLR2004 # the range of TCP's ports
            raise ValueError(f"PublicService.port: {self.port} is outside 1 to 65535")
        check_name("PublicService.health_path", self.health_path, _PATH, _PATH_MEANING)
        if self.protocol not in get_args(BackendProtocol):
            raise ValueError(f"PublicService.protocol: {self.protocol!r} is neither 'HTTPS' nor 'HTTP'")
        timeout = self.websocket_timeout_seconds
        if timeout is not None and not 1 <= timeout <= _MAX_WEBSOCKET_SECONDS:
            raise ValueError(
                f"PublicService.websocket_timeout_seconds: {timeout} is outside 1 to {_MAX_WEBSOCKET_SECONDS}"
            )

    @property
    def hosts(self) -> list[str]:
        """The hosts of its routes, each once, in their order."""
        return list(dict.fromkeys(route.host for route in self.routes))
