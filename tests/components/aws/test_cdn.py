import re
from typing import Any

import pytest

from components.aws.cdn import LOG_FIELDS, Cdn, CdnArgs
from components.edge import SECURITY_HEADERS
from tests.components.recording import TAGS, Recording, aws_tags, build, resolve


def _args(**changes: Any) -> CdnArgs:
    wanted: dict[str, Any] = {
        "certificates": {"www.example.com": "arn:www", "docs.example.com": "arn:docs"},
        "load_balancer_arn": "arn:balancer",
        "load_balancer_dns_name": "balancer.elb.amazonaws.com",
        "web_acl_arn": "arn:web-acl",
        "log_bucket_arn": "arn:aws:s3:::lender-logs",
        "tags": TAGS,
    }
    return CdnArgs(**wanted | changes)


def _cdn(**changes: Any) -> Recording:
    return build(lambda: Cdn("cdn", _args(**changes)))


def test_each_host_has_a_distribution_of_its_own_behind_the_firewall() -> None:
    def distribution(host: str, certificate: str) -> dict[str, Any]:
        return {
            "comment": host,
            "enabled": True,
            "aliases": [host],
            "httpVersion": "http2and3",
            "isIpv6Enabled": False,
            "priceClass": "PriceClass_100",
            "webAclId": "arn:web-acl",
            "origins": [
                {
                    "originId": "load-balancer",
                    "domainName": "balancer.elb.amazonaws.com",
                    "vpcOriginConfig": {"vpcOriginId": "cdn-id"},
                }
            ],
            "defaultCacheBehavior": {
                "targetOriginId": "load-balancer",
                "viewerProtocolPolicy": "redirect-to-https",
                "allowedMethods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
                "cachedMethods": ["GET", "HEAD"],
                "compress": True,
                "cachePolicyId": "cdn-id",
                "originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",
                "responseHeadersPolicyId": "cdn-id",
            },
            "restrictions": {"geoRestriction": {"restrictionType": "none", "locations": []}},
            "viewerCertificate": {
                "acmCertificateArn": certificate,
                "minimumProtocolVersion": "TLSv1.3_2025",
                "sslSupportMethod": "sni-only",
            },
            "tags": aws_tags(),
        }

    assert _cdn().inputs("aws:cloudfront/distribution:Distribution") == {
        "cdn-www.example.com": distribution("www.example.com", "arn:www"),
        "cdn-docs.example.com": distribution("docs.example.com", "arn:docs"),
    }


def test_other_countries_are_not_answered() -> None:
    distributions = _cdn(countries=["IE"]).inputs("aws:cloudfront/distribution:Distribution")

    assert distributions["cdn-www.example.com"]["restrictions"] == {
        "geoRestriction": {"restrictionType": "whitelist", "locations": ["IE"]}
    }


def test_the_load_balancer_is_reached_by_private_addresses_and_tls() -> None:
    assert _cdn().inputs("aws:cloudfront/vpcOrigin:VpcOrigin") == {
        "cdn": {
            "vpcOriginEndpointConfig": {
                "name": "cdn",
                "arn": "arn:balancer",
                "originProtocolPolicy": "https-only",
                "httpsPort": 443,
                "httpPort": 80,
                "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            "tags": aws_tags(),
        }
    }


def test_only_what_says_so_is_kept_and_only_for_who_asked_with_the_same_credentials() -> None:
    assert _cdn().inputs("aws:cloudfront/cachePolicy:CachePolicy") == {
        "cdn": {
            "comment": "What the service says may be kept",
            "minTtl": 0,
            "defaultTtl": 0,
            "maxTtl": 86_400,
            "parametersInCacheKeyAndForwardedToOrigin": {
                "headersConfig": {"headerBehavior": "whitelist", "headers": {"items": ["Authorization"]}},
                "cookiesConfig": {"cookieBehavior": "all"},
                "queryStringsConfig": {"queryStringBehavior": "all"},
                "enableAcceptEncodingBrotli": True,
                "enableAcceptEncodingGzip": True,
            },
        }
    }


def test_every_answer_carries_the_headers_of_seed_003() -> None:
    policy = _cdn().inputs("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")["cdn"]

    assert policy == {
        "comment": "Security headers of every answer",
        "securityHeadersConfig": {
            "contentTypeOptions": {"override": True},
            "frameOptions": {"frameOption": "DENY", "override": True},
            "xssProtection": {"protection": True, "modeBlock": True, "override": True},
            "strictTransportSecurity": {
                "accessControlMaxAgeSec": 31_536_000,
                "includeSubdomains": True,
                "preload": True,
                "override": True,
            },
        },
        "removeHeadersConfig": {"items": [{"header": "Server"}]},
    }
    assert len(policy["securityHeadersConfig"]) == len(SECURITY_HEADERS)


def test_every_request_is_logged_without_cookies() -> None:
    recording = _cdn(certificates={"www.example.com": "arn:www"})
    where = {"region": "us-east-1", "tags": aws_tags()}

    assert recording.inputs("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination") == {
        "cdn": where
        | {
            "name": "cdn",
            "outputFormat": "parquet",
            "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::lender-logs"},
        }
    }
    assert recording.inputs("aws:cloudwatch/logDeliverySource:LogDeliverySource") == {
        "cdn-www.example.com": where
        | {
            "name": "cdn-www.example.com-id",
            "logType": "ACCESS_LOGS",
            "resourceArn": "arn:cdn-www.example.com",
        }
    }
    assert recording.inputs("aws:cloudwatch/logDelivery:LogDelivery") == {
        "cdn-www.example.com": where
        | {
            "deliverySourceName": "cdn-www.example.com-id",
            "deliveryDestinationArn": "arn:cdn",
            "recordFields": list(LOG_FIELDS),
        }
    }
    assert "cs(Cookie)" not in LOG_FIELDS


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda cdn: cdn.arns["www.example.com"], "arn:cdn-www.example.com"),
        (lambda cdn: cdn.aliases["www.example.com"].dns_name, "cdn-www.example.com.cloudfront.net"),
        (lambda cdn: cdn.aliases["www.example.com"].zone_id, "ZONE-OF-DISTRIBUTIONS"),
    ],
)
def test_it_tells_what_names_point_to(read: Any, value: str) -> None:
    assert resolve(lambda: read(Cdn("cdn", _args()))) == value


def test_a_cdn_without_a_host_is_refused() -> None:
    message = "certificates: none given, so that there is no host to answer to"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _args(certificates={})
