import re
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.machines import GpuKind, aws_machine, gcp_machine
from components.nodes import (
    GPU_TAINT,
    PRODUCTION_FLOORS,
    SPOT_TAINT,
    NodeFloor,
    NodePool,
    NodeRole,
    Taint,
    TaintEffect,
    check_pools,
)

SYSTEM = NodePool(
    name="system",
    role=NodeRole.SYSTEM,
    aws_types=["m7i.4xlarge"],
    gcp_type="n2-standard-16",
    min_size=3,
    max_size=10,
    disk_gib=500,
    floor=PRODUCTION_FLOORS[NodeRole.SYSTEM],
)
SPOT = NodePool(
    name="spot",
    role=NodeRole.SPOT,
    aws_types=["m7i.2xlarge", "m7a.2xlarge", "m6i.2xlarge"],
    gcp_type="n2-standard-8",
    min_size=0,
    max_size=10,
    disk_gib=200,
    taints=[SPOT_TAINT],
    floor=PRODUCTION_FLOORS[NodeRole.SPOT],
)
GPU = NodePool(
    name="gpu",
    role=NodeRole.GPU,
    aws_types=["g6.xlarge"],
    gcp_type="g2-standard-4",
    min_size=0,
    max_size=2,
    disk_gib=200,
    taints=[GPU_TAINT],
    gpu=GpuKind.L4,
)
PREFERENCE = Taint(key="team", value="risk", effect=TaintEffect.PREFER_NO_SCHEDULE)


def test_production_has_the_seeds_floors() -> None:
    assert dict(PRODUCTION_FLOORS) == {
        NodeRole.SYSTEM: NodeFloor(vcpus=16, memory_gib=64, disk_gib=500),
        NodeRole.SPOT: NodeFloor(vcpus=8, memory_gib=32, disk_gib=200),
    }


def test_nodes_say_which_environment_pool_and_role_they_belong_to() -> None:
    assert replace(SPOT, labels={"team": "risk"}).labels_in("prod") == {
        "Environment": "prod",
        "NodeGroup": "spot",
        "platform.covenant/pool-role": "spot",
        "team": "risk",
    }


@pytest.mark.parametrize(("desired", "initial"), [(None, 3), (3, 3), (10, 10)])
def test_a_pool_starts_with_what_is_asked_for_or_its_least(desired: int | None, initial: int) -> None:
    assert replace(SYSTEM, desired_size=desired).initial_size == initial


NAMES = "not 1 to 20 lower-case letters, digits and single inner hyphens, the first a letter"
OPEN = "needs one with the effect NoSchedule or NoExecute, or any pod would land there"

WRONG: dict[str, tuple[NodePool, str, Any, str]] = {
    "a name with capitals": (SYSTEM, "name", "System", f"pool 'System': {NAMES}"),
    "a name too long": (SYSTEM, "name", "a" * 21, f"pool '{'a' * 21}': {NAMES}"),
    "a negative size": (SPOT, "min_size", -1, "pool 'spot': -1 is negative"),
    "a base below three": (
        SYSTEM,
        "min_size",
        2,
        "pool 'system': 2 is too few, a system pool has 3 nodes or more, one a zone",
    ),
    "more at least than at most": (SYSTEM, "max_size", 2, "pool 'system': 2 is less than min_size, 3, or than 1"),
    "never any node": (GPU, "max_size", 0, "pool 'gpu': 0 is less than min_size, 0, or than 1"),
    "more at first than at most": (
        SYSTEM,
        "desired_size",
        11,
        "pool 'system': 11 is outside min_size to max_size, 3 to 10",
    ),
    "fewer at first than at least": (
        SYSTEM,
        "desired_size",
        2,
        "pool 'system': 2 is outside min_size to max_size, 3 to 10",
    ),
    "a disk below the image": (GPU, "disk_gib", 19, "pool 'gpu': 19 is less than the 20 GiB of the nodes' image"),
    "a disk below the floor": (SYSTEM, "disk_gib", 499, "pool 'system': 499 is below the floor of 500 GiB"),
    "processors below the floor": (
        SYSTEM,
        "aws_types",
        ["r7i.2xlarge"],
        "pool 'system': r7i.2xlarge with 8 vCPUs and 64 GiB is below the floor of 16 vCPUs and 64 GiB",
    ),
    "memory below the floor": (
        SYSTEM,
        "aws_types",
        ["m7i.4xlarge", "c7i.4xlarge"],
        "pool 'system': c7i.4xlarge with 16 vCPUs and 32 GiB is below the floor of 16 vCPUs and 64 GiB",
    ),
    "the other cloud below the floor": (
        SPOT,
        "gcp_type",
        "n2-standard-4",
        "pool 'spot': n2-standard-4 with 4 vCPUs and 16 GiB is below the floor of 8 vCPUs and 32 GiB",
    ),
    "no instance type": (SYSTEM, "aws_types", [], "pool 'system': 0 given, a system pool names 1 or more"),
    "spot with one instance type": (
        SPOT,
        "aws_types",
        ["m7i.2xlarge"],
        "pool 'spot': 1 given, a spot pool names 3 or more",
    ),
    "the same type again": (
        SPOT,
        "aws_types",
        ["m7i.2xlarge", "m7i.2xlarge", "m6i.2xlarge"],
        "pool 'spot': m7i.2xlarge, m7i.2xlarge, m6i.2xlarge names a type twice",
    ),
    "an unknown instance type": (
        SYSTEM,
        "aws_types",
        ["m5.large"],
        "pool 'system': 'm5.large' is not an instance type such as m7i.4xlarge of a family that nodes may run on: ",
    ),
    "an unknown machine type": (
        SYSTEM,
        "gcp_type",
        "m5.large",
        "pool 'system': 'm5.large' is not a machine type such as n2-standard-16 of a family that nodes may run on: ",
    ),
    "a GPU without the role": (
        SYSTEM,
        "gpu",
        GpuKind.L4,
        "pool 'system': nvidia-l4 given, the role is system: the role gpu has one, no other does",
    ),
    "the role without a GPU": (
        GPU,
        "gpu",
        None,
        "pool 'gpu': None given, the role is gpu: the role gpu has one, no other does",
    ),
    "a machine with another GPU": (
        GPU,
        "aws_types",
        ["g4dn.xlarge"],
        "pool 'gpu': the GPU of g4dn.xlarge is nvidia-tesla-t4, the pool's is nvidia-l4",
    ),
    "a machine without a GPU": (
        GPU,
        "gcp_type",
        "n2-standard-4",
        "pool 'gpu': the GPU of n2-standard-4 is None, the pool's is nvidia-l4",
    ),
    "a machine with a GPU that nobody asked for": (
        SYSTEM,
        "aws_types",
        ["g6.4xlarge"],
        "pool 'system': the GPU of g6.4xlarge is nvidia-l4, the pool's is None",
    ),
    "a machine with many GPUs": (
        GPU,
        "aws_types",
        ["g6.12xlarge"],
        "pool 'gpu': g6.12xlarge does not have just one GPU, as sizes of 4, 8, 16, 32 vCPUs have",
    ),
    "a GPU pool without a taint": (GPU, "taints", [], f"pool 'gpu': a gpu pool {OPEN}"),
    "a GPU pool with a mere preference": (GPU, "taints", [PREFERENCE], f"pool 'gpu': a gpu pool {OPEN}"),
    "a spot pool without a taint": (SPOT, "taints", [], f"pool 'spot': a spot pool {OPEN}"),
    "a base that keeps pods off": (
        SYSTEM,
        "taints",
        [SPOT_TAINT],
        "pool 'system': a system pool takes every pod; the cluster's own would find no other node",
    ),
    "a label that is none": (
        SYSTEM,
        "labels",
        {"team": "credit risk"},
        "pool 'system': team=credit risk is not a label that Kubernetes takes",
    ),
    "a label's name that is none": (
        SYSTEM,
        "labels",
        {"/team": "risk"},
        "pool 'system': /team=risk is not a label that Kubernetes takes",
    ),
    "a label of Kubernetes": (
        SYSTEM,
        "labels",
        {"node-role.kubernetes.io/system": ""},
        "pool 'system': node-role.kubernetes.io/system is not free to be given",
    ),
    "a label that all nodes have": (
        SYSTEM,
        "labels",
        {"NodeGroup": "other"},
        "pool 'system': NodeGroup is not free to be given",
    ),
}


@pytest.mark.parametrize(("pool", "argument", "value", "problem"), WRONG.values(), ids=WRONG)
def test_a_wrong_pool_is_refused_with_the_argument_to_change(
    pool: NodePool, argument: str, value: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'NodePool.{argument}: {problem}')}"):
        replace(pool, **{argument: value})


def test_a_preference_keeps_no_pod_off_the_base() -> None:
    assert replace(SYSTEM, taints=[PREFERENCE]).taints == [PREFERENCE]


def test_a_cluster_starts_with_a_base_and_pools_of_different_names() -> None:
    check_pools([SYSTEM, SPOT, GPU])


@pytest.mark.parametrize(
    ("pools", "refusal"),
    [
        ([SPOT, GPU], "pools: none has the role system, so that the cluster's own workloads would find no node"),
        ([SYSTEM, SPOT, SYSTEM], "pools: system, spot, system names a pool twice"),
    ],
)
def test_a_wrong_list_of_pools_is_refused(pools: list[NodePool], refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{refusal}$"):
        check_pools(pools)


@settings(deadline=None)
@given(
    st.sampled_from(["c7i", "m7i", "r7i"]),
    st.sampled_from(["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
    st.sampled_from(["n2-standard", "n2-highmem"]),
    st.sampled_from([2, 4, 8, 16, 32]),
    st.integers(1, 128),
    st.integers(1, 1024),
)
def test_no_pool_goes_below_its_floor(  # one argument a strategy
    family: str, size: str, series: str, vcpus: int, floor_vcpus: int, floor_memory: int
) -> None:
    floor = NodeFloor(vcpus=floor_vcpus, memory_gib=floor_memory, disk_gib=20)
    machines = [aws_machine(f"{family}.{size}"), gcp_machine(f"{series}-{vcpus}")]
    enough = all(it.vcpus >= floor.vcpus and it.memory_gib >= floor.memory_gib for it in machines)

    expectation = nullcontext() if enough else pytest.raises(ValueError, match="is below the floor of")
    with expectation:
        replace(SYSTEM, aws_types=[f"{family}.{size}"], gcp_type=f"{series}-{vcpus}", floor=floor)
