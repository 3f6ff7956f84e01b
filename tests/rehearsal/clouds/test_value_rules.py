"""The table of value rules: each line stands for something, and refuses something."""

import fnmatch
import re
from functools import cache

import pydantic
import pytest
import yaml
from ruamel.yaml import YAML

from rehearsal.clouds import sdk
from rehearsal.clouds.problem import Problem
from rehearsal.clouds.value_rules import TABLE, Place, Rule, RuleSet, rules_for, table
from rehearsal.clouds.values import UNKNOWN, Secret

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_")

LINES = [(types, path, rule) for types, lines in table().items() for line in lines for path, rule in line.items()]
# Rules about a value alone show what they refuse as a value, the others as the object that holds the properties.
ABOUT_THE_VALUE = {
    "pattern", "format", "length", "items", "range", "seconds", "prefix_length", "one_of", "unique", "disjoint",
    "exactly_one_of",
}  # fmt: skip
WRONG_FORMATS = {"json_document": "{", "iam_policy": "{}"}


def nested(path, value):
    """The smallest inputs that hold a value at a path of the table."""
    for step in reversed([step for step in path.split(".") if step not in ("", "**")]):
        name, part = re.fullmatch(r"(\w+)(\[\]|\{key\}|\{value\}|)", step).groups()
        match part:
            case "[]":
                value = {name: [value]}
            case "{key}":
                value = {name: {value: "x"}}
            case "{value}":
                value = {name: {"x": value}}
            case _:
                value = {name: value}
    return value


def beyond(bounds, make):
    """Something made just outside of bounds."""
    least, most = bounds
    return make(int(most) + 1) if most is not None else make(int(least) - 1)


DERIVED = {
    "range": lambda rule: beyond(rule.range, int),
    "seconds": lambda rule: beyond(rule.seconds, lambda number: f"{number}s"),
    "length": lambda rule: beyond(rule.length, lambda number: "x" * number),
    "items": lambda rule: beyond(rule.items, lambda number: ["x"] * number),
    "prefix_length": lambda rule: beyond(rule.prefix_length, lambda number: f"0.0.0.0/{number}"),
    "one_of": lambda rule: "x" if isinstance(rule.one_of[0], str) else 987654321,
    "format": lambda rule: WRONG_FORMATS.get(rule.format, "x"),
    "exactly_one_of": lambda rule: {},
    "required": lambda rule: {"another": "x"},
}


def derived(rule):
    """A value that a rule refuses, as far as its parameter alone tells."""
    return DERIVED[rule.kind](rule) if rule.kind in DERIVED else None


def refused(path, rule):
    """Inputs that a line of the table refuses: its own example, or one derived from it."""
    place, conditions = Place.at(path), (*rule.when, *rule.unless)
    if any(name.startswith("$.") for name in conditions):
        return rule.refuses
    if rule.kind in ABOUT_THE_VALUE and not conditions:
        return nested(path, derived(rule) if rule.refuses is None else rule.refuses)
    named = dict.fromkeys((place.name, *(rule.conflicts_with or ())), "x")
    return nested(place.holder, rule.refuses if rule.refuses is not None else derived(rule) or named)


@cache
def named_types(types):
    """The resource types that a key of the table names."""
    names = [pattern for pattern in types.split() if not pattern.startswith("!")]
    packages = {pattern.removeprefix("pulumi:providers:").partition(":")[0] for pattern in names}
    tokens = [token for package in sorted(packages) for token in sdk.registered(package)]
    return [token for token in tokens if any(fnmatch.fnmatchcase(token, name) for name in names)]


def shape_at(token, path):
    """The shape of what a path of the table leads to, or the step that leads nowhere."""
    properties, shape = sdk.resource_type(token).inputs, None
    for step in path.split("."):
        name, parts = re.fullmatch(r"(\w+)((?:\[\]|\{key\}|\{value\})?)", step).groups()
        if name not in properties:
            return step
        shape = properties[name].shape
        if parts:
            wanted = sdk.Kind.LIST if parts == "[]" else sdk.Kind.MAP
            if shape.kind is not wanted:
                return step
            shape = shape.element
        properties = shape.properties
    return shape


@pytest.mark.parametrize(("types", "path", "rule"), [line for line in LINES if line[2].kind != "open"])
def test_every_line_refuses_something(types, path, rule):
    inputs = refused(path, rule)
    assert list(RuleSet(((Place.at(path), rule),)).problems(inputs)), inputs


@pytest.mark.parametrize("types", [types for types in table() if "*" not in types])
def test_every_line_is_about_properties_that_its_types_have(types):
    missing = []
    for token in types.split():
        for line in table()[types]:
            for path, rule in line.items():
                if path.startswith("**"):
                    continue
                holder, _, last = path.rpartition(".")
                beside = [*rule.when, *rule.unless, *(rule.requires or ()), *(rule.conflicts_with or ())]
                beside += [name for name in (rule.at_most, rule.apart_from) if name]
                within = path if rule.exactly_one_of or rule.disjoint else holder
                inside = [*(rule.exactly_one_of or ()), *(rule.disjoint or ())]
                paths = [path] if last else []
                paths += [name[2:] if name.startswith("$.") else f"{holder}.{name}".lstrip(".") for name in beside]
                paths += [
                    f"{within}.{name}".strip(".").replace("secondaryIpRanges.", "secondaryIpRanges[].")
                    for name in inside
                ]
                missing += [(token, each) for each in paths if not isinstance(shape_at(token, each), sdk.Shape)]
    assert missing == []


@pytest.mark.parametrize("types", [types for types in table() if "*" in types])
def test_every_pattern_of_types_names_some(types):
    for pattern in types.replace("!", "").split():
        assert named_types(pattern), pattern


def test_every_line_names_its_source():
    assert [path for _, path, rule in LINES if not re.match(r"(API|SDK|docs)\b", rule.source)] == []


def test_the_table_reads_the_same_to_a_parser_that_is_stricter():
    # The fast parser of YAML 1.1 keeps the last of two equal keys and takes `off` for false; this one does neither.
    assert YAML(typ="safe").load(TABLE) == yaml.safe_load(TABLE.read_text())


def only(path, **rule):
    """A set of one rule."""
    return RuleSet(((Place.at(path), Rule(source="test", **rule)),))


@pytest.mark.parametrize(
    ("path", "rule", "accepted"),
    [
        ("a", {"pattern": "[a-z]+", "means": "letters"}, {"a": "abc"}),
        ("a", {"format": "cidr_block"}, {"a": "10.0.0.0/8"}),
        ("a", {"length": (2, 3)}, {"a": "ab"}),
        ("a", {"items": (1, 2)}, {"a": ["x", "y"]}),
        ("a", {"items": (1, 2)}, {"a": {"x": 1}}),
        ("a", {"range": (1, 5)}, {"a": 5.0}),
        ("a", {"seconds": (60, None)}, {"a": "60s"}),
        ("a", {"prefix_length": (16, 28)}, {"a": "10.0.0.0/28"}),
        ("a", {"one_of": ("x", "y")}, {"a": "y"}),
        ("a", {"one_of": (60, 600)}, {"a": 60.0}),
        ("a", {"at_most": "b"}, {"a": 3, "b": 3}),
        ("a", {"apart_from": "b"}, {"a": "03:00-04:00", "b": "sun:04:00-sun:05:00"}),
        ("a", {"unique": "n"}, {"a": [{"n": 1}, {"n": 2}, {}]}),
        (".", {"disjoint": ("a", "b.c")}, {"a": "10.0.0.0/24", "b": [{"c": "10.0.1.0/24"}, {"c": "2001:db8::/64"}]}),
        ("a", {"requires": ("b",)}, {"a": 1, "b": False}),
        ("a", {"conflicts_with": ("b",)}, {"a": 1, "b": None}),
        ("a", {"exactly_one_of": ("b", "c")}, {"a": {"c": 1}}),
        ("a", {"required": True}, {"a": 0}),
        ("a", {"forbidden": True, "when": {"b": ["x"]}}, {"a": 1, "b": "y"}),
        ("a", {"open": True}, {"a": "anything"}),
    ],
)
def test_every_kind_of_rule_accepts_what_is_right(path, rule, accepted):
    assert list(only(path, **rule).problems(accepted)) == []


@pytest.mark.parametrize(
    ("path", "rule", "inputs", "problem"),
    [
        ("a", {"pattern": "[a-z]+", "means": "letters"}, {"a": "A"}, ("a", "must be letters, not `A`")),
        ("a", {"format": "cidr_block"}, {"a": "10"}, ("a", "`10` is not a CIDR block such as `10.0.0.0/16`")),
        ("a", {"length": (2, 3)}, {"a": "abcd"}, ("a", "must have between 2 and 3 characters, not 4")),
        ("a", {"items": (1, None)}, {"a": []}, ("a", "must have at least 1 items, not 0")),
        ("a", {"range": (1, 5)}, {"a": 5.5}, ("a", "must be between 1 and 5, not `5.5`")),
        ("a", {"range": (None, 5)}, {"a": 6}, ("a", "must be at most 5, not `6`")),
        ("a", {"seconds": (86400, None)}, {"a": "60s"}, ("a", "must be at least 86400 seconds, not `60s`")),
        (
            "a",
            {"prefix_length": (16, 28)},
            {"a": "10.0.0.0/8"},
            ("a", "must have a prefix between 16 and 28, not `10.0.0.0/8`"),
        ),
        ("a", {"one_of": ("GET", "PUT")}, {"a": "get"}, ("a", "`get` is none of `GET`, `PUT`, did you mean `GET`?")),
        ("a", {"one_of": (60, 600)}, {"a": 61}, ("a", "`61` is none of `60`, `600`")),
        ("a", {"at_most": "b"}, {"a": 4, "b": 3}, ("a", "must not exceed `b`, which is `3`, but is `4`")),
        (
            "a",
            {"apart_from": "b"},
            {"a": "03:00-04:00", "b": "sun:03:59-sun:05:00"},
            ("a", "must not overlap `b`, which is `sun:03:59-sun:05:00`, but is `03:00-04:00`"),
        ),
        (
            "a",
            {"unique": "n"},
            {"a": [{"n": 1}, {"n": 1}]},
            ("a", "no two may have the same `n`, but `1` is there twice"),
        ),
        (
            ".",
            {"disjoint": ("a", "b.c")},
            {"a": "10.0.0.0/16", "b": [{"c": "10.0.1.0/24"}]},
            ("", "`a`, `b.c` must not overlap, but `10.0.0.0/16` and `10.0.1.0/24` do"),
        ),
        ("a", {"requires": ("b", "c")}, {"a": 1, "b": 1}, ("a", "needs `c` to be given too")),
        ("a", {"conflicts_with": ("b", "c")}, {"a": 1, "b": 1}, ("a", "may not be given together with `b`")),
        ("a", {"exactly_one_of": ("b", "c")}, {"a": {}}, ("a", "needs exactly one of `b`, `c`, but has none")),
        (
            ".",
            {"exactly_one_of": ("b", "c")},
            {"b": 1, "c": 1},
            ("", "needs exactly one of `b`, `c`, but has `b`, `c`"),
        ),
        ("a", {"required": True}, {}, ("a", "must be given")),
        (
            "a",
            {"forbidden": True, "when": {"b": ["x"]}},
            {"a": 1, "b": "x"},
            ("a", "may not be given (when `b` is `x`)"),
        ),
    ],
)
def test_every_kind_of_rule_says_what_is_wrong(path, rule, inputs, problem):
    assert list(only(path, **rule).problems(inputs)) == [Problem(*problem)]


@pytest.mark.parametrize(
    ("path", "inputs", "places"),
    [
        ("a.b", {"a": {"b": 9}}, ["a.b"]),
        ("a[].b", {"a": [{"b": 9}, {"b": 1}, {"b": 9}]}, ["a[0].b", "a[2].b"]),
        ("a[]", {"a": [1, 9]}, ["a[1]"]),
        ("a{value}", {"a": {"x": 9, "y.z": 9}}, ["a.x", 'a["y.z"]']),
        ("**.b", {"b": 9, "a": {"b": 9, "c": [{"b": 9}]}}, ["b", "a.b", "a.c[0].b"]),
        ("**.c[].b", {"c": [{"b": 9}], "a": {"c": [{"b": 9}]}, "xc": [{"b": 9}]}, ["c[0].b", "a.c[0].b"]),
        ("a.b", {"a": Secret({"b": 9})}, ["a.b"]),
    ],
)
def test_a_path_leads_to_all_that_it_names(path, inputs, places):
    assert [problem.path for problem in only(path, range=(1, 5)).problems(inputs)] == places


def test_keys_of_a_map_have_rules_of_their_own():
    rules = only("a{key}", pattern="[a-z]+", means="letters")
    assert list(rules.problems({"a": {"x": "1", "Y": "2"}})) == [Problem("a.Y", "must be letters, not `Y`")]


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ({"range": (1, 5)}, {"a": UNKNOWN}),
        ({"range": (1, 5)}, {}),
        ({"range": (1, 5)}, {"a": "9"}),
        ({"range": (1, 5)}, {"a": True}),
        ({"pattern": "x", "means": "x"}, {"a": ""}),
        ({"one_of": ("x",)}, {"a": ""}),
        ({"one_of": ("x",)}, {"a": ["y"]}),
        ({"at_most": "b"}, {"a": 4, "b": UNKNOWN}),
        ({"requires": ("b",)}, {"a": UNKNOWN}),
        ({"conflicts_with": ("b",)}, {"a": None, "b": 1}),
        ({"exactly_one_of": ("b", "c")}, {}),
        ({"unique": "n"}, {"a": [{"n": UNKNOWN}, {"n": UNKNOWN}]}),
        ({"range": (1, 5), "when": {"b": ["x"]}}, {"a": 9}),
        ({"range": (1, 5), "when": {"b": ["x"]}}, {"a": 9, "b": UNKNOWN}),
        ({"range": (1, 5), "unless": {"b": ["x"]}}, {"a": 9, "b": "x"}),
        ({"range": (1, 5), "unless": {"b": ["x"]}}, {"a": 9, "b": UNKNOWN}),
        ({"range": (1, 5), "when": {"$.c.d": [None]}}, {"a": 9, "c": {"d": 1}}),
    ],
)
def test_what_is_unknown_absent_or_of_another_kind_is_not_for_a_rule_to_judge(rule, inputs):
    assert list(only("a", **rule).problems(inputs)) == []


def test_conditions_may_look_beside_the_property_and_from_the_top():
    rules = only("a.b", range=(1, 5), when={"c": ["x", None], "$.d": [1]})
    assert list(rules.problems({"a": {"b": 9}, "d": 1.0})) == [
        Problem("a.b", "must be between 1 and 5, not `9` (when `c` is `x` or not given, when `d` is `1`)")
    ]


def test_a_property_gets_one_reason_at_a_time_and_an_object_all():
    rules = RuleSet(
        tuple(
            (Place.at(path), Rule(source="test", **rule))
            for path, rule in [
                ("a", {"length": (1, 3)}),
                ("a", {"pattern": "[a-z]+", "means": "letters"}),
                (".", {"exactly_one_of": ("b", "c")}),
                (".", {"exactly_one_of": ("d", "e")}),
            ]
        )
    )
    assert [problem.path for problem in rules.problems({"a": "12345"})] == ["a", "", ""]


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ({"range": (1, 5)}, Secret(9), "must be between 1 and 5, not a secret value"),
        ({"one_of": ("hunter3",)}, Secret("hunter2"), "a secret value is none of `hunter3`"),
        ({"format": "json_document"}, Secret("hunter2"), "a secret value does not have the format json document"),
        ({"pattern": "x", "means": "x"}, Secret(Secret("hunter2")), "must be x, not a secret value"),
    ],
)
def test_rules_look_into_secrets_and_never_show_them(rule, value, reason):
    assert list(only("a", **rule).problems({"a": value})) == [Problem("a", reason)]


def test_all_in_a_secret_object_is_secret():
    rules = only("a.b[]", one_of=("x",))
    assert list(rules.problems({"a": Secret({"b": ["hunter2"]})})) == [
        Problem("a.b[0]", "a secret value is none of `x`")
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "this is none"),
        ({"range": (1, 2), "length": (1, 2)}, "this is length, range"),
        ({"pattern": "x"}, "`pattern` needs `means`, and nothing else does"),
        ({"range": (1, 2), "means": "x"}, "`pattern` needs `means`, and nothing else does"),
        ({"format": "cidr"}, "unknown format `cidr`"),
        ({"ranges": (1, 2)}, "Extra inputs are not permitted"),
        ({"range": (1, 2), "source": None}, "Input should be a valid string"),
    ],
)
def test_a_wrong_line_is_refused_when_the_table_is_read(rule, message):
    with pytest.raises(pydantic.ValidationError, match=re.escape(message)):
        Rule(**{"source": "test"} | rule)


def test_a_path_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match=re.escape("`a.b[0]` is not the path of a property")):
        Place.at("a.b[0]")


def test_a_key_may_leave_out_types_that_its_pattern_covers():
    labels = {"labels": {"Wrong Key": "x"}}
    assert list(rules_for("gcp:storage/bucket:Bucket").problems(labels))
    assert not list(rules_for("gcp:monitoring/notificationChannel:NotificationChannel").problems(labels))


def test_the_table_settles_values_only_where_it_lists_them_without_conditions():
    assert rules_for("aws:kms/key:Key").settles("", "keyUsage")
    assert rules_for("aws:cleanrooms/membership:Membership").settles("defaultResultConfiguration", "roleArn")
    assert not rules_for("aws:kms/key:Key").settles("", "deletionWindowInDays")
    assert not rules_for("aws:ec2/natGateway:NatGateway").settles("", "connectivityType")
