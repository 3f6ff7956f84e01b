"""What a Kubernetes API server would refuse."""

import pytest
from jsonschema.exceptions import ValidationError

from rehearsal.clouds import kubernetes
from rehearsal.clouds.checks import check
from rehearsal.clouds.problem import Problem
from rehearsal.clouds.values import UNKNOWN, Secret

DEPLOYMENT, CERTIFICATE = "kubernetes:apps/v1:Deployment", "kubernetes:cert-manager.io/v1:Certificate"


def deployment(container=None, **spec):
    """A deployment that passes, with some of it changed."""
    containers = [{"name": "api", "image": "api@sha256:0", "ports": [{"containerPort": 8000.0}], **(container or {})}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "scoring", "labels": {"app.kubernetes.io/name": "scoring"}},
        "spec": {
            "replicas": 3.0,
            "selector": {"matchLabels": {"app": "scoring"}},
            "template": {"metadata": {"labels": {"app": "scoring"}}, "spec": {"containers": containers}},
            **spec,
        },
    }


CONTAINER = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (DEPLOYMENT, deployment()),
        (DEPLOYMENT, deployment({"resources": {"limits": {"cpu": 2.0, "memory": "512Mi"}}})),
        (DEPLOYMENT, deployment({"image": UNKNOWN, "env": UNKNOWN, "ports": [UNKNOWN]})),
        (DEPLOYMENT, deployment({"command": None}, strategy=UNKNOWN)),
        (DEPLOYMENT, {"spec": UNKNOWN, "metadata": UNKNOWN}),
        ("kubernetes:core/v1:Secret", {"stringData": Secret({"dsn": Secret("hunter2")})}),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"ports": [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 8000.0}]}},
        ),
        ("kubernetes:core/v1:ConfigMapList", {"items": [{"metadata": {"name": "a"}}]}),
        (CERTIFICATE, {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "spec": {"anything": [1]}}),
        ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", {"metadata": {"name": "lender:auditor"}}),
    ],
)
def test_right_objects_pass(token, inputs):
    assert check(token, inputs) == ()


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (
            DEPLOYMENT,
            deployment({"imagePullPolice": "Always"}),
            Problem(
                f"{CONTAINER}.imagePullPolice", "unknown property `imagePullPolice`, did you mean `imagePullPolicy`?"
            ),
        ),
        (DEPLOYMENT, deployment(replicas="3"), Problem("spec.replicas", "must be an integer, not the string `3`")),
        (DEPLOYMENT, deployment(replicas=2.5), Problem("spec.replicas", "must be an integer, not the number `2.5`")),
        (DEPLOYMENT, deployment(paused="no"), Problem("spec.paused", "must be a boolean, not the string `no`")),
        (
            DEPLOYMENT,
            deployment({"resources": {"limits": {"cpu": True}}}),
            Problem(f"{CONTAINER}.resources.limits.cpu", "must be a string or a number, not the boolean `true`"),
        ),
        (
            DEPLOYMENT,
            deployment({"resources": {"requests": {"memory": "512 MB"}}}),
            Problem(
                f"{CONTAINER}.resources.requests.memory", "must be a quantity such as `500m` or `512Mi`, not `512 MB`"
            ),
        ),
        (
            DEPLOYMENT,
            deployment({"ports": [{}]}),
            Problem(f"{CONTAINER}.ports[0].containerPort", "missing required property"),
        ),
        (
            DEPLOYMENT,
            deployment({"ports": [{"containerPort": 80800}]}),
            Problem(f"{CONTAINER}.ports[0].containerPort", "must be between 1 and 65535, not `80800`"),
        ),
        (DEPLOYMENT, {"metadata": {"name": "scoring"}}, Problem("spec", "missing required property")),
        (
            DEPLOYMENT,
            deployment() | {"apiVersion": "apps/v2"},
            Problem("apiVersion", "`apps/v2` is none of `apps/v1`, did you mean `apps/v1`?"),
        ),
        (
            DEPLOYMENT,
            deployment() | {"metadata": {"labels": {"app": "Credit Risk"}}},
            Problem(
                "metadata.labels.app",
                "must be up to 63 letters, digits and -_., a letter or digit at each end, not `Credit Risk`",
            ),
        ),
        (
            DEPLOYMENT,
            deployment() | {"metadata": {"annotations": {"last change": "x"}}},
            Problem(
                'metadata.annotations["last change"]',
                "must be a name of up to 63 characters, perhaps with a DNS prefix and `/`, not `last change`",
            ),
        ),
        (
            "kubernetes:core/v1:Namespace",
            {"metadata": {"name": "scoring.api"}},
            Problem(
                "metadata.name",
                "must be 1 to 63 of a-z, 0-9 and hyphens, a letter or digit at each end, not `scoring.api`",
            ),
        ),
        (
            "kubernetes:core/v1:Secret",
            {"stringData": {"port": Secret(5432)}},
            Problem("stringData.port", "must be a string, not a secret number"),
        ),
        (
            "kubernetes:core/v1:Secret",
            {"type": "Opaque", "metadata": Secret({"name": 5})},
            Problem("metadata.name", "must be a string, not a secret number"),
        ),
        (
            "kubernetes:policy/v1beta1:PodDisruptionBudget",
            {},
            Problem("", "Kubernetes 1.34 has no `PodDisruptionBudget` of `policy/v1beta1`"),
        ),
        (
            CERTIFICATE,
            {"apiVersion": "cert-manager.io/v1", "kind": "Certificat"},
            Problem("kind", "`Certificat` is none of `Certificate`, did you mean `Certificate`?"),
        ),
        (CERTIFICATE, {"apiVersion": "cert-manager.io/v1"}, Problem("kind", "missing required property")),
        (
            CERTIFICATE,
            {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"namespce": "edge"}},
            Problem("metadata.namespce", "unknown property `namespce`, did you mean `namespace`?"),
        ),
        (
            CERTIFICATE,
            {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"namespace": "Edge"}},
            Problem(
                "metadata.namespace",
                "must be 1 to 63 of a-z, 0-9 and hyphens, a letter or digit at each end, not `Edge`",
            ),
        ),
        (
            "kubernetes:core/v1:PodPatch",
            {"spec": {"contaners": []}},
            Problem("spec.contaners", "unknown property `contaners`, did you mean `containers`?"),
        ),
    ],
)
def test_each_kind_of_mistake_is_refused_with_its_place_and_reason(token, inputs, problem):
    assert check(token, inputs) == (problem,)


def test_all_mistakes_of_an_object_are_told_at_once():
    wrong = deployment({"imag": "x", "ports": [{"containerPort": "a"}]}, replica=3)
    assert sorted(problem.path for problem in check(DEPLOYMENT, wrong)) == [
        "spec.replica",
        f"{CONTAINER}.imag",
        f"{CONTAINER}.ports[0].containerPort",
    ]


@pytest.mark.parametrize(
    ("token", "is_object"),
    [
        (DEPLOYMENT, True),
        (CERTIFICATE, True),
        ("kubernetes:gateway.networking.k8s.io/v1:Gateway", True),
        ("kubernetes:apps/v1:DeploymentPatch", False),
        ("kubernetes:apps/v1:Deploymint", False),
        ("kubernetes:networking.k8s.io/v1:Ingres", False),
        ("kubernetes:helm.sh/v3:Release", False),
        ("kubernetes:yaml/v2:ConfigFile", False),
        ("pulumi:providers:kubernetes", False),
        ("aws:kms/key:Key", False),
    ],
)
def test_only_objects_of_the_api_are_held_against_its_schemas(token, is_object):
    assert kubernetes.defines(token) is is_object


def test_an_error_of_a_kind_that_no_schema_has_today_is_told_without_the_value():
    error = ValidationError(
        "'hunter2' does not match", validator="pattern", instance="hunter2", path=["metadata", "name"]
    )
    assert list(kubernetes._problems(error, {"metadata": {"name": "hunter2"}})) == [
        Problem("metadata.name", "does not satisfy `pattern` of the schema")
    ]


def test_a_newer_version_may_be_asked_for():
    budget = "kubernetes:policy/v1beta1:PodDisruptionBudget"
    assert kubernetes.check(DEPLOYMENT, deployment(), version="1.37") == ()
    assert kubernetes.check(budget, {}, version="1.37") == (
        Problem("", "Kubernetes 1.37 has no `PodDisruptionBudget` of `policy/v1beta1`"),
    )


def test_a_version_that_is_not_packaged_is_an_error():
    with pytest.raises(ValueError, match=r"kubernetes-validate has no schemas of Kubernetes 1\.99"):
        kubernetes.check(DEPLOYMENT, {}, version="1.99")


def test_what_is_no_object_of_the_api_is_an_error():
    with pytest.raises(ValueError, match=r"`kubernetes:helm\.sh/v3:Release` is no object of the Kubernetes API"):
        kubernetes.check("kubernetes:helm.sh/v3:Release", {})
