"""The peer: calls as a Locust user would make them, with gevent: ``PORT CALLS SECONDS``; prints a line of JSON.

Two greenlets a call, one sends a frame of silence every 20 ms at absolute deadlines, the other reads. It makes up for
one late frame and skips the rest, as we do. It measures nothing of what comes back, and keeps nothing.
"""

from __future__ import annotations

import json
import resource
import sys
from time import perf_counter

import gevent
from gevent import socket

PERIOD = 0.020
FRAME = b"\x10\x01\x40" + bytes(320)
RAMP = 250
SETTLE = 3.0
"""As in ``bench/load_caller.py``."""


class Peer:
    """All calls, and what is counted of them."""

    def __init__(self, port: int, calls: int) -> None:
        self.port = port
        self.calls = calls
        self.counting = False
        self.stopped = False
        self.sent = 0
        self.received = 0
        self.skipped = 0
        self.late: list[float] = []

    def call(self, number: int) -> None:
        """One call, until all are over."""
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.sendall(b"\x01\x00\x10" + number.to_bytes(16, "big"))
            reader = gevent.spawn(self.read, line)
            due = perf_counter()
            while not self.stopped:
                due += PERIOD
                behind = int((perf_counter() - due) / PERIOD) - 1
                if behind > 0:
                    due += behind * PERIOD
                    self.skipped += behind
                gevent.sleep(max(0.0, due - perf_counter()))
                line.sendall(FRAME)
                self.sent += 1
                if self.counting:
                    self.late.append(perf_counter() - due)
            reader.kill()

    def read(self, line: socket.socket) -> None:
        """Read what comes back."""
        while data := line.recv(65536):
            self.received += len(data)

    def run(self, seconds: float) -> dict[str, float]:
        """Make the calls, count for so many seconds, end them."""
        began = perf_counter()
        greenlets = []
        for number in range(self.calls):
            gevent.sleep(max(0.0, began + number / RAMP - perf_counter()))
            greenlets.append(gevent.spawn(self.call, number))
        gevent.sleep(SETTLE)
        self.counting = True
        cpu, sent, skipped = _cpu(), self.sent, self.skipped
        gevent.sleep(seconds)
        cpu, sent, skipped = _cpu() - cpu, self.sent - sent, self.skipped - skipped
        self.stopped = True
        gevent.joinall(greenlets, timeout=5)
        late = sorted(self.late)
        return {
            "late_p99": round(1000 * late[int(0.99 * len(late))], 2) if late else 0.0,
            "cpu_us_per_pair": round(cpu * 1e6 / max(1, sent), 2),
            "frames": sent,
            "skipped": skipped,
            "skipped_share": skipped / max(1, sent + skipped),
        }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    port, calls, seconds = sys.argv[1:]
    print(json.dumps(Peer(int(port), int(calls)).run(float(seconds))))
