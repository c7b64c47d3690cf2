"""Steps of the caller: place, speak, press, be silent, hang up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from uuid import UUID

from ..call import AFTER_THE_REPLY, Call, CallSettings, Moment
from ..media import Sound, load_sound
from ..media.dtmf import dtmf
from ..media.line import CLEAN
from ..records import CallRecord, UsageError, time_text
from ..transport import Address
from .calls import Calls
from .step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall(Step):
    """Call a bot; ``call`` is the alias of the new call."""

    bot: Address
    settings: CallSettings = field(default_factory=CallSettings)
    uuid: UUID | None = None

    def about(self, calls: Calls) -> None:
        """None: the call is still to be placed."""

    async def play(self, calls: Calls) -> Call:
        calls.check_alias(self.call)
        settings = self.settings
        if calls.line is not None and settings.line == CLEAN:
            settings = replace(settings, line=calls.line)
        call = await Call.place(self.bot, settings, uuid=self.uuid or calls.next_uuid(), alias=self.call)
        if not calls.recorded:
            call.recording_name = None
        calls.add(call)
        return call


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchCall(Step):
    """Make another call the current one."""

    def about(self, calls: Calls) -> None:
        """None: nothing happens in a call."""

    async def play(self, calls: Calls) -> None:
        calls.switch(self.call)


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Step):
    """End the call, now or at a moment."""

    at: Moment | None = None
    with_frame: bool = False

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        await call.hang_up(at=self.at, with_frame=self.with_frame)
        call.require_unbroken(f"the {call.role} hung up")


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpAll(Step):
    """End every open call."""

    async def play(self, calls: Calls) -> None:
        await asyncio.gather(*(call.hang_up() for call in calls.all if not call.over))


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCall(Step):
    """The record of the call so far."""

    async def play(self, calls: Calls) -> CallRecord:
        call = calls.get(self.call)
        call.marks = calls.events.marks(call)
        return call.record(recording=call.recording_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(Step):
    """Play a recording as the caller's speech."""

    recording: Path
    at: Moment = AFTER_THE_REPLY

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        sound = load_sound(self.recording, call.settings.format.rate)
        await calls.think(call, self.at)
        await call.play(sound, at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDTMF(Step):
    """Press keys."""

    keys: str
    at: Moment = AFTER_THE_REPLY
    in_band: bool = False
    """As tones in the audio, not as frames of their own."""

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        await calls.think(call, self.at)
        if not self.in_band:
            await call.press(self.keys, at=self.at)
            return
        rate = call.settings.format.rate
        try:
            tones = Sound.from_samples(dtmf(self.keys, rate), rate, f"keys {self.keys} in band")
        except ValueError as error:
            raise UsageError(str(error)) from None
        await call.play(tones, at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaySilent(Step):
    """Say nothing for that long; drawn between the two, if both are given (seconds)."""

    least: float
    most: float | None = None
    seed: int | None = None
    """Draws the same length in each call; None: each caller draws its own."""

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        call.require_open(f"the {call.role} had been silent for as long as asked")
        if self.most is None:
            length = self.least
        elif self.seed is None:
            length = calls.draw(call, self.least, self.most)
        else:
            length = Random(self.seed).uniform(self.least, self.most)  # noqa: S311 - the same seed, the same length
        end = call.until + length
        await call.wait_for(lambda: end, end)
        call.require_unbroken(f"the {call.role} had been silent for {time_text(length)}")
