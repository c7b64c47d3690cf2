"""Steps of a call that came to us: take it, and expect something of its caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from ..call import Call, CallSettings
from ..protocol import AudioFormat, name_of
from ..records import CallFailure, FailureKind, UsageError, time_text
from ..transport import now
from .bot_steps import should_hang_up
from .calls import Calls
from .step import Step
from .turn_ear import NEVER
from .word_steps import BotShouldSay


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitForCall(Step):
    """Take the next call that comes; ``call`` is its alias."""

    timeout: float
    uuid: UUID | None = None
    settings: CallSettings = field(default_factory=CallSettings)

    def about(self, calls: Calls) -> None:
        """None: the call is still to come."""

    async def play(self, calls: Calls) -> Call:
        """Returns the call.

        Raises:
            CallFailure: none came.
        """
        calls.check_alias(self.call)
        if calls.server is None:
            raise UsageError("Nothing listens for calls. Use 'Start AudioSocket Server' first")
        call = await calls.server.take(self.timeout, uuid=self.uuid, settings=self.settings)
        call.alias = self.call
        calls.add(call)
        return call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerShouldSay(Step):
    """The words are heard in what the caller says after our last; waits for them."""

    words: BotShouldSay

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> str:
        return await self.words.play(calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerShouldSendDTMF(Step):
    """The caller's next keys are these; waits for them. Hard; late keys are soft.

    ``within`` (seconds) counts from our last voiced sample, or from the key that was expected before, if that came
    later.
    """

    keys: str
    within: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        expected, first = self.keys.upper(), call.keys_asserted
        since = _last_word(call)
        wait = max(self.within, call.settings.turn_timeout)

        def decided_at() -> float:
            came = "".join(key for _, key in call.keys[first : first + len(expected)])
            return 0.0 if came == expected or not expected.startswith(came) else NEVER

        await call.wait_for(decided_at, max(since, now()) + wait)
        pressed = call.keys[first : first + len(expected)]
        came = "".join(key for _, key in pressed)
        if came != expected:
            at = pressed[-1][0] if pressed else since
            if call.over and expected.startswith(came):
                raise call.ended_early(f"the caller had pressed {expected}" + (f" (it pressed {came})" if came else ""))
            what = f"pressed {came}, not {expected}" if came else f"did not press {expected}"
            raise CallFailure(
                FailureKind.WRONG_KEYS,
                f"Caller {what} within {time_text(wait)}.{call.listen_at(at)}",
                at=call.seconds(at),
            )
        call.keys_asserted = first + len(expected)
        time = pressed[-1][0] - since
        if time > self.within:
            raise CallFailure(
                FailureKind.LATE_REPLY,
                f"Caller pressed {expected} after {time_text(time)} (limit {time_text(self.within)})."
                + call.listen_at(pressed[-1][0]),
                at=call.seconds(pressed[-1][0]), soft=True, value=time, limit=self.within,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerShouldHangUpWithin(Step):
    """The caller ends the call, at most that long (seconds) after the last speech of either side. Hard."""

    limit: float

    async def play(self, calls: Calls) -> None:
        await should_hang_up(calls.get(self.call), self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFormatShouldBe(Step):
    """What the other side sends, by type and size of its first audio frame; waits for it. Hard."""

    format: AudioFormat

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        timeline, wait = call.timeline, call.settings.turn_timeout
        await call.wait_for(lambda: 0.0 if timeline.first_audio else NEVER, now() + wait)
        if timeline.first_audio is None:
            if call.over:
                raise call.ended_early(f"the {call.other} had sent any audio")
            raise CallFailure(
                FailureKind.WRONG_FORMAT,
                f"{call.other.capitalize()} sent no audio within {time_text(wait)}; expected {self.format.name}",
                at=call.seconds(),
            )
        kind, size = timeline.first_audio
        if self.format not in formats_of(kind, size):
            known = " or ".join(each.name for each in formats_of(kind, size))
            raise CallFailure(
                FailureKind.WRONG_FORMAT,
                f"{call.other.capitalize()} sends {known or 'no known format'} ({name_of(kind)}, "
                f"{size} bytes a frame), not {self.format.name}",
                at=call.seconds(),
            )


def formats_of(kind: int, size: int) -> list[AudioFormat]:
    """The formats that a frame of this type and size may be in: 0x10 carries several, told apart by the size alone."""
    return [each for each in AudioFormat if each.type == kind and (kind != AudioFormat.slin.type or each.size == size)]


def _last_word(call: Call) -> float:
    """Our last voiced sample, or the last key that was expected and came; in the beginning the UUID."""
    ends = [turn.end for turn in call.turns if turn.end is not None]
    keys = [at for at, _ in call.keys[: call.keys_asserted]]
    return max([call.line.uuid_at or call.began, *ends, *keys])
