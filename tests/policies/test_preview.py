"""A preview of a stack that doesn't exist yet: keys and buckets are known only by where they come from."""

from pathlib import Path

import pytest

from rehearsal.engine import ensure_engine
from rehearsal.outcome import Outcome
from rehearsal.program import Program
from rehearsal.progress import TerminalProgress
from rehearsal.session import Session

PACK = Path(__file__).parents[2] / "policies"

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_random as random

here = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1", allowed_account_ids=["111122223333"]))
anywhere = pulumi.ResourceOptions(provider=random.Provider("random"))

suffix = random.RandomString("suffix", length=6, special=False, upper=False, opts=anywhere)
key = aws.kms.Key("key", enable_key_rotation=True, rotation_period_in_days=90, opts=here)

def encryption(algorithm, key_id):
    by_default = {"sse_algorithm": algorithm, "kms_master_key_id": key_id}
    return [{"apply_server_side_encryption_by_default": by_default, "bucket_key_enabled": True}]

def closed(name, rules):
    bucket = aws.s3.Bucket(name, bucket=pulumi.Output.concat(name, "-", suffix.result), opts=here)
    aws.s3.BucketServerSideEncryptionConfiguration(f"{name}-encryption", bucket=bucket.id, rules=rules, opts=here)
    aws.s3.BucketPublicAccessBlock(
        f"{name}-block",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=here,
    )

closed("right", encryption("aws:kms", key.arn))
closed("weak", encryption("AES256", None))
aws.s3.Bucket("bare", opts=here)
aws.cloudwatch.LogGroup("late", retention_in_days=suffix.result.apply(lambda _: 180), kms_key_id=key.arn, opts=here)
aws.cloudwatch.LogGroup("kept", retention_in_days=365, kms_key_id=key.arn, opts=here)
"""


def judged(outcome: Outcome) -> set[tuple[str, str, str]]:
    return {(verdict.policy, verdict.level, verdict.urn.rpartition("::")[2]) for verdict in outcome.verdicts}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_unknown_at_preview_hides_no_flaw_and_is_decided_before_anything_is_made(tmp_path: Path):
    root = tmp_path / "program"
    root.mkdir()
    (root / "policies").symlink_to(PACK)
    (root / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (root / "Pulumi.test.yaml").write_text("config: {}\n")
    (root / "__main__.py").write_text(PROGRAM)
    engine = ensure_engine(TerminalProgress())
    with Session(Program(root=root, stack="test"), tmp_path / "rehearsal", engine) as session:
        preview = session.preview(lambda _: None)
        update = session.up(lambda _: None)
        made = {resource["urn"].rpartition("::")[2] for resource in session.export()["deployment"]["resources"]}
    assert judged(preview) == {
        ("s3-cmk", "mandatory", "bare"),
        ("s3-cmk", "mandatory", "weak"),
        ("s3-public-access-block-attached", "mandatory", "bare"),
        ("log-retention", "advisory", "late"),
    }
    assert ("log-retention", "mandatory", "late") in judged(update)
    assert "suffix" in made
    assert "late" not in made
