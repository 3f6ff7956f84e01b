"""`diff`: what a change does, rehearsed on a real git checkout."""

import json
import subprocess

import pytest

from rehearsal.difference import ExitCode, Severity, compare
from rehearsal.program import RehearsalError
from rehearsal.progress import TerminalProgress
from rehearsal.report import document, markdown
from tests.rehearsal.conftest import PROGRAM, SECRET, write_program

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's own name for a folder without files

CONTRACT = {
    "type": "object",
    "properties": {"keyArn": {"type": "string"}, "bucketName": {"type": "string"}},
    "required": ["keyArn", "bucketName"],
}


def git(root, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def checkout(small):
    (small / "stacks" / "contracts").mkdir(parents=True)
    (small / "stacks" / "contracts" / "outputs-v1.json").write_text(json.dumps(CONTRACT))
    git(small, "init", "-q")
    git(small, "add", ".")
    git(small, "commit", "-q", "-m", "base")
    return small


def differences(root):
    return compare(root, "HEAD", TerminalProgress())


def test_no_change_is_clean(checkout):
    found = differences(checkout)
    assert found.exit_code is ExitCode.CLEAN
    assert [stack.severity for stack in found.stacks] == [Severity.NONE]


def test_updates_are_shown_by_property_and_need_nothing(checkout):
    write_program(checkout, PROGRAM.replace("retention_in_days=365", "retention_in_days=731"))
    found = differences(checkout)
    report = markdown(found)
    assert found.exit_code is ExitCode.CLEAN
    assert "| `retentionInDays` | `365` | `731` |" in report
    assert report.count("retentionInDays") == 4


def test_replacing_what_holds_data_is_shown_first_and_needs_a_label(checkout):
    write_program(
        checkout,
        PROGRAM.replace('location="europe-west1"', 'location="europe-west4"')
        .replace("retention_in_days=365", "retention_in_days=731")
        .replace("or 4)", "or 3)"),
    )
    found = differences(checkout)
    report = markdown(found)
    assert found.exit_code is ExitCode.NEEDS_ALLOW_REPLACE
    losses = {(step.name, step.operation.value, step.forcing) for step in found.stacks[0].losses}
    assert losses == {
        ("ring", "replace", ("location",)),
        ("crypto", "replace", ()),
        ("logs-3", "delete", ()),
    }
    assert report.index("replaced or deleted") < report.index("retentionInDays")
    assert "| replace | `gcp:kms/keyRing:KeyRing` `ring` | `location` | **holds data** |" in report
    assert "| replace | `gcp:kms/cryptoKey:CryptoKey` `crypto` | what it depends on is replaced |" in report
    assert "```mermaid" in report


def test_an_output_that_goes_away_breaks_the_contract(checkout):
    write_program(checkout, PROGRAM.replace('pulumi.export("bucketName", bucket.bucket)\n', ""))
    found = differences(checkout)
    assert found.exit_code is ExitCode.BREAKS_CONTRACT
    assert found.stacks[0].breaking == ("output `bucketName` is gone",)


def test_a_narrowed_contract_breaks_it_too(checkout):
    narrowed = CONTRACT | {"required": ["keyArn"]}
    (checkout / "stacks" / "contracts" / "outputs-v1.json").write_text(json.dumps(narrowed))
    found = differences(checkout)
    assert found.exit_code is ExitCode.BREAKS_CONTRACT
    assert any("outputs-v1.json" in line and "bucketName" in line for line in found.stacks[0].breaking)


def test_a_program_that_fails_is_an_error_with_its_reason(checkout):
    write_program(checkout, PROGRAM.replace("enable_key_rotation=True", "enable_key_rotation='often'"))
    found = differences(checkout)
    assert found.exit_code is ExitCode.ERROR
    assert "enableKeyRotation" in markdown(found)


def test_a_secret_that_changes_is_never_shown(checkout):
    changed = "another-secret-altogether"
    write_program(checkout, PROGRAM.replace(SECRET, changed))
    found = differences(checkout)
    everything = markdown(found) + json.dumps(document(found))
    assert "`value`" in everything
    assert SECRET not in everything
    assert changed not in everything


def test_taking_protection_away_is_shown(checkout):
    protecting = PROGRAM.replace(
        'ring = gcp.kms.KeyRing("ring", name="small", location="europe-west1", opts=google)',
        'ring = gcp.kms.KeyRing("ring", name="small", location="europe-west1",'
        " opts=pulumi.ResourceOptions.merge(google, pulumi.ResourceOptions(protect=True)))",
    )
    write_program(checkout, protecting)
    git(checkout, "commit", "-q", "-a", "-m", "protected")
    write_program(checkout, PROGRAM)
    found = differences(checkout)
    assert [urn.rsplit("::", 1)[1] for urn in found.stacks[0].unprotected] == ["ring"]
    assert "| unprotect | `gcp:kms/keyRing:KeyRing` `ring` |" in markdown(found)


def test_protected_resources_do_not_hide_other_replacements(checkout):
    protecting = PROGRAM.replace("opts=google", "opts=guarded").replace(
        "suffix = random",
        "guarded = pulumi.ResourceOptions.merge(google, pulumi.ResourceOptions(protect=True))\nsuffix = random",
    )
    write_program(checkout, protecting)
    git(checkout, "commit", "-q", "-a", "-m", "protected")
    write_program(checkout, protecting.replace('location="europe-west1"', 'location="europe-west4"'))
    found = differences(checkout)
    assert found.exit_code is ExitCode.NEEDS_ALLOW_REPLACE
    assert {step.name for step in found.stacks[0].losses} == {"ring", "crypto"}


def test_a_change_anywhere_in_the_program_is_seen(checkout):
    module = checkout / "stacks" / "compatibility.py"
    module.write_text("DAYS = 365\n")
    (checkout / "stacks" / "__init__.py").write_text("")
    using = PROGRAM.replace("import pulumi\n", "import pulumi\nfrom stacks.compatibility import DAYS\n", 1)
    write_program(checkout, using.replace("retention_in_days=365", "retention_in_days=DAYS"))
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "a module of a name that the rehearsal's own program has too")
    module.write_text("DAYS = 731\n")
    report = markdown(differences(checkout))
    assert "| `retentionInDays` | `365` | `731` |" in report


def test_a_stack_that_is_taken_away_loses_everything(checkout):
    (checkout / "Pulumi.other.yaml").write_text("config: {}\n")
    (checkout / "Pulumi.test.yaml").unlink()
    found = differences(checkout)
    gone, new = sorted(found.stacks, key=lambda stack: stack.stack != "test")
    assert {step.name for step in gone.losses} >= {"key", "bucket", "ring"}
    assert "output `keyArn` is gone" in gone.breaking
    assert new.severity is Severity.CHANGE
    assert found.exit_code is ExitCode.BREAKS_CONTRACT


def test_a_nested_output_that_goes_away_breaks_consumers(checkout):
    nested = PROGRAM + 'pulumi.export("buckets", {"models": bucket.bucket, "approvals": "b", "owner": "one"})\n'
    write_program(checkout, nested)
    git(checkout, "commit", "-q", "-a", "-m", "nested")
    write_program(checkout, nested.replace('"approvals": "b", "owner": "one"', '"owner": "two"'))
    found = differences(checkout)
    assert found.stacks[0].breaking == ("output `buckets.approvals` is gone",)
    assert "output `buckets.owner` changes" in found.stacks[0].contract


def test_a_base_with_nothing_in_it_makes_everything_new(checkout):
    empty = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit-tree", "-m", "empty", EMPTY_TREE],
        cwd=checkout,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    found = compare(checkout, empty, TerminalProgress())
    assert found.exit_code is ExitCode.CLEAN
    assert found.stacks[0].severity is Severity.CHANGE


def test_an_unknown_revision_is_refused(checkout):
    with pytest.raises(RehearsalError, match="no revision `nowhere`"):
        compare(checkout, "nowhere", TerminalProgress())


def test_a_revision_that_looks_like_an_option_is_no_option(checkout):
    with pytest.raises(RehearsalError, match="no revision `--all`"):
        compare(checkout, "--all", TerminalProgress())
