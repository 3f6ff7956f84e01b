"""The template language: what stands in braces, and what is refused when a table is loaded."""

import re
from pathlib import Path
from typing import Any

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs.templates import ABSENT, Scope, TableError, Word, load, render

TOKEN = "aws:sqs/queue:Queue"
WORDS: dict[str, Word] = {
    "account": lambda scope: scope.context.account,
    "nothing": lambda _: None,
    "ports": lambda _: [80, 443],
}
SCOPE = Scope(
    token=TOKEN,
    inputs={
        "name": "Jobs",
        "port": 5432,
        "open": True,
        "url": "https://issuer.example/",
        "list": ["a", "b"],
        "none": None,
    },
    context=Context(
        provider="aws",
        urn=f"urn:pulumi:staging::covenant::{TOKEN}::jobs",
        project="covenant",
        stack="staging",
        region="eu-west-1",
        account="111122223333",
    ),
    id="arn:aws:sqs:eu-west-1:111122223333:path/Jobs",
)


def table(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "outputs.yaml"
    path.write_text(text)
    return load(path, WORDS)


def rendered(tmp_path: Path, value: str) -> Any:
    entry = table(tmp_path, f"{TOKEN}:\n  earlier: one\n  value: {value}\n")[TOKEN]
    SCOPE.outputs["earlier"] = "one"
    return render(entry.outputs["value"], SCOPE, "value")


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ('"{input.name}"', "Jobs"),
        ('"{input.port}"', 5432),
        ('"{input.open}"', True),
        ('"{ports}"', [80, 443]),
        ("port-{input.port}-{input.open}", "port-5432-true"),
        ('"{input.list.1}"', "b"),
        ('"{id}/x"', "arn:aws:sqs:eu-west-1:111122223333:path/Jobs/x"),
        ('"{output.earlier}-{account}-{name}"', "one-111122223333-jobs"),
        ('"{last(id)}"', "Jobs"),
        ('"{lower(input.name)}"', "jobs"),
        ('"{lower(last(id))}"', "jobs"),
        ('"{host(input.url)}"', "issuer.example"),
        ('"{crc32(input.name)}"', "144818939"),
        ("\"{input.missing|input.name|'x'}\"", "Jobs"),
        ("\"{input.missing|'x'}\"", "x"),
        ('"{input.missing|6379}"', 6379),
        ('"{nothing|true}"', True),
        ('[a, {b: "{input.name}"}]', ["a", {"b": "Jobs"}]),
        ("3", 3),
        ("~", None),
    ],
)
def test_a_replacement_is_made(tmp_path: Path, template: str, value: object) -> None:
    assert rendered(tmp_path, template) == value


@pytest.mark.parametrize(
    "template",
    [
        '"{input.missing}"',
        '"{input.none}"',
        '"{nothing}"',
        '"x-{input.missing}"',
        '"{input.list.7}"',
        '"{lower(nothing)}"',
    ],
)
def test_a_text_without_a_value_is_left_out(tmp_path: Path, template: str) -> None:
    assert rendered(tmp_path, template) is ABSENT
    assert rendered(tmp_path, f"[{template}, x]") == ["x"]
    assert rendered(tmp_path, f"{{a: {template}, b: x}}") == {"b": "x"}


@pytest.mark.parametrize(
    ("template", "pattern"),
    [
        ("vpc-{hex:17}", r"vpc-[0-9a-f]{17}"),
        ("AROA{base32:17}", r"AROA[A-Z2-7]{17}"),
        ("Z{upper:20}", r"Z[A-Z0-9]{20}"),
        ("d{lower:13}", r"d[a-z0-9]{13}"),
        ("x{digits:12}", r"x[1-9]\d{11}"),
        ('"{uuid}"', r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ],
)
def test_a_made_up_value_has_its_form_and_stays(tmp_path: Path, template: str, pattern: str) -> None:
    value = rendered(tmp_path, template)
    assert re.fullmatch(pattern, value)
    assert rendered(tmp_path, template) == value


def test_two_made_up_values_of_one_text_differ(tmp_path: Path) -> None:
    one, other = rendered(tmp_path, '"{hex:12}.{hex:12}"').split(".")
    assert one != other


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"{acount}"', "`{acount}` is neither an input, an output further up, nor a known word"),
        ('"{output.later}"', "`{output.later}` is neither"),
        ('"{input}"', "`{input}` is neither"),
        ('"{hex:x}"', "`{hex:x}` is neither"),
        ('"{upper(name)}"', "no function `upper`; there are last, lower, crc32, host"),
        ('"{name"', "a brace in `{name` has no partner"),
        ("a}b", "a brace in `a}b` has no partner"),
    ],
)
def test_what_can_not_be_understood_is_refused_when_the_table_is_loaded(
    tmp_path: Path, value: str, message: str
) -> None:
    with pytest.raises(TableError, match=re.escape(f"outputs.yaml: {TOKEN}: value: {message}")):
        table(tmp_path, f"{TOKEN}:\n  value: {value}\n  later: x\n")


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"outputs\.yaml: while parsing"):
        table(tmp_path, f"{TOKEN}: [")
