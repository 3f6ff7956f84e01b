"""What AWS data sources answer: facts about regions and AWS itself, and what an account made by hand would hold."""

import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.clouds.identity import (
    BASE32,
    HEX,
    UPPER_ALPHANUMERIC,
    Context,
    derived,
    derived_uuid,
)
from rehearsal.clouds.invokes.errors import WrongArguments
from rehearsal.clouds.invokes.policy_document import get_policy_document
from rehearsal.clouds.outputs.aws.cluster import ADDON_VERSIONS
from rehearsal.clouds.outputs.aws.edge import zone_servers
from rehearsal.clouds.outputs.aws.network import managed_prefix_list
from rehearsal.clouds.regions import AwsRegion, UnknownRegion, aws_region, aws_regions

_Args = Mapping[str, Any]

_ROLE = "rehearsal"  # who asks: a role of that name, assumed for a session of that name

# The prefix lists that AWS keeps in every region (docs.aws.amazon.com/vpc, "AWS-managed prefix lists").
_PREFIX_LISTS = (
    "s3",
    "s3express",
    "dynamodb",
    "vpc-lattice",
    "route53-healthchecks",
    "ec2-instance-connect",
    "groundstation",
)
_GLOBAL_PREFIX_LISTS = ("com.amazonaws.global.cloudfront.origin-facing",)

# The ids of CloudFront's managed policies are the same for everyone (docs.aws.amazon.com/AmazonCloudFront).
_CACHE_POLICIES = {
    "Managed-CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "Managed-CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "Managed-CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "UseOriginCacheControlHeaders": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
    "UseOriginCacheControlHeaders-QueryStrings": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
}
_ORIGIN_REQUEST_POLICIES = {
    "Managed-AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "Managed-AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "Managed-CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
    "Managed-CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
    "Managed-UserAgentRefererHeaders": "acba4595-bd28-49b8-b9fe-13317c0390fa",
}
_RESPONSE_HEADERS_POLICIES = {
    "Managed-CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "Managed-CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    "Managed-SecurityHeadersPolicy": "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "Managed-SimpleCORS": "60669652-455b-4ae9-85a4-c4c02393f86c",
}


def get_availability_zones(args: _Args, context: Context) -> dict[str, Any]:
    """Lists the zones of the region; all are available."""
    region = _region(args, context)
    excluded_names, excluded_ids = args.get("excludeNames") or (), args.get("excludeZoneIds") or ()
    zones = {
        name: identifier
        for name, identifier in region.zones.items()
        if args.get("state", "available") == "available"
        and name not in excluded_names
        and identifier not in excluded_ids
        and all(_matches(filter_, name, identifier, region) for filter_ in args.get("filters") or ())
    }
    return {
        "id": region.name,
        "region": region.name,
        "names": sorted(zones),
        "zoneIds": [zones[name] for name in sorted(zones)],
        "groupNames": [region.name],
    }


def get_caller_identity(_: _Args, context: Context) -> dict[str, Any]:
    """Says who asks."""
    user = f"AROA{derived(BASE32, 17, 'caller', context.account)}:{_ROLE}"
    arn = f"arn:{_region({}, context).partition}:sts::{context.account}:assumed-role/{_ROLE}/{_ROLE}"
    return {"id": context.account, "accountId": context.account, "arn": arn, "userId": user}


def get_canonical_user_id(_: _Args, context: Context) -> dict[str, Any]:
    """Gives the account's id in S3 access lists."""
    return {"id": derived(HEX, 64, "canonical-user", context.account), "displayName": ""}


def get_default_tags(_: _Args, context: Context) -> dict[str, Any]:
    """Gives the provider's default tags."""
    return {"id": _region({}, context).partition, "tags": dict(context.default_tags)}


def get_hosted_zone_id(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the hosted zone of the region's load balancers."""
    region, kind = _region(args, context), args.get("loadBalancerType") or "application"
    zones = {"application": region.alb_zone, "network": region.nlb_zone}
    if kind not in zones:
        raise WrongArguments(f"loadBalancerType: `{kind}` is neither application nor network")
    return {"id": zones[kind], "region": region.name, "loadBalancerType": kind}


def get_managed_prefix_list(args: _Args, context: Context) -> dict[str, Any]:
    """Finds a prefix list of AWS by its name."""
    region = _region(args, context)
    name = _prefix_list(args, region)
    identifier = managed_prefix_list(region.name, name)
    return {
        "id": identifier,
        "name": name,
        "region": region.name,
        "arn": f"arn:{region.partition}:ec2:{region.name}:aws:prefix-list/{identifier}",
        "addressFamily": "IPv4",
        "entries": [],
        "maxEntries": 0,
        "ownerId": "AWS",
        "tags": {},
        "version": 0,
    }


def get_partition(_: _Args, context: Context) -> dict[str, Any]:
    """Gives the partition of the region."""
    region = _region({}, context)
    return {
        "id": region.partition,
        "partition": region.partition,
        "dnsSuffix": region.dns_suffix,
        "reverseDnsPrefix": ".".join(reversed(region.dns_suffix.split("."))),
    }


def get_policy(args: _Args, _context: Context) -> dict[str, Any]:
    """Finds a managed policy of AWS by its name or ARN; the account's own are not known. Its text is left out."""
    known = _managed_policies()
    asked = str(args.get("arn") or args.get("name"))
    arn = known.get(asked.rpartition("/")[2] if asked.startswith("arn:") else asked)
    if arn is None or (asked.startswith("arn:") and asked != arn):
        raise WrongArguments(f"no policy `{asked}` among those that AWS manages; others are not known here")
    path, _, name = arn.partition(":policy")[2].rpartition("/")
    return {
        "id": arn,
        "arn": arn,
        "name": name,
        "path": f"{path}/",
        "policyId": f"ANPA{derived(BASE32, 17, 'managed-policy', arn)}",
        "attachmentCount": 0,
        "description": "",
        "tags": {},
    }


def get_region(args: _Args, context: Context) -> dict[str, Any]:
    """Describes the region."""
    asked = args.get("region") or args.get("name") or args.get("id")
    region = _region({"region": asked}, context)
    return {
        "id": region.name,
        "name": region.name,
        "region": region.name,
        "description": region.description,
        "endpoint": f"ec2.{region.name}.{region.dns_suffix}",
    }


def get_regions(_: _Args, context: Context) -> dict[str, Any]:
    """Lists the regions of the partition."""
    partition = _region({}, context).partition
    return {"id": partition, "names": [name for name in aws_regions() if aws_region(name).partition == partition]}


def get_service_account(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account that writes load balancer logs in the region."""
    region = _region(args, context)
    if region.elb_account is None:
        raise WrongArguments(
            f"region: load balancers in {region.name} write logs as the service "
            "`logdelivery.elasticloadbalancing.amazonaws.com`, not as an account"
        )
    arn = f"arn:{region.partition}:iam::{region.elb_account}:root"
    return {"id": region.elb_account, "arn": arn, "region": region.name}


def get_vpc_endpoint_service(args: _Args, context: Context) -> dict[str, Any]:
    """Finds a service of AWS that VPC endpoints lead to."""
    region = _region({}, context)
    name = args.get("serviceName") or f"com.amazonaws.{region.name}.{args.get('service', '')}"
    service = name.rpartition(".")[2]
    if not service:
        raise WrongArguments("service or serviceName: one of them has to be given")
    has_gateway = service in ("s3", "dynamodb")
    kind = args.get("serviceType")
    if has_gateway and kind is None:
        raise WrongArguments(f"serviceType: {service} has endpoints of both types, Gateway and Interface; name one")
    if kind == "Gateway" and not has_gateway:
        raise WrongArguments(f"serviceType: {service} has no endpoints of type Gateway")
    identifier = f"vpce-svc-{derived(HEX, 17, 'endpoint-service', name)}"
    return {
        "id": identifier,
        "serviceId": identifier,
        "serviceName": name,
        "serviceType": kind or "Interface",
        "serviceRegion": region.name,
        "region": region.name,
        "arn": f"arn:{region.partition}:ec2:{region.name}:aws:vpc-endpoint-service/{identifier}",
        "owner": "amazon",
        "acceptanceRequired": False,
        "managesVpcEndpoints": False,
        "vpcEndpointPolicySupported": True,
        "availabilityZones": list(region.zones),
        "baseEndpointDnsNames": [f"{service}.{region.name}.vpce.{region.dns_suffix}"],
        "privateDnsName": f"{service}.{region.name}.{region.dns_suffix}",
        "privateDnsNames": [f"{service}.{region.name}.{region.dns_suffix}"],
        "supportedIpAddressTypes": ["ipv4"],
        "tags": {},
    }


def get_alias(args: _Args, context: Context) -> dict[str, Any]:
    """Finds the key behind an alias: AWS's own (`alias/aws/…`) are in every account, any other is taken to be."""
    region, name = _region(args, context), args["name"]
    key = derived_uuid("kms-alias", context.account, region.name, name)
    place = f"arn:{region.partition}:kms:{region.name}:{context.account}"
    arn = f"{place}:{name}"
    return {"id": arn, "arn": arn, "name": name, "targetKeyId": key, "targetKeyArn": f"{place}:key/{key}"}


def get_zone(args: _Args, context: Context) -> dict[str, Any]:
    """Finds a hosted zone that the account is taken to hold."""
    asked = args.get("zoneId") or args.get("name")
    if not asked:
        raise WrongArguments("name or zoneId: one of them has to be given")
    identifier = args.get("zoneId") or f"Z{derived(UPPER_ALPHANUMERIC, 20, 'zone', context.account, asked)}"
    servers = zone_servers(bool(args.get("privateZone")), "zone", context.account, asked)
    return {
        "id": identifier,
        "zoneId": identifier,
        "name": str(args.get("name") or "").removesuffix("."),
        "arn": f"arn:{_region({}, context).partition}:route53:::hostedzone/{identifier}",
        "privateZone": bool(args.get("privateZone")),
        "nameServers": servers,
        "primaryNameServer": next(server for server in servers if server.endswith(".co.uk")),
        "callerReference": derived_uuid("zone-reference", context.account, asked),
        "comment": "",
        "resourceRecordSetCount": 2,
        "tags": {},
    }


def get_addon_version(args: _Args, _context: Context) -> dict[str, Any]:
    """Gives the newest version of an EKS add-on, the same for every version of Kubernetes."""
    name = args["addonName"]
    if name not in ADDON_VERSIONS:
        raise WrongArguments(f"addonName: no add-on `{name}` among {', '.join(ADDON_VERSIONS)}")
    return {**args, "id": name, "version": ADDON_VERSIONS[name], "mostRecent": bool(args.get("mostRecent"))}


def get_parameter(args: _Args, context: Context) -> dict[str, Any]:
    """Reads a public parameter of AWS: an image id or its version. The account's own are not known."""
    region, name = _region(args, context), args["name"]
    if not name.startswith("/aws/service/"):
        raise WrongArguments(
            f"name: `{name}` is none of AWS's public parameters (/aws/service/…); others are not known"
        )
    leaf = name.rpartition("/")[2]
    value = "1.0.0" if leaf in ("release_version", "image_version") else f"ami-{derived(HEX, 17, name, region.name)}"
    return {
        "id": name,
        "name": name,
        "region": region.name,
        "arn": f"arn:{region.partition}:ssm:{region.name}::parameter{name}",
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
        "withDecryption": args.get("withDecryption", True),
    }


@cache
def _managed_policies() -> Mapping[str, str]:
    """Returns the ARNs of AWS's managed policies by name, as the SDK lists them; importing it would take a second."""
    spec = importlib.util.find_spec("pulumi_aws")
    assert spec is not None  # noqa: S101 - the project depends on it
    assert spec.origin is not None  # noqa: S101
    source = (Path(spec.origin).parent / "iam" / "_enums.py").read_text()
    arns: list[str] = re.findall(r'"(arn:aws:iam::aws:policy/[^"]+)"', source)
    return {arn.rpartition("/")[2]: arn for arn in arns}


def _managed_cloudfront_policy(kind: str, policies: Mapping[str, str]) -> Callable[[_Args, Context], dict[str, Any]]:
    def find(args: _Args, context: Context) -> dict[str, Any]:
        names = {identifier: name for name, identifier in policies.items()}
        identifier = args.get("id") or policies.get(args.get("name", ""))
        if identifier not in names:
            asked = args.get("id") or args.get("name")
            raise WrongArguments(f"no {kind} `{asked}` among CloudFront's own: {', '.join(policies)}")
        arn = f"arn:{_region({}, context).partition}:cloudfront::aws:{kind}/{identifier}"
        etag = f"E{derived(UPPER_ALPHANUMERIC, 13, 'cloudfront', identifier)}"
        return {"id": identifier, "name": names[identifier], "arn": arn, "etag": etag, "comment": ""}

    return find


def _region(args: _Args, context: Context) -> AwsRegion:
    try:
        return aws_region(args.get("region") or context.region)
    except UnknownRegion as error:
        raise WrongArguments(f"region: {error}") from None


def _matches(filter_: _Args, name: str, identifier: str, region: AwsRegion) -> bool:
    facts = {
        "group-name": region.name,
        "opt-in-status": "opt-in-not-required",
        "region-name": region.name,
        "state": "available",
        "zone-id": identifier,
        "zone-name": name,
        "zone-type": "availability-zone",
    }
    if filter_["name"] not in facts:
        raise WrongArguments(f"filters: no filter `{filter_['name']}` among {', '.join(facts)}")
    return facts[filter_["name"]] in filter_["values"]


def _prefix_list(args: _Args, region: AwsRegion) -> str:
    known = (*(f"com.amazonaws.{region.name}.{service}" for service in _PREFIX_LISTS), *_GLOBAL_PREFIX_LISTS)
    wanted = [
        value
        for filter_ in args.get("filters") or ()
        if filter_["name"] == "prefix-list-name"
        for value in filter_["values"]
    ]
    if args.get("id"):
        wanted = [name for name in known if managed_prefix_list(region.name, name) == args["id"]]
    name = args.get("name") or next(iter(wanted), None)
    if name not in known:
        raise WrongArguments(f"no prefix list `{name or args.get('id')}` among AWS's own: {', '.join(known)}")
    return name


FUNCTIONS: Mapping[str, Callable[[_Args, Context], dict[str, Any]]] = {
    "aws:cloudfront/getCachePolicy:getCachePolicy": _managed_cloudfront_policy("cache-policy", _CACHE_POLICIES),
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": _managed_cloudfront_policy(
        "origin-request-policy", _ORIGIN_REQUEST_POLICIES
    ),
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": _managed_cloudfront_policy(
        "response-headers-policy", _RESPONSE_HEADERS_POLICIES
    ),
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": get_managed_prefix_list,
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": get_vpc_endpoint_service,
    "aws:eks/getAddonVersion:getAddonVersion": get_addon_version,
    "aws:elb/getServiceAccount:getServiceAccount": get_service_account,
    "aws:iam/getPolicy:getPolicy": get_policy,
    "aws:iam/getPolicyDocument:getPolicyDocument": get_policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": get_availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:index/getDefaultTags:getDefaultTags": get_default_tags,
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getRegion:getRegion": get_region,
    "aws:index/getRegions:getRegions": get_regions,
    "aws:kms/getAlias:getAlias": get_alias,
    "aws:lb/getHostedZoneId:getHostedZoneId": get_hosted_zone_id,
    "aws:route53/getZone:getZone": get_zone,
    "aws:s3/getCanonicalUserId:getCanonicalUserId": get_canonical_user_id,
    "aws:ssm/getParameter:getParameter": get_parameter,
}
