"""What a bot does to its machine on request: leaks, and a busy core."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from ..records import UsageError
from .faults import Fault, Faults

_MB: Final = 1 << 20
_SLICE: Final = 0.1
"""Seconds of which a share is busy."""
_BUSY: Final = """
import os, sys, threading, time
def watch():
    os.read(0, 1)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
load, cycle = float(sys.argv[1]), float(sys.argv[2])
while True:
    began = time.thread_time(); wall = time.monotonic()
    while time.thread_time() - began < load * cycle: pass
    time.sleep(max(0.0, cycle - (time.monotonic() - wall)))
"""


class Burdens:
    """Follows the faults that weigh on the machine. All but its making on the bot's event loop.

    Args:
        faults: which are set.
        note: told what is done.
    """

    def __init__(self, faults: Faults, note: Callable[[str], object]) -> None:
        self._faults = faults
        self._note = note
        self._memory: list[bytes] = []
        self._sockets: list[socket.socket] = []
        self._busy: Fault | None = None
        self._stop_busy: Callable[[], None] | None = None

    def changed(self) -> None:
        """Faults were set or cleared."""
        if self._faults.current("leaking memory") is None:
            self._memory.clear()
        if self._faults.current("leaking sockets") is None:
            self._close_sockets()
        if self._faults.current("busy cpu") is not self._busy:
            self._end_busy()
            if busy := self._faults.strikes("busy cpu"):
                self._begin_busy(busy)

    def stop(self) -> None:
        """Let go of all."""
        self._memory.clear()
        self._close_sockets()
        self._end_busy()

    def leak_memory(self, mb: int) -> None:
        """Keep so much memory."""
        # Written to: the system gives nothing for zeros.
        self._memory.append(b"\x01" * (mb * _MB))
        self._note(f"has leaked {sum(map(len, self._memory)) // _MB} MB")

    def leak_sockets(self, count: int) -> None:
        """Keep so many sockets open."""
        try:
            self._sockets += [socket.socket() for _ in range(count)]
        except OSError as error:
            self._note(f"can leak no more sockets: {error.strerror}")
        self._note(f"has leaked {len(self._sockets)} sockets")

    # -- inside -------------------------------------------------------------------------------------------------------

    def _close_sockets(self) -> None:
        while self._sockets:
            self._sockets.pop().close()

    def _begin_busy(self, fault: Fault) -> None:
        self._busy = fault
        load, where = fault.how["load"], fault.how["in"]
        if where == "thread":
            self._stop_busy = _busy_thread(load)
            self._note(f"keeps a core busy for {load:.0%} of the time, in a thread of its own")
        else:
            child, self._stop_busy = _busy_process(load)
            self._note(f"keeps a core busy for {load:.0%} of the time, in the process {child}")

    def _end_busy(self) -> None:
        stop, self._stop_busy, self._busy = self._stop_busy, None, None
        if stop is not None:
            stop()


def _busy_thread(load: float) -> Callable[[], None]:
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            began, wall = time.thread_time(), time.monotonic()
            while time.thread_time() - began < load * _SLICE and not ended.is_set():
                pass
            ended.wait(max(0.0, _SLICE - (time.monotonic() - wall)))

    threading.Thread(target=work, daemon=True, name="busy").start()
    return ended.set


def _busy_process(load: float) -> tuple[int, Callable[[], None]]:
    # It ends with its standard input, which ends with us, however that happens.
    try:
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _BUSY, str(load), str(_SLICE)], stdin=subprocess.PIPE
        )
    except OSError as error:
        raise UsageError(f"No process can be started to keep a core busy: {error.strerror}") from None

    def stop() -> None:
        child.kill()
        child.wait()
        if child.stdin:
            child.stdin.close()

    return child.pid, stop
