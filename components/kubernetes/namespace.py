"""A namespace in which nothing runs with more than it needs and nobody talks to anybody unasked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.checks import check_name
from components.ordering import after
from components.tags import Tags

_DNS_PORT: Final = 53
_NAME = re.compile(r"(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_VERSION = re.compile(r"v1\.\d+")
_QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|[MGT]|[KMGT]i)?")

# A pod that states nothing gets little of each. There is no limit on processor time: it would slow a pod down beside
# an idle node.
_CONTAINER_LIMIT: Final[Mapping[str, str]] = MappingProxyType({"memory": "256Mi"})
_CONTAINER_REQUEST: Final[Mapping[str, str]] = MappingProxyType({"cpu": "100m", "memory": "128Mi"})


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """What a namespace may hold.

    Attributes:
        namespace: Its name.
        tags: Labels of everything in it.
        cpu: Processors that all pods together may request, as a Kubernetes quantity.
        memory: Memory that all pods together may request.
        memory_limit: Memory that the limits of all pods together may come to.
        pods: Pods that may exist at a time. A blue/green release runs each workload twice: leave room for it.
        pod_security_version: The version of Kubernetes whose Pod Security standard is held to, not newer than
            the cluster's. Pinned, so that an upgrade of the cluster stops no pod.
        dns_cidr_blocks: Addresses that answer names outside of the cluster's own DNS pods: GKE's Cloud DNS
            does on 169.254.169.254/32.
        protect: Whether the engine refuses to destroy it: volumes go with their namespace.

    Raises:
        ValueError: A value that Kubernetes would refuse.
    """

    namespace: str
    tags: Tags
    cpu: str
    memory: str
    memory_limit: str
    pods: int
    pod_security_version: str = "v1.34"
    dns_cidr_blocks: Sequence[str] = ()
    protect: bool = True

    def __post_init__(self) -> None:
        check_name("namespace", self.namespace, _NAME, "1 to 63 lower-case letters, digits and inner hyphens")
        check_name("pod_security_version", self.pod_security_version, _VERSION, "a version such as v1.34")
        for quantity in ("cpu", "memory", "memory_limit"):
            check_name(quantity, getattr(self, quantity), _QUANTITY, "a quantity such as 500m, 20 or 40Gi")
        if self.pods < 1:
            raise ValueError(f"pods: {self.pods} given, a namespace holds one or more")


class Namespace(pulumi.ComponentResource):
    """A namespace held to the restricted Pod Security standard, with quota, limits and closed network.

    Attributes:
        name: The namespace's name, known once its guards are in place.

    Example:
        >>> args = NamespaceArgs(
        ...     namespace="scoring", cpu="20", memory="20Gi", memory_limit="40Gi", pods=50, tags=tags
        ... )
        >>> name: pulumi.Output[str] = Namespace("scoring", args).name
    """

    name: pulumi.Output[str]

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:kubernetes:Namespace", name, None, opts)
        labels = args.tags.kubernetes()
        namespace = kubernetes.core.v1.Namespace(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.namespace, labels=labels | pod_security_labels(args.pod_security_version)
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        inside = kubernetes.meta.v1.ObjectMetaArgs
        child = pulumi.ResourceOptions(parent=self)
        kubernetes.core.v1.ResourceQuota(
            f"{name}-quota",
            metadata=inside(name="quota", namespace=namespace.metadata.name, labels=labels),
            spec=kubernetes.core.v1.ResourceQuotaSpecArgs(hard=quota(args)),
            opts=child,
        )
        kubernetes.core.v1.LimitRange(
            f"{name}-limits",
            metadata=inside(name="limits", namespace=namespace.metadata.name, labels=labels),
            spec=kubernetes.core.v1.LimitRangeSpecArgs(
                limits=[
                    kubernetes.core.v1.LimitRangeItemArgs(
                        type="Container", default=_CONTAINER_LIMIT, default_request=_CONTAINER_REQUEST
                    )
                ]
            ),
            opts=child,
        )
        policies = kubernetes.networking.v1
        closed = policies.NetworkPolicy(
            f"{name}-default-deny",
            metadata=inside(name="default-deny", namespace=namespace.metadata.name, labels=labels),
            spec=policies.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
            ),
            opts=child,
        )
        policies.NetworkPolicy(
            f"{name}-dns",
            metadata=inside(name="dns", namespace=namespace.metadata.name, labels=labels),
            spec=policies.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(),
                policy_types=["Egress"],
                egress=[dns_rule(args.dns_cidr_blocks)],
            ),
            opts=child,
        )
        self.name = after(args.namespace, namespace, closed)
        self.register_outputs({"name": self.name})


def pod_security_labels(version: str) -> dict[str, str]:
    """The labels that make the API server refuse, and tell about, pods below the restricted standard."""
    prefix = "pod-security.kubernetes.io"
    return {
        label: value
        for mode in ("enforce", "audit", "warn")
        for label, value in ((f"{prefix}/{mode}", "restricted"), (f"{prefix}/{mode}-version", version))
    }


def quota(args: NamespaceArgs) -> dict[str, str]:
    """What the namespace may hold; load balancers are the platform's to make, none from within."""
    return {
        "requests.cpu": args.cpu,
        "requests.memory": args.memory,
        "limits.memory": args.memory_limit,
        "pods": str(args.pods),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def dns_rule(cidr_blocks: Sequence[str]) -> kubernetes.networking.v1.NetworkPolicyEgressRuleArgs:
    """Lets pods ask the cluster's DNS pods, which EKS and GKE label alike, and the addresses given."""
    policies, selector = kubernetes.networking.v1, kubernetes.meta.v1.LabelSelectorArgs
    cluster_dns = policies.NetworkPolicyPeerArgs(
        namespace_selector=selector(match_labels={"kubernetes.io/metadata.name": "kube-system"}),
        pod_selector=selector(match_labels={"k8s-app": "kube-dns"}),
    )
    addresses = [policies.NetworkPolicyPeerArgs(ip_block=policies.IPBlockArgs(cidr=block)) for block in cidr_blocks]
    return policies.NetworkPolicyEgressRuleArgs(
        to=[cluster_dns, *addresses],
        ports=[policies.NetworkPolicyPortArgs(protocol=protocol, port=_DNS_PORT) for protocol in ("UDP", "TCP")],
    )
