from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from catalog import System, load_catalog
from catalog.capacity import Capacity, capacity
from catalog.workloads import CronJob, Service, StatefulSet, Tier
from tests.catalog.files import load, shortest

EVERYTHING = Path(__file__).with_name("everything.yaml").read_text()


def said(part: Any) -> set[tuple[type[BaseModel], str]]:
    """The fields that a file states anywhere, by the part of the model that they belong to."""
    if isinstance(part, BaseModel):
        below = [said(getattr(part, name)) for name in part.model_fields_set]
        return {(type(part), name) for name in part.model_fields_set}.union(*below)
    if isinstance(part, dict):
        return set[tuple[type[BaseModel], str]]().union(*map(said, part.values()))
    if isinstance(part, tuple):
        return set[tuple[type[BaseModel], str]]().union(*map(said, part))
    return set()


def test_a_file_can_say_all_that_the_source_documents_need(tmp_path: Path) -> None:
    stated = said(load(tmp_path, everything=EVERYTHING).systems["everything"])
    fields = {(part, name) for part, _ in stated for name in part.model_fields}
    workload_fields = {(part, name) for part in (CronJob, StatefulSet) for name in Service.model_fields}
    assert {f"{part.__name__}.{name}" for part, name in fields - stated - workload_fields} == set()
    parts = {name for name, part in System.model_json_schema()["$defs"].items() if "properties" in part}
    assert {part.__name__ for part, _ in stated} == parts | {"System"}


def test_ten_lines_make_a_system(tmp_path: Path) -> None:
    assert len(shortest().splitlines()) == 10
    assert load(tmp_path, greeter=shortest()).systems.keys() == {"greeter"}


@pytest.mark.parametrize(
    ("tier", "rto_minutes", "rpo_minutes"),
    [(Tier.FRONTEND, 5, 1), (Tier.API, 10, 1), (Tier.MEDIA, 15, 60), (Tier.CONFIGURATION, 5, 0)],
)
def test_each_tier_promises_what_seed_003_says(tier: Tier, rto_minutes: int, rpo_minutes: int) -> None:
    assert (tier.rto_minutes, tier.rpo_minutes) == (rto_minutes, rpo_minutes)


@pytest.mark.parametrize(
    ("line", "namespace", "database"),
    [
        ("", "fair-greeter", None),
        ("dependencies: {postgres: {}}", "fair-greeter", "fair_greeter"),
        ("dependencies: {postgres: {database: hello}}\nnamespace: hall", "hall", "hello"),
    ],
)
def test_namespace_and_database_follow_from_the_name(
    tmp_path: Path, line: str, namespace: str, database: str | None
) -> None:
    system = load(tmp_path, **{"fair-greeter": shortest("fair-greeter") + line}).systems["fair-greeter"]
    assert (system.kubernetes_namespace, system.database) == (namespace, database)


def test_what_is_loaded_cannot_be_changed() -> None:
    scoring: System = load_catalog().systems["scoring"]
    with pytest.raises(ValueError, match="frozen"):
        scoring.owner = "somebody-else"  # pyright: ignore[reportAttributeAccessIssue]


def greeter(strategy: str, extra: str = "") -> str:
    return shortest().replace(
        "{image: greeter,", f"{{image: greeter, strategy: {strategy}, scaling: {{max: 10}},{extra}"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Blue/green runs both versions at once.
        (greeter("blue_green"), Capacity(cpu="2000m", memory="1280Mi", memory_limit="1280Mi", pods=20)),
        # Seed 003: three pods of the new version beside the old ones.
        (greeter("canary"), Capacity(cpu="1300m", memory="832Mi", memory_limit="832Mi", pods=13)),
        # A quarter more, rounded up.
        (greeter("rolling"), Capacity(cpu="1300m", memory="832Mi", memory_limit="832Mi", pods=13)),
        (
            greeter("rolling", " migration: {command: [go]},") + "dependencies: {postgres: {}}\n",
            Capacity(cpu="1400m", memory="896Mi", memory_limit="896Mi", pods=14),
        ),
        (
            greeter("rolling").replace(
                "memory: 64Mi}", "memory: 64Mi}, limits: {cpu: 1, memory: 1Gi}".replace("1,", '"1",')
            ),
            Capacity(cpu="1300m", memory="832Mi", memory_limit="13312Mi", pods=13),
        ),
    ],
    ids=["blue-green", "canary", "rolling", "migration", "limits"],
)
def test_a_quota_leaves_room_for_the_new_version_beside_the_old(tmp_path: Path, text: str, expected: Capacity) -> None:
    assert capacity(load(tmp_path, greeter=text).systems["greeter"]) == expected


def test_all_kinds_of_workloads_count(tmp_path: Path) -> None:
    everything = load(tmp_path, everything=EVERYTHING).systems["everything"]
    # backend 10 + 3 + 1 migration, frontend 10 + 3, federated server 3, governance 1
    assert capacity(everything) == Capacity(cpu="60800m", memory="238208Mi", memory_limit="467584Mi", pods=31)
