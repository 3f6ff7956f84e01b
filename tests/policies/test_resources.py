"""Resources that belong together find each other, before and after the update."""

from typing import Any

import pytest

from policies.probe import Missing, Unknown, Value
from policies.resources import Join, Resource, Stack
from tests.policies.programs import UNKNOWN

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
SUFFIX = "random:index/randomId:RandomId"


def resource(type_: str, name: str, properties: dict[str, Any], **sources: Resource) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::covenant::{type_}::{name}",
        type=type_,
        properties=properties,
        property_dependencies={key: frozenset({source.urn}) for key, source in sources.items()},
    )


SUFFIX_OF_NAMES = resource(SUFFIX, "suffix", {})
PREVIEWED = resource(BUCKET, "data", {"bucket": "data", "id": UNKNOWN})
PREVIEWED_TOO = resource(BUCKET, "more", {"bucket": "more", "id": UNKNOWN})
AUTONAMED = resource(BUCKET, "data", {"bucket": UNKNOWN, "id": UNKNOWN}, bucket=SUFFIX_OF_NAMES)
MADE = resource(BUCKET, "data", {"bucket": "data-7f3a", "id": "data-7f3a"})


@pytest.mark.parametrize(
    ("bucket", "block", "answer"),
    [
        pytest.param(PREVIEWED, resource(BLOCK, "b", {"bucket": UNKNOWN}, bucket=PREVIEWED), "found", id="by output"),
        pytest.param(PREVIEWED, resource(BLOCK, "b", {"bucket": "data"}), "found", id="by name"),
        pytest.param(MADE, resource(BLOCK, "b", {"bucket": "data-7f3a"}), "found", id="by id"),
        pytest.param(PREVIEWED, resource(BLOCK, "b", {"bucket": "other"}), "neither", id="another name"),
        pytest.param(PREVIEWED, resource(BLOCK, "b", {}), "neither", id="none named"),
        pytest.param(
            PREVIEWED,
            resource(BLOCK, "b", {"bucket": UNKNOWN}, bucket=PREVIEWED_TOO),
            "neither",
            id="another's output",
        ),
        pytest.param(
            AUTONAMED,
            resource(BLOCK, "b", {"bucket": UNKNOWN}, bucket=SUFFIX_OF_NAMES),
            "undecided",
            id="both of one suffix",
        ),
        pytest.param(AUTONAMED, resource(BLOCK, "b", {"bucket": "data"}), "undecided", id="name not yet known"),
        pytest.param(PREVIEWED, resource(BLOCK, "b", {"bucket": UNKNOWN}), "undecided", id="from who knows where"),
    ],
)
def test_a_companion_is_found_undecided_or_neither(bucket: Resource, block: Resource, answer: str):
    stack = Stack([bucket, PREVIEWED_TOO, block, SUFFIX_OF_NAMES])
    expected = Join(
        found=(block,) if answer == "found" else (),
        undecided=(block,) if answer == "undecided" else (),
    )
    assert stack.companions(bucket, {BLOCK}, "bucket") == expected
    backwards = stack.referred(block, "bucket", {BUCKET})
    assert (bucket in backwards.found, bucket in backwards.undecided) == (answer == "found", answer == "undecided")


def test_a_reference_may_stand_inside_of_a_property():
    balancer = resource(
        "aws:lb/loadBalancer:LoadBalancer", "edge", {"accessLogs": {"bucket": UNKNOWN}}, accessLogs=PREVIEWED
    )
    stack = Stack([PREVIEWED, balancer])
    assert stack.companions(PREVIEWED, {balancer.type}, "accessLogs.bucket").found == (balancer,)


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        pytest.param(resource(BUCKET, "a", {"policy": UNKNOWN}), Missing("policy"), id="computed by the provider"),
        pytest.param(
            resource(BUCKET, "a", {"policy": UNKNOWN}, policy=SUFFIX_OF_NAMES),
            Unknown("policy"),
            id="set by the program",
        ),
        pytest.param(resource(BUCKET, "a", {"policy": "{}"}), Value("policy", "{}"), id="known"),
    ],
)
def test_what_a_provider_computes_is_not_set(subject: Resource, found: Any):
    assert subject.probe_set("policy") == found


@pytest.mark.parametrize("tags", ["tags", "labels"])
def test_a_tag_is_read_on_both_clouds(tags: str):
    assert resource(BUCKET, "a", {tags: {"data-kind": "audit"}}).tag("data-kind") == Value(f"{tags}.data-kind", "audit")
