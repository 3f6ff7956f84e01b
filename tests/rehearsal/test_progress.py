"""Progress: a spinner for people, plain lines for logs, and nothing on standard output."""

import io
import re
import threading

import pytest
from rich.console import Console

from rehearsal.progress import TerminalProgress, elapsed


class Screen(io.StringIO):
    """A stream that tells when a text has been written to it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited = awaited
        self.arrived = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.awaited in self.getvalue():
            self.arrived.set()
        return written


def test_log_gets_plain_lines_and_what_is_being_done() -> None:
    log = Screen("compiling")
    progress = TerminalProgress(Console(file=log), log_interval=0.01)
    with progress.step("Building [engine]") as step:
        step.update("compiling [bold]x[/bold]")
        assert log.arrived.wait(60)
    first, *during, last = log.getvalue().splitlines()
    assert first == "Building [engine] …"
    assert {re.sub(r"\d+\.\d s", "…", line) for line in during} <= {
        "Building [engine]: working (…)",
        "Building [engine]: compiling [bold]x[/bold] (…)",
    }
    assert last.startswith("Building [engine]: done in ")


def test_terminal_shows_the_newest_text_and_keeps_only_the_outcome() -> None:
    screen = Screen("linking [x]")
    console = Console(file=screen, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    progress = TerminalProgress(console)
    with progress.step("Building") as step:
        step.update("linking [x]")
        assert screen.arrived.wait(60)
    shown = screen.getvalue()
    assert "\x1b[?25l" in shown, "the spinner hides the cursor"
    assert shown.rstrip().rpartition("\x1b[2K")[2].startswith("Building: done in ")


def test_terminal_without_colour_stays_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = io.StringIO()
    with TerminalProgress(Console(file=screen, force_terminal=True)).step("Building"):
        pass
    assert "\x1b[3" not in screen.getvalue()


def test_failed_step_is_not_reported_as_done() -> None:
    log = io.StringIO()
    with pytest.raises(ValueError, match="no"), TerminalProgress(Console(file=log)).step("Building"):
        raise ValueError("no")
    assert log.getvalue() == "Building …\n"


def test_long_lines_and_brackets_reach_a_log_as_they_are() -> None:
    log = io.StringIO()
    line = "[red]" + "x" * 300
    TerminalProgress(Console(file=log, width=40)).say(line)
    assert log.getvalue() == f"{line}\n"


def test_standard_output_stays_free(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TerminalProgress()
    progress.say("a line")
    with progress.step("a step"):
        pass
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("a line\na step …\na step: done in ")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (12.3, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (245, "4 min 05 s"),
    ],
)
def test_durations_are_written_as_people_write_them(seconds: float, written: str) -> None:
    assert elapsed(seconds) == written
