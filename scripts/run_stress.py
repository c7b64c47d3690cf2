#!/usr/bin/env python3
"""Runs the stress suites within a limit, and tells apart how each test ended: failed, out of time, or crashed.

    python scripts/run_stress.py
    python scripts/run_stress.py --limit 120 --test "Calls Come And Go" -v STRESS_TIMEOUT:30s

Out of time is a test that broke its own limit (60 s, or STRESS_TIMEOUT), or that still ran when the limit of all was
over. A test has crashed when the process that ran it ended in the middle of it.
Exit code 0: all have passed, or were skipped; 1: anything else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
JOURNAL = "AUDIOSOCKET_STRESS_JOURNAL"
"""The variable that tells Robot's listener, which is this file too, where to write."""
OUT_OF_TIME = re.compile(r"(Test|Keyword) timeout .* exceeded")
PASSED, SKIPPED = "passed", "skipped"
FAILED, TIMED_OUT, CRASHED, NOT_RUN = "FAILED", "TIME-OUT", "CRASHED", "NOT RUN"

ROBOT_LISTENER_API_VERSION = 3


def start_suite(data: Any, _: Any) -> None:
    if data.parent is None:
        _note(planned=[test.full_name for test in data.all_tests])


def start_test(data: Any, _: Any) -> None:
    _note(begins=data.full_name)


def end_test(data: Any, result: Any) -> None:
    _note(ends=data.full_name, status=result.status, seconds=result.elapsed_time.total_seconds(), text=result.message)


def _note(**row: Any) -> None:
    # A file that is closed at once: what is written here outlives any crash.
    with Path(os.environ[JOURNAL]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


@dataclass
class Outcome:
    """How a test ended."""

    test: str
    how: str = NOT_RUN
    seconds: float = 0.0
    why: str = ""

    def __str__(self) -> str:
        seconds = "" if self.how == NOT_RUN else f"{self.seconds:.1f} s"
        return f"{self.how:<8} {seconds:>8}  {self.test}{f': {self.why}' if self.why else ''}"


@dataclass
class Run:
    """A run of Robot that is over."""

    code: int
    seconds: float
    over_limit: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def count(self, how: str) -> int:
        return sum(outcome.how == how for outcome in self.outcomes.values())

    @property
    def broken(self) -> str:
        """What went wrong beside the tests; empty: nothing."""
        if self.over_limit or CRASHED in {outcome.how for outcome in self.outcomes.values()}:
            return ""
        return "" if 0 <= self.code <= 250 else f"{CRASHED}: Robot ended {_ending(self.code)}, in no test"


def _ending(code: int) -> str:
    if code >= 0:
        return f"with {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"


def run_robot(arguments: list[str], limit: float) -> Run:
    """Run it, and kill it and all that it started at the limit."""
    with tempfile.TemporaryDirectory(prefix="audiosocket-stress-") as folder:
        journal = Path(folder, "journal")
        command = [sys.executable, "-m", "robot", "--listener", __file__, *arguments]
        began, over_limit = time.monotonic(), False
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, JOURNAL: str(journal)})
        process = psutil.Process(child.pid)
        family: list[psutil.Process] = []
        while child.poll() is None:
            # Its bots would outlive a crash: who they are has to be known before.
            family = _children(process) or family
            over_limit = time.monotonic() - began > limit
            if over_limit:
                child.kill()
                child.wait()
            else:
                # Ctrl-C is for Robot, which ends its run in order.
                with suppress(KeyboardInterrupt):
                    time.sleep(0.2)
        for left in family:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        run = Run(child.returncode, time.monotonic() - began, over_limit)
        rows = journal.read_text("utf-8").splitlines() if journal.exists() else []
        _read(run, [json.loads(row) for row in rows], limit)
    return run


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _read(run: Run, rows: list[dict[str, Any]], limit: float) -> None:
    running = ""
    for row in rows:
        for test in row.get("planned", ()):
            run.outcomes[test] = Outcome(test)
        if "begins" in row:
            running = row["begins"]
        elif "ends" in row:
            outcome, text = run.outcomes[row["ends"]], " ".join(row["text"].split())
            outcome.seconds, running = row["seconds"], ""
            if row["status"] == "FAIL":
                outcome.how = TIMED_OUT if OUT_OF_TIME.search(text) else FAILED
            else:
                outcome.how = PASSED if row["status"] == "PASS" else SKIPPED
            if outcome.how != PASSED:
                outcome.why = text[:300]
    if running:
        outcome = run.outcomes[running]
        outcome.seconds = run.seconds - sum(other.seconds for other in run.outcomes.values())
        if run.over_limit:
            outcome.how, outcome.why = TIMED_OUT, f"still ran when the limit of {limit:g} s for all was over"
        else:
            outcome.how, outcome.why = CRASHED, f"the process that ran it ended {_ending(run.code)}"


def show(run: Run, log: Path) -> None:
    """What did not pass, one line each; then the sum."""
    print()
    for outcome in run.outcomes.values():
        if outcome.how != PASSED:
            print(outcome)
    if run.broken:
        print(run.broken)
    words = {PASSED: "passed", FAILED: "failed", TIMED_OUT: "out of time", CRASHED: "crashed", NOT_RUN: "not run",
             SKIPPED: "skipped"}  # fmt: skip
    counts = ", ".join(f"{run.count(how)} {word}" for how, word in words.items() if run.count(how) or how == PASSED)
    print(f"{counts}; {run.seconds:.0f} s" + (f". Log: {log}" if log.exists() else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", default=["suites/stress"], help="unless given, suites/stress")
    parser.add_argument("--limit", type=float, default=300.0, metavar="SECONDS", help="for all tests together (300)")
    parser.add_argument("--outputdir", "-d", default="results/stress", metavar="DIR", help="where the log goes")
    for option, short in (("variable", "-v"), ("test", "-t"), ("include", "-i"), ("exclude", "-e")):
        parser.add_argument(f"--{option}", short, action="append", default=[], metavar="TEXT", help="as Robot's")
    given = parser.parse_args()
    log = Path(ROOT, given.outputdir, "log.html")
    log.unlink(missing_ok=True)
    arguments = ["--outputdir", given.outputdir]
    for option in ("variable", "test", "include", "exclude"):
        arguments += [word for text in getattr(given, option) for word in (f"--{option}", text)]
    run = run_robot([*arguments, *given.suites], given.limit)
    show(run, log)
    good = run.count(PASSED) + run.count(SKIPPED)
    return int(run.broken != "" or not run.outcomes or good < len(run.outcomes))


if __name__ == "__main__":
    sys.exit(main())
