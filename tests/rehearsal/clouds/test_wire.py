"""Values survive the way to the engine and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from rehearsal.clouds.values import UNKNOWN, Secret
from rehearsal.clouds.wire import decode, encode

leaves = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | st.text(max_size=10)
    | st.just(UNKNOWN)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
        | inner.map(Secret)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4))
def test_what_is_encoded_decodes_to_itself(properties):
    assert decode(encode(properties)) == properties


def test_a_missing_value_is_left_out():
    assert decode(encode({"a": None, "b": 1})) == {"b": 1}


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ({rpc._special_sig_key: rpc._special_output_value_sig, "value": 3}, 3),
        ({rpc._special_sig_key: rpc._special_output_value_sig}, UNKNOWN),
        ({rpc._special_sig_key: rpc._special_output_value_sig, "value": "x", "secret": True}, Secret("x")),
        ({rpc._special_sig_key: rpc._special_resource_sig, "urn": "urn", "id": "i-1"}, "i-1"),
    ],
)
def test_marked_values_are_understood(sent, understood):
    assert decode(encode({"a": sent})) == {"a": understood}
