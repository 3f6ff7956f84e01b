"""What Google's services answer beyond templates."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from rehearsal.clouds.identity import (
    HEX,
    INSTANT,
    LOWER_ALPHANUMERIC,
    derived,
    derived_bytes,
    derived_digits,
    derived_integer,
    derived_uuid,
)
from rehearsal.clouds.outputs.certificates import certificate as pem
from rehearsal.clouds.outputs.certificates import encoded_certificate as encoded_pem
from rehearsal.clouds.outputs.gcp.place import (
    location_of,
    private_address,
    project_number,
    project_of,
    public_address,
)
from rehearsal.clouds.outputs.templates import Scope, Word
from rehearsal.clouds.regions import UnknownRegion, gcp_zones

# The version that GKE's regular channel had in January 2026. A program that pins its version never meets it.
GKE_VERSION = "1.34.1-gke.3355000"

_MILLISECONDS = 1_767_225_600_000  # `INSTANT` since 1970
# Cloud SQL's current minor version by major one, as its maintenance versions name them.
_SQL_MINOR = {"13": "22", "14": "19", "15": "14", "16": "10", "17": "6", "18": "0"}
_SERVICES_RANGE = "34.118.224.0/20"  # what GKE manages itself where a cluster asks for no range

# Service agents that are not named after their service (cloud.google.com/iam/docs/service-agents).
_SERVICE_AGENTS: Mapping[str, str] = {
    "cloudbuild": "gcp-sa-cloudbuild",
    "composer": "cloudcomposer-accounts",
    "compute": "compute-system",
    "container": "container-engine-robot",
    "containerregistry": "containerregistry",
    "dataflow": "dataflow-service-producer-prod",
    "gkebackup": "gcp-sa-gkebackup",
    "redis": "cloud-redis",
    "servicenetworking": "service-networking",
    "sqladmin": "gcp-sa-cloud-sql",
}

_TLS_13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
_TLS_12 = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
]


def grant(scope: Scope) -> str:
    """Returns the end of the id of a grant: the role, the member if it names one, the condition if it has one."""
    parts = [scope.inputs.get("role"), scope.inputs.get("member")]
    condition: Mapping[str, Any] = scope.inputs.get("condition") or {}
    parts += [condition.get(name) for name in ("title", "description", "expression")]
    return "".join(f"/{part}" for part in parts if part)


def service_agent(scope: Scope) -> str:
    """Returns the account by which a Google service acts in the project."""
    service = str(scope.inputs["service"]).removesuffix(".googleapis.com")
    return service_agent_of(service, project_number(scope))


def service_agent_of(service: str, number: str) -> str:
    """Returns the account by which a Google service acts in the project of that number."""
    return f"service-{number}@{_SERVICE_AGENTS.get(service, f'gcp-sa-{service}')}.iam.gserviceaccount.com"


def backup_vault_agent(scope: Scope) -> str:
    """Returns the account by which a backup vault reads what it protects."""
    token = derived_digits(12, *scope.seed("vault-agent"))
    return f"vault-{token}@gcp-sa-backupdr-pr.iam.gserviceaccount.com"


def certificate(scope: Scope) -> str:
    """Returns a certificate in PEM."""
    return pem(*scope.seed("certificate"))


def encoded_certificate(scope: Scope) -> str:
    """Returns a certificate in PEM, in Base64."""
    return encoded_pem(*scope.seed("certificate"))


def made_up_key(scope: Scope) -> str:
    """Returns what stands for a private key: text that says that it is none."""
    return base64.b64encode(json.dumps({"type": "not-a-real-key", "id": scope.id}).encode()).decode()


def certificate_names(scope: Scope) -> list[str]:
    """Returns the names of a managed certificate."""
    managed: Mapping[str, Any] = scope.inputs.get("managed") or {}
    return list(managed.get("domains") or ())


def annotations(scope: Scope) -> dict[str, str]:
    """Returns the annotations of a resource."""
    return dict(scope.inputs.get("annotations") or {})


def health_check_type(scope: Scope) -> str:
    """Returns what a health check speaks."""
    kinds = ("tcp", "ssl", "http", "https", "http2", "grpc")
    return next((kind.upper() for kind in kinds if f"{kind}HealthCheck" in scope.inputs), "TCP")


def tls_features(scope: Scope) -> list[str]:
    """Returns the cipher suites that an SSL policy allows; those of the older profiles in short."""
    if scope.inputs.get("customFeatures"):
        return list(scope.inputs["customFeatures"])
    return _TLS_13 if scope.inputs.get("minTlsVersion") == "TLS_1_3" else _TLS_13 + _TLS_12


def zone_name_servers(scope: Scope) -> list[str]:
    """Returns the name servers of a DNS zone; a private zone has Google's own."""
    if scope.inputs.get("visibility") == "private":
        return ["ns-gcp-private.googledomains.com."]
    shard = derived("abcde", 1, *scope.seed("name-servers"))
    return [f"ns-cloud-{shard}{number}.googledomains.com." for number in range(1, 5)]


def gke_version(scope: Scope) -> str:
    """Returns the version of a cluster or node pool."""
    return scope.inputs.get("minMasterVersion") or GKE_VERSION


def cluster_ca_certificate(scope: Scope) -> str:
    """Returns a cluster's certificate, encoded as a kubeconfig wants it."""
    return encoded_pem(*scope.seed("cluster-ca"))


def services_range(scope: Scope) -> str:
    """Returns the range of a cluster's services."""
    policy: Mapping[str, Any] = scope.inputs.get("ipAllocationPolicy") or {}
    return policy.get("servicesIpv4CidrBlock") or _SERVICES_RANGE


def instance_groups(scope: Scope) -> list[str]:
    """Returns the instance groups of a node pool: one a zone."""
    return [url.replace("/instanceGroupManagers/", "/instanceGroups/") for url in instance_group_managers(scope)]


def instance_group_managers(scope: Scope) -> list[str]:
    """Returns the instance group managers of a node pool: one a zone."""
    location = location_of(scope)
    try:
        zones = list(scope.inputs.get("nodeLocations") or gcp_zones(location)[:3])
    except UnknownRegion:
        zones = [location]  # a zonal cluster
    cluster = str(scope.inputs["cluster"]).rpartition("/")[2]
    name = f"gke-{cluster}-{scope.inputs['name']}"[:42]
    base = f"https://www.googleapis.com/compute/v1/projects/{project_of(scope)}/zones"
    return [f"{base}/{zone}/instanceGroupManagers/{name}-{derived(HEX, 8, *scope.seed(zone))}-grp" for zone in zones]


def sql_addresses(scope: Scope) -> list[dict[str, str]]:
    """Returns the addresses of a database instance."""
    public, private = sql_public_address(scope), sql_private_address(scope)
    addresses = [("PRIMARY", public), ("OUTGOING", public and public_address(scope, "outgoing")), ("PRIVATE", private)]
    return [{"type": kind, "ipAddress": address, "timeToRetire": ""} for kind, address in addresses if address]


def sql_public_address(scope: Scope) -> str | None:
    """Returns the public address of a database instance, if it has one."""
    return public_address(scope) if _ip_configuration(scope).get("ipv4Enabled", True) else None


def sql_private_address(scope: Scope) -> str | None:
    """Returns the private address of a database instance, if it has one."""
    return private_address(scope) if _ip_configuration(scope).get("privateNetwork") else None


def sql_first_address(scope: Scope) -> str | None:
    """Returns the first address of a database instance."""
    return sql_public_address(scope) or sql_private_address(scope)


def sql_certificates(scope: Scope) -> list[dict[str, str]]:
    """Returns the certificate that a database instance shows its clients."""
    project, name = project_of(scope), scope.inputs["name"]
    return [
        {
            "cert": pem(*scope.seed("server-ca")),
            "commonName": f"C=US,O=Google\\, Inc,CN=Google Cloud SQL Server CA,dnQualifier={project}:{name}",
            "createTime": INSTANT,
            "expirationTime": "2036-01-01T00:00:00Z",
            "sha1Fingerprint": derived(HEX, 40, *scope.seed("server-ca")),
        }
    ]


def sql_maintenance_version(scope: Scope) -> str:
    """Returns the full version of a database instance."""
    version = str(scope.inputs["databaseVersion"])
    minor = _SQL_MINOR.get(version.rpartition("_")[2], "0")
    return f"{version}_{minor}.R20251004.01_00"


def sql_user(scope: Scope) -> str:
    """Returns the id of a database user: PostgreSQL has no host, which leaves two slashes."""
    return f"{scope.inputs['name']}/{scope.inputs.get('host') or ''}/{scope.inputs['instance']}"


def sql_user_email(scope: Scope) -> str | None:
    """Returns the account behind a database user that IAM knows."""
    kind = str(scope.inputs.get("type") or "")
    name = str(scope.inputs["name"])
    if not kind.startswith("CLOUD_IAM"):
        return None
    return f"{name}.gserviceaccount.com" if kind == "CLOUD_IAM_SERVICE_ACCOUNT" else name


def redis_port(scope: Scope) -> int:
    """Returns the port of a Redis instance: 6378 with TLS."""
    return 6378 if _speaks_tls(scope) else 6379


def redis_read_address(scope: Scope) -> str | None:
    """Returns where a Redis instance with read replicas is read from."""
    return private_address(scope, "redis-read") if _has_read_replicas(scope) else None


def redis_read_port(scope: Scope) -> int | None:
    """Returns the port of the read replicas."""
    return redis_port(scope) if _has_read_replicas(scope) else None


def redis_auth(scope: Scope) -> str | None:
    """Returns the password of a Redis instance with authentication."""
    return derived_uuid(*scope.seed("redis-auth")) if scope.inputs.get("authEnabled") else None


def redis_certificates(scope: Scope) -> list[dict[str, str]]:
    """Returns the certificate of a Redis instance with TLS."""
    if not _speaks_tls(scope):
        return []
    return [
        {
            "cert": pem(*scope.seed("redis-ca")),
            "createTime": INSTANT,
            "expireTime": "2036-01-01T00:00:00Z",
            "serialNumber": derived_uuid(*scope.seed("redis-ca-serial")),
            "sha1Fingerprint": derived(HEX, 40, *scope.seed("redis-ca")),
        }
    ]


def service_connection(scope: Scope) -> str:
    """Returns the id of a private services connection."""
    return f"{quote_plus(_relative(str(scope.inputs['network'])))}:{quote_plus(str(scope.inputs['service']))}"


def service_peering(scope: Scope) -> str:
    """Returns the name of the peering that a private services connection makes."""
    return str(scope.inputs["service"]).replace(".", "-")


def secret_version(scope: Scope) -> str:
    """Returns the number of a secret's version; how many others there are is unknown here."""
    return str(derived_integer(1, 999_999, *scope.seed("secret-version")))


def transfer_job(scope: Scope) -> str:
    """Returns the name of a transfer job."""
    return str(scope.inputs.get("name") or f"transferJobs/{derived_digits(20, *scope.seed('transfer-job'))}")


def uptime_check(scope: Scope) -> str:
    """Returns the id of an uptime check: its display name and random characters."""
    name = re.sub(r"[^a-z0-9]+", "-", str(scope.inputs["displayName"]).lower()).strip("-")
    return f"{name}-{derived(LOWER_ALPHANUMERIC, 11, *scope.seed('uptime-check'))}"


def content_hash(scope: Scope) -> str:
    """Returns a checksum as Cloud Storage writes it."""
    return base64.b64encode(derived_bytes(16, *scope.seed("hash"))).decode()


def numeric_id(scope: Scope) -> int:
    """Returns a numeric id: whole numbers travel as doubles, which hold 15 digits exactly."""
    return derived_integer(10**14, 10**15 - 1, *scope.seed("numeric-id"))


def instant_in_milliseconds(_: Scope) -> int:
    """Returns `INSTANT` as BigQuery writes it."""
    return _MILLISECONDS


def instant_in_microseconds(_: Scope) -> int:
    """Returns `INSTANT` as Cloud Storage writes it."""
    return _MILLISECONDS * 1000


def _ip_configuration(scope: Scope) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = scope.inputs.get("settings") or {}
    return settings.get("ipConfiguration") or {}


def _speaks_tls(scope: Scope) -> bool:
    return scope.inputs.get("transitEncryptionMode") == "SERVER_AUTHENTICATION"


def _has_read_replicas(scope: Scope) -> bool:
    return scope.inputs.get("readReplicasMode") == "READ_REPLICAS_ENABLED"


def _relative(link: str) -> str:
    return link[link.index("projects/") :] if "projects/" in link else link


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        annotations,
        backup_vault_agent,
        certificate,
        certificate_names,
        cluster_ca_certificate,
        content_hash,
        encoded_certificate,
        gke_version,
        grant,
        health_check_type,
        instance_group_managers,
        instance_groups,
        instant_in_microseconds,
        instant_in_milliseconds,
        made_up_key,
        numeric_id,
        redis_auth,
        redis_certificates,
        redis_port,
        redis_read_address,
        redis_read_port,
        secret_version,
        service_agent,
        service_connection,
        service_peering,
        services_range,
        sql_addresses,
        sql_certificates,
        sql_first_address,
        sql_maintenance_version,
        sql_private_address,
        sql_public_address,
        sql_user,
        sql_user_email,
        tls_features,
        transfer_job,
        uptime_check,
        zone_name_servers,
    )
}
