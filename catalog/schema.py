"""Publishes the catalog's model as a JSON Schema, which editors use to complete and check the files.

`python -m catalog.schema` writes it anew.
"""

import json
from pathlib import Path

from catalog.model import System

FILE = Path(__file__).with_name("schema.json")


def rendered() -> str:
    """The JSON Schema of one file of the catalog, as the text of `schema.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **System.model_json_schema()}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
