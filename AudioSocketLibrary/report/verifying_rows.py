"""The figures of a run once more, of its raw rows, by another way than the one that reports take: nothing here uses
`RunFacts`, and percentiles are numpy's. What both say alike is right, or wrong twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ..records import OwnErrors, Threshold
from ..records.phase import Phase

_TURN: Final = {"response time": "response_time", "words time": "words_time", "barge in time": "barge_in_time"}
_BUCKET: Final = 0.0005
_LAST: Final = 400
_NOT_DONE_WITH: Final = ("interrupted", "dropped")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a figure."""

    value: float
    at: float
    call: Row
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Of what a figure is asked."""

    scenario: str | None = None
    phase: str | None = None
    target: str | None = None


@dataclass(slots=True)
class RawRun:
    """The rows of a run.

    Args:
        rows: all of them.
        phases: the course of the load.
    """

    rows: Iterable[Row]
    phases: Sequence[Phase] = ()
    calls: list[Row] = field(default_factory=list)
    pulses: list[Row] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        kept = {"call": self.calls, "pulse": self.pulses, "sample": self.samples}
        for row in self.rows:
            if row["row"] in kept:
                kept[row["row"]].append(row)
            elif row["row"] == "end":
                self.ended.add(int(row.get("worker", 0)))

    # -- calls --------------------------------------------------------------------------------------------------------

    @property
    def end(self) -> float:
        """Of the last call."""
        return max(map(end_of, self.calls), default=0.0)

    def windows(self, phase: str | None = None) -> list[tuple[float, float]]:
        """What is measured, in seconds of the run."""
        if not self.phases:
            begun = [row["start"] for row in self.calls if "start" in row]
            return [(min(begun, default=0.0), self.end)] if self.calls else []
        chosen = [
            each for each in self.phases
            if (each.measured if phase is None else each.name.casefold() == phase.casefold())
        ]  # fmt: skip
        return [(each.start, min(each.end, self.end)) for each in chosen if each.start < self.end]

    def counted(self, part: Part) -> list[Row]:
        """Calls of a part that were due."""
        found = []
        windows = self.windows(part.phase)
        for row in self.calls:
            if not _is_of(row, part) or outcome_of(row) == "interrupted":
                continue
            begin = min(row.get("start", float("inf")), end_of(row))
            if row.get("measured", True) if part.phase is None else _meets(windows, begin, end_of(row)):
                found.append(row)
        return found

    def failed(self, part: Part) -> list[Row]:
        """Those of them that failed (of a phase: in it)."""
        windows = self.windows(part.phase)
        return [
            row for row in self.counted(part)
            if outcome_of(row) in ("failed", "not placed") and (part.phase is None or _in(windows, end_of(row)))
        ]  # fmt: skip

    def error_rate(self, part: Part) -> float | None:
        """Failed calls of those that were due and could be placed."""
        due = [row for row in self.counted(part) if outcome_of(row) != "dropped"]
        return len([row for row in self.failed(part) if outcome_of(row) != "dropped"]) / len(due) if due else None

    def values(self, figure: str, part: Part) -> list[Value]:
        """All values of a figure that count."""
        by_time = part.phase is not None or (figure in _TURN and bool(self.phases))
        windows = self.windows(part.phase)
        return [
            value
            for row in self.calls
            if "start" in row and _is_of(row, part)
            for value in _values(row, figure)
            if (_in(windows, value.at) if by_time else row.get("measured", True))
        ]

    # -- thresholds ---------------------------------------------------------------------------------------------------

    def actual(self, threshold: Threshold) -> tuple[float | None, int, bool] | None:
        """The figure of a threshold, of how many values it is, and whether it is "at least"; None: not known here."""
        figure, part = threshold.figure, Part(threshold.scenario, threshold.phase)
        if threshold.seconds is not None:
            return None
        if figure.each in ("turn", "call"):
            return aggregate(self.values(figure.name, part), threshold.aggregate or "max")
        known: dict[str, Callable[[], tuple[float | None, int, bool]]] = {
            "error rate": lambda: self._share(part, failed=True),
            "success rate": lambda: self._share(part, failed=False),
            "calls per minute": lambda: self._rate(part),
            "calls": lambda: (float(len(self.counted(part))), 1, False),
            "failed calls": lambda: (float(len(self.failed(part))), 1, False),
        }
        return known[figure.name]() if figure.name in known else None

    def _share(self, part: Part, *, failed: bool) -> tuple[float | None, int, bool]:
        n = len([row for row in self.counted(part) if outcome_of(row) != "dropped"])
        rate = self.error_rate(part)
        return (None if rate is None else rate if failed else 1 - rate), n, False

    def _rate(self, part: Part) -> tuple[float | None, int, bool]:
        windows = self.windows(part.phase)
        ends = [end_of(row) for row in self.calls if _is_of(row, part) and outcome_of(row) == "passed"]
        within = [at for at in ends if any(start < at <= end for start, end in windows)]
        length = sum(end - start for start, end in windows)
        return (len(within) * 60 / length if length > 0 else None), len(within), False

    # -- our own errors -----------------------------------------------------------------------------------------------

    def errors(self, workers: int, windows: Sequence[tuple[float, float]] | None = None) -> OwnErrors:
        """What validity is decided on."""
        pulses = [row for row in self.pulses if windows is None or any(a < row["at"] <= b + 1 for a, b in windows)]
        sent, skipped = (sum(row.get(key, 0) for row in pulses) for key in ("sent", "skipped"))
        cpu: dict[int, list[float]] = {}
        for row in pulses:
            cpu.setdefault(int(row.get("worker", 0)), []).append(row.get("cpu", 0.0))
        due = self.counted(Part())
        waits = [wait for row in pulses for wait in row.get("understanding", ())]
        return OwnErrors(
            lateness_p99=self._p99("lateness", "our_lateness", pulses),
            loop_lag_p99=self._p99("loop_lag", "loop_lag", pulses),
            skipped_share=skipped / (sent + skipped) if sent + skipped else None,
            dropped=sum(outcome_of(row) == "dropped" for row in due),
            due=len(due),
            cpu_share=max((float(np.mean(values)) for values in cpu.values()), default=None),
            understanding_p99=float(np.percentile(waits, 99, method="inverted_cdf")) if waits else None,
            lost_workers=[f"worker {number}" for number in range(workers) if number not in self.ended],
        )

    def _p99(self, of_pulse: str, of_call: str, pulses: Sequence[Row]) -> float | None:
        counts = np.zeros(_LAST + 1, dtype=np.int64)
        most = 0.0
        if self.pulses:
            for row in pulses:
                found = row.get(of_pulse, {})
                most = max(most, found.get("most", 0.0))
                for index, count in found.get("counts", {}).items():
                    counts[int(index)] += count
        else:
            for row in self.calls:
                if "index" not in row and of_call in row.get("figures", {}):
                    value = max(0.0, row["figures"][of_call])
                    counts[min(_LAST, int(value / _BUCKET))] += 1
                    most = max(most, value)
        if not counts.sum():
            return None
        index = int(np.searchsorted(np.cumsum(counts), max(1, int(np.ceil(counts.sum() * 99 / 100)))))
        return most if index == _LAST else min(most, (index + 1) * _BUCKET)


def aggregate(values: Sequence[Value], which: str) -> tuple[float | None, int, bool]:
    """A percentile (nearest rank), the mean or the maximum; of how many values; whether it is "at least"."""
    if not values:
        return None, 0, False
    plain = np.array([each.value for each in values])
    censored = [each.value for each in values if each.censored]
    if which == "mean":
        return float(plain.mean()), len(values), bool(censored)
    percent = 100.0 if which == "max" else float(which[1:])
    found = float(np.percentile(plain, percent, method="inverted_cdf"))
    # The first that is only "at least so much" stands after all known ones that are no longer.
    sure = sum(not each.censored and each.value <= min(censored) for each in values) if censored else len(values)
    return found, len(values), int(np.ceil(percent * len(values) / 100 - 1e-9)) > sure


def outcome_of(row: Row) -> str:
    """What became of a call."""
    return row.get("outcome") or ("failed" if row.get("judgements") else "passed")


def end_of(row: Row) -> float:
    """When it ended, in seconds of the run."""
    begin: float = row.get("start", row.get("intended", 0.0))
    return begin + float(row.get("length", 0.0))


def count_discards(calls: Sequence[Row]) -> dict[str, int]:
    """Calls that are not in the figures, by reason."""
    reasons = (
        "warm-up or ramp" if not row.get("measured", True) else outcome_of(row)
        for row in calls
        if not row.get("measured", True) or outcome_of(row) in _NOT_DONE_WITH
    )
    return dict(Counter(reasons))


def _is_of(row: Row, part: Part) -> bool:
    return (part.scenario is None or row.get("scenario", "").casefold() == part.scenario.casefold()) and (
        part.target is None or row.get("target", "").casefold() == part.target.casefold()
    )


def _in(windows: Sequence[tuple[float, float]], at: float) -> bool:
    return any(start <= at <= end for start, end in windows)


def _meets(windows: Sequence[tuple[float, float]], begin: float, end: float) -> bool:
    return any(begin <= until and end >= start for start, until in windows)


def _values(row: Row, figure: str) -> list[Value]:
    start, intended, figures = row["start"], row.get("intended", row["start"]), row.get("figures", {})
    given_up = {"response time": "no reply", "greeting time": "no greeting", "caller's wait": "no greeting"}
    late = max(0.0, start - intended) if figure == "caller's wait" else 0.0
    found = [
        Value(told["value"] + late, start + told.get("at", 0.0), row, censored=True)
        for told in row.get("judgements", ())
        if figure in given_up and told.get("kind") == given_up[figure] and told.get("value") is not None
    ]
    if figure in _TURN:
        side = "start" if figure == "barge in time" else "end"
        turns = [turn for turn in row.get("turns", ()) if turn.get("number") and turn.get(_TURN[figure]) is not None]
        found += [
            Value(turn[_TURN[figure]], start + (turn.get(side) or 0.0) + turn[_TURN[figure]], row) for turn in turns
        ]
    elif figure == "request time":
        requests = [(mark, mark.get("fields", {}).get("request_time")) for mark in row.get("marks", ())]
        found += [
            Value(seconds, start + mark.get("at", 0.0), row)
            for mark, seconds in requests
            if isinstance(seconds, int | float)
        ]
    else:
        key = figure.replace("'", "").replace(" ", "_")
        value = row.get("length") if key == "call_length" else figures.get(key)
        if value is not None:
            begun = {"greeting time": start, "caller's wait": intended}.get(figure)
            found.append(Value(value, end_of(row) if begun is None else begun + value, row))
    return found
