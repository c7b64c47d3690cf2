"""Our own errors in a run, second by second and worker by worker: what its validity is decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .histogram import Histogram
from .percentiles import Distribution
from .validity import OwnErrors

Windows = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """One second of one worker."""

    at: float
    """Its end, in seconds of the run."""
    up: int
    planned: int | None
    """How many calls were meant to be up; None: of a load in which calls arrive, nobody knows."""
    sent: int
    skipped: int
    cpu: float
    """Of one core."""
    talk: float
    """Seconds of calls that were over by then."""
    understanding: tuple[float, ...] = field(repr=False)
    """Seconds that callers waited for us to understand the bot."""
    lateness: Mapping[str, Any] = field(repr=False)
    """A histogram, as it stood in the row: an hour of pulses is not to take a hundred megabytes."""
    loop_lag: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Pulse:
        """Read it of its row."""
        return cls(
            row["at"], row.get("up", 0), row.get("planned"), row.get("sent", 0), row.get("skipped", 0),
            row.get("cpu", 0.0), row.get("talk", 0.0), tuple(row.get("understanding", ())),
            row.get("lateness", {}), row.get("loop_lag", {}),
        )  # fmt: skip


class Health:
    """The pulses of all workers."""

    def __init__(self) -> None:
        self.pulses: dict[int, list[Pulse]] = {}
        """By worker."""
        self.ended: dict[int, str] = {}
        """Workers that wrote their last line, and why they ended."""
        self.error = ""
        """Why calls could not be made, by the first worker that said so."""
        self._of_calls = (Histogram(), Histogram())

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of a worker."""
        worker = int(row.get("worker", 0))
        self.pulses.setdefault(worker, [])
        if row["row"] == "pulse":
            self.pulses[worker].append(Pulse.from_json(row))
        elif row["row"] == "end":
            self.ended[worker] = row.get("reason", "finished")
            self.error = self.error or row.get("error", "")

    def add_call(self, figures: Mapping[str, float]) -> None:
        """Add the errors in a call that was made live: of those there is no pulse, but a p99 of each call."""
        for kept, name in zip(self._of_calls, ("our_lateness", "loop_lag"), strict=True):
            if name in figures:
                kept.add(figures[name])

    @property
    def talk(self) -> float:
        """Seconds of calls that are over, those of all workers together."""
        return sum(pulses[-1].talk for pulses in self.pulses.values() if pulses)

    def idle(self, workers: int, since: float) -> bool:
        """Whether, after ``since``, no worker had a call in two seconds on end, so that all rows of calls are here."""
        last = [[pulse for pulse in pulses[-2:] if pulse.at > since] for pulses in self.pulses.values()]
        return len(last) == workers and all(len(two) > 1 and not any(pulse.up for pulse in two) for two in last)

    def mean_up(self, window: tuple[float, float]) -> float:
        """How many calls were up in a stretch of the run, on average over its seconds."""
        found = 0.0
        for pulses in self.pulses.values():
            # Errors are of the second before a pulse; this is of its very moment.
            up = [pulse.up for pulse in pulses if window[0] < pulse.at <= window[1]]
            found += sum(up) / len(up) if up else 0.0
        return found

    def histogram(self, name: str, windows: Windows | None = None) -> Histogram:
        """``our lateness`` or ``loop lag`` of all workers, within stretches of the run (None: all of it)."""
        if not self.pulses:
            return self._of_calls[name != "our lateness"]
        found = Histogram()
        for pulses in self.pulses.values():
            for pulse in pulses:
                if _within(pulse.at, windows):
                    found.merge_json(pulse.lateness if name == "our lateness" else pulse.loop_lag)
        return found

    def errors(
        self, *, workers: int, dropped: int, due: int, windows: Windows | None = None, over: bool = True
    ) -> OwnErrors:
        """What validity is decided on.

        Args:
            workers: how many were expected.
            dropped: calls that we were too late to place.
            due: calls that were due.
            windows: only within these stretches of the run.
            over: whether the run is over, so that a worker without a last line is lost.
        """
        sent = skipped = 0
        busiest = None
        waits: list[float] = []
        for pulses in self.pulses.values():
            within = [pulse for pulse in pulses if _within(pulse.at, windows)]
            sent += sum(pulse.sent for pulse in within)
            skipped += sum(pulse.skipped for pulse in within)
            waits += [wait for pulse in within for wait in pulse.understanding]
            if within:
                busiest = max(busiest or 0.0, sum(pulse.cpu for pulse in within) / len(within))
        lost = [f"worker {number}" for number in range(workers) if over and number not in self.ended]
        return OwnErrors(
            lateness_p99=self.histogram("our lateness", windows).percentile(99),
            loop_lag_p99=self.histogram("loop lag", windows).percentile(99),
            skipped_share=skipped / (sent + skipped) if sent + skipped else None,
            dropped=dropped,
            due=due,
            understanding_p99=told.value if (told := Distribution(waits).percentile(99)) else None,
            cpu_share=busiest,
            lost_workers=lost,
        )


def _within(at: float, windows: Windows | None) -> bool:
    # A pulse is of the second before it.
    return windows is None or any(start < at <= end + 1.0 for start, end in windows)
