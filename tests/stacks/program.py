"""Stack settings and the whole program under mocks, so that tests compare what comes out."""

import copy
import json
import runpy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config
from pulumi.runtime.mocks import MockMonitor, Mocks, set_mocks
from ruamel.yaml import YAML

from rehearsal.clouds.location import Location
from rehearsal.clouds.mocks import StandInMocks
from stacks import settings

ROOT = Path(__file__).parents[2]

Config = dict[str, Any]


def stack_file(stack: str) -> Config:
    """The config of a stack's own file, without the project's name before each key."""
    whole: Config = YAML(typ="safe", pure=True).load(ROOT / f"Pulumi.{stack}.yaml")["config"]
    return {key.removeprefix("covenant:"): value for key, value in whole.items() if key.startswith("covenant:")}


def changed(stack: str, changes: Mapping[str, Any]) -> Config:
    """A stack's config with values at dotted paths replaced; `...` takes a key out."""
    config: Config = copy.deepcopy(stack_file(stack))
    for path, value in changes.items():
        *parents, last = path.split(".")
        part = config
        for parent in parents:
            part = part[parent]
        if value is ...:
            del part[last]
        else:
            part[last] = value
    return config


def use(config: Config, stack: str, *, secrets: Iterable[str] = ()) -> None:
    """Makes a config that of the running stack, as the engine hands it over."""
    texts = {f"covenant:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    set_all_config(texts, [f"covenant:{key}" for key in secrets])


def load(config: Config, stack: str = "staging", *, secrets: Iterable[str] = ()) -> settings.Settings:
    """Loads settings as a program of that stack does."""
    set_mocks(StandInMocks(), project="covenant", stack=stack)
    use(config, stack, secrets=secrets)
    return settings.load()


def faults(config: Config, stack: str = "staging", *, secrets: Iterable[str] = ()) -> list[str]:
    """The lines of the error that a config causes, without the file's name before each."""
    with pytest.raises(settings.SettingsError) as caught:
        load(config, stack, secrets=secrets)
    _, *lines = str(caught.value).splitlines()
    return [line.removeprefix(f"  Pulumi.{stack}.yaml: ") for line in lines]


@dataclass(frozen=True)
class Registered:
    """A resource as the engine was told of it."""

    token: str
    name: str
    inputs: dict[str, Any]
    provider: str
    protect: bool


class _Monitor(MockMonitor):
    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.options: dict[tuple[str, str], tuple[str, bool]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        provider = request.provider.split("::")[-2] if request.provider else ""
        self.options[request.type, request.name] = (provider, request.protect)
        return super().RegisterResource(request)


@dataclass(frozen=True)
class Run:
    """What a program registered and exported."""

    resources: list[Registered]
    outputs: dict[str, Any]

    def of(self, token: str) -> dict[str, Registered]:
        """The resources of a type by name."""
        return {resource.name: resource for resource in self.resources if resource.token == token}


def run(stack: str, monkeypatch: pytest.MonkeyPatch, program: Callable[[], object] | None = None) -> Run:
    """Runs the program of a stack, or another one, to its end on the stand-in clouds' tables."""
    config = stack_file(stack)
    mocks = StandInMocks(
        aws=Location(package="aws", region=config["aws"]["region"], account=config["aws"]["account_id"]),
        gcp=Location(package="gcp", region=config["gcp"]["region"], account=config["gcp"]["project_id"]),
    )
    monitor = _Monitor(mocks)
    set_mocks(mocks, project="covenant", stack=stack, monitor=monitor)
    use(config, stack)
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    outputs: dict[str, Any] = {}

    def whole() -> pulumi.Output[None]:
        (program or (lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")))()
        return pulumi.Output.from_input(exported).apply(outputs.update)

    pulumi.runtime.test(whole)()
    resources = [
        Registered(resource.token, resource.name, resource.inputs, *monitor.options[resource.token, resource.name])
        for resource in mocks.resources
    ]
    return Run(resources, outputs)
