import re
from typing import Any

import pytest

from components.aws.redis import Redis, RedisArgs
from components.retention import RetentionClass
from components.windows import MaintenanceWindow, Weekday
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

ACCESS = (
    "on ~scoring:* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous -@admin "
    "-scan -randomkey -dbsize -script|flush -script|kill -function"
)


def _args(**changes: Any) -> RedisArgs:
    wanted: dict[str, Any] = {
        "identifier": "lender-cache",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "key": "arn:cache-key",
        "logs_key": "arn:logs-key",
        "node_type": "cache.m7g.large",
        "evicts": True,
        "logins": ["scoring", "rrio"],
        "client_cidr_blocks": ["10.20.0.0/19"],
        "tags": TAGS,
        **AWS,
    }
    return RedisArgs(**wanted | changes)


def _redis(**changes: Any) -> Recording:
    return build(lambda: Redis("cache", _args(**changes)))


def test_the_group_is_encrypted_replicated_recoverable_and_logged() -> None:
    group = _redis().one("aws:elasticache/replicationGroup:ReplicationGroup", "cache")

    assert group.protect
    assert group.inputs == {
        "replicationGroupId": "lender-cache",
        "description": "Redis cache",
        "engine": "valkey",
        "engineVersion": "8.2",
        "autoMinorVersionUpgrade": True,
        "applyImmediately": False,
        "nodeType": "cache.m7g.large",
        "clusterMode": "disabled",
        "numCacheClusters": 3,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "atRestEncryptionEnabled": True,
        "kmsKeyId": "arn:cache-key",
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "userGroupIds": ["lender-cache"],
        "subnetGroupName": "cache-0",
        "securityGroupIds": ["cache-id"],
        "port": 6379,
        "parameterGroupName": "cache-0",
        "maintenanceWindow": "sat:22:00-sat:23:00",
        "snapshotRetentionLimit": 7,
        "snapshotWindow": "00:00-01:30",
        "finalSnapshotIdentifier": "lender-cache-final",
        "logDeliveryConfigurations": [
            {
                "destination": f"/aws/elasticache/lender-cache/{log}",
                "destinationType": "cloudwatch-logs",
                "logFormat": "json",
                "logType": log,
            }
            for log in ("slow-log", "engine-log")
        ],
        "tags": aws_tags(),
    }


def test_settings_change_size_and_promises_and_nothing_else() -> None:
    token = "aws:elasticache/replicationGroup:ReplicationGroup"
    default = _redis().inputs(token)["cache"]
    changed = _redis(
        nodes=2, snapshot_days=35, maintenance=MaintenanceWindow(day=Weekday.MONDAY, hour=20), protect=False
    ).one(token, "cache")

    assert not changed.protect
    assert changed.inputs == default | {
        "numCacheClusters": 2,
        "snapshotRetentionLimit": 35,
        "maintenanceWindow": "mon:20:00-mon:21:00",
    }


@pytest.mark.parametrize(("evicts", "policy"), [(True, "allkeys-lru"), (False, "noeviction")])
def test_only_a_cache_forgets_when_its_memory_is_full(*, evicts: bool, policy: str) -> None:
    assert _redis(evicts=evicts).inputs("aws:elasticache/parameterGroup:ParameterGroup") == {
        "cache": {
            "family": "valkey8",
            "description": "Settings of cache",
            "parameters": [
                {"name": "maxmemory-policy", "value": policy},
                {"name": "timeout", "value": "0"},
                {"name": "tcp-keepalive", "value": "300"},
            ],
            "tags": aws_tags(),
        }
    }


def test_each_login_enters_by_iam_and_sees_its_own_keys_only() -> None:
    recording = _redis()
    user = {"engine": "valkey", "authenticationMode": {"type": "iam"}, "tags": aws_tags()}

    assert recording.inputs("aws:elasticache/user:User") == {
        "cache-scoring": user | {"userId": "cache-scoring", "userName": "cache-scoring", "accessString": ACCESS},
        "cache-rrio": user
        | {
            "userId": "cache-rrio",
            "userName": "cache-rrio",
            "accessString": ACCESS.replace("scoring:", "rrio:"),
        },
    }
    assert recording.inputs("aws:elasticache/userGroup:UserGroup") == {
        "cache": {
            "engine": "valkey",
            "userGroupId": "lender-cache",
            "userIds": ["cache-scoring", "cache-rrio"],
            "tags": aws_tags(),
        }
    }


def test_only_named_clients_connect_and_redis_calls_nobody() -> None:
    recording = _redis(client_security_groups={"nodes": "sg-1"})
    rule = {"securityGroupId": "cache-id", "ipProtocol": "tcp", "fromPort": 6379, "toPort": 6379, "tags": aws_tags()}

    assert recording.inputs("aws:ec2/securityGroup:SecurityGroup") == {
        "cache": {"description": "Redis cache", "vpcId": "vpc-1", "tags": aws_tags("cache")}
    }
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        "cache-from-nodes": rule | {"description": "Redis from nodes", "referencedSecurityGroupId": "sg-1"},
        "cache-from-10.20.0.0-19": rule | {"description": "Redis from 10.20.0.0/19", "cidrIpv4": "10.20.0.0/19"},
    }
    assert recording.inputs("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == {}


def test_it_stands_in_the_data_subnets() -> None:
    assert _redis().inputs("aws:elasticache/subnetGroup:SubnetGroup") == {
        "cache": {
            "description": "Data subnets of cache",
            "subnetIds": ["subnet-1", "subnet-2"],
            "tags": aws_tags(),
        }
    }


def test_its_logs_are_encrypted_and_kept() -> None:
    assert _redis().inputs("aws:cloudwatch/logGroup:LogGroup") == {
        f"cache-{log}": {
            "name": f"/aws/elasticache/lender-cache/{log}",
            "kmsKeyId": "arn:logs-key",
            "retentionInDays": 365,
            "tags": aws_tags(retention=RetentionClass.LOGS),
        }
        for log in ("slow-log", "engine-log")
    }


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("arn", "arn:cache"),
        ("host", "master.cache.cache.amazonaws.com"),
        ("reader_host", "replica.cache.cache.amazonaws.com"),
        ("port", 6379),
        ("endpoint", "master.cache.cache.amazonaws.com:6379"),
        ("security_group_id", "cache-id"),
    ],
)
def test_it_tells_where_it_is(attribute: str, value: object) -> None:
    assert resolve(lambda: getattr(Redis("cache", _args()), attribute)) == value


def test_a_login_is_known_by_user_and_by_what_iam_must_allow() -> None:
    names: list[dict[str, str]] = []
    build(lambda: names.append(Redis("cache", _args()).user_names))

    assert names == [{"scoring": "cache-scoring", "rrio": "cache-rrio"}]
    assert resolve(lambda: Redis("cache", _args()).connect_arns("rrio")[0]) == "arn:cache"
    assert resolve(lambda: Redis("cache", _args()).connect_arns("rrio")[1]) == "arn:cache-rrio"


def test_a_name_that_leaves_no_room_for_a_user_is_refused() -> None:
    message = "logins: 'the-cache-of-all-systems-scoring-portfolio' is not a user's name of 40 characters at most"

    with pytest.raises(ValueError, match=f"^{message}"):
        build(lambda: Redis("the-cache-of-all-systems", _args(logins=["scoring-portfolio"])))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account_id": "1"}, "account_id: '1' is not the twelve digits of an AWS account"),
        (
            {"identifier": "Lender--Cache"},
            "identifier: 'Lender--Cache' is not 1 to 40 lower-case letters, digits and single inner hyphens",
        ),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: 1 given, a fail-over asks for two zones or more"),
        ({"logins": []}, "logins: none given, so nobody could use it"),
        (
            {"logins": ["Scoring"]},
            "logins: 'Scoring' is not lower-case letters, digits and single inner hyphens",
        ),
        ({"logins": ["rrio", "rrio"]}, "logins: rrio, rrio names a system twice"),
        (
            {"client_cidr_blocks": []},
            "client_security_groups: nobody may connect; name groups, or prefixes in client_cidr_blocks",
        ),
        (
            {"client_cidr_blocks": ["0.0.0.0/0"]},
            "client_cidr_blocks: '0.0.0.0/0' is not a private IPv4 prefix such as 10.20.0.0/19",
        ),
        (
            {"client_cidr_blocks": ["everybody"]},
            "client_cidr_blocks: 'everybody' is not a private IPv4 prefix such as 10.20.0.0/19",
        ),
        ({"nodes": 1}, "nodes: 1 is outside 2 to 6; with one nothing could take over"),
        ({"snapshot_days": 6}, "snapshot_days: 6 is outside 7 to 35"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        _args(**changes)
