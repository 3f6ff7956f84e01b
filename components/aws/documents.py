"""Policy documents as data: built by pure functions, rendered in one place."""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

import pulumi

Condition = Mapping[str, Mapping[str, pulumi.Input[str] | list[str]]]
"""Operator, then key, then value: `{"StringEquals": {"aws:SourceAccount": "111122223333"}}`."""


class Statement(TypedDict):
    """One statement, in the spelling of IAM's policy language."""

    Sid: str
    Effect: Literal["Allow", "Deny"]
    Principal: NotRequired[str | Mapping[str, str]]
    Action: list[str]
    Resource: NotRequired[list[pulumi.Input[str]]]
    Condition: NotRequired[Condition]


class PolicyDocument(TypedDict):
    """A policy in the current version of the language."""

    Version: Literal["2012-10-17"]
    Statement: list[Statement]


def statement(
    sid: str,
    *,
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]] = (),
    effect: Literal["Allow", "Deny"] = "Allow",
    principal: str | Mapping[str, str] | None = None,
    condition: Condition | None = None,
) -> Statement:
    """A statement: identity policies name no principal, trust policies no resource."""
    made = Statement(Sid=sid, Effect=effect, Action=list(actions))
    if principal is not None:
        made["Principal"] = principal
    if resources:
        made["Resource"] = list(resources)
    if condition is not None:
        made["Condition"] = condition
    return made


def document(*statements: Statement) -> PolicyDocument:
    """A policy of the statements."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def rendered(policy: PolicyDocument) -> pulumi.Output[str]:
    """The policy as JSON, once all that it names is known."""
    return pulumi.Output.json_dumps(policy)
