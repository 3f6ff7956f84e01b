"""Which project and region a component works in."""

import re

from components.checks import check_name

_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+\d{1,2}")


def check_project(project: str, region: str) -> None:
    """Refuses what Google Cloud would refuse a quarter of an hour later.

    Raises:
        ValueError: The project's id or the region is not written as one.
    """
    check_name("project", project, _PROJECT, "6 to 30 lower-case letters, digits and hyphens, the first a letter")
    check_name("region", region, _REGION, "a Google Cloud region such as europe-west3")
