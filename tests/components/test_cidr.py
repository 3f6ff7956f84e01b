from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.cidr import MAX_ZONES, NetworkPlan, RegionPlan, ZonePlan, plan_ranges, plan_subnets

ZONES = [f"us-east-1{letter}" for letter in "abcdef"]


def _prefixes(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Prefixes of a length within one of the private blocks."""
    blocks = st.sampled_from([IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16")])
    return st.builds(
        lambda block, length, position: str(_within(block, max(length, block.prefixlen), position)),
        blocks,
        st.integers(shortest, longest),
        st.integers(0, 2**32 - 1),
    )


def _within(block: IPv4Network, length: int, position: int) -> IPv4Network:
    count = 2 ** (length - block.prefixlen)
    size = 2 ** (32 - length)
    return IPv4Network((int(block.network_address) + (position % count) * size, length))


def _subnets(plan: NetworkPlan) -> list[IPv4Network]:
    return [subnet for zone in plan.zones for subnet in (zone.public, zone.private, zone.data)]


def test_a_network_of_two_zones() -> None:
    assert plan_subnets("10.20.0.0/16", ["eu-west-1a", "eu-west-1b"]) == NetworkPlan(
        prefix=IPv4Network("10.20.0.0/16"),
        data_tier=IPv4Network("10.20.224.0/19"),
        zones=(
            ZonePlan(
                zone="eu-west-1a",
                public=IPv4Network("10.20.192.0/22"),
                private=IPv4Network("10.20.0.0/19"),
                data=IPv4Network("10.20.224.0/22"),
            ),
            ZonePlan(
                zone="eu-west-1b",
                public=IPv4Network("10.20.196.0/22"),
                private=IPv4Network("10.20.32.0/19"),
                data=IPv4Network("10.20.228.0/22"),
            ),
        ),
    )


def test_a_region() -> None:
    assert plan_ranges("10.64.0.0/16") == RegionPlan(
        prefix=IPv4Network("10.64.0.0/16"),
        pods=IPv4Network("10.64.0.0/17"),
        private=IPv4Network("10.64.128.0/20"),
        services=IPv4Network("10.64.144.0/20"),
        data=IPv4Network("10.64.160.0/20"),
        managed=IPv4Network("10.64.176.0/20"),
    )


@given(cidr=_prefixes(16, 21), count=st.integers(1, MAX_ZONES))
def test_subnets_lie_inside_and_apart(cidr: str, count: int) -> None:
    plan = plan_subnets(cidr, ZONES[:count])
    subnets = _subnets(plan)

    assert len(subnets) == 3 * count
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
    assert all(zone.data.subnet_of(plan.data_tier) for zone in plan.zones)


@given(cidr=_prefixes(16, 21), count=st.integers(1, MAX_ZONES))
def test_pods_get_the_largest_subnets_and_a_load_balancer_fits_into_the_smallest(cidr: str, count: int) -> None:
    for zone in plan_subnets(cidr, ZONES[:count]).zones:
        assert zone.private.num_addresses == 8 * zone.public.num_addresses == 8 * zone.data.num_addresses
        assert zone.public.prefixlen <= 27


@given(cidr=_prefixes(16, 21), count=st.integers(1, MAX_ZONES - 1))
def test_a_zone_added_at_the_end_moves_no_other(cidr: str, count: int) -> None:
    assert plan_subnets(cidr, ZONES[: count + 1]).zones[:count] == plan_subnets(cidr, ZONES[:count]).zones


@given(cidr=_prefixes(12, 20))
def test_ranges_lie_inside_and_apart(cidr: str) -> None:
    plan = plan_ranges(cidr)
    ranges = (plan.pods, plan.private, plan.services, plan.data, plan.managed)

    assert all(one.subnet_of(IPv4Network(cidr)) for one in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
    assert plan.services.prefixlen >= 16
    assert plan.managed.prefixlen <= 24


_WRONG = [
    ("10.20.0.0/22", "cidr: 10.20.0.0/22 is too small for the subnets, the smallest prefix that holds them is a /21"),
    ("10.0.0.0/15", "cidr: 10.0.0.0/15 is larger than the cloud allows, the largest prefix is a /16"),
    ("10.20.0.1/16", "cidr: '10.20.0.1/16' is no IPv4 prefix such as 10.20.0.0/16: 10.20.0.1/16 has host bits set"),
    ("all of it", "cidr: 'all of it' is no IPv4 prefix such as 10.20.0.0/16"),
    ("8.8.0.0/16", "cidr: 8.8.0.0/16 is outside private address space (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16), "),
]


@pytest.mark.parametrize(("cidr", "message"), _WRONG)
def test_a_prefix_that_does_not_fit_is_refused_with_one_that_would(cidr: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^cidr: ") as error:
        plan_subnets(cidr, ZONES[:3])

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        (
            "10.64.0.0/21",
            "cidr: 10.64.0.0/21 is too small for the subnets, the smallest prefix that holds them is a /20",
        ),
        ("10.0.0.0/8", "cidr: 10.0.0.0/8 is larger than the cloud allows, the largest prefix is a /12"),
    ],
)
def test_a_region_that_does_not_fit_is_refused_with_one_that_would(cidr: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^cidr: ") as error:
        plan_ranges(cidr)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ([], "zones: 0 given, a network spans 1 to 6"),
        ([*ZONES, "us-east-1g"], "zones: 7 given, a network spans 1 to 6"),
        (["us-east-1a", "us-east-1a"], "zones: us-east-1a, us-east-1a names a zone twice"),
    ],
)
def test_zones_that_make_no_network_are_refused(zones: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=r"^zones: ") as error:
        plan_subnets("10.20.0.0/16", zones)

    assert str(error.value) == message
