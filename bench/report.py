"""How long a report takes, and what it takes: `python -m bench.report [--calls N ...]`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.run_maker import Made, make_run

from .show import table

WORKERS = 4
PAGE = 2.5
"""Megabytes that the HTML may have."""


@dataclass(frozen=True)
class Bound:
    """What a report of so many calls may take."""

    calls: int
    seconds: float
    megabytes: float | None = None


BOUNDS = (Bound(1_000, 10.0, 500.0), Bound(10_000, 10.0, 500.0), Bound(100_000, 90.0))


def main() -> int:
    """Make runs, report them in a process each, print what that took; 1 where a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", help="of these sizes only")
    wanted = parser.parse_args().calls
    rows, missed = [], False
    for bound in BOUNDS:
        if wanted and bound.calls not in wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
            run = make_run(Path(folder), Made(calls=bound.calls, workers=WORKERS, at_once=min(200, bound.calls // 20)))
            size = sum(place.stat().st_size for place in (run / "rows").iterdir()) / 1e6
            seconds, megabytes = _report(run)
            page = (run / "load-report.html").stat().st_size / 1e6
        misses = [
            name
            for name, actual, limit in (
                ("time", seconds, bound.seconds), ("memory", megabytes, bound.megabytes), ("page", page, PAGE),
            )
            if limit is not None and actual > limit
        ]  # fmt: skip
        missed |= bool(misses)
        memory = "-" if bound.megabytes is None else f"{bound.megabytes:.0f}"
        rows.append((bound.calls, size, seconds, bound.seconds, megabytes, memory, page, ", ".join(misses) or "kept"))
    heads = ("calls", "rows MB", "seconds", "at most", "memory MB", "at most", "page MB", "bounds")
    table(f"Reports of runs of {WORKERS} workers", heads, rows, ("All five formats, the start of Python with them.",))
    return int(missed)


def _report(run: Path) -> tuple[float, float]:
    """Seconds and megabytes of `audiosocket report`, in a process of its own."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "AudioSocketLibrary", "report", str(run), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        told, error = process.communicate(timeout=1800)
    seconds = time.perf_counter() - began
    if not told.startswith(("PASS", "FAIL")):
        raise SystemExit(f"No report was made: {told}{error}")
    return seconds, _peak_of_children()


def _peak_of_children() -> float:
    # The most of any child so far: sizes come in growing order.
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
