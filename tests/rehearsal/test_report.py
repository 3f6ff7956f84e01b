"""The report that reviewers read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.difference import Difference, ExitCode, StackDifference
from rehearsal.graph import picture
from rehearsal.outcome import Failure, Operation, Outcome, Step, Verdict
from rehearsal.report import MARKER, MAXIMUM_LENGTH, document, markdown

DATABASE = Step(
    operation=Operation.REPLACE,
    urn="urn:pulumi:prod::covenant::aws:rds/instance:Instance::database",
    type="aws:rds/instance:Instance",
    parent="",
    changes={"engine": "update-replace", "tags.owner": "update"},
    forcing=("engine",),
    old={"engine": "postgres", "tags": {"owner": "a|b"}},
    new={"engine": "mysql", "tags": {"owner": "c`d"}},
)


def step(index, operation=Operation.UPDATE, **more):
    return Step(
        operation=operation,
        urn=f"urn:pulumi:prod::covenant::aws:sqs/queue:Queue::queue-{index}",
        type="aws:sqs/queue:Queue",
        parent="",
        changes={"name": "update"},
        old={"name": "x" * 500},
        new={"name": "y" * 500},
        **more,
    )


def difference(*steps, succeeded=True, **more):
    outcome = Outcome(
        succeeded=succeeded,
        judged=True,
        steps=steps,
        verdicts=more.pop("verdicts", ()),
        failures=more.pop("failures", ()),
        warnings=(),
        outputs={},
        seconds=1.0,
    )
    return Difference(base="0123456789abcdef", stacks=(StackDifference(stack="prod", outcome=outcome, **more),))


def test_the_worst_comes_first():
    report = markdown(
        difference(
            DATABASE,
            step(1),
            step(2, Operation.CREATE),
            succeeded=False,
            failures=(Failure(urn="", message="it broke"),),
            verdicts=(Verdict(policy="rds-cmk", level="mandatory", urn=DATABASE.urn, message="no key"),),
            contract=("output `x` is gone",),
            breaking=("output `x` is gone",),
        )
    )
    order = [
        "| stack |",
        "it broke",
        "**holds data**",
        "**breaks consumers:**",
        "rds-cmk",
        "| `engine` (forces",
        "1 created",
    ]
    places = [report.index(piece) for piece in order]
    assert places == sorted(places)
    assert report.startswith(MARKER)


def test_values_can_not_break_the_table():
    report = markdown(difference(DATABASE))
    assert "| `tags.owner` | `a\\|b` | `c'd` |" in report


@given(st.integers(0, 400), st.integers(3_000, 20_000))
def test_however_much_changes_the_summary_stands_and_the_length_holds(count, limit):
    report = markdown(difference(*[step(index) for index in range(count)]), limit=limit)
    assert len(report) <= limit
    assert f"| 0 | {count} | 0 | 0 | 0 | 0 |" in report
    if count > 50:
        assert "left out for length" in report


def test_a_report_fits_into_a_comment():
    report = markdown(difference(*[step(index) for index in range(2_000)]))
    assert len(report) <= MAXIMUM_LENGTH < 65_536


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (difference(), ExitCode.CLEAN),
        (difference(step(1)), ExitCode.CLEAN),
        (difference(DATABASE), ExitCode.NEEDS_ALLOW_REPLACE),
        (difference(DATABASE, breaking=("gone",)), ExitCode.BREAKS_CONTRACT),
        (difference(DATABASE, breaking=("gone",), succeeded=False), ExitCode.ERROR),
    ],
)
def test_the_exit_code_is_that_of_the_worst(found, code):
    assert found.exit_code is code
    assert document(found)["exit_code"] == code


def test_the_picture_shows_what_changed_inside_its_component():
    component = Step(operation=Operation.SAME, urn="urn::net", type="covenant:aws:Network", parent="")
    quiet = Step(operation=Operation.SAME, urn="urn::vpc", type="aws:ec2/vpc:Vpc", parent="urn::net")
    loud = Step(operation=Operation.DELETE, urn="urn::nat", type="aws:ec2/natGateway:NatGateway", parent="urn::net")
    drawn = picture([component, quiet, loud], only_changes=True)
    assert 'subgraph n0["net"]' in drawn
    assert "vpc" not in drawn
    assert 'n2["- nat<br/><small>NatGateway</small>"]:::delete' in drawn
    assert "vpc" in picture([component, quiet, loud])
