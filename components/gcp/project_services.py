"""The Google APIs that a project has switched on."""

import re
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_gcp as gcp

PLATFORM_SERVICES: Final = frozenset(
    {
        "cloudkms.googleapis.com",
        "cloudresourcemanager.googleapis.com",
        "compute.googleapis.com",
        "dns.googleapis.com",
        "iam.googleapis.com",
        "iamcredentials.googleapis.com",
        "logging.googleapis.com",
        "servicenetworking.googleapis.com",
        "sqladmin.googleapis.com",
        "storage.googleapis.com",
    }
)
"""What the platform's components call."""

_SERVICE = re.compile(r"[a-z][a-z0-9-]*\.googleapis\.com")


@dataclass(frozen=True, kw_only=True)
class ProjectServicesArgs:
    """Which APIs a project needs.

    Attributes:
        project: The project's id.
        services: The APIs by their host names.

    Raises:
        ValueError: A service is not the host name of a Google API.
    """

    project: str
    services: frozenset[str] = PLATFORM_SERVICES

    def __post_init__(self) -> None:
        for service in sorted(self.services):
            if not _SERVICE.fullmatch(service):
                raise ValueError(f"services: {service!r} is not an API such as sqladmin.googleapis.com")


class ProjectServices(pulumi.ComponentResource):
    """Switched-on APIs. Everything else in the project is made with `depends_on` this.

    They stay on when the stack goes: others in the project may use them.

    Example:
        >>> apis = ProjectServices("apis", ProjectServicesArgs(project="lender-staging"))
        >>> afterwards = pulumi.ResourceOptions(depends_on=[apis])
    """

    def __init__(self, name: str, args: ProjectServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:ProjectServices", name, None, opts)
        for service in sorted(args.services):
            gcp.projects.Service(
                f"{name}-{service.removesuffix('.googleapis.com')}",
                project=args.project,
                service=service,
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
