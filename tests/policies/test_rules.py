"""What every rule of the pack must hold to, whichever way it is reached."""

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from importlib import import_module
from typing import Any

import pulumi
import pytest
from pulumi._types import is_input_type
from pulumi_policy import EnforcementLevel, Severity

from policies.catalogue import ALL
from policies.evaluate import Outcome
from policies.pack import as_policy
from policies.resources import Resource, Stack
from policies.rule import Example, Finding, Program, Reference, ResourceRule, StackRule, Violation
from tests.policies.programs import UNKNOWN, Form, by_evaluate, by_sdk, programs, references, render, urn

Rule = ResourceRule | StackRule

WAYS = pytest.mark.parametrize("judge", [by_evaluate, by_sdk])


def cases(side: str) -> list[Any]:
    return [
        pytest.param(rule, program, form, id=f"{rule.name}-{side}-{number}-{form.name.lower()}")
        for rule in ALL
        for number, program in enumerate(programs(getattr(rule, side)))
        for form in (Form if has_reference(program) else [Form.LITERAL])
    ]


def has_reference(program: Program) -> bool:
    return any(True for example in program for _ in references(dict(example.properties)))


@WAYS
@pytest.mark.parametrize(("rule", "program", "form"), cases("compliant"))
def test_what_a_rule_asks_for_passes(rule: Rule, program: Program, form: Form, judge: Any):
    assert judge(rule, program, form) == {Outcome.PASS}


@WAYS
@pytest.mark.parametrize(("rule", "program", "form"), cases("violating"))
def test_what_breaks_a_rule_is_refused(rule: Rule, program: Program, form: Form, judge: Any):
    assert Outcome.VIOLATION in judge(rule, program, form)


@WAYS
@pytest.mark.parametrize(("rule", "program", "form"), cases("exempt"))
def test_what_a_rule_does_not_concern_is_left_alone(rule: Rule, program: Program, form: Form, judge: Any):
    assert judge(rule, program, form) == {Outcome.NOT_APPLICABLE}


Path = tuple[str | int, ...]


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where something stands in a property, containers too; references are the business of joins."""
    if at and not isinstance(value, Reference):
        yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*at, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from paths(inner, (*at, position))


def changed(program: Program, at: int, path: Path, value: Any) -> Program:
    properties = deepcopy(dict(program[at].properties))
    holder = properties
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return (*program[:at], replace(program[at], properties=properties), *program[at + 1 :])


def other_values(value: Any) -> Sequence[Any]:
    """Values of the same kind that a rule may mind."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [0, 10**9]
        case str():
            return ["something else"]
        case _:
            return []


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def unknowns() -> Iterator[Any]:
    for rule in ALL:
        for number, program in enumerate(programs(rule.compliant)):
            for position, example in enumerate(program):
                for path in paths(dict(example.properties)):
                    name = f"{rule.name}-{number}-{position}-{'.'.join(map(str, path))}"
                    yield pytest.param(rule, program, position, path, id=name)


@WAYS
@pytest.mark.parametrize(("rule", "program", "position", "path"), list(unknowns()))
def test_an_unknown_is_neither_refused_nor_passed_where_its_value_matters(
    rule: Rule, program: Program, position: int, path: Path, judge: Any
):
    properties = dict(program[position].properties)
    value_matters = any(
        Outcome.VIOLATION in judge(rule, changed(program, position, inner, other))
        for inner in paths(properties)
        if inner[: len(path)] == path
        for other in other_values(at(properties, inner))
    )
    outcome = judge(rule, changed(program, position, path, UNKNOWN))
    if value_matters:
        assert outcome == {Outcome.CANNOT_TELL}
    else:
        assert outcome <= {Outcome.PASS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE}


@WAYS
@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_a_rule_keeps_silent_about_other_resources(rule: Rule, judge: Any):
    bystander = (Example("random:index/randomId:RandomId", {"byteLength": 4}),)
    assert judge(rule, bystander) <= {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_a_rule_says_what_auditors_ask_for(rule: Rule):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.description[0].isupper()
    assert rule.description.endswith(".")
    assert rule.remediation.endswith(".")
    assert rule.controls
    assert len(set(rule.controls)) == len(rule.controls)
    assert all(control.framework and control.version and control.id for control in rule.controls)
    assert all(parameter["description"].endswith(".") for parameter in rule.parameters().values())
    assert all("default" in parameter for parameter in rule.parameters().values())


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
@pytest.mark.parametrize("side", ["compliant", "violating"])
def test_every_type_that_a_rule_judges_is_in_its_examples(rule: Rule, side: str):
    shown = {example.type for program in programs(getattr(rule, side)) for example in program}
    assert rule.types <= shown


@pytest.mark.parametrize("rule", [rule for rule in ALL if isinstance(rule, StackRule)], ids=lambda rule: rule.name)
def test_every_companion_that_a_rule_looks_for_is_in_its_examples(rule: StackRule):
    shown = {example.type for program in (*rule.compliant, *rule.exempt) for example in program}
    assert rule.companions <= shown


def test_names_are_unique():
    names = [rule.name for rule in ALL]
    assert sorted(set(names)) == sorted(names)


# What the core reads of any resource, whether its type has it or not.
READ_OF_ALL = {"id", "arn", "bucket", "name", "identifier", "selfLink", "tags", "labels"}


class Recorder(dict[str, Any]):
    """Properties that note what is read of them."""

    def __init__(self, properties: Mapping[str, Any], read: set[Path], path: Path = ()):
        super().__init__(properties)
        self._read, self._path = read, path

    def __getitem__(self, key: str) -> Any:
        self._read.add((*self._path, key))
        return recording(super().__getitem__(key), self._read, (*self._path, key))


def recording(value: Any, read: set[Path], path: Path) -> Any:
    match value:
        case dict():
            return Recorder(value, read, path)
        case list():
            return [recording(element, read, path) for element in value]
        case _:
            return value


def properties_read(rule: Rule) -> Iterator[tuple[str, Path]]:
    for program in programs((*rule.compliant, *rule.violating, *rule.exempt)):
        read = {example.name: set[Path]() for example in program}
        resources = [
            Resource(
                urn=urn(one.example),
                type=one.example.type,
                properties=Recorder(one.properties, read[one.example.name]),
            )
            for one in render(program)
        ]
        for resource in resources:
            if resource.type in rule.types:
                _ = rule.judge(resource) if isinstance(rule, ResourceRule) else rule.judge(resource, Stack(resources))
        yield from ((example.type, path) for example in program for path in read[example.name])


def inputs_of(token: str) -> type:
    """The class of the typed SDK that says which properties a resource takes."""
    provider, module, name = re.fullmatch(r"(\w+):(\w+)/\w+:(\w+)", token).groups()
    resource = getattr(import_module(f"pulumi_{provider}.{module}"), name)
    module = import_module(resource.__module__)
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def getters(inputs: type) -> dict[str, property]:
    return {
        member.fget._pulumi_name: member
        for member in vars(inputs).values()
        if isinstance(member, property) and hasattr(member.fget, "_pulumi_name")
    }


def nested_inputs(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_input_type(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from nested_inputs(argument)


def has_property(inputs: type, path: Path) -> bool:
    getter = getters(inputs).get(path[0])
    if getter is None or len(path) == 1:
        return getter is not None
    names = vars(pulumi.output) | vars(import_module(inputs.__module__))
    (nested,) = set(nested_inputs(typing.get_type_hints(getter.fget, names)["return"]))
    return has_property(nested, path[1:])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_a_rule_reads_properties_that_the_providers_have(rule: Rule):
    read = {(token, path) for token, path in properties_read(rule) if path[0] not in READ_OF_ALL}
    assert {token for token, _ in read} >= (rule.types if isinstance(rule, ResourceRule) else set())
    assert [(token, path) for token, path in sorted(read) if not has_property(inputs_of(token), path)] == []


def test_a_rule_that_reads_past_the_accessor_leaves_the_other_resources_judged():
    def check(resource: Resource, _: Stack) -> Iterator[Finding]:
        if resource.properties["name"] == "wrong":
            yield Violation("name", "is wrong")

    careless = replace(next(rule for rule in ALL if isinstance(rule, StackRule)), check=check)
    token = min(careless.types)
    program = tuple(Example(token, {"name": name}, name=name) for name in ("wrong", UNKNOWN, "right"))
    assert by_sdk(careless, program) == {Outcome.VIOLATION, Outcome.CANNOT_TELL}


def test_the_engine_gets_all_that_a_rule_says_of_itself():
    policy = as_policy(next(rule for rule in ALL if rule.name == "kms-rotation"))
    assert (policy.severity, policy.enforcement_level) == (Severity.HIGH, EnforcementLevel.MANDATORY)
    assert (policy.framework.name, policy.framework.version, policy.framework.reference) == (
        "CIS AWS Foundations Benchmark",
        "7.0",
        "4.6",
    )
    assert policy.tags == [
        "CIS AWS Foundations Benchmark 7.0 4.6",
        "AWS Foundational Security Best Practices 1.0.0 KMS.4",
        "PCI-DSS 4.0 3.7.4",
        "NIST SP 800-53 5 SC-12(2)",
    ]
    assert policy.remediation_steps == "Set enableKeyRotation to true and rotationPeriodInDays to 90."
    assert policy.config_schema.properties == {
        "maximumDays": {
            "type": "integer",
            "default": 90,
            "minimum": 90,
            "maximum": 2560,
            "description": "The longest time between two rotations, in days.",
        }
    }
