"""Where a provider's resources live: read from the provider resource's configuration, as the real ones do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.clouds.identity import Context

# AWS's documentation account; a rehearsal of a program that names no account answers with it.
_DOCUMENTATION_ACCOUNT = "123456789012"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A configured provider.

    Attributes:
        package: "aws", "gcp", "kubernetes" or "random".
        region: The region.
        account: The AWS account or the GCP project.
        cluster: Which Kubernetes cluster it is, whatever the configuration calls it by.
    """

    package: str
    region: str = ""
    account: str = ""
    cluster: str = ""
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def scope(self, urn: str) -> str:
        """Within what an id is unique: two clusters may each have a namespace of the same name.

        The ids of `random` identify nothing (each password's is "none"), so there it is the resource itself.
        """
        own = urn if self.package == "random" else ""
        return "/".join(filter(None, (self.package, self.account, self.region, self.cluster, own)))

    def context(self, urn: str, seed: str) -> Context:
        """Returns what the tables need to answer for one resource; `seed` is what its made-up values derive from."""
        stack, project, *_ = [*urn.removeprefix("urn:pulumi:").split("::"), ""]
        return Context(
            provider=self.package,
            urn=seed,
            project=project,
            stack=stack,
            region=self.region,
            account=self.account,
            default_tags=self.default_tags,
        )


def locate(package: str, config: Mapping[str, Any]) -> Location:
    """Reads a provider's configuration.

    Raises:
        ValueError: what the real provider can't do without is missing.
    """
    if package == "aws":
        if not config.get("region"):
            raise ValueError("aws provider: no region; set `region` on aws.Provider")
        accounts = config.get("allowedAccountIds") or [_DOCUMENTATION_ACCOUNT]
        return Location(
            package=package,
            region=config["region"],
            account=str(accounts[0]),
            default_tags=config.get("defaultTags", {}).get("tags", {}),
        )
    if package == "gcp":
        if not config.get("project"):
            raise ValueError("gcp provider: no project; set `project` on gcp.Provider")
        return Location(
            package=package,
            region=config.get("region", ""),
            account=config["project"],
            default_tags=config.get("defaultLabels", {}),
        )
    if package == "kubernetes":
        named = [str(config[key]) for key in ("kubeconfig", "cluster", "context") if config.get(key)]
        return Location(package=package, cluster=hashlib.sha256("/".join(named).encode()).hexdigest()[:12])
    return Location(package=package)
