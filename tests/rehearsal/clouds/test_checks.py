"""What the stand-in providers refuse."""

import string

import pulumi
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rehearsal.clouds import sdk
from rehearsal.clouds.checks import Problem, check, check_arguments
from rehearsal.clouds.sdk import Kind, UnknownToken
from rehearsal.clouds.values import UNKNOWN, Secret

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_")

KEY, QUEUE, ROLE = "aws:kms/key:Key", "aws:sqs/queue:Queue", "aws:iam/role:Role"
DATABASE, SUBNETWORK = "gcp:sql/databaseInstance:DatabaseInstance", "gcp:compute/subnetwork:Subnetwork"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]}'


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (KEY, {"enableKeyRotation": True, "rotationPeriodInDays": 90.0, "tags": {"owner": "risk"}}),
        (QUEUE, {}),
        (ROLE, {"assumeRolePolicy": POLICY}),
        (ROLE, {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": []}}),
        (GROUP, {"vpcId": UNKNOWN, "ingress": [RULE], "description": "Edge"}),
        (SUBNETWORK, {"network": "n", "ipCidrRange": "10.0.0.0/20", "logConfig": {"flowSampling": 0.5}}),
        ("random:index/randomString:RandomString", {"length": 8}),
        ("aws:lambda/function:Function", {"role": "r", "code": pulumi.FileArchive("app.zip")}),
        ("aws:lambda/function:Function", {"role": "r", "code": {"4dabf18193072939515e22adb298388d": "archive"}}),
        ("kubernetes:helm.sh/v3:Release", {"chart": "cert-manager", "values": {"a": [1, {"b": None}]}}),
        ("pulumi:providers:random", {}),
    ],
)
def test_right_inputs_pass(token, inputs):
    assert check(token, inputs) == ()


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (
            "aws:rds/clusterInstance:ClusterInstance",
            {"clusterIdentifier": "c", "instanceClass": "db.r7g.large", "engine": "postgres", "publicAccess": False},
            Problem("publicAccess", "unknown property `publicAccess`, did you mean `publiclyAccessible`?"),
        ),
        (
            QUEUE,
            {"fifo_queue": True},
            Problem("fifo_queue", "unknown property `fifo_queue`, did you mean `fifoQueue`?"),
        ),
        (QUEUE, {"xyz": 1}, Problem("xyz", "unknown property `xyz`")),
        (QUEUE, {"xyz": UNKNOWN}, Problem("xyz", "unknown property `xyz`")),
        (
            DATABASE,
            {
                "databaseVersion": "POSTGRES_15",
                "settings": {"tier": "db-f1-micro", "ipConfiguration": {"ssl_mode": "x"}},
            },
            Problem("settings.ipConfiguration.ssl_mode", "unknown property `ssl_mode`, did you mean `sslMode`?"),
        ),
        (
            GROUP,
            {"ingress": [RULE, RULE | {"form_port": 1}]},
            Problem("ingress[1].form_port", "unknown property `form_port`, did you mean `fromPort`?"),
        ),
        (SUBNETWORK, {"ipCidrRange": "10.0.0.0/20"}, Problem("network", "missing required property")),
        (SUBNETWORK, {"network": None}, Problem("network", "missing required property")),
        (
            GROUP,
            {"egress": [{"protocol": "tcp", "toPort": 443}]},
            Problem("egress[0].fromPort", "missing required property"),
        ),
        (QUEUE, {"delaySeconds": "5"}, Problem("delaySeconds", "must be an integer, not the string `5`")),
        (QUEUE, {"delaySeconds": 5.5}, Problem("delaySeconds", "must be an integer, not the number `5.5`")),
        (QUEUE, {"delaySeconds": True}, Problem("delaySeconds", "must be an integer, not the boolean `true`")),
        (QUEUE, {"fifoQueue": "true"}, Problem("fifoQueue", "must be a boolean, not the string `true`")),
        (QUEUE, {"name": 5}, Problem("name", "must be a string, not the number `5`")),
        (QUEUE, {"tags": ["a"]}, Problem("tags", "must be a map, not a list")),
        (QUEUE, {"tags": {"app/name": 1}}, Problem('tags["app/name"]', "must be a string, not the number `1`")),
        (GROUP, {"ingress": RULE}, Problem("ingress", "must be a list, not an object")),
        (GROUP, {"ingress": ["all"]}, Problem("ingress[0]", "must be an object, not the string `all`")),
        (
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": "high"},
            Problem("threshold", "must be a number, not the string `high`"),
        ),
        (
            "aws:lambda/function:Function",
            {"role": "r", "code": "app.zip"},
            Problem("code", "must be an asset or archive, not the string `app.zip`"),
        ),
        (
            ROLE,
            {"assumeRolePolicy": 5},
            Problem("assumeRolePolicy", "must be a string or an object, not the number `5`"),
        ),
        (
            ROLE,
            {"assumeRolePolicy": {"Statement": []}},
            Problem("assumeRolePolicy.Version", "missing required property"),
        ),
        (
            "random:index/randomString:RandomString",
            {"length": 8, "number": True},
            Problem("number", "deprecated: **NOTE**: This is deprecated, use `numeric` instead."),
        ),
        (
            "aws:s3/bucketV2:BucketV2",
            {},
            Problem("", "BucketV2 is deprecated: s3.BucketV2 has been deprecated in favor of s3.Bucket"),
        ),
        (
            "aws:ecr/repository:Repository",
            {"imageTagMutability": "Immutable"},
            Problem(
                "imageTagMutability",
                "`Immutable` is none of `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION`, `MUTABLE_WITH_EXCLUSION`, "
                "did you mean `IMMUTABLE`?",
            ),
        ),
        (
            "aws:alb/loadBalancer:LoadBalancer",
            {"loadBalancerType": "net"},
            Problem("loadBalancerType", "`net` is none of `application`, `gateway`, `network`"),
        ),
        (
            "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
            {"bucket": "b", "corsRules": [{"allowedMethods": ["GET", "PATCH"], "allowedOrigins": ["*"]}]},
            Problem("corsRules[0].allowedMethods[1]", "`PATCH` is none of `GET`, `PUT`, `HEAD`, `POST`, `DELETE`"),
        ),
        (KEY, {"deletionWindowInDays": 5.0}, Problem("deletionWindowInDays", "must be between 7 and 30, not `5`")),
        (
            KEY,
            {"enableKeyRotation": True, "rotationPeriodInDays": 30},
            Problem("rotationPeriodInDays", "must be between 90 and 2560, not `30`"),
        ),
        (
            "kubernetes:core/v1:Namespace",
            {"metadata": {"name": "Scoring"}},
            Problem(
                "metadata.name",
                "must be a DNS name of a-z, 0-9, hyphens and dots, a letter or digit at each end, not `Scoring`",
            ),
        ),
        (
            "pulumi:providers:aws",
            {"regoin": "eu-central-1"},
            Problem("regoin", "unknown property `regoin`, did you mean `region`?"),
        ),
        (
            "pulumi:providers:aws",
            {"defaultTags": '{"tag": {}}'},
            Problem("defaultTags.tag", "unknown property `tag`, did you mean `tags`?"),
        ),
        (
            "pulumi:providers:aws",
            {"defaultTags": "owner=risk"},
            Problem("defaultTags", "must be an object, not the string `owner=risk`"),
        ),
        (
            "pulumi:providers:aws",
            {"maxRetries": '"5"'},
            Problem("maxRetries", "must be an integer, not the string `5`"),
        ),
    ],
)
def test_each_kind_of_mistake_is_refused_with_its_place_and_reason(token, inputs, problem):
    assert check(token, inputs) == (problem,)


def test_all_mistakes_of_a_resource_are_told_at_once():
    inputs = {"delaySecond": 1, "fifoQueue": "yes", "kmsDataKeyReusePeriodSeconds": 1, "tags": {"aws:owner": "x"}}
    assert [str(problem) for problem in check(QUEUE, inputs)] == [
        "delaySecond: unknown property `delaySecond`, did you mean `delaySeconds`?",
        "fifoQueue: must be a boolean, not the string `yes`",
        'tags["aws:owner"]: must be a key without the reserved prefix `aws:`, not `aws:owner`',
        "kmsDataKeyReusePeriodSeconds: must be between 60 and 86400, not `1`",
    ]


@pytest.mark.parametrize(
    "inputs",
    [
        {"delaySeconds": UNKNOWN, "fifoQueue": UNKNOWN, "name": UNKNOWN, "tags": UNKNOWN},
        {"tags": {"owner": UNKNOWN}},
        {"kmsDataKeyReusePeriodSeconds": Secret(UNKNOWN)},
        {"delaySeconds": None},
        {"__defaults": ["name"], "__internal": 1},
    ],
)
def test_what_is_not_known_yet_or_not_the_users_passes(inputs):
    assert check(QUEUE, inputs) == ()


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"delaySeconds": Secret("hunter2")}, "must be an integer, not a secret string"),
        ({"kmsDataKeyReusePeriodSeconds": Secret(1)}, "must be between 60 and 86400, not a secret value"),
        ({"deduplicationScope": Secret("hunter2")}, "a secret value is none of `messageGroup`, `queue`"),
        ({"visibilityTimeoutSeconds": Secret(99999)}, "must be between 0 and 43200, not a secret value"),
        ({"tags": Secret({"owner": 5})}, "must be a string, not a secret number"),
        ({"redrivePolicy": Secret("hunter2")}, "a secret value does not have the format json document"),
    ],
)
def test_secrets_are_checked_and_never_shown(inputs, reason):
    assert [problem.reason for problem in check(QUEUE, inputs)] == [reason]


def test_a_provider_may_carry_what_the_engine_adds():
    inputs = {
        "region": "eu-central-1",
        "version": "7.51.1",
        "pluginDownloadURL": "https://example.com",
        "skipMetadataApiCheck": "true",
        "assumeRoles": Secret('[{"roleArn": "arn:aws:iam::123456789012:role/deploy"}]'),
        "allowedAccountIds": '["123456789012"]',
    }
    assert check("pulumi:providers:aws", inputs) == ()


def test_a_type_that_no_sdk_has_is_an_error():
    with pytest.raises(UnknownToken, match="did you mean `aws:kms/key:Key`"):
        check("aws:kms/key:Keys", {})


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        ({"alias": "x"}, [Problem("alias", "unknown property `alias`"), Problem("name", "missing required property")]),
        (
            {"name": "a", "resolveRecursively": 1},
            [Problem("resolveRecursively", "unknown property `resolveRecursively`")],
        ),
        ({"name": 5}, [Problem("name", "must be a string, not the number `5`")]),
        ({"name": "a"}, []),
    ],
)
def test_arguments_of_functions_are_checked_too(arguments, problems):
    assert list(check_arguments("aws:ssm/getParameter:getParameter", arguments)) == problems


# Types that nest, and have choices and limits but no line of the table of their own.
GENERATED = [
    "aws:dynamodb/table:Table",
    "aws:ssm/parameter:Parameter",
    "aws:codebuild/project:Project",
    "gcp:monitoring/alertPolicy:AlertPolicy",
    "gcp:cloudfunctionsv2/function:Function",
    "random:index/randomShuffle:RandomShuffle",
]
LETTERS = st.text(string.ascii_lowercase, min_size=1, max_size=8)


def numbers(limits, *, whole):
    least = limits.least if limits and limits.least is not None else 0
    most = limits.most if limits and limits.most is not None else least + 1000
    return st.integers(int(least), int(most)).map(float) if whole else st.floats(least, most)


def values(shape, described, depth):
    """Values of a shape that nothing refuses."""
    if described.choices and shape.kind in (Kind.STRING, Kind.INTEGER):
        return st.sampled_from(described.choices).map(str if shape.kind is Kind.STRING else float)
    make = {
        Kind.STRING: lambda: LETTERS,
        Kind.INTEGER: lambda: numbers(described.limits, whole=True),
        Kind.NUMBER: lambda: numbers(described.limits, whole=False),
        Kind.BOOLEAN: st.booleans,
        Kind.LIST: lambda: st.lists(values(shape.element, described, depth), max_size=2),
        Kind.MAP: lambda: st.dictionaries(LETTERS, values(shape.element, described, depth), max_size=2),
        Kind.OBJECT: lambda: objects(shape.properties, depth - 1),
        Kind.ASSET: lambda: st.just(pulumi.StringAsset("x")),
        Kind.UNION: lambda: st.one_of(values(each, described, depth) for each in shape.alternatives),
        Kind.ANY: lambda: LETTERS,
    }
    return make[shape.kind]()


def objects(properties, depth):
    """Objects with all that is required and, down to a depth, some of what is not."""
    current = {
        name: each for name, each in properties.items() if not each.deprecated and name not in ("tags", "policy")
    }
    required = {name: values(each.shape, each, depth) for name, each in current.items() if each.required}
    optional = {name: values(each.shape, each, depth) for name, each in current.items() if not each.required}
    some = st.sets(st.sampled_from(sorted(optional)), max_size=3) if optional and depth > 0 else st.just(set())
    return some.flatmap(lambda names: st.fixed_dictionaries(required | {name: optional[name] for name in names}))


@pytest.mark.parametrize("token", GENERATED)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_the_sdk_allows_passes(token, data):
    assert check(token, data.draw(objects(sdk.resource_type(token).inputs, depth=3))) == ()


@pytest.mark.parametrize("token", GENERATED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_one_misspelt_name_is_one_problem(token, data):
    properties = sdk.resource_type(token).inputs
    inputs = data.draw(objects(properties, depth=2))
    optional = sorted(name for name in inputs if not properties[name].required)
    assume(optional)
    name = data.draw(st.sampled_from(optional))
    inputs[f"{name}Zz"] = inputs.pop(name)
    assert [problem.path for problem in check(token, inputs)] == [f"{name}Zz"]


@pytest.mark.parametrize("token", GENERATED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_one_value_of_the_wrong_kind_is_one_problem(token, data):
    properties = sdk.resource_type(token).inputs
    inputs = data.draw(objects(properties, depth=2))
    scalar = sorted(name for name in inputs if properties[name].shape.kind in (Kind.STRING, Kind.INTEGER, Kind.BOOLEAN))
    assume(scalar)
    name = data.draw(st.sampled_from(scalar))
    inputs[name] = [inputs[name]]
    assert [problem.path for problem in check(token, inputs)] == [name]


@pytest.mark.parametrize("token", GENERATED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_hiding_values_changes_no_verdict(token, data):
    inputs = data.draw(objects(sdk.resource_type(token).inputs, depth=3))
    assert check(token, {name: Secret(value) for name, value in inputs.items()}) == ()
    assert check(token, dict.fromkeys(inputs, UNKNOWN)) == ()
