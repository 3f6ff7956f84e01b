"""JSON as Go's `encoding/json` writes it, which is what the providers put into documents."""

import json
import zlib
from typing import Any

# Go escapes them so that the text can stand in HTML and JavaScript.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def go_json(value: Any, *, indent: int | None = None) -> str:
    """Returns the JSON text; without an indent there is no space in it."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, indent=indent, separators=separators, ensure_ascii=False).translate(_ESCAPES)


def hashcode(text: str) -> str:
    """Returns the providers' hash of a text, which is the id of a document."""
    return str(zlib.crc32(text.encode()))
