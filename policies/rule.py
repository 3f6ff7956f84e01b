"""What a rule is: a pure function that judges a resource, with the words and numbers that auditors ask for.

A resource rule judges one resource by what the program asks for, at preview and again before it is made. A
stack rule joins resources that belong together, at preview and after an update. Of two rules about one
promise, the resource rule judges what a companion says and the stack rule that there is a companion, wherever
the companion can be judged alone: a flaw is reported once, and what is unknown at preview is still decided
before anything is made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from policies.controls import Control
from policies.resources import Resource, Stack


@dataclass(frozen=True)
class Violation:
    """The rule is broken by the property at `path`."""

    path: str
    message: str


@dataclass(frozen=True)
class CannotTellYet:
    """The rule hangs on a value that is not known before the update."""

    path: str


@dataclass(frozen=True)
class NotApplicable:
    """The rule does not concern this resource, although it judges resources of its type."""

    reason: str


Finding = Violation | CannotTellYet | NotApplicable
"""What a rule says of a resource. No finding: the resource is right."""


class ConfigurationError(ValueError):
    """The policy configuration is wrong. The message names the rule, the key and what is expected."""


class Parameters(BaseModel):
    """Base of checks that a stack may parametrise: the fields are the parameters, a call is the check."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, hide_input_in_errors=True)


@dataclass(frozen=True)
class Reference:
    """In an example's properties: the identity of another resource of the same program."""

    name: str


@dataclass(frozen=True)
class Example:
    """A resource that keeps or breaks a rule, alone or in a program.

    Attributes:
        type: Its type token.
        properties: Its properties, camelCase.
        name: What `Reference`s in the same program call it.
    """

    type: str
    properties: Mapping[str, Any]
    name: str = "example"


Program = tuple[Example, ...]
"""The resources that a stack rule looks at together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """What resource rules and stack rules have in common.

    Attributes:
        name: Kebab-case, unique in the pack; configuration and waivers call the rule by it.
        description: What holds where the rule is kept, in one sentence.
        severity: How much harm a violation does.
        controls: The controls of public frameworks that the rule is evidence for; the first is the main one.
        types: Type tokens of the resources that it judges.
        remediation: How a violation is put right.
        compliant: Examples that keep the rule.
        violating: Examples that break it.
        exempt: Examples of its types that it does not concern.
    """

    name: str
    description: str
    severity: Severity
    controls: tuple[Control, ...]
    types: frozenset[str]
    remediation: str
    compliant: tuple[Example | Program, ...]
    violating: tuple[Example | Program, ...]
    exempt: tuple[Example | Program, ...] = ()
    check: Callable[..., Iterable[Finding]]

    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The JSON schema of each parameter that a stack may set, with its default."""
        if not isinstance(self.check, Parameters):
            return {}
        properties = type(self.check).model_json_schema()["properties"]
        return {name: {k: v for k, v in schema.items() if k != "title"} for name, schema in properties.items()}

    def configured(self, values: Mapping[str, Any]) -> Self:
        """The rule with these parameters, and the defaults for all others.

        Raises:
            ConfigurationError: There is no such parameter, or its value does not fit.
        """
        if not values:
            return self
        if not isinstance(self.check, Parameters):
            raise ConfigurationError(
                f"policy {self.name}: it has no parameters, yet {', '.join(sorted(values))} is set"
            )
        try:
            return replace(self, check=type(self.check).model_validate(values))
        except ValidationError as error:
            flaws = "; ".join(f"{'.'.join(map(str, flaw['loc']))}: {flaw['msg']}" for flaw in error.errors())
            known = ", ".join(self.parameters())
            raise ConfigurationError(f"policy {self.name}: {flaws} (its parameters: {known})") from None

    def _collect(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        try:
            yield from findings
        except UnknownValueError as unknown:
            yield CannotTellYet(".".join(unknown.props))


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceRule(Rule):
    """A rule about single resources."""

    compliant: tuple[Example, ...]
    violating: tuple[Example, ...]
    exempt: tuple[Example, ...] = ()
    check: Callable[[Resource], Iterable[Finding]]

    def judge(self, resource: Resource) -> tuple[Finding, ...]:
        """What the rule says of a resource of its types."""
        return tuple(self._collect(self.check(resource)))


@dataclass(frozen=True, kw_only=True, eq=False)
class StackRule(Rule):
    """A rule about resources together with those that belong to them.

    Attributes:
        companions: Type tokens of the resources that it looks for beside those that it judges.
    """

    companions: frozenset[str]
    compliant: tuple[Program, ...]
    violating: tuple[Program, ...]
    exempt: tuple[Program, ...] = ()
    check: Callable[[Resource, Stack], Iterable[Finding]]

    def judge(self, resource: Resource, stack: Stack) -> tuple[Finding, ...]:
        """What the rule says of a resource of its types in its stack."""
        return tuple(self._collect(self.check(resource, stack)))
