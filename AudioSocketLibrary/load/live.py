"""How a run stands while it goes on: one model of the rows of all workers, and a line of it for people."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..records import Distribution, FailureKind, Histogram, Percentile, time_text
from ..records.load_figures import value_text
from ..records.run_facts import FAILED
from ..records.units import percent_text
from ..records.validity import ValidityLimits

WINDOW: Final = 30.0
"""Seconds: response times are of the calls that ended in the last so many."""
MINUTE: Final = 60.0
HEALTH: Final = 10.0
"""Seconds over which our own errors are told."""
SILENT: Final = 5.0
"""A worker that has told nothing for so many seconds is named."""
_LIMITS: Final = ValidityLimits()


@dataclass(slots=True)
class _Worker:
    """What a worker told last."""

    at: float = 0.0
    up: int = 0
    planned: int | None = None
    due: int | None = None
    began: int = 0
    cpu: float = 0.0
    ended: bool = False
    pulses: deque[Mapping[str, Any]] = field(default_factory=deque)
    """Those of the last ``HEALTH`` seconds."""


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at a moment."""

    at: float
    up: int
    """Calls at once."""
    planned: int | None
    """How many were meant to be; None: calls come at their own times."""
    began: int
    due: int | None
    """How many were to have begun; None: calls are held."""
    done: int
    failures: Mapping[str, int]
    """By failure kind."""
    dropped: int
    per_minute: float
    """Calls that ended and did not fail, in the last minute."""
    response: Percentile | None
    """p95 of the last ``WINDOW`` seconds."""
    lateness: float | None
    """p99 in seconds, of all workers together."""
    loop_lag: float | None
    skipped: int
    """Media frames that we left out, so far."""
    cpu: float
    """Of one core, of our busiest process."""
    bot_cpu: float | None
    bot_memory: float | None
    silent: tuple[str, ...]
    """Workers that tell nothing, with the time since when."""
    left: float | None
    """Seconds; None: nobody knows."""

    @property
    def failed(self) -> int:
        """How many calls failed."""
        return sum(self.failures.values())

    @property
    def calls(self) -> str:
        """``5 of 5``; ``5, begun 12 of 13``."""
        if self.due is not None:
            return f"{self.up:,}, begun {self.began:,} of {self.due:,}"
        # None are planned between two plateaus, while the last calls of the first one end.
        return f"{self.up:,} of {self.planned:,}" if self.planned else f"{self.up:,}"

    @property
    def why_failed(self) -> str:
        """``1 no reply, 1 cut by the bot``; the most frequent first."""
        return ", ".join(f"{count:,} {kind}" for kind, count in Counter(self.failures).most_common())

    @property
    def response_words(self) -> str:
        """``1.12 s (26)``, the number of replies behind it; a dash where there were none."""
        if self.response is None:
            return "-"
        bound = "at least " if self.response.at_least else ""
        return f"{bound}{time_text(self.response.value)} ({self.response.n:,})"

    @property
    def worries(self) -> list[str]:
        """What may make the run invalid."""
        found = list(self.silent)
        for name, value, limit in (
            ("our lateness", self.lateness, _LIMITS.lateness[0]),
            ("loop lag", self.loop_lag, _LIMITS.loop_lag[0]),
        ):
            if value is not None and value > limit:
                found.append(f"{name} p99 {milliseconds(value)} (limit {milliseconds(limit)})")
        if self.dropped:
            found.append(f"dropped {self.dropped:,}: we were too late to place them")
        if self.cpu > _LIMITS.cpu[0]:
            found.append(f"our busiest process has {percent_text(round(self.cpu, 2))} of a core")
        return found


class LiveView:
    """The rows of all workers, as they come.

    Memory does not grow with the run: calls are counted, and only the last minute is kept.

    Args:
        duration: seconds in which calls begin; None: nobody knows.
    """

    def __init__(self, duration: float | None = None) -> None:
        self.duration = duration
        self._workers: dict[int, _Worker] = {}
        self._done = self._dropped = self._skipped = 0
        self._failures: Counter[str] = Counter()
        self._passed: deque[float] = deque()
        self._responses: deque[tuple[float, float, bool]] = deque()
        self._bot: Mapping[str, Any] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a row of any kind."""
        match row.get("row"):
            case "call":
                self._add_call(row)
            case "pulse":
                self._add_pulse(row)
            case "worker":
                self._worker(row)
            case "end":
                worker = self._worker(row)
                worker.ended, worker.up, worker.planned = True, 0, None
            case "sample" if row.get("who") == "bot":
                self._bot = row

    def status(self, at: float) -> Status:
        """How things stand, so many seconds after the beginning."""
        self._forget(at)
        workers = list(self._workers.values())
        lateness, lag = Histogram(), Histogram()
        for worker in workers:
            for pulse in worker.pulses:
                lateness.merge_json(pulse.get("lateness", {}))
                lag.merge_json(pulse.get("loop_lag", {}))
        return Status(
            at=at,
            up=sum(worker.up for worker in workers),
            planned=_sum(worker.planned for worker in workers),
            began=sum(worker.began for worker in workers),
            due=_sum(worker.due for worker in workers),
            done=self._done,
            failures=dict(self._failures),
            dropped=self._dropped,
            per_minute=len(self._passed) * MINUTE / min(MINUTE, at) if at > 0 else 0.0,
            response=Distribution(
                (value for _, value, given_up in self._responses if not given_up),
                (value for _, value, given_up in self._responses if given_up),
            ).percentile(95),
            lateness=lateness.percentile(99),
            loop_lag=lag.percentile(99),
            skipped=self._skipped,
            cpu=max((worker.cpu for worker in workers if not worker.ended), default=0.0),
            bot_cpu=self._bot.get("cpu"),
            bot_memory=self._bot.get("memory"),
            silent=tuple(
                f"worker {number} has told nothing for {at - worker.at:.0f} s"
                for number, worker in sorted(self._workers.items())
                if not worker.ended and at - worker.at > SILENT
            ),
            left=None if self.duration is None else max(0.0, self.duration - at),
        )

    def line(self, at: float) -> str:
        """How things stand, in a line of plain text."""
        status = self.status(at)
        failed = f"failed {status.failed:,}" + (f" ({status.why_failed})" if status.failures else "")
        parts = [
            clock(at),
            f"calls {status.calls}",
            f"done {status.done:,}",
            failed,
            f"p95 response {status.response_words}",
            f"our lateness p99 {'-' if status.lateness is None else milliseconds(status.lateness)}",
        ]
        if status.left is not None:
            parts.append(f"left {clock(status.left)}")
        return "   ".join([*parts, *(f"! {worry}" for worry in status.worries if "our lateness" not in worry)])

    def _worker(self, row: Mapping[str, Any]) -> _Worker:
        return self._workers.setdefault(int(row.get("worker", 0)), _Worker())

    def _add_pulse(self, row: Mapping[str, Any]) -> None:
        worker = self._worker(row)
        worker.at, worker.up, worker.began = row["at"], row.get("up", 0), row.get("began", 0)
        worker.planned, worker.due, worker.cpu = row.get("planned"), row.get("due"), row.get("cpu", 0.0)
        self._skipped += row.get("skipped", 0)
        worker.pulses.append(row)

    def _add_call(self, row: Mapping[str, Any]) -> None:
        outcome, start = row.get("outcome"), row.get("start")
        if outcome == "dropped":
            self._dropped += 1
            return
        end = (row.get("intended", 0.0) if start is None else start) + row.get("length", 0.0)
        self._done += 1
        if outcome in FAILED:
            self._failures[row.get("failure") or outcome] += 1
        elif outcome == "passed":
            self._passed.append(end)
        for turn in row.get("turns", ()):
            if turn.get("number") and turn.get("response_time") is not None:
                self._responses.append((end, turn["response_time"], False))
        for told in row.get("judgements", ()):
            if told.get("kind") == FailureKind.NO_REPLY and told.get("value") is not None:
                self._responses.append((end, told["value"], True))

    def _forget(self, at: float) -> None:
        # Rows of several workers are in order but for a look: the oldest stand nearly first.
        while self._passed and self._passed[0] <= at - MINUTE:
            self._passed.popleft()
        while self._responses and self._responses[0][0] <= at - WINDOW:
            self._responses.popleft()
        for worker in self._workers.values():
            while worker.pulses and worker.pulses[0]["at"] <= at - HEALTH:
                worker.pulses.popleft()


def clock(seconds: float) -> str:
    """``02:05``, ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def milliseconds(seconds: float) -> str:
    """``1.3 ms``; our own errors are never told in seconds."""
    return f"{seconds * 1000:.3g} ms"


def size(bytes_: float) -> str:
    """``312 MB``."""
    return value_text("size", bytes_)


def _sum(numbers: Iterator[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
