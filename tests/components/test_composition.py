import inspect
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from tests.components.clouds import aws_platform, gcp_platform
from tests.components.recording import build, gcp_labels

CLOUDS = pytest.mark.parametrize("platform", [aws_platform, gcp_platform])


@CLOUDS
def test_a_preview_shows_every_resource_though_nothing_is_known_yet(platform: Callable[[], None]) -> None:
    def registered(*, preview: bool) -> set[tuple[str, str, bool]]:
        return {(it.token, it.name, it.protect) for it in build(platform, preview=preview).resources}

    assert registered(preview=True) == registered(preview=False)


@CLOUDS
def test_a_build_is_the_same_each_time(platform: Callable[[], None]) -> None:
    def registered() -> dict[tuple[str, str], Any]:
        return {(it.token, it.name): it.inputs for it in build(platform).resources}

    assert registered() == registered()


@CLOUDS
def test_everything_that_takes_tags_carries_them(platform: Callable[[], None]) -> None:
    taggable = {
        f"{resource.token} {resource.name}": resource.inputs
        for resource in build(platform).resources
        if not resource.token.startswith("covenant:") and {"tags", "labels"} & _arguments(resource.token)
    }
    facts = set(gcp_labels())

    assert len(taggable) > 10
    assert [
        name for name, inputs in taggable.items() if not facts <= set(inputs.get("tags", inputs.get("labels", {})))
    ] == []


@CLOUDS
def test_nothing_deprecated_is_used(platform: Callable[[], None]) -> None:
    build(platform)

    # The SDKs warn once about deprecated classes of their own when they are first read: that has happened above.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeprecationWarning)
        build(platform)

    assert [str(warning.message) for warning in caught if issubclass(warning.category, DeprecationWarning)] == []


@CLOUDS
def test_every_resource_belongs_to_its_component(platform: Callable[[], None]) -> None:
    parents = {it.name for it in build(platform).resources if it.token.startswith("covenant:")}

    for resource in build(platform).resources:
        if not resource.token.startswith("covenant:"):
            assert resource.parent in parents
            assert resource.name == resource.parent or resource.name.startswith(f"{resource.parent}-")


def _arguments(token: str) -> set[str]:
    """The arguments of a resource's class, `aws:ec2/vpc:Vpc` being pulumi_aws.ec2.Vpc."""
    package, path, name = token.split(":")
    module = import_module(f"pulumi_{package}.{path.split('/')[0]}")
    return set(inspect.signature(getattr(module, name)._internal_init).parameters)
