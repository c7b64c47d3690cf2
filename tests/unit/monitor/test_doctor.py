"""The doctor's words, of made-up calibrations and machines."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from AudioSocketLibrary.commands.doctor import answer_of
from AudioSocketLibrary.monitor.calibration import Calibration, Step
from AudioSocketLibrary.monitor.host import HostFacts, host_facts, memory_advice, open_files_advice, usable_cores

pytestmark = pytest.mark.unit


def step(calls: int, milliseconds: float = 1.0, **more) -> Step:
    return Step(calls, milliseconds / 1000, 0.001, 0.0, 0.3, **more)


HONEST = "This machine can honestly make"


@pytest.mark.parametrize(
    ("found", "beginning", "end"),
    [
        (
            Calibration((step(10), step(100, 4.0), step(200, 12.0), step(200, 14.0))),
            f"{HONEST} 100 calls at once in one process",
            " (our lateness p99 4 ms; at 200 our lateness p99 was 14 ms, limit 10 ms).",
        ),
        (
            Calibration((step(10, 30.0), step(10, 2.0), step(50, 3.0))),
            f"{HONEST} 50 calls at once in one process",
            " (our lateness p99 3 ms; more were not tried).",
        ),
        (
            Calibration((step(10), step(50, 3.0)), in_time=False),
            f"{HONEST} 50 calls at once in one process",
            " (our lateness p99 3 ms; the time was up before it was late: leave --quick out).",
        ),
        (
            Calibration((step(10), replace(step(1000), cpu=0.97), replace(step(1000), cpu=0.98), step(500))),
            f"{HONEST} 500 calls at once in one process",
            " (our lateness p99 1 ms; at 1,000 CPU of our busiest process was 98 %, limit 85 %).",
        ),
        (
            Calibration((step(10), step(50, lost=3)), last_words="Cannot call the bot: too many open files"),
            f"{HONEST} 10 calls at once in one process",
            " (our lateness p99 1 ms; at 50 Cannot call the bot: too many open files).",
        ),
        (
            Calibration((step(10, 30.0), step(10, 38.0))),
            "This machine cannot keep time with 10 calls at once: our lateness p99 was 38 ms, limit 10 ms.",
            " Close other programs, give it more cores, or call from another machine.",
        ),
    ],
)
def test_the_answer(found, beginning, end):
    assert answer_of(found) == beginning + end


def test_what_was_late_once_and_honest_once_is_honest():
    found = Calibration((step(10), step(100, 20.0), step(100, 2.0), step(200, 20.0), step(200, 20.0), step(150, 2.0)))
    assert (found.best.calls, found.least_late.calls) == (150, 200)


def test_an_honest_number_above_one_that_was_not_is_luck():
    found = Calibration((step(10), step(200), step(100, 20.0), step(100, 20.0)))
    assert (found.best.calls, found.least_late.calls) == (10, 100)


LAPTOP = HostFacts(
    "laptop", "Linux 6", "3.12", "a CPU", 4.0, 8 * 10**9, 4 * 10**9, "asyncio", "Python", 0.001, 1e-9, 1024, 1024, 0.1
)


def test_open_files(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert LAPTOP.calls_of_open_files == 462
    assert open_files_advice(LAPTOP, 400) == ""
    raisable = replace(LAPTOP, open_files_hard=1_048_576)
    beginning = "Open files 1,024: enough for 462 calls in one process. For more, before the run:  "
    assert open_files_advice(raisable, 1000) == f"{beginning}ulimit -n 4096"
    assert open_files_advice(replace(LAPTOP, open_files_hard=None), 1000) == f"{beginning}ulimit -n 4096"
    assert open_files_advice(LAPTOP, 1000).startswith(
        f"{beginning}sudo prlimit --pid $$ --nofile=4096  (for good: '* - "
    )
    monkeypatch.setattr(sys, "platform", "darwin")
    assert open_files_advice(LAPTOP, 1000) == f"{beginning}sudo launchctl limit maxfiles 4096 4096 && ulimit -n 4096"
    monkeypatch.setattr(sys, "platform", "win32")
    assert "on Windows holds 462 calls. For more use more workers" in open_files_advice(LAPTOP, 1000)
    assert open_files_advice(replace(LAPTOP, open_files=None), 1000) == ""


def test_memory():
    assert memory_advice(LAPTOP, 1000) == ""
    assert memory_advice(replace(LAPTOP, memory_free=150_000_000), 1000) == (
        "Memory: 150 MB is free, and 1,000 calls take 100 MB beside the bot: free some"
    )


def test_this_machine():
    facts = host_facts()
    assert 0 < usable_cores() <= 4096
    assert facts.cores == usable_cores()
    assert 0 < facts.memory_free <= facts.memory
    assert 0 <= facts.timer < 10
    assert 0 < facts.clock < 0.001
    assert 0 <= facts.busy <= 1
    assert facts.loop.partition(" ")[0] in ("uvloop", "asyncio")
    assert facts.media_path in ("Python", "compiled")
    assert facts.to_dict()["cores"] == facts.cores
