"""What a call of the bot has yet to do: rows whose event has come and whose delay is not over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

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
        self._timers: set[asyncio.TimerHandle] = set()
        self._words: set[asyncio.TimerHandle] = set()

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
        delay = row.delay(self._times[row], self._call, self._seed)
        self._times[row] += 1
        cause = Cause(row.on, at, turn, delay, key)
        talks = ACTIONS[row.do].talks
        wait = cause.planned - (AHEAD if talks else 0.0) - now()
        if wait <= 0:
            self._do(row, cause)
        else:
            timer = self.later(wait, lambda: self._do(row, cause))
            if talks:
                self._words.add(timer)

    def later(self, wait: float, work: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something after ``wait`` seconds, unless the call ends before."""

        def due() -> None:
            self._timers.discard(timer)
            self._words.discard(timer)
            work()

        timer = asyncio.get_running_loop().call_later(max(0.0, wait), due)
        self._timers.add(timer)
        return timer

    def drop_words(self) -> bool:
        """Say nothing of what waits to be said; whether anything did."""
        waited = bool(self._words)
        for timer in self._words:
            timer.cancel()
        self._timers -= self._words
        self._words.clear()
        return waited

    def clear(self) -> None:
        """The call is over."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._words.clear()
