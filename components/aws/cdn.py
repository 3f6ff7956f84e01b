"""CloudFront before services: its own firewall, its own certificates, and the only way to the load balancer behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.dns import Alias
from components.aws.web_acl import CLOUDFRONT_REGION
from components.edge import HSTS_SECONDS
from components.tags import Tags

TLS_POLICY: Final = "TLSv1.3_2025"
"""TLS 1.3 only."""

MAX_CACHE_SECONDS: Final = 86_400
"""How long an answer is kept at the most, whatever its Cache-Control allows. Without one it is not kept at all."""

LOG_FIELDS: Final = (
    "date",
    "time",
    "x-edge-location",
    "x-edge-request-id",
    "c-ip",
    "x-forwarded-for",
    "cs-method",
    "cs-protocol",
    "cs-protocol-version",
    "x-host-header",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(User-Agent)",
    "sc-status",
    "sc-bytes",
    "cs-bytes",
    "time-taken",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
)
"""What the log says of each request: all that an inquiry asks for, and no cookie."""

_ALL_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_ORIGIN: Final = "load-balancer"
# AWS's own policy that hands all headers, cookies and queries of the viewer on ("Use managed origin request policies").
_ALL_VIEWER: Final = "216adef6-5c7f-47e4-b989-5492eafa07d3"


@dataclass(frozen=True, kw_only=True)
class CdnArgs:
    """What the distributions stand before.

    Attributes:
        certificates: ARNs of certificates in CLOUDFRONT_REGION by host; each host gets a distribution.
        load_balancer_arn: The ARN of the load balancer in private subnets that answers to the hosts.
        load_balancer_dns_name: Its name.
        web_acl_arn: The ARN of the web ACL, whose scope is CLOUDFRONT.
        log_bucket_arn: The ARN of the bucket that takes a record of each request.
        tags: Tags of all that takes tags.
        countries: Countries that are answered, as ISO 3166 codes; none answers all of them.
        price_class: Which of CloudFront's locations answer: PriceClass_100 are those of Europe and North America.

    Raises:
        ValueError: No host is given.
    """

    certificates: Mapping[str, pulumi.Input[str]]
    load_balancer_arn: pulumi.Input[str]
    load_balancer_dns_name: pulumi.Input[str]
    web_acl_arn: pulumi.Input[str]
    log_bucket_arn: pulumi.Input[str]
    tags: Tags
    countries: Sequence[str] = ()
    price_class: str = "PriceClass_100"

    def __post_init__(self) -> None:
        if not self.certificates:
            raise ValueError("certificates: none given, so that there is no host to answer to")


class Cdn(pulumi.ComponentResource):
    """A distribution a host. They reach the load balancer by private addresses, where nobody else can go.

    Attributes:
        aliases: What the records of each host point to, by host.
        arns: The ARN of each host's distribution.

    Example:
        >>> args = CdnArgs(certificates={"www.example.com": certificate}, web_acl_arn=web_acl, tags=tags, **origin)
        >>> alias: Alias = Cdn("edge", args).aliases["www.example.com"]
    """

    aliases: dict[str, Alias]
    arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: CdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Cdn", name, None, opts)
        self._prefix = name
        self._args = args
        origin = aws.cloudfront.VpcOrigin(
            name,
            vpc_origin_endpoint_config=aws.cloudfront.VpcOriginVpcOriginEndpointConfigArgs(
                name=name,
                arn=args.load_balancer_arn,
                origin_protocol_policy="https-only",
                https_port=443,
                http_port=80,
                # The newest that can be named; CloudFront offers TLS 1.3 too, and the load balancer takes no less.
                origin_ssl_protocols=aws.cloudfront.VpcOriginVpcOriginEndpointConfigOriginSslProtocolsArgs(
                    items=["TLSv1.2"], quantity=1
                ),
            ),
            tags=args.tags.aws(),
            opts=self._child(),
        )
        cache = self._cache_policy()
        headers = self._headers_policy()
        distributions = {
            host: self._distribution(host, certificate, origin, cache, headers)
            for host, certificate in args.certificates.items()
        }
        self._logs(distributions)
        self.aliases = {
            host: Alias(dns_name=made.domain_name, zone_id=made.hosted_zone_id) for host, made in distributions.items()
        }
        self.arns = {host: made.arn for host, made in distributions.items()}
        self.register_outputs({"arns": self.arns})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _cache_policy(self) -> aws.cloudfront.CachePolicy:
        """Keeps what its answer says may be kept, and only for who asked with the same credentials."""
        key = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
            headers_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs(
                header_behavior="whitelist",
                headers=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeadersArgs(
                    items=["Authorization"]
                ),
            ),
            cookies_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
                cookie_behavior="all"
            ),
            query_strings_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
                query_string_behavior="all"
            ),
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )
        return aws.cloudfront.CachePolicy(
            self._prefix,
            comment="What the service says may be kept",
            min_ttl=0,
            default_ttl=0,
            max_ttl=MAX_CACHE_SECONDS,
            parameters_in_cache_key_and_forwarded_to_origin=key,
            opts=self._child(),
        )

    def _headers_policy(self) -> aws.cloudfront.ResponseHeadersPolicy:
        """The headers of seed 003, as `components.edge.SECURITY_HEADERS` spells them."""
        security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
            content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                override=True
            ),
            frame_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                frame_option="DENY", override=True
            ),
            xss_protection=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigXssProtectionArgs(
                protection=True, mode_block=True, override=True
            ),
            strict_transport_security=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                access_control_max_age_sec=HSTS_SECONDS, include_subdomains=True, preload=True, override=True
            ),
        )
        return aws.cloudfront.ResponseHeadersPolicy(
            self._prefix,
            comment="Security headers of every answer",
            security_headers_config=security,
            remove_headers_config=aws.cloudfront.ResponseHeadersPolicyRemoveHeadersConfigArgs(
                items=[aws.cloudfront.ResponseHeadersPolicyRemoveHeadersConfigItemArgs(header="Server")]
            ),
            opts=self._child(),
        )

    def _distribution(
        self,
        host: str,
        certificate: pulumi.Input[str],
        origin: aws.cloudfront.VpcOrigin,
        cache: aws.cloudfront.CachePolicy,
        headers: aws.cloudfront.ResponseHeadersPolicy,
    ) -> aws.cloudfront.Distribution:
        countries = self._args.countries
        return aws.cloudfront.Distribution(
            f"{self._prefix}-{host}",
            comment=host,
            enabled=True,
            aliases=[host],
            http_version="http2and3",
            # As the load balancer, whose addresses are IPv4 too: the firewall's lists hold one kind only.
            is_ipv6_enabled=False,
            price_class=self._args.price_class,
            web_acl_id=self._args.web_acl_arn,
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id=_ORIGIN,
                    domain_name=self._args.load_balancer_dns_name,
                    vpc_origin_config=aws.cloudfront.DistributionOriginVpcOriginConfigArgs(vpc_origin_id=origin.id),
                )
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=list(_ALL_METHODS),
                cached_methods=["GET", "HEAD"],
                compress=True,
                cache_policy_id=cache.id,
                # With the viewer's Host header, by which the load balancer finds certificate and service.
                origin_request_policy_id=_ALL_VIEWER,
                response_headers_policy_id=headers.id,
            ),
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(
                    restriction_type="whitelist" if countries else "none", locations=list(countries)
                )
            ),
            viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=certificate, minimum_protocol_version=TLS_POLICY, ssl_support_method="sni-only"
            ),
            tags=self._args.tags.aws(),
            opts=self._child(),
        )

    def _logs(self, distributions: Mapping[str, aws.cloudfront.Distribution]) -> None:
        destination = aws.cloudwatch.LogDeliveryDestination(
            self._prefix,
            name=self._prefix,
            region=CLOUDFRONT_REGION,
            output_format="parquet",
            delivery_destination_configuration=aws.cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
                destination_resource_arn=self._args.log_bucket_arn
            ),
            tags=self._args.tags.aws(),
            opts=self._child(),
        )
        for host, distribution in distributions.items():
            name = f"{self._prefix}-{host}"
            source = aws.cloudwatch.LogDeliverySource(
                name,
                name=distribution.id,
                region=CLOUDFRONT_REGION,
                log_type="ACCESS_LOGS",
                resource_arn=distribution.arn,
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
            aws.cloudwatch.LogDelivery(
                name,
                region=CLOUDFRONT_REGION,
                delivery_source_name=source.name,
                delivery_destination_arn=destination.arn,
                record_fields=list(LOG_FIELDS),
                tags=self._args.tags.aws(),
                opts=self._child(),
            )
