"""Writes the tables of facts: one file for each part of an SDK, compact enough to be read."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.provider_facts.terraform import Resource
from tools.provider_facts.translate import Translation

_COLUMNS = 160
_PLAIN = re.compile(r"[A-Za-z][\w./#;-]*(?: [\w./;-][\w./#;-]*)*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def entry(resource: Resource, found: Translation) -> dict[str, Any]:
    """Returns a type's entry, without what is empty."""
    return {"source": resource.source} | {
        name: value
        for name, value in {
            "framework": resource.framework,
            "replaces": sorted(found.replaces),
            "replaces_when": dict(sorted(found.replaces_when.items())),
            "secret_outputs": found.secret_outputs,
            "computed": sorted(found.computed),
            "unordered": sorted(found.unordered),
            "defaults": dict(sorted(found.defaults.items())),
            "exclusive": found.exclusive,
            "id": found.id,
        }.items()
        if value
    }


def write(folder: Path, provider: str, version: str, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Replaces the tables of a provider.

    Args:
        folder: Where they are: `aws/rds.yaml` for the types of `aws:rds/…`, `random.yaml` for an SDK of one part.
        provider: The SDK's name.
        version: What was read.
        entries: The facts by token.
    """
    parts: dict[str, dict[str, Mapping[str, Any]]] = {}
    for token, facts in sorted(entries.items()):
        parts.setdefault(token.split(":")[1].partition("/")[0], {})[token] = facts
    if parts.keys() == {"index"}:
        (folder / f"{provider}.yaml").write_text(_text(provider, version, parts["index"]))
        return
    own = folder / provider
    own.mkdir(exist_ok=True)
    for stale in own.glob("*.yaml"):
        stale.unlink()
    for part, types in parts.items():
        (own / f"{part}.yaml").write_text(_text(provider, version, types))


def _text(provider: str, version: str, types: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [f"provider: {provider}", f"version: {version}", "types:"]
    for token, facts in types.items():
        lines.append(f"  {token}:")
        for name, value in facts.items():
            lines += _property(name, value)
    return "\n".join(lines) + "\n"


def _property(name: str, value: Any) -> list[str]:
    """Returns the lines of a property: conditions one to a line, lists and mappings wrapped between their items."""
    if name == "replaces_when":
        return [f"    {name}:", *(f"      {_scalar(path)}: {_scalar(text)}" for path, text in value.items())]
    if isinstance(value, list):
        items, opening, closing = [_flow(item) for item in value], "[", "]"
    elif isinstance(value, dict):
        items, opening, closing = [f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()], "{", "}"
    else:
        return [f"    {name}: {_scalar(value)}"]
    lines = [f"    {name}: {opening}{items[0]}"]
    for item in items[1:]:
        lines[-1] += ","
        if len(lines[-1]) + len(item) + 2 > _COLUMNS:
            lines.append(f"      {item}")
        else:
            lines[-1] += f" {item}"
    lines[-1] += closing
    return lines


def _flow(value: Any) -> str:
    return f"[{', '.join(map(_scalar, value))}]" if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    """Returns a value as YAML: a text without quotes where it can't be taken for anything else."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value)
