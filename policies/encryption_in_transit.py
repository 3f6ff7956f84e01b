"""Encryption in transit: no client reaches a store without TLS."""

import re
from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from policies.controls import CIS_GCP, FSBP, NIST_800_53, PCI_DSS
from policies.expect import equal, one_of
from policies.probe import Missing, Unknown, Value, holds, probe_each
from policies.resources import Resource, Stack
from policies.rule import (
    CannotTellYet,
    Example,
    Finding,
    NotApplicable,
    Reference,
    ResourceRule,
    StackRule,
    Violation,
)
from policies.tokens import CLOUD_SQL, RDS_CLUSTER, RDS_INSTANCE

_PARAMETER_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
_CLUSTER_PARAMETER_GROUP: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"

# The first major version in which rds.force_ssl is on unless a group turns it off:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
_TLS_BY_DEFAULT_SINCE: Final = {"postgres": 15, "aurora-postgresql": 17}

_FAMILY: Final = re.compile(r"(postgres|aurora-postgresql)(\d+)")
# What stands before the family in the name of AWS's own group for it, such as `default.postgres16`.
_AWS_GROUP: Final = "default."


def _tls_by_default(family: object) -> bool | None:
    """Whether a family's databases demand TLS unless told otherwise; None for one that isn't PostgreSQL."""
    matched = _FAMILY.match(str(family))
    return int(matched[2]) >= _TLS_BY_DEFAULT_SINCE[matched[1]] if matched else None


def _parameter_group(group: Resource) -> Iterator[Finding]:
    family = group.probe("family")
    by_default = _tls_by_default(family.value) if isinstance(family, Value) else False
    if by_default is None:
        yield NotApplicable("the parameters are not for PostgreSQL")
        return
    undecided = [family] if isinstance(family, Unknown) else []
    for parameter in probe_each(group.properties, "parameters[]"):
        name = group.probe(f"{parameter.path}.name")
        if holds(name, "rds.force_ssl"):
            yield from equal(group, f"{parameter.path}.value", expected="1")
            return
        if isinstance(name, Unknown):
            undecided.append(name)
    if undecided:
        yield CannotTellYet(undecided[0].path)
    elif not by_default:
        yield Violation("parameters", "must set rds.force_ssl to 1: in this family it is off by default")


def _force_ssl(value: str) -> dict[str, str]:
    return {"name": "rds.force_ssl", "value": value, "applyMethod": "immediate"}


_RDS_CONTROLS: Final = (
    *FSBP.controls("RDS.38"),
    *NIST_800_53.controls("SC-8(1)"),
    *PCI_DSS.controls("4.2.1"),
)

RDS_FORCE_SSL = ResourceRule(
    name="rds-force-ssl",
    description="The parameters of an RDS PostgreSQL database refuse clients without TLS.",
    severity=Severity.HIGH,
    controls=_RDS_CONTROLS,
    types=frozenset({_PARAMETER_GROUP, _CLUSTER_PARAMETER_GROUP}),
    remediation="Set the parameter rds.force_ssl to 1.",
    check=_parameter_group,
    compliant=(
        Example(
            _PARAMETER_GROUP,
            {
                "family": "postgres14",
                "parameters": [{"name": "log_connections", "value": "1"}, _force_ssl("1")],
            },
        ),
        Example(_PARAMETER_GROUP, {"family": "postgres16"}),
        Example(
            _CLUSTER_PARAMETER_GROUP,
            {"family": "aurora-postgresql16", "parameters": [_force_ssl("1")]},
        ),
    ),
    violating=(
        Example(_PARAMETER_GROUP, {"family": "postgres16", "parameters": [_force_ssl("0")]}),
        Example(_PARAMETER_GROUP, {"family": "postgres14"}),
        Example(_CLUSTER_PARAMETER_GROUP, {"family": "aurora-postgresql16", "parameters": []}),
    ),
    exempt=(Example(_PARAMETER_GROUP, {"family": "mysql8.0"}),),
)

_GROUP_OF: Final = {
    RDS_INSTANCE: ("parameterGroupName", _PARAMETER_GROUP),
    RDS_CLUSTER: ("dbClusterParameterGroupName", _CLUSTER_PARAMETER_GROUP),
}


def _database(database: Resource, stack: Stack) -> Iterator[Finding]:
    engine = database.probe("engine")
    if isinstance(engine, Value) and not holds(engine, *_TLS_BY_DEFAULT_SINCE):
        yield NotApplicable("the engine is not PostgreSQL")
        return
    reference, group_type = _GROUP_OF[database.type]
    group = stack.referred(database, reference, {group_type})
    if group.found:
        return
    named = database.probe_set(reference)
    version = database.probe("engineVersion")
    family, decisive = "", reference
    if isinstance(named, Value):
        # Nothing is known of the parameters in a group of another stack.
        family = str(named.value).removeprefix(_AWS_GROUP) if str(named.value).startswith(_AWS_GROUP) else ""
    elif isinstance(named, Missing) and isinstance(engine, Value) and isinstance(version, Value):
        family, decisive = f"{engine.value}{version.value}", version.path
    by_default = _tls_by_default(family)
    if by_default is None:
        yield CannotTellYet(reference)
    elif not by_default:
        yield Violation(decisive, "brings parameters that let clients in without TLS")


RDS_FORCE_SSL_ATTACHED = StackRule(
    name="rds-force-ssl-attached",
    description="Every RDS PostgreSQL database runs with parameters that refuse clients without TLS.",
    severity=Severity.HIGH,
    controls=_RDS_CONTROLS,
    types=frozenset(_GROUP_OF),
    companions=frozenset({_PARAMETER_GROUP, _CLUSTER_PARAMETER_GROUP}),
    remediation="Give the database a parameter group with rds.force_ssl set to 1 (for Aurora, the cluster).",
    check=_database,
    compliant=(
        (
            Example(
                name="parameters",
                type=_PARAMETER_GROUP,
                properties={"name": "parameters", "family": "postgres14"},
            ),
            Example(
                RDS_INSTANCE,
                {"engine": "postgres", "parameterGroupName": Reference("parameters")},
            ),
        ),
        (
            Example(
                name="group",
                type=_CLUSTER_PARAMETER_GROUP,
                properties={"name": "group", "family": "aurora-postgresql16"},
            ),
            Example(
                RDS_CLUSTER,
                {"engine": "aurora-postgresql", "dbClusterParameterGroupName": Reference("group")},
            ),
        ),
        (Example(RDS_INSTANCE, {"engine": "postgres", "engineVersion": "16.4"}),),
        (
            Example(
                RDS_INSTANCE,
                {"engine": "postgres", "parameterGroupName": "default.postgres17"},
            ),
        ),
    ),
    violating=(
        (Example(RDS_INSTANCE, {"engine": "postgres", "engineVersion": "14.12"}),),
        (
            Example(
                RDS_INSTANCE,
                {"engine": "postgres", "parameterGroupName": "default.postgres14"},
            ),
        ),
        (Example(RDS_CLUSTER, {"engine": "aurora-postgresql", "engineVersion": "16.4"}),),
    ),
    exempt=((Example(RDS_INSTANCE, {"engine": "mysql", "engineVersion": "8.0"}),),),
)


def _cloud_sql(resource: Resource) -> Iterator[Finding]:
    yield from one_of(
        resource,
        "settings.ipConfiguration.sslMode",
        ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"),
        default="ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    )


def _ssl_mode(mode: str) -> dict[str, object]:
    return {"settings": {"tier": "db-custom-2-8192", "ipConfiguration": {"sslMode": mode}}}


CLOUDSQL_SSL_MODE = ResourceRule(
    name="cloudsql-ssl-mode",
    description="Cloud SQL databases refuse clients without TLS.",
    severity=Severity.HIGH,
    controls=(*CIS_GCP.controls("6.4"), *PCI_DSS.controls("4.2.1")),
    types=frozenset({CLOUD_SQL}),
    remediation="Set settings.ipConfiguration.sslMode to ENCRYPTED_ONLY.",
    check=_cloud_sql,
    compliant=(
        Example(CLOUD_SQL, _ssl_mode("ENCRYPTED_ONLY")),
        Example(CLOUD_SQL, _ssl_mode("TRUSTED_CLIENT_CERTIFICATE_REQUIRED")),
    ),
    violating=(
        Example(CLOUD_SQL, _ssl_mode("ALLOW_UNENCRYPTED_AND_ENCRYPTED")),
        Example(CLOUD_SQL, {"settings": {"tier": "db-custom-2-8192", "ipConfiguration": {}}}),
    ),
)

RULES: Final = (RDS_FORCE_SSL, RDS_FORCE_SSL_ATTACHED, CLOUDSQL_SSL_MODE)
