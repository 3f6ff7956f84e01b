"""The machine types that nodes may run on, read from the names that both clouds give them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class GpuKind(StrEnum):
    """GPUs that both clouds rent out, by the names that GKE gives them."""

    L4 = "nvidia-l4"
    T4 = "nvidia-tesla-t4"


ONE_GPU_VCPUS: Final = frozenset({4, 8, 16, 32})
"""Sizes with one GPU on both clouds: larger ones have up to eight, smaller ones don't exist."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a machine type is made of.

    Attributes:
        vcpus: Its processors.
        memory_gib: Its memory in GiB.
        gpu: The kind of its GPU, if it has one.
    """

    vcpus: int
    memory_gib: float
    gpu: GpuKind | None = None


# GiB of memory to a processor. The families are x86-64, as all images are built for, and of a generation that
# encrypts what goes over its network ("Specifications for Amazon EC2 general purpose instances" and its like).
_AWS_FAMILIES: Final[Mapping[str, int]] = MappingProxyType(
    {
        family: gib
        for gib, families in {
            2: ("c6a", "c6i", "c7a", "c7i"),
            4: ("m6a", "m6i", "m7a", "m7i", "g4dn", "g6"),
            8: ("r6a", "r6i", "r7a", "r7i"),
        }.items()
        for family in families
    }
)
_AWS_TYPE: Final = re.compile(r"(?P<family>\w+)\.(?P<size>large|(?:2|4|8|12|16|24)?xlarge)", re.ASCII)
_AWS_LARGE_VCPUS: Final = 2
_AWS_XLARGE_VCPUS: Final = 4

# The same for Compute Engine ("Machine families resource and comparison guide").
_GCP_FAMILIES: Final[Mapping[str, float]] = MappingProxyType(
    {
        family: gib
        for gib, families in {
            3.75: ("n1-standard",),
            4: ("e2-standard", "n2-standard", "n2d-standard", "n4-standard", "g2-standard"),
            8: ("n2-highmem", "n2d-highmem", "n4-highmem"),
        }.items()
        for family in families
    }
)
_GCP_TYPE: Final = re.compile(r"(?P<family>\w+-\w+)-(?P<vcpus>2|4|8|16|32)", re.ASCII)

_GPUS: Final[Mapping[str, GpuKind]] = MappingProxyType(
    {
        "g6": GpuKind.L4,
        "g2-standard": GpuKind.L4,
        "g4dn": GpuKind.T4,
        # These get theirs attached, and serve for nothing else here.
        "n1-standard": GpuKind.T4,
    }
)


def aws_machine(instance_type: str) -> Machine:
    """What an EC2 instance type is made of.

    Raises:
        ValueError: It is not of a family that nodes may run on.
    """
    match = _AWS_TYPE.fullmatch(instance_type)
    if not match or match["family"] not in _AWS_FAMILIES:
        raise ValueError(
            f"{instance_type!r} is not an instance type such as m7i.4xlarge of a family that nodes may run on: "
            f"{', '.join(_AWS_FAMILIES)}"
        )
    family, size = match.groups()
    vcpus = _AWS_LARGE_VCPUS if size == "large" else _AWS_XLARGE_VCPUS * int(size.removesuffix("xlarge") or 1)
    return Machine(vcpus=vcpus, memory_gib=vcpus * _AWS_FAMILIES[family], gpu=_GPUS.get(family))


def gcp_machine(machine_type: str) -> Machine:
    """What a Compute Engine machine type is made of.

    Raises:
        ValueError: It is not of a family that nodes may run on.
    """
    match = _GCP_TYPE.fullmatch(machine_type)
    if not match or match["family"] not in _GCP_FAMILIES:
        raise ValueError(
            f"{machine_type!r} is not a machine type such as n2-standard-16 of a family that nodes may run on: "
            f"{', '.join(_GCP_FAMILIES)}"
        )
    family, vcpus = match["family"], int(match["vcpus"])
    return Machine(vcpus=vcpus, memory_gib=vcpus * _GCP_FAMILIES[family], gpu=_GPUS.get(family))
