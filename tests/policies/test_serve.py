"""The pack as the engine boots it and talks to it."""

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub
from ruamel.yaml import YAML

from policies.catalogue import ALL
from policies.rule import ResourceRule, StackRule
from policies.serve import Analyzer
from tests.policies.programs import UNKNOWN

PACK = Path(__file__).parents[2] / "policies"
SECONDS = 60


@contextmanager
def booted(command: list[str], folder: Path) -> Iterator[str]:
    """Runs the pack and yields the address that it serves on."""
    with subprocess.Popen([sys.executable, "-u", *command], cwd=folder, stdout=subprocess.PIPE, text=True) as pack:
        try:
            yield f"127.0.0.1:{int(pack.stdout.readline())}"
        finally:
            pack.kill()


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        # Without a language plugin: a launcher in the pack's folder, with the runtime's options behind.
        pytest.param(["__main__.py", "127.0.0.1:1", ".", "-virtualenv=../.venv"], PACK, id="launcher"),
        # As the SDK's own boot module runs a pack, from elsewhere.
        pytest.param(["-m", "pulumi.policy", "127.0.0.1:1", str(PACK)], PACK.parent, id="boot module"),
        pytest.param(["-m", "pulumi.policy", "127.0.0.1:1", "."], PACK, id="boot module inside"),
    ],
)
def test_the_pack_boots(command: list[str], folder: Path):
    with booted(command, folder) as address, grpc.insecure_channel(address) as channel:
        pack = AnalyzerStub(channel)
        info = pack.GetAnalyzerInfo(Empty(), timeout=SECONDS)
        assert pack.GetPluginInfo(Empty(), timeout=SECONDS).version
        assert pack.ConfigureStack(wire.AnalyzerStackConfigureRequest(stack="prod"), timeout=SECONDS) is not None
    assert [policy.name for policy in info.policies] == [rule.name for rule in ALL]
    assert {policy.enforcementLevel for policy in info.policies} == {wire.MANDATORY}
    assert info.supportsConfig


def test_the_pack_ends_when_its_engine_is_gone():
    """An engine that is killed can't end what it started."""
    engine = """
        import subprocess, sys
        pack = subprocess.Popen([sys.executable, "-u", "__main__.py"], stdout=subprocess.PIPE)
        assert int(pack.stdout.readline())
        print(pack.pid, flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", dedent(engine)], cwd=PACK, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        pack = int(started.stdout.readline())
        try:
            # The pack shares this pipe, so that it is closed only by the end of both.
            started.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(pack, signal.SIGKILL)
            raise


def test_the_name_of_no_module_hides_another():
    """The engine runs the pack with its folder on the module path."""
    modules = {path.stem for path in PACK.glob("*.py")} - {"__init__", "__main__"}
    assert modules & sys.stdlib_module_names == set()


def test_rules_depend_on_nothing_of_the_platform():
    imported = {
        name.split(".")[0]
        for path in PACK.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imports(node)
    }
    assert imported & {"components", "stacks", "catalog", "rehearsal", "pulumi_aws", "pulumi_gcp"} == set()


def imports(node: ast.AST) -> list[str]:
    match node:
        case ast.ImportFrom(module=str(module)):
            return [module]
        case ast.Import(names=names):
            return [name.name for name in names]
        case _:
            return []


def test_the_version_is_that_of_the_pack():
    declared = YAML(typ="safe").load(PACK / "PulumiPolicy.yaml")["version"]
    assert Analyzer(ALL).GetAnalyzerInfo(Empty(), None).version == declared


def properties(**values: Any) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct


def analyze(token: str, **values: Any) -> wire.AnalyzeResponse:
    request = wire.AnalyzeRequest(type=token, urn=f"urn::{token}::it", name="it", properties=properties(**values))
    return Analyzer(ALL).Analyze(request, None)


def levels(response: wire.AnalyzeResponse) -> dict[str, int]:
    return {diagnostic.policyName: diagnostic.enforcementLevel for diagnostic in response.diagnostics}


def test_a_violation_is_mandatory_and_an_open_question_is_advice():
    response = analyze("aws:kms/key:Key", enableKeyRotation=False, rotationPeriodInDays=UNKNOWN)
    by_level = {diagnostic.enforcementLevel: diagnostic.message for diagnostic in response.diagnostics}
    assert by_level == {
        wire.MANDATORY: "AWS KMS keys are rotated at least every 90 days.\n"
        "enableKeyRotation must be true, but is false. Set enableKeyRotation to true and rotationPeriodInDays to 90.",
        wire.ADVISORY: "can't run policy 'kms-rotation' from policy pack 'covenant@v0.1.0' during preview: "
        "cannot tell yet, it hangs on values that are known later (it: rotationPeriodInDays)",
    }


@pytest.mark.parametrize("token", ["aws:kms/key:Key", "acme:index/thing:Thing"])
def test_the_engine_hears_which_rules_do_not_concern_a_resource(token: str):
    response = analyze(token, enableKeyRotation=True, rotationPeriodInDays=90)
    others = {rule.name for rule in ALL if isinstance(rule, ResourceRule) and token not in rule.types}
    assert {policy.policy_name for policy in response.not_applicable} == others
    assert not response.diagnostics


BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"


def in_stack(token: str, name: str, sources: dict[str, str] | None = None, **values: Any) -> wire.AnalyzerResource:
    return wire.AnalyzerResource(
        type=token,
        urn=f"urn::{name}",
        name=name,
        properties=properties(**values),
        propertyDependencies={
            key: wire.AnalyzerPropertyDependencies(urns=[f"urn::{source}"]) for key, source in (sources or {}).items()
        },
    )


def test_stack_rules_join_what_the_preview_does_not_know_yet():
    request = wire.AnalyzeStackRequest(
        resources=[
            in_stack(BUCKET, "open", id=UNKNOWN, serverSideEncryptionConfiguration=UNKNOWN),
            in_stack(BUCKET, "closed", id=UNKNOWN, serverSideEncryptionConfiguration=UNKNOWN),
            in_stack(BLOCK, "block", {"bucket": "closed"}, bucket=UNKNOWN),
            in_stack("random:index/randomId:RandomId", "suffix", hex=UNKNOWN),
        ]
    )
    response = Analyzer(ALL).AnalyzeStack(request, None)
    judged = {(diagnostic.policyName, diagnostic.urn) for diagnostic in response.diagnostics}
    assert judged == {
        ("s3-cmk", "urn::closed"),
        ("s3-cmk", "urn::open"),
        ("s3-public-access-block-attached", "urn::open"),
    }
    assert set(levels(response).values()) == {wire.MANDATORY}
    concerned = {"s3-cmk", "s3-public-access-block-attached"}
    silent = {rule.name for rule in ALL if isinstance(rule, StackRule)} - concerned
    assert {policy.policy_name for policy in response.not_applicable} == silent


class Aborted(Exception):
    """What the engine gets to see of a refused request."""


class Context:
    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise Aborted(code, details)


def configured(**policies: tuple[int, dict[str, Any]]) -> wire.ConfigureAnalyzerRequest:
    return wire.ConfigureAnalyzerRequest(
        policyConfig={
            name.replace("_", "-"): wire.PolicyConfig(enforcementLevel=level, properties=properties(**values))
            for name, (level, values) in policies.items()
        }
    )


@pytest.mark.parametrize(
    ("level", "days", "found"),
    [
        (wire.MANDATORY, 35, {"rds-pitr": wire.MANDATORY}),
        (wire.ADVISORY, 35, {"rds-pitr": wire.ADVISORY}),
        (wire.DISABLED, 35, {}),
        (wire.MANDATORY, 7, {}),
    ],
)
def test_a_stack_sets_level_and_parameters(level: int, days: int, found: dict[str, int]):
    analyzer = Analyzer([rule for rule in ALL if rule.name == "rds-pitr"])
    analyzer.Configure(configured(rds_pitr=(level, {"minimumDays": days})), Context())
    token = "aws:rds/instance:Instance"
    request = wire.AnalyzeRequest(type=token, urn="urn::db", name="db", properties=properties(backupRetentionPeriod=7))
    assert levels(analyzer.Analyze(request, None)) == found


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ({"rds_pit": (wire.MANDATORY, {})}, "policy rds-pit: there is none of this name; meant rds-pitr?"),
        (
            {"rds_pitr": (wire.MANDATORY, {"minimumDay": 7})},
            "policy rds-pitr: minimumDay: Extra inputs are not permitted (its parameters: minimumDays)",
        ),
    ],
)
def test_a_wrong_configuration_stops_the_run(policies: Any, message: str):
    with pytest.raises(Aborted) as refused:
        Analyzer(ALL).Configure(configured(**policies), Context())
    assert refused.value.args == (grpc.StatusCode.INVALID_ARGUMENT, message)


def test_a_rule_never_changes_a_resource():
    assert Analyzer(ALL).Remediate(wire.AnalyzeRequest(type=BUCKET), None) == wire.RemediateResponse()
