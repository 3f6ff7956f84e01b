"""Plausible values: of the right type, shaped by the name, the same each time."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs.plausible import plausible
from rehearsal.clouds.outputs.templates import ABSENT, Scope
from rehearsal.clouds.sdk import Kind, Shape

ContextOf = Callable[..., Context]

STRING = Shape(Kind.STRING)


@pytest.fixture
def aws(context_of: ContextOf) -> Scope:
    token = "aws:msk/cluster:Cluster"
    return Scope(token=token, inputs={}, context=context_of(token), id="main")


@pytest.fixture
def gcp(context_of: ContextOf) -> Scope:
    token = "gcp:workflows/workflow:Workflow"
    return Scope(token=token, inputs={}, context=context_of(token), id="projects/covenant-test/locations/x/workflows/n")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("arn", r"arn:aws:msk:eu-west-1:111122223333:cluster/main"),
        ("secretArn", r"arn:aws:msk:eu-west-1:111122223333:cluster/[0-9a-f]{17}"),
        ("ownerId", "111122223333"),
        ("region", "eu-west-1"),
        ("createdAt", "2026-01-01T00:00:00Z"),
        ("creationTimestamp", "2026-01-01T00:00:00Z"),
        ("status", "ACTIVE"),
        ("clusterUuid", r"[0-9a-f-]{36}"),
        ("endpoint", r"[0-9a-f]{12}\.eu-west-1\.amazonaws\.com"),
        ("consoleUrl", r"https://[0-9a-f]{12}\.eu-west-1\.amazonaws\.com"),
        ("privateIp", r"10\.\d+\.\d+\.\d+"),
        ("engineVersion", "1"),
        ("rootResourceId", r"[0-9a-f]{17}"),
        ("zookeeperConnectString", r"zookeeper-connect-string-[0-9a-f]{8}"),
    ],
)
def test_a_text_is_shaped_by_its_name(aws: Scope, name: str, pattern: str) -> None:
    value = plausible(aws, name, STRING)
    assert re.fullmatch(pattern, value)
    assert plausible(aws, name, STRING) == value


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("selfLink", r"https://www\.googleapis\.com/workflows/v1/projects/covenant-test/locations/x/workflows/n"),
        ("name", r"projects/covenant-test/locations/x/workflows/n"),
        ("etag", r"[A-Za-z0-9+/]{11}="),
        ("revisionId", r"[1-9]\d{18}"),
        ("serviceAccountEmail", r"[0-9a-f]{17}@covenant-test\.iam\.gserviceaccount\.com"),
        ("projectNumber", r"[1-9]\d{11}"),
    ],
)
def test_a_text_of_google_is_shaped_as_google_does(gcp: Scope, name: str, pattern: str) -> None:
    assert re.fullmatch(pattern, plausible(gcp, name, STRING))


@pytest.mark.parametrize(
    ("name", "shape", "value"),
    [
        ("size", Shape(Kind.INTEGER), 0),
        ("port", Shape(Kind.INTEGER), 443),
        ("currentVersion", Shape(Kind.INTEGER), 1),
        ("enabled", Shape(Kind.BOOLEAN), False),
        ("attributes", Shape(Kind.MAP, element=STRING), {}),
        ("members", Shape(Kind.LIST, element=STRING), []),
        ("kind", Shape(Kind.STRING, choices=("BLUE", "GREEN")), "BLUE"),
        ("deleteTime", STRING, ABSENT),  # nothing has been deleted yet
        ("anything", Shape(Kind.ANY), ABSENT),
    ],
)
def test_other_values_are_the_emptiest_of_their_type(aws: Scope, name: str, shape: Shape, value: Any) -> None:
    assert plausible(aws, name, shape) == value
