"""The command line: ``python -m rehearsal up staging``."""

import json
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter
from rich.console import Console

from rehearsal import difference, graph, inventory, report, screen
from rehearsal.clouds import sdk
from rehearsal.clouds.faults import Fault, RandomFaults, parse_fault
from rehearsal.engine import EngineUnavailable, ensure_engine
from rehearsal.outcome import Outcome
from rehearsal.program import Program, RehearsalError, stacks
from rehearsal.progress import Progress, TerminalProgress
from rehearsal.recovery import recover
from rehearsal.session import Session

app = typer.Typer(
    help="Rehearses the platform on this machine: the real Pulumi engine on stand-in clouds, without any account.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

HERE: Final = Path()

Stack = Annotated[str, typer.Argument(help="The stack, such as staging or prod.")]
Root = Annotated[
    Path,
    typer.Option("--program", help="The folder of the Pulumi program.", show_default="the current folder"),
]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Where the rehearsed state lasts.", show_default=".rehearsal/STACK of the program"),
]
FaultTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="TYPE=KIND",
        help="Fail the first operation on a resource type (KIND is throttle, quota, timeout or crash-after-create), "
        "or fail at random with random=SEED[:RATE]. May be repeated. The next run without it converges.",
    ),
]
Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="Write the state once, at the end: several times faster, but a killed run loses its state.",
    ),
]
NoPolicies = Annotated[bool, typer.Option("--no-policies", help="Leave the policy pack out.")]


def _writable(path: Path | None) -> Path | None:
    """Checks where a file is to be written before a long run, not after it."""
    if path and not path.resolve().parent.is_dir():
        raise typer.BadParameter(f"{path.parent} is no folder; make it, or name a file elsewhere")
    return path


Record = Annotated[
    Path | None,
    typer.Option("--record", callback=_writable, help="Also write what happened to this file, as JSON."),
]


@app.command()
def up(
    stack: Stack = "staging",
    program: Root = HERE,
    folder: Folder = None,
    faults: FaultTexts = None,
    fast: Fast = False,
    no_policies: NoPolicies = False,
    record: Record = None,
) -> None:
    """Bring the stand-in clouds to what the program says, as `pulumi up` does."""
    with (
        _session(stack, program, folder, faults=faults, fast=fast, policies=not no_policies) as (
            session,
            progress,
        ),
        progress.step(f"rehearsing up of {stack}") as step,
    ):
        outcome = session.up(step.update)
        for fault in session.idle_faults:
            progress.say(f"--fault {fault} struck nothing: no such resource was worked on")
    _finish(outcome, record, preview=False)


@app.command()
def preview(
    stack: Stack = "staging",
    program: Root = HERE,
    folder: Folder = None,
    fast: Fast = False,
    no_policies: NoPolicies = False,
    unprotect: Annotated[
        bool,
        typer.Option(
            "--unprotect",
            help="Take protection off the state first: it would hide all but the first replacement.",
        ),
    ] = False,
    record: Record = None,
) -> None:
    """Say what `up` would do, and what the policies think of it."""
    with _session(stack, program, folder, fast=fast, policies=not no_policies) as (session, progress):
        if unprotect:
            session.unprotect()
        with progress.step(f"rehearsing preview of {stack}") as step:
            outcome = session.preview(step.update)
    _finish(outcome, record, preview=True)


@app.command()
def destroy(stack: Stack = "staging", program: Root = HERE, folder: Folder = None) -> None:
    """Remove every resource of the rehearsed stack, protected ones too."""
    with (
        _session(stack, program, folder) as (session, progress),
        progress.step(f"rehearsing destroy of {stack}") as step,
    ):
        outcome = session.destroy(step.update)
    _finish(outcome, None, preview=False)


@app.command()
def diff(
    base: Annotated[str, typer.Argument(help="The git revision to compare the working tree with.")],
    program: Root = HERE,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", callback=_writable, help="Write the report here, not to the screen.")
    ] = None,
    document: Annotated[
        Path | None, typer.Option("--json", callback=_writable, help="Also write the report as JSON to this file.")
    ] = None,
) -> None:
    """Rehearse the program at BASE, then the working tree on top of its state, for every stack.

    Exit codes: 0 clean; 1 the program fails or a mandatory policy refuses it; 2 data would be replaced or deleted,
    which needs the label `allow-replace`; 3 the output contract breaks. The highest of 1, 3, 2 that holds.
    """
    with _refusing():
        found = difference.compare(program.resolve(), base, TerminalProgress())
    if markdown:
        markdown.write_text(report.markdown(found))
    else:
        typer.echo(report.markdown(found))
    if document:
        document.write_text(json.dumps(report.document(found), indent=2) + "\n")
    raise typer.Exit(found.exit_code)


@app.command()
def outputs(stack: Stack = "staging", program: Root = HERE, folder: Folder = None) -> None:
    """Print the rehearsed stack's outputs as JSON; secrets stay hidden."""
    with _session(stack, program, folder) as (session, _):
        values = session.outputs()
    shown = {name: "[secret]" if output.secret else output.value for name, output in values.items()}
    typer.echo(json.dumps(shown, indent=2))


@app.command()
def export(stack: Stack = "staging", program: Root = HERE, folder: Folder = None) -> None:
    """Print the rehearsed state as `pulumi stack export` does; secrets stay encrypted."""
    with _session(stack, program, folder) as (session, _):
        typer.echo(json.dumps(session.export(), indent=4))


@app.command(name="graph")
def draw(stack: Stack = "staging", program: Root = HERE) -> None:
    """Print the stack's components and resources as a Mermaid picture."""
    typer.echo(graph.picture(_from_nothing(stack, program).steps))


@app.command()
def golden(program: Root = HERE) -> None:
    """Write the golden inventory of every stack, which the tests compare with."""
    for stack in stacks(program):
        path = program / inventory.GOLDENS / f"{stack}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(inventory.written(stack, _from_nothing(stack, program).steps))
        typer.echo(f"wrote {path}")


@app.command()
def engine() -> None:
    """Find, fetch or build the Pulumi engine and print where it is."""
    with _refusing():
        typer.echo(ensure_engine(TerminalProgress()))


def _from_nothing(stack: str, program: Path) -> Outcome:
    """Previews a stack that does not exist yet."""
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as folder,
        _session(stack, program, Path(folder), fast=True, policies=False) as (session, progress),
        progress.step(f"rehearsing preview of {stack}") as step,
    ):
        outcome = session.preview(step.update)
    if not outcome.succeeded:
        screen.show(Console(stderr=True), outcome, preview=True)
        raise typer.Exit(1)
    return outcome


@contextmanager
def _session(
    stack: str,
    program: Path,
    folder: Path | None = None,
    *,
    faults: list[str] | None = None,
    fast: bool = False,
    policies: bool = True,
) -> Generator[tuple[Session, Progress]]:
    """Opens a session, with what a killed run left behind put right."""
    progress = TerminalProgress()
    with _refusing():
        rehearsed = Program(root=program.resolve(), stack=stack)
        session = Session(
            rehearsed,
            (folder or rehearsed.root / ".rehearsal" / stack).resolve(),
            ensure_engine(progress),
            faults=_faults(faults or []),
            checkpoints=not fast,
            policies=policies,
        )
        with session:
            for note in recover(session, lambda _: None):
                progress.say(note)
            yield session, progress


@contextmanager
def _refusing() -> Generator[None]:
    """Turns what a user can put right into one clear message and exit code 1, without a traceback."""
    try:
        yield
    except (RehearsalError, EngineUnavailable) as error:
        _complain(f"error: {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _complain("interrupted; run it again to go on from here")
        raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it


def _complain(line: str) -> None:
    Console(stderr=True, highlight=False).print(line, style="bold red", markup=False, soft_wrap=True)


def _faults(texts: list[str]) -> list[Fault | RandomFaults]:
    try:
        faults = [parse_fault(text) for text in texts]
        for fault in faults:
            if isinstance(fault, Fault):
                sdk.resource_type(fault.token)
    except (ValueError, sdk.UnknownToken) as error:
        raise RehearsalError(str(error)) from None
    return faults


def _console() -> Console:
    """Standard output; where it is no terminal nobody's window is wide or narrow, and lines stay whole."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=240)


def _finish(outcome: Outcome, record: Path | None, *, preview: bool) -> None:
    screen.show(_console(), outcome, preview=preview)
    if record:
        record.write_bytes(TypeAdapter(Outcome).dump_json(outcome, indent=2))
    if not outcome.succeeded:
        sys.exit(1)


if __name__ == "__main__":
    app(prog_name="python -m rehearsal")
