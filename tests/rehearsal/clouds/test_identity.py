"""Made-up values: the same for the same place, different for any other, and of the right form."""

import dataclasses
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clouds.identity import (
    BASE32,
    HEX,
    Context,
    derived,
    derived_bytes,
    derived_digits,
    derived_integer,
    derived_uuid,
    seed_of,
)

CONTEXT = Context(
    provider="aws",
    urn="urn:pulumi:staging::covenant::aws:ec2/vpc:Vpc::network",
    project="covenant",
    stack="staging",
    region="eu-west-1",
    account="111122223333",
)


def test_values_are_the_same_on_every_machine() -> None:
    # Written down once: a change here gives every rehearsed resource another id.
    assert derived(HEX, 17, "a", "b") == "37af3281bdcd63557"
    assert derived_uuid("a", "b") == "5c2df670-7c85-45b8-9e03-20738b116cf7"
    assert derived_integer(1, 1_000_000, "a", "b") == 52_280


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "gcp"},
        {"urn": "urn:pulumi:staging::covenant::aws:ec2/vpc:Vpc::other"},
        {"urn": "urn:pulumi:staging::covenant::aws:ec2/vpc:Vpc::network#1"},
        {"project": "other"},
        {"stack": "prod"},
        {"region": "eu-central-1"},
        {"account": "444455556666"},
    ],
    ids=str,
)
def test_another_place_gives_other_values(change: dict[str, str]) -> None:
    other = dataclasses.replace(CONTEXT, **change)
    assert derived(HEX, 17, *seed_of(other, "id")) != derived(HEX, 17, *seed_of(CONTEXT, "id"))


def test_another_purpose_gives_other_values() -> None:
    assert derived(HEX, 17, *seed_of(CONTEXT, "arn")) != derived(HEX, 17, *seed_of(CONTEXT, "id"))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_seeds_never_share_a_value(one: list[str], other: list[str]) -> None:
    assert (derived_bytes(32, *one) == derived_bytes(32, *other)) is (one == other)


@given(st.sampled_from([HEX, BASE32, "ab"]), st.integers(0, 200), st.text())
def test_derived_text_has_the_length_and_alphabet_asked_for(alphabet: str, length: int, seed: str) -> None:
    text = derived(alphabet, length, seed)
    assert len(text) == length
    assert set(text) <= set(alphabet)


@given(st.integers(-(10**30), 10**30), st.integers(0, 10**30), st.text())
def test_derived_integers_stay_within_their_bounds(low: int, span: int, seed: str) -> None:
    assert low <= derived_integer(low, low + span, seed) <= low + span


@given(st.integers(1, 40), st.text())
def test_derived_digits_never_start_with_zero(length: int, seed: str) -> None:
    assert re.fullmatch(rf"[1-9]\d{{{length - 1}}}", derived_digits(length, seed))


@given(st.text())
def test_derived_uuids_are_of_version_four(seed: str) -> None:
    assert uuid.UUID(derived_uuid(seed)).version == 4


def test_a_replacement_keeps_its_logical_name() -> None:
    replaced = dataclasses.replace(CONTEXT, urn=f"{CONTEXT.urn}#3")
    assert replaced.logical_name == CONTEXT.logical_name == "network"


def test_a_project_number_is_given_or_derived_from_the_project_alone() -> None:
    gcp = dataclasses.replace(CONTEXT, provider="gcp", account="covenant-test", region="europe-west1")
    assert re.fullmatch(r"[1-9]\d{11}", gcp.number)
    assert dataclasses.replace(gcp, urn="", stack="prod", region="us-east1").number == gcp.number
    assert dataclasses.replace(gcp, project_number="123456789012").number == "123456789012"
