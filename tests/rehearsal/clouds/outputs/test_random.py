"""The random provider: its arguments obeyed, its values the same each time."""

import base64
import re
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.outputs import computed_outputs, resource_id
from rehearsal.clouds.outputs.random import RefusedByProvider

ContextOf = Callable[..., Context]

SETS = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "numeric": "0123456789",
    "special": "!@#$%&*()-_=+[]{}<>:?",
}
FEW = settings(max_examples=60, deadline=None)  # the first example imports the SDK


def token(kind: str) -> str:
    return f"random:index/{kind[0].lower()}{kind[1:]}:{kind}"


def state_of(context_of: ContextOf, kind: str, inputs: dict[str, Any], name: str = "x") -> dict[str, Any]:
    context = context_of(token(kind), name)
    return computed_outputs(token(kind), inputs, resource_id(token(kind), inputs, context), context)


@pytest.mark.parametrize("kind", ["RandomString", "RandomPassword"])
@FEW
@given(
    length=st.integers(1, 64),
    flags=st.fixed_dictionaries({name: st.booleans() for name in SETS}),
    least=st.fixed_dictionaries({f"min{name.title()}": st.integers(0, 8) for name in SETS}),
)
def test_text_has_the_length_and_the_characters_asked_for(
    context_of: ContextOf, kind: str, length: int, flags: dict[str, bool], least: dict[str, int]
) -> None:
    assume(any(flags.values()) and sum(least.values()) <= length)
    result = state_of(context_of, kind, {"length": length, **flags, **least})["result"]
    assert len(result) == length
    for name, characters in SETS.items():
        count = sum(character in characters for character in result)
        assert count >= least[f"min{name.title()}"]
        assert flags[name] or count == least[f"min{name.title()}"]


@FEW
@given(special=st.text("~^|", min_size=1, max_size=3), length=st.integers(1, 30))
def test_own_special_characters_take_the_place_of_the_usual_ones(
    context_of: ContextOf, special: str, length: int
) -> None:
    flags = {"upper": False, "lower": False, "numeric": False}
    state = state_of(context_of, "RandomString", {"length": length, "overrideSpecial": special, **flags})
    assert set(state["result"]) <= set(special)


def test_text_without_any_characters_is_refused(context_of: ContextOf) -> None:
    with pytest.raises(RefusedByProvider, match="one of them has to be true"):
        state_of(context_of, "RandomString", {"length": 4} | dict.fromkeys(SETS, False))


def test_text_shorter_than_its_minima_is_refused(context_of: ContextOf) -> None:
    with pytest.raises(RefusedByProvider, match="length: 2 is less than the sum of minUpper"):
        state_of(context_of, "RandomString", {"length": 2, "minUpper": 2, "minLower": 1})


def test_a_password_is_secret_and_names_nothing(context_of: ContextOf) -> None:
    resource = sdk.resource_type(token("RandomPassword"))
    assert {"result", "bcryptHash"} <= resource.secret_outputs
    context = context_of(token("RandomPassword"))
    assert resource_id(token("RandomPassword"), {"length": 16}, context) == "none"
    assert re.fullmatch(
        r"\$2a\$10\$[./A-Za-z0-9]{53}", state_of(context_of, "RandomPassword", {"length": 16})["bcryptHash"]
    )


@FEW
@given(length=st.integers(1, 64), prefix=st.none() | st.text("abc-", max_size=5))
def test_an_id_is_the_same_bytes_in_four_writings(context_of: ContextOf, length: int, prefix: str | None) -> None:
    inputs = {"byteLength": length} | ({"prefix": prefix} if prefix is not None else {})
    state = state_of(context_of, "RandomId", inputs)
    bare = {name: state[name].removeprefix(prefix or "") for name in ("hex", "dec", "b64Std", "b64Url")}
    value = bytes.fromhex(bare["hex"])
    assert len(value) == length
    assert int(bare["dec"]) == int.from_bytes(value)
    assert base64.b64decode(bare["b64Std"]) == value
    assert bare["b64Url"] == base64.urlsafe_b64encode(value).decode().rstrip("=")
    assert resource_id(token("RandomId"), inputs, context_of(token("RandomId"), "x")) == bare["b64Url"]


@FEW
@given(length=st.integers(1, 64))
def test_bytes_are_as_many_as_asked_for(context_of: ContextOf, length: int) -> None:
    state = state_of(context_of, "RandomBytes", {"length": length})
    assert len(bytes.fromhex(state["hex"])) == length
    assert base64.b64decode(state["base64"]) == bytes.fromhex(state["hex"])


@FEW
@given(low=st.integers(-(2**31), 2**31), span=st.integers(0, 2**31))
def test_an_integer_lies_between_its_bounds(context_of: ContextOf, low: int, span: int) -> None:
    state = state_of(context_of, "RandomInteger", {"min": low, "max": low + span})
    assert low <= state["result"] <= low + span


def test_bounds_the_wrong_way_round_are_refused(context_of: ContextOf) -> None:
    with pytest.raises(RefusedByProvider, match="min: 2 is greater than max, 1"):
        state_of(context_of, "RandomInteger", {"min": 2, "max": 1})


@FEW
@given(items=st.lists(st.text(max_size=3), max_size=8), count=st.none() | st.integers(0, 20))
def test_a_shuffle_holds_each_element_equally_often(context_of: ContextOf, items: list[str], count: int | None) -> None:
    inputs = {"inputs": items} | ({"resultCount": count} if count is not None else {})
    results = state_of(context_of, "RandomShuffle", inputs)["results"]
    wanted = len(items) if count is None else count
    assert len(results) == (wanted if items else 0)
    for start in range(0, len(results) - len(items) + 1, len(items) or 1):
        assert Counter(results[start : start + len(items)]) == Counter(items)


@FEW
@given(length=st.integers(1, 5), separator=st.sampled_from(["-", "_", "."]), prefix=st.none() | st.just("risk"))
def test_a_pet_has_its_words_separator_and_prefix(
    context_of: ContextOf, length: int, separator: str, prefix: str | None
) -> None:
    inputs = {"length": length, "separator": separator} | ({"prefix": prefix} if prefix else {})
    words = resource_id(token("RandomPet"), inputs, context_of(token("RandomPet"))).split(separator)
    assert len(words) == length + bool(prefix)
    assert words[0] == prefix or not prefix


def test_a_pet_is_two_words_unless_told_otherwise(context_of: ContextOf) -> None:
    assert re.fullmatch(r"[a-z]+-[a-z]+", resource_id(token("RandomPet"), {}, context_of(token("RandomPet"))))


@pytest.mark.parametrize(("kind", "version"), [("RandomUuid", 4), ("RandomUuid4", 4), ("RandomUuid7", 7)])
def test_a_uuid_is_of_its_version(context_of: ContextOf, kind: str, version: int) -> None:
    value = uuid.UUID(state_of(context_of, kind, {})["result"])
    assert (value.version, value.variant) == (version, uuid.RFC_4122)


def test_a_seed_decides_alone(context_of: ContextOf) -> None:
    inputs = {"min": 1, "max": 10**9, "seed": "lottery"}
    one, other = (state_of(context_of, "RandomInteger", inputs, name)["result"] for name in ("one", "other"))
    assert one == other
    assert state_of(context_of, "RandomInteger", inputs | {"seed": "other"})["result"] != one


def test_two_resources_without_a_seed_differ(context_of: ContextOf) -> None:
    one, other = (state_of(context_of, "RandomId", {"byteLength": 8}, name)["hex"] for name in ("one", "other"))
    assert one != other
