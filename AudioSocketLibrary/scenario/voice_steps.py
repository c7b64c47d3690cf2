"""Steps of the caller's voice: say a text, make a sound, change the line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ..call import AFTER_THE_REPLY, Moment
from ..media.line import Line
from ..media.saying import Wanted, say
from ..media.sounds import load_at_level, make_sound
from .calls import Calls
from .step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Step):
    """Say one of the texts, drawn by the caller's seed: its recording, else synthesised."""

    texts: tuple[str, ...]
    """``{name}`` in them is a field of the call data."""
    at: Moment = AFTER_THE_REPLY
    book: Path | None = None
    """The phrase book in use; None: the package's own."""
    engine: str = ""
    """The voice that synthesises; empty: the usual one."""
    voice: str = ""
    language: str = ""
    """Only in this language."""
    usual: str = ""
    """Rather in this language, where none is asked for."""

    async def play(self, calls: Calls) -> str:
        """Returns the text that was said."""
        call = calls.get(self.call)
        number = len(call.timeline.utterances)
        drawn = Random(f"{calls.seed} {number}").choice(self.texts)  # noqa: S311 - the same seed, the same words
        wanted = Wanted(
            calls.fill(drawn),
            book=self.book,
            engine=self.engine,
            voice=self.voice or calls.voice,
            language=self.language,
            usual=self.usual,
            seed=calls.seed,
        )
        rate = call.settings.format.rate
        saying = calls.sayings.known(wanted, rate) if calls.sayings else None
        if saying is None:
            # Reading, and above all synthesising, must not hold up the media frames of other calls.
            saying = await asyncio.to_thread(calls.sayings.say if calls.sayings else say, wanted, rate)
        await calls.think(call, self.at)
        await call.play(saying.sound, said=saying.text, voice=saying.voice, at=self.at)
        return saying.text


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSound(Step):
    """Let a sound be heard that is no turn: one of ours by its name, or a file."""

    sound: str | Path
    at: Moment = AFTER_THE_REPLY
    level: float | None = None
    """dBFS, RMS; None: -20 for ours, a file as it is."""

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        rate = call.settings.format.rate
        if isinstance(self.sound, Path):
            sound = await asyncio.to_thread(load_at_level, self.sound, rate, self.level)
        else:
            sound = await asyncio.to_thread(make_sound, self.sound, rate, level=self.level)
        await call.play(sound, at=self.at, turn=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLine(Step):
    """How the caller sounds from now on, in this call."""

    line: Line

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        call.require_open("the line could be changed")
        # The noise is made once in a process, in some 100 ms.
        await asyncio.to_thread(self.line.noise_loop, call.settings.format.rate)
        call.outgoing.set(self.line)
