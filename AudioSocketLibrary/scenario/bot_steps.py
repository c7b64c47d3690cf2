"""Steps that expect something of the bot's speech. A limit judges, it does not cut: messages give the true figure."""

from __future__ import annotations

from dataclasses import dataclass

from ..call import Call, LiveTurn
from ..call.turns import WORD_PAUSE
from ..records import CallFailure, FailureKind, UsageError, time_text
from ..transport import now
from .calls import Calls
from .step import Step
from .turn_ear import NEVER, named

BREATH = 0.4
"""Seconds: a shorter silence of the bot is a pause in its sentence, and a caller who begins in it interrupts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldGreetWithin(Step):
    """Greeting time is at most the limit (seconds). Soft; no greeting at all is hard."""

    limit: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        if not await call.wait_for_reply(0, limit=self.limit):
            raise call.no_reply(0, limit=self.limit)
        time = call.greeting_time
        if time is not None and time > self.limit:
            at = call.turns[0].parts[0].start
            raise CallFailure(
                FailureKind.LATE_GREETING,
                f"Bot greeted after {time_text(time)} (limit {time_text(self.limit)}).{call.listen_at(at)}",
                at=call.seconds(at), soft=True, turn=0, figure="greeting time", value=time, limit=self.limit,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldReplyWithin(Step):
    """Response time is at most the limit (seconds). Soft; no reply at all is hard."""

    limit: float
    turn: int | None = None

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        number = turn_number(call, self.turn)
        if number == 0:
            raise UsageError(
                "The caller has said nothing yet: there is nothing to reply to. Say something first; "
                "for the greeting use 'Bot Should Greet Within'"
            )
        if not await call.wait_for_reply(number, limit=self.limit):
            raise call.no_reply(number, limit=self.limit)
        turn = call.turns[number]
        time = turn.response_time
        if time is not None and time > self.limit:
            raise CallFailure(
                FailureKind.LATE_REPLY,
                f"Bot replied after {time_text(time)} to {named(turn)} (turn {number}, limit {time_text(self.limit)})."
                + call.listen_at(turn.parts[0].start),
                at=call.seconds(turn.parts[0].start), soft=True,
                turn=number, figure="response time", value=time, limit=self.limit,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldStopTalkingWithin(Step):
    """Barge-in time is at most the limit (seconds). Soft."""

    limit: float
    turn: int | None = None

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        number = turn_number(call, self.turn)
        turn = call.turns[number]
        if number and turn.tail is None and _between_words(call, turn.start):
            return
        if number == 0 or turn.tail is None:
            raise CallFailure(
                FailureKind.MISSED_MOMENT,
                f"The bot was not speaking when the caller began {doing(turn)}: there was nothing to interrupt. "
                "Speak while it does, like at=900 ms after bot starts."
                + call.listen_at(turn.start if number else None),
                at=call.seconds(turn.start if number else None), turn=number,
            )  # fmt: skip

        def stopped_at() -> float:
            current = call.turns[number]
            if current.parts or current.tail is None:
                return 0.0
            return current.tail.end + call.settings.reply_pause

        stopped = await call.wait_for(stopped_at, turn.start + call.settings.turn_timeout) or call.over
        turn = call.turns[number]
        assert turn.tail
        time = turn.barge_in_time or 0.0
        if time > self.limit:
            how = f"stopped talking {time_text(time)}" if stopped else f"went on talking for at least {time_text(time)}"
            raise CallFailure(
                FailureKind.NOT_STOPPED,
                f"Bot {how} after the caller began {doing(turn)} (turn {number}, limit {time_text(self.limit)})."
                + call.listen_at(turn.start),
                at=call.seconds(turn.start), soft=True,
                turn=number, figure="barge in time", value=time, limit=self.limit,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldKeepTalkingFor(Step):
    """What the caller just did does not stop the bot: it goes on for that long (seconds). Soft."""

    duration: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        starts = [u.start for u in call.timeline.utterances if u.start is not None]
        if not starts:
            raise UsageError("The caller has done nothing yet that could stop the bot. Use 'Play' or another first")
        begin = starts[-1]
        if not any(stretch.start < begin < stretch.end + WORD_PAUSE for stretch in call.timeline.hearing.heard):
            raise CallFailure(
                FailureKind.MISSED_MOMENT,
                "The bot was not speaking when the caller began: there was nothing to go on with. "
                f"Speak while it does, like at=900 ms after bot starts.{call.listen_at(begin)}",
                at=call.seconds(begin),
            )

        def decided_at() -> float:
            end = self._talked_until(call, begin)
            return 0.0 if end >= begin + self.duration else end + call.settings.reply_pause

        await call.wait_for(decided_at, NEVER)
        end = self._talked_until(call, begin)
        if end < begin + self.duration:
            raise CallFailure(
                FailureKind.STOPPED,
                f"Bot stopped talking {time_text(max(0.0, end - begin))} after the caller began; it should have gone "
                f"on for {time_text(self.duration)}.{call.listen_at(end)}",
                at=call.seconds(end), soft=True, value=end - begin, limit=self.duration,
            )  # fmt: skip

    @staticmethod
    def _talked_until(call: Call, begin: float) -> float:
        end = begin
        for stretch in call.timeline.hearing.heard:
            if stretch.end > begin and stretch.start <= end + call.settings.reply_pause:
                end = stretch.end
        return end


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldStaySilentFor(Step):
    """No speech of the bot for that long from now on (seconds). Soft."""

    duration: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        call.require_open(f"it had been silent for {time_text(self.duration)}")
        begin = now()
        end = begin + self.duration

        def spoke_at() -> float:
            last = call.timeline.hearing.last_voiced
            return 0.0 if last is not None and last > begin else NEVER

        if await call.wait_for(spoke_at, end):
            at = next(stretch.start for stretch in call.timeline.hearing.spans if stretch.end > begin)
            after = f"spoke after {time_text(at - begin)}" if at > begin else "was still speaking"
            raise CallFailure(
                FailureKind.TALKED,
                f"Bot {after}; it should have been silent for {time_text(self.duration)}.{call.listen_at(at)}",
                at=call.seconds(at), soft=True, value=max(0.0, at - begin), limit=self.duration,
            )  # fmt: skip
        if call.over and call.until < end:
            raise call.ended_early(f"it had been silent for {time_text(self.duration)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldNotInterruptCaller(Step):
    """The bot did not start to speak while the caller spoke, in any turn so far. Soft."""

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        for turn in call.turns:
            time = turn.response_time
            if time is not None and time < 0:
                raise CallFailure(
                    FailureKind.TALKED,
                    f"Bot interrupted the caller, {time_text(-time)} before the end of {named(turn)} "
                    f"(turn {turn.number}).{call.listen_at(turn.parts[0].start)}",
                    at=call.seconds(turn.parts[0].start), soft=True,
                    turn=turn.number, figure="response time", value=time, limit=0.0,
                )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldHangUpWithin(Step):
    """The bot ends the call, at most that long (seconds) after the last speech of either side. Hard."""

    limit: float

    async def play(self, calls: Calls) -> None:
        await should_hang_up(calls.get(self.call), self.limit)


async def should_hang_up(call: Call, limit: float) -> None:
    """Wait until the other side ends the call; at most ``limit`` seconds after the last speech of either."""
    who = call.other.capitalize()
    wait = max(limit, call.settings.turn_timeout)
    await call.wait_for(lambda: _last_speech(call) + wait, NEVER)
    ending = call.timeline.ending
    since = _last_speech(call)
    if ending is None:
        text = f"{who} did not hang up within {time_text(wait)} after the last speech (limit {time_text(limit)})"
        raise CallFailure(FailureKind.NO_HANGUP, f"{text}.{call.listen_at(since)}", at=call.seconds(since), limit=limit)
    if ending.by != call.other:
        raise call.ended_early(f"the {call.other} had hung up")
    time = ending.at - since
    if time > limit:
        raise CallFailure(
            FailureKind.NO_HANGUP,
            f"{who} hung up {time_text(time)} after the last speech (limit {time_text(limit)})."
            + call.listen_at(ending.at),
            at=call.seconds(ending.at), value=time, limit=limit,
        )  # fmt: skip


def _last_speech(call: Call) -> float:
    ends = [turn.end for turn in call.turns if turn.end is not None]
    last = call.timeline.hearing.last_voiced
    return max([call.began, *ends, *([last] if last is not None else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntilBotHasSpoken(Step):
    """Wait until the bot has spoken in this turn and been quiet for ``reply_pause``."""

    timeout: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        await wait_for_speech(call, self.timeout)
        await call.wait_until_quiet()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntilBotStartsSpeaking(Step):
    """Wait for the bot's first voiced sample in this turn."""

    timeout: float

    async def play(self, calls: Calls) -> None:
        await wait_for_speech(calls.get(self.call), self.timeout)


async def wait_for_speech(call: Call, timeout: float) -> None:
    """Wait until the bot has begun to speak in the last turn, at most ``timeout`` seconds from now."""
    turn = call.turns[-1].number
    if not await call.wait_for(lambda: 0.0 if call.turns[turn].parts else NEVER, now() + timeout):
        if call.over:
            raise call.ended_early("the bot had spoken")
        raise CallFailure(
            FailureKind.NO_REPLY if turn else FailureKind.NO_GREETING,
            f"Bot did not speak within {time_text(timeout)} (turn {turn}).{call.listen_at(None)}",
            at=call.seconds(), turn=turn, value=timeout,
        )  # fmt: skip


def _between_words(call: Call, at: float) -> bool:
    """Whether the bot paused for a moment at ``at``, in the middle of its reply. It then stopped at once."""
    return any(0 <= at - stretch.end < BREATH for stretch in call.timeline.hearing.heard)


def turn_number(call: Call, turn: int | None) -> int:
    """The number of a turn that exists; None means the last.

    Raises:
        UsageError: the call has no such turn.
    """
    last = call.turns[-1].number
    number = last if turn is None else turn
    if not 0 <= number <= last:
        raise UsageError(f"There is no turn {number}: the call has turns 0 (the greeting) to {last}")
    return number


def doing(turn: LiveTurn) -> str:
    """What the caller did in a turn, after "began"."""
    if turn.kind == "greeting":
        return "(it has said nothing yet)"
    return f"to press {turn.said}" if turn.kind == "keys" else f"to say '{turn.said}'"
