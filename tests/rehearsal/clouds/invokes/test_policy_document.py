"""`getPolicyDocument`: JSON to the letter as the AWS provider writes it."""

import json
import re
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes.errors import WrongArguments
from rehearsal.clouds.invokes.policy_document import get_policy_document

CONTEXT = Context(provider="aws", urn="", project="", stack="", region="eu-west-1", account="111122223333")


def document(**args: Any) -> Any:
    return json.loads(get_policy_document(args, CONTEXT)["json"])


def statement(**parts: Any) -> Any:
    (only,) = document(statements=[parts])["Statement"]
    return only


def test_a_document_is_written_to_the_letter() -> None:
    answer = get_policy_document(
        {
            "policyId": "objects",
            "statements": [
                {
                    "sid": "Read",
                    "actions": ["s3:GetObject", "s3:ListBucket"],
                    "resources": ["arn:aws:s3:::audit", "arn:aws:s3:::audit/*"],
                    "principals": [{"type": "Service", "identifiers": ["config.amazonaws.com"]}],
                    "conditions": [
                        {"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["111122223333"]},
                        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
                    ],
                },
                {"effect": "Deny", "notActions": ["iam:*"], "notResources": ["*"]},
            ],
        },
        CONTEXT,
    )
    assert answer["json"] == (
        "{\n"
        '  "Version": "2012-10-17",\n'
        '  "Id": "objects",\n'
        '  "Statement": [\n'
        "    {\n"
        '      "Sid": "Read",\n'
        '      "Effect": "Allow",\n'
        '      "Action": [\n'
        '        "s3:ListBucket",\n'
        '        "s3:GetObject"\n'
        "      ],\n"
        '      "Resource": [\n'
        '        "arn:aws:s3:::audit/*",\n'
        '        "arn:aws:s3:::audit"\n'
        "      ],\n"
        '      "Principal": {\n'
        '        "Service": "config.amazonaws.com"\n'
        "      },\n"
        '      "Condition": {\n'
        '        "Bool": {\n'
        '          "aws:SecureTransport": "true"\n'
        "        },\n"
        '        "StringEquals": {\n'
        '          "aws:SourceAccount": "111122223333"\n'
        "        }\n"
        "      }\n"
        "    },\n"
        "    {\n"
        '      "Effect": "Deny",\n'
        '      "NotAction": "iam:*",\n'
        '      "NotResource": "*"\n'
        "    }\n"
        "  ]\n"
        "}"
    )
    assert answer["minifiedJson"].startswith('{"Version":"2012-10-17","Id":"objects","Statement":[{"Sid":"Read",')
    assert json.loads(answer["minifiedJson"]) == json.loads(answer["json"])
    assert answer["id"] == str(zlib.crc32(answer["json"].encode()))


def test_an_empty_document_has_a_version_only() -> None:
    assert document() == {"Version": "2012-10-17"}


@pytest.mark.parametrize(
    ("principals", "written"),
    [
        ([{"type": "*", "identifiers": ["*"]}], "*"),
        ([{"type": "AWS", "identifiers": ["*"]}], {"AWS": "*"}),
        ([{"type": "AWS", "identifiers": ["a", "b"]}], {"AWS": ["b", "a"]}),
        (
            [{"type": "Service", "identifiers": ["s"]}, {"type": "AWS", "identifiers": ["a"]}],
            {"AWS": "a", "Service": "s"},
        ),
        (
            [{"type": "AWS", "identifiers": ["a"]}, {"type": "AWS", "identifiers": ["b", "c"]}],
            {"AWS": ["a", "c", "b"]},
        ),
        ([{"type": "*", "identifiers": ["*"]}, {"type": "AWS", "identifiers": ["a"]}], {"*": "*", "AWS": "a"}),
    ],
)
def test_principals_are_grouped_by_type(principals: list[dict[str, Any]], written: Any) -> None:
    assert statement(principals=principals)["Principal"] == written
    assert statement(notPrincipals=principals)["NotPrincipal"] == written


def test_conditions_are_grouped_by_test_and_variable_and_keep_the_order_of_their_values() -> None:
    conditions = [
        {"test": "StringLike", "variable": "aws:PrincipalArn", "values": ["b", "a"]},
        {"test": "StringLike", "variable": "aws:PrincipalArn", "values": ["c"]},
        {"test": "StringLike", "variable": "aws:PrincipalOrgID", "values": ["o"]},
    ]
    assert statement(conditions=conditions)["Condition"] == {
        "StringLike": {"aws:PrincipalArn": ["b", "a", "c"], "aws:PrincipalOrgID": "o"}
    }


def test_policy_variables_are_written_with_a_dollar() -> None:
    written = statement(
        resources=["arn:aws:s3:::home/&{aws:username}/*"],
        conditions=[{"test": "StringLike", "variable": "s3:prefix", "values": ["&{aws:username}/*"]}],
    )
    assert written["Resource"] == "arn:aws:s3:::home/${aws:username}/*"
    assert written["Condition"] == {"StringLike": {"s3:prefix": "${aws:username}/*"}}


def test_what_html_would_read_is_escaped() -> None:
    text = get_policy_document({"statements": [{"resources": ["a<b>&c"]}]}, CONTEXT)["json"]
    assert r'"a\u003cb\u003e\u0026c"' in text
    assert json.loads(text)["Statement"][0]["Resource"] == "a<b>&c"


def source(*statements: dict[str, Any], **parts: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | parts)


def test_documents_are_merged_in_order_and_the_later_statement_of_an_id_wins() -> None:
    merged = document(
        sourcePolicyDocuments=[
            source({"Sid": "A", "Effect": "Allow", "Action": "a:*"}, {"Effect": "Deny", "Action": "b:*"})
        ],
        statements=[{"sid": "A", "actions": ["a:Read"]}, {"sid": "B", "actions": ["c:*"]}],
        overridePolicyDocuments=[source({"Sid": "B", "Effect": "Deny", "Action": "c:*"})],
    )
    assert merged["Statement"] == [
        {"Sid": "A", "Effect": "Allow", "Action": "a:Read"},
        {"Effect": "Deny", "Action": "b:*"},
        {"Sid": "B", "Effect": "Deny", "Action": "c:*"},
    ]


def test_a_merged_document_takes_the_newer_version_and_the_last_id() -> None:
    merged = document(
        version="2008-10-17",
        policyId="own",
        sourcePolicyDocuments=[source(Version="2012-10-17", Id="source")],
        overridePolicyDocuments=[source(Version="2008-10-17")],
    )
    assert merged == {"Version": "2012-10-17", "Id": "own"}


def test_a_source_document_is_rewritten_in_the_providers_way() -> None:
    merged = document(
        sourcePolicyDocuments=[
            source(
                {
                    "Effect": "Allow",
                    "Action": ["b", "a"],
                    "Resource": ["*"],
                    "Principal": {"Service": ["a", "b"], "AWS": "*"},
                    "Condition": {"Bool": {"aws:SecureTransport": True}, "ArnLike": {"aws:SourceArn": ["x"]}},
                },
                {"Effect": "Deny", "Principal": "*", "Action": "*"},
            )
        ]
    )
    assert merged["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["b", "a"],
            "Resource": ["*"],
            "Principal": {"AWS": "*", "Service": ["b", "a"]},
            "Condition": {"ArnLike": {"aws:SourceArn": "x"}, "Bool": {"aws:SecureTransport": "true"}},
        },
        {"Effect": "Deny", "Action": "*", "Principal": "*"},
    ]


def test_the_arguments_come_back_with_the_answer() -> None:
    args = {"statements": [{"actions": ["s3:*"]}], "policyId": "x"}
    assert get_policy_document(args, CONTEXT).items() >= {**args, "version": "2012-10-17"}.items()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"version": "2020-01-01"}, "version: `2020-01-01` is none of 2008-10-17, 2012-10-17"),
        ({"statements": [{"effect": "allow"}]}, "statements[0].effect: `allow` is neither Allow nor Deny"),
        ({"statements": [{"sid": "not ok"}]}, "statements[0].sid: `not ok` may hold letters and digits only"),
        ({"statements": [{"sid": "A"}, {"sid": "A"}]}, "statements: statement id `A` is there twice"),
        ({"sourcePolicyDocuments": ["{"]}, "sourcePolicyDocuments[0]: no JSON"),
        ({"overridePolicyDocuments": ["[]"]}, "overridePolicyDocuments[0]: `Statement` has to be a list"),
        (
            {"sourcePolicyDocuments": ['{"Statement": {"Effect": "Allow"}}']},
            "sourcePolicyDocuments[0]: `Statement` has to be a list",
        ),
        (
            {"sourcePolicyDocuments": [source({"Sid": "A"}), source({"Sid": "A"})]},
            "sourcePolicyDocuments[1]: statement id `A` is there twice",
        ),
        (
            {"version": "2008-10-17", "statements": [{"resources": ["&{aws:username}"]}]},
            "statements[0].resources: policy variables (`&{`) need version 2012-10-17",
        ),
    ],
)
def test_what_the_provider_refuses_is_refused(args: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArguments, match=re.escape(message)):
        get_policy_document(args, CONTEXT)


ACTIONS = st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "kms:Decrypt", "*"]), min_size=1, max_size=6)


@given(actions=ACTIONS)
def test_actions_are_a_set_in_descending_order(actions: list[str]) -> None:
    written = statement(actions=actions)["Action"]
    expected = sorted(set(actions), reverse=True)
    assert written == (expected[0] if len(expected) == 1 else expected)


@given(actions=ACTIONS)
def test_a_rendered_document_stays_the_same_when_it_is_merged(actions: list[str]) -> None:
    first = get_policy_document({"statements": [{"actions": actions, "resources": ["*"]}]}, CONTEXT)["json"]
    assert get_policy_document({"sourcePolicyDocuments": [first]}, CONTEXT)["json"] == first
