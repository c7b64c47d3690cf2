"""Listening to a turn until what is expected in it was heard: behind all steps that judge what the bot says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..call import Call, LiveTurn
from ..protocol import Party
from ..records import CallFailure, FailureKind, time_text
from ..transport import now

T = TypeVar("T")
NEVER = float("inf")
BREATH = 0.300
"""Seconds of silence after which what was said so far is judged; the reply may still go on."""


class TurnEar:
    """Listens to what the bot says in one turn.

    Args:
        call: the call.
        number: of the turn.
        within: seconds from the caller's last word until what is expected must have been heard. It is waited for
            until ``turn_timeout`` even where that is longer: a limit judges, it does not cut.
        every: also judge while the bot speaks, every so many seconds; 0: only in its pauses.
    """

    def __init__(self, call: Call, number: int, within: float, *, every: float = 0.0) -> None:
        self._call = call
        self._number = number
        self._limit = max(within, call.settings.turn_timeout)
        self._every = every
        self._judged: tuple[int, float] | None = None
        self._judged_at = 0.0

    async def listen(self, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """Ask ``look`` whenever the bot has paused after something new, until it has found what it looks for.

        Returns:
            What it found; None where the turn, or the time, was over before.

        Raises:
            CallFailure: there was no reply at all.
        """
        call, number = self._call, self._number
        if not await call.wait_for_reply(number, limit=self._limit):
            raise call.no_reply(number, limit=self._limit)
        until = counted_from(call, number) + self._limit
        while True:
            self._judged, self._judged_at = self._state(), now()
            found = await look()
            if found is not None or ((call.over or number < call.turns[-1].number) and self._judged == self._state()):
                return found
            if not await call.wait_for(self._new_at, max(until, self._speaking_until())) and not call.over:
                # Once more: what was said while this waited.
                return await look()

    def _state(self) -> tuple[int, float]:
        parts = self._call.turns[self._number].parts
        return len(parts), parts[-1].end if parts else 0.0

    def _new_at(self) -> float:
        """When the bot will have paused after something that was not judged yet."""
        state = self._state()
        if self._every and state[0] and now() < state[1] + BREATH:
            return self._judged_at + self._every
        return NEVER if state == self._judged or not state[0] else state[1] + BREATH

    def _speaking_until(self) -> float:
        """A reply that goes on is heard to its next pause, at most for ``longest_reply``."""
        parts = self._call.turns[self._number].parts
        if not parts or now() - parts[-1].end > BREATH:
            return 0.0
        return parts[0].start + self._call.settings.longest_reply


def counted_from(call: Call, number: int) -> float:
    """From when ``within`` counts: the caller's last word; in turn 0 the UUID."""
    end = call.turns[number].end if number else call.line.uuid_at
    return call.began if end is None else end


def after(call: Call, number: int) -> str:
    """After what the bot spoke, for a message."""
    if number == 0:
        return " as its greeting" if call.role is Party.CALLER else " before we spoke"
    return f" after {named(call.turns[number])}"


def named(turn: LiveTurn) -> str:
    """A turn by what the caller did in it."""
    return f"the keys {turn.said}" if turn.kind == "keys" else f"'{turn.said}'"


def judge_time(call: Call, number: int, at: float, what: str, within: float) -> None:
    """Keep when expected words were said, and refuse what was late.

    Raises:
        CallFailure: they were later than ``within``. Soft.
    """
    time = at - counted_from(call, number)
    call.words_time[number] = max(time, call.words_time.get(number, 0.0))
    if time > within:
        raise CallFailure(
            FailureKind.LATE_WORDS,
            f"{call.other.capitalize()} {what} {time_text(time)}{after(call, number)} "
            f"(turn {number}, limit {time_text(within)})." + call.listen_at(at),
            at=call.seconds(at), soft=True, turn=number, figure="words time", value=time, limit=within,
        )  # fmt: skip
