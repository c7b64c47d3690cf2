"""The search for a capacity: which plateau comes next, given which of those before it held. Pure: it plays nothing.

It doubles while plateaus hold, halves the gap once one broke, and confirms the answer for a long time. While it is far
from the answer plateaus are half as long (as in FD.io's MLRsearch): a bot that breaks at 40 calls shows so in a minute.
What a short one said to be too much is asked again in full length before it bounds the answer; what one said to hold,
the confirmation asks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, log2
from typing import Literal, Protocol, Self

from .course import Course
from .schedule import Schedule, held_schedule
from .shapes import Hold, Shape, shape_field

SHORT = 0.5
"""The length of a plateau that is far from the answer, as a part of the others'."""
FAR = 4
"""Far is a gap of more than so many steps, or none yet."""
CONFIRMATIONS = 3
"""So many numbers of calls are tried in full length; a bot that none of them suits gets worse with time."""

Ending = Literal["", "confirmed", "too many", "unconfirmed", "invalid"]
"""How a search ended; empty: it has not. ``too many``: not even the first number held."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stage of steady load in a search."""

    calls: int
    """Calls at once."""
    seconds: float
    """How long, once the load is there."""
    confirms: bool = False
    """Whether it is one of the last, of full length, at the answer."""

    @property
    def shape(self) -> Hold:
        """What is played. A tenth of it is a ramp, for a jump would measure the jump."""
        return Hold(self.calls, self.seconds, self.seconds / 10)


class PlateauSearch(Protocol):
    """Decides which plateau comes next. What is known: the plateaus so far, and which of them held."""

    @property
    def ending(self) -> Ending:
        """How it ended."""

    def next(self, held: bool | None) -> Plateau | None:
        """The next plateau; None: the search is over.

        Args:
            held: whether the last plateau met all thresholds; None: there was none, or its run was invalid.
        """


class Search:
    """The search of one shape. Its steps are as wide as the number of calls it begins with.

    Example:
        ```python
        search = Capacity(10, 300).search()
        plateau = search.next(None)
        while plateau is not None:
            plateau = search.next(held=play(plateau))
        ```
    """

    def __init__(self, shape: Capacity) -> None:
        self.ending: Ending = ""
        self._shape = shape
        self._last: Plateau | None = None
        self._repeated = False
        self._low = 0
        """The most calls that held."""
        self._high: Plateau | None = None
        """The fewest that did not."""
        self._step = 0
        """How many more calls come next where nothing bounds them; 0: as many again."""
        self._confirmed = 0

    def next(self, held: bool | None) -> Plateau | None:
        """The next plateau; None: the search is over, and ``ending`` says how.

        Args:
            held: whether the last plateau met all thresholds; None: there was none, or its run was invalid. Such a one
                is repeated once.
        """
        last = self._last
        if self.ending:
            return None
        if last is None:
            chosen: Plateau | Ending = self._of(self._shape.start, far=True)
        elif held is None:
            chosen = "invalid" if self._repeated else last
            self._repeated = True
        else:
            self._repeated = False
            chosen = self._after_confirmation(last, held=held) if last.confirms else self._after(last, held=held)
        if isinstance(chosen, Plateau):
            self._last = chosen
            return chosen
        self.ending = chosen
        return None

    def _after(self, last: Plateau, *, held: bool) -> Plateau | Ending:
        if not held:
            self._high = last
        else:
            self._low = last.calls
            if self._high is not None and self._high.calls <= self._low:
                # The short plateau was wrong. The answer is near: single steps first, in full length.
                self._high, self._step = None, self._shape.start
        return self._rise() if self._high is None else self._narrow(self._high)

    def _after_confirmation(self, last: Plateau, *, held: bool) -> Plateau | Ending:
        if held:
            return "confirmed"
        fewer = (last.calls - 1) // self._shape.start * self._shape.start
        if not fewer:
            return "too many"
        return "unconfirmed" if self._confirmed == CONFIRMATIONS else self._confirm(fewer)

    def _rise(self) -> Plateau:
        low, most = self._low, self._shape.to
        if low >= most:
            return self._confirm(low)
        chosen = self._of(min(most, low + (self._step or low)), far=not self._step)
        self._step *= 2
        return chosen

    def _narrow(self, high: Plateau) -> Plateau | Ending:
        step, low = self._shape.start, self._low
        gap = high.calls - low
        if gap > step:
            middle = round((low + high.calls) / 2 / step) * step
            return self._of(middle, far=gap > FAR * step and not self._step)
        if high.seconds < self._shape.each:
            return self._of(high.calls, far=False)
        return self._confirm(low) if low else "too many"

    def _of(self, calls: int, *, far: bool) -> Plateau:
        return Plateau(calls, self._shape.each * (SHORT if far else 1.0))

    def _confirm(self, calls: int) -> Plateau:
        self._confirmed += 1
        return Plateau(calls, self._shape.confirm, confirms=True)


@dataclass(frozen=True, slots=True)
class Capacity(Shape):
    """Looks for the most calls at once at which all thresholds hold."""

    name = "capacity"
    about = "looks for the most calls at once at which all thresholds hold: doubles, halves the gap, then confirms"
    start: int = shape_field("calls", "calls at once to begin with, and how exact the answer is", key="from")
    to: int = shape_field("calls", "calls at once beyond which nobody looks")
    each: float = shape_field("time", "how long a plateau lasts; far from the answer, half of it", default=120.0)
    confirm: float = shape_field("time", "how long the answer must hold in the end", default=600.0)

    def search(self) -> Search:
        """A new search."""
        return Search(self)

    def scaled(self, time: float, load: float) -> Self:
        """The same search for fewer calls, from half of them on: each plateau takes its time, so there are few."""
        to = max(1, round(self.to * load))
        return replace(self, start=max(1, round(self.start * load), to // 2), to=to, each=self.each * time,
                       confirm=self.confirm * time)  # fmt: skip

    def lasting_at_least(self, seconds: float) -> Self:
        """The same, no plateau shorter than this: in a shorter one a call would hardly come to its first turn."""
        return replace(self, each=max(self.each, seconds / SHORT), confirm=max(self.confirm, seconds))

    @property
    def rising(self) -> list[int]:
        """The plateaus while all of them hold: twice as many each time, and at last `to`."""
        return [plateau.calls for plateau in self._while_all_hold() if not plateau.confirms]

    @property
    def usual(self) -> float:
        """Seconds that a search takes, ramps included, if nothing is repeated and the first confirmation holds."""
        return 1.1 * (self.each * self._usual_plateaus + self.confirm)

    @property
    def at_most(self) -> float:
        """Seconds that it takes at most, ramps included: a short plateau misled, and only the last confirmation holds.

        A plateau that is repeated because its run was invalid comes on top.
        """
        steps = ceil(log2(max(2.0, self.to / self.start))) + 1
        return 1.1 * (self.each * (self._usual_plateaus + 2 * steps) + CONFIRMATIONS * self.confirm)

    @property
    def _usual_plateaus(self) -> float:
        rising = self.rising
        widest = max((high - low for low, high in pairwise(rising)), default=0)
        halvings = ceil(log2(max(1.0, ceil(widest / self.start))))
        near = min(halvings, ceil(log2(FAR)))
        return SHORT * (len(rising) + halvings - near) + near + 1

    def _while_all_hold(self) -> Iterator[Plateau]:
        search = self.search()
        plateau = search.next(None)
        while plateau is not None:
            yield plateau
            plateau = search.next(held=True)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """The course if all plateaus hold: what it costs at most, but for the halvings. It is not played as it is."""
        course = Course()
        for plateau in self._while_all_hold():
            name = "confirmation" if plateau.confirms else f"{plateau.calls} calls"
            course.stay(plateau.calls, plateau.seconds, name)
        return held_schedule(course)
