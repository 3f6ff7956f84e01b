"""A small program for all four providers, and sessions that rehearse it on the real engine."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.engine import ensure_engine
from rehearsal.program import Program
from rehearsal.progress import TerminalProgress
from rehearsal.session import Session

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes
import pulumi_random as random

config = pulumi.Config("small")
europe = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1", allowed_account_ids=["111122223333"]))
google = pulumi.ResourceOptions(provider=gcp.Provider("gcp", project="small-project", region="europe-west1"))

suffix = random.RandomString(
    "suffix",
    length=6,
    special=False,
    upper=False,
    opts=pulumi.ResourceOptions(provider=random.Provider("random")),
)
key = aws.kms.Key("key", description="small", enable_key_rotation=True, rotation_period_in_days=90, opts=europe)
alias = aws.kms.Alias("alias", name="alias/small", target_key_id=key.key_id, opts=europe)
bucket = aws.s3.Bucket("bucket", bucket=pulumi.Output.concat("small-", suffix.result), opts=europe)
block = aws.s3.BucketPublicAccessBlock(
    "block",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
    opts=europe,
)
token = pulumi.Output.secret("correct-horse-battery-staple")
parameter = aws.ssm.Parameter("token", type="SecureString", value=token, opts=europe)
groups = [
    aws.cloudwatch.LogGroup(f"logs-{index}", retention_in_days=365, kms_key_id=key.arn, opts=europe)
    for index in range(config.get_int("groups") or 4)
]
ring = gcp.kms.KeyRing("ring", name="small", location="europe-west1", opts=google)
crypto = gcp.kms.CryptoKey("crypto", name="data", key_ring=ring.id, rotation_period="7776000s", opts=google)
namespace = kubernetes.core.v1.Namespace(
    "namespace",
    metadata={"name": "small"},
    opts=pulumi.ResourceOptions(provider=kubernetes.Provider("kubernetes", context="small")),
)
pulumi.export("keyArn", key.arn)
pulumi.export("bucketName", bucket.bucket)
pulumi.export("token", parameter.value)
"""

# What the program makes a secret of.
SECRET = "correct-horse-battery-staple"


def write_program(root: Path, program: str = PROGRAM, stack_file: str | None = None) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (root / "Pulumi.test.yaml").write_text(stack_file or "config: {}\n")
    (root / "__main__.py").write_text(textwrap.dedent(program))


@pytest.fixture(scope="session")
def engine() -> Path:
    return ensure_engine(TerminalProgress())


@pytest.fixture
def small(tmp_path) -> Path:
    """The folder of the small program."""
    write_program(tmp_path / "program")
    return tmp_path / "program"


@pytest.fixture
def open_session(tmp_path, small, engine) -> Callable[..., Session]:
    """Opens a session on the small program; sessions of one test share what lasts."""

    def open_one(root: Path = small, folder: str = "rehearsal", **options) -> Session:
        return Session(Program(root=root, stack="test"), tmp_path / folder, engine, **options)

    return open_one


def quiet(_: str) -> None:
    """Hears nothing."""
