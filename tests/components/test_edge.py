import re
from typing import Any

import pytest

from components.edge import SECURITY_HEADERS, PublicService, RateLimit, Route


def _service(**changes: Any) -> PublicService:
    wanted: dict[str, Any] = {"routes": (Route(host="api.example.com"),), "port": 8000, "health_path": "/health"}
    return PublicService(**wanted | changes)


def test_every_answer_carries_the_headers_of_seed_003() -> None:
    assert SECURITY_HEADERS == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-XSS-Protection": "1; mode=block",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    }


@pytest.mark.parametrize(("path", "segments"), [("/", 0), ("/api", 1), ("/api/v1", 2), ("/a/b/c/d", 4)])
def test_a_path_has_as_many_segments_as_parts_between_slashes(path: str, segments: int) -> None:
    assert Route(host="api.example.com", path=path).segments == segments


def test_a_host_with_several_routes_is_named_once() -> None:
    routes = (
        Route(host="b.example.com", path="/api"),
        Route(host="a.example.com"),
        Route(host="b.example.com"),
    )

    assert _service(routes=routes).hosts == ["b.example.com", "a.example.com"]


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (
            {"host": "API.example.com"},
            "Route.host: 'API.example.com' is not a full host name in lower case such as api.example.com",
        ),
        ({"host": "api"}, "Route.host: 'api' is not a full host name in lower case such as api.example.com"),
        (
            {"host": "api.example.com", "path": "api"},
            "Route.path: 'api' is not a path such as /api/v1, without a slash at its end",
        ),
        (
            {"host": "api.example.com", "path": "/api/"},
            "Route.path: '/api/' is not a path such as /api/v1, without a slash at its end",
        ),
        (
            {"host": "api.example.com", "path": "/a/*"},
            "Route.path: '/a/*' is not a path such as /api/v1, without a slash at its end",
        ),
        (
            {"host": "api.example.com", "path": "/a/b/c/d/e"},
            "Route.path: '/a/b/c/d/e' has 5 segments, traffic is routed by up to 4",
        ),
    ],
)
def test_a_wrong_route_is_refused_by_name(route: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Route(**route)


@pytest.mark.parametrize(
    ("path", "limit", "message"),
    [
        ("/api/evaluate", 9, "RateLimit.requests_per_minute: 9 is less than the 10 that are counted at the least"),
        (
            "evaluate",
            10,
            "RateLimit.path: 'evaluate' is not a path such as /api/v1, without a slash at its end",
        ),
    ],
)
def test_a_wrong_limit_is_refused_by_name(path: str, limit: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        RateLimit(path=path, requests_per_minute=limit)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"routes": ()}, "PublicService.routes: none given, so nobody could reach the service"),
        ({"port": 0}, "PublicService.port: 0 is outside 1 to 65535"),
        (
            {"health_path": "health"},
            "PublicService.health_path: 'health' is not a path such as /api/v1, without a slash at its end",
        ),
        ({"protocol": "TCP"}, "PublicService.protocol: 'TCP' is neither 'HTTPS' nor 'HTTP'"),
        (
            {"websocket_timeout_seconds": 4001},
            "PublicService.websocket_timeout_seconds: 4001 is outside 1 to 4000",
        ),
    ],
)
def test_a_wrong_service_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _service(**changes)
