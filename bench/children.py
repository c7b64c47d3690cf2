"""Child processes: each has its time, and none outlives the bench."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GRACE = 20.0
"""Seconds that a child may take beyond its measuring time: to start, to connect, to end."""


class BenchError(Exception):
    """A measurement could not be made; the text says why."""


@contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A child, in a session of its own: Ctrl-C reaches the bench alone, which ends it."""
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def module(name: str, *words: object) -> list[str]:
    """The command that runs one of our modules."""
    return [sys.executable, "-m", name, *map(str, words)]


def first_line(child: subprocess.Popen[str]) -> str:
    """What a server prints once it listens."""
    assert child.stdout
    line = child.stdout.readline().strip()
    if not line:
        raise BenchError(f"{_named(child)} did not start: {_last(child.communicate()[1])}")
    return line


def answer(child: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    """The line of JSON with which a child ends, after about ``seconds``."""
    try:
        out, err = child.communicate(timeout=seconds + GRACE)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{_named(child)} did not end within {seconds + GRACE:.0f} s") from None
    if child.returncode or not out.strip():
        raise BenchError(f"{_named(child)} failed: {_last(err) or child.returncode}")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def _named(child: subprocess.Popen[str]) -> str:
    words = [Path(str(word)).name for word in child.args]  # type: ignore[union-attr]
    return " ".join(words)


def _last(text: str) -> str:
    """The last line of an error: the exception, of a traceback."""
    return text.strip().rpartition("\n")[2]
