"""One stack on stand-in clouds: the real engine, the program as `pulumi up` runs it, the policy pack, no account.

A session's folder holds all that lasts: the engine's state (``state/``), what exists in the stand-in clouds
(``clouds.db``), the engine's home and the copy of the stack's configuration that it works on.
"""

import inspect
import json
import os
import re
import runpy
import sqlite3
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Self

import psutil
import pulumi
from filelock import FileLock, Timeout
from pulumi import automation

from rehearsal.clouds.faults import Fault, Faults, RandomFaults
from rehearsal.clouds.provider import Clouds
from rehearsal.clouds.spelling import did_you_mean
from rehearsal.clouds.store import Store
from rehearsal.outcome import Outcome, Recorder
from rehearsal.program import Program, RehearsalError

# The state never leaves the machine and holds nothing of a real cloud. It is encrypted all the same, so that a
# rehearsal shows which values a real state would keep in plain text.
_PASSPHRASE: Final = "rehearsal"  # noqa: S105

# The typed SDKs read defaults for providers from these: a rehearsal must not depend on who runs it.
_CALLERS: Final = ("PULUMI_", "AWS_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "KUBECONFIG", "KUBE_")

_LAUNCHER = """#!/bin/sh
exec "{python}" -u __main__.py "$@"
"""


class Session(AbstractContextManager["Session"]):
    """A stack on stand-in clouds.

    Args:
        program: what to run.
        folder: where state lasts between sessions.
        engine: the Pulumi command line.
        faults: how the clouds fail during this session.
        checkpoints: whether the state is written after every step. Without, a run is several times faster, and
            a killed one leaves an empty state: for throw-away folders only.
        policies: whether the program's policy pack judges the run.
    """

    def __init__(
        self,
        program: Program,
        folder: Path,
        engine: Path,
        *,
        faults: Iterable[Fault | RandomFaults] = (),
        checkpoints: bool = True,
        policies: bool = True,
    ) -> None:
        self.program = program
        self.folder = folder
        self._engine = engine
        self._faults = Faults(faults)
        self._checkpoints = checkpoints
        self._policies = policies and (program.root / "policies" / "PulumiPolicy.yaml").is_file()
        self._crashed = False
        self._resources = ExitStack()

    @property
    def idle_faults(self) -> tuple[str, ...]:
        """The named faults that have struck nothing so far."""
        return self._faults.idle

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_alone(self.folder, self.program.stack))
                _lay_out(self.folder, self._engine, self.program)
                self.store = stack.enter_context(Store(self.folder / "clouds.db"))
            except (OSError, sqlite3.Error) as error:
                raise RehearsalError(
                    f"{self.folder}: {error}; remove that folder, or name another one with --folder"
                ) from error
            clouds = stack.enter_context(Clouds(self.store, self._faults, crash=self._crash))
            environment = self._environment() | clouds.environment
            stack.enter_context(_only(environment))
            # Asking for both costs a run of the engine more.
            open_stack = automation.select_stack if self.checkpoint.is_file() else automation.create_stack
            self._stack = open_stack(
                stack_name=self.program.stack,
                project_name=self.program.project,
                program=self._run,
                opts=automation.LocalWorkspaceOptions(
                    work_dir=str(self.folder / "work"),
                    pulumi_home=str(self.folder / "home"),
                    secrets_provider="passphrase",
                    env_vars=environment,
                    pulumi_command=automation.PulumiCommand(root=str(self.folder / "engine")),
                ),
            )
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    @property
    def checkpoint(self) -> Path:
        """The file in which the engine keeps the stack's state."""
        return self.folder / "state" / ".pulumi" / "stacks" / self.program.project / f"{self.program.stack}.json"

    def up(self, tell: Callable[[str], None]) -> Outcome:
        """Brings the stand-in clouds to what the program says."""
        return self._record(self._stack.up, tell, **self._judged())

    def preview(self, tell: Callable[[str], None]) -> Outcome:
        """Says what `up` would do."""
        return self._record(self._stack.preview, tell, **self._judged())

    def refresh(self, tell: Callable[[str], None]) -> Outcome:
        """Brings the state to what exists in the stand-in clouds."""
        return self._record(self._stack.refresh, tell)

    def destroy(self, tell: Callable[[str], None]) -> Outcome:
        """Removes every resource, protected ones too: in a rehearsal nothing is lost."""
        self.unprotect()
        return self._record(self._stack.destroy, tell)

    def unprotect(self) -> None:
        """Takes the protection from deletion off every resource of the state."""
        self.command("state", "unprotect", "--all", "--yes")

    def export(self) -> dict[str, Any]:
        """Returns the state as ``pulumi stack export`` prints it: secrets stay encrypted."""
        return json.loads(self.command("stack", "export"))

    def outputs(self) -> Mapping[str, automation.OutputValue]:
        """Returns the stack's outputs."""
        return self._stack.outputs()

    def import_state(self, deployment: Mapping[str, Any]) -> None:
        """Replaces the state by one that `export` gave."""
        self.command("stack", "import", "--force", given=json.dumps(deployment))

    def cancel(self) -> None:
        """Removes the lock that a killed engine left behind."""
        self._stack.cancel()

    def command(self, *arguments: str, given: str | None = None) -> str:
        """Runs the engine's own command line on this stack and returns what it prints.

        Raises:
            RehearsalError: the command failed.
        """
        finished = subprocess.run(  # noqa: S603 - the engine that was found or built
            [str(self._engine), *arguments, "--stack", self.program.stack, "--non-interactive"],
            cwd=self.folder / "work",
            env=os.environ | {"PULUMI_HOME": str(self.folder / "home")},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise RehearsalError(f"pulumi {' '.join(arguments)} failed: {finished.stderr.strip()}")
        return finished.stdout

    def _environment(self) -> dict[str, str]:
        environment = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            # Without attribute files beside the state: they are not written atomically, and a kill at that
            # moment would leave a state that can't be loaded ("failed to load checkpoint: EOF").
            "PULUMI_BACKEND_URL": f"{(self.folder / 'state').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
            # Once a state exists the engine would download the real plugins, in spite of the running stand-ins.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        if not self._checkpoints:
            environment |= {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        return environment

    def _judged(self) -> dict[str, Any]:
        pack = self.program.root / "policies"
        configuration = pack / "config" / f"{self.program.stack}.json"
        if not self._policies:
            return {}
        configured = {"policy_pack_configs": [str(configuration)]} if configuration.is_file() else {}
        return {"policy_packs": [str(pack)]} | configured

    def _run(self) -> None:
        """Runs ``__main__.py`` as the vendor's CLI does: by path, its folder first on the module path."""
        _forget_other_programs(self.program.root)
        sys.path.insert(0, str(self.program.root))
        try:
            runpy.run_path(str(self.program.root / "__main__.py"), run_name="__main__")
        except pulumi.RunError:
            raise
        except SystemExit as stop:
            raise pulumi.RunError(f"__main__.py ended the run: {stop}") from stop
        except Exception as error:
            raise pulumi.RunError(_located(error, self.program.root)) from error
        finally:
            sys.path.remove(str(self.program.root))

    def _crash(self) -> None:
        self._crashed = True
        _kill_engine()

    def _record(self, operation: Callable[..., Any], tell: Callable[[str], None], **options: Any) -> Outcome:
        recorder = Recorder(tell)
        started = time.monotonic()
        try:
            with warnings.catch_warnings():
                # The SDK warns of an event stream that a killed engine cut off; the failure itself is reported below.
                warnings.filterwarnings("ignore", message="Error in event stream")
                operation(on_event=recorder, color="never", suppress_outputs=True, **options)
        except automation.ConcurrentUpdateError as error:
            raise RehearsalError(f"another run works on stack {self.program.stack}: {_lock_advice(error)}") from error
        except automation.CommandError as error:
            if self._crashed:
                raise RehearsalError("the fault crash-after-create killed the engine; run again to recover") from error
            outcome = recorder.outcome(
                succeeded=False, judged="policy_packs" in options, seconds=time.monotonic() - started
            )
            if not outcome.failures and not outcome.verdicts:
                raise RehearsalError(f"the engine stopped: {_last_lines(error)}") from error
            return outcome
        return recorder.outcome(succeeded=True, judged="policy_packs" in options, seconds=time.monotonic() - started)


def _lay_out(folder: Path, engine: Path, program: Program) -> None:
    """Makes a session's folders, and copies the stack's configuration to where the engine may write into it."""
    for name in ("state", "home", "work", "bin", "engine/bin"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    link = folder / "engine" / "bin" / "pulumi"
    if not link.is_symlink() or link.readlink() != engine:
        link.unlink(missing_ok=True)
        link.symlink_to(engine)
    launcher = folder / "bin" / "pulumi-analyzer-policy-python"
    launcher.write_text(_LAUNCHER.format(python=sys.executable))
    launcher.chmod(0o755)
    program.copy_files(folder / "work")


@contextmanager
def _alone(folder: Path, stack: str) -> Generator[None]:
    """Holds the folder while the block lasts.

    Raises:
        RehearsalError: another run holds it.
    """
    lock = FileLock(folder / "lock", timeout=0)
    try:
        with lock:
            yield
    except Timeout:
        raise RehearsalError(f"another run rehearses stack {stack} in {folder}; wait for it to end") from None


@contextmanager
def _only(environment: Mapping[str, str]) -> Generator[None]:
    """Sets variables while the block lasts, and takes those away by which a caller's shell names real clouds."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(_CALLERS):
            del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _forget_other_programs(root: Path) -> None:
    """Drops loaded modules that the program has too, but that were loaded from elsewhere, as from another revision."""
    for name, module in list(sys.modules.items()):
        top = root / name.partition(".")[0]
        place = getattr(module, "__file__", None)
        own = top.is_dir() or top.with_suffix(".py").is_file()
        if own and place and top.name != "rehearsal" and not Path(place).is_relative_to(root):
            del sys.modules[name]


def _kill_engine() -> None:
    for child in psutil.Process().children(recursive=True):
        if child.name() == "pulumi":
            child.kill()


def _located(error: Exception, root: Path) -> str:
    """Describes a program's error in one line, with the place in the program that it came from."""
    frame = error.__traceback__
    place = ""
    while frame:
        path = Path(frame.tb_frame.f_code.co_filename)
        if path.is_relative_to(root) and ".venv" not in path.parts and "rehearsal" not in path.parts:
            place = f" ({path.relative_to(root)}:{frame.tb_lineno})"
        frame = frame.tb_next
    return f"{type(error).__name__}: {error}{place}{_misspelt_argument(error)}"


def _misspelt_argument(error: Exception) -> str:
    """Names the argument that was meant, where the SDK's own constructors refuse one before a provider sees it."""
    found = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    innermost = traceback.walk_tb(error.__traceback__)
    *_, (frame, _) = innermost
    called = frame.f_locals.get("__self__")
    if not isinstance(error, TypeError) or not found or called is None:
        return ""
    known = inspect.signature(type(called)._internal_init).parameters  # noqa: SLF001 - where the SDKs keep them
    return did_you_mean(found[1], known)


def _lock_advice(error: automation.CommandError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if "created by" in line]
    return f"{'; '.join(lines) or 'its state is locked'}; wait for it to end"


def _last_lines(error: automation.CommandError) -> str:
    return "\n".join(str(error).strip().splitlines()[-12:])
