"""The real engine on the stand-in clouds."""

import json
from pathlib import Path

import pytest

from rehearsal.clouds.faults import Fault, FaultKind
from rehearsal.outcome import Operation
from rehearsal.program import Program, RehearsalError, stacks
from tests.rehearsal.conftest import PROGRAM, SECRET, quiet, write_program


def operations(outcome):
    return {step.name: step.operation for step in outcome.steps if step.operation is not Operation.SAME}


def test_a_second_run_changes_nothing(open_session):
    with open_session() as session:
        first = session.up(quiet)
        second = session.up(quiet)
        refreshed = session.refresh(quiet)
        third = session.preview(quiet)
    assert first.succeeded, first.failures
    assert first.counts[Operation.CREATE] == 18
    assert second.succeeded
    assert second.unchanged
    assert refreshed.succeeded
    assert third.unchanged


def test_the_same_program_gives_the_same_state_everywhere(open_session):
    states = []
    for folder in ("here", "there"):
        with open_session(folder=folder) as session:
            session.up(quiet)
            states.append(by_urn(session.export()))
    assert states[0] == states[1]


def test_state_outlives_the_session_and_destroy_leaves_nothing(open_session):
    with open_session() as session:
        session.up(quiet)
    with open_session() as session:
        assert session.outputs()["keyArn"].value.startswith("arn:aws:kms:eu-west-1:111122223333:key/")
        assert session.destroy(quiet).succeeded
        assert session.store.all() == ()
        assert session.export()["deployment"].get("resources", []) == []


def test_secrets_never_stand_in_plain_text(open_session, tmp_path):
    with open_session() as session:
        outcome = session.up(quiet)
        state = json.dumps(session.export())
        outputs = session.outputs()
    assert outputs["token"].secret
    assert SECRET not in state
    assert SECRET not in repr(outcome)
    written = [path for path in (tmp_path / "rehearsal").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]


def test_a_preview_knows_what_it_can_not_know(open_session):
    with open_session() as session:
        outcome = session.preview(quiet)
    assert outcome.succeeded, outcome.failures
    assert outcome.counts[Operation.CREATE] == 18
    alias = next(step for step in outcome.steps if step.name == "alias")
    assert alias.new["name"] == "alias/small"
    assert "targetKeyId" not in alias.new or alias.new["targetKeyId"] != ""


@pytest.mark.parametrize(
    ("change", "expected", "forcing"),
    [
        (("retention_in_days=365", "retention_in_days=731"), Operation.UPDATE, ()),
        (('location="europe-west1"', 'location="europe-west4"'), Operation.REPLACE, ("location",)),
    ],
    ids=["update", "replace"],
)
def test_changes_are_told_apart(open_session, small, change, expected, forcing):
    with open_session() as session:
        session.up(quiet)
    write_program(small, PROGRAM.replace(*change))
    with open_session() as session:
        outcome = session.preview(quiet)
        assert session.up(quiet).succeeded
    changed = {step.type: step for step in outcome.steps if step.operation is not Operation.SAME}
    first = changed["gcp:kms/keyRing:KeyRing" if forcing else "aws:cloudwatch/logGroup:LogGroup"]
    assert (first.operation, first.forcing) == (expected, forcing)


def test_what_depends_on_a_replaced_id_is_replaced_too(open_session, small):
    with open_session() as session:
        session.up(quiet)
    write_program(small, PROGRAM.replace('location="europe-west1"', 'location="europe-west4"'))
    with open_session() as session:
        assert operations(session.preview(quiet)) == {"ring": Operation.REPLACE, "crypto": Operation.REPLACE}


@pytest.mark.parametrize(
    ("wrong", "complaints"),
    [
        (("enable_key_rotation=True", "enable_key_rotation='often'"), ["enableKeyRotation"]),
        (("rotation_period_in_days=90", "rotation_period_in_days=30"), ["rotationPeriodInDays", "90"]),
        (('metadata={"name": "small"}', 'metadata={"name": "Small_1"}'), ["metadata.name"]),
        (('rotation_period="7776000s"', 'rotation_period="9000s"'), ["rotationPeriod"]),
    ],
)
def test_wrong_inputs_are_refused_by_name_before_anything_is_made(open_session, small, wrong, complaints):
    write_program(small, PROGRAM.replace(*wrong))
    with open_session() as session:
        outcome = session.preview(quiet)
        assert not outcome.succeeded
        assert session.store.all() == ()
    said = " ".join(failure.message for failure in outcome.failures)
    for complaint in complaints:
        assert complaint in said


def test_an_unknown_data_source_is_an_error(open_session, small):
    write_program(
        small,
        PROGRAM + "\naws.ec2.get_ami(most_recent=True, opts=pulumi.InvokeOptions(provider=europe.provider))\n",
    )
    with open_session() as session:
        outcome = session.preview(quiet)
    assert not outcome.succeeded
    assert "aws:ec2/getAmi:getAmi" in " ".join(failure.message for failure in outcome.failures)


def test_an_error_in_the_program_names_its_place_without_a_traceback(open_session, small):
    write_program(small, PROGRAM + "\nraise KeyError('colour')\n")
    with open_session() as session:
        outcome = session.preview(quiet)
    assert [failure.message for failure in outcome.failures] == ["KeyError: 'colour' (__main__.py:48)"]


def test_what_a_shell_says_of_real_clouds_does_not_reach_a_rehearsal(open_session, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "us-gov-west-1")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///nowhere")
    with open_session() as session:
        assert session.preview(quiet).succeeded


def by_urn(state):
    """What a state says of each resource, less what differs from run to run: times, ciphers, the engine's own ids."""
    return {
        resource["urn"]: {
            "id": None if resource["type"].startswith("pulumi:providers:") else resource.get("id"),
            **{key: without_ciphers(resource.get(key)) for key in ("type", "parent", "inputs", "outputs", "protect")},
        }
        for resource in state["deployment"]["resources"]
    }


def without_ciphers(value):
    match value:
        case {"ciphertext": _}:
            return "[cipher]"
        case dict():
            return {key: without_ciphers(item) for key, item in value.items()}
        case list():
            return [without_ciphers(item) for item in value]
        case _:
            return value


def test_two_runs_on_one_folder_do_not_mix(open_session):
    with open_session(), pytest.raises(RehearsalError, match="another run rehearses stack test"), open_session():
        pass


def test_a_damaged_folder_is_named_with_a_way_out(open_session, tmp_path):
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "rehearsal" / "clouds.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(RehearsalError, match=r"rehearsal: .*; remove that folder, or name another one"), open_session():
        pass


def test_a_misspelt_argument_is_named_with_the_right_one(open_session, small):
    write_program(small, PROGRAM.replace("description=", "descripton="))
    with open_session() as session:
        outcome = session.preview(quiet)
    assert "did you mean `description`?" in outcome.failures[0].message


def test_a_fault_that_strikes_nothing_is_told(open_session):
    fault = Fault(token="aws:rds/instance:Instance", kind=FaultKind.QUOTA)
    with open_session(faults=[fault]) as session:
        assert session.up(quiet).succeeded
        assert session.idle_faults == ("aws:rds/instance:Instance=quota",)


def test_without_a_pack_nothing_counts_as_judged(open_session):
    with open_session() as session:
        assert not session.preview(quiet).judged


def test_a_folder_that_is_no_program_is_refused(tmp_path):
    with pytest.raises(RehearsalError, match=r"no Pulumi\.yaml"):
        Program(root=tmp_path, stack="test")


def test_an_unknown_stack_is_refused_with_the_known_ones(small):
    with pytest.raises(RehearsalError, match=r"no stack `prod`.*stacks are: test"):
        Program(root=small, stack="prod")
    assert stacks(Path(small)) == ("test",)
