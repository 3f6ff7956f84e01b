"""One stack on stand-in clouds: the real engine, the program as `pulumi up` runs it, the policy pack, no account.

A session's folder holds all that lasts: the engine's state (``state/``), what exists in the stand-in clouds
(``clouds.db``), the engine's home and the copy of the stack's configuration that it works on.
"""

import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import psutil
import pulumi
import ruamel.yaml
from pulumi import automation

from rehearsal.clouds.faults import Fault, Faults, RandomFaults
from rehearsal.clouds.provider import Clouds
from rehearsal.clouds.store import Store
from rehearsal.outcome import Outcome, Recorder

# The state never leaves the machine and holds nothing of a real cloud. It is encrypted all the same, so that a
# rehearsal shows which values a real state would keep in plain text.
_PASSPHRASE: Final = "rehearsal"  # noqa: S105

# The typed SDKs read defaults for providers from these: a rehearsal must not depend on who runs it.
_CALLERS: Final = ("PULUMI_", "AWS_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "KUBECONFIG", "KUBE_")

_LAUNCHER = """#!/bin/sh
exec "{python}" -u __main__.py "$@"
"""


class RehearsalError(Exception):
    """A rehearsal can't be run; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A Pulumi program: the folder with Pulumi.yaml and ``__main__.py``, and the stack to run."""

    root: Path
    stack: str

    def __post_init__(self) -> None:
        for name in ("Pulumi.yaml", "__main__.py"):
            if not (self.root / name).is_file():
                raise RehearsalError(f"{self.root}: no {name}; a rehearsal needs the folder of a Pulumi program")
        if not (self.root / f"Pulumi.{self.stack}.yaml").is_file():
            raise RehearsalError(
                f"no stack `{self.stack}`: {self.root} has no Pulumi.{self.stack}.yaml; "
                f"stacks are: {', '.join(stacks(self.root)) or 'none'}"
            )

    @property
    def project(self) -> str:
        """The project's name."""
        return ruamel.yaml.YAML(typ="safe").load((self.root / "Pulumi.yaml").read_text())["name"]


def stacks(root: Path) -> tuple[str, ...]:
    """Returns the stacks that a program has a configuration file for, in alphabetical order."""
    return tuple(sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml")))


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
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            _lay_out(self.folder, self._engine, self.program)
            self.store = stack.enter_context(Store(self.folder / "clouds.db"))
            clouds = stack.enter_context(Clouds(self.store, self._faults, crash=_kill_engine))
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
        root = str(self.program.root)
        if root not in sys.path:
            sys.path.insert(0, root)
        try:
            runpy.run_path(str(self.program.root / "__main__.py"), run_name="__main__")
        except pulumi.RunError:
            raise
        except SystemExit as stop:
            raise pulumi.RunError(f"__main__.py ended the run: {stop}") from stop
        except Exception as error:
            raise pulumi.RunError(_located(error, self.program.root)) from error

    def _record(self, operation: Callable[..., Any], tell: Callable[[str], None], **options: Any) -> Outcome:
        recorder = Recorder(tell)
        started = time.monotonic()
        try:
            operation(on_event=recorder, color="never", suppress_outputs=True, **options)
        except automation.ConcurrentUpdateError as error:
            raise RehearsalError(f"another run works on stack {self.program.stack}: {_lock_advice(error)}") from error
        except automation.CommandError as error:
            outcome = recorder.outcome(succeeded=False, seconds=time.monotonic() - started)
            if not outcome.failures and not outcome.verdicts:
                raise RehearsalError(f"the engine stopped: {_last_lines(error)}") from error
            return outcome
        return recorder.outcome(succeeded=True, seconds=time.monotonic() - started)


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
    shutil.copyfile(program.root / "Pulumi.yaml", folder / "work" / "Pulumi.yaml")
    _copy_configuration(program.root, folder / "work", f"Pulumi.{program.stack}.yaml")


def _copy_configuration(source: Path, target: Path, name: str) -> None:
    """Copies a stack file, keeping the salt that the engine wrote into the copy when it made the state."""
    salt = ""
    if (target / name).is_file():
        lines = (target / name).read_text().splitlines()
        salt = next((f"{line}\n" for line in lines if line.startswith("encryptionsalt:")), "")
    (target / name).write_text(salt + (source / name).read_text())


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
    return f"{type(error).__name__}: {error}{place}"


def _lock_advice(error: automation.CommandError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if "created by" in line]
    return f"{'; '.join(lines) or 'its state is locked'}; wait for it to end"


def _last_lines(error: automation.CommandError) -> str:
    return "\n".join(str(error).strip().splitlines()[-12:])
