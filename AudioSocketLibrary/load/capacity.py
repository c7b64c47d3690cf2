"""The search for a capacity: what it looks for, and the interface of whoever decides the next plateau."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import Protocol

from .course import Course
from .schedule import Schedule, held_schedule
from .shapes import Hold, Shape, shape_field


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stage of steady load in a search."""

    calls: int
    """Calls at once."""
    seconds: float
    """How long, once the load is there."""
    confirms: bool = False
    """Whether it is the last one, of full length, at the answer."""

    @property
    def shape(self) -> Hold:
        """What is played. A tenth of it is a ramp, for a jump would measure the jump."""
        return Hold(self.calls, self.seconds, self.seconds / 10)


class PlateauSearch(Protocol):
    """Decides which plateau comes next. What is known: the plateaus so far, and which of them held."""

    def next(self, held: bool | None) -> Plateau | None:
        """The next plateau; None: the search is over.

        Args:
            held: whether the last plateau met all thresholds; None: there was none, or its run was invalid.
        """


@dataclass(frozen=True, slots=True)
class Capacity(Shape):
    """Looks for the most calls at once at which all thresholds hold."""

    name = "capacity"
    about = "looks for the most calls at once at which all thresholds hold: doubles, halves the gap, then confirms"
    start: int = shape_field("calls", "calls at once to begin with, and how exact the answer is", key="from")
    to: int = shape_field("calls", "calls at once beyond which nobody looks")
    each: float = shape_field("time", "how long a plateau lasts", default=120.0)
    confirm: float = shape_field("time", "how long the answer must hold in the end", default=600.0)

    @property
    def rising(self) -> list[int]:
        """The plateaus while all of them hold: twice as many each time, and at last `to`."""
        found = [self.start]
        while found[-1] < self.to:
            found.append(min(self.to, found[-1] * 2))
        return found

    @property
    def at_most(self) -> float:
        """Seconds that a search takes at most, ramps of a tenth included."""
        halvings = ceil(log2(max(1.0, self.to / 2 / self.start)))
        return 1.1 * (self.each * (len(self.rising) + halvings) + self.confirm)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """The course if all plateaus hold: what it costs at most, but for the halvings. It is not played as it is."""
        course = Course()
        for calls in self.rising:
            course.stay(calls, self.each, f"{calls} calls")
        return held_schedule(course.stay(self.to, self.confirm, "confirmation"))
