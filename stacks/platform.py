"""What a stack is composed of: both halves of the platform, and on them every system of the catalog."""

from collections.abc import Mapping

import pulumi
import pulumi_random as random

from catalog import Catalog, System
from catalog.types import Cloud
from stacks.aws import AwsHalf
from stacks.gcp import GcpHalf
from stacks.settings import Settings
from stacks.tenancy import Half, platform_tags, system_tags


def build(settings: Settings, catalog: Catalog) -> dict[str, object]:
    """Composes the stack.

    Args:
        settings: The stack's settings.
        catalog: The systems that run on it.

    Returns:
        What the stack exports, by the names of the contract.
    """
    tags = platform_tags(settings)
    # Names that are taken in all of a cloud, or for days after a deletion, carry it.
    suffix = random.RandomId(
        "suffix", byte_length=3, opts=pulumi.ResourceOptions(provider=random.Provider("random"))
    ).hex
    halves: dict[Cloud, Half] = {
        Cloud.AWS: AwsHalf(settings, catalog, tags, suffix),
        Cloud.GCP: GcpHalf(settings, catalog, tags, suffix),
    }
    return {
        "environment": settings.environment,
        "contacts": settings.contacts.model_dump(),
        **{cloud.value: half.outputs for cloud, half in halves.items()},
        "systems": {name: _host(system, settings.environment, halves) for name, system in catalog.systems.items()},
    }


def _host(system: System, environment: str, halves: Mapping[Cloud, Half]) -> dict[str, object]:
    """Makes what a system gets on each cloud; returns it as the contract's SystemOutputs."""
    tags = system_tags(system, environment)
    tenancies = {cloud: half.host(system, tags) for cloud, half in halves.items()}
    primary = system.placement.primary
    serving = tenancies[primary]
    outputs: dict[str, object] = {
        "primary": primary,
        "standby": system.placement.standby,
        "namespace": serving.namespace,
        "identities": {cloud: tenancy.identity for cloud, tenancy in tenancies.items()},
        "buckets": serving.buckets,
    }
    if system.database:
        outputs["database"] = {
            "cloud": primary,
            **halves[primary].database_server,
            "name": system.database,
            "login": serving.login,
        }
    return outputs
