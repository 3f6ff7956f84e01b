"""How long a rehearsal takes beside plain Pulumi mocks, in one run: ``make bench``.

The figures to hold: a preview of a 400-resource program takes at most twice the time of plain mocks, a throw-away `up`
at most one and a half times the preview, and the policy pack adds at most 30% to it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rehearsal.engine import ensure_engine
from rehearsal.progress import TerminalProgress

ROOT = Path(__file__).parent.parent

_MAIN = """
import sys

sys.path.insert(0, {root!r})

from benchmarks.program import build

build({size})
"""


def mocks(size: int) -> float:
    """Returns the seconds that plain mocks take for the program, imports of the SDKs included."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.mocked", str(size)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(finished.stdout)


def rehearse(size: int, operation: str, *, policies: bool) -> float:
    """Returns the seconds that a rehearsal from nothing takes, in a process of its own as `mocks` does."""
    with tempfile.TemporaryDirectory() as temporary:
        program = Path(temporary) / "program"
        program.mkdir()
        (program / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (program / "Pulumi.bench.yaml").write_text("config: {}\n")
        (program / "__main__.py").write_text(_MAIN.format(root=str(ROOT), size=size))
        if policies:
            (program / "policies").symlink_to(ROOT / "policies")
        record = Path(temporary) / "record.json"
        started = time.perf_counter()
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "rehearsal", operation, "bench", "--fast"),
                *("--program", str(program), "--folder", f"{temporary}/folder", "--record", str(record)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - started
        if not record.is_file() or not json.loads(record.read_text())["succeeded"]:
            raise SystemExit(f"the rehearsal failed:\n{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}")
        return taken


def main() -> None:
    """Measures in turn, so that a noisy machine disturbs all alike, and prints medians and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--size", type=int, default=400, help="resources in the program")
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    ensure_engine(TerminalProgress())
    measured: dict[str, Callable[[], float]] = {
        "plain mocks": lambda: mocks(options.size),
        "preview": lambda: rehearse(options.size, "preview", policies=False),
        "preview with policies": lambda: rehearse(options.size, "preview", policies=True),
        "throw-away up": lambda: rehearse(options.size, "up", policies=False),
    }
    times: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(options.rounds):
        for name, measure in measured.items():
            times[name].append(measure())
    print(render({name: statistics.median(values) for name, values in times.items()}, options.size))


def render(medians: dict[str, float], size: int) -> str:
    """Returns the table of seconds and of ratios with the figure that each has to hold."""
    rows: list[tuple[str, str, str, float]] = [
        ("preview", "plain mocks", "at most 2.0", 2.0),
        ("throw-away up", "preview", "at most 1.5", 1.5),
        ("preview with policies", "preview", "at most 1.3", 1.3),
    ]
    lines = [f"{size} resources, medians", ""]
    lines += [f"  {name:24} {seconds:6.2f} s" for name, seconds in medians.items()]
    lines.append("")
    for name, base, promise, limit in rows:
        ratio = medians[name] / medians[base]
        verdict = "holds" if ratio <= limit else "MISSED"
        lines.append(f"  {name} / {base}: {ratio:.2f} ({promise}: {verdict})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
