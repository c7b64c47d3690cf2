"""How many calls at once this machine can honestly make in one process: more and more of them, until we are late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..call import Call, CallSettings, Depth
from ..media import load_sound, utterance_path
from ..records import CallFailure, OwnErrors, Validity, ValidityResult, validity_of
from ..transport import Address, MediaClock, Playback, now, quiet_collector

LADDER = (10, 25, 50, 100, 150, 200, 300, 400, 500, 600, 800, 1000)
QUICK = (10, 50, 100, 200, 400, 700, 1000)
SETTLE = 0.3
"""Seconds from the last connection until it counts."""
SPEAKS_EVERY = 4.0
"""Seconds: a caller says two seconds of something so often."""
TRIES = 3
"""A busy moment of the machine is no answer; late so often is."""
CLOSE_ENOUGH = 0.15
"""The search ends when the least number that failed is so near to the greatest that held."""
_UTTERANCE = "winter_tyres"


@dataclass(frozen=True, slots=True)
class Step:
    """What our own errors were with so many calls."""

    calls: int
    lateness_p99: float
    loop_lag_p99: float
    skipped: float
    """Of all media frames that were due."""
    cpu: float
    """Of one core."""
    lost: int = 0
    """Calls that could not be made, or ended."""

    @property
    def verdict(self) -> ValidityResult:
        """As a run with these errors would be judged."""
        errors = OwnErrors(self.lateness_p99, self.loop_lag_p99, self.skipped, self.lost, self.calls, self.cpu)
        return validity_of(errors)

    @property
    def honest(self) -> bool:
        """Whether a run with so many calls would be valid."""
        return self.verdict.validity is Validity.VALID


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found."""

    steps: tuple[Step, ...] = ()
    in_time: bool = True
    """Whether all was tried that was to be; else the time was up."""
    last_words: str = ""
    """Why no more calls could be made, where that ended it."""

    @property
    def best(self) -> Step | None:
        """The most calls that were honest, below all that were not; None: not even the first."""
        limit = self.least_late.calls if self.least_late else float("inf")
        good = [step for step in self.steps if step.honest and step.calls < limit]
        return max(good, key=lambda step: step.calls, default=None)

    @property
    def least_late(self) -> Step | None:
        """The fewest calls that were not; None: there was no such number."""
        tried: dict[int, list[Step]] = {}
        for step in self.steps:
            tried.setdefault(step.calls, []).append(step)
        late = [steps[-1] for steps in tried.values() if not any(step.honest for step in steps)]
        return min(late, key=lambda step: step.calls, default=None)


async def calibrate(
    bot: Address,
    *,
    most: int = 1000,
    seconds: float = 45.0,
    each: float = 2.0,
    ladder: tuple[int, ...] = LADDER,
    tell: Callable[[Step], object] = lambda _: None,
) -> Calibration:
    """Make calls, more and more, as a load does, until a run with them would not be valid, however often it is tried.

    Args:
        bot: an echo.
        most: the most calls to try.
        seconds: how long all of it may take.
        each: seconds that each number of calls is looked at.
        ladder: numbers of calls to try; between the last good one and the first bad one the gap is halved.
        tell: told of each step.
    """
    until = now() + seconds
    steps: list[Step] = []
    numbers = [number for number in ladder if number < most] + [most]
    async with _Callers(bot) as callers:

        async def honest(calls: int) -> bool:
            for _ in range(TRIES):
                step = await callers.measure(calls, each)
                steps.append(step)
                tell(step)
                if step.honest or callers.refused:
                    return step.honest
            return False

        low, high = await _climb(numbers, honest, lambda: now() + TRIES * each < until)
        while high is not None and low and high - low > CLOSE_ENOUGH * low and now() + TRIES * each < until:
            middle = (low + high) // 2
            low, high = (middle, high) if await honest(middle) else (low, middle)
        done = high is not None or low == most
        return Calibration(tuple(steps), done, callers.refused)


async def _climb(
    numbers: list[int], honest: Callable[[int], Awaitable[bool]], in_time: Callable[[], bool]
) -> tuple[int, int | None]:
    low = 0
    for number in numbers:
        if low and not in_time():
            break
        if not await honest(number):
            return low, number
        low = number
    return low, None


class _Callers:
    """Calls that are up, and speak now and then."""

    def __init__(self, bot: Address) -> None:
        self.refused = ""
        self._bot = bot
        self._calls: list[Call] = []
        self._settings = CallSettings(depth=Depth.EVENTS, greets=False, rules="lenient", max_length=3600.0)
        self._sound = load_sound(utterance_path(_UTTERANCE), self._settings.format.rate)

    async def __aenter__(self) -> _Callers:
        self._talking = asyncio.create_task(self._talk())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._talking.cancel()
        await asyncio.gather(self._talking, *(call.hang_up() for call in self._calls), return_exceptions=True)

    async def measure(self, wanted: int, seconds: float) -> Step:
        """What our errors are with so many calls."""
        await self._bring_up(wanted)
        with quiet_collector():
            await asyncio.sleep(SETTLE)
            clock = MediaClock.of()
            late, lag, due, skipped = list(clock.lateness.counts), list(clock.loop_lag.counts), clock.due, clock.skipped
            cpu, began = time.process_time(), now()
            await asyncio.sleep(seconds)
            cpu, took = time.process_time() - cpu, now() - began
        sent, left_out = clock.due - due, clock.skipped - skipped
        return Step(
            calls=wanted,
            lateness_p99=clock.lateness.since(late).percentile(99) or 0.0,
            loop_lag_p99=clock.loop_lag.since(lag).percentile(99) or 0.0,
            skipped=left_out / (sent + left_out) if sent + left_out else 0.0,
            cpu=cpu / took,
            lost=wanted - sum(not call.over for call in self._calls),
        )

    async def _bring_up(self, wanted: int) -> None:
        while len(self._calls) > wanted:
            await self._calls.pop().hang_up()
        while len(self._calls) < wanted and not self.refused:
            try:
                self._calls.append(await Call.place(self._bot, self._settings))
            except CallFailure as error:
                self.refused = str(error)

    async def _talk(self) -> None:
        """Whose turn it is says something: real callers do, and to hear costs more than to hear nothing."""
        part, parts = 0, round(SPEAKS_EVERY / 0.1)
        while True:
            await asyncio.sleep(0.1)
            part = (part + 1) % parts
            for call in self._calls[part::parts]:
                if not call.over and not call.line.playing:
                    call.line.play(Playback(call.line.encode(self._sound), call.line.samples))


def step_to_dict(step: Step) -> dict[str, Any]:
    """A step by name, JSON-ready."""
    return {
        "calls": step.calls,
        "lateness_p99": step.lateness_p99,
        "loop_lag_p99": step.loop_lag_p99,
        "skipped": round(step.skipped, 6),
        "cpu": round(step.cpu, 4),
        "lost": step.lost,
        "honest": step.honest,
    }
