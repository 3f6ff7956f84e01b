"""How a message says what is wrong."""

import pytest

from rehearsal.clouds.problem import Problem, child, not_one_of, shown, typed


def test_a_problem_reads_as_path_and_reason():
    assert str(Problem("settings.tier", "missing required property")) == "settings.tier: missing required property"
    assert str(Problem("", "needs a name")) == "needs a name"


def test_a_key_that_is_no_plain_name_stands_in_brackets():
    assert child("tags", "owner") == "tags.owner"
    assert child("", "owner") == "owner"
    assert child("metadata.labels", "app.kubernetes.io/name") == 'metadata.labels["app.kubernetes.io/name"]'


@pytest.mark.parametrize(
    ("value", "text"), [("eu", "`eu`"), (5.0, "`5`"), (5.5, "`5.5`"), (True, "`true`"), (2147483647, "`2147483647`")]
)
def test_values_are_shown_as_a_user_wrote_them(value, text):
    assert shown(value) == text


def test_a_long_value_is_cut_short():
    assert shown("x" * 61) == f"`{'x' * 60}…`"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5", "the string `5`"),
        (5, "the number `5`"),
        (True, "the boolean `true`"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
        (object, "a value of the type type"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_by_its_kind(value, text):
    assert typed(value) == text


def test_secrets_are_never_shown():
    said = (
        shown("hunter2", is_secret=True),
        typed("hunter2", is_secret=True),
        not_one_of("hunter2", ["hunter3"], is_secret=True),
    )
    assert said == ("a secret value", "a secret string", "a secret value is none of `hunter3`")


def test_of_many_choices_a_dozen_are_listed():
    choices = [f"choice-{letter}" for letter in "abcdefghijklmnopqrst"]
    assert not_one_of("x", choices).endswith("`choice-k`, `choice-l` and 8 more")
