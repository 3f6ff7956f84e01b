"""Refusals of wrong arguments, all in the same words."""

import re

import pulumi


def check_name(argument: str, value: pulumi.Input[str], pattern: re.Pattern[str], meaning: str) -> None:
    """Refuses a name that its cloud would refuse later; one that is not known yet can't be judged and passes.

    Raises:
        ValueError: The value doesn't match; the message names the argument and says what it must be.
    """
    if isinstance(value, str) and not pattern.fullmatch(value):
        raise ValueError(f"{argument}: {value!r} is not {meaning}")
