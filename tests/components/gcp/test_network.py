from typing import Any

import pytest

from components.gcp.network import Network, NetworkArgs
from tests.components.recording import GCP, TAGS, Recording, build, gcp_labels, resolve

PLACE = {"project": "lender-staging", "region": "europe-west3"}
FLOW_LOGS = {"aggregationInterval": "INTERVAL_1_MIN", "flowSampling": 1, "metadata": "INCLUDE_ALL_METADATA"}


def _args(**changes: Any) -> NetworkArgs:
    wanted: dict[str, Any] = {"cidr": "10.64.0.0/16", "tags": TAGS, **GCP}
    return NetworkArgs(**wanted | changes)


def _network(**changes: Any) -> Recording:
    return build(lambda: Network("lender", _args(**changes)))


def test_subnets_are_the_platforms_own_private_and_logged() -> None:
    recording = _network()

    assert recording.inputs("gcp:compute/network:Network") == {
        "lender": {"project": "lender-staging", "autoCreateSubnetworks": False, "routingMode": "REGIONAL"}
    }
    assert recording.inputs("gcp:compute/subnetwork:Subnetwork") == {
        "lender-private": {
            **PLACE,
            "network": "lender-id",
            "ipCidrRange": "10.64.128.0/20",
            "secondaryIpRanges": [
                {"rangeName": "pods", "ipCidrRange": "10.64.0.0/17"},
                {"rangeName": "services", "ipCidrRange": "10.64.144.0/20"},
            ],
            "privateIpGoogleAccess": True,
            "logConfig": FLOW_LOGS,
        },
        "lender-data": {
            **PLACE,
            "network": "lender-id",
            "ipCidrRange": "10.64.160.0/20",
            "privateIpGoogleAccess": True,
            "logConfig": FLOW_LOGS,
        },
    }


def test_workloads_reach_the_internet_by_nat_and_the_data_tier_does_not() -> None:
    recording = _network(nat_addresses=2)

    assert recording.inputs("gcp:compute/routerNat:RouterNat") == {
        "lender-nat": {
            **PLACE,
            "router": "lender-0",
            "natIpAllocateOption": "MANUAL_ONLY",
            "natIps": ["link:lender-nat-1", "link:lender-nat-2"],
            "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
            "subnetworks": [{"name": "lender-private-id", "sourceIpRangesToNats": ["ALL_IP_RANGES"]}],
            "enableDynamicPortAllocation": True,
            "enableEndpointIndependentMapping": False,
            "logConfig": {"enable": True, "filter": "ALL"},
        }
    }
    assert recording.inputs("gcp:compute/address:Address") == {
        f"lender-nat-{number}": {**PLACE, "addressType": "EXTERNAL", "labels": gcp_labels()} for number in (1, 2)
    }
    assert recording.inputs("gcp:compute/router:Router") == {"lender": {**PLACE, "network": "lender-id"}}


def test_what_no_rule_lets_through_is_refused_and_logged() -> None:
    common = {"project": "lender-staging", "network": "lender-id"}
    refused = {
        **common,
        "priority": 65534,
        "denies": [{"protocol": "all"}],
        "logConfig": {"metadata": "INCLUDE_ALL_METADATA"},
    }
    let_through = {**common, "priority": 1000}
    workloads = ["10.64.128.0/20", "10.64.0.0/17"]
    everything = [{"protocol": "tcp"}, {"protocol": "udp"}, {"protocol": "icmp"}]

    assert _network().inputs("gcp:compute/firewall:Firewall") == {
        "lender-deny-ingress": {
            **refused,
            "description": "Nobody calls in unless a rule says so",
            "direction": "INGRESS",
            "sourceRanges": ["0.0.0.0/0"],
        },
        "lender-deny-egress": {
            **refused,
            "description": "Nobody calls out unless a rule says so",
            "direction": "EGRESS",
            "destinationRanges": ["0.0.0.0/0"],
        },
        "lender-workloads-in": {
            **let_through,
            "description": "Nodes and pods are called by each other",
            "direction": "INGRESS",
            "sourceRanges": workloads,
            "allows": everything,
        },
        "lender-workloads-out": {
            **let_through,
            "description": "Nodes and pods call each other",
            "direction": "EGRESS",
            "destinationRanges": workloads,
            "allows": everything,
        },
        "lender-data-out": {
            **let_through,
            "description": "Workloads call databases and caches",
            "direction": "EGRESS",
            "destinationRanges": ["10.64.160.0/20", "10.64.176.0/20"],
            "allows": [{"protocol": "tcp", "ports": ["3307", "5432", "6379"]}],
        },
        "lender-https-out": {
            **let_through,
            "description": "Workloads call Google's APIs and partners",
            "direction": "EGRESS",
            "destinationRanges": ["0.0.0.0/0"],
            "allows": [{"protocol": "tcp", "ports": ["443"]}],
        },
    }


def test_names_that_workloads_ask_for_are_logged() -> None:
    assert _network().inputs("gcp:dns/policy:Policy") == {
        "lender": {
            "project": "lender-staging",
            "description": "Logs what workloads of lender ask for",
            "enableLogging": True,
            "networks": [{"networkUrl": "lender-id"}],
        }
    }


def test_managed_databases_take_addresses_of_the_plan() -> None:
    recording = _network()

    assert recording.inputs("gcp:compute/globalAddress:GlobalAddress") == {
        "lender-managed": {
            "project": "lender-staging",
            "purpose": "VPC_PEERING",
            "addressType": "INTERNAL",
            "address": "10.64.176.0",
            "prefixLength": 20,
            "network": "lender-id",
            "labels": gcp_labels(),
        }
    }
    assert recording.inputs("gcp:servicenetworking/connection:Connection") == {
        "lender-managed": {
            "network": "lender-id",
            "service": "servicenetworking.googleapis.com",
            "reservedPeeringRanges": ["lender-managed-0"],
            "deletionPolicy": "REMOVE_PEERING",
        }
    }


def test_managed_databases_wait_for_the_way_to_them() -> None:
    assert resolve(lambda: Network("lender", _args()).managed_services_network) == "lender-id"


def test_partners_let_the_platform_in_by_its_addresses() -> None:
    assert resolve(lambda: Network("lender", _args()).egress_ips[0]) == "198.51.100.1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cidr": "10.64.0.0/24"},
            "cidr: 10.64.0.0/24 is too small for the subnets, the smallest prefix that holds them is a /20",
        ),
        ({"nat_addresses": 0}, "nat_addresses: 0 given, workloads call from one or more"),
        ({"region": "eu"}, "region: 'eu' is not a Google Cloud region such as europe-west3"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        _args(**changes)

    assert str(error.value) == message
