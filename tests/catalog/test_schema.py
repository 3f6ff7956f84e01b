import json

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from catalog.loader import DIRECTORY
from catalog.schema import FILE, rendered

FILES = sorted(DIRECTORY.glob("*.yaml"))


def test_the_published_schema_is_the_models() -> None:
    assert FILE.read_text() == rendered(), "the model has changed: run `python -m catalog.schema`"


def test_the_published_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(FILE.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_editor_finds_the_schema_and_agrees_with_the_file(path) -> None:
    text = path.read_text()
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    errors = Draft202012Validator(json.loads(FILE.read_text())).iter_errors(YAML(typ="safe", pure=True).load(text))
    assert [error.message for error in errors] == []


def test_every_key_is_documented() -> None:
    schema = json.loads(FILE.read_text())
    undocumented = [
        f"{name}.{key}"
        for name, part in {"System": schema, **schema["$defs"]}.items()
        for key, value in part.get("properties", {}).items()
        # A description that is its type's own stands with the type.
        if not (value.get("description") or schema["$defs"][value["$ref"].split("/")[-1]].get("description"))
    ]
    assert undocumented == []
