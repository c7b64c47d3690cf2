"""This machine, as far as it decides how many calls can be made: cores, memory, open files, loop, clock."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from ..records.load_figures import value_text
from ..records.media_path import media_path
from ..transport import new_event_loop, now

OTHER_FILES = 100
"""Open files of a process beside its calls."""
FILES_PER_CALL = 2
"""The connection, and the recording while it is written."""
_SLEEPS = 100
_LOOK = 0.3
_WINDOWS_SELECT = 512
"""What Windows' ``select`` takes, as Python is built there."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What was found."""

    name: str
    system: str
    python: str
    cpu: str
    cores: float
    """That this process may use: a container may have a part of a core."""
    memory: int
    memory_free: int
    loop: str
    """``uvloop 0.21.0`` or ``asyncio``."""
    media_path: str
    """``compiled`` or ``Python``."""
    timer: float
    """How late a timer of the loop is, p99, in seconds."""
    clock: float
    """Resolution of the one clock in seconds."""
    open_files: int | None
    """The limit of this process; None: there is none."""
    open_files_hard: int | None
    """Up to which it may raise its limit itself."""
    busy: float
    """What others use of all cores, 0 to 1, before anything is measured."""

    def to_dict(self) -> dict[str, Any]:
        """All of it by name, JSON-ready."""
        return asdict(self)

    @property
    def calls_of_open_files(self) -> int | None:
        """How many calls in one process the limit of open files leaves room for; None: any number."""
        if self.open_files is None:
            return None
        return max(0, (self.open_files - OTHER_FILES) // FILES_PER_CALL)


def host_facts() -> HostFacts:
    """Look at this machine; takes half a second."""
    memory = psutil.virtual_memory()
    soft, hard = _open_files()
    return HostFacts(
        name=platform.node(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        cpu=_cpu(),
        cores=usable_cores(),
        memory=memory.total,
        memory_free=memory.available,
        loop=_loop(),
        media_path=media_path(),
        timer=_timer(),
        clock=time.get_clock_info("perf_counter").resolution,
        open_files=soft,
        open_files_hard=hard,
        busy=psutil.cpu_percent(_LOOK) / 100,
    )


def usable_cores() -> float:
    """How many cores this process may use, as its affinity and its control group say."""
    cores = float(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1)
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("utf-8").split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else min(cores, round(int(quota) / int(period), 2))


def open_files_advice(facts: HostFacts, calls: int) -> str:
    """What to do about open files for so many calls in one process; empty: nothing.

    Args:
        facts: of this machine.
        calls: how many shall be possible.
    """
    room = facts.calls_of_open_files
    if room is None or room >= calls:
        return ""
    if sys.platform == "win32":
        return (
            f"Open connections: a process on Windows holds {room:,} calls. For more use more workers: each is a process"
        )
    needed = 1 << (calls * FILES_PER_CALL + OTHER_FILES - 1).bit_length()
    told = f"Open files {facts.open_files:,}: enough for {room:,} calls in one process. For more, before the run:"
    if facts.open_files_hard is None or facts.open_files_hard >= needed:
        return f"{told}  ulimit -n {needed}"
    if sys.platform == "darwin":
        return f"{told}  sudo launchctl limit maxfiles {needed} {needed} && ulimit -n {needed}"
    return (
        f"{told}  sudo prlimit --pid $$ --nofile={needed}  (for good: '* - nofile {needed}' in "
        "/etc/security/limits.conf; in Docker: --ulimit nofile)"
    )


def memory_advice(facts: HostFacts, calls: int) -> str:
    """What to do about memory for so many calls; empty: nothing. A call takes 40 kB, a worker 60 MB."""
    needed = 60_000_000 + calls * 40_000
    if facts.memory_free >= 2 * needed:
        return ""
    free = value_text("size", facts.memory_free)
    return f"Memory: {free} is free, and {calls:,} calls take {value_text('size', needed)} beside the bot: free some"


def _open_files() -> tuple[int | None, int | None]:
    if sys.platform == "win32":
        return _WINDOWS_SELECT + OTHER_FILES, None
    import resource  # noqa: PLC0415 - not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    return (None if soft == endless else soft), (None if hard == endless else hard)


def _loop() -> str:
    loop = new_event_loop()
    loop.close()
    name = type(loop).__module__.partition(".")[0]
    return f"uvloop {version('uvloop')}" if name == "uvloop" else "asyncio"


def _timer() -> float:
    async def late() -> float:
        found = []
        for _ in range(_SLEEPS):
            due = now() + 0.001
            await asyncio.sleep(0.001)
            found.append(now() - due)
        return max(0.0, sorted(found)[-2])  # nearest rank: the 99th of 100

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(late())


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
