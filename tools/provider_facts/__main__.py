"""Regenerates the tables under `rehearsal/clouds/facts` from checkouts of the providers' sources: see the README."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from rehearsal.clouds import sdk
from tools.provider_facts import tables
from tools.provider_facts.names import Tokens
from tools.provider_facts.terraform import CannotRead, Resource, read_schemas
from tools.provider_facts.translate import overlap, translate, unclassified

_HERE = Path(__file__).parent
_TABLES = Path(__file__).parents[2] / "rehearsal/clouds/facts"
# The smallest types have one property of their own, which an SDK of another version may spell otherwise.
_ENOUGH = 0.5


@dataclass(frozen=True)
class Provider:
    """A provider: how its source is laid out, what its resources' names start with, and which source it is."""

    layout: str
    prefix: str
    source: str


_PROVIDERS = {
    "aws": Provider("aws", "aws_", "terraform-provider-aws"),
    "gcp": Provider("google", "google_", "terraform-provider-google-beta"),
    "random": Provider("random", "", "terraform-provider-random"),
}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    name: Annotated[str, typer.Argument(metavar="aws|gcp|random")],
    checkout: Annotated[Path, typer.Option(help="Folder of the checkout; schemas/main.go says of what.")],
    version: Annotated[str, typer.Option(help="What it is a checkout of, such as v6.58.0.")],
    bridge_metadata: Annotated[Path | None, typer.Option(help="pulumi-gcp's bridge-metadata.json.")] = None,
) -> None:
    """Writes the tables of one provider and says what could not be carried over."""
    provider = _PROVIDERS[name]
    try:
        resources = read_schemas(provider.layout, checkout)
    except CannotRead as error:
        raise SystemExit(f"{checkout}: {error}") from error
    spelling, conditions = _data("names.yaml"), _data("conditions.yaml")
    types = (_bridged(bridge_metadata) if bridge_metadata else {}) | spelling["types"]
    tokens = Tokens(frozenset(resources), provider.prefix, spelling["modules"], types)
    entries: dict[str, dict[str, Any]] = {}
    every = [token for token in sdk.registered(name) if not token.startswith(sdk.PROVIDER)]
    for token in every:
        known = sdk.resource_type(token)
        behind = _behind(token, known, tokens, resources, spelling["properties"])
        if behind is None:
            print(f"{token}: no resource of that name and those properties")
            continue
        resource, when = resources[behind], conditions["types"].get(behind, {})
        if missing := unclassified(resource, when, conditions["deciders"]):
            raise SystemExit(f"{_HERE / 'conditions.yaml'}: {behind}: say when these replace it: {', '.join(missing)}")
        found = translate(
            resource,
            known,
            renamed=spelling["properties"].get(behind, {}),
            conditions=when,
            deciders=conditions["deciders"],
        )
        if found.unmatched:
            print(f"{token}: the SDK does not have {', '.join(found.unmatched)}")
        entries[token] = tables.entry(resource, found)
    tables.write(_TABLES, name, f"{provider.source} {version}", entries)
    print(f"{len(entries)} of {len(every)} types")


def _data(name: str) -> dict[str, Any]:
    return YAML(typ="safe").load(_HERE / name)


def _bridged(path: Path) -> dict[str, str]:
    """Returns the Terraform resource of each token that the bridge's metadata names, as it is now or was before."""
    resources: Mapping[str, Any] = json.loads(path.read_text())["auto-aliasing"]["resources"]
    return {
        token: resource
        for resource, names in resources.items()
        for token in (*(past["name"] for past in names.get("past", ())), names["current"])
    }


def _behind(
    token: str, known: sdk.ResourceType, tokens: Tokens, resources: Mapping[str, Resource], renamed: Mapping[str, Any]
) -> str | None:
    """Returns the Terraform resource behind a token: by its name the likeliest, by its properties the same."""
    candidates = {name: overlap(resources[name], known, renamed.get(name, {})) for name in tokens.candidates(token)}
    best = max(candidates, key=lambda name: candidates[name], default=None)
    return best if best is not None and candidates[best] >= _ENOUGH else None


if __name__ == "__main__":
    app()
