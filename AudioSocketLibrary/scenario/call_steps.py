"""Steps that judge the call as a whole."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..call import Call, Figure, figure_of
from ..call.measures import COUNTS, OF_A_TURN
from ..records import CallFailure, FailureKind, Side, UsageError, time_text
from ..transport import now
from .bot_steps import turn_number
from .calls import Calls
from .step import Step
from .turn_ear import named
from .word_steps import understood

Operator = Literal["<", "<=", "==", ">=", ">"]
_COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCallFigure(Step):
    """A figure of the call, in seconds (talk share: 0 to 1); None where it was not measured."""

    figure: Figure
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return self.figure is Figure.repeated_replies

    async def play(self, calls: Calls) -> float | None:
        call = calls.get(self.call)
        number = await _measured_turn(call, self.figure, self.turn)
        if self.figure is Figure.repeated_replies:
            await _hear_words(call, calls)
        return figure_of(call, self.figure, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigureShouldBe(Step):
    """A figure of the call against a limit (seconds; talk share: 0 to 1). Soft."""

    figure: Figure
    operator: Operator
    limit: float
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return self.figure is Figure.repeated_replies

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        number = await _measured_turn(call, self.figure, self.turn)
        if self.figure is Figure.repeated_replies:
            await _hear_words(call, calls)
        value = figure_of(call, self.figure, number)
        of = "" if number is None else f" of turn {number}"
        if value is None:
            raise CallFailure(
                FailureKind.LIMIT,
                f"The {self.figure}{of} was not measured: {_why_not(call, self.figure)}.{call.listen_at(None)}",
                at=call.seconds(), turn=number, figure=str(self.figure), limit=self.limit,
            )  # fmt: skip
        if not _COMPARE[self.operator](value, self.limit):
            turn = call.turns[number] if number else None
            to = f" (to {named(turn)})" if turn and self.figure is Figure.response_time else ""
            raise CallFailure(
                FailureKind.LIMIT,
                f"The {_named(self.figure)}{of}{to} was {_text(self.figure, value)}, not {self.operator} "
                f"{_text(self.figure, self.limit)}.{call.listen_at(turn.start if turn else None)}",
                at=call.seconds(turn.start if turn else None), soft=True,
                turn=number, figure=str(self.figure), value=value, limit=self.limit,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShouldHaveBeenEndedBy(Step):
    """Who closed the call; waits for its end, at most ``turn_timeout``. Hard."""

    side: Side

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        timeout = call.settings.turn_timeout
        await call.wait_for(lambda: float("inf"), now() + timeout)
        ending = call.timeline.ending
        if ending is None:
            raise CallFailure(
                FailureKind.WRONG_END,
                f"The call is still open, {time_text(timeout)} later; the {self.side} should have ended it."
                + call.listen_at(None),
                at=call.seconds(),
            )
        call.end_expected = True
        if ending.by != self.side:
            raise CallFailure(
                FailureKind.WRONG_END,
                f"The call was ended by the {ending.by} after {time_text(call.seconds(ending.at))} ({ending.reason}), "
                f"not by the {self.side}.{call.listen_at(ending.at)}",
                at=call.seconds(ending.at),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShouldHaveNoFindings(Step):
    """Nothing so far that Asterisk or a phone would have stumbled over, but for kinds in ``ignore``. Soft."""

    ignore: tuple[str, ...] = ()

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        found = [finding for finding in call.record().findings if finding.kind not in self.ignore]
        if found:
            first = found[0]
            more = f" (and {len(found) - 1} more: see the call's page)" if len(found) > 1 else ""
            raise CallFailure(
                FailureKind.FINDING,
                f"{first.kind.capitalize()} at {first.at:.1f} s: {first.text}{more}."
                + call.listen_at(call.began + first.at),
                at=first.at, soft=True, value=float(len(found)), limit=0.0,
            )  # fmt: skip


async def _hear_words(call: Call, calls: Calls) -> None:
    for turn in call.turns:
        await understood(call, calls, turn.number)


async def _measured_turn(call: Call, figure: Figure, turn: int | None) -> int | None:
    """The turn that was asked for; waits until what is measured in it has happened.

    A reply that never came is a failure, not a missing figure: it took at least the time-out.
    """
    if figure is Figure.greeting_time:
        await call.wait_for_reply(0)
        return None
    if figure not in OF_A_TURN:
        if turn is not None:
            raise UsageError(f"The {figure} belongs to the call, not to a turn: leave out turn={turn}")
        return None
    number = None if turn is None else turn_number(call, turn)
    awaited = call.turns[-1].number if number is None else number
    if figure is Figure.response_time and awaited and not await call.wait_for_reply(awaited):
        raise call.no_reply(awaited)
    return number


def _why_not(call: Call, figure: Figure) -> str:
    if figure is Figure.greeting_time:
        return "the bot has not greeted"
    if figure is Figure.repeated_replies:
        return "no words of the bot were understood (Use Recogniser)"
    if figure is Figure.words_time:
        return "no words were expected in it (Bot Should Say)"
    if figure is Figure.barge_in_time:
        return "the caller did not interrupt the bot"
    return "the bot did not reply" if len(call.turns) > 1 else "the caller has said nothing yet"


def _named(figure: Figure) -> str:
    return f"number of {figure}" if figure in COUNTS else str(figure)


def _text(figure: Figure, value: float) -> str:
    if figure in COUNTS:
        return f"{value:g}"
    return f"{value:.0%}" if figure is Figure.talk_share else time_text(value)
