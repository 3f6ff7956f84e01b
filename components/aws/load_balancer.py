"""An application load balancer: who may call it, what it answers itself, and which service gets what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, get_args

import pulumi
import pulumi_aws as aws

from components.checks import check_name
from components.edge import MAX_PATH_SEGMENTS, SECURITY_HEADERS, PublicService, Route
from components.ordering import after
from components.tags import Tags

Exposure = Literal["internet", "cdn"]

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
"""TLS 1.3 only, with key exchanges that also hold against quantum computers for clients that know them."""

DEREGISTRATION_SECONDS: Final = 30
"""How long requests in flight may go on when a pod is taken out: a pod must not end earlier."""

MAX_CERTIFICATES: Final = 26
"""A default certificate and 25 others ("Quotas for your Application Load Balancers")."""

_IDLE_SECONDS: Final = 60
_CDN_PREFIX_LIST: Final = "com.amazonaws.global.cloudfront.origin-facing"
_ANYWHERE: Final = "0.0.0.0/0"
_MIN_SUBNETS: Final = 2
# Listeners take priorities from 1 to 50,000: a fifth of them for each number of segments, the longest paths first.
_PRIORITIES: Final = 50_000 // (MAX_PATH_SEGMENTS + 1)
_SERVICE = re.compile(r"(?=.{1,60}$)[a-z](?:-?[a-z0-9])*")


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Who may call, and what is behind.

    Attributes:
        exposure: `internet` for everybody; `cdn` for CloudFront only, by private addresses.
        vpc_id: The network.
        subnet_ids: Two subnets or more: public ones for `internet`, private ones for `cdn`.
        target_cidr_blocks: The prefixes of the subnets that pods have their addresses in.
        services: The services behind it, by a name that stays.
        certificates: ARNs of certificates by host. The first one is shown to who names no host or an unknown one.
        log_bucket: The name of the bucket that takes a record of each connection and request. It has no key of
            ours: load balancers write to no bucket that KMS encrypts.
        tags: Tags of everything that belongs to it.
        web_acl_arn: The ARN of the web ACL before it; `internet` has to have one, `cdn` has one at the distribution.
        alarm_actions: ARNs of topics that hear when a service has no healthy pod.
        protect: Whether engine and cloud refuse to destroy it.

    Raises:
        ValueError: An argument that AWS would refuse, or that would leave a service open or unreachable.
    """

    exposure: Exposure
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    target_cidr_blocks: Sequence[str]
    services: Mapping[str, PublicService]
    certificates: Mapping[str, pulumi.Input[str]]
    log_bucket: pulumi.Input[str]
    tags: Tags
    web_acl_arn: pulumi.Input[str] | None = None
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    protect: bool = True

    def __post_init__(self) -> None:
        if self.exposure not in get_args(Exposure):
            raise ValueError(f"exposure: {self.exposure!r} is neither 'internet' nor 'cdn'")
        if len(self.subnet_ids) < _MIN_SUBNETS:
            raise ValueError(
                f"subnet_ids: {len(self.subnet_ids)} given, a load balancer asks for subnets in two zones or more"
            )
        if not self.target_cidr_blocks:
            raise ValueError("target_cidr_blocks: none given, so no pod could be reached")
        if (self.exposure == "internet") != (self.web_acl_arn is not None):
            raise ValueError(
                "web_acl_arn: missing, the internet would reach services without a firewall"
                if self.web_acl_arn is None
                else "web_acl_arn: leave it out, what is behind a CDN has its firewall at the distribution"
            )
        if not self.services:
            raise ValueError("services: none given")
        for name, service in self.services.items():
            check_name("services", name, _SERVICE, "1 to 60 lower-case letters, digits and single inner hyphens")
            if missing := [host for host in service.hosts if host not in self.certificates]:
                raise ValueError(f"certificates: none for {missing[0]}, a host of {name}")
        priorities_of([route for service in self.services.values() for route in service.routes])
        if len(self.certificates) > MAX_CERTIFICATES:
            raise ValueError(
                f"certificates: {len(self.certificates)} given, a load balancer takes {MAX_CERTIFICATES}; AWS raises "
                "the quota on request"
            )


class LoadBalancer(pulumi.ComponentResource):
    """A load balancer with a target group a service, to which the cluster binds the service's pods.

    It sets three of the four headers of seed 003 on each answer. X-XSS-Protection it can't set: services do, and
    CloudFront where it stands before them.

    Attributes:
        arn: The load balancer's ARN, handed out once its firewall is in place.
        dns_name: The name that public names point to.
        zone_id: The hosted zone of that name.
        security_group_id: The group from which it calls pods.
        target_group_arns: What a TargetGroupBinding names, by service.
        alarm_names: The alarm that rings when a service has no healthy pod, by service.

    Example:
        >>> args = LoadBalancerArgs(exposure="internet", services=services, certificates=certificates, **place)
        >>> target_group: pulumi.Output[str] = LoadBalancer("edge", args).target_group_arns["scoring-api"]
    """

    arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    target_group_arns: dict[str, pulumi.Output[str]]
    alarm_names: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:LoadBalancer", name, None, opts)
        self._prefix = name
        self._args = args
        guard = self._security_group()
        balancer = aws.lb.LoadBalancer(
            name,
            load_balancer_type="application",
            internal=args.exposure == "cdn",
            ip_address_type="ipv4",
            subnets=args.subnet_ids,
            security_groups=[guard.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            xff_header_processing_mode="append",
            enable_http2=True,
            # A firewall that can't be asked lets nobody in.
            enable_waf_fail_open=False,
            enable_zonal_shift=True,
            idle_timeout=idle_seconds(args.services),
            enable_deletion_protection=args.protect,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=args.log_bucket, enabled=True),
            connection_logs=aws.lb.LoadBalancerConnectionLogsArgs(bucket=args.log_bucket, enabled=True),
            tags=args.tags.aws(),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        listener = self._https(balancer)
        self.arn = balancer.arn
        if args.exposure == "internet":
            self._redirect(balancer)
        if args.web_acl_arn is not None:
            firewall = aws.wafv2.WebAclAssociation(
                name, resource_arn=balancer.arn, web_acl_arn=args.web_acl_arn, opts=self._child()
            )
            self.arn = after(balancer.arn, firewall)
        groups = {service: self._target_group(service, meaning) for service, meaning in args.services.items()}
        self._rules(listener, groups)
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.security_group_id = guard.id
        self.target_group_arns = {service: group.arn for service, group in groups.items()}
        self.alarm_names = {service: self._alarm(service, balancer, group) for service, group in groups.items()}
        self.register_outputs({"arn": self.arn, "dnsName": self.dns_name, "targetGroupArns": self.target_group_arns})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _security_group(self) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            self._prefix,
            # A new description means a new group: keep it.
            description=f"Load balancer {self._prefix}",
            vpc_id=self._args.vpc_id,
            tags=self._args.tags.aws(name=self._prefix) | {"tier": "edge"},
            opts=self._child(),
        )
        if self._args.exposure == "internet":
            self._ingress(group, "https", 443, cidr_ipv4=_ANYWHERE)
            # Answered with a redirect to HTTPS and nothing else.
            self._ingress(group, "http", 80, cidr_ipv4=_ANYWHERE)
        else:
            cloudfront = aws.ec2.get_managed_prefix_list_output(
                name=_CDN_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self)
            )
            self._ingress(group, "cdn", 443, prefix_list_id=cloudfront.id)
        for port in sorted({service.port for service in self._args.services.values()}):
            for block in self._args.target_cidr_blocks:
                aws.vpc.SecurityGroupEgressRule(
                    f"{self._prefix}-to-{port}-{block.replace('/', '-')}",
                    security_group_id=group.id,
                    description=f"Pods on port {port}",
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_ipv4=block,
                    tags=self._args.tags.aws(),
                    opts=self._child(),
                )
        return group

    def _ingress(
        self,
        group: aws.ec2.SecurityGroup,
        name: str,
        port: int,
        *,
        cidr_ipv4: str | None = None,
        prefix_list_id: pulumi.Input[str] | None = None,
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._prefix}-{name}",
            security_group_id=group.id,
            description=f"Callers on port {port}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=cidr_ipv4,
            prefix_list_id=prefix_list_id,
            tags=self._args.tags.aws(),
            opts=self._child(),
        )

    def _https(self, balancer: aws.lb.LoadBalancer) -> aws.lb.Listener:
        default, *others = self._args.certificates.items()
        listener = aws.lb.Listener(
            f"{self._prefix}-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=default[1],
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        status_code="404", content_type="text/plain", message_body="Not found"
                    ),
                )
            ],
            routing_http_response_server_enabled=False,
            routing_http_response_strict_transport_security_header_value=SECURITY_HEADERS["Strict-Transport-Security"],
            routing_http_response_x_content_type_options_header_value=SECURITY_HEADERS["X-Content-Type-Options"],
            routing_http_response_x_frame_options_header_value=SECURITY_HEADERS["X-Frame-Options"],
            tags=self._args.tags.aws(),
            opts=self._child(),
        )
        for host, certificate in others:
            aws.lb.ListenerCertificate(
                f"{self._prefix}-{host}", listener_arn=listener.arn, certificate_arn=certificate, opts=self._child()
            )
        return listener

    def _redirect(self, balancer: aws.lb.LoadBalancer) -> None:
        aws.lb.Listener(
            f"{self._prefix}-http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                        port="443", protocol="HTTPS", status_code="HTTP_301"
                    ),
                )
            ],
            tags=self._args.tags.aws(),
            opts=self._child(),
        )

    def _target_group(self, name: str, service: PublicService) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self._prefix}-{name}",
            name=target_group_name(self._prefix, name, service),
            vpc_id=self._args.vpc_id,
            target_type="ip",
            port=service.port,
            protocol=service.protocol,
            load_balancing_algorithm_type="least_outstanding_requests",
            deregistration_delay=DEREGISTRATION_SECONDS,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol=service.protocol,
                port="traffic-port",
                path=service.health_path,
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            tags=self._args.tags.aws(),
            opts=self._child(),
        )

    def _rules(self, listener: aws.lb.Listener, groups: Mapping[str, aws.lb.TargetGroup]) -> None:
        owners = {route: name for name, service in self._args.services.items() for route in service.routes}
        for route, priority in priorities_of(list(owners)).items():
            conditions = [
                aws.lb.ListenerRuleConditionArgs(
                    host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=[route.host])
                )
            ]
            if route.path != "/":
                conditions.append(
                    aws.lb.ListenerRuleConditionArgs(
                        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[route.path, f"{route.path}/*"])
                    )
                )
            aws.lb.ListenerRule(
                f"{self._prefix}-{route.host}{route.path}",
                listener_arn=listener.arn,
                priority=priority,
                conditions=conditions,
                actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=groups[owners[route]].arn)],
                tags=self._args.tags.aws(),
                opts=self._child(),
            )

    def _alarm(self, service: str, balancer: aws.lb.LoadBalancer, group: aws.lb.TargetGroup) -> pulumi.Output[str]:
        return aws.cloudwatch.MetricAlarm(
            f"{self._prefix}-{service}-down",
            alarm_description=f"{service} has no healthy pod behind {self._prefix}",
            namespace="AWS/ApplicationELB",
            metric_name="HealthyHostCount",
            dimensions={"LoadBalancer": balancer.arn_suffix, "TargetGroup": group.arn_suffix},
            # Each zone counts its own: the service is down once even the best of them counts none.
            statistic="Maximum",
            period=60,
            evaluation_periods=2,
            comparison_operator="LessThanThreshold",
            threshold=1,
            treat_missing_data="breaching",
            alarm_actions=list(self._args.alarm_actions) or None,
            tags=self._args.tags.aws(),
            opts=self._child(),
        ).name


def idle_seconds(services: Mapping[str, PublicService]) -> int:
    """How long a silent connection stays open: as long as the most patient WebSocket behind it asks for."""
    return max(_IDLE_SECONDS, *(service.websocket_timeout_seconds or 0 for service in services.values()))


def target_group_name(balancer: str, name: str, service: PublicService) -> str:
    """A name that changes with what makes AWS replace a target group, so that the new one can stand beside the old."""
    identity = sha256(f"{balancer} {name} {service.port} {service.protocol}".encode()).hexdigest()
    return f"{name[:23].rstrip('-')}-{identity[:8]}"


def priorities_of(routes: Sequence[Route]) -> dict[Route, int]:
    """The priority of each route's rule; the rule with the lowest number that fits takes a request.

    Longer paths come before shorter ones. Within that a route has its place by its own address alone, so that a new
    route or the end of one moves no other: AWS takes a priority only once the rule that had it has gone.

    Raises:
        ValueError: A route is given twice.
    """
    priorities: dict[Route, int] = {}
    taken: set[int] = set()
    for route in sorted(routes, key=_address):
        if route in priorities:
            raise ValueError(f"services: two of them have the route {_address(route)}")
        first = (MAX_PATH_SEGMENTS - route.segments) * _PRIORITIES
        place = int(sha256(_address(route).encode()).hexdigest(), base=16) % _PRIORITIES
        while first + place + 1 in taken:
            place = (place + 1) % _PRIORITIES
        priorities[route] = first + place + 1
        taken.add(priorities[route])
    return priorities


def _address(route: Route) -> str:
    return f"{route.host}{route.path}"
