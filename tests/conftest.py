"""What tests of several folders share: both stacks, rehearsed once for the whole run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from pydantic import TypeAdapter

from rehearsal.engine import ensure_engine
from rehearsal.outcome import Outcome
from rehearsal.program import Program
from rehearsal.progress import TerminalProgress
from rehearsal.session import Session

# A deadline would judge the machine, not the code; a shared CI machine is slow now and then.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

ROOT = Path(__file__).parent.parent

STACKS = ("staging", "prod")


@dataclass(frozen=True)
class Rehearsed:
    """A stack after a rehearsed `up`.

    Attributes:
        preview: what the preview before it said, when nothing was known yet.
        outcome: what `up` did.
        again: what a second `up` did.
        state: the exported state.
    """

    stack: str
    preview: Outcome
    outcome: Outcome
    again: Outcome
    state: dict[str, Any]

    @property
    def resources(self) -> list[dict[str, Any]]:
        return self.state["deployment"]["resources"]


@pytest.fixture(scope="session", params=STACKS)
def rehearsed(request, tmp_path_factory, worker_id) -> Rehearsed:
    """Each stack, brought up from nothing; the workers of a parallel run share one rehearsal."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / f"rehearsed-{request.param}"
    with FileLock(f"{shared}.lock"):
        if not (shared / "done.json").is_file():
            _rehearse(request.param, shared)
    kept = json.loads((shared / "done.json").read_text())
    outcomes = TypeAdapter(dict[str, Outcome]).validate_python(kept["outcomes"])
    return Rehearsed(stack=request.param, state=kept["state"], **outcomes)


def _rehearse(stack: str, folder: Path) -> None:
    engine = ensure_engine(TerminalProgress())
    with Session(Program(root=ROOT, stack=stack), folder, engine, checkpoints=False) as session:
        outcomes = {
            "preview": session.preview(lambda _: None),
            "outcome": session.up(lambda _: None),
            "again": session.up(lambda _: None),
        }
        dumped = TypeAdapter(dict[str, Outcome]).dump_python(outcomes, mode="json")
        done = json.dumps({"outcomes": dumped, "state": session.export()})
    (folder / "done.json").write_text(done)
