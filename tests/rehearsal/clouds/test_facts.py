import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import rehearsal.clouds.facts
from rehearsal.clouds import sdk
from rehearsal.clouds.facts import Facts, facts, forced_replacements
from rehearsal.clouds.facts.conditions import UnknownCondition, holds

TABLES = Path(rehearsal.clouds.facts.__file__).parent
ENTRIES = {
    token: entry
    for path in sorted(TABLES.rglob("*.yaml"))
    for token, entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["types"].items()
}
PLATFORM = [
    "aws:acm/certificate:Certificate",
    "aws:backup/plan:Plan",
    "aws:backup/selection:Selection",
    "aws:backup/vault:Vault",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecr/repository:Repository",
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/addon:Addon",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:route53/record:Record",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:ssm/parameter:Parameter",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:wafv2/ipSet:IpSet",
    "aws:wafv2/webAcl:WebAcl",
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "gcp:artifactregistry/repository:Repository",
    "gcp:bigquery/dataset:Dataset",
    "gcp:compute/address:Address",
    "gcp:compute/backendService:BackendService",
    "gcp:compute/firewall:Firewall",
    "gcp:compute/globalForwardingRule:GlobalForwardingRule",
    "gcp:compute/haVpnGateway:HaVpnGateway",
    "gcp:compute/network:Network",
    "gcp:compute/router:Router",
    "gcp:compute/routerNat:RouterNat",
    "gcp:compute/securityPolicy:SecurityPolicy",
    "gcp:compute/subnetwork:Subnetwork",
    "gcp:compute/vPNTunnel:VPNTunnel",
    "gcp:container/cluster:Cluster",
    "gcp:container/nodePool:NodePool",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:kms/keyRing:KeyRing",
    "gcp:pubsub/topic:Topic",
    "gcp:redis/instance:Instance",
    "gcp:secretmanager/secret:Secret",
    "gcp:servicenetworking/connection:Connection",
    "gcp:sql/database:Database",
    "gcp:sql/databaseInstance:DatabaseInstance",
    "gcp:sql/user:User",
    "gcp:storage/bucket:Bucket",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
]
SHORT_TABLES = [token for token in ENTRIES if token.startswith(("kubernetes:", "random:")) and not token.endswith("*")]


def read(token: str) -> Facts:
    found = facts(token)
    assert found is not None
    return found


def unknown_paths(paths: list[str], properties: dict[str, sdk.Shape]) -> list[str]:
    return [path for path in paths if not names_property(path.removesuffix(".#").split("."), properties)]


def names_property(names: list[str], properties: dict[str, sdk.Shape]) -> bool:
    """Whether names lead to a property, through lists exactly where they say so."""
    first, *rest = names
    shape = properties.get(first.removesuffix("[]"))
    if shape is None:
        return False
    if not rest:
        return not first.endswith("[]")
    candidates = (shape, *shape.alternatives)
    if first.endswith("[]"):
        elements = [each.element for each in candidates if each.kind is sdk.Kind.LIST and each.element]
        candidates = tuple(inner for each in elements for inner in (each, *each.alternatives))
    return any(names_property(rest, shapes(each.properties)) for each in candidates)


def shapes(properties: dict[str, sdk.Property]) -> dict[str, sdk.Shape]:
    return {name: each.shape for name, each in properties.items()}


@pytest.mark.parametrize("package", ["aws", "gcp", "random"])
def test_tables_hold_nearly_every_type_of_the_sdk(package: str) -> None:
    types = {token for token in sdk.registered(package) if not token.startswith(sdk.PROVIDER)}

    known = {token for token in ENTRIES if token.startswith(f"{package}:")}

    assert known <= types
    assert len(known) > 0.95 * len(types)


@pytest.mark.parametrize("token", PLATFORM + SHORT_TABLES)
def test_paths_are_properties_of_the_sdk(token: str) -> None:
    known, resource = read(token), sdk.resource_type(token)
    exclusive = [path for group in known.exclusive for path in group]
    guards = [
        name
        for condition in known.replaces_when.values()
        for name in re.findall(r"(?:while|and) (\S+) (?=is|was|starts|does)", condition)
    ]
    given_paths = [*known.replaces, *known.replaces_when, *known.computed, *known.unordered, *known.defaults]

    assert unknown_paths([*given_paths, *exclusive, *guards], shapes(resource.inputs)) == []
    assert unknown_paths(sorted(known.secret_outputs), dict(resource.outputs)) == []
    assert set(re.findall(r"{(\w+)}", known.id or "")) <= resource.outputs.keys() | {"project", "region", "zone"}


@pytest.mark.parametrize("token", PLATFORM + SHORT_TABLES)
def test_secret_outputs_are_those_that_the_sdk_marks(token: str) -> None:
    # pulumi-gcp adds these two itself; the SDK can't mark a nested property.
    marked = sdk.resource_type(token).secret_outputs - {"effectiveLabels", "pulumiLabels"}
    write_only_since = {"authTokenWo"} if token.startswith("aws:elasticache/replicationGroup") else set()

    assert {path for path in read(token).secret_outputs if "." not in path} == marked - write_only_since


def test_every_condition_is_understood() -> None:
    conditions = {text for entry in ENTRIES.values() for text in entry.get("replaces_when", {}).values()}

    for condition in conditions:
        holds(condition, "old", "new", lambda _: None, lambda _: None)


def test_tables_hold_only_the_types_of_their_part_in_order() -> None:
    for path in TABLES.rglob("*/*.yaml"):
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        types = list(document["types"])

        assert document["provider"] == path.parent.name
        assert types == sorted(types)
        assert {token.split("/")[0] for token in types} == {f"{path.parent.name}:{path.stem}"}


REPLACEMENTS = {
    "an RDS instance's engine": (
        "aws:rds/instance:Instance",
        {"engine": "postgres", "instanceClass": "db.m7g.large"},
        {"engine": "mysql", "instanceClass": "db.m7g.xlarge"},
        ("engine",),
    ),
    "turning encryption of an RDS instance on": (
        "aws:rds/instance:Instance",
        {"storageEncrypted": False},
        {"storageEncrypted": True},
        ("storageEncrypted",),
    ),
    "an RDS instance restored to a point in time that is not restored any more": (
        "aws:rds/instance:Instance",
        {"restoreToPointInTime": {"useLatestRestorableTime": True}},
        {},
        ("restoreToPointInTime",),
    ),
    "a key's usage": ("aws:kms/key:Key", {}, {"keyUsage": "SIGN_VERIFY"}, ("keyUsage",)),
    "a resource's region": ("aws:sqs/queue:Queue", {"region": "a"}, {"region": "b"}, ("region",)),
    "a cluster's role and service range": (
        "aws:eks/cluster:Cluster",
        {"roleArn": "a", "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16"}},
        {"roleArn": "b", "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.21.0.0/16"}},
        ("kubernetesNetworkConfig.serviceIpv4Cidr", "roleArn"),
    ),
    "envelope encryption taken away": (
        "aws:eks/cluster:Cluster",
        {"encryptionConfig": {"provider": {"keyArn": "a"}, "resources": ["secrets"]}},
        {},
        ("encryptionConfig",),
    ),
    "a Redis engine that goes back": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {"engine": "valkey", "engineVersion": "8.0"},
        {"engine": "valkey", "engineVersion": "7.2"},
        ("engineVersion",),
    ),
    "a network load balancer that loses a subnet": (
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "network", "subnets": ["a", "b"]},
        {"loadBalancerType": "network", "subnets": ["a"]},
        ("subnets",),
    ),
    "a security group rule's kind of source": (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"cidrIpv4": "10.0.0.0/8"},
        {"referencedSecurityGroupId": "sg-1"},
        ("cidrIpv4", "referencedSecurityGroupId"),
    ),
    "a secret's value": (
        "aws:secretsmanager/secretVersion:SecretVersion",
        {"secretId": "a", "secretString": "1"},
        {"secretId": "a", "secretString": "2"},
        ("secretString",),
    ),
    "a subnetwork that narrows": (
        "gcp:compute/subnetwork:Subnetwork",
        {"ipCidrRange": "10.0.0.0/16"},
        {"ipCidrRange": "10.0.0.0/20"},
        ("ipCidrRange",),
    ),
    "a locked retention that goes": (
        "gcp:storage/bucket:Bucket",
        {"retentionPolicy": {"isLocked": True, "retentionPeriod": 1}},
        {},
        ("retentionPolicy.isLocked",),
    ),
    "a bucket's place": ("gcp:storage/bucket:Bucket", {"location": "EU"}, {"location": "US"}, ("location",)),
    "a key's protection": (
        "gcp:kms/cryptoKey:CryptoKey",
        {"versionTemplate": {"algorithm": "A", "protectionLevel": "SOFTWARE"}},
        {"versionTemplate": {"algorithm": "A", "protectionLevel": "HSM"}},
        ("versionTemplate.protectionLevel",),
    ),
    "a secret that is replicated otherwise": (
        "gcp:secretmanager/secret:Secret",
        {"replication": {"auto": {}}},
        {"replication": {"userManaged": {"replicas": [{"location": "a"}]}}},
        (
            "replication.auto",
            "replication.userManaged",
            "replication.userManaged.replicas",
            "replication.userManaged.replicas[0].location",
        ),
    ),
    "a disk that shrinks and may not grow by itself": (
        "gcp:sql/databaseInstance:DatabaseInstance",
        {"settings": {"tier": "a", "diskSize": 20, "diskAutoresize": False}},
        {"settings": {"tier": "a", "diskSize": 10, "diskAutoresize": False}},
        ("settings.diskSize",),
    ),
    "a selector": (
        "kubernetes:apps/v1:Deployment",
        {"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"app": "a"}}}},
        {"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"app": "b"}}}},
        ("spec.selector",),
    ),
    "the data of a config map": (
        "kubernetes:core/v1:ConfigMap",
        {"metadata": {"name": "a"}, "data": {"x": "1"}},
        {"metadata": {"name": "a"}, "data": {"x": "2"}},
        ("data",),
    ),
    "a container's image in a pod": (
        "kubernetes:core/v1:Pod",
        {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]}},
        {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}, {"name": "b", "image": "c"}]}},
        ("spec.containers[1].image",),
    ),
    "the namespace of a custom resource": (
        "kubernetes:example.com/v1:Database",
        {"metadata": {"name": "a", "namespace": "b"}},
        {"metadata": {"name": "a", "namespace": "c"}},
        ("metadata.namespace",),
    ),
    "a channel that reports elsewhere": (
        "aws:rekognition/streamProcessor:StreamProcessor",
        {"notificationChannel": {"snsTopicArn": "a"}},
        {"notificationChannel": {"snsTopicArn": "b"}},
        ("notificationChannel.snsTopicArn",),
    ),
    "a keeper": (
        "random:index/randomString:RandomString",
        {"length": 8, "keepers": {"a": "1"}},
        {"length": 8, "keepers": {"a": "2"}},
        ("keepers",),
    ),
    "a value not known yet": ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": "?"}, ("vpcId",)),
    "an object not known yet": (
        "gcp:kms/cryptoKey:CryptoKey",
        {"versionTemplate": {"protectionLevel": "HSM"}},
        {"versionTemplate": "?"},
        ("versionTemplate.protectionLevel",),
    ),
}


@pytest.mark.parametrize(("token", "old", "new", "forced"), REPLACEMENTS.values(), ids=REPLACEMENTS)
def test_replaces(token: str, old: dict[str, object], new: dict[str, object], forced: tuple[str, ...]) -> None:
    assert forced_replacements(token, old, new) == forced


IN_PLACE = {
    "a larger RDS instance": (
        "aws:rds/instance:Instance",
        {"engine": "postgres", "instanceClass": "db.m7g.large", "dbSubnetGroupName": "a", "identifier": "a"},
        {"engine": "postgres", "instanceClass": "db.m7g.xlarge", "dbSubnetGroupName": "b", "identifier": "b"},
    ),
    "a zone that is left to the provider again": (
        "aws:rds/instance:Instance",
        {"engine": "postgres", "availabilityZone": "eu-central-1a"},
        {"engine": "postgres"},
    ),
    "another time to restore to": (
        "aws:rds/instance:Instance",
        {"restoreToPointInTime": {"restoreTime": "2026-01-01T00:00:00Z"}},
        {"restoreToPointInTime": {"restoreTime": "2026-01-02T00:00:00Z"}},
    ),
    "a default that is spelt out": ("aws:kms/key:Key", {}, {"keyUsage": "ENCRYPT_DECRYPT"}),
    "a default in an object that is spelt out": (
        "gcp:kms/cryptoKey:CryptoKey",
        {"versionTemplate": {"algorithm": "A"}},
        {"versionTemplate": {"algorithm": "B", "protectionLevel": "SOFTWARE"}},
    ),
    "an empty text for nothing": ("aws:kms/key:Key", {"xksKeyId": ""}, {}),
    "a number in a text": ("gcp:compute/network:Network", {"name": "1"}, {"name": 1.0}),
    "another order where order means nothing": (
        "aws:eks/fargateProfile:FargateProfile",
        {"subnetIds": ["a", "b"], "selectors": [{"namespace": "a"}, {"namespace": "b", "labels": {}}]},
        {"subnetIds": ["b", "a"], "selectors": [{"namespace": "b"}, {"namespace": "a"}]},
    ),
    "an application load balancer that loses a subnet": (
        "aws:lb/loadBalancer:LoadBalancer",
        {"subnets": ["a", "b"]},
        {"subnets": ["a"]},
    ),
    "a database engine that moves on": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {"engine": "redis", "engineVersion": "7.1"},
        {"engine": "valkey", "engineVersion": "8.0"},
    ),
    "a subnetwork that widens": (
        "gcp:compute/subnetwork:Subnetwork",
        {"ipCidrRange": "10.0.0.0/20"},
        {"ipCidrRange": "10.0.0.0/16"},
    ),
    "a retention that is locked": (
        "gcp:storage/bucket:Bucket",
        {"retentionPolicy": {"isLocked": False, "retentionPeriod": 1}},
        {"retentionPolicy": {"isLocked": True, "retentionPeriod": 1}},
    ),
    "a disk that shrinks on paper while it grows by itself": (
        "gcp:sql/databaseInstance:DatabaseInstance",
        {"settings": {"tier": "a", "diskSize": 20}},
        {"settings": {"tier": "a", "diskSize": 10}},
    ),
    "the default namespace that is spelt out": (
        "kubernetes:core/v1:Service",
        {"metadata": {"name": "a"}, "spec": {"ports": []}},
        {"metadata": {"name": "a", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}},
    ),
    "a name that is left to the provider again": (
        "kubernetes:core/v1:ServiceAccount",
        {"metadata": {"name": "a-1234"}},
        {"metadata": {}},
    ),
    "a channel that goes, for a type whose provider passes over what goes with its block": (
        "aws:rekognition/streamProcessor:StreamProcessor",
        {"notificationChannel": {"snsTopicArn": "a"}},
        {},
    ),
    "the engine's own notes": ("aws:kms/key:Key", {"__defaults": ["a"]}, {"__defaults": []}),
    "a type that nothing was read about": ("aws:nowhere/thing:Thing", {"name": "a"}, {"name": "b"}),
    "a type of an SDK that nothing was read about": ("azure:core/group:Group", {"name": "a"}, {"name": "b"}),
}


@pytest.mark.parametrize(("token", "old", "new"), IN_PLACE.values(), ids=IN_PLACE)
def test_changes_in_place(token: str, old: dict[str, object], new: dict[str, object]) -> None:
    assert forced_replacements(token, old, new) == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(token=st.sampled_from(PLATFORM), data=st.data())
def test_what_has_not_changed_replaces_nothing(token: str, data: st.DataObject) -> None:
    known = read(token)
    tops = sorted({re.split(r"[.\[]", path)[0] for path in (*known.replaces, *known.replaces_when)})
    inputs = data.draw(st.dictionaries(st.sampled_from(tops), VALUES))

    assert forced_replacements(token, inputs, inputs) == ()


@given(token=st.sampled_from(PLATFORM), data=st.data())
def test_only_what_the_tables_name_replaces(token: str, data: st.DataObject) -> None:
    known = read(token)
    named = {*known.replaces, *known.replaces_when}
    tops = st.dictionaries(st.sampled_from(sorted({re.split(r"[.\[]", path)[0] for path in named})), VALUES)

    forced = forced_replacements(token, data.draw(tops), data.draw(tops))

    assert {re.sub(r"\[\d+\]", "[]", path) for path in forced} <= named | {path.removesuffix(".#") for path in named}


CONDITIONS = [
    ("any change", 1, 2, True),
    ("set", None, "a", True),
    ("set", "a", "b", False),
    ("set", None, {}, True),
    ("cleared", "a", None, True),
    ("cleared", ["a"], [], True),
    ("cleared", "a", "b", False),
    ("set or cleared", "a", "", True),
    ("set or cleared", "a", "b", False),
    ("set or changed", None, "a", True),
    ("set or changed", "a", None, False),
    ("changed", "a", "b", True),
    ("changed", None, "b", False),
    ("changed or cleared", "a", None, True),
    ("changed or cleared", None, "a", False),
    ("turned on", None, True, True),
    ("turned on", True, False, False),
    ("turned off", True, None, True),
    ("turned off", None, False, False),
    ("grows", 1, 2, True),
    ("grows", ["a", "b"], ["c"], False),
    ("does not grow", ["a", "b"], ["c", "d"], True),
    ("does not grow", ["a"], ["a", "b"], False),
    ("shrinks", 2, 1, True),
    ("shrinks", 2, None, False),
    ("shrinks", 1, 2, False),
    ("downgraded", "7.1", "7.0", True),
    ("downgraded", "7.1", "7.x", False),
    ("downgraded", "REDIS_7_2", "REDIS_6_X", True),
    ("downgraded", "7.9", "7.10", False),
    ("upgraded a major version", "2.10.1", "3.0.0", True),
    ("upgraded a major version", "2.9.2", "2.10.1", False),
    ("loses items", ["a", "b"], ["b", "c"], True),
    ("loses items", ["a"], ["b", "a"], False),
    ("gains items", ["a"], ["a", "b"], True),
    ("gains items", ["a", "b"], ["a"], False),
    ("exchanges items", ["a", "b"], ["a", "c"], True),
    ("exchanges items", ["a", "b"], ["a"], False),
    ("keeps no item", ["a", "b"], ["c"], True),
    ("keeps no item", ["a", "b"], ["b"], False),
    ("rewritten", ["a", "b"], ["a", "c", "b"], True),
    ("rewritten", ["a", "b"], ["a", "b", "c"], False),
    ("narrowed or moved", "10.0.0.0/16", "10.1.0.0/16", True),
    ("narrowed or moved", "10.0.0.0/20", "10.0.0.0/16", False),
    ("narrowed or moved", "fd00::/64", "fd00::/60", False),
    ("narrowed or moved", "10.0.0.0/16", "fd00::/60", True),
    ("narrowed or moved", "10.0.0.0/16", "not known yet", True),
    ("from Advanced to Standard", "Advanced", "Standard", True),
    ("from Advanced to Standard", "Standard", "Advanced", False),
    ("not from dedicated to default", "default", "dedicated", True),
    ("not from dedicated to default", "dedicated", "default", False),
    ("from A; to A", "B", "A", True),
    ("to LOCAL", "TIERED", "LOCAL", True),
    ("depends: on the cloud", "a", "b", False),
]


@pytest.mark.parametrize(("condition", "old", "new", "expected"), CONDITIONS)
def test_condition_on_the_change(condition: str, old: object, new: object, expected: object) -> None:
    assert holds(condition, old, new, lambda _: None, lambda _: None) == expected


GUARDS = [
    ("engine is redis", {}, {"engine": "redis"}, True),
    ("engine is redis", {}, {"engine": "valkey"}, False),
    ("engine is set", {}, {"engine": "valkey"}, True),
    ("engine is unset", {}, {}, True),
    ("engine is not redis", {}, {}, True),
    ("preview is true", {}, {"preview": True}, True),
    ("preview was true", {"preview": True}, {"preview": False}, True),
    ("version is below 7.0.5", {}, {"version": "7.0.4"}, True),
    ("version is below 7.0.5", {}, {"version": "7.1"}, False),
    ("engine starts with aurora", {}, {"engine": "aurora-mysql"}, True),
    ("engine does not start with aurora", {}, {"engine": "aurora-mysql"}, False),
    ("type does not contain hyperdisk", {}, {"type": "pd-ssd"}, True),
    ("engine is set and preview is true", {}, {"engine": "a", "preview": True}, True),
    ("engine is set and preview is true", {}, {"engine": "a"}, False),
]


@pytest.mark.parametrize(("guard", "before", "after", "expected"), GUARDS)
def test_condition_on_another_property(
    guard: str, before: dict[str, object], after: dict[str, object], expected: object
) -> None:
    assert holds(f"any change while {guard}", "a", "b", before.get, after.get) == expected


@pytest.mark.parametrize("text", ["shrink", "", "any change while", "any change while engine", "from"])
def test_a_text_that_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UnknownCondition):
        holds(text, "a", "b", lambda _: None, lambda _: None)
