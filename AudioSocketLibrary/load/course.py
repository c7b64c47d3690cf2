"""The course of a load over time: stretches in which it is steady or changes evenly, with exact integrals."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import ceil, sqrt

from ..records.phase import Phase

__all__ = ["Course", "Phase", "Segment"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which the load goes evenly from one level to another. Calls at once, or calls a second."""

    start: float
    length: float
    begins: float
    ends: float
    phase: str
    measured: bool = True

    @property
    def end(self) -> float:
        """When it is over."""
        return self.start + self.length

    def level(self, at: float) -> float:
        """The level at a time within it."""
        return self.begins + (self.ends - self.begins) * (at - self.start) / self.length

    def area(self, until: float) -> float:
        """The integral of the level from its start to a time within it."""
        x = until - self.start
        return self.begins * x + (self.ends - self.begins) * x * x / (2 * self.length)

    def when(self, area: float) -> float:
        """The time within it at which the integral has come to ``area``."""
        slope = (self.ends - self.begins) / self.length
        # The form of the root that loses no digits where the slope is nearly none.
        root = sqrt(max(0.0, self.begins * self.begins + 2 * slope * area))
        return self.start + min(self.length, 2 * area / (self.begins + root) if area > 0 else 0.0)

    def above(self, level: float) -> tuple[float, float] | None:
        """From when to when the load is above a level; None: never."""
        if max(self.begins, self.ends) <= level:
            return None
        if min(self.begins, self.ends) >= level:
            return self.start, self.end
        crossing = self.start + self.length * (level - self.begins) / (self.ends - self.begins)
        return (crossing, self.end) if self.ends > self.begins else (self.start, crossing)


class Course:
    """Segments, one after another from 0 on."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def go(self, begins: float, ends: float, length: float, phase: str, *, measured: bool = True) -> Course:
        """Add a stretch; one of no length changes nothing."""
        if length > 0:
            self.segments.append(Segment(self.duration, length, begins, ends, phase, measured))
        return self

    def stay(self, level: float, length: float, phase: str, *, measured: bool = True) -> Course:
        """Add a steady stretch."""
        return self.go(level, level, length, phase, measured=measured)

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the end."""
        return self.segments[-1].end if self.segments else 0.0

    @property
    def peak(self) -> float:
        """The highest level."""
        return max((max(segment.begins, segment.ends) for segment in self.segments), default=0.0)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Stretches of the same name are one phase."""
        found: list[Phase] = []
        for segment in self.segments:
            if found and found[-1].name == segment.phase:
                last = found.pop()
                found.append(Phase(last.name, last.start, segment.end, last.measured))
            else:
                found.append(Phase(segment.phase, segment.start, segment.end, segment.measured))
        return tuple(found)

    def level(self, at: float) -> float:
        """The level at a time; 0 before the beginning and from the end on."""
        if not 0 <= at < self.duration:
            return 0.0
        return self.segments[bisect_right(self._starts, at) - 1].level(at)

    def integral(self, until: float) -> float:
        """The integral of the level from the beginning to a time."""
        if until <= 0 or not self.segments:
            return 0.0
        until = min(until, self.duration)
        index = min(bisect_right(self._starts, until), len(self.segments)) - 1
        return self._before[index] + self.segments[index].area(until)

    def when(self, amount: float) -> float | None:
        """The first time at which the integral has come to ``amount``; None: it never does."""
        if amount >= self._before[-1]:
            return None
        index = bisect_right(self._before, amount) - 1
        return self.segments[index].when(amount - self._before[index])

    def crossings(self, calls: int) -> Iterator[tuple[float, float]]:
        """From when to when more than ``calls`` shall be up, each time that it is so."""
        opened: tuple[float, float] | None = None
        for segment in self.segments:
            part = segment.above(calls)
            if part is None:
                continue
            if opened and part[0] <= opened[1] + 1e-9:
                opened = (opened[0], part[1])
            else:
                if opened:
                    yield opened
                opened = part
        if opened:
            yield opened

    @property
    def most(self) -> int:
        """The most calls at once: a level of 9.5 asks for a tenth one."""
        return ceil(self.peak - 1e-9)

    @cached_property
    def _starts(self) -> list[float]:
        return [segment.start for segment in self.segments]

    @cached_property
    def _before(self) -> list[float]:
        return [0.0, *accumulate(segment.area(segment.end) for segment in self.segments)]
