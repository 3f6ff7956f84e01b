"""What counts as a change between two sets of inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clouds.changes import Change, changes, lookup
from rehearsal.clouds.facts import Facts
from rehearsal.clouds.values import UNKNOWN, Secret

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
documents = st.dictionaries(
    st.text("abc", min_size=1, max_size=4),
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1), inner),
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2}, {"a": Change.UPDATE}),
        ({}, {"a": 2}, {"a": Change.ADD}),
        ({"a": 1}, {}, {"a": Change.DELETE}),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, {"a.b[0].c": Change.UPDATE}),
        ({"a": [1]}, {"a": [1, 2]}, {"a[1]": Change.ADD}),
        ({"tags": {"x.y/z": "1"}}, {"tags": {"x.y/z": "2"}}, {'tags["x.y/z"]': Change.UPDATE}),
        ({"a": "known"}, {"a": UNKNOWN}, {"a": Change.UPDATE}),
        ({"a": Secret("old")}, {"a": Secret("new")}, {"a": Change.UPDATE}),
        ({"a": True}, {"a": False}, {"a": Change.UPDATE}),
        ({"a": '{"x": 1}'}, {"a": '{"x": 2}'}, {"a": Change.UPDATE}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": Change.UPDATE}),
    ],
)
def test_changed_properties_are_named_by_path(old, new, expected):
    assert changes(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": ""}, {}),
        ({"a": []}, {"a": None}),
        ({"a": {}}, {}),
        ({"a": 5}, {"a": "5"}),
        ({"a": True}, {"a": "true"}),
        ({"a": '{"x": [1], "y": 2}'}, {"a": '{\n  "y": 2,\n  "x": [1]\n}'}),
        ({"a": Secret("same")}, {"a": "same"}),
        ({"__defaults": ["name"]}, {"__defaults": []}),
    ],
)
def test_what_the_real_providers_suppress_is_no_change(old, new):
    assert changes(old, new) == {}


@given(documents)
def test_nothing_differs_from_itself(document):
    assert changes(document, document) == {}


@given(documents, documents)
def test_every_changed_path_leads_to_values_that_differ(old, new):
    for path, change in changes(old, new).items():
        before, after = lookup(old, path), lookup(new, path)
        assert before != after or isinstance(before, bool) != isinstance(after, bool)
        assert (change is Change.ADD) == (before in (None, "", [], {}) and after not in (None, "", [], {}))


def test_lookup_of_a_path_that_leads_nowhere_is_none():
    assert lookup({"a": [1]}, "a[3].b") is None
    assert lookup({"a": 1}, "a.b") is None


def test_what_the_provider_fills_in_keeps_its_value_when_it_is_left_out():
    known = Facts(source="", computed=frozenset({"zone"}))
    assert changes({"zone": "a", "name": "x"}, {"name": "x"}, known) == {}
    assert changes({"zone": "a"}, {"zone": "b"}, known) == {"zone": Change.UPDATE}


def test_the_order_of_a_set_means_nothing():
    known = Facts(source="", unordered=frozenset({"rules[].ports", "names"}))
    old = {"rules": [{"ports": [1, 2]}], "names": ["a", "b"], "list": [1, 2]}
    assert changes(old, {"rules": [{"ports": [2, 1]}], "names": ["b", "a"], "list": [1, 2]}, known) == {}
    assert changes(old, old | {"list": [2, 1]}, known) == {"list[0]": Change.UPDATE, "list[1]": Change.UPDATE}
    assert changes(old, {"rules": [{"ports": [2, 1]}], "names": ["b", "c", "a"], "list": [1, 2]}, known) == {
        "names[1]": Change.ADD
    }


def test_the_order_of_an_elements_keys_means_nothing():
    known = Facts(source="", unordered=frozenset({"rules", "rules[].ports"}))
    old = {"rules": [{"from": 1, "ports": [1, 2]}, {"from": 2, "ports": [3]}]}
    new = {"rules": [{"ports": [3], "from": 2}, {"ports": [2, 1], "from": 1}]}
    assert changes(old, new, known) == {}


def test_a_changed_element_of_a_set_is_named_where_it_stands():
    known = Facts(source="", unordered=frozenset({"rules"}))
    old = {"rules": [{"from": 1}, {"from": 2}]}
    assert changes(old, {"rules": [{"from": 2}, {"from": 3}]}, known) == {
        "rules[0]": Change.DELETE,
        "rules[1]": Change.ADD,
    }
