"""How much of a cluster a system can take at most, from which the quota of its namespace follows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from catalog.model import System
from catalog.types import amount
from catalog.workloads import Deployment, Resources, StatefulSet, Strategy

_MEBIBYTE: Final = 2**20
# Kubernetes' own default of `maxSurge` for a rolling update.
_ROLLING_SURGE: Final = Decimal("0.25")
_CANARY_PODS: Final = 3
"""Pods of the new version beside the old ones in production (seed 003, baseline and canary)."""


@dataclass(frozen=True)
class Capacity:
    """The most that all pods of a system together take, while a new version replaces the old one.

    Attributes:
        cpu: Processors requested, as a Kubernetes quantity.
        memory: Bytes of memory requested.
        memory_limit: Bytes of memory that they may use.
        pods: How many there are.
    """

    cpu: str
    memory: str
    memory_limit: str
    pods: int


def capacity(system: System) -> Capacity:
    """The most that a system takes, by its scaling, its resources and the way its versions are replaced."""
    demands = [(count, each.requests, each.limits or each.requests) for count, each in _demands(system)]
    return Capacity(
        cpu=_milli(sum(count * amount(requests.cpu) for count, requests, _ in demands)),
        memory=_mebibytes(sum(count * amount(requests.memory) for count, requests, _ in demands)),
        memory_limit=_mebibytes(sum(count * amount(limits.memory) for count, _, limits in demands)),
        pods=sum(count for count, _, _ in demands),
    )


def _milli(processors: Decimal | int) -> str:
    return f"{math.ceil(processors * 1000)}m"


def _mebibytes(count: Decimal | int) -> str:
    return f"{math.ceil(count / _MEBIBYTE)}Mi"


def _demands(system: System) -> Iterator[tuple[int, Resources]]:
    """How many pods there can be of each workload at once, and what each of them gets."""
    for _, _, workload in system.workloads:
        match workload:
            case Deployment():
                migration = 1 if workload.migration else 0
                yield _pods_while_replaced(workload) + migration, workload.resources
            case StatefulSet():
                yield workload.replicas, workload.resources
            case _:
                yield 1, workload.resources


def _pods_while_replaced(deployment: Deployment) -> int:
    most = deployment.scaling.max
    match deployment.strategy:
        case Strategy.BLUE_GREEN:
            return 2 * most
        case Strategy.CANARY:
            return most + _CANARY_PODS
        case Strategy.ROLLING:
            return most + math.ceil(most * _ROLLING_SURGE)
