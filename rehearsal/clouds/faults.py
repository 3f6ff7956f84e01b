"""Faults on demand: the ways in which clouds fail, so that recovery can be rehearsed.

A fault is named ``TYPE=KIND`` (``aws:rds/instance:Instance=throttle``) and strikes the first operation on a resource
of that type; ``random=SEED`` or ``random=SEED:RATE`` strikes operations at random, the same ones for the same seed.
"""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_RATE = 0.05


class FaultKind(StrEnum):
    """How an operation fails."""

    THROTTLE = "throttle"  # the provider gave up retrying; nothing was made
    QUOTA = "quota"  # the account's limit is reached; nothing was made
    TIMEOUT = "timeout"  # made, but the provider stopped waiting for it to become ready
    CRASH_AFTER_CREATE = "crash-after-create"  # made, then the engine was killed before it was told


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One named fault: `kind` strikes the first operation on a resource of type `token`."""

    token: str
    kind: FaultKind


@dataclass(frozen=True, kw_only=True)
class RandomFaults:
    """Each operation fails with probability `rate` (0 to 1), in a way and at places that `seed` decides."""

    seed: int
    rate: float = DEFAULT_RATE


def parse_fault(text: str) -> Fault | RandomFaults:
    """Reads a fault as the command line gives it.

    Raises:
        ValueError: the text is no fault; the message says what is wanted.
    """
    name, _, value = text.partition("=")
    if name == "random":
        seed, _, rate = value.partition(":")
        try:
            faults = RandomFaults(seed=int(seed), rate=float(rate) if rate else DEFAULT_RATE)
        except ValueError:
            raise ValueError(f"--fault {text}: random=SEED or random=SEED:RATE wanted, such as random=7:0.1") from None
        if not 0 < faults.rate < 1:
            raise ValueError(f"--fault {text}: the rate must lie between 0 and 1, such as 0.1")
        return faults
    kinds = ", ".join(FaultKind)
    if name.count(":") != 2 or value not in set(FaultKind):  # noqa: PLR2004 - package:module:Type
        raise ValueError(
            f"--fault {text}: TYPE=KIND wanted, such as aws:rds/instance:Instance=throttle; KIND is one of {kinds}"
        )
    return Fault(token=name, kind=FaultKind(value))


class Faults:
    """The faults of one run, each struck at most once where it is named, by seeded chance where it is random."""

    def __init__(self, faults: Iterable[Fault | RandomFaults] = ()) -> None:
        faults = tuple(faults)
        self._named = [fault for fault in faults if isinstance(fault, Fault)]
        self._random = [fault for fault in faults if isinstance(fault, RandomFaults)]
        self._lock = threading.Lock()

    @property
    def idle(self) -> tuple[str, ...]:
        """The named faults that have struck nothing so far, as they were written."""
        with self._lock:
            return tuple(f"{fault.token}={fault.kind}" for fault in self._named)

    def strike(self, token: str, urn: str, operation: str, attempt: int) -> FaultKind | None:
        """Returns how this operation fails, or None where it does not.

        Args:
            token: the resource's type.
            urn: the resource.
            operation: "create", "update" or "delete".
            attempt: how often it was tried before; random faults pass with another attempt, as they do in clouds.
        """
        with self._lock:
            for fault in self._named:
                if fault.token == token and (operation == "create" or fault.kind != FaultKind.CRASH_AFTER_CREATE):
                    self._named.remove(fault)
                    return fault.kind
        for faults in self._random:
            # Decided by seed and place, not by the order in which gRPC threads arrive.
            chance = random.Random(f"{faults.seed}/{attempt}/{operation}/{urn}")  # noqa: S311 - not for security
            if chance.random() < faults.rate:
                return chance.choice([FaultKind.THROTTLE, FaultKind.QUOTA, FaultKind.TIMEOUT])
        return None
