"""Both stacks, rehearsed on the real engine: what they consist of, and what holds for all of it."""

import json
from pathlib import Path

import pytest

from policies.catalogue import ALL
from policies.evaluate import Outcome as Verdict
from policies.evaluate import evaluate
from rehearsal.clouds import facts, sdk
from rehearsal.inventory import GOLDENS, written
from rehearsal.outcome import Operation
from rehearsal.stateful import STATEFUL_TYPES

ROOT = Path(__file__).parent.parent.parent

# On everything that can carry tags or labels, in the spelling that both clouds take.
REQUIRED_TAGS = {"owner", "environment", "system", "cost-centre", "data-classification"}


def custom(rehearsed):
    return [
        resource
        for resource in rehearsed.resources
        if resource.get("custom") and not resource["type"].startswith("pulumi:providers:")
    ]


def test_a_stack_comes_up_without_an_error(rehearsed):
    assert rehearsed.preview.succeeded, rehearsed.preview.failures
    assert rehearsed.outcome.succeeded, rehearsed.outcome.failures
    assert rehearsed.preview.warnings == ()


def test_the_preview_says_what_up_does(rehearsed):
    assert {(step.urn, step.operation) for step in rehearsed.preview.steps} == {
        (step.urn, step.operation) for step in rehearsed.outcome.steps
    }


def test_a_second_up_changes_nothing(rehearsed):
    changed = [(step.name, step.changes) for step in rehearsed.again.steps if step.operation is not Operation.SAME]
    assert changed == []
    assert rehearsed.again.succeeded


def test_the_stack_consists_of_what_its_golden_inventory_says(rehearsed):
    golden = ROOT / GOLDENS / f"{rehearsed.stack}.yaml"
    assert golden.read_text() == written(rehearsed.stack, rehearsed.outcome.steps), (
        f"stack {rehearsed.stack} consists of other resources; if that is meant, run: make golden"
    )


@pytest.mark.parametrize("when", ["preview", "outcome"])
def test_no_policy_is_violated(rehearsed, when):
    assert getattr(rehearsed, when).verdicts == ()


def test_the_same_rules_find_nothing_in_the_state(rehearsed):
    configuration = json.loads((ROOT / "policies" / "config" / f"{rehearsed.stack}.json").read_text())
    verdicts = evaluate(rehearsed.state, configuration=configuration)
    assert [each for each in verdicts if each.outcome in (Verdict.VIOLATION, Verdict.CANNOT_TELL)] == []
    judged = {each.rule for each in verdicts if each.outcome is Verdict.PASS}
    assert judged == {rule.name for rule in ALL}, "a rule that judges nothing proves nothing"


def test_everything_taggable_is_tagged(rehearsed):
    untagged = {}
    for resource in custom(rehearsed):
        inputs = sdk.resource_type(resource["type"]).inputs
        for name in ("tags", "labels", "userLabels"):
            if name in inputs and not resource["type"].startswith("kubernetes:"):
                missing = REQUIRED_TAGS - resource["inputs"].get(name, {}).keys()
                if missing:
                    untagged[resource["urn"]] = missing
    assert untagged == {}


def test_what_forces_a_replacement_is_known_for_every_type(rehearsed):
    assert {resource["type"] for resource in custom(rehearsed) if facts.facts(resource["type"]) is None} == set()


def test_every_resource_names_its_provider(rehearsed):
    defaults = [r["urn"] for r in rehearsed.resources if "::default" in r["urn"]]
    assert defaults == []


def test_no_password_is_made_by_the_program(rehearsed):
    made = {resource["type"] for resource in custom(rehearsed)}
    assert not made & {
        "random:index/randomPassword:RandomPassword",
        "aws:iam/accessKey:AccessKey",
        "gcp:serviceaccount/key:Key",
    }
    assert [r["urn"] for r in custom(rehearsed) if "password" in r["inputs"] or "masterPassword" in r["inputs"]] == []


def test_outputs_have_values_for_consumers(rehearsed):
    def empties(path, value):
        match value:
            case dict():
                return [found for key, item in value.items() for found in empties(f"{path}.{key}", item)]
            case list():
                return [found for index, item in enumerate(value) for found in empties(f"{path}[{index}]", item)]
            case _:
                return [path] if value in ("", None) else []

    assert empties("", rehearsed.outcome.outputs) == []


def test_the_list_of_stateful_types_names_real_ones():
    for token in STATEFUL_TYPES:
        assert sdk.resource_type(token).token == token
