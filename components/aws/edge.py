"""All that stands between the internet and the services: firewall, load balancer, CDN, certificates, names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.cdn import Cdn, CdnArgs
from components.aws.dns import Alias, Certificate, CertificateArgs, PublicName, PublicNameArgs
from components.aws.load_balancer import LoadBalancer, LoadBalancerArgs
from components.aws.web_acl import CLOUDFRONT_REGION, Scope, ScopedLimit, WebAcl, WebAclArgs
from components.edge import REQUESTS_PER_MINUTE, PublicService
from components.tags import Tags

_NO_RULE_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """The services, and who may ask for them how often.

    Attributes:
        account_id: The account that all of it is in.
        region: The region of the load balancers.
        vpc_id: The network.
        public_subnet_ids: Subnets of the load balancer that the internet reaches.
        private_subnet_ids: Subnets of the load balancer behind the CDN.
        private_cidr_blocks: The prefixes of the subnets that pods have their addresses in.
        domain: The domain below which all hosts are.
        zone_id: The hosted zone of the domain.
        services: The services, by a name that stays.
        log_bucket: The name of the bucket that load balancers log to; it has no key of ours.
        waf_log_bucket_arn: The ARN of the bucket that firewalls log to; its name begins with aws-waf-logs-.
        cdn_log_bucket_arn: The ARN of the bucket that distributions log to, where a service has a CDN.
        tags: Tags of everything that belongs to it.
        other_address: The IPv4 address that answers in the other cloud; None where there is none.
        requests_per_minute: Requests that one address may make in a minute.
        unlimited_addresses: IPv4 prefixes whose requests aren't counted here: lenders' systems and load tests.
        countries: Countries whose requests are let through, as ISO 3166 codes; none lets all of them.
        large_body_paths: Paths below which a request's body may be larger than 8 KiB.
        alarm_actions: ARNs of topics that hear when a service has no healthy pod.
        shield_advanced: Whether AWS's paid protection from floods of traffic covers what the internet reaches. The
            account must be subscribed to it, which binds its payer for a year.
        protect: Whether engine and cloud refuse to destroy the load balancers.

    Raises:
        ValueError: The services contradict each other, or something that they need is missing.
    """

    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    private_subnet_ids: Sequence[pulumi.Input[str]]
    private_cidr_blocks: Sequence[str]
    domain: str
    zone_id: pulumi.Input[str]
    services: Mapping[str, PublicService]
    log_bucket: pulumi.Input[str]
    waf_log_bucket_arn: pulumi.Input[str]
    cdn_log_bucket_arn: pulumi.Input[str]
    tags: Tags
    other_address: pulumi.Input[str] | None = None
    requests_per_minute: int = REQUESTS_PER_MINUTE
    unlimited_addresses: Sequence[str] = ()
    countries: Sequence[str] = ()
    large_body_paths: Sequence[str] = ()
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    shield_advanced: bool = False
    protect: bool = True

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        if not self.services:
            raise ValueError("services: none given")
        ways: dict[str, tuple[bool, bool]] = {}
        for name, service in self.services.items():
            for host in service.hosts:
                if host != self.domain and not host.endswith(f".{self.domain}"):
                    raise ValueError(f"services[{name}]: the host {host} is not below {self.domain}")
                if ways.setdefault(host, (service.cdn, service.preferred)) != (service.cdn, service.preferred):
                    raise ValueError(
                        f"services[{name}]: another service of {host} differs in cdn or preferred, but a name leads to "
                        "one place"
                    )
            if not service.preferred and self.other_address is None:
                raise ValueError(f"other_address: missing, {name} is answered by the other cloud first")


class Edge(pulumi.ComponentResource):
    """The way from the internet to each service, by TLS 1.3 only and through a firewall.

    Services with a CDN stand behind a load balancer of their own that has no public address.

    Attributes:
        target_group_arns: What a TargetGroupBinding names, by service.
        security_group_ids: The groups from which load balancers call pods.
        hosts: All names that are answered.

    Example:
        >>> args = EdgeArgs(domain="example.com", zone_id=zone, services=services, tags=tags, **network, **logs)
        >>> target_group: pulumi.Output[str] = Edge("edge", args).target_group_arns["scoring-api"]
    """

    target_group_arns: dict[str, pulumi.Output[str]]
    security_group_ids: list[pulumi.Output[str]]
    hosts: list[str]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Edge", name, None, opts)
        self._prefix = name
        self._args = args
        self._certificates = self._make_certificates()
        direct = {service: meaning for service, meaning in args.services.items() if not meaning.cdn}
        cached = {service: meaning for service, meaning in args.services.items() if meaning.cdn}
        self.target_group_arns = {}
        self.security_group_ids = []
        self.hosts = []
        if direct:
            self._direct(direct)
        if cached:
            self._cached(cached)
        self.register_outputs({"targetGroupArns": self.target_group_arns, "hosts": self.hosts})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _make_certificates(self) -> dict[str, Certificate]:
        """The domain's own comes first: load balancers show it to who asks for no name or an unknown one."""
        regions = {self._args.domain: [self._args.region]}
        for service in self._args.services.values():
            for host in service.hosts:
                regions[host] = [self._args.region, *([CLOUDFRONT_REGION] if service.cdn else [])]
        return {
            host: Certificate(
                f"{self._prefix}-{host}",
                CertificateArgs(
                    host=host,
                    zone_id=self._args.zone_id,
                    regions=list(dict.fromkeys(places)),
                    tags=self._args.tags,
                ),
                self._child(),
            )
            for host, places in regions.items()
        }

    def _direct(self, services: Mapping[str, PublicService]) -> None:
        name = f"{self._prefix}-public"
        web_acl = self._web_acl(name, "REGIONAL", services)
        balancer = self._load_balancer(name, services, web_acl.arn)
        alias = Alias(dns_name=balancer.dns_name, zone_id=balancer.zone_id)
        self._names(services, balancer, dict.fromkeys(_hosts(services), alias))
        self._shield(name, balancer.arn)

    def _cached(self, services: Mapping[str, PublicService]) -> None:
        name = f"{self._prefix}-cdn"
        balancer = self._load_balancer(name, services, None)
        cdn = Cdn(
            name,
            CdnArgs(
                certificates={host: self._certificates[host].arns[CLOUDFRONT_REGION] for host in _hosts(services)},
                load_balancer_arn=balancer.arn,
                load_balancer_dns_name=balancer.dns_name,
                web_acl_arn=self._web_acl(name, "CLOUDFRONT", services).arn,
                log_bucket_arn=self._args.cdn_log_bucket_arn,
                countries=self._args.countries,
                tags=self._args.tags,
            ),
            self._child(),
        )
        self._names(services, balancer, cdn.aliases)
        for host, arn in cdn.arns.items():
            self._shield(f"{name}-{host}", arn)

    def _web_acl(self, name: str, scope: Scope, services: Mapping[str, PublicService]) -> WebAcl:
        args = self._args
        return WebAcl(
            name,
            WebAclArgs(
                scope=scope,
                log_bucket_arn=args.waf_log_bucket_arn,
                requests_per_minute=args.requests_per_minute,
                limits=limits_of(services),
                unlimited_addresses=args.unlimited_addresses,
                countries=args.countries,
                large_body_paths=args.large_body_paths,
                tags=args.tags,
            ),
            self._child(),
        )

    def _load_balancer(
        self, name: str, services: Mapping[str, PublicService], web_acl_arn: pulumi.Input[str] | None
    ) -> LoadBalancer:
        args = self._args
        balancer = LoadBalancer(
            name,
            LoadBalancerArgs(
                exposure="cdn" if web_acl_arn is None else "internet",
                vpc_id=args.vpc_id,
                subnet_ids=args.private_subnet_ids if web_acl_arn is None else args.public_subnet_ids,
                target_cidr_blocks=args.private_cidr_blocks,
                services=services,
                certificates={
                    host: self._certificates[host].arns[args.region]
                    for host in dict.fromkeys((args.domain, *_hosts(services)))
                },
                log_bucket=args.log_bucket,
                web_acl_arn=web_acl_arn,
                alarm_actions=args.alarm_actions,
                tags=args.tags,
                protect=args.protect,
            ),
            self._child(),
        )
        self.target_group_arns |= balancer.target_group_arns
        self.security_group_ids.append(balancer.security_group_id)
        return balancer

    def _names(
        self, services: Mapping[str, PublicService], balancer: LoadBalancer, aliases: Mapping[str, Alias]
    ) -> None:
        for host, alias in aliases.items():
            behind = {name: service for name, service in services.items() if host in service.hosts}
            PublicName(
                f"{self._prefix}-{host}",
                PublicNameArgs(
                    host=host,
                    zone_id=self._args.zone_id,
                    alias=alias,
                    alarm_names={name: balancer.alarm_names[name] for name in behind},
                    region=self._args.region,
                    other_address=self._args.other_address,
                    preferred=all(service.preferred for service in behind.values()),
                    tags=self._args.tags,
                ),
                self._child(),
            )
            self.hosts.append(host)

    def _shield(self, name: str, resource_arn: pulumi.Input[str]) -> None:
        if self._args.shield_advanced:
            aws.shield.Protection(
                name, name=name, resource_arn=resource_arn, tags=self._args.tags.aws(), opts=self._child()
            )


def limits_of(services: Mapping[str, PublicService]) -> list[ScopedLimit]:
    """The services' own limits, each on every host of its service."""
    return [
        ScopedLimit(
            name=_NO_RULE_NAME.sub("-", f"{name}-{host}{limit.path}"),
            host=host,
            path=limit.path,
            requests_per_minute=limit.requests_per_minute,
        )
        for name, service in services.items()
        for limit in service.rate_limits
        for host in service.hosts
    ]


def _hosts(services: Mapping[str, PublicService]) -> list[str]:
    return list(dict.fromkeys(host for service in services.values() for host in service.hosts))
