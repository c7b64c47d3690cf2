"""The parts of a run beside each other: scenarios, phases, plateaus, bots; and the turns that were slow."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ..records.percentiles import Distribution
from ..records.run_info import Plateau
from .load_model import GroupRow, Stats, TurnRow
from .load_numbers import Numbers, stats
from .run_reading import RunRead

_TURNS: Final = 40
_LEAST: Final = 5


def scenario_rows(numbers: Numbers) -> tuple[GroupRow, ...]:
    """A row for each scenario that was measured."""
    return tuple(
        _row(numbers, name, scenario=name) for name in numbers.facts.scenarios if _calls(numbers, scenario=name)[0]
    )


def bot_rows(numbers: Numbers) -> tuple[GroupRow, ...]:
    """A row for each bot, where several were called in turns."""
    bots = numbers.facts.targets
    return tuple(_row(numbers, name, target=name) for name in bots) if len(bots) > 1 else ()


def phase_rows(numbers: Numbers) -> tuple[GroupRow, ...]:
    """A row for each phase, those that do not count with them."""
    facts = numbers.facts
    rows = []
    for name, measured in {phase.name: phase.measured for phase in facts.phases}.items():
        seconds = facts.seconds(name)
        if seconds <= 0:
            continue
        rate = numbers.facts.samples("calls per minute", phase=name)
        per_minute = sum(rate.values) * 60 / seconds  # type: ignore[union-attr]
        row = _row(numbers, name, phase=name, per_minute=per_minute, seconds=seconds, measured=measured)
        rows.append(row if measured else replace(row, note="does not count"))
    return tuple(rows)


def plateau_rows(run: RunRead, numbers: Numbers) -> tuple[GroupRow, ...]:
    """A row for each plateau of a capacity search."""
    return tuple(_plateau(numbers, each) for each in run.info.plateaus)


def turn_rows(run: RunRead) -> tuple[TurnRow, ...]:
    """The turns by scenario, number and phrase, the slowest first."""
    rows = [
        TurnRow(scenario, number, said, stats(Distribution(values), "time"))
        for (scenario, number, said), values in run.details.turns.items()
        if len(values) >= _LEAST
    ]
    rows.sort(key=lambda row: row.stats.p95.value if row.stats.p95 else 0.0, reverse=True)
    return tuple(rows[:_TURNS])


def _plateau(numbers: Numbers, plateau: Plateau) -> GroupRow:
    """Of the calls that began in it, and of the replies that came in it."""
    begun = (numbers.begun >= plateau.start) & (numbers.begun < plateau.end)
    counted = begun & ~np.isin(numbers.outcomes, ("interrupted", "dropped"))
    failed = int(np.sum(counted & numbers.failed))
    calls = int(np.sum(counted))
    response, greeting = (
        _within(numbers, figure, plateau.start, plateau.end) for figure in ("response time", "greeting time")
    )
    note = plateau.why or {True: "held", False: "not held", None: "invalid: nothing is said"}[plateau.held]
    return GroupRow(
        plateau.name,
        calls,
        failed,
        failed / calls if calls else None,
        response,
        greeting,
        seconds=plateau.end - plateau.start,
        note=note,
        ok=plateau.held,
    )


def _within(numbers: Numbers, figure: str, start: float, end: float) -> Stats:
    distribution, censored = numbers.values(figure).distribution_within(start, end)
    return stats(distribution, "time", censored=censored)


def _row(
    numbers: Numbers,
    name: str,
    *,
    scenario: str | None = None,
    phase: str | None = None,
    target: str | None = None,
    per_minute: float | None = None,
    seconds: float | None = None,
    measured: bool = True,
) -> GroupRow:
    calls, failed = _calls(numbers, scenario=scenario, phase=phase, target=target)
    rate = numbers.facts.samples("error rate", scenario=scenario, phase=phase, target=target)
    errors = rate.values if len(rate) else ()  # type: ignore[union-attr]
    return GroupRow(
        name,
        calls,
        failed,
        sum(errors) / len(errors) if errors else None,
        numbers.stats("response time", scenario=scenario, phase=phase, target=target),
        numbers.stats("greeting time", scenario=scenario, phase=phase, target=target),
        per_minute,
        seconds,
        measured,
    )


def _calls(
    numbers: Numbers, *, scenario: str | None = None, phase: str | None = None, target: str | None = None
) -> tuple[int, int]:
    """How many were due, and how many failed."""
    counts = []
    for figure in ("calls", "failed calls"):
        samples = numbers.facts.samples(figure, scenario=scenario, phase=phase, target=target)
        counts.append(int(samples.values[-1]) if len(samples) else 0)  # type: ignore[union-attr]
    return counts[0], counts[1]
