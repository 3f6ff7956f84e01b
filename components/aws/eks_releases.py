"""The Kubernetes versions that clusters on EKS may run, each with the builds that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

KUBERNETES_VERSION: Final = "1.36"
"""The version of new clusters: the one whose API server the tests run."""


ROOT_DEVICE: Final = "/dev/xvda"
"""The disk that the nodes' images start from."""


class AddonName(StrEnum):
    """The add-ons that EKS manages for the platform."""

    VPC_CNI = "vpc-cni"
    KUBE_PROXY = "kube-proxy"
    COREDNS = "coredns"
    POD_IDENTITY_AGENT = "eks-pod-identity-agent"
    EBS_CSI_DRIVER = "aws-ebs-csi-driver"
    SNAPSHOT_CONTROLLER = "snapshot-controller"


@dataclass(frozen=True, kw_only=True)
class Release:
    """What runs in a cluster of one Kubernetes version.

    Attributes:
        standard_support_ends: When EKS upgrades a cluster by itself that is still on the version.
        node_image: The release of Amazon Linux 2023 that nodes start from.
        addons: The build of each add-on.
    """

    standard_support_ends: date
    node_image: str
    addons: Mapping[AddonName, str]

    @property
    def node_image_date(self) -> str:
        """The day of the nodes' image as yyyymmdd, by which Karpenter knows it."""
        return self.node_image.partition("-")[2]


# The same builds serve several versions of Kubernetes.
_COMMON: Final = {
    AddonName.VPC_CNI: "v1.22.4-eksbuild.3",
    AddonName.POD_IDENTITY_AGENT: "v1.3.10-eksbuild.3",
    AddonName.EBS_CSI_DRIVER: "v1.66.0-eksbuild.1",
    AddonName.SNAPSHOT_CONTROLLER: "v8.6.0-eksbuild.8",
}

RELEASES: Final[Mapping[str, Release]] = MappingProxyType(
    {
        "1.35": Release(
            standard_support_ends=date(2027, 3, 27),
            node_image="1.35.8-20260923",
            addons=MappingProxyType(
                {
                    **_COMMON,
                    AddonName.KUBE_PROXY: "v1.35.3-eksbuild.29",
                    AddonName.COREDNS: "v1.13.2-eksbuild.31",
                }
            ),
        ),
        "1.36": Release(
            standard_support_ends=date(2027, 8, 2),
            node_image="1.36.4-20260923",
            addons=MappingProxyType(
                {
                    **_COMMON,
                    AddonName.KUBE_PROXY: "v1.36.0-eksbuild.25",
                    AddonName.COREDNS: "v1.14.3-eksbuild.23",
                }
            ),
        ),
    }
)
"""What may run, as of November 2026; the versions before leave standard support that year.

Dates are those of `aws eks describe-cluster-versions`, builds of `aws eks describe-addon-versions` and images of
the parameters below /aws/service/eks/optimized-ami. A cluster goes up one version at a time.
"""


def release_of(kubernetes_version: str) -> Release:
    """What runs in a cluster of a Kubernetes version.

    Raises:
        ValueError: The version is not supported.
    """
    if kubernetes_version not in RELEASES:
        raise ValueError(
            f"kubernetes_version: {kubernetes_version!r} is not supported, the versions that are: {', '.join(RELEASES)}"
        )
    return RELEASES[kubernetes_version]
