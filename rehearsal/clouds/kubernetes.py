from collections.abc import Mapping
from typing import Any
from rehearsal.clouds.problem import Problem


def knows(token: str) -> bool:
    return False


def check(token: str, inputs: Mapping[str, Any]) -> tuple[Problem, ...]:
    return ()
