"""The lists of values in the AWS SDK's documentation are those of the AWS API.

The documentation is written by hand. A list that lacks values of the API would refuse what AWS accepts, so that each
has to be settled in `value_rules.yaml`: with the right values, or as open.
"""

from collections.abc import Iterator
from functools import cache

import botocore.loaders
import pytest

from rehearsal.clouds import sdk
from rehearsal.clouds.sdk import Kind, Property
from rehearsal.clouds.value_rules import rules_for

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

# The parts of the SDK that the platform builds on, with the services of the API that each speaks to.
SERVICES = {
    "accessanalyzer": ["accessanalyzer"],
    "acm": ["acm"],
    "autoscaling": ["autoscaling"],
    "backup": ["backup"],
    "budgets": ["budgets"],
    "cfg": ["config"],
    "cloudfront": ["cloudfront"],
    "cloudtrail": ["cloudtrail"],
    "cloudwatch": ["cloudwatch", "events", "logs"],
    "costexplorer": ["ce"],
    "ec2": ["ec2"],
    "ecr": ["ecr"],
    "eks": ["eks"],
    "elasticache": ["elasticache"],
    "fis": ["fis"],
    "guardduty": ["guardduty"],
    "iam": ["iam"],
    "inspector2": ["inspector2"],
    "kms": ["kms"],
    "lb": ["elbv2"],
    "rds": ["rds"],
    "route53": ["route53", "route53resolver"],
    "s3": ["s3"],
    "s3control": ["s3control"],
    "scheduler": ["scheduler"],
    "secretsmanager": ["secretsmanager"],
    "securityhub": ["securityhub"],
    "shield": ["shield"],
    "sns": ["sns"],
    "sqs": ["sqs"],
    "ssm": ["ssm"],
    "wafv2": ["wafv2"],
}

# Where the API lists more than the one operation takes, which the documentation says rightly.
NARROWER = {
    ("cloudfront", "eventType"): "a function, unlike a Lambda@Edge, runs at the viewer's side only",
    ("cloudfront", "priceClass"): "`None` is what a distribution tenant's parent has",
    ("eks", "resolveConflictsOnCreate"): "there is nothing to preserve when an add-on is made",
    ("iam", "status"): "a key expires, nobody sets it so",
    ("lb", "protocol"): "health checks speak fewer protocols than targets",
    ("rds", "networkType"): "IPv6 alone is for endpoints of proxies",
    ("s3", "sseAlgorithm"): "the other algorithms are set by AWS Backup and FSx alone",
    ("s3", "type"): "grants by e-mail address have ended",
}


def documented_lists(part: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yields the type, the path and the values of every list in the documentation of a part that is enforced."""
    for token, (module, _) in sdk.registered("aws").items():
        if module == f"pulumi_aws.{part}":
            yield from ((token, *each) for each in _lists(token, sdk.resource_type(token).inputs, "", set()))


def _lists(
    token, properties: dict[str, Property], holder: str, seen: set[type]
) -> Iterator[tuple[str, frozenset[str]]]:
    for name, described in properties.items():
        path = f"{holder}.{name}" if holder else name
        if described.choices and not rules_for(token).settles(holder, name):
            yield path, frozenset(described.choices)
        shape = described.shape
        while shape.element:
            path, shape = f"{path}[]" if shape.kind is Kind.LIST else path, shape.element
        if shape.sdk_class and shape.sdk_class not in seen:
            seen.add(shape.sdk_class)
            yield from _lists(token, shape.properties, path, seen)


@cache
def enums(service: str) -> frozenset[frozenset[str]]:
    """The enums of a service of the AWS API."""
    model = botocore.loaders.Loader().load_service_model(service, "service-2")
    return frozenset(frozenset(shape["enum"]) for shape in model["shapes"].values() if "enum" in shape)


@pytest.mark.parametrize("part", SERVICES)
def test_no_documented_list_lacks_values_of_the_api(part):
    known = frozenset().union(*map(enums, SERVICES[part]))
    lacking = {
        (token, path, min(wider, key=len) - values)
        for token, path, values in documented_lists(part)
        if values not in known and (wider := [each for each in known if each > values])
        if (part, path.rpartition(".")[2]) not in NARROWER
    }
    assert lacking == set()


def test_most_documented_lists_are_enums_of_the_api():
    pairs = [(values, part) for part in SERVICES for _, _, values in documented_lists(part)]
    exact = [part for values, part in pairs if any(values in enums(service) for service in SERVICES[part])]
    assert len(pairs) > 700
    assert len(exact) / len(pairs) > 0.85
