"""The regions of both clouds: their zones and the constants that differ by region (`regions.yaml`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


class UnknownRegion(ValueError):
    """A cloud has no such region, or none was said."""

    def __init__(self, cloud: str, region: str) -> None:
        hint = f"{cloud} has no region `{region}`"
        super().__init__(hint if region else f"no region: set `region` on the resource or on the {cloud} provider")


@dataclass(frozen=True, kw_only=True)
class AwsRegion:
    """An AWS region.

    Attributes:
        name: Its name, such as `eu-west-1`.
        description: Its name for people.
        zones: Its availability zones: name to zone id.
        alb_zone: The hosted zone of its Application Load Balancers.
        nlb_zone: The hosted zone of its Network Load Balancers.
        s3_zone: The hosted zone of its S3 website endpoints.
        elb_account: The account that writes load balancer logs, None where a service principal does.
    """

    name: str
    description: str
    zones: Mapping[str, str]
    alb_zone: str
    nlb_zone: str
    s3_zone: str
    elb_account: str | None

    @property
    def partition(self) -> str:
        """The second part of the region's ARNs."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.name.rsplit("-", 2)[0], "aws")

    @property
    def dns_suffix(self) -> str:
        """What the host names of its services end in."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


@cache
def aws_region(name: str) -> AwsRegion:
    """Returns an AWS region.

    Raises:
        UnknownRegion: There is none of that name.
    """
    row = _table()["aws"].get(name)
    if row is None:
        raise UnknownRegion("aws", name)
    return AwsRegion(
        name=name,
        description=row["description"],
        zones={f"{name}{letter}": zone for letter, zone in row["zones"].items()},
        alb_zone=row["alb_zone"],
        nlb_zone=row["nlb_zone"],
        s3_zone=row["s3_zone"],
        elb_account=row.get("elb_account"),
    )


def aws_regions() -> tuple[str, ...]:
    """Returns the names of all AWS regions."""
    return tuple(_table()["aws"])


def gcp_regions() -> tuple[str, ...]:
    """Returns the names of all GCP regions."""
    return tuple(_table()["gcp"])


@cache
def gcp_zones(region: str) -> tuple[str, ...]:
    """Returns the names of a GCP region's zones.

    Raises:
        UnknownRegion: There is no region of that name.
    """
    letters = _table()["gcp"].get(region)
    if letters is None:
        raise UnknownRegion("gcp", region)
    return tuple(f"{region}-{letter}" for letter in letters)


@cache
def _table() -> Mapping[str, Any]:
    return yaml.load(Path(__file__).with_name("regions.yaml").read_bytes(), Loader=yaml.CSafeLoader)
