"""What Google Cloud data sources answer: facts about regions and services, and about the project."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rehearsal.clouds.identity import INSTANT, Context, derived, derived_digits
from rehearsal.clouds.invokes.errors import WrongArguments
from rehearsal.clouds.invokes.golang import go_json, hashcode
from rehearsal.clouds.outputs.gcp.place import number_of
from rehearsal.clouds.outputs.gcp.services import GKE_VERSION, service_agent_of
from rehearsal.clouds.regions import UnknownRegion, gcp_regions, gcp_zones

_Args = Mapping[str, Any]

# docs.cloud.google.com: /load-balancing/docs/health-check-concepts, /vpc/docs/configure-private-google-access,
# /iap/docs/using-tcp-forwarding, /dns/docs/zones/forwarding-zones.
_RANGES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dns-forwarders": (("35.199.192.0/19",), ()),
    "health-checkers": (("35.191.0.0/16", "130.211.0.0/22"), ()),
    "iap-forwarders": (("35.235.240.0/20",), ()),
    "legacy-health-checkers": (("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"), ()),
    "private-googleapis": (("199.36.153.8/30",), ("2600:2d00:0002:2000::/64",)),
    "restricted-googleapis": (("199.36.153.4/30",), ("2600:2d00:0002:1000::/64",)),
}


def get_client_config(_: _Args, context: Context) -> dict[str, Any]:
    """Says what the provider is configured for; the token opens nothing."""
    zone = gcp_zones(context.region)[0] if context.region else ""
    identifier = f'projects/"{context.account}"/regions/"{context.region}"/zones/"{zone}"'
    return {
        "id": identifier,
        "project": context.account,
        "region": context.region,
        "zone": zone,
        "accessToken": "not-a-real-token",
        "defaultLabels": dict(context.default_tags),
    }


def get_organization(args: _Args, _: Context) -> dict[str, Any]:
    """Finds an organisation that is taken to exist."""
    asked = args.get("organization") or args.get("domain")
    if not asked:
        raise WrongArguments("organization or domain: one of them has to be given")
    number = str(asked).rpartition("/")[2]
    number = number if number.isdecimal() else derived_digits(12, "organization", str(asked))
    return {
        **args,
        "id": f"organizations/{number}",
        "name": f"organizations/{number}",
        "orgId": number,
        "domain": args.get("domain") or f"organization-{number}.example",
        "directoryCustomerId": f"C0{derived('abcdefghijklmnopqrstuvwxyz0123456789', 7, 'customer', number)}",
        "createTime": INSTANT,
        "lifecycleState": "ACTIVE",
    }


def get_project(args: _Args, context: Context) -> dict[str, Any]:
    """Describes the project, or another that is taken to exist."""
    project = str(args.get("projectId") or context.account).removeprefix("projects/")
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "name": project,
        "number": number_of(project, context),
        "orgId": derived_digits(12, "organization-of", project),
        "folderId": "",
        "billingAccount": "",
        "autoCreateNetwork": False,
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
    }


def get_iam_policy(args: _Args, _: Context) -> dict[str, Any]:
    """Renders an IAM policy: bindings of one role and condition merged, everything in order."""
    members: dict[tuple[str, ...], set[str]] = {}
    conditions: dict[tuple[str, ...], dict[str, str]] = {}
    for binding in args.get("bindings") or ():
        condition = {name: text for name, text in sorted((binding.get("condition") or {}).items()) if text}
        # As the API sorts them: by role, then without a condition before with one.
        key = (binding["role"], *(condition.get(name, "") for name in ("expression", "title", "description")))
        members.setdefault(key, set()).update(binding["members"])
        conditions[key] = condition
    bindings = [
        _present({"condition": conditions[key], "members": sorted(members[key]), "role": key[0]})
        for key in sorted(members)
    ]
    document = _present({"auditConfigs": _audit_configs(args.get("auditConfigs") or ()), "bindings": bindings})
    text = go_json(document)
    return {**args, "id": hashcode(text), "policyData": text}


def get_regions(args: _Args, context: Context) -> dict[str, Any]:
    """Lists the regions."""
    project = args.get("project") or context.account
    return {"id": f"projects/{project}", "project": project, "names": list(gcp_regions())}


def get_zones(args: _Args, context: Context) -> dict[str, Any]:
    """Lists the zones of a region."""
    project, region = args.get("project") or context.account, args.get("region") or context.region
    names = list(_zones(region)) if args.get("status", "UP") == "UP" else []
    return {"id": f"projects/{project}/regions/{region}", "project": project, "region": region, "names": names}


def get_engine_versions(args: _Args, context: Context) -> dict[str, Any]:
    """Lists the versions of GKE: one, which all channels have."""
    prefix = args.get("versionPrefix") or ""
    versions = [GKE_VERSION] if GKE_VERSION.startswith(prefix) else []
    channels = dict.fromkeys(("EXTENDED", "RAPID", "REGULAR", "STABLE"), GKE_VERSION)
    return {
        **args,
        "id": INSTANT,
        "project": args.get("project") or context.account,
        "location": args.get("location") or context.region,
        "defaultClusterVersion": GKE_VERSION,
        "latestMasterVersion": versions[0] if versions else "",
        "latestNodeVersion": versions[0] if versions else "",
        "validMasterVersions": versions,
        "validNodeVersions": versions,
        "releaseChannelDefaultVersion": channels,
        "releaseChannelLatestVersion": channels,
        "releaseChannelUpgradeTargetVersion": channels,
    }


def get_netblock_ip_ranges(args: _Args, _: Context) -> dict[str, Any]:
    """Lists the addresses from which Google's own services come."""
    kind = args.get("rangeType") or "cloud-netblocks"
    if kind not in _RANGES:
        raise WrongArguments(
            f"rangeType: `{kind}` is none of {', '.join(_RANGES)}; others change and are not known here"
        )
    ipv4, ipv6 = _RANGES[kind]
    return {
        "id": f"netblock-ip-ranges-{kind}",
        "rangeType": kind,
        "cidrBlocks": [*ipv4, *ipv6],
        "cidrBlocksIpv4s": list(ipv4),
        "cidrBlocksIpv6s": list(ipv6),
    }


def get_bigquery_account(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account by which BigQuery uses keys."""
    project = args.get("project") or context.account
    email = f"bq-{number_of(project, context)}@bigquery-encryption.iam.gserviceaccount.com"
    return {"id": email, "project": project, "email": email, "member": f"serviceAccount:{email}"}


def get_compute_account(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account that virtual machines have by default."""
    project = args.get("project") or context.account
    email = f"{number_of(project, context)}-compute@developer.gserviceaccount.com"
    return {
        "id": f"projects/{project}/serviceAccounts/{email}",
        "name": f"projects/{project}/serviceAccounts/{email}",
        "project": project,
        "email": email,
        "member": f"serviceAccount:{email}",
        "displayName": "Compute Engine default service account",
        "uniqueId": _unique_id("compute", project),
    }


def get_storage_account(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account by which Cloud Storage uses keys and topics."""
    project = args.get("project") or context.account
    email = f"service-{number_of(project, context)}@gs-project-accounts.iam.gserviceaccount.com"
    return {**args, "id": email, "project": project, "emailAddress": email, "member": f"serviceAccount:{email}"}


def get_transfer_account(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account by which Storage Transfer reads and writes; AWS trusts its subject id."""
    project = args.get("project") or context.account
    email = f"project-{number_of(project, context)}@storage-transfer-service.iam.gserviceaccount.com"
    return {
        "id": email,
        "project": project,
        "email": email,
        "member": f"serviceAccount:{email}",
        "subjectId": _unique_id("transfer", project),
    }


def get_logging_settings(args: _Args, context: Context) -> dict[str, Any]:
    """Gives the account by which Cloud Logging uses keys."""
    project = args.get("project") or context.account
    return {
        "id": f"projects/{project}/cmekSettings",
        "project": project,
        "name": f"projects/{project}/cmekSettings",
        "kmsKeyName": args.get("kmsKeyName") or "",
        "kmsKeyVersionName": "",
        "serviceAccountId": service_agent_of("logging", number_of(project, context)),
    }


def _audit_configs(given: Iterable[_Args]) -> list[dict[str, Any]]:
    return [
        {
            "auditLogConfigs": [
                _present({"exemptedMembers": sorted(log.get("exemptedMembers") or ()), "logType": log["logType"]})
                for log in config["auditLogConfigs"]
            ],
            "service": config["service"],
        }
        for config in given
    ]


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _unique_id(service: str, project: str) -> str:
    return f"1{derived_digits(20, service, project)}"


def _zones(region: str) -> tuple[str, ...]:
    try:
        return gcp_zones(region)
    except UnknownRegion as error:
        raise WrongArguments(f"region: {error}") from None


FUNCTIONS: Mapping[str, Callable[[_Args, Context], dict[str, Any]]] = {
    "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount": get_bigquery_account,
    "gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount": get_compute_account,
    "gcp:compute/getNetblockIPRanges:getNetblockIPRanges": get_netblock_ip_ranges,
    "gcp:compute/getRegions:getRegions": get_regions,
    "gcp:compute/getZones:getZones": get_zones,
    "gcp:container/getEngineVersions:getEngineVersions": get_engine_versions,
    "gcp:logging/getProjectCmekSettings:getProjectCmekSettings": get_logging_settings,
    "gcp:organizations/getClientConfig:getClientConfig": get_client_config,
    "gcp:organizations/getIAMPolicy:getIAMPolicy": get_iam_policy,
    "gcp:organizations/getOrganization:getOrganization": get_organization,
    "gcp:organizations/getProject:getProject": get_project,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": get_storage_account,
    "gcp:storage/getTransferProjectServiceAccount:getTransferProjectServiceAccount": get_transfer_account,
}
