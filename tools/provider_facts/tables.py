"""Writes the tables of facts: one file for each part of an SDK, compact enough to be read."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from tools.provider_facts.terraform import Resource
from tools.provider_facts.translate import Translation

_COLUMNS = 160


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
    yaml = YAML()
    yaml.width = _COLUMNS
    document = CommentedMap(provider=provider, version=version, types=CommentedMap())
    for token, facts in types.items():
        document["types"][token] = CommentedMap({name: _flow(value) for name, value in facts.items()})
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _flow(value: Any) -> Any:
    """Returns lists and mappings so that they are written in one line, as far as that goes."""
    if isinstance(value, list):
        made = CommentedSeq(_flow(item) for item in value)
    elif isinstance(value, dict):
        made = CommentedMap({key: _flow(item) for key, item in value.items()})
    else:
        return value
    made.fa.set_flow_style()
    return made
