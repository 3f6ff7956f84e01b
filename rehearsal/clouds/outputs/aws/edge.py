"""What load balancing, certificates, DNS, WAF and events answer beyond templates."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from rehearsal.clouds.identity import (
    HEX,
    LOWER_ALPHANUMERIC,
    derived,
    derived_digits,
    derived_integer,
)
from rehearsal.clouds.outputs.aws.place import region_of
from rehearsal.clouds.outputs.templates import Scope, Word

_BALANCER_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}

# Web ACL capacity units (docs.aws.amazon.com/waf, "managed rule groups list" and "rule statements list").
_MANAGED_GROUPS: Mapping[str, int] = {
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
_STATEMENTS: Mapping[str, int] = {
    "asnMatchStatement": 1,
    "byteMatchStatement": 2,
    "geoMatchStatement": 1,
    "ipSetReferenceStatement": 1,
    "labelMatchStatement": 1,
    "rateBasedStatement": 2,
    "regexMatchStatement": 3,
    "regexPatternSetReferenceStatement": 25,
    "ruleGroupReferenceStatement": 50,  # the group's own capacity, which is not known here
    "sizeConstraintStatement": 1,
    "sqliMatchStatement": 20,
    "xssMatchStatement": 40,
}
_THIRD_PARTY_GROUP = 200


def certificate_names(scope: Scope) -> list[str]:
    """Returns every name of a certificate, each once."""
    others: Iterable[str] = scope.inputs.get("subjectAlternativeNames") or ()
    return list(dict.fromkeys(name for name in (scope.inputs.get("domainName"), *others) if name))


def certificate_validation_options(scope: Scope) -> list[dict[str, str]]:
    """Returns the DNS record that proves each name; a name and its wildcard share theirs."""
    if scope.inputs.get("validationMethod", "DNS") != "DNS" or scope.inputs.get("certificateBody"):
        return []
    return [_validation_option(scope, name) for name in certificate_names(scope)]


def balancer_kind(scope: Scope) -> str:
    """Returns how a load balancer's type is written in its ARN."""
    return _BALANCER_KINDS[scope.inputs.get("loadBalancerType") or "application"]


def balancer_suffix(scope: Scope) -> str:
    """Returns the end of an ARN by which CloudWatch knows a load balancer or target group."""
    return scope.id.rpartition(":")[2].removeprefix("loadbalancer/")


def balancer_host(scope: Scope) -> str:
    """Returns the host name of a load balancer."""
    name, region = scope.inputs["name"], region_of(scope)
    if balancer_kind(scope) == "net":
        return f"{name}-{scope.id.rpartition('/')[2]}.elb.{region.name}.{region.dns_suffix}"
    prefix = "internal-" if scope.inputs.get("internal") else ""
    return f"{prefix}{name}-{derived_digits(10, *scope.seed('balancer'))}.{region.name}.elb.{region.dns_suffix}"


def balancer_zone(scope: Scope) -> str:
    """Returns the hosted zone of a load balancer, for alias records."""
    region = region_of(scope)
    return region.nlb_zone if balancer_kind(scope) == "net" else region.alb_zone


def listener_arn(scope: Scope) -> str:
    """Returns the start of a listener's ARN."""
    return str(scope.inputs["loadBalancerArn"]).replace(":loadbalancer/", ":listener/", 1)


def listener_rule_arn(scope: Scope) -> str:
    """Returns the start of a listener rule's ARN."""
    return str(scope.inputs["listenerArn"]).replace(":listener/", ":listener-rule/", 1)


def record_id(scope: Scope) -> str:
    """Returns the id of a DNS record: zone, name, type and, where several share them, the set identifier."""
    inputs = scope.inputs
    parts = (inputs["zoneId"], str(inputs["name"]).lower(), inputs["type"], inputs.get("setIdentifier"))
    return "_".join(str(part) for part in parts if part is not None)


def record_name(scope: Scope) -> str:
    """Returns the full name of a DNS record; the zone's own part of it is not known here, if it was left out."""
    return str(scope.inputs["name"]).lower().removesuffix(".")


def name_servers(scope: Scope) -> list[str]:
    """Returns the name servers of a zone."""
    return zone_servers(bool(scope.inputs.get("vpcs")), *scope.seed("name-servers"))


def zone_servers(is_private: bool, *seed: str) -> list[str]:  # noqa: FBT001 - the two kinds of zones
    """Returns the four name servers of a zone, one in each top-level domain; all private zones have the same."""
    starts = {"co.uk": 1536, "com": 0, "org": 1024, "net": 512}
    if is_private:
        return sorted(f"ns-{start}.awsdns-00.{top}" for top, start in starts.items())
    numbers = {top: start + derived_integer(0, 511, *seed, top) for top, start in starts.items()}
    return sorted(f"ns-{n}.awsdns-{derived_integer(0, 63, *seed, str(n)):02}.{top}" for top, n in numbers.items())


def primary_name_server(scope: Scope) -> str:
    """Returns the name server that a zone's SOA record names."""
    return next(server for server in name_servers(scope) if server.endswith(".co.uk"))


def waf_arn_prefix(scope: Scope) -> str:
    """Returns the start of the ARN of anything in WAF: what is for CloudFront lives in us-east-1."""
    region = region_of(scope)
    is_global = scope.inputs.get("scope") == "CLOUDFRONT"
    place = "us-east-1" if is_global else region.name
    return f"arn:{region.partition}:wafv2:{place}:{scope.context.account}:{'global' if is_global else 'regional'}"


def waf_capacity(scope: Scope) -> int:
    """Returns the capacity units that a web ACL's rules take."""
    rules: list[Mapping[str, Any]] = scope.inputs.get("rules") or []
    return sum(_capacity(rule.get("statement") or {}) for rule in rules)


def event_rule(scope: Scope) -> str:
    """Returns the id of a rule: its name, after its bus if that is not the default one."""
    return "/".join(filter(None, (_bus(scope), scope.inputs["name"])))


def event_target(scope: Scope) -> str:
    """Returns the id of a rule's target."""
    return "-".join(filter(None, (_bus(scope), scope.inputs["rule"], scope.inputs["targetId"])))


def subscription_waits(scope: Scope) -> bool:
    """Returns whether a subscription waits for someone to confirm it."""
    return scope.inputs.get("protocol") in ("email", "email-json", "http", "https")


def action_of_budget(scope: Scope) -> str:
    """Returns the id of a budget's action."""
    return scope.id.split(":")[1]


def _bus(scope: Scope) -> str | None:
    bus = scope.inputs.get("eventBusName")
    return None if bus == "default" else bus


def _validation_option(scope: Scope, name: str) -> dict[str, str]:
    domain = name.removeprefix("*.")
    # Record and value are the same for every certificate of an account for the domain, so that they need proof once.
    owner = (scope.context.account, domain)
    return {
        "domainName": name,
        "resourceRecordName": f"_{derived(HEX, 32, 'acm-name', *owner)}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": (
            f"_{derived(HEX, 32, 'acm-value', *owner)}.{derived(LOWER_ALPHANUMERIC, 10, 'acm-zone', *owner)}"
            ".acm-validations.aws."
        ),
    }


def _capacity(statement: Mapping[str, Any]) -> int:
    units = 0
    for kind, detail in statement.items():
        if not detail:
            continue
        content = cast(Mapping[str, Any], detail)
        if kind == "managedRuleGroupStatement":
            units += _MANAGED_GROUPS.get(str(content.get("name")), _THIRD_PARTY_GROUP)
        units += _STATEMENTS.get(kind, 0)
        nested = [content.get("scopeDownStatement"), content.get("statement"), *(content.get("statements") or ())]
        units += sum(_capacity(cast(Mapping[str, Any], inner)) for inner in nested if inner)
        units += 10 * len(content.get("textTransformations") or ())
    return units


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        action_of_budget,
        balancer_host,
        balancer_kind,
        balancer_suffix,
        balancer_zone,
        certificate_names,
        certificate_validation_options,
        event_rule,
        event_target,
        listener_arn,
        listener_rule_arn,
        name_servers,
        primary_name_server,
        record_id,
        record_name,
        subscription_waits,
        waf_arn_prefix,
        waf_capacity,
    )
}
