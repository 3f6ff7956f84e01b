"""A stack's policy configuration, in the file format of Pulumi's `--policy-pack-config`.

{"all": "mandatory", "rds-pitr": {"minimumDays": 7}, "deletion-protection": "advisory"}
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from policies.rule import ConfigurationError, ResourceRule, StackRule

_LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")
_LEVEL: Final = "enforcementLevel"

Configuration = Mapping[str, str | Mapping[str, Any]]
"""For each policy, and for `all`: an enforcement level, or an object of one and the policy's parameters."""


def configure(
    rules: Iterable[ResourceRule | StackRule], configuration: Configuration
) -> list[ResourceRule | StackRule]:
    """The rules as a stack wants them: with its parameters, without those that it disables.

    Raises:
        ConfigurationError: A policy, an enforcement level or a parameter is wrong.
    """
    wanted = {name: _settings(name, value) for name, value in configuration.items()}
    for_all = wanted.pop("all", {}).get(_LEVEL)
    by_name = {rule.name: rule for rule in rules}
    for name in wanted.keys() - by_name.keys():
        near = get_close_matches(name, by_name, n=1)
        raise ConfigurationError(f"policy {name}: there is none of this name" + (f"; meant {near[0]}?" if near else ""))
    enabled: list[ResourceRule | StackRule] = []
    for name, rule in by_name.items():
        settings = wanted.get(name, {})
        configured = rule.configured({key: value for key, value in settings.items() if key != _LEVEL})
        if settings.get(_LEVEL, for_all) != "disabled":
            enabled.append(configured)
    return enabled


def _settings(name: str, value: object) -> Mapping[str, Any]:
    settings = {_LEVEL: value} if isinstance(value, str) else value
    if not isinstance(settings, Mapping):
        raise ConfigurationError(f"policy {name}: must be an enforcement level or an object")
    if settings.get(_LEVEL, _LEVELS[0]) not in _LEVELS:
        raise ConfigurationError(f"policy {name}: {_LEVEL} must be one of {', '.join(_LEVELS)}")
    return settings
