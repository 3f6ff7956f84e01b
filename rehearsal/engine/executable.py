"""Whether an executable that was found can be used: it must start, and be of the right version."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rehearsal.engine.pin import numbers

# A CLI answers within half a second; a shim or a network drive may take some more.
_TIMEOUT_SECONDS = 20


class UnusableError(Exception):
    """Why one way to the engine leads nowhere; its text completes "<way>: …"."""


def pulumi_on_path(minimum: str) -> Path:
    """Returns the ``pulumi`` on PATH.

    Raises:
        UnusableError: There is none, it is older than ``minimum``, or it has another major version, which the
            automation API refuses.
    """
    pulumi = _on_path("pulumi")
    version = pulumi_version(pulumi)
    if numbers(version) < numbers(minimum):
        raise UnusableError(f"{pulumi} is {version}, older than {minimum}")
    if numbers(version)[0] != numbers(minimum)[0]:
        raise UnusableError(f"{pulumi} is {version}, another major version than {minimum}")
    return pulumi


def go_on_path(minimum: str) -> Path:
    """Returns the ``go`` on PATH.

    Raises:
        UnusableError: There is none, or it is older than ``minimum``.
    """
    go = _on_path("go")
    version = go_version(go)
    if numbers(version) < numbers(minimum):
        raise UnusableError(f"{go} is {version}, older than {minimum}")
    return go


def pulumi_version(pulumi: Path) -> str:
    """Returns the version that a Pulumi CLI gives; raises `UnusableError` if it gives none."""
    return _version((str(pulumi), "version"), r"^v?(\d+\.\d+\.\d+\S*)")


def go_version(go: Path) -> str:
    """Returns the version that a Go toolchain gives; raises `UnusableError` if it gives none."""
    return _version((str(go), "version"), r"^go version go(\d+\.\d+\S*)")


def _on_path(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise UnusableError("there is none")
    return Path(found).absolute()


def _version(command: Sequence[str], pattern: str) -> str:
    # Neither may go to the network to answer.
    quiet = {"PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"}
    called = " ".join(command)
    try:
        answer = subprocess.run(  # noqa: S603 - the command is a path that was just looked up, without a shell
            command,
            env=os.environ | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnusableError(f"`{called}` gave no answer within {_TIMEOUT_SECONDS} s") from error
    except OSError as error:
        raise UnusableError(f"`{called}` does not start: {error.strerror}") from error
    version = re.search(pattern, answer.stdout, re.MULTILINE)
    if answer.returncode or version is None:
        said = (answer.stderr or answer.stdout).strip().splitlines()
        last = f": {said[-1]}" if said else ""
        raise UnusableError(f"`{called}` gives no version (exit code {answer.returncode}){last}")
    return version[1]
