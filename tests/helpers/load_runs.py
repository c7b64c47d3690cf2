"""``audiosocket load`` as a stranger would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

LIMIT = 240.0
"""Seconds for whatever a busy machine does."""
SUITE = """\
*** Settings ***
Library    AudioSocketLibrary

*** Test Cases ***
Short Call
    Place Call
    Stay Silent    1200 ms
    Hang Up

Endless Call
    Place Call
    Stay Silent    250 s
    Hang Up

Spoken Call
    Place Call
    Bot Should Greet Within    8 s
    Play    winter_tyres
    Bot Should Reply Within    8 s
    Hang Up
"""


def wait_for(check: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + LIMIT
    while not (found := check()):
        assert time.monotonic() < until, f"in vain: {what}"
        time.sleep(0.1)
    return found


@dataclass
class Load:
    """One run of the command: still going on, or over."""

    folder: Path
    child: subprocess.Popen[str]
    said: str = ""

    @classmethod
    def start(cls, place: Path, *arguments: str, **variables: str) -> Load:
        """Start it; ``place`` has the suite, the run goes to ``place/run``; with these variables of the environment."""
        place.mkdir(parents=True, exist_ok=True)
        (place / "suite.robot").write_text(SUITE, encoding="utf-8")
        words = [sys.executable, "-m", "AudioSocketLibrary", "load", *arguments]
        if "--prepare" not in arguments:
            words += ["--output", "run", "--no-report"]
        child = subprocess.Popen(
            words, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            start_new_session=True, env={**os.environ, **variables},
        )  # fmt: skip
        return cls(place / "run", child)

    def end(self) -> int:
        """Wait for its end; returns its exit code."""
        self.said += self.child.communicate(timeout=LIMIT)[0]
        return self.child.returncode

    def rows(self, *kinds: str) -> list[dict[str, Any]]:
        """Whole rows of all workers, as far as they are written."""
        found: list[dict[str, Any]] = []
        for file in sorted((self.folder / "rows").glob("worker-*.jsonl")) if (self.folder / "rows").is_dir() else ():
            found += map(json.loads, file.read_bytes().split(b"\n")[:-1])
        return [row for row in found if row["row"] in kinds]

    def await_calls_up(self, workers: int) -> None:
        """Wait until each worker has a call."""
        wait_for(
            lambda: len({row["worker"] for row in self.rows("pulse") if row["up"]}) == workers or self._over(),
            "calls that are up",
        )

    def _over(self) -> bool:
        assert self.child.poll() is None, self.child.communicate()[0]
        return False

    @property
    def pids(self) -> dict[int, int]:
        """Of each worker."""
        return {row["worker"]: row["pid"] for row in self.rows("worker")}

    @property
    def info(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "run.json").read_text("utf-8"))
        return told

    @property
    def verdict(self) -> str:
        """The line that begins with the word of the verdict."""
        words = ("PASS ", "FAIL ", "INVALID ", "INTERRUPTED ")
        (sentence,) = [line for line in self.said.splitlines() if line.startswith(words)]
        return " ".join(sentence.split())


def descendants(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def await_gone(processes: Iterable[psutil.Process | int]) -> None:
    """Wait until none of them runs."""
    left = [each if isinstance(each, psutil.Process) else None for each in processes]
    _, alive = psutil.wait_procs([each for each in left if each is not None], timeout=60)
    assert not alive, f"left behind: {[' '.join(each.cmdline()) for each in alive]}"


def environment() -> dict[str, str]:
    """With this Python's commands first on the path, as in an activated environment."""
    return {**os.environ, "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}
