"""The pack over exported states: what a reader of the verdicts relies on."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

from policies.catalogue import ALL
from policies.configuration import configure
from policies.evaluate import Outcome, Verdict, evaluate
from policies.rule import ConfigurationError
from policies.state import StateError
from tests.policies.programs import programs, render, urn

RULES = {rule.name: rule for rule in ALL}
INSTANCE = "aws:rds/instance:Instance"
BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def in_state(type_: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    urn_ = f"urn:pulumi:prod::covenant::{type_}::{name}"
    return {"urn": urn_, "type": type_, "custom": True, "inputs": inputs, "outputs": inputs, **more}


def exported(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


DATABASE = in_state(INSTANCE, "ledger", {"backupRetentionPeriod": 7})


def test_each_rule_says_what_is_wrong_with_which_resource():
    database = in_state(INSTANCE, "ledger", {"storageEncrypted": False})
    assert evaluate(exported(database), [RULES["rds-cmk"], RULES["cloudsql-cmek"]]) == [
        Verdict("rds-cmk", database["urn"], Outcome.VIOLATION, "storageEncrypted must be true, but is false"),
        Verdict("rds-cmk", database["urn"], Outcome.VIOLATION, "kmsKeyId is not set"),
    ]


def test_a_flaw_of_a_companion_is_said_of_the_bucket():
    bucket = in_state(BUCKET, "data", {"bucket": "data"}, id="data")
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}
    encryption = in_state(ENCRYPTION, "data-encryption", {"bucket": "data", "rules": [rule]})
    wrong = "data-encryption: rules[0].bucketKeyEnabled must be true, but is not set (the provider assumes false)"
    assert evaluate([bucket, encryption], [RULES["s3-cmk"]]) == [
        Verdict("s3-cmk", bucket["urn"], Outcome.VIOLATION, wrong)
    ]


def test_the_encryption_that_s3_reports_of_itself_does_not_hide_the_separate_one():
    reported = {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}}
    bucket = in_state(BUCKET, "data", {}, id="data", outputs={"serverSideEncryptionConfiguration": reported})
    rule = {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"},
        "bucketKeyEnabled": True,
    }
    encryption = in_state(ENCRYPTION, "data-encryption", {"bucket": "data", "rules": [rule]})
    assert [v.outcome for v in evaluate([bucket, encryption], [RULES["s3-cmk"]])] == [Outcome.PASS]
    assert {v.outcome for v in evaluate([bucket], [RULES["s3-cmk"]])} == {Outcome.VIOLATION}


@pytest.mark.parametrize("name", ["theirs", "postgres17", "their.default.postgres17"])
def test_a_database_with_another_stacks_parameters_is_left_open(name: str):
    database = in_state(INSTANCE, "ledger", {"engine": "postgres", "parameterGroupName": name})
    assert [v.outcome for v in evaluate([database], [RULES["rds-force-ssl-attached"]])] == [Outcome.CANNOT_TELL]


@pytest.mark.parametrize(
    ("kept", "kind", "outcome"),
    [
        (365, {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "ciphertext": "v1:x"}, Outcome.CANNOT_TELL),
        (2557, {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "ciphertext": "v1:x"}, Outcome.PASS),
        (180, {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "ciphertext": "v1:x"}, Outcome.VIOLATION),
        (365, {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "plaintext": '"audit"'}, Outcome.VIOLATION),
    ],
)
def test_logs_that_may_be_audit_logs_are_left_open(kept: int, kind: Any, outcome: Outcome):
    logs = in_state("aws:cloudwatch/logGroup:LogGroup", "logs", {"retentionInDays": kept, "tags": {"data-kind": kind}})
    assert [v.outcome for v in evaluate([logs], [RULES["log-retention"]])] == [outcome]


def test_what_only_waits_for_its_deletion_is_not_judged():
    assert evaluate(exported({**DATABASE, "delete": True})) == []


def test_resources_that_no_rule_judges_are_ignored():
    assert evaluate(exported(in_state("acme:index/thing:Thing", "thing", {"a": [1]}))) == []


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({}, "deployment: Field required"),
        ({"deployment": {"resources": {}}}, "deployment.resources: Input should be a valid list"),
        (exported({"urn": "u"}), "deployment.resources.0.type: Field required"),
        (exported({**DATABASE, "inputs": ["hunter2"]}), "deployment.resources.0.inputs: Input should be a valid dict"),
        ([DATABASE, {**DATABASE, "urn": 7}], "1.urn: Input should be a valid string"),
        ("hunter2", "the state: Input should be a valid list"),
    ],
)
def test_a_malformed_state_is_refused_without_its_values(state: Any, place: str):
    with pytest.raises(StateError) as refused:
        evaluate(state)
    assert place in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("configuration", "outcomes"),
    [
        ({}, [Outcome.VIOLATION]),
        ({"rds-pitr": {"minimumDays": 7}}, [Outcome.PASS]),
        ({"rds-pitr": {"enforcementLevel": "advisory", "minimumDays": 7.0}}, [Outcome.PASS]),
        ({"all": "advisory", "rds-pitr": "mandatory"}, [Outcome.VIOLATION]),
        ({"rds-pitr": "disabled"}, []),
        ({"all": "disabled"}, []),
        ({"all": "disabled", "rds-pitr": "mandatory"}, [Outcome.VIOLATION]),
    ],
)
def test_a_stack_sets_parameters_and_levels(configuration: Any, outcomes: list[Outcome]):
    judged = evaluate([DATABASE], ALL, configuration)
    assert [verdict.outcome for verdict in judged if verdict.rule == "rds-pitr"] == outcomes


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"rds-pitrr": "mandatory"}, "policy rds-pitrr: there is none of this name; meant rds-pitr?"),
        ({"zzz": "mandatory"}, "policy zzz: there is none of this name"),
        ({"rds-pitr": "sometimes"}, "policy rds-pitr: enforcementLevel must be one of advisory, mandatory"),
        ({"rds-pitr": {"minimumDay": 7}}, "policy rds-pitr: minimumDay: Extra inputs are not permitted"),
        ({"rds-pitr": {"minimumDays": 36}}, "policy rds-pitr: minimumDays: Input should be less than or equal to 35"),
        ({"rds-pitr": {"minimumDays": 7.5}}, "policy rds-pitr: minimumDays: Input should be a valid integer"),
        ({"rds-cmk": {"minimumDays": 7}}, "policy rds-cmk: it has no parameters, yet minimumDays is set"),
        ({"rds-pitr": ["mandatory"]}, "policy rds-pitr: must be an enforcement level or an object"),
        ({"rds-pitr": {"enforcementLevel": 1}}, "policy rds-pitr: enforcementLevel must be one of"),
    ],
)
def test_a_wrong_configuration_is_refused(configuration: Any, message: str):
    with pytest.raises(ConfigurationError) as refused:
        configure(ALL, configuration)
    assert message in str(refused.value)


def strings(value: Any) -> Any:
    """The same, with each string a secret."""
    match value:
        case str():
            return "hunter2"
        case dict():
            return {key: strings(inner) for key, inner in value.items()}
        case list():
            return [strings(inner) for inner in value]
        case _:
            return value


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_no_message_quotes_a_property(rule: Any):
    for program in programs((*rule.compliant, *rule.violating, *rule.exempt)):
        state = [
            {"urn": urn(one.example), "type": one.example.type, "inputs": secret, "outputs": secret}
            for one in render(program)
            for secret in [strings(one.properties)]
        ]
        assert "hunter2" not in repr(evaluate(state, [rule]))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KNOWN_NAMES = sorted(
    {name for rule in ALL for program in programs(rule.violating) for one in program for name in one.properties}
)


@given(
    st.lists(
        st.builds(
            lambda type_, properties: in_state(type_, "any", properties),
            st.sampled_from(sorted({token for rule in ALL for token in rule.types})),
            st.dictionaries(st.sampled_from(KNOWN_NAMES) | st.text(max_size=5), JSON, max_size=4),
        ),
        max_size=4,
    )
)
def test_any_properties_get_a_verdict(resources: list[dict[str, Any]]):
    judged = {(verdict.rule, verdict.urn) for verdict in evaluate(json.loads(json.dumps(exported(*resources))))}
    assert judged == {(rule.name, one["urn"]) for rule in ALL for one in resources if one["type"] in rule.types}
