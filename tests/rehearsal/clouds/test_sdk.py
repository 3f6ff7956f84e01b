"""What the typed SDKs say of resource types and functions."""

import json
import subprocess
import sys

import pytest

from rehearsal.clouds import sdk
from rehearsal.clouds.documented import Limits
from rehearsal.clouds.sdk import FunctionType, Kind, Property, Shape, UnknownToken

# The SDKs warn of their deprecated types when a part is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

STRING, INTEGER, BOOLEAN = Shape(Kind.STRING), Shape(Kind.INTEGER), Shape(Kind.BOOLEAN)
TEXTS = Shape(Kind.MAP, element=STRING)


def test_a_resource_type_is_read_from_its_sdk():
    described = sdk.resource_type("random:index/randomPassword:RandomPassword")
    assert described == sdk.ResourceType(
        token="random:index/randomPassword:RandomPassword",
        inputs={
            "keepers": Property("keepers", "keepers", TEXTS, required=False),
            "length": Property("length", "length", INTEGER, required=True),
            "lower": Property("lower", "lower", BOOLEAN, required=False),
            "minLower": Property("minLower", "min_lower", INTEGER, required=False),
            "minNumeric": Property("minNumeric", "min_numeric", INTEGER, required=False),
            "minSpecial": Property("minSpecial", "min_special", INTEGER, required=False),
            "minUpper": Property("minUpper", "min_upper", INTEGER, required=False),
            "number": Property(
                "number",
                "number",
                BOOLEAN,
                required=False,
                deprecated="**NOTE**: This is deprecated, use `numeric` instead.",
            ),
            "numeric": Property("numeric", "numeric", BOOLEAN, required=False),
            "overrideSpecial": Property("overrideSpecial", "override_special", STRING, required=False),
            "special": Property("special", "special", BOOLEAN, required=False),
            "upper": Property("upper", "upper", BOOLEAN, required=False),
        },
        outputs={
            "keepers": TEXTS,
            "length": INTEGER,
            "lower": BOOLEAN,
            "minLower": INTEGER,
            "minNumeric": INTEGER,
            "minSpecial": INTEGER,
            "minUpper": INTEGER,
            "number": BOOLEAN,
            "numeric": BOOLEAN,
            "overrideSpecial": STRING,
            "special": BOOLEAN,
            "upper": BOOLEAN,
            "bcryptHash": STRING,
            "result": STRING,
        },
        secret_outputs=frozenset({"bcryptHash", "result"}),
        deprecated=None,
    )


def test_choices_and_limits_come_from_the_documentation():
    key = sdk.resource_type("aws:kms/key:Key").inputs
    flow_logs = sdk.resource_type("gcp:compute/subnetwork:Subnetwork").inputs["logConfig"].shape.properties
    assert key["deletionWindowInDays"].limits == Limits(7, 30)
    assert flow_logs["metadata"].choices == ("EXCLUDE_ALL_METADATA", "INCLUDE_ALL_METADATA", "CUSTOM_METADATA")


def test_choices_of_a_list_are_those_of_its_elements():
    logs = sdk.resource_type("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration").inputs["corsRules"].shape
    assert logs.element.properties["allowedMethods"].choices == ("GET", "PUT", "HEAD", "POST", "DELETE")


def test_an_enum_beside_a_string_is_only_a_hint():
    # The SDK's enum of tenancies lacks `host`, its documentation has it.
    tenancy = sdk.resource_type("aws:ec2/instance:Instance").inputs["tenancy"]
    assert (tenancy.shape, tenancy.choices) == (STRING, ("default", "dedicated", "host"))


def test_an_enum_alone_is_a_closed_list():
    engine = sdk.resource_type("aws:rds/clusterInstance:ClusterInstance").inputs["engine"]
    assert engine.choices == ("aurora", "aurora-mysql", "aurora-postgresql", "mysql", "postgres")


def test_shapes_that_hold_themselves_can_be_followed():
    schema = sdk.resource_type("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition").inputs["spec"].shape
    schema = schema.properties["versions"].shape.element.properties["schema"].shape.properties["openAPIV3Schema"].shape
    for _ in range(50):
        schema = schema.properties["not"].shape
    assert schema.properties["type"].shape == STRING


@pytest.mark.parametrize(
    ("token", "path", "kind"),
    [
        ("aws:iam/role:Role", "assumeRolePolicy", Kind.UNION),
        ("aws:lambda/function:Function", "code", Kind.ASSET),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "threshold", Kind.NUMBER),
        ("aws:ec2/securityGroup:SecurityGroup", "ingress", Kind.LIST),
        ("gcp:sql/databaseInstance:DatabaseInstance", "settings", Kind.OBJECT),
        ("gcp:apigee/securityAction:SecurityAction", "allow", Kind.OBJECT),
        ("kubernetes:helm.sh/v3:Release", "values", Kind.MAP),
        ("kubernetes:core/v1:Namespace", "apiVersion", Kind.STRING),
        ("pulumi:providers:aws", "defaultTags", Kind.OBJECT),
        ("pulumi:providers:gcp", "project", Kind.STRING),
    ],
)
def test_every_kind_of_input_has_its_shape(token, path, kind):
    assert sdk.resource_type(token).inputs[path].shape.kind is kind


@pytest.mark.parametrize(
    ("token", "secrets"),
    [
        ("aws:rds/instance:Instance", {"password", "passwordWo"}),
        ("aws:kms/key:Key", set()),
        ("pulumi:providers:aws", {"accessKey", "secretKey", "token"}),
    ],
)
def test_outputs_that_the_provider_keeps_secret_are_known(token, secrets):
    assert sdk.resource_type(token).secret_outputs == secrets


def test_a_type_that_another_has_replaced_says_so():
    assert sdk.resource_type("aws:s3/bucketV2:BucketV2").deprecated == (
        "BucketV2 is deprecated: s3.BucketV2 has been deprecated in favor of s3.Bucket"
    )


def test_a_function_is_read_from_its_sdk():
    assert sdk.function_type("aws:kms/getAlias:getAlias") == FunctionType(
        token="aws:kms/getAlias:getAlias",
        inputs={
            "name": Property("name", "name", STRING, required=True),
            "region": Property("region", "region", STRING, required=False),
        },
        outputs=dict.fromkeys(("arn", "id", "name", "region", "targetKeyArn", "targetKeyId"), STRING),
    )


@pytest.mark.parametrize(
    "token",
    [
        "aws:index/getCallerIdentity:getCallerIdentity",
        "aws:index/arnParse:arnParse",
        "aws:lambda/getFunction:getFunction",
        "aws:resourceexplorer/search:Search",
        "gcp:organizations/getProject:getProject",
        "gcp:compute/getZones:getZones",
    ],
)
def test_functions_are_found_wherever_the_sdk_keeps_them(token):
    assert sdk.function_type(token).outputs


@pytest.mark.parametrize(
    ("find", "token", "message"),
    [
        (sdk.resource_type, "aws:kms/kee:Key", "unknown type `aws:kms/kee:Key`, did you mean `aws:kms/key:Key`?"),
        (sdk.resource_type, "azure:storage/account:Account", "unknown type `azure:storage/account:Account`"),
        (sdk.resource_type, "pulumi:providers:azure", "unknown type `pulumi:providers:azure`"),
        (
            sdk.function_type,
            "aws:ec2/getVpx:getVpx",
            "unknown type `aws:ec2/getVpx:getVpx`, did you mean `aws:ec2/getVpc:getVpc`?",
        ),
        (
            sdk.function_type,
            "aws:kms/key:Key",
            "unknown type `aws:kms/key:Key`, did you mean `aws:kms/getKey:getKey`?",
        ),
        (sdk.function_type, "aws:nowhere/getVpc:getVpc", "unknown type `aws:nowhere/getVpc:getVpc`"),
        (sdk.function_type, "azure:a/getB:getB", "unknown type `azure:a/getB:getB`"),
        (sdk.function_type, "kubernetes:helm:template", "unknown type `kubernetes:helm:template`"),
    ],
)
def test_an_unknown_token_leads_to_the_nearest(find, token, message):
    with pytest.raises(UnknownToken) as refused:
        find(token)
    assert str(refused.value) == message


def run(program):
    """What a program prints in an interpreter of its own, where no part of an SDK is imported yet."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout)


def test_only_the_parts_of_the_sdks_that_are_asked_for_are_imported():
    imported = run(
        "import json, sys\n"
        "from rehearsal.clouds import sdk\n"
        "sdk.resource_type('random:index/randomId:RandomId')\n"
        "parts = ('pulumi_aws', 'pulumi_gcp', 'pulumi_kubernetes')\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(parts)]))"
    )
    assert imported == []


def test_threads_may_ask_for_types_that_share_lazily_imported_parts():
    tokens = [
        *(f"aws:s3/{name[0].lower()}{name[1:]}:{name}" for name in ("Bucket", "BucketPolicy", "BucketVersioning")),
        "aws:iam/role:Role",
        "aws:iam/policy:Policy",
        "aws:kms/key:Key",
        "aws:sns/topicPolicy:TopicPolicy",
        *(f"kubernetes:core/v1:{name}" for name in ("Pod", "Service", "Namespace", "Secret")),
        *(f"kubernetes:apps/v1:{name}" for name in ("Deployment", "StatefulSet", "DaemonSet")),
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
    ]
    counts = run(
        "import json\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from rehearsal.clouds import sdk\n"
        f"tokens = {tokens!r} * 4\n"
        "def count(token):\n"
        "    described = sdk.resource_type(token)\n"
        "    return [token, sum(len(each.shape.properties) for each in described.inputs.values())]\n"
        "with ThreadPoolExecutor(16) as pool:\n"
        "    print(json.dumps(list(pool.map(count, tokens))))"
    )
    alone = {token: sum(len(p.shape.properties) for p in sdk.resource_type(token).inputs.values()) for token in tokens}
    assert counts == [[token, alone[token]] for token in tokens * 4]
