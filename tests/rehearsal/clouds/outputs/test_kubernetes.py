"""Kubernetes: ids, what the API server stamps on an object, and the status that programs read."""

import base64
import ipaddress
import re
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs import computed_output_names, computed_outputs, resource_id

ContextOf = Callable[..., Context]


def state_of(context: Context, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return computed_outputs(token, inputs, resource_id(token, inputs, context), context)


@pytest.mark.parametrize(
    ("token", "inputs", "identifier"),
    [
        ("kubernetes:core/v1:Namespace", {"metadata": {"name": "scoring"}}, "scoring"),
        ("kubernetes:core/v1:Service", {"metadata": {"name": "api", "namespace": "scoring"}}, "scoring/api"),
        ("kubernetes:core/v1:ServicePatch", {"metadata": {"name": "api", "namespace": "scoring"}}, "scoring/api"),
        ("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "settings"}}, "default/settings"),
        ("kubernetes:helm.sh/v3:Release", {"name": "metrics", "namespace": "kube-system"}, "kube-system/metrics"),
        (
            "kubernetes:karpenter.sh/v1:NodePool",
            {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "spot"}},
            "spot",
        ),
        (
            "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
            {"kind": "ServiceMonitor", "metadata": {"name": "api", "namespace": "scoring"}},
            "scoring/api",
        ),
    ],
)
def test_an_id_is_namespace_and_name(
    context_of: ContextOf, token: str, inputs: dict[str, Any], identifier: str
) -> None:
    assert resource_id(token, inputs, context_of(token)) == identifier


def test_the_server_stamps_an_object_and_keeps_the_rest(context_of: ContextOf) -> None:
    token = "kubernetes:core/v1:ConfigMap"
    inputs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "scoring", "labels": {"a": "b"}},
        "data": {"key": "value"},
    }
    state = state_of(context_of(token), token, inputs)
    metadata = state["metadata"]
    assert re.fullmatch(r"[0-9a-f-]{36}", metadata["uid"])
    assert re.fullmatch(r"\d+", metadata["resourceVersion"])
    assert state == {
        **inputs,
        "metadata": {
            **inputs["metadata"],  # type: ignore[dict-item]
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "generation": 1,
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
    }


def test_a_namespace_carries_its_name_as_a_label(context_of: ContextOf) -> None:
    token = "kubernetes:core/v1:Namespace"
    state = state_of(context_of(token), token, {"metadata": {"name": "scoring", "labels": {"a": "b"}}})
    assert state["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "scoring"}
    assert state["status"] == {"phase": "Active"}


@pytest.mark.parametrize("kind", [None, "LoadBalancer", "NodePort"])
def test_a_service_has_an_address_in_the_cluster(context_of: ContextOf, kind: str | None) -> None:
    token = "kubernetes:core/v1:Service"
    spec = {"ports": [{"port": 80}]} | ({"type": kind} if kind else {})
    state = state_of(context_of(token), token, {"metadata": {"name": "api"}, "spec": spec})
    assert ipaddress.ip_address(state["spec"]["clusterIP"]) in ipaddress.ip_network("10.96.0.0/12")
    assert state["spec"]["clusterIPs"] == [state["spec"]["clusterIP"]]
    assert state["spec"]["type"] == (kind or "ClusterIP")
    assert bool(state["status"]["loadBalancer"]) is (kind == "LoadBalancer")


@pytest.mark.parametrize("spec", [{"clusterIP": "None"}, {"type": "ExternalName", "externalName": "db.example"}])
def test_a_service_without_an_address_gets_none(context_of: ContextOf, spec: dict[str, str]) -> None:
    token = "kubernetes:core/v1:Service"
    state = state_of(context_of(token), token, {"metadata": {"name": "api"}, "spec": spec})
    assert state["spec"].get("clusterIP") == spec.get("clusterIP")


def test_the_text_of_a_secret_comes_back_encoded(context_of: ContextOf) -> None:
    token = "kubernetes:core/v1:Secret"
    inputs = {"metadata": {"name": "dsn"}, "stringData": {"url": "x"}, "data": {"other": "eQ=="}}
    state = state_of(context_of(token), token, inputs)
    assert state["data"] == {"other": "eQ==", "url": base64.b64encode(b"x").decode()}
    assert state["type"] == "Opaque"


@pytest.mark.parametrize(("spec", "count"), [({}, 1), ({"replicas": 3}, 3), ({"replicas": 0}, 0)])
def test_a_deployment_is_ready_in_full(context_of: ContextOf, spec: dict[str, int], count: int) -> None:
    token = "kubernetes:apps/v1:Deployment"
    status = state_of(context_of(token), token, {"metadata": {"name": "api"}, "spec": spec})["status"]
    assert (status["replicas"], status["readyReplicas"], status["availableReplicas"]) == (count, count, count)


def test_a_claim_is_bound_with_what_it_asked_for(context_of: ContextOf) -> None:
    token = "kubernetes:core/v1:PersistentVolumeClaim"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    state = state_of(context_of(token), token, {"metadata": {"name": "data"}, "spec": spec})
    assert state["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}}
    assert re.fullmatch(r"pvc-[0-9a-f-]{36}", state["spec"]["volumeName"])


def test_a_definition_is_established(context_of: ContextOf) -> None:
    token = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    spec = {"names": {"kind": "Risk"}, "versions": [{"name": "v1", "storage": True}, {"name": "v0", "storage": False}]}
    status = state_of(context_of(token), token, {"metadata": {"name": "risks.example.com"}, "spec": spec})["status"]
    assert [condition["type"] for condition in status["conditions"]] == ["NamesAccepted", "Established"]
    assert (status["acceptedNames"], status["storedVersions"]) == ({"kind": "Risk"}, ["v1"])


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("kubernetes:batch/v1:Job", {"succeeded": 1}),
        ("kubernetes:core/v1:Pod", {"phase": "Running"}),
        ("kubernetes:apps/v1:StatefulSet", {"readyReplicas": 1}),
    ],
)
def test_what_a_program_waits_for_is_there(context_of: ContextOf, token: str, status: dict[str, Any]) -> None:
    assert state_of(context_of(token), token, {"metadata": {"name": "x"}})["status"].items() >= status.items()


def test_a_patch_of_an_object_has_no_status_of_its_own(context_of: ContextOf) -> None:
    token = "kubernetes:apps/v1:DeploymentPatch"
    assert "status" not in state_of(context_of(token), token, {"metadata": {"name": "x"}})


def test_a_release_is_deployed(context_of: ContextOf) -> None:
    token = "kubernetes:helm.sh/v3:Release"
    inputs = {"name": "keda", "chart": "oci://example.com/charts/keda", "version": "2.18.1", "namespace": "keda"}
    state = state_of(context_of(token), token, inputs)
    assert state["status"] == {
        "appVersion": "2.18.1",
        "chart": "keda",
        "name": "keda",
        "namespace": "keda",
        "revision": 1,
        "status": "deployed",
        "version": "2.18.1",
    }


def test_only_the_status_is_open_while_previewing() -> None:
    assert computed_output_names("kubernetes:core/v1:Service", {}) == {"status"}
    assert computed_output_names("kubernetes:karpenter.sh/v1:NodePool", {}) == frozenset()
