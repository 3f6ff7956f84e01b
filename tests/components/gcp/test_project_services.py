import pytest

from components.gcp.project_services import PLATFORM_SERVICES, ProjectServices, ProjectServicesArgs
from tests.components.recording import build


def test_apis_are_switched_on_and_stay_on_for_others() -> None:
    args = ProjectServicesArgs(
        project="lender-staging", services=frozenset({"sqladmin.googleapis.com", "cloudkms.googleapis.com"})
    )

    assert build(lambda: ProjectServices("apis", args)).inputs("gcp:projects/service:Service") == {
        f"apis-{name}": {
            "project": "lender-staging",
            "service": f"{name}.googleapis.com",
            "disableOnDestroy": False,
        }
        for name in ("sqladmin", "cloudkms")
    }


def test_the_platforms_apis_are_the_default() -> None:
    recording = build(lambda: ProjectServices("apis", ProjectServicesArgs(project="lender-staging")))

    assert {api["service"] for api in recording.inputs("gcp:projects/service:Service").values()} == PLATFORM_SERVICES


def test_an_api_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"^services: 'sqladmin' is not an API such as sqladmin\.googleapis\.com$"):
        ProjectServicesArgs(project="lender-staging", services=frozenset({"sqladmin"}))
