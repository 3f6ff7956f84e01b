"""Automatic names: what the providers name a resource that the program gives no name.

As the real providers do: the logical name, a separator and random characters, in the property `name` or in the one
that serves as the name. The random characters derive from the URN. Sources: pulumi-aws `provider/resources.go` and
`provider/autonaming.go` (v6 and v7), pulumi-gcp 10 `provider/resources.go`, pulumi-terraform-bridge
`pkg/tfbridge/info/autonaming.go`, pulumi-kubernetes 4 `provider/pkg/metadata/naming.go`.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import HEX, Context, derived, seed_of
from rehearsal.clouds.values import UNKNOWN

_AUTONAMED_ANNOTATION = "pulumi.com/autonamed"
DEFAULT_NAMESPACE = "default"


class NameTooLong(ValueError):
    """An automatic name would be longer than the cloud allows."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """How one property is named.

    Attributes:
        property: The property that serves as the name.
        separator: What stands between the logical name and the random characters.
        random: How many random characters follow.
        alphabet: What they are taken from.
        longest: The longest name.
        lower: Whether the logical name is put in lower case.
        prefix: What stands in front of the name unless it does already.
        fifo: The property that, if true, adds the suffix `.fifo`.
    """

    property: str = "name"
    separator: str = "-"
    random: int = 7
    alphabet: str = HEX
    longest: int = 255
    lower: bool = False
    prefix: str = ""
    fifo: str = ""


_GLUE = _Rule(separator="_", random=8, alphabet=string.ascii_lowercase, lower=True)
_LOWER_63 = _Rule(longest=63, lower=True)

_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "aws:appsync/dataSource:DataSource": (_Rule(separator="_"),),
    "aws:athena/database:Database": (_Rule(separator="_"),),
    "aws:cloudwatch/eventRule:EventRule": (_Rule(longest=64),),
    "aws:cloudwatch/eventTarget:EventTarget": (_Rule(property="targetId"),),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": (
        _Rule(property="deploymentConfigName", separator="_", longest=100),
    ),
    "aws:ec2/keyPair:KeyPair": (_Rule(property="keyName"),),
    "aws:efs/fileSystem:FileSystem": (_Rule(property="creationToken"),),
    "aws:eks/fargateProfile:FargateProfile": (_Rule(property="fargateProfileName"),),
    "aws:eks/nodeGroup:NodeGroup": (_Rule(property="nodeGroupName"),),
    "aws:elasticache/cluster:Cluster": (_Rule(property="clusterId", longest=50, lower=True),),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        _Rule(property="replicationGroupId", longest=40, lower=True),
    ),
    "aws:elasticbeanstalk/environment:Environment": (_Rule(longest=40),),
    "aws:elasticsearch/domain:Domain": (_Rule(property="domainName", longest=28, lower=True),),
    "aws:glue/catalogDatabase:CatalogDatabase": (_GLUE,),
    "aws:glue/catalogTable:CatalogTable": (_GLUE,),
    "aws:iam/role:Role": (_Rule(longest=64),),
    "aws:kms/alias:Alias": (_Rule(longest=238, prefix="alias/"),),
    "aws:lambda/function:Function": (_Rule(longest=64),),
    "aws:lambda/permission:Permission": (_Rule(property="statementId", longest=100),),
    "aws:lb/targetGroup:TargetGroup": (_Rule(longest=32),),
    "aws:mq/broker:Broker": (_Rule(property="brokerName", longest=55),),
    "aws:msk/cluster:Cluster": (_Rule(property="clusterName"),),
    "aws:msk/serverlessCluster:ServerlessCluster": (_Rule(property="clusterName"),),
    "aws:opensearch/domain:Domain": (_Rule(property="domainName"),),
    "aws:rds/instance:Instance": (_Rule(property="identifier", separator=""),),
    "aws:s3/bucket:Bucket": (_Rule(property="bucket", longest=63, lower=True),),
    "aws:s3/bucketObject:BucketObject": (_Rule(property="key", separator="", random=0),),
    "aws:s3/bucketObjectv2:BucketObjectv2": (_Rule(property="key", separator="", random=0),),
    "aws:s3/bucketV2:BucketV2": (_Rule(property="bucket", longest=63, lower=True),),
    "aws:sns/topic:Topic": (_Rule(longest=80, fifo="fifoTopic"),),
    "aws:sqs/queue:Queue": (_Rule(longest=80, fifo="fifoQueue"),),
    "gcp:cloudfunctions/function:Function": (_Rule(longest=63),),
    "gcp:cloudrun/service:Service": (_LOWER_63,),
    "gcp:cloudrunv2/service:Service": (_Rule(longest=50, lower=True),),
    "gcp:compute/backendService:BackendService": (_LOWER_63,),
    "gcp:compute/httpHealthCheck:HttpHealthCheck": (_LOWER_63,),
    "gcp:compute/httpsHealthCheck:HttpsHealthCheck": (_LOWER_63,),
    "gcp:compute/network:Network": (_LOWER_63,),
    "gcp:compute/router:Router": (_LOWER_63,),
    "gcp:compute/routerNat:RouterNat": (_LOWER_63,),
    "gcp:compute/securityPolicy:SecurityPolicy": (_LOWER_63,),
    "gcp:compute/subnetwork:Subnetwork": (_LOWER_63,),
    "gcp:compute/targetHttpProxy:TargetHttpProxy": (_LOWER_63,),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": (_LOWER_63,),
    "gcp:compute/uRLMap:URLMap": (_LOWER_63,),
    "gcp:dataproc/metastoreService:MetastoreService": (_Rule(property="serviceId", longest=63),),
    "gcp:firestore/database:Database": (_LOWER_63,),
    "gcp:organizations/iAMCustomRole:IAMCustomRole": (_Rule(property="roleId", separator="_"),),
    "gcp:organizations/project:Project": (
        _Rule(property="projectId", longest=30, lower=True),
        _Rule(separator="", random=0),
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": (_Rule(property="roleId"),),
    "gcp:secretmanager/secret:Secret": (_Rule(property="secretId"),),
    "gcp:serviceaccount/account:Account": (_Rule(property="accountId", longest=30),),
    "gcp:storage/bucket:Bucket": (_Rule(longest=222),),
}

# Kinds without a namespace: those of Kubernetes 1.34 (`kubectl api-resources --namespaced=false`) and of the operators
# that the platform installs. The real provider asks the API server; a kind it does not know is taken for namespaced.
_CLUSTER_KINDS = frozenset(
    """
    APIService CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle ComponentStatus
    CSIDriver CSINode CustomResourceDefinition DeviceClass FlowSchema IngressClass IPAddress
    MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node
    PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass SelfSubjectAccessReview
    SelfSubjectReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersionMigration
    SubjectAccessReview TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
    ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass ClusterExternalSecret ClusterIssuer
    ClusterPolicy ClusterSecretStore ClusterWorkflowTemplate EC2NodeClass GatewayClass NodeClaim NodePool
    """.split()  # noqa: SIM905 - a list this long reads better without its quotes
)


def automatic_inputs(
    token: str, inputs: Mapping[str, Any], context: Context, olds: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Returns the names that the provider fills into the inputs, and nothing else.

    A Kubernetes object gets its `metadata` back with the name, the namespace `default` if its kind has one, and the
    annotation by which the provider knows its own names.

    Args:
        token: The resource type.
        inputs: What the program gave.
        context: The resource.
        olds: The inputs of the resource as it stands, if there is one: it keeps its automatic name.

    Raises:
        NameTooLong: The name would be longer than the cloud allows.
    """
    olds = olds or {}
    if context.provider == "kubernetes":
        return _kubernetes_names(token, inputs, context, olds)
    automatic: dict[str, Any] = {}
    for rule in _rules(token):
        if rule.property in inputs or f"{rule.property}Prefix" in inputs:
            continue
        kept = rule.property in olds.get("__defaults", ())
        automatic[rule.property] = olds[rule.property] if kept else _name(token, rule, inputs, context)
    return automatic


def has_fixed_name(token: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the program itself named the resource, so that a second one of the name can't stand beside it."""
    if token.startswith("kubernetes:") and not is_release(token):
        metadata: Mapping[str, Any] = inputs.get("metadata") or {}
        return bool(metadata.get("name")) and _AUTONAMED_ANNOTATION not in (metadata.get("annotations") or {})
    automatic = inputs.get("__defaults", ())
    return any(rule.property in inputs and rule.property not in automatic for rule in _rules(token))


def is_namespaced(kind: str) -> bool:
    """Whether objects of a Kubernetes kind live in a namespace."""
    return kind not in _CLUSTER_KINDS


def is_release(token: str) -> bool:
    """Whether a resource is a Helm release, which is named like a cloud's resource and not like an object."""
    return token.endswith(":helm.sh/v3:Release")


def kind_of(token: str, inputs: Mapping[str, Any]) -> str:
    """Returns the kind of a Kubernetes object; a `Patch` is a part of an object of the kind."""
    return str(inputs.get("kind") or token.rpartition(":")[2].removesuffix("Patch"))


def _rules(token: str) -> tuple[_Rule, ...]:
    if token in _RULES:
        return _RULES[token]
    if not token.startswith(("aws:", "gcp:")):
        return (_Rule(random=8),) if is_release(token) else ()
    # An automatic name makes a property optional, so one that the SDK requires (a DNS record's name) has none.
    name = sdk.resource_type(token).inputs.get("name")
    return (_Rule(),) if name and not name.required and name.shape.kind is sdk.Kind.STRING else ()


def _name(token: str, rule: _Rule, inputs: Mapping[str, Any], context: Context) -> str:
    stem = context.logical_name.lower() if rule.lower else context.logical_name
    if len(stem) + len(rule.separator) + rule.random > rule.longest:
        raise NameTooLong(
            f"{token} `{context.logical_name}`: the automatic name `{stem}{rule.separator}` and {rule.random} random "
            f"characters is longer than {rule.longest}; shorten the logical name or set `{rule.property}`"
        )
    name = stem + rule.separator + derived(rule.alphabet, rule.random, *seed_of(context, f"name:{rule.property}"))
    if not name.startswith(rule.prefix):
        name = rule.prefix + name
    return f"{name}.fifo" if rule.fifo and inputs.get(rule.fifo) is True else name


def _kubernetes_names(
    token: str, inputs: Mapping[str, Any], context: Context, olds: Mapping[str, Any]
) -> dict[str, Any]:
    if is_release(token):
        return (
            {} if inputs.get("name") else {"name": olds.get("name") or _name(token, _Rule(random=8), inputs, context)}
        )
    given = inputs.get("metadata") or {}
    if given is UNKNOWN or not isinstance(given, Mapping):
        return {}
    metadata: dict[str, Any] = dict(given)
    if not metadata.get("name") and not metadata.get("generateName"):
        before: Mapping[str, Any] = olds.get("metadata") or {}
        kept = _AUTONAMED_ANNOTATION in (before.get("annotations") or {})
        metadata["name"] = before["name"] if kept else _name(token, _Rule(random=8), inputs, context)
        metadata["annotations"] = {**(metadata.get("annotations") or {}), _AUTONAMED_ANNOTATION: "true"}
    if not metadata.get("namespace") and is_namespaced(kind_of(token, inputs)):
        metadata["namespace"] = DEFAULT_NAMESPACE
    return {} if metadata == given else {"metadata": metadata}
