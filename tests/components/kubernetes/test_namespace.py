from typing import Any

import pytest

from components.kubernetes.namespace import Namespace, NamespaceArgs
from tests.components.recording import TAGS, Recording, build, resolve

LABELS = {
    "platform.covenant/owner": "risk-platform",
    "platform.covenant/environment": "staging",
    "platform.covenant/system": "scoring",
    "platform.covenant/cost-centre": "CC-4711",
    "platform.covenant/data-classification": "restricted",
    "platform.covenant/data-kind": "pii",
    "platform.covenant/rpo-minutes": "5",
    "platform.covenant/rto-minutes": "30",
}
CLUSTER_DNS = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def _args(**changes: Any) -> NamespaceArgs:
    wanted: dict[str, Any] = {
        "namespace": "scoring",
        "cpu": "20",
        "memory": "20Gi",
        "memory_limit": "40Gi",
        "pods": 50,
        "tags": TAGS,
    }
    return NamespaceArgs(**wanted | changes)


def _namespace(**changes: Any) -> Recording:
    return build(lambda: Namespace("scoring", _args(**changes)))


def _inside(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": "scoring", "labels": LABELS}


def test_pods_below_the_restricted_standard_are_refused() -> None:
    assert _namespace(pod_security_version="v1.33").inputs("kubernetes:core/v1:Namespace") == {
        "scoring": {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": "scoring",
                "labels": LABELS
                | {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/enforce-version": "v1.33",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/audit-version": "v1.33",
                    "pod-security.kubernetes.io/warn": "restricted",
                    "pod-security.kubernetes.io/warn-version": "v1.33",
                },
            },
        }
    }


def test_a_namespace_takes_no_more_than_its_share() -> None:
    recording = _namespace()

    assert recording.inputs("kubernetes:core/v1:ResourceQuota") == {
        "scoring-quota": {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": _inside("quota"),
            "spec": {
                "hard": {
                    "requests.cpu": "20",
                    "requests.memory": "20Gi",
                    "limits.memory": "40Gi",
                    "pods": "50",
                    "services.loadbalancers": "0",
                    "services.nodeports": "0",
                }
            },
        }
    }
    assert recording.inputs("kubernetes:core/v1:LimitRange") == {
        "scoring-limits": {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": _inside("limits"),
            "spec": {
                "limits": [
                    {
                        "type": "Container",
                        "default": {"memory": "256Mi"},
                        "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
                    }
                ]
            },
        }
    }


@pytest.mark.parametrize(
    ("blocks", "answers"),
    [([], [CLUSTER_DNS]), (["169.254.169.254/32"], [CLUSTER_DNS, {"ipBlock": {"cidr": "169.254.169.254/32"}}])],
)
def test_nobody_talks_to_anybody_but_to_dns(blocks: list[str], answers: list[dict[str, Any]]) -> None:
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}

    assert _namespace(dns_cidr_blocks=blocks).inputs("kubernetes:networking.k8s.io/v1:NetworkPolicy") == {
        "scoring-default-deny": {
            **policy,
            "metadata": _inside("default-deny"),
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        },
        "scoring-dns": {
            **policy,
            "metadata": _inside("dns"),
            "spec": {
                "podSelector": {},
                "policyTypes": ["Egress"],
                "egress": [
                    {
                        "to": answers,
                        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
                    }
                ],
            },
        },
    }


@pytest.mark.parametrize("protect", [True, False])
def test_volumes_go_with_their_namespace_only_where_a_setting_allows_it(*, protect: bool) -> None:
    assert _namespace(protect=protect).one("kubernetes:core/v1:Namespace", "scoring").protect is protect


def test_a_namespace_is_handed_out_by_name() -> None:
    assert resolve(lambda: Namespace("scoring", _args()).name) == "scoring"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"namespace": "Scoring"}, "namespace: 'Scoring' is not 1 to 63 lower-case letters, digits and inner hyphens"),
        ({"pod_security_version": "latest"}, "pod_security_version: 'latest' is not a version such as v1.34"),
        ({"cpu": "much"}, "cpu: 'much' is not a quantity such as 500m, 20 or 40Gi"),
        ({"memory": ""}, "memory: '' is not a quantity such as 500m, 20 or 40Gi"),
        ({"memory_limit": "40GB"}, "memory_limit: '40GB' is not a quantity such as 500m, 20 or 40Gi"),
        ({"pods": 0}, "pods: 0 given, a namespace holds one or more"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value) == message
