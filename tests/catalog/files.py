"""Catalog files for tests: the shortest one that works, and what changes turn it into."""

import textwrap
from pathlib import Path

import pytest

from catalog import Catalog, CatalogError, load_catalog

SHORTEST = """\
name: {name}
description: Answers greetings with greetings.
owner: greeters
cost_centre: cc-1
placement: {{primary: aws, standby: gcp}}
classification: internal
data_kind: telemetry
retention: logs
deployments:
  api: {{image: greeter, ports: {{http: 8000}}, resources: {{requests: {{cpu: 100m, memory: 64Mi}}}}, probes: {{liveness: {{path: /health}}, readiness: {{path: /ready}}}}}}
"""  # noqa: E501 - ten lines, as the documentation promises


def shortest(name: str = "greeter") -> str:
    """The shortest file of a system that works: ten lines."""
    return SHORTEST.format(name=name)


def load(directory: Path, **files: str) -> Catalog:
    """Loads a catalog of the given files, by their name without the ending."""
    for name, text in files.items():
        (directory / f"{name}.yaml").write_text(textwrap.dedent(text))
    return load_catalog(directory)


def faults(directory: Path, **files: str) -> list[str]:
    """The lines of the error that the given files cause, without the folder before each."""
    with pytest.raises(CatalogError) as caught:
        load(directory, **files)
    _, *lines = str(caught.value).splitlines()
    return [line.strip().removeprefix(f"{directory.name}/") for line in lines]
