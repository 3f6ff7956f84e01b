"""Reads the settings of a stack from the Pulumi config; nothing else does. Names every fault at once."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import TypeAdapter, ValidationError

from catalog.documents import Finding, Strict, dotted, findings, missing, nearest
from stacks.model import Settings
from stacks.rules import RULES

__all__ = ["Settings", "SettingsError", "load"]

_SCHEMA = Settings.model_json_schema()


class SettingsError(pulumi.RunError):
    """The stack's settings cannot be used. Its text has one line for each fault."""


def load(config: pulumi.Config | None = None) -> Settings:
    """Reads and checks the settings of the current stack.

    Args:
        config: The project's configuration. Default: that of the running program.

    Raises:
        SettingsError: Anything is wrong with the settings; the text lists everything that is.
    """
    config = config or pulumi.Config()
    stack = pulumi.get_stack()
    faults = list(_keys_without_effect(config.name))
    sections: dict[str, object] = {}
    for key, field in Settings.model_fields.items():
        section, wrong = _section(config, key, field.annotation)
        if wrong:
            faults += wrong
        else:
            sections[key] = section
    faults += _broken_rules({"stack": stack, **sections})
    foreign = sorted(key for key in CONFIG.get() if key.partition(":")[0] not in (config.name, "pulumi"))
    if faults or foreign:
        place = f"Pulumi.{stack}.yaml: {config.name}"
        lines = [f"  {place}:{dotted(fault.location)}: {fault.text}" for fault in faults]
        advice = f"has no effect; settings are of the namespace {config.name}"
        lines += [f"  Pulumi.{stack}.yaml: {key}: {advice}" for key in foreign]
        raise SettingsError("\n".join(["the settings are wrong:", *lines]))
    return Settings.model_validate(sections)


def _section(config: pulumi.Config, key: str, annotation: Any) -> tuple[object, list[Finding]]:
    """The section of the settings below a key, and what is wrong with it."""
    if is_config_secret(config.full_key(key)):
        text = "holds a secret, which no stack file may; put it into the cloud's secret store"
        return None, [Finding((key,), text)]
    text = config.get(key)
    if text is None:
        return None, [missing((key,), _SCHEMA)]
    # Pulumi hands an object over as JSON and everything else as the bare text.
    is_object = isinstance(annotation, type) and issubclass(annotation, Strict)
    try:
        return TypeAdapter[object](annotation).validate_json(text if is_object else json.dumps(text)), []
    except ValidationError as error:
        return None, findings(error, _SCHEMA, within=(key,))


def _keys_without_effect(project: str) -> Iterator[Finding]:
    for namespace, _, key in sorted(full_key.partition(":") for full_key in CONFIG.get()):
        if namespace == project and key not in Settings.model_fields:
            match = nearest(key, Settings.model_fields)
            hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(Settings.model_fields)}"
            yield Finding((key,), f"is not a known key; {hint}")


def _broken_rules(known: Mapping[str, object]) -> Iterator[Finding]:
    """What rules find. A rule is asked when every section that its parameters name is right by itself."""
    for rule in RULES:
        needed = inspect.signature(rule).parameters
        if needed.keys() <= known.keys():
            yield from rule(**{name: known[name] for name in needed})
