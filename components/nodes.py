"""The pools of nodes that clusters run on: one typed list from which both clouds make them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from components.machines import ONE_GPU_VCPUS, GpuKind, Machine, aws_machine, gcp_machine
from components.tags import KUBERNETES_PREFIX

ROLE_LABEL: Final = f"{KUBERNETES_PREFIX}pool-role"
"""The label by which a workload asks for nodes of a role."""

MIN_SYSTEM_NODES: Final = 3
"""Nodes that a cluster always has, one a zone (seed 003, minimum capacity)."""

MIN_SPOT_TYPES: Final = 3
"""Instance types of a spot pool on AWS: any one of them may be gone from all zones at once."""

MIN_DISK_GIB: Final = 20
"""The size of the image that EKS starts nodes from."""


class NodeRole(StrEnum):
    """What a pool is for: the base that is always there, work that bears interruption, work on GPUs."""

    SYSTEM = "system"
    SPOT = "spot"
    GPU = "gpu"


class TaintEffect(StrEnum):
    """What a taint does to pods that don't tolerate it, as Kubernetes writes it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Keeps pods that don't tolerate it off a node."""

    key: str
    value: str
    effect: TaintEffect = TaintEffect.NO_SCHEDULE


SPOT_TAINT: Final = Taint(key=f"{KUBERNETES_PREFIX}spot", value="true")
"""On nodes that may be taken away at two minutes' notice."""

GPU_TAINT: Final = Taint(key="nvidia.com/gpu", value="present")
"""On nodes with a GPU: the taint that GKE sets by itself, so that one toleration serves both clouds."""


@dataclass(frozen=True, kw_only=True)
class NodeFloor:
    """The least that each node must have."""

    vcpus: int
    memory_gib: int
    disk_gib: int


PRODUCTION_FLOORS: Final[Mapping[NodeRole, NodeFloor]] = MappingProxyType(
    {
        # Seed 001, infrastructure requirements.
        NodeRole.SYSTEM: NodeFloor(vcpus=16, memory_gib=64, disk_gib=500),
        # Seed 003, system requirements.
        NodeRole.SPOT: NodeFloor(vcpus=8, memory_gib=32, disk_gib=200),
    }
)
"""The least that production's nodes have."""

_NAME: Final = re.compile(r"(?=.{1,20}$)[a-z](?:-?[a-z0-9])*")
_LABEL_KEY: Final = re.compile(
    r"(?:(?P<domain>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_OWN_LABELS: Final = ("Environment", "NodeGroup", ROLE_LABEL)
# A node may give itself few labels of these ("NodeRestriction", Kubernetes), and Karpenter takes none.
_RESERVED_DOMAINS: Final = ("kubernetes.io", "k8s.io", "karpenter.sh")


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """Nodes of one kind: how many, on which machines, for what.

    `min_size` nodes are always there. Up to `max_size` come when pods find no room, and go when they are not
    needed: a pool with a `min_size` of zero costs nothing until somebody uses it.

    Attributes:
        name: Its name, which its nodes carry as the label NodeGroup.
        role: What it is for; machines of a spot pool may be taken away.
        aws_types: Instance types on AWS, the preferred one first.
        gcp_type: The machine type on Google Cloud, where a pool has one.
        min_size: Nodes that are always there, in all zones together.
        max_size: Nodes that there are at most, in all zones together.
        desired_size: Nodes that it starts with; `min_size` if not given.
        disk_gib: The size of each node's disk.
        labels: Labels of its nodes beside those that `labels_in` adds.
        taints: What keeps other pods off.
        gpu: The GPU of each node, in a pool of that role.
        floor: The least that each node must have.

    Raises:
        ValueError: The arguments don't make a pool; the message names the one to change.
    """

    name: str
    role: NodeRole
    aws_types: Sequence[str]
    gcp_type: str
    min_size: int
    max_size: int
    desired_size: int | None = None
    disk_gib: int
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: Sequence[Taint] = ()
    gpu: GpuKind | None = None
    floor: NodeFloor | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise self._refusal(
                "name", "not 1 to 20 lower-case letters, digits and single inner hyphens, the first a letter"
            )
        self._check_sizes()
        self._check_disk()
        self._check_gpu()
        self._check_types()
        self._check_labels()
        self._check_taints()

    @property
    def initial_size(self) -> int:
        """Nodes that it starts with."""
        return self.min_size if self.desired_size is None else self.desired_size

    def labels_in(self, environment: str) -> dict[str, str]:
        """All labels of its nodes in an environment; Environment and NodeGroup are seed 003's."""
        return {"Environment": environment, "NodeGroup": self.name, ROLE_LABEL: str(self.role), **self.labels}

    def _refusal(self, argument: str, problem: str) -> ValueError:
        return ValueError(f"NodePool.{argument}: pool {self.name!r}: {problem}")

    def _check_sizes(self) -> None:
        if self.min_size < 0:
            raise self._refusal("min_size", f"{self.min_size} is negative")
        if self.role is NodeRole.SYSTEM and self.min_size < MIN_SYSTEM_NODES:
            raise self._refusal(
                "min_size",
                f"{self.min_size} is too few, a system pool has {MIN_SYSTEM_NODES} nodes or more, one a zone",
            )
        if self.max_size < max(self.min_size, 1):
            raise self._refusal("max_size", f"{self.max_size} is less than min_size, {self.min_size}, or than 1")
        if not self.min_size <= self.initial_size <= self.max_size:
            raise self._refusal(
                "desired_size",
                f"{self.initial_size} is outside min_size to max_size, {self.min_size} to {self.max_size}",
            )

    def _check_disk(self) -> None:
        if self.disk_gib < MIN_DISK_GIB:
            raise self._refusal("disk_gib", f"{self.disk_gib} is less than the {MIN_DISK_GIB} GiB of the nodes' image")
        if self.floor is not None and self.disk_gib < self.floor.disk_gib:
            raise self._refusal("disk_gib", f"{self.disk_gib} is below the floor of {self.floor.disk_gib} GiB")

    def _check_gpu(self) -> None:
        if (self.role is NodeRole.GPU) != (self.gpu is not None):
            raise self._refusal(
                "gpu", f"{self.gpu} given, the role is {self.role}: the role gpu has one, no other does"
            )

    def _check_types(self) -> None:
        if len(set(self.aws_types)) != len(self.aws_types):
            raise self._refusal("aws_types", f"{', '.join(self.aws_types)} names a type twice")
        least = MIN_SPOT_TYPES if self.role is NodeRole.SPOT else 1
        if len(self.aws_types) < least:
            raise self._refusal("aws_types", f"{len(self.aws_types)} given, a {self.role} pool names {least} or more")
        for instance_type in self.aws_types:
            self._check_machine("aws_types", instance_type, aws_machine)
        self._check_machine("gcp_type", self.gcp_type, gcp_machine)

    def _check_machine(self, argument: str, name: str, read: Callable[[str], Machine]) -> None:
        try:
            machine = read(name)
        except ValueError as error:
            raise self._refusal(argument, str(error)) from None
        if machine.gpu is not self.gpu:
            raise self._refusal(argument, f"the GPU of {name} is {machine.gpu}, the pool's is {self.gpu}")
        if self.gpu is not None and machine.vcpus not in ONE_GPU_VCPUS:
            sizes = ", ".join(map(str, sorted(ONE_GPU_VCPUS)))
            raise self._refusal(argument, f"{name} does not have just one GPU, as sizes of {sizes} vCPUs have")
        floor = self.floor
        if floor is not None and (machine.vcpus < floor.vcpus or machine.memory_gib < floor.memory_gib):
            raise self._refusal(
                argument,
                f"{name} with {machine.vcpus} vCPUs and {machine.memory_gib:g} GiB is below the floor of "
                f"{floor.vcpus} vCPUs and {floor.memory_gib} GiB",
            )

    def _check_labels(self) -> None:
        for key, value in self.labels.items():
            match = _LABEL_KEY.fullmatch(key)
            if not match or not _LABEL_VALUE.fullmatch(value):
                raise self._refusal("labels", f"{key}={value} is not a label that Kubernetes takes")
            if key in _OWN_LABELS or (match["domain"] or "").endswith(_RESERVED_DOMAINS):
                raise self._refusal("labels", f"{key} is not free to be given")

    def _check_taints(self) -> None:
        keeps_off = any(taint.effect is not TaintEffect.PREFER_NO_SCHEDULE for taint in self.taints)
        if self.role is NodeRole.SYSTEM and keeps_off:
            raise self._refusal("taints", "a system pool takes every pod; the cluster's own would find no other node")
        if self.role is not NodeRole.SYSTEM and not keeps_off:
            raise self._refusal(
                "taints",
                f"a {self.role} pool needs one with the effect NoSchedule or NoExecute, or any pod would land there",
            )


def check_pools(pools: Sequence[NodePool]) -> None:
    """Refuses a list of pools that no cluster can start with.

    Raises:
        ValueError: Two pools share a name, or none is for the cluster's own workloads.
    """
    names = [pool.name for pool in pools]
    if len(set(names)) != len(names):
        raise ValueError(f"pools: {', '.join(names)} names a pool twice")
    if not any(pool.role is NodeRole.SYSTEM for pool in pools):
        raise ValueError("pools: none has the role system, so that the cluster's own workloads would find no node")
