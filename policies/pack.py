"""The rules as policies of Pulumi's policy SDK."""

from collections.abc import Callable, Iterable

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.resources import Resource, Stack
from policies.rule import CannotTellYet, Finding, NotApplicable, ResourceRule, Rule, StackRule, Violation


def as_policy(rule: ResourceRule | StackRule) -> Policy:
    """The rule as a policy: mandatory unless a stack's configuration says otherwise.

    What can't be told yet is raised as the SDK's error for unknown values, once all violations are reported:
    the SDK turns that into advice, whereas whatever a mandatory policy reports stops the preview.
    """
    if isinstance(rule, ResourceRule):
        policy: Policy = ResourceValidationPolicy(rule.name, rule.description, _resource_validation(rule))
    else:
        policy = StackValidationPolicy(rule.name, rule.description, _stack_validation(rule))
    main = rule.controls[0]
    policy.enforcement_level = EnforcementLevel.MANDATORY
    policy.severity = rule.severity
    policy.remediation_steps = rule.remediation
    policy.framework = PolicyComplianceFramework(main.framework, main.version, reference=main.id)
    policy.tags = [str(control) for control in rule.controls]
    if parameters := rule.parameters():
        policy.config_schema = PolicyConfigSchema({name: dict(schema) for name, schema in parameters.items()})
    return policy


def _resource_validation(rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in rule.types:
            args.not_applicable("the rule judges other types of resources")
        resource = Resource(urn=args.urn, type=args.resource_type, properties=args.props)
        findings = rule.configured(args.get_config()).judge(resource)
        _report(rule, resource, findings, report)
        for finding in findings:
            if isinstance(finding, NotApplicable):
                args.not_applicable(finding.reason)
        _raise_if_undecided((resource, finding) for finding in findings)

    return validate


def _stack_validation(rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        configured = rule.configured(args.get_config())
        resources = [_stack_resource(resource) for resource in args.resources]
        stack = Stack(resources)
        judged = [(subject, configured.judge(subject, stack)) for subject in stack.of(rule.types)]
        if all(any(isinstance(finding, NotApplicable) for finding in findings) for _, findings in judged):
            args.not_applicable("the stack has no resource that the rule concerns")
        for subject, findings in judged:
            _report(rule, subject, findings, report)
        _raise_if_undecided((subject, finding) for subject, findings in judged for finding in findings)

    return validate


def _stack_resource(resource: PolicyResource) -> Resource:
    return Resource(
        urn=resource.urn,
        type=resource.resource_type,
        properties=resource.props,
        property_dependencies={
            name: frozenset(source.urn for source in sources)
            for name, sources in resource.property_dependencies.items()
        },
        provider=resource.provider.urn if resource.provider else "",
    )


def _report(rule: Rule, resource: Resource, findings: Iterable[Finding], report: ReportViolation) -> None:
    for finding in findings:
        if isinstance(finding, Violation):
            report(f"{finding.path} {finding.message}. {rule.remediation}", resource.urn)


def _raise_if_undecided(judged: Iterable[tuple[Resource, Finding]]) -> None:
    undecided = [
        f"{resource.name}: {finding.path}" for resource, finding in judged if isinstance(finding, CannotTellYet)
    ]
    if undecided:
        error = UnknownValueError(UNKNOWN_STRING_VALUE, [])
        error.message = f"cannot tell yet, it hangs on values that are known later ({'; '.join(undecided)})"
        raise error
