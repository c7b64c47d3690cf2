"""What a call of the bot has yet to do: rows whose event has come and whose delay is not over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..transport import now
from .actions import ACTIONS
from .script import Row, Script

AHEAD = 0.15
"""Words are planned so much ahead: the recordings begin with 0.1 s of silence, and the tick must be chosen."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an action is done: the event, when and in which turn it came, and the delay that the row asked for."""

    event: str
    at: float
    turn: int
    delay: float
    key: str = ""

    @property
    def planned(self) -> float:
        """When the action is to be done."""
        return self.at + self.delay


class Agenda:
    """The rows of one call.

    Args:
        script: all rows.
        call: the number of the call.
        seed: draws among several delays; None: they are taken in turn.
        do: does a row's action.
        told: told of every event before its rows are done: its name, its time, the turn, the key.
    """

    def __init__(
        self,
        script: Script,
        call: int,
        seed: int | None,
        do: Callable[[Row, Cause], None],
        told: Callable[[str, float, int, str], None],
    ) -> None:
        self.script = script
        self._call = call
        self._seed = seed
        self._do = do
        self._told = told
        self._times: Counter[Row] = Counter()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._timed = 0
        self._over = False
        self._words: set[int] = set()
        """The numbers of those timers after which the bot speaks."""

    @property
    def words_wait(self) -> bool:
        """Whether the bot is about to speak."""
        return bool(self._words)

    def fire(self, event: str, at: float, turn: int, key: str | None = None) -> None:
        """An event came: start its rows."""
        self._told(event, at, turn, key or "")
        for row in self.script.rows_on(event, turn=turn, key=key):
            self.start(row, at, turn, key or "")

    def start(self, row: Row, at: float, turn: int, key: str = "") -> None:
        """Do the row's action when its delay is over, counted from ``at``."""
        if self._over:
            return
        delay = row.delay(self._times[row], self._call, self._seed)
        self._times[row] += 1
        cause = Cause(row.on, at, turn, delay, key)
        talks = ACTIONS[row.do].talks
        wait = cause.planned - (AHEAD if talks else 0.0) - now()
        if wait <= 0:
            self._do(row, cause)
        else:
            number = self.later(wait, partial(self._do, row, cause))
            if talks:
                self._words.add(number)

    def later(self, wait: float, work: Callable[[], object]) -> int:
        """Do something after ``wait`` seconds, unless the call ends before; returns the timer's number."""
        if self._over:
            return 0
        self._timed = number = self._timed + 1
        self._timers[number] = asyncio.get_running_loop().call_later(max(0.0, wait), self._due, number, work)
        return number

    def drop_words(self) -> bool:
        """Say nothing of what waits to be said; whether anything did."""
        waited = bool(self._words)
        for number in self._words:
            self._timers.pop(number).cancel()
        self._words.clear()
        return waited

    def clear(self) -> None:
        """The call is over: nothing more is done in it."""
        self._over = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._words.clear()
        self._do = self._told = nothing

    def _due(self, number: int, work: Callable[[], object]) -> None:
        del self._timers[number]
        self._words.discard(number)
        work()


def nothing(*_: object) -> None:
    """What is done in a call that is over: whoever holds this does not hold the call."""
