"""Shapes: the course of a load as people name it. Each gives its schedule; the same for the same seed.

Fields carry their key in a profile and what they are, so that reading, scaling (``--quick``) and the docs need no table
of their own.
"""

# ruff: noqa: RUF009 - shape_field makes a dataclass field; it is no default that all would share

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields, replace
from math import inf
from typing import Any, ClassVar, Literal, Self

from .course import Course, Phase
from .levels import Level, Rate
from .schedule import Arrival, Schedule, counted_schedule, held_schedule, open_schedule

Kind = Literal["time", "calls", "rate", "level", "times", "arrivals", "stages"]
"""What a field is: seconds, a number of calls, calls a second, either of the two, how often."""

_A_CALL = 10.0
"""Seconds of a short call."""


def shape_field(kind: Kind, about: str, *, key: str = "", default: Any = MISSING) -> Any:
    return field(default=default, metadata={"kind": kind, "key": key, "about": about})


def key_of(each: Field[Any]) -> str:
    """The key of a field in a profile."""
    return each.metadata["key"] or each.name


@dataclass(frozen=True, slots=True)
class Shape:
    """The course of a load over time."""

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""

    def schedule(self, seed: int = 0) -> Schedule:
        """When calls begin."""
        raise NotImplementedError

    def scaled(self, time: float, load: float) -> Self:
        """The same shape, so many times as long and as much; every number of calls stays at least 1."""
        changed: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.metadata["kind"] == "time" and value is not None:
                changed[each.name] = value * time
            elif isinstance(value, Rate):
                changed[each.name] = Rate(value * load)
            elif each.metadata["kind"] in ("calls", "level"):
                changed[each.name] = max(min(1, value), round(value * load))
        return replace(self, **changed)

    def to_json(self) -> Any:
        """As it would stand in a profile, JSON-ready; times in seconds."""
        return {key_of(each): _plain(getattr(self, each.name)) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Hold(Shape):
    """Keeps a number of calls up."""

    name = "hold"
    about = "keeps that many calls up; each that ends is followed by the next"
    calls: int = shape_field("calls", "calls at once")
    lasting: float = shape_field("time", "how long, after the ramp", key="for")
    ramp_up: float = shape_field("time", "from the first call to all of them", default=0.0)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course = Course().go(0, self.calls, self.ramp_up, "ramp up", measured=False)
        return held_schedule(course.stay(self.calls, self.lasting, "hold"))


@dataclass(frozen=True, slots=True)
class RateOfCalls(Shape):
    """Calls come at a rate, whatever the bot does."""

    name = "rate"
    about = "calls come at that rate, whatever the bot does"
    calls: Rate = shape_field("rate", "how many, like 20/min")
    lasting: float = shape_field("time", "how long, after the ramp", key="for")
    ramp_up: float = shape_field("time", "from no calls to that rate", default=0.0)
    arrivals: Literal["even", "poisson"] = shape_field("arrivals", "even, or poisson: at random", default="even")

    def schedule(self, seed: int = 0) -> Schedule:
        """When calls begin."""
        course = Course().go(0, self.calls, self.ramp_up, "ramp up", measured=False)
        course.stay(self.calls, self.lasting, "hold")
        return open_schedule(course, poisson=self.arrivals == "poisson", seed=seed)


@dataclass(frozen=True, slots=True)
class Stage:
    """A piece of a load: a change to a level, a time at it, or both."""

    to: Level | None = None
    """None: the level before it."""
    over: float = 0.0
    lasting: float = 0.0


@dataclass(frozen=True, slots=True)
class Stages(Shape):
    """Any course: changes and plateaus."""

    name = "stages"
    about = "any course: `{to, over}` changes the load, `{for}` keeps it; `to` is calls at once, or a rate like 20/min"
    stages: tuple[Stage, ...] = shape_field("stages", "one after another")

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course, level = Course(), 0.0
        steady = any(stage.lasting for stage in self.stages)
        for number, stage in enumerate(self.stages, 1):
            to = level if stage.to is None else float(stage.to)
            # Where nothing is steady, the changes are what is asked about.
            course.go(level, to, stage.over, f"ramp {number}" if steady else f"stage {number}", measured=not steady)
            course.stay(to, stage.lasting, f"stage {number}")
            level = to
        return _scheduled(course, [stage.to for stage in self.stages])

    def scaled(self, time: float, load: float) -> Self:
        """The same shape, so many times as long and as much."""
        return replace(
            self,
            stages=tuple(
                Stage(_less(stage.to, load), stage.over * time, stage.lasting * time) for stage in self.stages
            ),
        )

    def to_json(self) -> Any:
        """As it would stand in a profile, JSON-ready; times in seconds."""
        return [{"to": _plain(stage.to), "over": stage.over, "for": stage.lasting} for stage in self.stages]


@dataclass(frozen=True, slots=True)
class Steps(Shape):
    """Plateaus, each a step higher."""

    name = "steps"
    about = "plateaus, each a step higher; calls at once, or a rate like 20/min"
    start: Level = shape_field("level", "of the first plateau", key="from")
    to: Level = shape_field("level", "of the last one")
    by: Level = shape_field("level", "how much higher each is")
    each: float = shape_field("time", "how long each lasts")
    ramp_up: float = shape_field("time", "from one to the next, before it counts", default=0.0)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course, before = Course(), 0.0
        for number, level in enumerate(self.levels, 1):
            course.go(before, level, self.ramp_up, f"ramp {number}", measured=False)
            course.stay(level, self.each, f"step {number}")
            before = level
        return _scheduled(course, [self.start, self.to])

    @property
    def levels(self) -> list[float]:
        """Of each plateau; the last is always `to`."""
        sign = 1 if self.to >= self.start else -1
        between = int(abs(self.to - self.start) / self.by + 1e-9)
        levels = [self.start + sign * self.by * step for step in range(between + 1)]
        return levels if abs(levels[-1] - self.to) < 1e-9 else [*levels, float(self.to)]


@dataclass(frozen=True, slots=True)
class Wave(Shape):
    """Rises and falls."""

    name = "wave"
    about = "rises and falls: a quarter of each wave low, one rising, one high, one falling"
    high: int = shape_field("calls", "calls at once at the peaks")
    waves: int = shape_field("times", "how many")
    each: float = shape_field("time", "how long a wave lasts")
    low: int = shape_field("calls", "calls at once in the valleys", default=0)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course, quarter = Course(), self.each / 4
        for number in range(1, self.waves + 1):
            course.stay(self.low, quarter, f"wave {number} valley")
            course.go(self.low, self.high, quarter, f"wave {number} rise")
            course.stay(self.high, quarter, f"wave {number} peak")
            course.go(self.high, self.low, quarter, f"wave {number} fall")
        return held_schedule(course)


@dataclass(frozen=True, slots=True)
class Burst(Shape):
    """Many calls at the same moment, several times."""

    name = "burst"
    about = "that many calls within a moment, then none, several times"
    calls: int = shape_field("calls", "in each burst")
    times: int = shape_field("times", "how many bursts", default=1)
    within: float = shape_field("time", "from the first call of a burst to the last", default=0.0)
    rest: float = shape_field("time", "from the last call of a burst to the next burst", default=0.0)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        apart = self.within / max(1, self.calls - 1)
        period = self.within + self.rest
        phases = [Phase(f"burst {one + 1}", one * period, (one + 1) * period) for one in range(self.times)]
        if not self.rest:
            # Nothing comes after the last burst: it lasts until its calls are over.
            phases[-1] = replace(phases[-1], end=inf)
        arrivals = tuple(
            Arrival(phase.start + call * apart, one * self.calls + call, phase.name)
            for one, phase in enumerate(phases)
            for call in range(self.calls)
        )
        return Schedule(self.times * period, tuple(phases), arrivals)


@dataclass(frozen=True, slots=True)
class Spike(Shape):
    """A peak out of nothing, and what is after it."""

    name = "spike"
    about = "from a base to a peak at once, and back: does the bot recover?"
    base: int = shape_field("calls", "calls at once before and after")
    peak: int = shape_field("calls", "calls at once in the spike")
    after: float = shape_field("time", "how long the base lasts, before and after")
    lasting: float = shape_field("time", "how long the spike lasts", key="for")

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course = Course().stay(self.base, self.after, "base").stay(self.peak, self.lasting, "spike")
        return held_schedule(course.stay(self.base, self.after, "recovery"))


@dataclass(frozen=True, slots=True)
class Stability(Shape):
    """A base for long, a peak in the middle, and the base again."""

    name = "stability"
    about = "two fifths of the time a base, one fifth a peak, two fifths the base again"
    base: int = shape_field("calls", "calls at once before and after the peak")
    peak: int = shape_field("calls", "calls at once in the peak")
    lasting: float = shape_field("time", "how long all of it lasts", key="for")

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        fifth = self.lasting / 5
        course = Course().stay(self.base, 2 * fifth, "base").stay(self.peak, fifth, "peak")
        return held_schedule(course.stay(self.base, 2 * fifth, "base again"))


@dataclass(frozen=True, slots=True)
class Soak(Shape):
    """A load for hours, a rest, and the load again: a leak takes more memory the second time, a cache does not."""

    name = "soak"
    about = "a load for hours, a rest, and the load again: a leak grows the second time, a cache does not"
    calls: int = shape_field("calls", "calls at once")
    lasting: float = shape_field("time", "how long, after the ramp", key="for")
    ramp_up: float = shape_field("time", "from the first call to all of them", default=0.0)
    rest: float = shape_field("time", "how long nobody calls", default=60.0)
    again: float = shape_field("time", "how long the load comes again; 0 s: not at all", default=300.0)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        course = Course().go(0, self.calls, self.ramp_up, "ramp up", measured=False)
        course.stay(self.calls, self.lasting, "soak")
        if self.again:
            course.stay(0, self.rest, "rest", measured=False).stay(self.calls, self.again, "again")
        return held_schedule(course)

    def scaled(self, time: float, load: float) -> Self:
        """The same shape, so many times as long and as much.

        However short it is, the calls of before come to their end in the rest, and some of those after it.
        """
        scaled = super(Soak, self).scaled(time, load)
        if not scaled.again:
            return scaled
        whole = scaled.ramp_up + scaled.lasting + scaled.rest + scaled.again
        least = min(_A_CALL, whole / 4)
        rest, again = max(scaled.rest, least), max(scaled.again, least)
        return replace(scaled, rest=rest, again=again, lasting=whole - scaled.ramp_up - rest - again)


@dataclass(frozen=True, slots=True)
class Repeat(Shape):
    """A number of calls, one after another."""

    name = "repeat"
    about = "that many calls, one after another, or a few at once"
    calls: int = shape_field("calls", "in all")
    at_once: int = shape_field("calls", "how many of them together", default=1)

    def schedule(self, seed: int = 0) -> Schedule:  # noqa: ARG002 - nothing is drawn
        """When calls begin."""
        return counted_schedule(self.calls, self.at_once, "repeat")


def _scheduled(course: Course, levels: list[Level | None]) -> Schedule:
    return open_schedule(course) if any(isinstance(level, Rate) for level in levels) else held_schedule(course)


def _less(level: Level | None, load: float) -> Level | None:
    if level is None:
        return None
    return Rate(level * load) if isinstance(level, Rate) else max(min(1, level), round(level * load))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Rate) else value
