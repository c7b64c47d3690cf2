"""The plateaus of a search for a capacity while it goes on: played one after another, each judged on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..records.own_health import Windows
from ..records.phase import Phase
from ..records.run_facts import RunFacts
from ..records.run_info import Plateau as Done
from ..records.run_info import RunInfo
from ..records.thresholds import Threshold
from ..records.validity import Validity
from ..records.verdict import run_validity
from .capacity import Capacity
from .claim import claim_of
from .control import Stage

LEAD: Final = 2.0
"""Seconds from the announcement of a plateau to its start: workers look once a second."""
THERE: Final = 0.9
"""A plateau is one only if, on average, this share of its calls was up."""


class Plateaus:
    """Those of one search.

    Args:
        shape: what is searched.
        thresholds: what a plateau must meet to hold.
    """

    def __init__(self, shape: Capacity, thresholds: Sequence[Threshold]) -> None:
        self.current: Stage | None = None
        self.done: tuple[Done, ...] = ()
        self.phases: tuple[Phase, ...] = ()
        self._shape = shape
        self._thresholds = thresholds
        self._search = shape.search()
        self._held: bool | None = None
        self._confirms = False
        self._given_up = ""

    @property
    def measured_from(self) -> float:
        """When the ramp of the current plateau is over; infinite between two of them."""
        return float("inf") if self.current is None else self.current.start + self.current.ramp

    def next(self, at: float) -> Stage | None:
        """The next plateau, which begins soon after ``at``; None: the search is over."""
        plateau = self._search.next(self._held)
        self._given_up = ""
        if plateau is None:
            self.current = None
            return None
        name = f"{len(self.done) + 1}: {plateau.calls} calls"
        shape = plateau.shape
        self.current = Stage(at + LEAD, plateau.calls, shape.lasting, shape.ramp_up, name)
        self._confirms = plateau.confirms
        start = self.current.start
        self.phases += (
            Phase(f"up to {name}", start, start + shape.ramp_up, measured=False),
            Phase(name, start + shape.ramp_up, self.current.end),
        )
        return self.current

    def give_up(self, reason: str) -> bool:
        """Everything is known about the current plateau: it does not hold. Whether there was one."""
        if self.current is None or self._given_up:
            return False
        self._given_up = reason
        return True

    def close(self, facts: RunFacts, workers: int) -> Done | None:
        """Judge the plateau that is over; None where there was none."""
        stage = self.current
        if stage is None or stage.calls is None:
            return None
        begin = stage.start + stage.ramp
        end = max(begin, min(stage.end, facts.end)) if self._given_up else stage.end
        self.phases = (*self.phases[:-1], replace(self.phases[-1], end=end))
        facts.phases = self.phases
        self._held, why = self._judge(stage, facts, workers, (begin, end))
        done = Done(stage.calls, begin, end, stage.seconds, self._confirms, self._held, why)
        self.done += (done,)
        self.current = None
        return done

    def claim(self, facts: RunFacts) -> str:
        """The answer in one sentence that can be quoted."""
        return claim_of(self.done, self._search.ending, facts, self._thresholds, self._shape)

    def _judge(
        self, stage: Stage, facts: RunFacts, workers: int, window: tuple[float, float]
    ) -> tuple[bool | None, str]:
        validity = run_validity(facts, workers=workers, windows=[window], over=False)
        if validity.validity is Validity.INVALID:
            return None, validity.sentence
        results = [facts.judge(replace(threshold, phase=stage.name)) for threshold in self._thresholds]
        broken = [result.sentence for result in results if not result.ok]
        if self._given_up:
            return False, self._given_up
        if broken:
            return False, "; ".join(broken)
        up = facts.health.mean_up(window)
        assert stage.calls
        if up < THERE * stage.calls:
            return False, f"only {up:.0f} of {stage.calls} calls were up on average: the load never was there"
        return True, "; ".join(result.sentence for result in results)


def is_answered(info: RunInfo) -> bool:
    """Whether a search has found a number of calls that holds; of any other run there is nothing to find."""
    return not info.plateaus or any(plateau.confirms and plateau.held for plateau in info.plateaus)


def answer_of(info: RunInfo) -> tuple[tuple[Threshold, ...], Windows | None]:
    """What decides a run: its thresholds, and the stretches whose validity counts (None: all of it).

    Of a search that is the plateau that is its answer: the confirmed one, else the last one that was played.
    """
    thresholds = tuple(Threshold.parse(sentence) for sentence in info.thresholds)
    if not info.plateaus:
        return thresholds, None
    confirmed = [plateau for plateau in info.plateaus if plateau.confirms and plateau.held]
    answer = confirmed[-1] if confirmed else info.plateaus[-1]
    name = next((phase.name for phase in info.phases if phase.measured and phase.start == answer.start), None)
    return tuple(replace(each, phase=name) for each in thresholds), [(answer.start, answer.end)]
