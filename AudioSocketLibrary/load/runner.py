"""The runner: makes the calls of a schedule, each at its time, all on the one media clock of this process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ..media.saying import Sayings
from ..records import UsageError
from ..scenario import Calls, Judge, play_plan
from ..scenario.events import KeptEvents
from ..transport import now
from .bookkeeper import Bookkeeper, Played
from .casting import Caller, Casting
from .course import Phase
from .schedule import Arrival, Schedule, Seat

DROPPED_AFTER: Final = 1.0
"""Seconds: an arrival to which we come later than this is not placed any more. It is counted, and it is our fault."""
REDIAL: Final = 1.0
"""Seconds from the start of a call to that of the next in the same seat, at least: a bot that refuses every call shall
be called as often as by people, not as often as a machine can."""
DRAIN: Final = (30.0, 300.0)
"""Seconds, at least and at most, that calls may go on after the last one began; between the two, one and a half times
the longest call so far. Where none has ended yet, the most."""
POLITE: Final = 5.0
"""Seconds that hanging up may take when the run is stopped."""
LAST_EVENTS: Final = 0.3
"""Seconds that the bot's last events of a call may be on their way."""


@dataclass(slots=True)
class Counts:
    """What a runner has done so far."""

    up: int = 0
    """Calls that go on now."""
    began: int = 0
    ended: int = 0
    failed: int = 0
    dropped: int = 0
    not_placed: int = 0
    talk: float = 0.0
    """Seconds of calls that are over."""
    longest: float = 0.0
    """The longest of them."""


class Runner:
    """Makes calls.

    Args:
        casting: who calls.
        books: where what became of them is kept.
        run: the run id.
        start_at: second 0 of the run, on the one clock.
        at_once: the most calls at once; an arrival beyond it is not placed, and has failed.
    """

    def __init__(
        self,
        casting: Casting,
        books: Bookkeeper,
        *,
        run: str,
        start_at: float,
        at_once: int,
    ) -> None:
        self.counts = Counts()
        self.start_at = start_at
        self.events = KeptEvents()
        """What the bots tell of their inside, if anybody listens."""
        self.error = ""
        """Why no call of this run can be made; empty: they can."""
        self._casting = casting
        self._books = books
        self._run = run
        self._at_once = at_once
        self._sayings = Sayings()
        self._judges: dict[tuple[str, Path | None], Judge] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: Counter[int] = Counter()
        self._stop = asyncio.Event()

    @property
    def stopped(self) -> bool:
        """Whether no further call is to begin."""
        return self._stop.is_set()

    async def play(self, schedule: Schedule, *, offset: float = 0.0, base: int = 0) -> None:
        """Make all calls of a schedule; returns when the last of them is over.

        Args:
            schedule: when they begin.
            offset: when the schedule begins, in seconds of the run.
            base: what is added to the numbers of its calls.
        """
        zero = self.start_at + offset
        self._taken.clear()
        for at, due in groupby(_in_order(schedule), key=_time_of):
            if not await self._sleep_until(zero + at):
                break
            for entry in due:
                if isinstance(entry, Seat):
                    self._spawn(self._sit(schedule, entry, zero, base))
                else:
                    phase = schedule.phase_named(entry.phase) or schedule.phase_at(entry.at)
                    self._arrive(base + entry.index, zero + entry.at, phase)
        await self._drain(schedule, zero)

    def call(self, number: int, phase: Phase) -> None:
        """Make one call now, of no schedule.

        Args:
            number: of the call, by which it is cast.
            phase: to which it counts.
        """
        self._arrive(number, now(), phase)

    async def over(self) -> None:
        """Wait until all calls that are up are over."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Begin no further call, hang up those that are up, and return when they are over."""
        self._stop.set()
        # A task that is cancelled before its first step never makes its call, and leaves no row of it.
        await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=POLITE)

    def resume(self) -> None:
        """Calls may begin again after a `stop`."""
        self._stop.clear()

    def take_waits(self) -> list[float]:
        """Seconds that callers waited for us to understand the bot, since this was last asked."""
        found: list[float] = []
        for judge in self._judges.values():
            found += judge.waits
            judge.waits = []
        return found

    def close(self) -> None:
        """End the recognisers, and listen no longer."""
        for judge in self._judges.values():
            judge.close()
        self.events.end()

    # -- when calls begin ---------------------------------------------------------------------------------------------

    async def _sleep_until(self, at: float) -> bool:
        """Wait; False where the run was stopped meanwhile."""
        while not self._stop.is_set():
            left = at - now()
            if left <= 0:
                return True
            try:
                await asyncio.wait_for(self._stop.wait(), left)
            except TimeoutError:
                continue
        return False

    def _arrive(self, number: int, intended: float, phase: Phase) -> None:
        caller = self._caller(number)
        if caller is None:
            return
        if now() - intended > DROPPED_AFTER:
            self.counts.dropped += 1
            self._books.book(Played(caller, phase, intended, None, "dropped", why="we were too late to place it"))
        elif self.counts.up >= self._at_once:
            self.counts.not_placed += 1
            self.counts.failed += 1
            why = f"{self._at_once:,} calls were up, and no more may be (limits: calls_at_once)"
            self._books.book(Played(caller, phase, intended, None, "not placed", why=why))
        else:
            self.counts.up += 1
            self._spawn(self._call(caller, intended, phase))

    async def _sit(self, schedule: Schedule, seat: Seat, zero: float, base: int) -> None:
        """Call again and again while the seat is taken."""
        intended, made = zero + seat.opens, 0
        while not self.stopped and intended < zero + seat.closes and (seat.calls is None or made < seat.calls):
            # A seat that is taken several times goes on counting.
            nth = self._taken[seat.index]
            self._taken[seat.index] += 1
            caller = self._caller(base + schedule.number(seat, nth))
            if caller is None:
                return
            began = now()
            self.counts.up += 1
            await self._call(caller, intended, schedule.phase_at(intended - zero))
            made += 1
            if not await self._sleep_until(began + REDIAL):
                return
            intended = now()

    async def _drain(self, schedule: Schedule, zero: float) -> None:
        """Wait until all calls are over; cut those that are not when nobody would wait any longer."""
        if schedule.duration < float("inf"):
            await self._sleep_until(zero + schedule.duration)
        least, most = DRAIN
        begin = now()
        while self._tasks and not self.stopped:
            counted = schedule.duration == float("inf")
            # Until one has ended nobody knows how long they are.
            patience = max(least, 1.5 * self.counts.longest) if self.counts.ended else most
            left = begin + min(most, patience) - now()
            if left <= 0 and not counted:
                break
            await asyncio.wait(self._tasks, timeout=1.0 if counted else min(left, 1.0))
        if self._tasks:
            for task in () if self.stopped else self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=POLITE)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._fail(f"A call failed by a fault of ours: {type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        self.error = self.error or why
        self._stop.set()

    # -- one call -----------------------------------------------------------------------------------------------------

    def _caller(self, number: int) -> Caller | None:
        try:
            return self._casting.caller(number)
        except UsageError as error:
            self._fail(str(error))
            return None

    async def _call(self, caller: Caller, intended: float, phase: Phase) -> None:
        """Make a call that was counted as up already."""
        counts = self.counts
        calls = self._calls_of(caller)
        played = Played(caller, phase, intended, now(), calls=calls)
        counts.began += 1
        try:
            await play_plan(caller.plan, calls, played.result)
        except asyncio.CancelledError:
            played.outcome = "interrupted"
        finally:
            counts.up -= 1
            counts.ended += 1
        if played.result.error:
            self._fail(played.result.error)
            played.outcome = "interrupted"
        elif (failure := played.result.failure) and (played.outcome != "interrupted" or not failure.soft):
            played.outcome = "failed"
            counts.failed += 1
        for call in calls.all:
            counts.talk += call.until - call.began
            counts.longest = max(counts.longest, call.until - call.began)
        try:
            await self._mark(calls)
        finally:
            # Who stops the run while the last events are awaited does not lose the call.
            self._books.book(played)

    def _calls_of(self, caller: Caller) -> Calls:
        plan = caller.plan
        calls = Calls(self._run)
        calls.fields, calls.seed = caller.fields, caller.seed
        calls.voice, calls.line, calls.pause = caller.voice, caller.line, caller.pause
        calls.events, calls.recorded = self.events, caller.record
        calls.sayings = self._sayings
        key = (plan.recogniser, plan.book)
        judge = self._judges.get(key)
        if judge is None:
            judge = self._judges[key] = Judge(*key)
        calls.judge = judge
        return calls

    async def _mark(self, calls: Calls) -> None:
        """Take over what the bot told of these calls."""
        if not self.events.listening:
            return
        try:
            for call in calls.all:
                if not self.stopped:
                    await self.events.settle(call, LAST_EVENTS)
        finally:
            for call in calls.all:
                call.marks = self.events.marks(call)
            self.events.forget(calls.all)


def _in_order(schedule: Schedule) -> list[Arrival | Seat]:
    return sorted([*schedule.arrivals, *schedule.seats], key=_time_of)


def _time_of(entry: Arrival | Seat) -> float:
    return entry.opens if isinstance(entry, Seat) else entry.at
