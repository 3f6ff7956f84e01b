"""The rules over an exported state, without engine or cloud."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policies.catalogue import ALL
from policies.configuration import Configuration, configure
from policies.resources import Resource, Stack
from policies.rule import CannotTellYet, Finding, NotApplicable, ResourceRule, StackRule, Violation
from policies.state import read


class Outcome(StrEnum):
    """What a rule says of a resource."""

    PASS = "pass"  # noqa: S105 no password
    VIOLATION = "violation"
    CANNOT_TELL = "cannot-tell"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class Verdict:
    """One thing that one rule says of one resource.

    Attributes:
        rule: The rule's name.
        urn: The resource's URN.
        outcome: The kind of thing.
        message: For a violation the property and what is wrong with it, for an open question the property,
            for a rule that doesn't apply the reason, for a pass nothing. It quotes no string of a property.
    """

    rule: str
    urn: str
    outcome: Outcome
    message: str


def evaluate(
    state: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    rules: Iterable[ResourceRule | StackRule] = ALL,
    configuration: Configuration | None = None,
) -> list[Verdict]:
    """Judges a state as the engine does: resource rules by inputs, stack rules by outputs.

    Args:
        state: An exported state, or the list of resources inside one.
        rules: The rules to judge by.
        configuration: The stack's policy configuration; what it disables is not judged.

    Returns:
        For each rule, in their order, the verdicts on each resource of its types. A resource may get several
        violations of one rule; resources of types that no rule judges get none.

    Raises:
        StateError: The state is malformed.
        ConfigurationError: The configuration is wrong.
    """
    resources = read(state)
    asked = Stack(resource.asked() for resource in resources)
    answered = Stack(resource.answered() for resource in resources)
    verdicts: list[Verdict] = []
    for rule in configure(rules, configuration or {}):
        match rule:
            case ResourceRule():
                judged = [(resource, rule.judge(resource)) for resource in asked.of(rule.types)]
            case StackRule():
                judged = [(resource, rule.judge(resource, answered)) for resource in answered.of(rule.types)]
        verdicts += [verdict for resource, findings in judged for verdict in _verdicts(rule, resource, findings)]
    return verdicts


def _verdicts(rule: ResourceRule | StackRule, resource: Resource, findings: Sequence[Finding]) -> Iterable[Verdict]:
    if not findings:
        yield Verdict(rule.name, resource.urn, Outcome.PASS, "")
    for finding in findings:
        match finding:
            case Violation(path=path, message=message):
                yield Verdict(rule.name, resource.urn, Outcome.VIOLATION, f"{path} {message}")
            case CannotTellYet(path=path):
                yield Verdict(rule.name, resource.urn, Outcome.CANNOT_TELL, path)
            case NotApplicable(reason=reason):
                yield Verdict(rule.name, resource.urn, Outcome.NOT_APPLICABLE, reason)
