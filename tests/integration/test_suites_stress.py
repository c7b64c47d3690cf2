"""The stress suites, small, and their runner: how tests end is told apart, and nothing outlives its limit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.inner_run import read_tests

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
SUITE = """\
*** Test Cases ***
Passes
    No Operation

Fails
    Fail    that is wrong

Hangs
    [Timeout]    500 ms
    Sleep    20 s

Crashes
    Evaluate    os.kill(os.getpid(), signal.{signal})    os, signal

Never Begins
    No Operation

Skipped
    Skip    not here
"""


def run_stress(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "run_stress.py", "--outputdir", folder / "out", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )


@pytest.fixture
def suite(tmp_path):
    place = tmp_path / "ends.robot"
    place.write_text(SUITE.format(signal="SIGTERM" if sys.platform == "win32" else "SIGKILL"), encoding="utf-8")
    return str(place)


def test_failure_time_out_and_crash_are_told_apart(tmp_path, suite):
    done = run_stress(tmp_path, suite)
    assert done.returncode == 1
    told = done.stdout.splitlines()
    patterns = [
        r"FAILED +\d+\.\d s  Ends\.Fails: that is wrong",
        r"TIME-OUT +\d+\.\d s  Ends\.Hangs: Test timeout 500 milliseconds exceeded\.",
        r"CRASHED +\d+\.\d s  Ends\.Crashes: the process that ran it ended (by SIGKILL|with \d+)",
        r"NOT RUN +Ends\.Never Begins",
        r"NOT RUN +Ends\.Skipped",
        r"1 passed, 1 failed, 1 out of time, 1 crashed, 2 not run; \d+ s",
    ]
    for line, pattern in zip(told[-6:], patterns, strict=True):
        assert re.fullmatch(pattern, line), line


def test_the_limit_of_all_ends_a_test_that_hangs(tmp_path):
    place = tmp_path / "long.robot"
    place.write_text("*** Test Cases ***\nHangs For Ever\n    Sleep    100 s\n", encoding="utf-8")
    done = run_stress(tmp_path, str(place), "--limit", "4")
    assert done.returncode == 1
    assert re.search(r"TIME-OUT .*Long\.Hangs For Ever: still ran when the limit of 4 s for all was over", done.stdout)
    assert "1 out of time" in done.stdout.splitlines()[-1]


def test_what_passes_or_is_skipped_is_no_failure(tmp_path, suite):
    done = run_stress(tmp_path, suite, "--test", "Passes", "--test", "Skipped")
    assert done.returncode == 0, done.stdout
    skipped, last = done.stdout.splitlines()[-2:]
    assert re.fullmatch(r"skipped +\d+\.\d s  Ends\.Skipped: not here", skipped)
    assert re.fullmatch(r"1 passed, 1 skipped; \d+ s\. Log: .*log\.html", last)


def test_what_cannot_be_run_is_no_success(tmp_path):
    done = run_stress(tmp_path, str(tmp_path / "no.robot"))
    assert done.returncode == 1
    assert "CRASHED: Robot ended with 252, in no test" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(250)
def test_the_stress_suites_small(tmp_path):
    """Echoed calls bit by bit, one UUID again and again and a usual call after it, the same seed twice."""
    sizes = {"CALLS": "20", "SPREAD": "2 s", "STRESS_TIMEOUT": "3 min"}
    done = run_stress(
        tmp_path,
        *(word for name, value in sizes.items() for word in ("--variable", f"{name}:{value}")),
        *(word for test in ("A Thousand*", "The Same*") for word in ("--test", test)),
    )
    assert done.returncode == 0, done.stdout
    tests = read_tests(tmp_path / "out" / "output.xml")
    assert len(tests) == 3
    took = r": \d+\.\d s, 20 operations, \d+\.\d a second, memory [+-][\d,]+ bytes"
    assert re.fullmatch(
        f"A Caller Says A Word And Hears It Back{took}",
        tests["A Thousand Short Calls Come Back Bit By Bit"].metadata["Took"],
    )
    assert "the same UUID: " in done.stdout, "the figures are printed, too"
