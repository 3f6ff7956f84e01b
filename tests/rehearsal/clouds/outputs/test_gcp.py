"""Google Cloud: the shapes that programs and policies take apart."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.clouds.identity import Context
from rehearsal.clouds.names import automatic_inputs
from rehearsal.clouds.outputs import computed_outputs, resource_id
from rehearsal.clouds.regions import UnknownRegion

ContextOf = Callable[..., Context]
StateOf = Callable[..., dict[str, Any]]

POSTGRES = {"name": "scoring", "databaseVersion": "POSTGRES_16"}


@pytest.fixture
def state_of(context_of: ContextOf) -> StateOf:
    """Returns a function that makes a resource of a type; its id stands in the state as `id`."""

    def make(token: str, inputs: dict[str, Any], **change: str) -> dict[str, Any]:
        context = context_of(token, **change)
        inputs = inputs | automatic_inputs(token, inputs, context)
        identifier = resource_id(token, inputs, context)
        return {"id": identifier, **computed_outputs(token, inputs, identifier, context)}

    return make


@pytest.mark.parametrize(
    ("token", "inputs", "identifier"),
    [
        ("gcp:compute/network:Network", {"name": "main"}, "projects/covenant-test/global/networks/main"),
        (
            "gcp:kms/keyRing:KeyRing",
            {"name": "r", "location": "europe"},
            "projects/covenant-test/locations/europe/keyRings/r",
        ),
        (
            "gcp:kms/cryptoKey:CryptoKey",
            {"name": "k", "keyRing": "projects/p/locations/l/keyRings/r"},
            "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        ),
        (
            "gcp:container/cluster:Cluster",
            {"name": "main"},
            "projects/covenant-test/locations/europe-west1/clusters/main",
        ),
        ("gcp:storage/bucket:Bucket", {"name": "audit", "location": "EU"}, "audit"),
        ("gcp:sql/databaseInstance:DatabaseInstance", POSTGRES, "scoring"),
        ("gcp:sql/user:User", {"name": "scoring", "instance": "main"}, "scoring//main"),
        ("gcp:pubsub/topic:Topic", {"name": "jobs"}, "projects/covenant-test/topics/jobs"),
        (
            "gcp:serviceaccount/account:Account",
            {"accountId": "scoring"},
            "projects/covenant-test/serviceAccounts/scoring@covenant-test.iam.gserviceaccount.com",
        ),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            {"bucket": "audit", "role": "roles/storage.objectViewer", "member": "group:auditors@example.com"},
            "b/audit/roles/storage.objectViewer/group:auditors@example.com",
        ),
        (
            "gcp:projects/iAMMember:IAMMember",
            {
                "project": "covenant-test",
                "role": "roles/viewer",
                "member": "group:a@example.com",
                "condition": {"title": "office hours", "expression": "true"},
            },
            "covenant-test/roles/viewer/group:a@example.com/office hours/true",
        ),
        (
            "gcp:servicenetworking/connection:Connection",
            {
                "network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/main",
                "service": "servicenetworking.googleapis.com",
                "reservedPeeringRanges": ["range"],
            },
            "projects%2Fp%2Fglobal%2Fnetworks%2Fmain:servicenetworking.googleapis.com",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("gcp:") else "",
)
def test_an_id_is_that_of_the_provider(state_of: StateOf, token: str, inputs: dict[str, Any], identifier: str) -> None:
    assert state_of(token, inputs)["id"] == identifier


def test_a_private_database_has_a_private_address_and_a_certificate(state_of: StateOf) -> None:
    settings = {"tier": "t", "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": "n"}}
    state = state_of("gcp:sql/databaseInstance:DatabaseInstance", POSTGRES | {"settings": settings})
    assert state["connectionName"] == "covenant-test:europe-west1:scoring"
    assert state["ipAddresses"] == [{"type": "PRIVATE", "ipAddress": state["privateIpAddress"], "timeToRetire": ""}]
    assert ipaddress.ip_address(state["privateIpAddress"]) in ipaddress.ip_network("10.0.0.0/8")
    assert state["firstIpAddress"] == state["privateIpAddress"]
    assert "publicIpAddress" not in state
    (certificate,) = state["serverCaCerts"]
    assert certificate["cert"].startswith("-----BEGIN CERTIFICATE-----\n")
    account = rf"p{state_number()}-[a-z0-9]{{6}}@gcp-sa-cloud-sql\.iam\.gserviceaccount\.com"
    assert re.fullmatch(account, state["serviceAccountEmailAddress"])


def state_number() -> str:
    return Context(provider="gcp", urn="", project="", stack="", region="", account="covenant-test").number


def test_a_database_is_public_unless_told_otherwise(state_of: StateOf) -> None:
    state = state_of("gcp:sql/databaseInstance:DatabaseInstance", POSTGRES | {"settings": {"tier": "t"}})
    assert [address["type"] for address in state["ipAddresses"]] == ["PRIMARY", "OUTGOING"]
    assert "privateIpAddress" not in state


def test_made_up_public_addresses_are_nobodys(state_of: StateOf) -> None:
    address = ipaddress.ip_address(state_of("gcp:compute/globalAddress:GlobalAddress", {"name": "edge"})["address"])
    assert address in ipaddress.ip_network("198.18.0.0/15")


def test_a_range_for_private_services_starts_at_its_boundary(state_of: StateOf) -> None:
    inputs = {"name": "services", "addressType": "INTERNAL", "purpose": "VPC_PEERING", "prefixLength": 16}
    address = state_of("gcp:compute/globalAddress:GlobalAddress", inputs)["address"]
    assert ipaddress.ip_network(f"{address}/16").subnet_of(ipaddress.ip_network("10.0.0.0/8"))


def test_a_cluster_can_be_reached_and_trusted(state_of: StateOf) -> None:
    state = state_of(
        "gcp:container/cluster:Cluster", {"name": "main", "privateClusterConfig": {"enablePrivateNodes": True}}
    )
    assert (
        state["selfLink"]
        == "https://container.googleapis.com/v1/projects/covenant-test/locations/europe-west1/clusters/main"
    )
    pem = base64.b64decode(state["masterAuth"]["clusterCaCertificate"], validate=True)
    assert pem.startswith(b"-----BEGIN CERTIFICATE-----\n")
    assert state["privateClusterConfig"]["enablePrivateNodes"] is True
    assert state["privateClusterConfig"]["publicEndpoint"] == state["endpoint"]
    dns = state["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"]
    assert re.fullmatch(r"gke-[0-9a-f]{32}-\d{12}\.europe-west1\.gke\.goog", dns)


def test_a_node_pool_has_an_instance_group_a_zone(state_of: StateOf) -> None:
    state = state_of("gcp:container/nodePool:NodePool", {"name": "system", "cluster": "main"})
    zones = [
        re.search(r"/zones/([a-z0-9-]+)/instanceGroups/gke-main-system-", url)[1]
        for url in state["managedInstanceGroupUrls"]
    ]  # type: ignore[index]
    assert zones == ["europe-west1-b", "europe-west1-c", "europe-west1-d"]


def test_a_service_account_has_email_member_and_number(state_of: StateOf) -> None:
    state = state_of("gcp:serviceaccount/account:Account", {"accountId": "scoring"})
    assert state["email"] == "scoring@covenant-test.iam.gserviceaccount.com"
    assert state["member"] == f"serviceAccount:{state['email']}"
    assert re.fullmatch(r"1\d{20}", state["uniqueId"])


def test_what_stands_for_a_key_says_that_it_is_none(state_of: StateOf) -> None:
    state = state_of("gcp:serviceaccount/key:Key", {"serviceAccountId": "projects/p/serviceAccounts/a@b"})
    assert json.loads(base64.b64decode(state["privateKey"]))["type"] == "not-a-real-key"


@pytest.mark.parametrize(
    ("service", "email"),
    [
        ("container.googleapis.com", "service-{}@container-engine-robot.iam.gserviceaccount.com"),
        ("sqladmin.googleapis.com", "service-{}@gcp-sa-cloud-sql.iam.gserviceaccount.com"),
        ("pubsub.googleapis.com", "service-{}@gcp-sa-pubsub.iam.gserviceaccount.com"),
    ],
)
def test_a_service_acts_by_its_agent(state_of: StateOf, service: str, email: str) -> None:
    state = state_of("gcp:projects/serviceIdentity:ServiceIdentity", {"service": service})
    assert state["email"] == email.format(state_number())
    assert state["member"] == f"serviceAccount:{state['email']}"


@pytest.mark.parametrize(
    ("inputs", "port", "extra"),
    [
        ({}, 6379, {"serverCaCerts"}),
        ({"transitEncryptionMode": "SERVER_AUTHENTICATION"}, 6378, {"serverCaCerts"}),
        ({"authEnabled": True}, 6379, {"serverCaCerts", "authString"}),
        ({"readReplicasMode": "READ_REPLICAS_ENABLED"}, 6379, {"serverCaCerts", "readEndpoint", "readEndpointPort"}),
    ],
)
def test_a_cache_answers_as_it_was_asked_for(
    state_of: StateOf, inputs: dict[str, Any], port: int, extra: set[str]
) -> None:
    state = state_of("gcp:redis/instance:Instance", {"name": "cache", "memorySizeGb": 1} | inputs)
    assert state["port"] == port
    assert {"serverCaCerts", "authString", "readEndpoint", "readEndpointPort"} & state.keys() == extra
    assert bool(state["serverCaCerts"]) is ("transitEncryptionMode" in inputs)


def test_tls_13_alone_leaves_its_own_cipher_suites(state_of: StateOf) -> None:
    state = state_of(
        "gcp:compute/sSLPolicy:SSLPolicy", {"name": "edge", "minTlsVersion": "TLS_1_3", "profile": "RESTRICTED"}
    )
    assert state["enabledFeatures"] == [
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
    ]


def test_workload_identity_is_named_by_the_projects_number(state_of: StateOf) -> None:
    state = state_of("gcp:iam/workloadIdentityPool:WorkloadIdentityPool", {"workloadIdentityPoolId": "github"})
    assert state["id"] == "projects/covenant-test/locations/global/workloadIdentityPools/github"
    assert state["name"] == f"projects/{state_number()}/locations/global/workloadIdentityPools/github"


def test_whole_numbers_survive_the_wire(state_of: StateOf) -> None:
    for token, inputs, name in (
        ("gcp:compute/uRLMap:URLMap", {"name": "edge"}, "mapId"),
        ("gcp:storage/bucket:Bucket", {"name": "audit", "location": "EU"}, "projectNumber"),
        ("gcp:bigquery/dataset:Dataset", {"datasetId": "results"}, "creationTime"),
    ):
        number = state_of(token, inputs)[name]
        assert int(float(number)) == number


def test_a_zone_of_its_own_decides_the_region(state_of: StateOf) -> None:
    state = state_of("gcp:compute/disk:Disk", {"name": "data", "zone": "us-east1-c"})
    assert state["id"] == "projects/covenant-test/zones/us-east1-c/disks/data"


def test_a_regional_resource_without_a_region_is_refused(state_of: StateOf) -> None:
    with pytest.raises(UnknownRegion, match="no region: set `region` on the resource or on the gcp provider"):
        state_of("gcp:compute/subnetwork:Subnetwork", {"name": "data", "network": "main"}, region="")
