"""The schedule: from a shape and a seed, exactly when calls begin. The same list for the same seed, on any machine.

There are two kinds of load, and both are lists:

- **Arrivals** (open): each call has its time, whatever the bot does. A slow bot gets more calls at once.
- **Seats** (held): a number of callers is kept up. A seat is taken from `opens` to `closes`; its caller calls at
  `opens`, and again as soon as a call has ended. A slow bot gets fewer calls: the rate follows the bot.

Workers share both by index, so W workers do exactly what one would.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, isinf
from random import Random
from typing import TypeVar

from .course import Course, Phase

AFTER = Phase("after the end", inf, inf, measured=False)
_Item = TypeVar("_Item", "Arrival", "Seat")


@dataclass(frozen=True, slots=True)
class Arrival:
    """The planned start of a call."""

    at: float
    """Seconds from the beginning of the load."""
    index: int
    """Counted from 0 in the order of time; it also decides the scenario and the data of the call."""
    phase: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A time in which one caller calls again and again."""

    opens: float
    """The intended start of the first call."""
    closes: float
    """From then on no call begins; the one that is up may end."""
    index: int
    """Which of the calls at once it is, from 0. It may be taken several times, one after another."""
    calls: int | None = None
    """How many calls are made in it; None: as many as there is time for."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When calls begin. Either `arrivals` or `seats` is empty."""

    duration: float
    """Seconds in which calls begin; infinite where a number of calls ends it."""
    phases: tuple[Phase, ...]
    arrivals: tuple[Arrival, ...] = ()
    seats: tuple[Seat, ...] = ()
    width: int = 0
    """How many seats there are side by side, those of all workers together."""

    @property
    def held(self) -> bool:
        """Whether calls at once are kept up, so that the rate follows the bot."""
        return not self.arrivals and bool(self.seats)

    def phase_at(self, at: float) -> Phase:
        """The phase of a call that began so many seconds after the beginning."""
        for phase in self.phases:
            if at < phase.end:
                return phase
        return AFTER

    def phase_named(self, name: str) -> Phase | None:
        """The phase of this name, letter case aside."""
        return next((phase for phase in self.phases if phase.name.casefold() == name.casefold()), None)

    def number(self, seat: Seat, nth: int) -> int:
        """The number of the ``nth`` call (from 0) of a seat: no other call of any worker has the same.

        As the index of an arrival, it decides the scenario and the data of the call. A seat that is taken several times
        goes on counting.
        """
        return nth * self.width + seat.index

    def share(self, worker: int, workers: int) -> Schedule:
        """What one of so many workers does; counted from 0.

        Raises:
            ValueError: there is no such worker.
        """
        if not 0 <= worker < workers:
            raise ValueError(f"There is no worker {worker} of {workers}: they are counted from 0")
        return replace(self, arrivals=_every(self.arrivals, worker, workers), seats=_every(self.seats, worker, workers))

    def warmed_up_from(self, warm_up: float) -> Schedule:
        """The same, where what begins before ``warm_up`` (seconds) does not count; phases are cut there."""
        found = []
        for phase in self.phases:
            if phase.start < warm_up < phase.end:
                found += [
                    Phase("warm-up", phase.start, warm_up, measured=False),
                    replace(phase, start=warm_up),
                ]
            elif phase.end <= warm_up:
                found.append(replace(phase, measured=False))
            else:
                found.append(phase)
        arrivals = tuple(
            replace(arrival, phase=_phase_of(found, arrival.at)) if arrival.at < warm_up else arrival
            for arrival in self.arrivals
        )
        return replace(self, phases=tuple(found), arrivals=arrivals)

    def planned(self, at: float) -> int:
        """How many calls are meant to be up at a time (held), or how many to have begun by then (arrivals)."""
        if self.arrivals:
            return bisect_right(self.arrivals, at, key=lambda arrival: arrival.at)
        return sum(seat.opens <= at < seat.closes for seat in self.seats)

    def calls(self, length: float) -> int:
        """How many calls it makes, if one lasts ``length`` seconds."""
        return len(self.arrivals) + sum(_calls_of(seat, length) for seat in self.seats)

    def talk_time(self, length: float) -> float:
        """How many seconds of calls that is: somebody's bill."""
        return self.calls(length) * length

    def calls_at_once(self, length: float) -> int:
        """The most calls that are up together, if one lasts ``length`` seconds."""
        if self.arrivals:
            times = [arrival.at for arrival in self.arrivals]
            return max(index + 1 - bisect_right(times, at - length, 0, index) for index, at in enumerate(times))
        edges = sorted([(seat.opens, 1) for seat in self.seats] + [(seat.closes, -1) for seat in self.seats])
        up = most = 0
        for _, step in edges:
            up += step
            most = max(most, up)
        return most


def open_schedule(course: Course, *, poisson: bool = False, seed: int = 0) -> Schedule:
    """Arrivals at the rate of a course, in calls a second.

    Even ones come when the integral of the rate reaches 0, 1, 2, …; of a Poisson stream, when it reaches the sums of
    exponential gaps, which is exact however the rate changes.
    """
    phases = course.phases
    amounts = _exponential_sums(seed) if poisson else _whole_numbers()
    arrivals: list[Arrival] = []
    for index, amount in enumerate(amounts):
        at = course.when(amount)
        if at is None:
            break
        arrivals.append(Arrival(at, index, _phase_of(phases, at)))
    return Schedule(course.duration, phases, tuple(arrivals))


def held_schedule(course: Course) -> Schedule:
    """Seats that keep as many calls up as a course says: seat k is taken while it is above k."""
    seats = [Seat(*window, index) for index in range(course.most) for window in course.crossings(index)]
    seats.sort(key=lambda seat: (seat.opens, seat.index))
    return Schedule(course.duration, course.phases, seats=tuple(seats), width=course.most)


def counted_schedule(calls: int, at_once: int, phase: str) -> Schedule:
    """So many calls, at most ``at_once`` together, each as soon as one before it has ended."""
    seats = tuple(Seat(0.0, inf, index, len(range(index, calls, at_once))) for index in range(min(at_once, calls)))
    return Schedule(inf, (Phase(phase, 0.0, inf),), seats=seats, width=len(seats))


def _every(items: Sequence[_Item], worker: int, workers: int) -> tuple[_Item, ...]:
    return tuple(item for item in items if item.index % workers == worker)


def _calls_of(seat: Seat, length: float) -> int:
    if seat.calls is not None:
        return seat.calls
    return 0 if isinf(seat.closes) else max(1, ceil((seat.closes - seat.opens) / length - 1e-9))


def _phase_of(phases: Sequence[Phase], at: float) -> str:
    return phases[min(bisect_right(phases, at, key=lambda phase: phase.start), len(phases)) - 1].name


def _whole_numbers() -> Iterator[float]:
    amount = 0
    while True:
        yield float(amount)
        amount += 1


def _exponential_sums(seed: int) -> Iterator[float]:
    draw = Random(f"{seed} arrivals")  # noqa: S311 - the same seed, the same arrivals
    amount = 0.0
    while True:
        amount += draw.expovariate(1.0)
        yield amount
