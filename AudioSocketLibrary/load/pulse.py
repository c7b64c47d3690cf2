"""The pulse of a worker: once a second, what goes on, and what we did wrong ourselves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psutil

from ..transport import MediaClock, now
from .runner import Counts


class Pulse:
    """Makes the rows ``pulse`` and ``end`` of a worker; each is of the time since the one before.

    Made on the loop that makes the calls.

    Args:
        worker: its number.
        start_at: second 0 of the run, on the one clock.
    """

    def __init__(self, worker: int, start_at: float) -> None:
        self._worker = worker
        self._start_at = start_at
        self._clock = MediaClock.of()
        self._process = psutil.Process()
        self._began = self._at = now()
        self._cpu_began = self._cpu = time.process_time()
        self._lateness, self._lag = list(self._clock.lateness.counts), list(self._clock.loop_lag.counts)
        self._sent, self._skipped = self._clock.due, self._clock.skipped
        self._totals = self._sent, self._skipped

    def row(
        self, counts: Counts, waits: Sequence[float] = (), *, planned: int | None = None, due: int | None = None
    ) -> dict[str, Any]:
        """The row of the time since the last.

        Args:
            counts: what was done so far.
            waits: seconds that callers waited for us to understand the bot.
            planned: calls that are meant to be up now, of a load that holds calls.
            due: calls that were to have begun by now, of a load in which they arrive.
        """
        at, cpu, clock = now(), time.process_time(), self._clock
        lateness, lag = clock.lateness.since(self._lateness), clock.loop_lag.since(self._lag)
        row = {
            "row": "pulse",
            "worker": self._worker,
            "at": round(at - self._start_at, 3),
            "up": counts.up,
            "planned": planned,
            "due": due,
            "began": counts.began,
            "ended": counts.ended,
            "failed": counts.failed,
            "dropped": counts.dropped,
            "talk": round(counts.talk, 3),
            "lateness": lateness.to_json(),
            "loop_lag": lag.to_json(),
            "lateness_p99": lateness.percentile(99),
            "lag_p99": lag.percentile(99),
            "understanding": [round(wait, 3) for wait in waits],
            "sent": clock.due - self._sent,
            "skipped": clock.skipped - self._skipped,
            "cpu": round((cpu - self._cpu) / max(at - self._at, 1e-9), 4),
            "memory": self._process.memory_info().rss,
        }
        self._at, self._cpu = at, cpu
        self._lateness, self._lag = list(clock.lateness.counts), list(clock.loop_lag.counts)
        self._sent, self._skipped = clock.due, clock.skipped
        return row

    def end(self, counts: Counts, reason: str, *, error: str = "", left_out: int = 0) -> dict[str, Any]:
        """The last row.

        Args:
            counts: what was done.
            reason: why it ended.
            error: why no call of this run could be made; empty: they could.
            left_out: recordings that were not kept, for the disk's sake.
        """
        at = now()
        sent, skipped = self._totals
        return {
            "row": "end",
            "worker": self._worker,
            "at": round(at - self._start_at, 3),
            "reason": reason,
            "error": error,
            "calls": counts.ended + counts.dropped + counts.not_placed,
            "sent": self._clock.due - sent,
            "skipped": self._clock.skipped - skipped,
            "dropped": counts.dropped,
            "cpu": round((time.process_time() - self._cpu_began) / max(at - self._began, 1e-9), 4),
            "memory": self._process.memory_info().rss,
            "recordings_left_out": left_out,
        }
