"""The regions: every public one, with its real zones."""

import re

import pytest
from botocore.session import get_session
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from rehearsal.clouds.regions import UnknownRegion, aws_region, aws_regions, gcp_regions, gcp_zones


def test_every_region_that_aws_lists_is_known() -> None:
    session = get_session()
    public = {
        region
        for partition in ("aws", "aws-cn", "aws-us-gov")
        for region in session.get_available_regions("ec2", partition)
    }
    assert set(aws_regions()) == public


@pytest.mark.parametrize("name", aws_regions())
def test_an_aws_region_has_its_zones_and_constants(name: str) -> None:
    region = aws_region(name)
    assert region.zones == {zone.name: zone.zone_id for zone in RegionsAndZonesBackend.zones[name]}
    assert region.partition == session_partition(name)
    assert all(re.fullmatch(r"Z[A-Z0-9]{11,31}", zone) for zone in (region.alb_zone, region.nlb_zone, region.s3_zone))
    assert region.elb_account is None or re.fullmatch(r"\d{12}", region.elb_account)


def session_partition(region: str) -> str:
    return get_session().get_partition_for_region(region)


def test_host_names_in_china_end_differently() -> None:
    assert aws_region("cn-north-1").dns_suffix == "amazonaws.com.cn"
    assert aws_region("us-gov-west-1").dns_suffix == "amazonaws.com"


def test_a_gcp_region_has_its_own_letters() -> None:
    assert gcp_zones("europe-west1") == ("europe-west1-b", "europe-west1-c", "europe-west1-d")
    assert all(len(gcp_zones(region)) >= 3 for region in gcp_regions())


@pytest.mark.parametrize(
    ("find", "region", "message"),
    [
        (aws_region, "eu-west-9", "aws has no region `eu-west-9`"),
        (gcp_zones, "eu-west-1", "gcp has no region `eu-west-1`"),
        (gcp_zones, "", "no region: set `region` on the resource or on the gcp provider"),
    ],
)
def test_an_unknown_region_is_an_error(find: object, region: str, message: str) -> None:
    assert callable(find)
    with pytest.raises(UnknownRegion, match=re.escape(message)):
        find(region)
