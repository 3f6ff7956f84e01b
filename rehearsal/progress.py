"""What a command says while it works, on a terminal and in a log."""

import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich import progress as bars
from rich.console import Console

# Often enough to show in a CI log that the work goes on, seldom enough not to fill it.
_LOG_INTERVAL_SECONDS = 15.0


class Step(Protocol):
    """One piece of work that takes a while."""

    def update(self, text: str) -> None:
        """Says what is being done now; replaces what was said before."""
        ...


class Progress(Protocol):
    """Where a command reports what it is doing."""

    def say(self, line: str) -> None:
        """Writes a line that stays."""
        ...

    def step(self, title: str) -> AbstractContextManager[Step]:
        """Shows that the work named ``title`` goes on, until the context ends."""
        ...


class TerminalProgress:
    """Progress on standard error, so that standard output holds results only.

    On a terminal a step is a spinner with the time elapsed. Elsewhere it is plain lines: its title, every 15
    seconds what it is doing, and the time it took. Colours obey ``NO_COLOR``.
    """

    def __init__(self, console: Console | None = None, *, log_interval: float = _LOG_INTERVAL_SECONDS) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._log_interval = log_interval

    def say(self, line: str) -> None:
        """Writes a line that stays; square brackets are text, not markup."""
        self._console.print(line, markup=False, soft_wrap=True)

    @contextmanager
    def step(self, title: str) -> Generator[Step]:
        """Shows the work while it lasts, then says how long it took. A failure is not reported here."""
        started = time.monotonic()
        animated = self._console.is_terminal and not self._console.is_dumb_terminal
        with self._spinner(title) if animated else self._lines(title) as step:
            yield step
        self.say(f"{title}: done in {elapsed(time.monotonic() - started)}")

    @contextmanager
    def _spinner(self, title: str) -> Generator[Step]:
        columns = (
            bars.SpinnerColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("{task.description}", markup=False),
            bars.TextColumn("{task.fields[text]}", style="dim", markup=False),
        )
        with bars.Progress(*columns, console=self._console, transient=True) as shown:
            yield _SpinnerStep(shown, shown.add_task(title, total=None, text=""))

    @contextmanager
    def _lines(self, title: str) -> Generator[Step]:
        self.say(f"{title} …")
        step = _LogStep()
        ended = threading.Event()
        started = time.monotonic()

        def write() -> None:
            while not ended.wait(self._log_interval):
                self.say(f"{title}: {step.text} ({elapsed(time.monotonic() - started)})")

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        try:
            yield step
        finally:
            ended.set()
            writer.join()


def elapsed(seconds: float) -> str:
    """Returns a duration as people write it: ``0.4 s``, ``12 s``, ``4 min 05 s``."""
    if seconds < 10:  # noqa: PLR2004 - below ten seconds the tenths matter
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class _LogStep:
    def __init__(self) -> None:
        self.text = "working"

    def update(self, text: str) -> None:
        self.text = text


class _SpinnerStep:
    def __init__(self, shown: bars.Progress, task: bars.TaskID) -> None:
        self._shown = shown
        self._task = task

    def update(self, text: str) -> None:
        self._shown.update(self._task, text=text)
