"""Default tags and labels, merged as the providers merge them."""

import dataclasses
from typing import Any

from rehearsal.clouds.identity import Context
from rehearsal.clouds.tags import labels, tags_all
from rehearsal.clouds.values import UNKNOWN, Secret

AWS = Context(
    provider="aws",
    urn="",
    project="covenant",
    stack="staging",
    region="eu-west-1",
    account="111122223333",
    default_tags={"owner": "platform", "environment": "staging"},
)
GCP = dataclasses.replace(AWS, provider="gcp", account="covenant-test", region="europe-west1")


def test_a_tag_of_the_resource_wins_over_the_default() -> None:
    merged = tags_all("aws:s3/bucket:Bucket", {"tags": {"owner": "risk"}}, AWS)
    assert merged == {"tagsAll": {"owner": "risk", "environment": "staging"}}


def test_a_type_without_tags_gets_none() -> None:
    assert tags_all("aws:s3/bucketPolicy:BucketPolicy", {}, AWS) == {}
    assert labels("gcp:compute/network:Network", {}, GCP) == {}


def test_labels_are_merged_and_attributed() -> None:
    merged = {"owner": "risk", "environment": "staging", "goog-pulumi-provisioned": "true"}
    expected: dict[str, Any] = {"pulumiLabels": merged, "effectiveLabels": merged}
    assert labels("gcp:storage/bucket:Bucket", {"labels": {"owner": "risk"}}, GCP) == expected


def test_a_cluster_calls_its_labels_otherwise() -> None:
    merged = labels("gcp:container/cluster:Cluster", {"resourceLabels": {"owner": "risk"}}, GCP)
    assert merged["effectiveLabels"]["owner"] == "risk"


def test_unknown_tags_and_labels_stay_unknown_and_secret_ones_secret() -> None:
    bucket = "aws:s3/bucket:Bucket"
    assert tags_all(bucket, {"tags": UNKNOWN}, AWS) == {"tagsAll": UNKNOWN}
    assert tags_all(bucket, {"tags": {"owner": UNKNOWN}}, AWS) == {"tagsAll": UNKNOWN}
    secret = {"owner": "risk", "environment": "staging"}
    assert tags_all(bucket, {"tags": Secret({"owner": "risk"})}, AWS) == {"tagsAll": Secret(secret)}
    assert labels("gcp:storage/bucket:Bucket", {"labels": UNKNOWN}, GCP)["effectiveLabels"] is UNKNOWN
