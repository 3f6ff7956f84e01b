"""What RDS, ElastiCache, DynamoDB, S3, Backup and Secrets Manager answer beyond templates."""

from collections.abc import Mapping
from typing import Any

from rehearsal.clouds.identity import (
    LOWER_ALPHANUMERIC,
    UPPER_ALPHANUMERIC,
    derived,
    derived_uuid,
)
from rehearsal.clouds.outputs.aws.place import account_token, region_of, unique
from rehearsal.clouds.outputs.templates import Scope, Word

# By the first word of the engine's name (docs.aws.amazon.com/AmazonRDS, "port" of CreateDBInstance).
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "sqlserver": 1433, "db2": 50_000}
_AURORA_PORTS = {"aurora-postgresql": 5432, "aurora-mysql": 3306}

# The newest minor versions that RDS offered in January 2026: what a version without a minor one becomes.
_NEWEST_MINOR = {"13": "13.23", "14": "14.20", "15": "15.15", "16": "16.11", "17": "17.7", "18": "18.1"}
_NEWEST_CACHE = {"7.1": "7.1.0", "7.0": "7.0.7", "7": "7.1.0", "7.2": "7.2.6", "8.0": "8.0.1", "8.1": "8.1.0"}


def rds_port(scope: Scope) -> int:
    """Returns the port that an engine listens on unless told otherwise."""
    engine = str(scope.inputs.get("engine", "postgres"))
    return _AURORA_PORTS.get(engine) or _PORTS.get(engine.partition("-")[0], 5432)


def rds_token(scope: Scope) -> str:
    """Returns the part of a database's host name that stands for the account in the region."""
    return account_token(scope, "rds", 12, LOWER_ALPHANUMERIC)


def rds_zone(scope: Scope) -> str:
    """Returns the hosted zone of the region's database endpoints."""
    return f"Z{derived(UPPER_ALPHANUMERIC, 13, 'rds-zone', region_of(scope).name)}"


def rds_version(scope: Scope) -> str | None:
    """Returns the engine version in full."""
    version = scope.inputs.get("engineVersion")
    return _NEWEST_MINOR.get(str(version), str(version)) if version else None


def rds_generated_name(scope: Scope) -> str:
    """Returns the identifier that the provider makes up for a cluster or cluster instance without one."""
    prefix = scope.inputs.get("clusterIdentifierPrefix") or scope.inputs.get("identifierPrefix") or "tf-"
    return f"{prefix}{unique(scope)}"


def rds_is_writer(scope: Scope) -> bool:
    """Returns whether a cluster instance is the writer: the one that is promoted first."""
    return not scope.inputs.get("promotionTier")


def rds_instance_secrets(scope: Scope) -> list[dict[str, str]]:
    """Returns the secret with an instance's master password, if RDS manages it."""
    return _master_secrets(scope, "db")


def rds_cluster_secrets(scope: Scope) -> list[dict[str, str]]:
    """Returns the secret with a cluster's master password, if RDS manages it."""
    return _master_secrets(scope, "cluster")


def proxy_target_type(scope: Scope) -> str:
    """Returns whether a proxy leads to an instance or a cluster."""
    return "TRACKED_CLUSTER" if scope.inputs.get("dbClusterIdentifier") else "RDS_INSTANCE"


def proxy_target(scope: Scope) -> str:
    """Returns the type and name of what a proxy leads to."""
    target = scope.inputs.get("dbClusterIdentifier") or scope.inputs.get("dbInstanceIdentifier") or "unknown"
    return f"{proxy_target_type(scope)}/{target}"


def cache_token(scope: Scope) -> str:
    """Returns the part of a cache's host name that stands for the account in the region."""
    return account_token(scope, "elasticache", 6, LOWER_ALPHANUMERIC)


def cache_engine_version(scope: Scope) -> str:
    """Returns the engine version in full."""
    version = str(scope.inputs.get("engineVersion") or scope.inputs.get("majorEngineVersion") or "7.1")
    return _NEWEST_CACHE.get(version, version)


def cache_is_clustered(scope: Scope) -> bool:
    """Returns whether a replication group is sharded."""
    groups = scope.inputs.get("numNodeGroups") or 1
    return groups > 1 or scope.inputs.get("clusterMode") == "enabled"


def cache_configuration_endpoint(scope: Scope) -> str | None:
    """Returns where clients of a sharded group connect."""
    return _cache_host(scope, "clustercfg", "") if cache_is_clustered(scope) else None


def cache_primary_endpoint(scope: Scope) -> str | None:
    """Returns where clients of an unsharded group write."""
    return None if cache_is_clustered(scope) else _cache_host(scope, "master", "")


def cache_reader_endpoint(scope: Scope) -> str | None:
    """Returns where clients of an unsharded group read."""
    return None if cache_is_clustered(scope) else _cache_host(scope, "replica", "-ro")


def cache_members(scope: Scope) -> list[str]:
    """Returns the names of a group's nodes."""
    name = scope.inputs["replicationGroupId"]
    if not cache_is_clustered(scope):
        return [f"{name}-{node:03}" for node in range(1, (scope.inputs.get("numCacheClusters") or 1) + 1)]
    shards = range(1, (scope.inputs.get("numNodeGroups") or 1) + 1)
    nodes = range(1, (scope.inputs.get("replicasPerNodeGroup") or 0) + 2)
    return [f"{name}-{shard:04}-{node:03}" for shard in shards for node in nodes]


def cache_nodes(scope: Scope) -> list[dict[str, Any]]:
    """Returns the nodes of a single cache cluster."""
    name, region = scope.inputs["clusterId"], region_of(scope)
    code = next(iter(region.zones.values())).split("-")[0]
    zones = list(region.zones)
    return [
        {
            "id": f"{node:04}",
            "address": f"{name}.{cache_token(scope)}.{node:04}.{code}.cache.{region.dns_suffix}",
            "port": scope.inputs.get("port") or 6379,
            "availabilityZone": zones[node % len(zones)],
        }
        for node in range(1, (scope.inputs.get("numCacheNodes") or 1) + 1)
    ]


def table_stream_label(scope: Scope) -> str | None:
    """Returns the label of a table's change stream, if it has one."""
    return "2026-01-01T00:00:00.000" if scope.inputs.get("streamEnabled") else None


def table_stream(scope: Scope) -> str | None:
    """Returns the ARN of a table's change stream, if it has one."""
    label = table_stream_label(scope)
    return f"{scope.outputs['arn']}/stream/{label}" if label else None


def bucket_and_owner(scope: Scope) -> str:
    """Returns the id of a bucket's configuration: the bucket, and its owner if the program expects one."""
    return ",".join(filter(None, (scope.inputs["bucket"], scope.inputs.get("expectedBucketOwner"))))


def bucket_acl(scope: Scope) -> str:
    """Returns the id of a bucket's access list."""
    return ",".join(filter(None, (bucket_and_owner(scope), scope.inputs.get("acl"))))


def access_point_origin(scope: Scope) -> str:
    """Returns from where an access point can be reached."""
    return "VPC" if scope.inputs.get("vpcConfiguration") else "Internet"


def s3_zone(scope: Scope) -> str:
    """Returns the hosted zone of the region's website endpoints."""
    return region_of(scope).s3_zone


def secret_is_write_only(scope: Scope) -> bool:
    """Returns whether a secret's value was given as a write-only argument."""
    return "secretStringWo" in scope.inputs


def _cache_host(scope: Scope, role: str, role_suffix: str) -> str:
    name, region = scope.inputs["replicationGroupId"], region_of(scope)
    code = next(iter(region.zones.values())).split("-")[0]
    tail = f"{code}.cache.{region.dns_suffix}"
    # With encryption in transit the role comes first, without it the node group's suffix tells it.
    if scope.inputs.get("transitEncryptionEnabled") or role == "clustercfg":
        return f"{role}.{name}.{cache_token(scope)}.{tail}"
    return f"{name}{role_suffix}.{cache_token(scope)}.ng.0001.{tail}"


def _master_secrets(scope: Scope, kind: str) -> list[dict[str, str]]:
    inputs: Mapping[str, Any] = scope.inputs
    if not inputs.get("manageMasterUserPassword"):
        return []
    place = f"{region_of(scope).name}:{scope.context.account}"
    partition = region_of(scope).partition
    name = f"rds!{kind}-{derived_uuid(*scope.seed('master-secret'))}"
    suffix = derived(LOWER_ALPHANUMERIC, 6, *scope.seed("master-secret-suffix"))
    default_key = f"arn:{partition}:kms:{place}:key/{derived_uuid('aws/secretsmanager', scope.context.account, place)}"
    return [
        {
            "kmsKeyId": inputs.get("masterUserSecretKmsKeyId") or default_key,
            "secretArn": f"arn:{partition}:secretsmanager:{place}:secret:{name}-{suffix}",
            "secretStatus": "active",
        }
    ]


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        access_point_origin,
        bucket_acl,
        bucket_and_owner,
        cache_configuration_endpoint,
        cache_engine_version,
        cache_is_clustered,
        cache_members,
        cache_nodes,
        cache_primary_endpoint,
        cache_reader_endpoint,
        cache_token,
        proxy_target,
        proxy_target_type,
        rds_cluster_secrets,
        rds_generated_name,
        rds_instance_secrets,
        rds_is_writer,
        rds_port,
        rds_token,
        rds_version,
        rds_zone,
        s3_zone,
        secret_is_write_only,
        table_stream,
        table_stream_label,
    )
}
