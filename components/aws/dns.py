"""Public names: their certificates, and which cloud answers to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

import pulumi
import pulumi_aws as aws

from components.tags import Tags

ADDRESS_TTL_SECONDS: Final = 60
"""How long a resolver may keep the other cloud's address: as long as AWS lets it keep an alias."""

_VALIDATION_TTL_SECONDS: Final = 300
_CHECK_SECONDS: Final = 30
_FAILURES: Final = 3


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """A name and where it is answered.

    Attributes:
        host: The name.
        zone_id: The hosted zone in which its proof of ownership is published.
        regions: Regions whose services show the certificate; CloudFront's is us-east-1.
        tags: Tags of each certificate.

    Raises:
        ValueError: No region is given, or one twice.
    """

    host: str
    zone_id: pulumi.Input[str]
    regions: Sequence[str]
    tags: Tags

    def __post_init__(self) -> None:
        if not self.regions or len(set(self.regions)) != len(self.regions):
            raise ValueError(f"regions: {', '.join(self.regions) or 'none'} given, name each region once")


class Certificate(pulumi.ComponentResource):
    """A certificate for one name, which AWS renews as long as the record of its proof stands.

    One name a certificate: a new service then replaces nobody else's.

    Attributes:
        arns: The certificate's ARN by region, handed out once it is issued.

    Example:
        >>> args = CertificateArgs(host="api.example.com", zone_id=zone, regions=["eu-west-1"], tags=tags)
        >>> arn: pulumi.Output[str] = Certificate("api", args).arns["eu-west-1"]
    """

    arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificates = {
            region: aws.acm.Certificate(
                f"{name}-{region}",
                domain_name=args.host,
                region=region,
                validation_method="DNS",
                key_algorithm="EC_prime256v1",
                options=aws.acm.CertificateOptionsArgs(certificate_transparency_logging_preference="ENABLED"),
                tags=args.tags.aws(),
                opts=child,
            )
            for region in args.regions
        }
        # An account proves a name once: ACM asks for the same record in every region.
        proof = certificates[args.regions[0]].domain_validation_options[0]
        record = aws.route53.Record(
            name,
            zone_id=args.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=_VALIDATION_TTL_SECONDS,
            # What is left from a certificate that was deleted is worth as much.
            allow_overwrite=True,
            opts=child,
        )
        self.arns = {
            region: aws.acm.CertificateValidation(
                f"{name}-{region}",
                certificate_arn=certificate.arn,
                region=region,
                validation_record_fqdns=[record.fqdn],
                opts=child,
            ).certificate_arn
            for region, certificate in certificates.items()
        }
        self.register_outputs({"arns": self.arns})


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What a name points to on AWS.

    Attributes:
        dns_name: The name of a load balancer or distribution.
        zone_id: The hosted zone of that name.
    """

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class PublicNameArgs:
    """Who answers to a name.

    Attributes:
        host: The name.
        zone_id: The hosted zone that it is in.
        alias: What answers on AWS.
        alarm_names: Alarms of this region that ring when a service behind the name is down, by service.
        region: The region of the alarms.
        tags: Tags of the health checks.
        other_address: The IPv4 address that answers in the other cloud; None where there is none.
        preferred: Whether AWS answers as long as it can. Otherwise the other cloud does.

    Raises:
        ValueError: Nobody would notice that AWS is down, or the other cloud is preferred and not there.
    """

    host: str
    zone_id: pulumi.Input[str]
    alias: Alias
    alarm_names: Mapping[str, pulumi.Input[str]]
    region: str
    tags: Tags
    other_address: pulumi.Input[str] | None = None
    preferred: bool = True

    def __post_init__(self) -> None:
        if not self.alarm_names:
            raise ValueError("alarm_names: none given, so that nobody would notice that it is down")
        if self.other_address is None and not self.preferred:
            raise ValueError("other_address: missing, though the other cloud is preferred")
        if isinstance(self.other_address, str) and not _is_public(self.other_address):
            raise ValueError(f"other_address: {self.other_address!r} is not a public IPv4 address")


class PublicName(pulumi.ComponentResource):
    """The records of a name: one that points to AWS and, where there is another cloud, one that points there.

    The preferred one has all the weight. Route 53 turns to a record without weight once all that have some are down
    ("Health checks and weighting"), and weights can be changed one record at a time, which the two halves of its
    fail-over records can't.

    It can't ask the services themselves: its HTTPS checks speak TLS 1.2 at the most, and nothing here answers to that.
    For AWS it watches the alarms of the load balancer, which asks each pod. Of the other cloud it learns no more than
    whether port 443 takes a connection; for what is broken behind it somebody has to set `preferred`.

    Example:
        >>> args = PublicNameArgs(host="api.example.com", zone_id=zone, alias=alias, alarm_names=alarms, **place)
        >>> name = PublicName("api", args)
    """

    def __init__(self, name: str, args: PublicNameArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:PublicName", name, None, opts)
        self._prefix = name
        self._args = args
        aws.route53.Record(
            f"{name}-aws",
            zone_id=args.zone_id,
            name=args.host,
            type="A",
            aliases=[
                # The health of one name is not that of the whole load balancer, which all names share.
                aws.route53.RecordAliasArgs(
                    name=args.alias.dns_name, zone_id=args.alias.zone_id, evaluate_target_health=False
                )
            ],
            set_identifier="aws",
            weighted_routing_policies=[_weight(all_of_it=args.preferred)],
            health_check_id=self._health_here(),
            opts=self._child(),
        )
        if args.other_address is not None:
            aws.route53.Record(
                f"{name}-gcp",
                zone_id=args.zone_id,
                name=args.host,
                type="A",
                records=[args.other_address],
                ttl=ADDRESS_TTL_SECONDS,
                set_identifier="gcp",
                weighted_routing_policies=[_weight(all_of_it=not args.preferred)],
                health_check_id=self._health_there(args.other_address),
                opts=self._child(),
            )
        self.register_outputs({})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _health_here(self) -> pulumi.Output[str]:
        checks = [
            aws.route53.HealthCheck(
                f"{self._prefix}-{service}",
                type="CLOUDWATCH_METRIC",
                cloudwatch_alarm_name=alarm,
                cloudwatch_alarm_region=self._args.region,
                # A region that is lost sends nothing.
                insufficient_data_health_status="Unhealthy",
                tags=self._args.tags.aws(name=f"{self._prefix}-{service}"),
                opts=self._child(),
            ).id
            for service, alarm in self._args.alarm_names.items()
        ]
        if len(checks) == 1:
            return checks[0]
        return aws.route53.HealthCheck(
            self._prefix,
            type="CALCULATED",
            child_healthchecks=checks,
            # All of them: the paths of one name belong together.
            child_health_threshold=len(checks),
            tags=self._args.tags.aws(name=self._prefix),
            opts=self._child(),
        ).id

    def _health_there(self, address: pulumi.Input[str]) -> pulumi.Output[str]:
        return aws.route53.HealthCheck(
            f"{self._prefix}-gcp",
            type="TCP",
            ip_address=address,
            port=443,
            request_interval=_CHECK_SECONDS,
            failure_threshold=_FAILURES,
            tags=self._args.tags.aws(name=f"{self._prefix}-gcp"),
            opts=self._child(),
        ).id


def _weight(*, all_of_it: bool) -> aws.route53.RecordWeightedRoutingPolicyArgs:
    return aws.route53.RecordWeightedRoutingPolicyArgs(weight=1 if all_of_it else 0)


def _is_public(address: str) -> bool:
    try:
        return IPv4Address(address).is_global
    except ValueError:
        return False
