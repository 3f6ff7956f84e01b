"""The pack under the real engine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policies.catalogue import ALL
from policies.configuration import configure
from policies.evaluate import Outcome, evaluate
from policies.rule import Example, Program, Reference
from rehearsal.engine import ensure_engine
from rehearsal.progress import TerminalProgress
from tests.policies.programs import Form, programs, render, urn

PACK = Path(__file__).parents[2] / "policies"
SECONDS = 120


@pytest.fixture(scope="module")
def engine() -> Path:
    return ensure_engine(TerminalProgress())


def analyzed(engine: Path, folder: Path, state: dict[str, Any], configuration: Any) -> list[dict[str, Any]]:
    """What `pulumi policy analyze` says of a state."""
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "configuration.json").write_text(json.dumps(configuration))
    launcher = folder / "bin" / "pulumi-analyzer-policy-python"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -u __main__.py "$@"\n')
    launcher.chmod(0o755)
    answer = subprocess.run(
        [
            *(engine, "policy", "analyze", "--json", "--file", folder / "state.json"),
            *("--policy-pack", PACK, "--policy-pack-config", folder / "configuration.json"),
        ],
        env={
            "HOME": str(folder),
            "PATH": f"{launcher.parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    events = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
    assert events, answer.stderr
    return [event["policyEvent"] for event in events if "policyEvent" in event]


def told_apart(program: Program, number: int) -> Program:
    """The program with names of its own, so that it can stand in one state with others."""
    names = {example.name: f"{example.name}-{number}" for example in program}

    def renamed(value: Any) -> Any:
        match value:
            case Reference(name):
                return Reference(names[name])
            case str():
                return names.get(value, value)
            case dict():
                return {key: renamed(inner) for key, inner in value.items()}
            case list():
                return [renamed(inner) for inner in value]
            case _:
                return value

    return tuple(Example(one.type, renamed(dict(one.properties)), name=names[one.name]) for one in program)


def everything_wrong() -> dict[str, Any]:
    """A state of all the examples that break a rule."""
    stack = {"urn": "urn:pulumi:test::covenant::pulumi:pulumi:Stack::covenant-test", "type": "pulumi:pulumi:Stack"}
    violating = [program for rule in ALL for program in programs(rule.violating)]
    resources = [
        {
            "urn": urn(one.example),
            "type": one.example.type,
            "custom": True,
            "id": one.example.name,
            "inputs": one.properties,
            "outputs": one.properties,
            "propertyDependencies": one.property_dependencies,
        }
        for number, program in enumerate(violating)
        for one in render(told_apart(program, number), Form.UPDATED)
    ]
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": [stack, *resources]}}


def test_the_engine_says_what_evaluate_says(engine: Path, tmp_path: Path):
    state = everything_wrong()
    configuration = {"rds-pitr": {"minimumDays": 7}, "rds-cmk": "advisory", "db-private": "disabled"}
    verdicts = evaluate(state, ALL, configuration)
    told = analyzed(engine, tmp_path, state, configuration)
    # What can't be told yet is told of a stack rule as a whole, and as advice.
    violations = [event for event in told if "resourceUrn" in event]
    open_questions = [event for event in told if "resourceUrn" not in event]
    assert {(event["policyName"], event["resourceUrn"]) for event in violations} == {
        (verdict.rule, verdict.urn) for verdict in verdicts if verdict.outcome is Outcome.VIOLATION
    }
    assert {event["policyName"] for event in open_questions} == {
        verdict.rule for verdict in verdicts if verdict.outcome is Outcome.CANNOT_TELL
    }
    assert {event["policyName"] for event in violations} == {rule.name for rule in ALL} - {"db-private"}
    assert {event["policyName"] for event in violations if event["enforcementLevel"] == "advisory"} == {"rds-cmk"}
    assert {event["enforcementLevel"] for event in open_questions} == {"advisory"}


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_a_stacks_policy_configuration_fits_the_pack(stack: str):
    configuration = json.loads((PACK / "config" / f"{stack}.json").read_text())
    assert len(configure(ALL, configuration)) == len(ALL)
