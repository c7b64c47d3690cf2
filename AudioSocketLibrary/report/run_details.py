"""What a report shows beside figures: the calls to listen to, the turns that were slow, the bot's own stages.

Filled row by row: of all calls only numbers are kept, of a few the whole row.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappush, heapreplace
from math import inf, nan
from typing import Any, Final

from ..records import FailureKind
from ..records.phase import Phase
from ..records.run_facts import FAILED
from .told import STAGES

WORST: Final = 10
"""So many of the slowest calls are kept whole ..."""
FAILED_KEPT: Final = 40
"""... and so many of the failed ones, of each failure kind in turns."""
TURNS_TOLD: Final = 200
"""So many different turns (scenario, number, phrase) are told apart; phrases drawn anew for each call would be more."""
HEARD: Final = "heard"
"""The last stage: from the bot's last mark to its first voiced sample."""
_LATEST: Final = 0.050
"""Seconds: a mark of audio is told when the frame is sent, which may be so long after it is heard to begin."""


@dataclass(slots=True)
class Found:
    """Findings of one kind."""

    count: int = 0
    calls: int = 0
    example: str = ""
    call: str = ""
    """A call that has it."""


@dataclass(slots=True)
class Stages:
    """Of each reply that the bot told of, how long each of its stages took. One entry a reply in all arrays."""

    response: array[float] = field(default_factory=lambda: array("d"))
    at: array[float] = field(default_factory=lambda: array("d"))
    """When the caller had ended, in seconds of the run."""
    turn: array[int] = field(default_factory=lambda: array("L"))
    seconds: dict[str, array[float]] = field(default_factory=dict)
    """By stage, in the order in which they first came; nan: this reply had none."""

    def add(self, at: float, turn: int, response: float, stages: Mapping[str, float]) -> None:
        """Add a reply."""
        for name in stages:
            if name not in self.seconds:
                self.seconds[name] = array("d", [nan]) * len(self.response)
        self.response.append(response)
        self.at.append(at)
        self.turn.append(turn)
        for name, column in self.seconds.items():
            column.append(stages.get(name, nan))

    def __len__(self) -> int:
        return len(self.response)


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    """A call by its slowest reply."""

    seconds: float
    call: str
    row: dict[str, Any] = field(compare=False, repr=False)


class RunDetails:
    """All of it; `add` takes every row of a run.

    Args:
        phases: the course of the load; turns count where they happened. Empty: all of them do.
    """

    def __init__(self, phases: Iterable[Phase] = ()) -> None:
        phases = tuple(phases)
        self._windows = [(phase.start, phase.end) for phase in phases if phase.measured] if phases else [(-inf, inf)]
        self.failures: list[tuple[float, str]] = []
        """When each measured call that failed had ended, and its failure kind."""
        self.turns: dict[tuple[str, int, str], array[float]] = {}
        """Response times by scenario, turn and phrase."""
        self.turns_left_out = 0
        self.findings: dict[str, Found] = {}
        self.stages = Stages()
        self.gaps: tuple[array[float], array[float]] = (array("d"), array("d"))
        """Of each call, the p50 and the p99 of the times between two frames of the bot."""
        self.ended_by: Counter[str] = Counter()
        self.recordings = 0
        self.silent: tuple[array[float], array[float]] = (array("d"), array("d"))
        """Of replies: without frames, and in silent frames before the first voiced sample."""
        self._slow: list[Slow] = []
        self._failed: dict[str, list[dict[str, Any]]] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row; of those that are no call there is nothing to keep."""
        if row.get("row") != "call":
            return
        if row.get("ended_by"):
            self.ended_by[row["ended_by"]] += 1
        self.recordings += bool(row.get("recording"))
        self._add_turns(row)
        if row.get("measured", True):
            self._add_failure(row)
            self._add_findings(row)
            self._add_cadence(row.get("figures", {}))
            self._keep_slow(row)

    @property
    def worst(self) -> list[Slow]:
        """The slowest calls, the slowest first."""
        return sorted(self._slow, reverse=True)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Some failed calls: of each failure kind the first, then of each the second ..."""
        rows = [row for turn in range(FAILED_KEPT) for of in self._failed.values() for row in of[turn : turn + 1]]
        return rows[:FAILED_KEPT]

    def _add_failure(self, row: Mapping[str, Any]) -> None:
        outcome = row.get("outcome") or ("failed" if row.get("judgements") else "passed")
        if outcome in FAILED:
            kind = row.get("failure") or _first_kind(row) or outcome
            begun = row.get("start", row.get("intended", 0.0))
            self.failures.append((begun + row.get("length", 0.0), kind))
            kept = self._failed.setdefault(kind, [])
            if len(kept) < FAILED_KEPT:
                kept.append(dict(row))

    def _add_turns(self, row: Mapping[str, Any]) -> None:
        for turn in row.get("turns", ()):
            response, number = turn.get("response_time"), turn.get("number")
            if response is None or not number or not self._counts(row, turn.get("end"), response):
                continue
            key = (row.get("scenario", ""), number, turn.get("said", ""))
            values = self.turns.get(key)
            if values is None:
                if len(self.turns) >= TURNS_TOLD:
                    self.turns_left_out += 1
                    continue
                values = self.turns[key] = array("d")
            values.append(response)
            silent = turn.get("silent_frames")
            if silent is not None and response > 0:
                self.silent[0].append(max(0.0, response - silent))
                self.silent[1].append(min(silent, response))
        if row.get("marks"):
            for number, end, response, stages in stages_of(row):
                if self._counts(row, end, response):
                    self.stages.add(row.get("start", 0.0) + end, number, response, stages)

    def _counts(self, row: Mapping[str, Any], end: float | None, response: float) -> bool:
        at = row.get("start", 0.0) + (end or 0.0) + response
        return any(start <= at <= until for start, until in self._windows)

    def _add_findings(self, row: Mapping[str, Any]) -> None:
        kinds = set()
        for finding in row.get("findings", ()):
            found = self.findings.setdefault(finding["kind"], Found(example=finding["text"], call=row.get("call", "")))
            found.count += 1
            kinds.add(finding["kind"])
        for kind in kinds:
            self.findings[kind].calls += 1

    def _add_cadence(self, figures: Mapping[str, float]) -> None:
        middle, high = figures.get("bot_frame_gap_p50"), figures.get("bot_frame_gap_p99")
        if middle is not None and high is not None:
            self.gaps[0].append(middle)
            self.gaps[1].append(high)

    def _keep_slow(self, row: Mapping[str, Any]) -> None:
        seconds = slowest_reply(row)
        if seconds is None:
            return
        call = row.get("call", "")
        if len(self._slow) < WORST:
            heappush(self._slow, Slow(seconds, call, dict(row)))
        elif (seconds, call) > (self._slow[0].seconds, self._slow[0].call):
            heapreplace(self._slow, Slow(seconds, call, dict(row)))


def slowest_reply(row: Mapping[str, Any]) -> float | None:
    """The longest response time of a call, those given up with them; None where the bot owed no reply."""
    times = [turn["response_time"] for turn in row.get("turns", ()) if turn.get("response_time") is not None]
    times += [
        told["value"]
        for told in row.get("judgements", ())
        if told.get("kind") == FailureKind.NO_REPLY and told.get("value") is not None
    ]
    return max(times, default=None)


def stages_of(row: Mapping[str, Any]) -> Iterator[tuple[int, float, float, dict[str, float]]]:
    """Of each reply that the bot told of: turn, the caller's end, response time, seconds of each stage up to it.

    Only events dated by the clock of the call count: another machine's may be off by more than a stage is long.
    """
    marks = sorted(
        (mark for mark in row.get("marks", ()) if mark.get("clock", "same") == "same"),
        key=lambda mark: mark.get("at", 0.0),
    )
    for turn in row.get("turns", ()):
        end, response = turn.get("end"), turn.get("response_time")
        if end is None or response is None or response <= 0 or not turn.get("number"):
            continue
        stages: dict[str, float] = {}
        before = end
        for mark in marks:
            name, at = _stage(mark), mark.get("at", 0.0)
            if not name or name in stages or not before <= at <= end + response + _LATEST:
                continue
            at = min(at, end + response)
            stages[name] = at - before
            before = at
        if stages:
            stages[HEARD] = end + response - before
            yield turn["number"], end, response, stages


def _stage(mark: Mapping[str, Any]) -> str:
    """The stage that ends with an event: one of our vocabulary, or a mark of the bot's own; empty of another event."""
    name = str(mark.get("name", ""))
    return str(mark.get("fields", {}).get("name", "")) if name == "mark" else STAGES.get(name, "")


def _first_kind(row: Mapping[str, Any]) -> str:
    return next((told["kind"] for told in row.get("judgements", ()) if told.get("kind")), "")
