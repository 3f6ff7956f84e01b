import re
from datetime import date

import pytest

from components.aws.eks_releases import KUBERNETES_VERSION, RELEASES, AddonName, Release, release_of

NOVEMBER_2026 = date(2026, 11, 1)
"""When the table was last gone through."""


def test_new_clusters_run_a_supported_version_with_these_builds() -> None:
    assert release_of(KUBERNETES_VERSION) == Release(
        standard_support_ends=date(2027, 8, 2),
        node_image="1.36.4-20260923",
        addons={
            AddonName.VPC_CNI: "v1.22.4-eksbuild.3",
            AddonName.KUBE_PROXY: "v1.36.0-eksbuild.25",
            AddonName.COREDNS: "v1.14.3-eksbuild.23",
            AddonName.POD_IDENTITY_AGENT: "v1.3.10-eksbuild.3",
            AddonName.EBS_CSI_DRIVER: "v1.66.0-eksbuild.1",
            AddonName.SNAPSHOT_CONTROLLER: "v8.6.0-eksbuild.8",
        },
    )


@pytest.mark.parametrize("version", RELEASES)
def test_a_supported_version_pins_every_build_and_has_months_to_live(version: str) -> None:
    release = release_of(version)

    assert (release.standard_support_ends - NOVEMBER_2026).days > 90
    assert set(release.addons) == set(AddonName)
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", build) for build in release.addons.values())
    assert release.addons[AddonName.KUBE_PROXY].startswith(f"v{version}.")
    assert re.fullmatch(rf"{re.escape(version)}\.\d+-20\d{{6}}", release.node_image)
    assert release.node_image_date == release.node_image[-8:]


@pytest.mark.parametrize("version", ["1.34", "1.99", "1.36.4", "latest", ""])
def test_other_versions_are_refused_with_those_that_are_supported(version: str) -> None:
    with pytest.raises(
        ValueError,
        match=f"^kubernetes_version: {version!r} is not supported, the versions that are: 1.35, 1.36$",
    ):
        release_of(version)
