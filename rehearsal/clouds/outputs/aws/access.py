"""What IAM, KMS and the audit services answer beyond templates."""

import json
from collections.abc import Mapping

from rehearsal.clouds.identity import HEX, derived, derived_uuid
from rehearsal.clouds.outputs.aws.place import region_of
from rehearsal.clouds.outputs.templates import Scope, Word

# Names that do not follow from the service's (docs.aws.amazon.com/IAM, "services that work with IAM").
_SERVICE_LINKED_ROLES: Mapping[str, str] = {
    "autoscaling": "AWSServiceRoleForAutoScaling",
    "eks": "AWSServiceRoleForAmazonEKS",
    "eks-nodegroup": "AWSServiceRoleForAmazonEKSNodegroup",
    "elasticache": "AWSServiceRoleForElastiCache",
    "elasticloadbalancing": "AWSServiceRoleForElasticLoadBalancing",
    "guardduty": "AWSServiceRoleForAmazonGuardDuty",
    "rds": "AWSServiceRoleForRDS",
    "spot": "AWSServiceRoleForEC2Spot",
}


def service_linked_role(scope: Scope) -> str:
    """Returns the name of a service's own role."""
    service = str(scope.inputs["awsServiceName"]).split(".")[0]
    role = _SERVICE_LINKED_ROLES.get(service, f"AWSServiceRoleFor{service.title().replace('-', '')}")
    return "_".join(filter(None, (role, scope.inputs.get("customSuffix"))))


def passwords_expire(scope: Scope) -> bool:
    """Returns whether passwords expire."""
    return bool(scope.inputs.get("maxPasswordAge"))


def key_id(scope: Scope) -> str:
    """Returns a key's id: multi-region keys have their own kind."""
    if scope.inputs.get("multiRegion"):
        return f"mrk-{derived(HEX, 32, *scope.seed('key'))}"
    return derived_uuid(*scope.seed("key"))


def default_key_policy(scope: Scope) -> str:
    """Returns the policy that KMS gives a key without one: the account's IAM decides."""
    root = f"arn:{region_of(scope).partition}:iam::{scope.context.account}:root"
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}, separators=(",", ":"))


def trail_topic(scope: Scope) -> str | None:
    """Returns the topic that a trail notifies, if it does."""
    topic = scope.inputs.get("snsTopicName")
    if not topic or str(topic).startswith("arn:"):
        return topic
    region = region_of(scope)
    return f"arn:{region.partition}:sns:{region.name}:{scope.context.account}:{topic}"


def inspector_enabler(scope: Scope) -> str:
    """Returns the id of what Inspector scans where."""
    return f"{':'.join(sorted(scope.inputs['accountIds']))}-{':'.join(sorted(scope.inputs['resourceTypes']))}"


def product_name(scope: Scope) -> str:
    """Returns the company and product that Security Hub listens to."""
    return str(scope.inputs["productArn"]).partition(":product/")[2]


def standard_name(scope: Scope) -> str:
    """Returns the path of a Security Hub standard."""
    arn = str(scope.inputs["standardsArn"])
    return arn.partition(":standards/")[2] or arn.partition(":ruleset/")[2]


def parameter_path(scope: Scope) -> str:
    """Returns a parameter's name with its leading slash."""
    return f"/{str(scope.inputs['name']).lstrip('/')}"


def parameter_is_write_only(scope: Scope) -> bool:
    """Returns whether a parameter's value was given as a write-only argument."""
    return "valueWo" in scope.inputs


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        default_key_policy,
        inspector_enabler,
        key_id,
        parameter_is_write_only,
        parameter_path,
        passwords_expire,
        product_name,
        service_linked_role,
        standard_name,
        trail_topic,
    )
}
