"""Unknown and secret values."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clouds.values import UNKNOWN, Secret, has_unknown, reveal

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def wrapped(value):
    """The same value with every part of it a secret."""
    if isinstance(value, dict):
        return Secret({key: wrapped(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return Secret([wrapped(inner) for inner in value])
    return Secret(value)


@given(plain)
def test_revealing_gives_back_what_was_wrapped(value):
    assert reveal(wrapped(value)) == value


@given(plain)
def test_what_is_known_has_no_unknown_in_it(value):
    assert not has_unknown(value)
    assert not has_unknown(wrapped(value))


@pytest.mark.parametrize(
    "value", [UNKNOWN, [1, UNKNOWN], {"a": {"b": [UNKNOWN]}}, Secret(UNKNOWN), {"a": Secret([Secret(UNKNOWN)])}]
)
def test_an_unknown_is_found_at_any_depth(value):
    assert has_unknown(value)


def test_a_revealed_copy_shares_nothing_with_the_original():
    original = {"a": [Secret({"b": 1})]}
    copied = reveal(original)
    copied["a"][0]["b"] = 2
    copied["a"].append(3)
    assert original == {"a": [Secret({"b": 1})]}


def test_a_secret_never_shows_what_is_inside():
    assert "hunter2" not in f"{Secret('hunter2')!r} {Secret(['hunter2'])} {[Secret('hunter2')]}"


def test_there_is_only_one_unknown():
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN
    assert copy.copy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    assert repr(UNKNOWN) == "unknown"
