"""What a machine needs before `make` can do anything: Python, or one clear error."""

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
PINNED = next(iter(re.findall(r"^uv==(\S+)", (TOOLS / "uv.txt").read_text(), re.MULTILINE)))

# A uv that says its version and notes what it is asked for.
UV = '[ "$1" = --version ] && echo "uv __VERSION__ (test)" || echo "$@" >> "$NOTES"'
# A Python whose pip installs that uv, and which notes that it did.
PYTHON = f"""case "$1 $2" in
"-m venv") [ -n "$NO_VENV" ] && exit 1; /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
"-m pip")
    [ -n "$NO_PIP" ] && exit 1
    [ "$3" = --version ] && exit 0
    echo "pip $*" >> "$NOTES"
    while [ "$1" != --target ]; do shift; done
    /bin/mkdir -p "$2/bin" && /bin/cp "$UV_FROM_PYPI" "$2/bin/uv" ;;
*) exec {sys.executable} "$@" ;;
esac"""


@dataclasses.dataclass(frozen=True)
class Checkout:
    """A clone on a machine with nothing but a shell and its usual tools."""

    root: Path

    def has(self, name: str, script: str) -> Path:
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def bootstrap(self, **environment: str) -> subprocess.CompletedProcess[str]:
        uv = self.root / "uv-from-pypi"
        uv.write_text(f"#!/bin/sh\n{UV.replace('__VERSION__', PINNED)}\n")
        uv.chmod(0o755)
        given = {
            "PATH": str(self.root / "bin"),
            "HOME": str(self.root / "home"),
            "NOTES": str(self.root / "notes"),
            "UV_FROM_PYPI": str(uv),
        }
        return subprocess.run(
            ["/bin/sh", "tools/bootstrap.sh"],
            cwd=self.root,
            env=given | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def notes(self) -> list[str]:
        notes = self.root / "notes"
        return notes.read_text().splitlines() if notes.exists() else []

    @property
    def private_uv(self) -> Path:
        return self.root / "home" / ".cache" / "covenant" / f"uv-{PINNED}" / "bin" / "uv"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "tools").mkdir()
    for name in ("bootstrap.sh", "uv.txt"):
        shutil.copy(TOOLS / name, tmp_path / "tools" / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ("dirname", "ln", "mkdir", "mktemp", "mv", "rm", "sed"):
        found = shutil.which(name)
        assert found
        (tmp_path / "bin" / name).symlink_to(found)
    return Checkout(tmp_path)


def synced(checkout: Checkout, python: Path) -> str:
    return f"sync --locked --no-python-downloads --python {python} --quiet"


@pytest.mark.parametrize(
    ("script", "found"),
    [(None, "missing"), ('case "$2" in *version_info*) exit 1 ;; esac; echo 3.9.6', "3.9.6")],
)
def test_python_too_old_is_one_error_that_names_its_version(checkout: Checkout, script: str | None, found: str) -> None:
    if script:
        checkout.has("python3", script)
    run = checkout.bootstrap()
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        f"error: Python 3.11 or newer is needed and python3 is {found}. "
        "Install one, or name it: PYTHON=/path/to/python3 make setup\n"
    )


def test_newer_python_beside_an_old_one_is_used(checkout: Checkout) -> None:
    checkout.has("python3", "exit 1")
    python = checkout.has("python3.11", PYTHON)
    checkout.has("uv", UV.replace("__VERSION__", "99.0.0"))
    assert checkout.bootstrap().returncode == 0
    assert checkout.notes == [synced(checkout, python)]


def test_uv_on_path_is_used_if_new_enough(checkout: Checkout) -> None:
    python = checkout.has("python3", PYTHON)
    uv = checkout.has("uv", UV.replace("__VERSION__", "0.8.0"))
    assert checkout.bootstrap().returncode == 0
    assert checkout.notes == [synced(checkout, python)]
    assert (checkout.root / ".venv/bin/uv").readlink() == uv
    assert not checkout.private_uv.exists()


@pytest.mark.parametrize("on_path", [None, "echo uv 0.7.22", "exit 1"])
@pytest.mark.parametrize("lacks", [{}, {"NO_VENV": "1"}])
def test_pinned_uv_is_installed_once_where_path_has_none(
    checkout: Checkout, on_path: str | None, lacks: dict[str, str]
) -> None:
    python = checkout.has("python3", PYTHON)
    if on_path:
        checkout.has("uv", on_path)
    assert checkout.bootstrap(**lacks).returncode == 0
    assert checkout.bootstrap(**lacks).returncode == 0
    installed, *syncs = checkout.notes
    assert "--require-hashes" in installed.split()
    assert installed.endswith(" --requirement tools/uv.txt")
    assert syncs == [synced(checkout, python)] * 2
    assert (checkout.root / ".venv/bin/uv").readlink() == checkout.private_uv
    assert [path.name for path in checkout.private_uv.parents[2].iterdir()] == [f"uv-{PINNED}"]


def test_python_without_venv_and_pip_names_the_package_that_brings_them(checkout: Checkout) -> None:
    checkout.has("python3", PYTHON)
    run = checkout.bootstrap(NO_VENV="1", NO_PIP="1")
    assert run.returncode == 1
    assert "Debian and Ubuntu have them in the package python3-venv" in run.stderr
    assert list(checkout.private_uv.parents[2].iterdir()) == []


def test_cache_that_cannot_be_written_is_named_with_the_way_out(checkout: Checkout) -> None:
    checkout.has("python3", PYTHON)
    (checkout.root / "home").write_text("a file where the folder should be")
    run = checkout.bootstrap()
    assert run.returncode == 1
    cache = checkout.root / "home" / ".cache"
    assert (
        f"error: {cache}/covenant can't be written; XDG_CACHE_HOME can name another folder than {cache}\n" in run.stderr
    )
