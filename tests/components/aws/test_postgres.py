import json
from typing import Any

import pytest

from components.aws.postgres import Postgres, PostgresArgs
from components.retention import RetentionClass
from components.windows import MaintenanceWindow, Weekday
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve


def _args(**changes: Any) -> PostgresArgs:
    wanted: dict[str, Any] = {
        "identifier": "lender-7f3a",
        "instance_class": "db.m7g.large",
        "storage_gib": 100,
        "max_storage_gib": 500,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "client_cidr_blocks": ["10.20.0.0/19"],
        "key": "arn:database-key",
        "secrets_key": "arn:secrets-key",
        "logs_key": "arn:logs-key",
        "tags": TAGS,
        **AWS,
    }
    return PostgresArgs(**wanted | changes)


def _postgres(**changes: Any) -> Recording:
    return build(lambda: Postgres("lender", _args(**changes)))


def test_the_instance_is_private_encrypted_recoverable_and_watched() -> None:
    assert _postgres().inputs("aws:rds/instance:Instance") == {
        "lender": {
            "identifier": "lender-7f3a",
            "engine": "postgres",
            "engineVersion": "16",
            "autoMinorVersionUpgrade": True,
            "allowMajorVersionUpgrade": False,
            "applyImmediately": False,
            "instanceClass": "db.m7g.large",
            "multiAz": True,
            "storageType": "gp3",
            "allocatedStorage": 100,
            "maxAllocatedStorage": 500,
            "storageEncrypted": True,
            "kmsKeyId": "arn:database-key",
            "dbSubnetGroupName": "lender-0",
            "vpcSecurityGroupIds": ["lender-id"],
            "publiclyAccessible": False,
            "port": 5432,
            "parameterGroupName": "lender-0",
            "caCertIdentifier": "rds-ca-rsa2048-g1",
            "username": "platform_admin",
            "manageMasterUserPassword": True,
            "masterUserSecretKmsKeyId": "arn:secrets-key",
            "iamDatabaseAuthenticationEnabled": True,
            "backupRetentionPeriod": 35,
            "backupWindow": "00:00-01:30",
            "maintenanceWindow": "sat:22:00-sat:23:00",
            "copyTagsToSnapshot": True,
            "deleteAutomatedBackups": False,
            "deletionProtection": True,
            "skipFinalSnapshot": False,
            "finalSnapshotIdentifier": "lender-7f3a-final",
            "performanceInsightsEnabled": True,
            "performanceInsightsKmsKeyId": "arn:database-key",
            "performanceInsightsRetentionPeriod": 7,
            "monitoringInterval": 60,
            "monitoringRoleArn": "arn:lender-monitoring",
            "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
            "tags": aws_tags(),
        }
    }


def test_settings_change_size_and_promises_and_nothing_else() -> None:
    default = _postgres().inputs("aws:rds/instance:Instance")["lender"]
    changed = _postgres(
        high_availability=False,
        recovery_days=7,
        protect=False,
        major_version=17,
        maintenance=MaintenanceWindow(day=Weekday.MONDAY, hour=20),
    ).inputs("aws:rds/instance:Instance")["lender"]

    assert changed == default | {
        "multiAz": False,
        "backupRetentionPeriod": 7,
        "deletionProtection": False,
        "engineVersion": "17",
        "maintenanceWindow": "mon:20:00-mon:21:00",
    }


def test_every_connection_is_encrypted_and_every_change_is_on_record() -> None:
    values = {
        "rds.force_ssl": "1",
        "ssl_min_protocol_version": "TLSv1.3",
        "shared_preload_libraries": "pg_stat_statements,pgaudit",
        "rds.logical_replication": "1",
        "log_checkpoints": "1",
        "log_connections": "1",
        "log_disconnections": "1",
        "log_lock_waits": "1",
        "log_temp_files": "0",
        "log_statement": "ddl",
        "log_min_messages": "warning",
        "log_min_error_statement": "error",
        "log_error_verbosity": "default",
        "pgaudit.log": "ddl,role",
        "log_min_duration_statement": "1000",
        "log_parameter_max_length": "0",
    }

    assert _postgres(major_version=17).inputs("aws:rds/parameterGroup:ParameterGroup") == {
        "lender": {
            "family": "postgres17",
            "description": "Settings of lender",
            "parameters": [
                {"name": name, "value": value, "applyMethod": "pending-reboot"} for name, value in values.items()
            ],
            "tags": aws_tags(),
        }
    }


def test_only_named_clients_connect_and_the_database_calls_nobody() -> None:
    recording = _postgres(client_security_groups={"pooler": "sg-1"})
    postgres = {
        "securityGroupId": "lender-id",
        "ipProtocol": "tcp",
        "fromPort": 5432,
        "toPort": 5432,
        "tags": aws_tags(),
    }

    assert recording.inputs("aws:ec2/securityGroup:SecurityGroup") == {
        "lender": {"description": "PostgreSQL lender", "vpcId": "vpc-1", "tags": aws_tags("lender")}
    }
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        "lender-from-pooler": postgres | {"description": "PostgreSQL from pooler", "referencedSecurityGroupId": "sg-1"},
        "lender-from-10.20.0.0-19": postgres
        | {"description": "PostgreSQL from 10.20.0.0/19", "cidrIpv4": "10.20.0.0/19"},
    }
    assert recording.inputs("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == {}


def test_logs_are_encrypted_and_kept_from_the_first_line() -> None:
    recording = _postgres()

    assert recording.inputs("aws:cloudwatch/logGroup:LogGroup") == {
        "lender-postgresql": {
            "name": "/aws/rds/instance/lender-7f3a/postgresql",
            "kmsKeyId": "arn:logs-key",
            "retentionInDays": 2557,
            "tags": aws_tags(retention=RetentionClass.AUDIT),
        },
        "lender-upgrade": {
            "name": "/aws/rds/instance/lender-7f3a/upgrade",
            "kmsKeyId": "arn:logs-key",
            "retentionInDays": 365,
            "tags": aws_tags(retention=RetentionClass.LOGS),
        },
    }
    assert {"lender-postgresql", "lender-upgrade"} <= recording.one("aws:rds/instance:Instance", "lender").depends_on


def test_the_monitoring_role_is_rds_own_and_for_this_account() -> None:
    recording = _postgres()

    assert json.loads(recording.one("aws:iam/role:Role", "lender-monitoring").inputs["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "MeasureMachines",
                "Effect": "Allow",
                "Principal": {"Service": "monitoring.rds.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "111122223333"},
                    "ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:111122223333:db:*"},
                },
            }
        ],
    }
    assert recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {
        "lender-monitoring": {
            "role": "lender-monitoring-0",
            "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        }
    }


@pytest.mark.parametrize("protect", [True, False])
def test_data_and_its_log_are_destroyed_only_where_a_setting_allows_it(*, protect: bool) -> None:
    recording = _postgres(protect=protect)

    assert {resource.name: resource.protect for resource in recording.resources if resource.protect} == (
        {"lender": True, "lender-postgresql": True, "lender-upgrade": True} if protect else {}
    )


def test_a_login_is_one_of_this_database_alone() -> None:
    assert (
        resolve(lambda: Postgres("lender", _args()).login_arn("scoring"))
        == "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABC/scoring"
    )


def test_the_database_is_found_by_its_endpoint() -> None:
    assert resolve(lambda: Postgres("lender", _args()).endpoint) == "lender.abc.eu-west-1.rds.amazonaws.com:5432"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"identifier": "7-lender"},
            "identifier: '7-lender' is not 1 to 63 lower-case letters, digits and single inner hyphens, the first",
        ),
        ({"identifier": "a--b"}, "identifier: 'a--b' is not 1 to 63"),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: 1 given, RDS asks for subnets in two zones or more"),
        ({"storage_gib": 10}, "storage_gib: 10 is less than the 20 GiB of a gp3 volume"),
        (
            {"max_storage_gib": 109},
            "max_storage_gib: 109 leaves no room to grow, RDS asks for a tenth more than storage_gib, 100",
        ),
        (
            {"client_cidr_blocks": []},
            "client_security_groups: nobody may connect; name groups, or prefixes in client_cidr_blocks",
        ),
        (
            {"client_cidr_blocks": ["0.0.0.0/0"]},
            "client_cidr_blocks: '0.0.0.0/0' is not a private IPv4 prefix such as 10.20.0.0/19",
        ),
        (
            {"client_cidr_blocks": ["everyone"]},
            "client_cidr_blocks: 'everyone' is not a private IPv4 prefix such as 10.20.0.0/19",
        ),
        ({"major_version": 15}, "major_version: 15 is older than 16"),
        ({"recovery_days": 0}, "recovery_days: 0 is outside 1 to 35"),
        ({"recovery_days": 36}, "recovery_days: 36 is outside 1 to 35"),
        ({"account_id": ""}, "account_id: '' is not the twelve digits of an AWS account"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value).startswith(message)
