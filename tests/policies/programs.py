"""Examples of rules as the resources of a stack, judged by each of the ways that lead to a rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    StackValidationArgs,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from policies.evaluate import Outcome, evaluate
from policies.pack import as_policy
from policies.rule import Example, Program, Reference, ResourceRule, StackRule

UNKNOWN = UNKNOWN_STRING_VALUE


# What a program sets to an unknown is an output of some resource; this one is of no type that any rule looks at.
_ELSEWHERE = "urn:pulumi:test::covenant::random:index/randomId:RandomId::elsewhere"


class Form(Enum):
    """How a program refers from one resource to another, and when one looks at it."""

    LITERAL = "by a name in the program"
    PREVIEWED = "by an output, before the update"
    UPDATED = "by an output, after the update"


def urn(example: Example) -> str:
    return f"urn:pulumi:test::covenant::{example.type}::{example.name}"


@dataclass(frozen=True)
class Rendered:
    example: Example
    properties: dict[str, Any]
    property_dependencies: dict[str, list[str]]


def render(program: Program, form: Form = Form.LITERAL) -> list[Rendered]:
    by_name = {example.name: example for example in program}
    rendered = []
    for example in program:
        properties, dependencies = {}, {}
        for name, value in example.properties.items():
            properties[name] = _resolved(value, form)
            sources = [urn(by_name[reference.name]) for reference in references(value)]
            if sources and form is not Form.LITERAL:
                dependencies[name] = sources
            elif UNKNOWN in repr(value):
                dependencies[name] = [_ELSEWHERE]
        if form is not Form.LITERAL:
            properties["id"] = UNKNOWN if form is Form.PREVIEWED else example.name
        rendered.append(Rendered(example, properties, dependencies))
    return rendered


def references(value: Any) -> Iterator[Reference]:
    match value:
        case Reference():
            yield value
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def _resolved(value: Any, form: Form) -> Any:
    match value:
        case Reference(name):
            return UNKNOWN if form is Form.PREVIEWED else name
        case dict():
            return {key: _resolved(inner, form) for key, inner in value.items()}
        case list():
            return [_resolved(inner, form) for inner in value]
        case _:
            return value


def programs(examples: tuple[Example | Program, ...]) -> list[Program]:
    return [(example,) if isinstance(example, Example) else example for example in examples]


def by_evaluate(
    rule: ResourceRule | StackRule, program: Program, form: Form = Form.LITERAL, config: Mapping[str, Any] | None = None
) -> set[Outcome]:
    """What `evaluate` says of the program."""
    state = [
        {
            "urn": urn(resource.example),
            "type": resource.example.type,
            "inputs": resource.properties,
            "outputs": resource.properties,
            "propertyDependencies": resource.property_dependencies,
        }
        for resource in render(program, form)
    ]
    configuration = {rule.name: config} if config else {}
    return {verdict.outcome for verdict in evaluate(state, [rule], configuration)}


def by_sdk(
    rule: ResourceRule | StackRule, program: Program, form: Form = Form.LITERAL, config: Mapping[str, Any] | None = None
) -> set[Outcome]:
    """What the policy SDK makes of the rule, on the proxies that it wraps properties in."""
    policy = as_policy(rule)
    outcomes: set[Outcome] = set()

    def validate(args: ResourceValidationArgs | StackValidationArgs) -> None:
        reports: list[str] = []
        try:
            policy.validate(args, lambda message, urn=None: reports.append(message))
        except UnknownValueError:
            outcomes.add(Outcome.CANNOT_TELL)
        except _NotApplicableError:
            outcomes.add(Outcome.NOT_APPLICABLE)
        else:
            outcomes.update([] if reports else [Outcome.PASS])
        outcomes.update([Outcome.VIOLATION] if reports else [])

    rendered = render(program, form)
    if isinstance(rule, ResourceRule):
        for resource in rendered:
            validate(
                ResourceValidationArgs(
                    resource.example.type,
                    _proxied(resource.properties),
                    urn(resource.example),
                    resource.example.name,
                    _OPTIONS,
                    None,
                    config,
                )
            )
        return outcomes
    resources = {
        urn(resource.example): PolicyResource(
            resource.example.type,
            _proxied(resource.properties),
            urn(resource.example),
            resource.example.name,
            _OPTIONS,
            None,
            None,
            [],
            {},
        )
        for resource in rendered
    }
    for resource in rendered:
        for name, sources in resource.property_dependencies.items():
            resources[urn(resource.example)].property_dependencies[name] = [
                resources[source] for source in sources if source in resources
            ]
    validate(StackValidationArgs(list(resources.values()), config))
    return outcomes


def _proxied(properties: Mapping[str, Any]) -> Any:
    return unknown_checking_proxy(deserialize_properties(dict(properties)))


_OPTIONS = PolicyResourceOptions(
    protect=False,
    ignore_changes=[],
    delete_before_replace=None,
    aliases=[],
    custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
    additional_secret_outputs=[],
)
