"""What the rows of a run say: every figure exactly, by scenario and phase, while it runs and after it.

Columns, not records: a hundred thousand calls are some ten megabytes. What a file of a run is made of is in `rows.py`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import inf
from typing import Any, Final

from .failures import FailureKind
from .histogram import Histogram
from .judging import ThresholdResult, judge
from .load_figures import LoadFigure, load_figure
from .own_health import Health
from .phase import Phase
from .samples import Samples
from .thresholds import Threshold

FAILED: Final = ("failed", "not placed")
"""Outcomes that are failures; calls that we dropped or cut off ourselves say nothing about the bot."""
_GIVEN_UP: Final = {FailureKind.NO_GREETING.value: "greeting time", FailureKind.NO_REPLY.value: "response time"}
_OF_TURN: Final = {
    "response time": "response_time",
    "words time": "words_time",
    "barge in time": "barge_in_time",
}
_OF_CALL: Final = {
    "greeting time": "greeting_time",
    "caller's wait": "callers_wait",
    **{
        name: name.replace(" ", "_")
        for name in (
            *("connect time", "dead air", "longest gap", "call length", "ahead of real time", "talk share"),
            *("missed turns", "repeated replies"),
        )
    },
}


class _Column:
    """The values of one figure."""

    __slots__ = ("at", "call", "censored", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.at = array("d")
        self.censored = bytearray()
        self.call = array("L")

    def add(self, call: int, at: float, value: float, *, censored: bool = False) -> None:
        self.values.append(value)
        self.at.append(at)
        self.censored.append(censored)
        self.call.append(call)


class _Names:
    """Names by number, in the order in which they came."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.all)
            self.all.append(name)
        return found


class RunFacts:
    """The facts of a run, of rows added one by one.

    Args:
        phases: the course of the load, in seconds of the run; empty: all of it counts.
    """

    def __init__(self, phases: Iterable[Phase] = ()) -> None:
        self.phases = tuple(phases)
        self.health = Health()
        """Our own errors."""
        self.rows = 0
        self.failures: Counter[str] = Counter()
        """Measured calls that failed, by failure kind."""
        self.outcomes: Counter[str] = Counter()
        """Measured calls by outcome."""
        self._columns: dict[str, _Column] = {}
        self._scenarios, self._targets, self._outcomes = _Names(), _Names(), _Names()
        # Of each call, by its number:
        self._intended, self._start, self._end = array("d"), array("d"), array("d")
        self._measured = bytearray()
        self._scenario, self._target, self._outcome = array("L"), array("L"), array("L")
        self._index = array("q")
        self._samples: dict[str, dict[str, tuple[array[float], array[float]]]] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of any kind; one of a kind that is not known says nothing."""
        match row.get("row"):
            case "call":
                self._add_call(row)
            case "sample":
                self._add_sample(row)
            case "worker" | "pulse" | "end":
                self.health.add(row)
        self.rows += 1

    # -- what there is ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many calls there are, those of warm-ups and ramps with them."""
        return len(self._outcome)

    @property
    def scenarios(self) -> list[str]:
        """The scenarios that were called, in the order in which they first were."""
        return list(self._scenarios.all)

    @property
    def targets(self) -> list[str]:
        """The names of the bots, where several were called in turns."""
        return [name for name in self._targets.all if name]

    @property
    def watched(self) -> list[str]:
        """Whose resources were sampled."""
        return list(self._samples)

    @property
    def due(self) -> int:
        """Measured calls that were due; what our end cut off was not done with, and does not count."""
        return sum(self.outcomes.values()) - self.outcomes["interrupted"]

    @property
    def failed(self) -> int:
        """Measured calls that failed."""
        return sum(self.outcomes[outcome] for outcome in FAILED)

    @property
    def end(self) -> float:
        """When the last call ended, in seconds of the run; 0 of none."""
        return max(self._end, default=0.0)

    @property
    def begin(self) -> float:
        """When the first call began."""
        return min((at for at in self._start if at < inf), default=0.0)

    def windows(self, phase: str | None = None) -> list[tuple[float, float]]:
        """The measured stretches of the run, or those of one phase, up to the end of the last call."""
        if not self.phases:
            return [(self.begin, self.end)] if len(self) else []
        chosen = [each for each in self.phases if (each.measured if phase is None else _same(each.name, phase))]
        return [(each.start, min(each.end, self.end)) for each in chosen if each.start < self.end]

    def seconds(self, phase: str | None = None) -> float:
        """How long that was."""
        return sum(end - start for start, end in self.windows(phase))

    # -- figures ------------------------------------------------------------------------------------------------------

    def samples(
        self,
        figure: LoadFigure | str,
        *,
        scenario: str | None = None,
        phase: str | None = None,
        target: str | None = None,
        known: bool = False,
    ) -> Samples | Histogram:
        """The values of a figure: what a threshold is judged on.

        Args:
            figure: which.
            scenario: only of this scenario.
            phase: only what was measured in this phase: values by their time, calls that were up in it, failures that
                happened in it. None: all that counts: turns in measured time, calls that began in it.
            target: only of this bot, where several are called in turns.
            known: ``at`` is when a value became known (the end of its call), not when it was measured.
        """
        figure = load_figure(figure) if isinstance(figure, str) else figure
        if figure.each == "frame":
            return self.health.histogram(figure.name, self.windows(phase) if phase or self.phases else None)
        if figure.each == "sample" or figure.name == "bot memory growth":
            return self._resource_samples(figure, phase)
        keep = _Filter(self, scenario, phase, target)
        if figure.each in ("turn", "call"):
            return self._column_samples(figure, keep, known=known)
        return self._run_samples(figure, keep, phase)

    def judge(
        self, threshold: Threshold, baseline: RunFacts | None = None, baseline_name: str = "baseline"
    ) -> ThresholdResult:
        """How the run stands to a threshold; nothing measured is a failure."""
        before = None
        if threshold.of_baseline and baseline is not None:
            before = baseline.value(threshold)
        return judge(threshold, self._for(threshold), before, baseline_name)

    def value(self, threshold: Threshold) -> float | None:
        """The figure of a threshold; None where nothing was measured."""
        plain = Threshold(threshold.figure, ">=", 0.0, threshold.aggregate, threshold.scenario, threshold.phase)
        return judge(plain, self._for(plain)).actual

    def _for(self, threshold: Threshold) -> Samples | Histogram:
        return self.samples(threshold.figure, scenario=threshold.scenario, phase=threshold.phase)

    def values_by_call(self, figure: str, *, target: str | None = None) -> tuple[list[float], list[int]]:
        """The values of a figure of turns or calls, and the number of the call that each is of."""
        found, column = load_figure(figure), self._columns.get(figure)
        if column is None:
            return [], []
        chosen = self._chosen(found, column, _Filter(self, None, None, target))
        return [column.values[index] for index in chosen], [column.call[index] for index in chosen]

    def concurrency(self, *, target: str | None = None) -> tuple[list[float], list[int]]:
        """How many calls were up: the times at which that changed, and how many from then on."""
        changes: dict[float, int] = {}
        wanted = None if target is None else self._targets.number(target)
        for start, end, of in zip(self._start, self._end, self._target, strict=True):
            if start < inf and (wanted is None or of == wanted):
                changes[start] = changes.get(start, 0) + 1
                changes[end] = changes.get(end, 0) - 1
        times = sorted(changes)
        return times, list(accumulate(changes[at] for at in times))

    def calls_up(self, windows: Sequence[tuple[float, float]]) -> int:
        """The most calls that were up together within these stretches."""
        times, up = self.concurrency()
        most = 0
        for start, end in windows:
            first, last = bisect_right(times, start), bisect_left(times, end)
            before = up[first - 1] if first else 0
            most = max(most, before, *up[first:last]) if last > first else max(most, before)
        return most

    def calls(self) -> Iterable[CallFact]:
        """Each call: enough for counts over time."""
        for number in range(len(self)):
            yield CallFact(self, number)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _add_call(self, row: Mapping[str, Any]) -> None:
        number = len(self)
        start = row.get("start")
        length = row.get("length", 0.0)
        intended = row.get("intended", start or 0.0)
        outcome = row.get("outcome") or ("failed" if row.get("judgements") else "passed")
        measured = row.get("measured", True)
        self._intended.append(intended)
        self._start.append(inf if start is None else start)
        self._end.append((intended if start is None else start) + length)
        self._measured.append(measured)
        self._index.append(row.get("index", number))
        self._scenario.append(self._scenarios.number(row.get("scenario", "")))
        self._target.append(self._targets.number(row.get("target", "")))
        self._outcome.append(self._outcomes.number(outcome))
        if measured:
            self.outcomes[outcome] += 1
            if outcome in FAILED:
                self.failures[row.get("failure") or outcome] += 1
        if start is not None:
            self._add_values(number, row, start)

    def _add_values(self, number: int, row: Mapping[str, Any], start: float) -> None:
        figures, intended = row.get("figures", {}), self._intended[number]
        if "index" not in row:
            self.health.add_call(figures)
        for name, key in _OF_CALL.items():
            value = row.get("length") if key == "call_length" else figures.get(key)
            if value is not None:
                begun = {"greeting time": start, "caller's wait": intended}.get(name)
                self._column(name).add(number, self._end[-1] if begun is None else begun + value, value)
        for turn in row.get("turns", ()):
            for name, key in _OF_TURN.items():
                value = turn.get(key)
                if value is not None and turn.get("number"):
                    begun = turn.get("start") if name == "barge in time" else turn.get("end")
                    self._column(name).add(number, start + (begun or 0.0) + value, value)
        for told in row.get("judgements", ()):
            given_up, value = _GIVEN_UP.get(told.get("kind", "")), told.get("value")
            if given_up and value is not None:
                at = start + told.get("at", 0.0)
                self._column(given_up).add(number, at, value, censored=True)
                if given_up == "greeting time":
                    late = max(0.0, start - self._intended[number])
                    self._column("caller's wait").add(number, at, value + late, censored=True)
        self._add_requests(number, row, start)

    def _add_requests(self, number: int, row: Mapping[str, Any], start: float) -> None:
        for mark in row.get("marks", ()):
            seconds = mark.get("fields", {}).get("request_time")
            if isinstance(seconds, int | float):
                self._column("request time").add(number, start + mark.get("at", 0.0), seconds)

    def _column(self, name: str) -> _Column:
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = _Column()
        return found

    def _add_sample(self, row: Mapping[str, Any]) -> None:
        who = self._samples.setdefault(row.get("who", ""), {})
        for key in ("cpu", "memory", "threads", "files"):
            if row.get(key) is not None:
                at, values = who.setdefault(key, (array("d"), array("d")))
                at.append(row["at"])
                values.append(row[key])

    def resources(self, who: str, what: str) -> tuple[Sequence[float], Sequence[float]]:
        """Times and values of a process' ``cpu`` (of a core), ``memory`` (bytes), ``threads`` or open ``files``."""
        return self._samples.get(who, {}).get(what, ((), ()))

    def _column_samples(self, figure: LoadFigure, keep: _Filter, *, known: bool) -> Samples:
        column = self._columns.get(figure.name)
        if column is None:
            return Samples()
        chosen = self._chosen(figure, column, keep)
        at = [self._end[column.call[index]] for index in chosen] if known else [column.at[index] for index in chosen]
        censored = [bool(column.censored[index]) for index in chosen]
        return Samples([column.values[index] for index in chosen], at, censored if any(censored) else ())

    def _chosen(self, figure: LoadFigure, column: _Column, keep: _Filter) -> list[int]:
        """Which values count."""
        # What happened in a turn is of the load at its time, not of that in which its call began.
        if keep.windows is None and not (figure.each == "turn" and self.phases):
            return [index for index, call in enumerate(column.call) if keep(call)]
        windows = self.windows() if keep.windows is None else keep.windows
        return [
            index
            for index, (call, at) in enumerate(zip(column.call, column.at, strict=True))
            if keep.of_scenario(call) and any(start <= at <= end for start, end in windows)
        ]

    def _run_samples(self, figure: LoadFigure, keep: _Filter, phase: str | None) -> Samples:
        if figure.name == "calls per minute":
            return self._rate(keep, phase)
        if figure.name == "calls at once":
            return Samples([self.calls_up(self.windows(phase))]) if len(self) else Samples()
        chosen = [number for number in range(len(self)) if keep(number) and self.outcome(number) != "interrupted"]
        failed = [self.outcome(number) in FAILED and keep.ended_within(number) for number in chosen]
        match figure.name:
            case "error rate" | "success rate":
                pairs = [
                    (float(bad is (figure.name == "error rate")), self._end[number])
                    for number, bad in zip(chosen, failed, strict=True)
                    if self.outcome(number) != "dropped"
                ]
                return Samples([value for value, _ in pairs], [at for _, at in pairs])
            case "failed calls":
                return Samples([sum(failed)]) if chosen else Samples()
            case "not placed" | "dropped":
                return Samples([sum(self.outcome(number) == figure.name for number in chosen)]) if chosen else Samples()
        return Samples([len(chosen)]) if len(self) else Samples()

    def _rate(self, keep: _Filter, phase: str | None) -> Samples:
        """Calls that ended well within the measured time, whenever they began: what the bot got done in it."""
        windows = self.windows(phase)
        ends = sorted(
            self._end[number]
            for number in range(len(self))
            if keep.of_scenario(number) and self.outcome(number) == "passed"
        )
        within = [at for start, end in windows for at in ends[bisect_right(ends, start) : bisect_right(ends, end)]]
        length = sum(end - start for start, end in windows)
        return Samples([1.0] * len(within), within, length=length, start=windows[0][0] if windows else 0.0)

    def _resource_samples(self, figure: LoadFigure, phase: str | None) -> Samples:
        key = {"bot CPU": "cpu", "bot threads": "threads", "bot open files": "files"}.get(figure.name, "memory")
        at, values = self.resources("bot", key)
        windows = self.windows(phase)
        chosen = [index for index, time in enumerate(at) if any(start <= time <= end for start, end in windows)]
        if figure.name == "bot memory growth":
            return Samples([values[chosen[-1]] - values[chosen[0]]]) if chosen else Samples()
        return Samples([values[index] for index in chosen], [at[index] for index in chosen])

    def outcome(self, number: int) -> str:
        """What became of a call."""
        return self._outcomes.all[self._outcome[number]]


class CallFact:
    """A call of `RunFacts`."""

    __slots__ = ("_facts", "number")

    def __init__(self, facts: RunFacts, number: int) -> None:
        self._facts = facts
        self.number = number

    @property
    def intended(self) -> float:
        """Its planned start, in seconds of the run."""
        return self._facts._intended[self.number]  # noqa: SLF001 - a view of it

    @property
    def start(self) -> float:
        """When it began; infinite: never."""
        return self._facts._start[self.number]  # noqa: SLF001

    @property
    def end(self) -> float:
        """When it ended."""
        return self._facts._end[self.number]  # noqa: SLF001

    @property
    def outcome(self) -> str:
        """What became of it."""
        return self._facts.outcome(self.number)

    @property
    def measured(self) -> bool:
        """Whether it counts."""
        return bool(self._facts._measured[self.number])  # noqa: SLF001

    @property
    def index(self) -> int:
        """Its number in the schedule of the load."""
        return self._facts._index[self.number]  # noqa: SLF001

    @property
    def target(self) -> str:
        """Which bot it called, where there are several."""
        return self._facts._targets.all[self._facts._target[self.number]]  # noqa: SLF001

    @property
    def scenario(self) -> str:
        """What it played."""
        return self._facts.scenarios[self._facts._scenario[self.number]]  # noqa: SLF001


class _Filter:
    """Which calls count."""

    def __init__(self, facts: RunFacts, scenario: str | None, phase: str | None, target: str | None) -> None:
        self._facts = facts
        self.windows = None if phase is None else facts.windows(phase)
        self._scenarios = _numbers(facts._scenarios.all, scenario)  # noqa: SLF001 - the other half of it
        self._targets = _numbers(facts._targets.all, target)  # noqa: SLF001

    def __call__(self, call: int) -> bool:
        facts = self._facts
        if self.windows is None:
            return bool(facts._measured[call]) and self.of_scenario(call)  # noqa: SLF001
        begin, end = min(facts._start[call], facts._end[call]), facts._end[call]  # noqa: SLF001
        return any(begin <= until and end >= start for start, until in self.windows) and self.of_scenario(call)

    def ended_within(self, call: int) -> bool:
        """Whether a call ended in the phase: a failure after it was not one of it."""
        if self.windows is None:
            return True
        return any(start <= self._facts._end[call] <= until for start, until in self.windows)  # noqa: SLF001

    def of_scenario(self, call: int) -> bool:
        facts = self._facts
        return (self._scenarios is None or facts._scenario[call] in self._scenarios) and (  # noqa: SLF001
            self._targets is None or facts._target[call] in self._targets  # noqa: SLF001
        )


def _numbers(names: list[str], wanted: str | None) -> set[int] | None:
    return None if wanted is None else {number for number, name in enumerate(names) if _same(name, wanted)}


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
