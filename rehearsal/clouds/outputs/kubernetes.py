"""What a Kubernetes API server answers: ids, object metadata, and the status that programs read.

The server stamps every object, fills in some of the specification, and controllers write the status: here at once, as
if everything were ready, because a Pulumi program goes on only when it is.
"""

import base64
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, cast

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import INSTANT, Context, derived_integer, derived_uuid, seed_of
from rehearsal.clouds.names import DEFAULT_NAMESPACE, is_namespaced, is_release, kind_of

_SERVICES = ipaddress.ip_network("10.96.0.0/12")  # the range of services unless a cluster says otherwise (kubeadm)
_BALANCERS = ipaddress.ip_network("198.18.0.0/15")  # reserved for benchmarks (RFC 2544): no one's

_Object = Mapping[str, Any]


def resource_id(token: str, inputs: _Object) -> str:
    """Returns the id of an object: namespace and name, or the name alone where its kind has no namespace."""
    if is_release(token):
        return f"{inputs.get('namespace') or DEFAULT_NAMESPACE}/{inputs['name']}"
    metadata: _Object = inputs.get("metadata") or {}
    name = str(metadata["name"])
    return f"{metadata.get('namespace') or DEFAULT_NAMESPACE}/{name}" if is_namespaced(kind_of(token, inputs)) else name


def outputs(token: str, inputs: _Object, context: Context) -> dict[str, Any]:
    """Returns the whole state of an object or of a Helm release."""
    if is_release(token):
        return _release(inputs)
    kind = kind_of(token, inputs)
    state = {**inputs, "metadata": _metadata(kind, inputs, context)}
    fill = _KINDS.get(kind)
    return state | fill(inputs, context) if fill and "Patch" not in token else state


def computed_output_names(token: str) -> frozenset[str]:
    """Returns the outputs that only the cluster decides; unknown kinds (custom resources) have none."""
    try:
        return frozenset({"status"} & sdk.resource_type(token).outputs.keys())
    except sdk.UnknownToken:
        return frozenset()


def _metadata(kind: str, inputs: _Object, context: Context) -> dict[str, Any]:
    given: _Object = inputs.get("metadata") or {}
    metadata: dict[str, Any] = {
        **given,
        "creationTimestamp": INSTANT,
        "generation": 1,
        "resourceVersion": str(derived_integer(1000, 999_999, *seed_of(context, "resource-version"))),
        "uid": derived_uuid(*seed_of(context, "uid")),
    }
    if kind == "Namespace":
        metadata["labels"] = {**(given.get("labels") or {}), "kubernetes.io/metadata.name": given["name"]}
    return metadata


def _release(inputs: _Object) -> dict[str, Any]:
    namespace = inputs.get("namespace") or DEFAULT_NAMESPACE
    chart, version = str(inputs["chart"]), inputs.get("version")
    status = {
        "appVersion": version,
        "chart": chart.rpartition("/")[2],
        "name": inputs["name"],
        "namespace": namespace,
        "revision": 1,
        "status": "deployed",
        "version": version,
    }
    known = {name: value for name, value in status.items() if value is not None}
    return {"namespace": namespace, "manifest": {}, "resourceNames": {}, **inputs, "status": known}


def _namespace(_: _Object, __: Context) -> dict[str, Any]:
    return {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}


def _service(inputs: _Object, context: Context) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "ClusterIP", "sessionAffinity": "None", **(inputs.get("spec") or {})}
    status: dict[str, Any] = {"loadBalancer": {}}
    if spec["type"] != "ExternalName":
        number = derived_integer(1, _SERVICES.num_addresses - 2, *seed_of(context, "cluster-ip"))
        address = spec.setdefault("clusterIP", str(_SERVICES[number]))
        spec.setdefault("clusterIPs", [address])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        status = _balancer(context)
    return {"spec": spec, "status": status}


def _ingress(_: _Object, context: Context) -> dict[str, Any]:
    return {"status": _balancer(context)}


def _balancer(context: Context) -> dict[str, Any]:
    number = derived_integer(1, _BALANCERS.num_addresses - 2, *seed_of(context, "balancer"))
    return {"loadBalancer": {"ingress": [{"ip": str(_BALANCERS[number]), "ipMode": "VIP"}]}}


def _secret(inputs: _Object, _: Context) -> dict[str, Any]:
    text: Mapping[str, str] = inputs.get("stringData") or {}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
    return {"type": inputs.get("type") or "Opaque", "data": {**(inputs.get("data") or {}), **encoded}}


def _replicas(inputs: _Object, _: Context) -> dict[str, Any]:
    spec: _Object = inputs.get("spec") or {}
    wanted = spec.get("replicas")
    count = 1 if wanted is None else wanted
    names = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")
    return {"status": {"observedGeneration": 1, **dict.fromkeys(names, count)}}


def _job(_: _Object, __: Context) -> dict[str, Any]:
    complete = {"type": "Complete", "status": "True", "lastTransitionTime": INSTANT}
    return {"status": {"succeeded": 1, "startTime": INSTANT, "completionTime": INSTANT, "conditions": [complete]}}


def _pod(_: _Object, context: Context) -> dict[str, Any]:
    address = f"10.{'.'.join(str(derived_integer(0, 254, *seed_of(context, f'pod-{part}'))) for part in range(3))}"
    return {"status": {"phase": "Running", "podIP": address, "startTime": INSTANT}}


def _claim(inputs: _Object, context: Context) -> dict[str, Any]:
    spec: _Object = inputs.get("spec") or {}
    resources = cast(_Object, spec.get("resources") or {})
    volume = spec.get("volumeName") or f"pvc-{derived_uuid(*seed_of(context, 'volume'))}"
    return {
        "spec": {**spec, "volumeName": volume},
        "status": {
            "phase": "Bound",
            "accessModes": spec.get("accessModes") or [],
            "capacity": resources.get("requests") or {},
        },
    }


def _definition(inputs: _Object, _: Context) -> dict[str, Any]:
    spec: _Object = inputs.get("spec") or {}
    conditions = [
        {"type": kind, "status": "True", "reason": reason, "message": reason, "lastTransitionTime": INSTANT}
        for kind, reason in (("NamesAccepted", "NoConflicts"), ("Established", "InitialNamesAccepted"))
    ]
    stored = [version["name"] for version in spec.get("versions") or () if version.get("storage")]
    return {"status": {"acceptedNames": spec.get("names") or {}, "conditions": conditions, "storedVersions": stored}}


_KINDS: Mapping[str, Callable[[_Object, Context], dict[str, Any]]] = {
    "CustomResourceDefinition": _definition,
    "Deployment": _replicas,
    "Ingress": _ingress,
    "Job": _job,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "ReplicaSet": _replicas,
    "Secret": _secret,
    "Service": _service,
    "StatefulSet": _replicas,
}
