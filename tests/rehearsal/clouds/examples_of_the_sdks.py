"""The example programs in the SDKs' documentation, as inputs of resources: a corpus of what the providers accept."""

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pulumi

from rehearsal.clouds import sdk
from rehearsal.clouds.sdk import Kind, Property, Shape
from rehearsal.clouds.values import UNKNOWN


def resources(part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the type and the inputs of each resource in the examples of a part of an SDK, such as `aws.s3`.

    What an example computes or takes from another resource is unknown. A resource without any argument is left out: it
    only shows where one would stand.
    """
    package, _, folder = part.partition(".")
    root = Path(find_spec(f"pulumi_{package}").origin).parent / folder
    for file in sorted(root.glob("[!_]*.py")):
        blocks = dict.fromkeys(re.findall(r"```python\n(.*?)```", file.read_text(), re.DOTALL))
        for block in blocks:
            for call in _calls(textwrap.dedent(block)):
                token = _tokens(package).get(ast.unparse(call.func))
                given = {each.arg: each.value for each in call.keywords if each.arg not in (None, "opts")}
                if token and given:
                    yield token, _properties(given, sdk.resource_type(token).inputs)


@cache
def _tokens(package: str) -> Mapping[str, str]:
    """The types of a package by what an example calls them: `aws.s3.Bucket`."""
    classes = sdk.registered(package)
    return {f"{module.removeprefix('pulumi_')}.{name}": token for token, (module, name) in classes.items()}


def _calls(source: str) -> list[ast.Call]:
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []


def _properties(given: Mapping[str, ast.expr], properties: Mapping[str, Property]) -> dict[str, Any]:
    by_own_name = {each.python_name: each for each in properties.values()}
    return {
        by_own_name[name].name if name in by_own_name else name: _value(
            node, by_own_name[name].shape if name in by_own_name else Shape(Kind.ANY)
        )
        for name, node in given.items()
    }


def _value(node: ast.expr, shape: Shape) -> Any:
    """The value that an expression of an example stands for, as it would arrive on the wire."""
    match node:
        case ast.List(elts=elements):
            return [_value(element, shape.element or Shape(Kind.ANY)) for element in elements]
        case ast.Dict(keys=keys, values=values) if all(isinstance(key, ast.Constant) for key in keys):
            return _entries({key.value: value for key, value in zip(keys, values, strict=True)}, shape)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="dumps"), args=[document]):
            return _dumped(document)
        case ast.Call(func=ast.Attribute(attr="FileAsset" | "StringAsset" | "FileArchive" | "AssetArchive")):
            return pulumi.StringAsset("")
        case _:
            return _literal(node)


def _literal(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return UNKNOWN
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else value


def _entries(entries: Mapping[str, ast.expr], shape: Shape) -> dict[str, Any]:
    objects = [each for each in (shape, *shape.alternatives) if each.kind is Kind.OBJECT]
    if objects:
        return _properties(entries, objects[0].properties)
    return {key: _value(value, shape.element or Shape(Kind.ANY)) for key, value in entries.items()}


def _dumped(document: ast.expr) -> Any:
    try:
        return json.dumps(ast.literal_eval(document))
    except ValueError:
        return UNKNOWN
