"""The Kubernetes provider's functions: YAML is read, charts are not rendered."""

import re

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes import InvokeError, WrongArguments, invoke

CONTEXT = Context(provider="kubernetes", urn="", project="", stack="", region="", account="")
DECODE = "kubernetes:yaml:decode"


def test_objects_are_read_and_lists_taken_apart() -> None:
    text = """
apiVersion: v1
kind: Namespace
metadata: {name: scoring}
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}
"""
    assert invoke(DECODE, {"text": text, "defaultNamespace": "scoring"}, CONTEXT) == {
        "result": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "scoring"}},
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "scoring"}},
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b", "namespace": "other"}},
        ]
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "kubernetes:yaml:decode: text: no YAML"),
        ("just text", "text: a document without `apiVersion` and `kind` is no Kubernetes object"),
        ("kind: Pod", "text: a document without `apiVersion` and `kind` is no Kubernetes object"),
    ],
)
def test_what_is_no_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(WrongArguments, match=re.escape(message)):
        invoke(DECODE, {"text": text}, CONTEXT)


def test_a_call_without_a_text_is_refused() -> None:
    with pytest.raises(WrongArguments, match="kubernetes:yaml:decode: text: missing"):
        invoke(DECODE, {}, CONTEXT)


def test_a_chart_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvokeError, match=re.escape("kubernetes.helm.v3.Release")):
        invoke("kubernetes:helm:template", {"jsonOpts": "{}"}, CONTEXT)
