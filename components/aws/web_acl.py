"""A web application firewall: what no service ever sees, and how often one address may ask."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, Literal, get_args

import pulumi
import pulumi_aws as aws

from components.checks import check_name
from components.edge import MIN_REQUESTS_PER_MINUTE, REQUESTS_PER_MINUTE
from components.ordering import after
from components.tags import Tags

Scope = Literal["REGIONAL", "CLOUDFRONT"]

CLOUDFRONT_REGION: Final = "us-east-1"
"""Where all that belongs to CloudFront is made, wherever its viewers and origins are."""

LOG_BUCKET_PREFIX: Final = "aws-waf-logs-"
"""How the name of a bucket begins that WAF writes to."""

WINDOW_SECONDS: Final = 60
"""The time over which requests are counted: a minute, as the limits say. WAF's own default is five."""

BLOCKING_GROUPS: Final = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
)
"""Managed groups whose rules act as AWS means them to."""

COUNTING_GROUPS: Final = ("AWSManagedRulesAnonymousIpList",)
"""Managed groups that only count: VPNs and hosting providers are where lenders' own systems call from."""

SECRET_HEADERS: Final = ("authorization", "cookie")
"""Headers whose values nobody may read in a log."""

# What the common rule set puts on a request whose body is larger than 8 KiB, and its rule of that name ("Baseline rule
# groups"). 8 KiB is also all that a load balancer shows to WAF.
_BODY_GROUP: Final = "AWSManagedRulesCommonRuleSet"
_BODY_RULE: Final = "SizeRestrictions_BODY"
_BODY_LABEL: Final = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"

# A path is compared as the service will read it: unescaped, without detours, in one case.
_PATH_TRANSFORMATIONS: Final = ("URL_DECODE", "NORMALIZE_PATH", "LOWERCASE")
# The largest network of IPv4 addresses that still is one customer's own, and no internet provider's region.
_WIDEST_UNLIMITED: Final = 16
_COUNTRY = re.compile(r"[A-Z]{2}")
_RULE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")

_Rule = aws.wafv2.WebAclRuleArgsDict
_Statement = aws.wafv2.WebAclRuleStatementArgsDict
_ScopeDown = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgsDict

_TOO_MANY: Final[aws.wafv2.WebAclRuleActionArgsDict] = {
    "block": {
        "custom_response": {
            "response_code": 429,
            "response_headers": [{"name": "retry-after", "value": str(WINDOW_SECONDS)}],
        }
    }
}

_HIDDEN: Final[aws.wafv2.WebAclDataProtectionConfigArgsDict] = {
    "data_protections": [
        {"action": "SUBSTITUTION", "field": {"field_type": "SINGLE_HEADER", "field_keys": ["authorization"]}},
        {"action": "SUBSTITUTION", "field": {"field_type": "SINGLE_COOKIE"}},
    ]
}
"""What SECRET_HEADERS hold, left out of all that WAF shows; cookies are a field of their own there."""


@dataclass(frozen=True, kw_only=True)
class ScopedLimit:
    """How often one address may ask for a path.

    Attributes:
        name: The limit's name in metrics and logs.
        host: The host that it is for.
        path: This path and all below it.
        requests_per_minute: Requests of one address in a minute.
    """

    name: str
    host: str
    path: str
    requests_per_minute: int


@dataclass(frozen=True, kw_only=True)
class WebAclArgs:
    """What is let through.

    Attributes:
        scope: `REGIONAL` for load balancers, `CLOUDFRONT` for distributions.
        log_bucket_arn: The ARN of the bucket that takes a record of each request; its name begins with
            LOG_BUCKET_PREFIX.
        tags: Tags of all that takes tags.
        requests_per_minute: Requests that one address may make in a minute.
        limits: Lower limits for single paths.
        unlimited_addresses: IPv4 prefixes whose requests are not counted and may come from any country, such as
            lenders' systems, which are limited by client in the service, and load tests. The rules against attacks
            hold for them as well.
        countries: Countries whose requests are let through, as ISO 3166 codes; none lets all of them.
        large_body_paths: Paths below which a request's body may be larger than 8 KiB.

    Raises:
        ValueError: An argument that WAF would refuse, or a limit that would not be one.
    """

    scope: Scope
    log_bucket_arn: pulumi.Input[str]
    tags: Tags
    requests_per_minute: int = REQUESTS_PER_MINUTE
    limits: Sequence[ScopedLimit] = ()
    unlimited_addresses: Sequence[str] = ()
    countries: Sequence[str] = ()
    large_body_paths: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.scope not in get_args(Scope):
            raise ValueError(f"scope: {self.scope!r} is neither 'REGIONAL' nor 'CLOUDFRONT'")
        check_name(
            "log_bucket_arn",
            self.log_bucket_arn,
            re.compile(rf"arn:aws:s3:::{LOG_BUCKET_PREFIX}.+"),
            f"the ARN of a bucket whose name begins with {LOG_BUCKET_PREFIX}",
        )
        if not MIN_REQUESTS_PER_MINUTE <= self.requests_per_minute <= REQUESTS_PER_MINUTE:
            raise ValueError(
                f"requests_per_minute: {self.requests_per_minute} is outside {MIN_REQUESTS_PER_MINUTE} to "
                f"{REQUESTS_PER_MINUTE}"
            )
        for limit in self.limits:
            check_name("limits", limit.name, _RULE_NAME, "1 to 128 letters, digits, hyphens and underscores")
            if limit.requests_per_minute >= self.requests_per_minute:
                raise ValueError(
                    f"limits: {limit.name} allows {limit.requests_per_minute} requests a minute, all requests together "
                    f"are held to {self.requests_per_minute}"
                )
        for block in self.unlimited_addresses:
            if not _is_narrow(block):
                raise ValueError(
                    f"unlimited_addresses: {block!r} is not an IPv4 prefix such as 198.51.100.0/28, at the widest a "
                    f"/{_WIDEST_UNLIMITED}"
                )
        for country in self.countries:
            check_name("countries", country, _COUNTRY, "a country's code of two capitals such as IE")


class WebAcl(pulumi.ComponentResource):
    """A web ACL with its log.

    Attributes:
        arn: The web ACL's ARN, handed out once it keeps a log.

    Example:
        >>> args = WebAclArgs(scope="REGIONAL", log_bucket_arn="arn:aws:s3:::aws-waf-logs-lender", tags=tags)
        >>> arn: pulumi.Output[str] = WebAcl("edge", args).arn
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:WebAcl", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = CLOUDFRONT_REGION if args.scope == "CLOUDFRONT" else None
        unlimited = None
        if args.unlimited_addresses:
            unlimited = aws.wafv2.IpSet(
                f"{name}-unlimited",
                description="Addresses whose requests are not counted",
                scope=args.scope,
                region=region,
                ip_address_version="IPV4",
                addresses=list(args.unlimited_addresses),
                tags=args.tags.aws(),
                opts=child,
            ).arn
        acl = aws.wafv2.WebAcl(
            name,
            description=f"What {name} lets through",
            scope=args.scope,
            region=region,
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=rules_of(args, unlimited),
            # The log's own redaction leaves out the samples of requests that the console shows.
            data_protection_config=_HIDDEN,
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
            tags=args.tags.aws(),
            opts=child,
        )
        log = aws.wafv2.WebAclLoggingConfiguration(
            name,
            resource_arn=acl.arn,
            region=region,
            log_destination_configs=[args.log_bucket_arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
                )
                for header in SECRET_HEADERS
            ],
            opts=child,
        )
        self.arn = after(acl.arn, log)
        self.register_outputs({"arn": self.arn})


def rules_of(args: WebAclArgs, unlimited_arn: pulumi.Input[str] | None) -> list[_Rule]:
    """The rules in the order in which WAF goes through them: seed 003 puts the common rule set first.

    A rule that allows ends the way. Unlimited addresses therefore come after all that looks for attacks, and before
    all that counts.
    """
    rules: list[_Rule] = [
        *(_managed(group, {"none": {}}, large_bodies=bool(args.large_body_paths)) for group in BLOCKING_GROUPS),
        *(_managed(group, {"count": {}}) for group in COUNTING_GROUPS),
    ]
    if args.large_body_paths:
        rules.append(_own("large-bodies", {"block": {}}, _large_body_outside(args.large_body_paths)))
    if unlimited_arn is not None:
        rules.append(_own("unlimited-addresses", {"allow": {}}, {"ip_set_reference_statement": {"arn": unlimited_arn}}))
    if args.countries:
        inside: _Statement = {"geo_match_statement": {"country_codes": list(args.countries)}}
        rules.append(_own("countries", {"block": {}}, {"not_statement": {"statement": inside}}))
    rules += [
        _own(limit.name, _TOO_MANY, _more_than(limit.requests_per_minute, _asks_for(limit.host, limit.path)))
        for limit in args.limits
    ]
    rules.append(_own("requests-per-address", _TOO_MANY, _more_than(args.requests_per_minute)))
    for priority, rule in enumerate(rules, start=1):
        rule["priority"] = priority
    return rules


def _managed(group: str, override: aws.wafv2.WebAclRuleOverrideActionArgsDict, *, large_bodies: bool = False) -> _Rule:
    statement: aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {"name": group, "vendor_name": "AWS"}
    if large_bodies and group == _BODY_GROUP:
        # It leaves its label on the request; a rule of ours blocks by that, except on the paths that may.
        statement["rule_action_overrides"] = [{"name": _BODY_RULE, "action_to_use": {"count": {}}}]
    return {
        "name": group,
        "priority": 0,
        "override_action": override,
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": _visible(group),
    }


def _own(name: str, action: aws.wafv2.WebAclRuleActionArgsDict, statement: _Statement) -> _Rule:
    return {
        "name": name,
        "priority": 0,
        "action": action,
        "statement": statement,
        "visibility_config": _visible(name),
    }


def _visible(name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgsDict:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}


def _large_body_outside(paths: Sequence[str]) -> _Statement:
    large: _Statement = {"label_match_statement": {"scope": "LABEL", "key": _BODY_LABEL}}
    elsewhere: list[_Statement] = [
        {"not_statement": {"statement": {"byte_match_statement": _path_below(path)}}} for path in paths
    ]
    return {"and_statement": {"statements": [large, *elsewhere]}}


def _more_than(requests: int, asks_for: _ScopeDown | None = None) -> _Statement:
    rate: aws.wafv2.WebAclRuleStatementRateBasedStatementArgsDict = {
        "aggregate_key_type": "IP",
        "evaluation_window_sec": WINDOW_SECONDS,
        "limit": requests,
    }
    if asks_for is not None:
        rate["scope_down_statement"] = asks_for
    return {"rate_based_statement": rate}


def _asks_for(host: str, path: str) -> _ScopeDown:
    at_host: _ScopeDown = {
        "byte_match_statement": {
            "search_string": host,
            # A port may follow.
            "positional_constraint": "STARTS_WITH",
            "field_to_match": {"single_header": {"name": "host"}},
            "text_transformations": [{"priority": 0, "type": "LOWERCASE"}],
        }
    }
    return {"and_statement": {"statements": [at_host, {"byte_match_statement": _path_below(path)}]}}


def _path_below(path: str) -> aws.wafv2.WebAclRuleStatementByteMatchStatementArgsDict:
    return {
        "search_string": path.lower(),
        "positional_constraint": "STARTS_WITH",
        "field_to_match": {"uri_path": {}},
        "text_transformations": [
            {"priority": priority, "type": kind} for priority, kind in enumerate(_PATH_TRANSFORMATIONS)
        ],
    }


def _is_narrow(block: str) -> bool:
    try:
        return IPv4Network(block).prefixlen >= _WIDEST_UNLIMITED
    except ValueError:
        return False
