"""Whatever happens in the middle of a run, the next one ends as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from rehearsal.clouds.faults import FaultKind, RandomFaults
from rehearsal.outcome import Operation
from rehearsal.program import Program
from rehearsal.recovery import recover
from rehearsal.session import Session
from tests.conftest import ROOT
from tests.rehearsal.conftest import PROGRAM, quiet, write_program
from tests.rehearsal.test_session import by_urn

REPLACING = PROGRAM.replace('location="europe-west1"', 'location="europe-west4"').replace(
    "retention_in_days=365", "retention_in_days=731"
)


def up(program, folder, *options):
    """Starts `python -m rehearsal up` in a process group of its own: what is killed must not be the tests."""
    command = [sys.executable, "-m", "rehearsal", "up", "test", "--program", program, "--folder", folder, *options]
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(started, after, *, everything):
    """Kills the engine, or the rehearsal with it, so many seconds after the engine began to work."""
    try:
        engine = None
        while engine is None and started.poll() is None:
            time.sleep(0.02)
            with suppress(psutil.NoSuchProcess):
                children = psutil.Process(started.pid).children(recursive=True)
                engine = next((child for child in children if "--client" in " ".join(child.cmdline())), None)
        time.sleep(after)
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if everything:
                os.killpg(started.pid, signal.SIGKILL)
            elif engine:
                engine.kill()
        started.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)


def assert_nothing_lost_or_doubled(session):
    state = session.export()["deployment"]
    known = [
        (item["type"], item["id"])
        for item in state["resources"]
        if item.get("custom") and not item["type"].startswith("pulumi:providers:")
    ]
    assert sorted(known) == sorted((record.token, record.id) for record in session.store.all())
    assert "pending_operations" not in state


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, engine):
    """The state after the program ran, was changed, and ran again, with nobody in the way."""
    root = tmp_path_factory.mktemp("undisturbed")
    write_program(root / "program")
    with Session(Program(root=root / "program", stack="test"), root / "rehearsal", engine) as session:
        session.up(quiet)
        first = by_urn(session.export())
    write_program(root / "program", REPLACING)
    with Session(Program(root=root / "program", stack="test"), root / "rehearsal", engine) as session:
        session.up(quiet)
        return first, by_urn(session.export())


@pytest.mark.parametrize("seed", range(10))
def test_a_run_that_was_killed_anywhere_ends_like_an_undisturbed_one(open_session, small, tmp_path, undisturbed, seed):
    chance = random.Random(seed)
    first, second = undisturbed
    for program, expected in ((PROGRAM, first), (REPLACING, second)):
        write_program(small, program)
        kill(up(small, tmp_path / "rehearsal"), chance.uniform(0, 2.5), everything=chance.random() < 0.5)
        with open_session() as session:
            recover(session, quiet)
            outcome = session.up(quiet)
            assert outcome.succeeded, outcome.failures
            assert session.up(quiet).unchanged
            assert_nothing_lost_or_doubled(session)
            assert by_urn(session.export()) == expected


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("token", ["aws:kms/key:Key", "gcp:kms/keyRing:KeyRing", "kubernetes:core/v1:Namespace"])
def test_after_a_fault_the_next_run_converges(open_session, small, tmp_path, kind, token, undisturbed):
    assert up(small, tmp_path / "rehearsal", "--fault", f"{token}={kind}").wait(timeout=120) != 0
    with open_session() as session:
        recover(session, quiet)
        assert session.up(quiet).succeeded
        assert session.up(quiet).unchanged
        assert_nothing_lost_or_doubled(session)
        assert by_urn(session.export()) == undisturbed[0]


def test_random_faults_pass_when_runs_go_on(open_session):
    with open_session(faults=[RandomFaults(seed=11, rate=0.3)]) as session:
        outcomes = [session.up(quiet) for _ in range(6)]
        assert not outcomes[0].succeeded
        assert outcomes[-1].succeeded
        assert_nothing_lost_or_doubled(session)


def test_a_clean_run_needs_no_recovery(open_session):
    with open_session() as session:
        session.up(quiet)
        assert recover(session, quiet) == ()


def test_replacing_makes_the_new_before_it_deletes_the_old(open_session, small):
    with open_session() as session:
        session.up(quiet)
    write_program(small, REPLACING)
    with open_session() as session:
        outcome = session.up(quiet)
        assert outcome.succeeded
        replaced = {step.name for step in outcome.steps if step.operation is Operation.REPLACE}
        assert replaced == {"ring", "crypto"}
        assert_nothing_lost_or_doubled(session)
