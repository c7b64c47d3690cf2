"""The C pair: a sender and a receiver that no language slows down. Where even they are late, the machine is busy."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .children import BenchError, answer, first_line, started

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
PACER = BUILD / "pacer"
LATE = 22.0
"""ms: a pair whose gaps have a p99 above it, 2 ms more than the period, was held up."""
TRIES = 3
"""A busy moment passes: so often is the pair run before a measurement is called busy."""


def compiler() -> str | None:
    """The C compiler, if there is one."""
    return shutil.which("cc") or shutil.which("gcc")


def build() -> None:
    """Compile the pacer, if it is older than its source."""
    source = HERE / "pacer.c"
    if PACER.exists() and PACER.stat().st_mtime > source.stat().st_mtime:
        return
    BUILD.mkdir(exist_ok=True)
    command = [compiler() or "cc", "-O2", "-Wall", "-o", str(PACER), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise BenchError(f"pacer.c does not compile: {done.stderr.strip()}")


def received(command_for: Callable[[str], list[str]], calls: int, seconds: float) -> dict[str, Any]:
    """Gaps between the frames of ``calls`` calls, as the C receiver saw them, and what their sender says of itself.

    Args:
        command_for: the sender's command, made of the receiver's port.
        calls: how many calls the sender makes.
        seconds: how long to count.
    """
    with started([str(PACER), "receive", str(calls), str(seconds)]) as receiver:
        port = first_line(receiver)
        with started(command_for(port)) as sender:
            sent = answer(sender, seconds)
        return answer(receiver, 0.0) | {"sender": sent}


def run(calls: int, seconds: float) -> dict[str, Any]:
    """The C pair: until it was on time, or for the last time of all."""
    tries = 1
    while busy(found := received(lambda port: _sender(port, calls, seconds), calls, seconds)) and tries < TRIES:
        tries += 1
    return found | {"tries": tries}


def _sender(port: str, calls: int, seconds: float) -> list[str]:
    return [str(PACER), "send", port, str(calls), str(seconds)]


def busy(found: dict[str, Any]) -> bool:
    """Whether the pair itself was late."""
    return bool(found["gap"]["p99"] > LATE or found["ended_early"])
