"""The answer of a search for a capacity, in sentences that can be quoted; and a line for each of its plateaus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Final

from ..records import ThresholdResult, time_text
from ..records.load_figures import value_text
from ..records.run_facts import RunFacts
from ..records.run_info import Plateau
from ..records.thresholds import Threshold
from ..records.units import percent_text
from .capacity import Capacity, Ending

RESERVE: Final = 0.8
"""The part of the capacity that is to be planned for: a queue at its limit has no end."""
_LENGTH: Final = Threshold.parse("mean call length >= 0 s")
_RATE: Final = Threshold.parse("calls per minute >= 0")


@dataclass(frozen=True, slots=True)
class PlateauFigures:
    """What was measured in a plateau."""

    plateau: Plateau
    results: tuple[ThresholdResult, ...]
    """Of each threshold, in their order."""
    bot_cpu: float | None
    """Of one core, on average; None: the bot was not watched."""

    @classmethod
    def of(cls, plateau: Plateau, facts: RunFacts, thresholds: Sequence[Threshold]) -> PlateauFigures:
        """Judge it alone."""
        phase = _phase_of(plateau, facts)
        results = tuple(facts.judge(replace(threshold, phase=phase)) for threshold in thresholds) if phase else ()
        at, cpu = facts.resources("bot", "cpu")
        within = [value for when, value in zip(at, cpu, strict=True) if plateau.start < when <= plateau.end]
        return cls(plateau, results, sum(within) / len(within) if within else None)

    @property
    def cells(self) -> list[str]:
        """A row of the table under ``heads``."""
        plateau = self.plateau
        minutes, seconds = divmod(round(plateau.end - plateau.start), 60)
        figures = [_value(result) for result in self.results]
        cpu = "" if self.bot_cpu is None else percent_text(round(self.bot_cpu, 2))
        held = {True: "yes, confirmed" if plateau.confirms else "yes", False: "no", None: "INVALID"}[plateau.held]
        stopped = plateau.why.partition(" (")[0] if plateau.why.startswith("stopped early") else ""
        return [f"{plateau.calls:,}", f"{minutes}:{seconds:02}", *figures, cpu, f"{held}  {stopped}".rstrip()]


def heads(thresholds: Sequence[Threshold]) -> list[str]:
    """What the columns of the table of plateaus are called."""
    return ["calls", "for", *(threshold.title for threshold in thresholds), "bot CPU", "held?"]


def claim_of(
    plateaus: Sequence[Plateau], ending: Ending, facts: RunFacts, thresholds: Sequence[Threshold], shape: Capacity
) -> str:
    """What was found, and no more than that.

    Args:
        plateaus: all that were played, in their order.
        ending: how the search ended.
        facts: the run's.
        thresholds: what a plateau had to meet.
        shape: what was searched.
    """
    if not plateaus:
        return "Nothing was found out: no plateau was played to its end."
    last, held = plateaus[-1], [plateau for plateau in plateaus if plateau.held]
    if ending == "confirmed":
        answer = PlateauFigures.of(last, facts, thresholds)
        most = "; more was not asked for" if last.calls == shape.to else _broke(last.calls, plateaus, facts, thresholds)
        return f"{last.calls:,} calls held for {_long(last)}{_at(answer)}{most}.{_plan(last, facts)}"
    if ending == "too many":
        long = f" for {_long(last)}" if last.confirms else ""
        return f"Not even {last.calls:,} calls held{long}{_broke(0, plateaus, facts, thresholds)}."
    failed = [plateau.calls for plateau in plateaus if plateau.confirms and plateau.held is False]
    best = max((plateau for plateau in held if plateau.calls < min(failed, default=shape.to + 1)),
               key=lambda plateau: (plateau.calls, plateau.seconds), default=None)  # fmt: skip
    so_far = f"{best.calls:,} calls held for {_long(best)}" if best else "no plateau held"
    if ending == "invalid":
        return (
            f"This machine could not keep time with {last.calls:,} calls at once, twice ({_sentence(last.why)}). Of "
            f"the bot it is known that {so_far}, not confirmed. Use more cores or another machine: 'audiosocket "
            "doctor' says what one can hold."
        )
    if ending == "unconfirmed":
        tried = ", ".join(f"{calls:,}" for calls in failed[:-1]) + f" and {failed[-1]:,}"
        broke = _broke(last.calls - 1, plateaus, facts, thresholds)
        return (
            f"No number of calls was confirmed: {tried} did not hold for {_long(last)}{broke}. The bot gets worse with "
            f"time; {so_far}, not confirmed."
        )
    broke = _broke(best.calls if best else 0, plateaus, facts, thresholds)
    return f"The search did not come to its end: {so_far}, not confirmed{broke}."


def _plan(confirmed: Plateau, facts: RunFacts) -> str:
    phase = _phase_of(confirmed, facts)
    rate, length = (facts.value(replace(each, phase=phase)) for each in (_RATE, _LENGTH))
    if not rate or not length:
        return ""
    planned = floor(confirmed.calls * RESERVE + 1e-9)
    told = f" That is about {_about(rate * 60)} calls an hour of {time_text(round(length))}."
    if not planned:
        return told
    share = planned / confirmed.calls
    return f"{told} With a fifth in reserve plan for {planned:,} at once ({_about(rate * 60 * share)} an hour)."


def _at(figures: PlateauFigures) -> str:
    found = [
        f"{_value(result)} errors"
        if result.threshold.figure.name == "error rate"
        else f"{_title(result)} {_value(result)}"
        for result in figures.results
    ]
    return f" at {', '.join(found)}" if found else ""


def _broke(above: int, plateaus: Sequence[Plateau], facts: RunFacts, thresholds: Sequence[Threshold]) -> str:
    """What broke at the fewest calls beyond; of the same number, what was looked at longest."""
    broken = [plateau for plateau in plateaus if plateau.held is False and plateau.calls > above]
    if not broken:
        return ""
    first = min(broken, key=lambda plateau: (plateau.calls, -plateau.seconds))
    figures = PlateauFigures.of(first, facts, thresholds)
    wrong = next((result for result in figures.results if not result.ok), None)
    if wrong is None:
        return f"; at {first.calls:,} it did not: {_sentence(first.why)}"
    return f"; at {first.calls:,} {_how(wrong)}"


def _how(wrong: ThresholdResult) -> str:
    threshold = wrong.threshold
    if wrong.actual is None:
        return f"nothing was measured that could meet '{replace(threshold, phase=None)}'"
    limit = value_text("share" if threshold.of_baseline else threshold.figure.unit, threshold.limit)
    if threshold.seconds is not None:
        return (
            f"{_title(wrong)} {threshold.operator} {limit} held in {percent_text(wrong.actual)} of seconds, not in "
            f"{percent_text(threshold.seconds)}"
        )
    return f"{_title(wrong)} broke {limit}{' of the baseline' if threshold.of_baseline else ''} ({_value(wrong)})"


def _title(result: ThresholdResult) -> str:
    return replace(result.threshold, phase=None).title


def _value(result: ThresholdResult) -> str:
    if result.actual is None:
        return "none"
    threshold = result.threshold
    of_shares = threshold.of_baseline or threshold.seconds is not None
    bound = "at least " if result.at_least else ""
    return f"{bound}{value_text('share' if of_shares else threshold.figure.unit, result.actual)}"


def _phase_of(plateau: Plateau, facts: RunFacts) -> str | None:
    near = [phase for phase in facts.phases if phase.measured and abs(phase.start - plateau.start) < 0.01]
    return near[0].name if near else None


def _long(plateau: Plateau) -> str:
    return time_text(round(plateau.end - plateau.start))


def _about(count: float) -> str:
    """Three figures of a number, hundreds at the finest from a thousand on: more is not known."""
    digits = max(0, floor(log10(count)) - 2) if count >= 1 else 0
    return f"{round(count, -max(digits, 2 if count >= 1000 else 0)):,.0f}"


def _sentence(text: str) -> str:
    return text.removeprefix("INVALID: ").rstrip(".")
