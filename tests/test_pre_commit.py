"""A stack file holds no secret: the hook that says so, and the files as they are."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def secure() -> re.Pattern[str]:
    """What the hook refuses."""
    config = YAML(typ="safe").load(REPOSITORY / ".pre-commit-config.yaml")
    hooks = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    return re.compile(hooks["no-secure-values"]["entry"])


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("    secure: AAABAK8", True),
        ("  covenant:token: {secure: AAABAK8}", True),
        ('  covenant:token: { "secure" : AAABAK8 }', True),
        ("  - secure: AAABAK8", True),
        ("  covenant:secureBoot: true", False),
        ("  covenant:insecure: false", False),
        ("  # never a value that begins with secure", False),
    ],
)
def test_hook_refuses_secure_values_and_nothing_else(secure: re.Pattern[str], line: str, *, refused: bool) -> None:
    assert bool(secure.search(line)) is refused


def test_no_stack_file_holds_a_secure_value(secure: re.Pattern[str]) -> None:
    files = sorted(REPOSITORY.glob("Pulumi.*.yaml"))
    assert [file.name for file in files] == ["Pulumi.prod.yaml", "Pulumi.staging.yaml"]
    assert [file.name for file in files if any(map(secure.search, file.read_text().splitlines()))] == []
