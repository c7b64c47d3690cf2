"""A caller's line that keeps what the bot sent, piece by piece: what each Asterisk makes of it is judged afterwards."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from ..call import Depth, LiveTurn, Timeline, Utterance, find_turns
from ..media import Sound, silence_frame
from ..protocol import AudioFormat, Party
from ..records import time_text
from ..transport import PERIOD, Connection, Playback, now

WATCH = 0.001
STEP = 0.005
"""Seconds between two looks at what happened; the times themselves are exact."""


async def until(true: Callable[[], object], limit: float) -> bool:
    """Wait until something is true, at most ``limit`` seconds."""
    end = now() + limit
    while not true():
        if now() >= end:
            return False
        await asyncio.sleep(STEP)
    return True


class Piece(NamedTuple):
    """What one read gave."""

    at: float
    data: bytes
    stalled: float
    """Seconds since the piece before in which nothing had come, as far as that is sure: our own delay is no stall."""


class Line(Connection):
    """One short call: lenient, measured.

    Args:
        uuid: what is sent first; None: nothing is sent.
        audio: what we send.
        dtx: send nothing instead of silence.
    """

    def __init__(self, *, uuid: UUID | None, audio: AudioFormat = AudioFormat.slin, dtx: bool = False) -> None:
        self.timeline = Timeline(now(), audio, depth=Depth.EVENTS)
        super().__init__(Party.CALLER, uuid=uuid, format=audio, strict=False, dtx=dtx, listener=self.timeline)
        self.began = now()
        self.pieces: list[Piece] = []
        self._nothing_until = 0.0
        self.bot_ended: Literal["", "hangup", "close", "reset"] = ""
        """How the bot ended it, where it was the bot."""

    # -- what arrives -------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Keep what came, then take it as every connection does."""
        self.pieces.append(Piece(now(), data, self.stalled))
        stood = self.ending is None
        super().data_received(data)
        if stood and self.ending is not None:  # nothing else that comes ends a lenient call
            self.bot_ended = "hangup"
        if self._reader.inside:
            self._watch(len(self.pieces))

    @property
    def stalled(self) -> float:
        """Seconds since the last piece in which nothing more had come; told only while a frame is unfinished."""
        return max(0.0, self._nothing_until - self.pieces[-1].at) if self.pieces else 0.0

    def _watch(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        # Asked twice round the loop later: what had come by then was read, however late we are.
        loop.call_later(WATCH, lambda: loop.call_soon(loop.call_soon, self._nothing_came, count, now()))

    def _nothing_came(self, count: int, at: float) -> None:
        if len(self.pieces) == count and self.ending is None:
            self._nothing_until = at
            self._watch(count)

    def eof_received(self) -> None:
        """The bot closed."""
        if self.ending is None:
            self.bot_ended = "close"
        super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed."""
        if self.ending is None and isinstance(error, ConnectionResetError):
            self.bot_ended = "reset"
        super().connection_lost(error)

    # -- what is known ------------------------------------------------------------------------------------------------

    @property
    def turns(self) -> list[LiveTurn]:
        """The turns so far, the greeting first."""
        hearing = self.timeline.hearing
        return find_turns(self.timeline.utterances, hearing.spans, hearing.heard)

    @property
    def greeting_time(self) -> float | None:
        """Seconds from the call's beginning to the bot's first voiced sample; None: nothing yet."""
        parts = self.turns[0].parts
        return parts[0].start - (self.uuid_at or self.began) if parts else None

    @property
    def how_it_ended(self) -> str:
        """What the bot did to end it, as a verb with its object."""
        return {"reset": "reset the connection", "hangup": "hung up (0x00)"}.get(self.bot_ended, "closed the call")

    def ended_after(self, event: float, what: str) -> str:
        """``closed the call 3 ms after DTMF '1'``."""
        assert self.ending
        seconds = self.ending.at - event
        return f"{self.how_it_ended} {time_text(seconds) if seconds >= 0.001 else 'at once'} after {what}"

    # -- what the caller does -----------------------------------------------------------------------------------------

    async def speak(self, sound: Sound, *, at: float = 0.0) -> Utterance:
        """Say a recording, its first voiced sample at ``at`` (default: now); returns at its last voiced sample."""
        first, last = sound.first_voiced, sound.last_voiced
        playback = Playback(
            self.encode(sound),
            self.samples,
            mark=(last - 1) // self.samples,
            first=first // self.samples,
            not_before=at and at - first % self.samples / sound.rate,
        )
        utterance = Utterance("speech", sound.name, playback, first, last, sound.rate)
        self.timeline.utterances.append(utterance)
        self.play(playback)
        await asyncio.wait([playback.reached])
        return utterance

    async def quiet(self, limit: float, pause: float = 0.8) -> bool:
        """Wait until the bot has said nothing for a while; False where it still spoke after ``limit`` seconds."""
        hearing = self.timeline.hearing
        return await until(
            lambda: self.ending or hearing.last_voiced is None or now() - hearing.last_voiced >= pause, limit
        )

    def shut(self) -> None:
        """Close our side only: the bot sees what it sees of a caller who hung up, and we see what it does."""
        if self._clock is not None:
            self._clock.remove(self)
            self._clock = None
        if self._transport is not None and self.ending is None:
            self._transport.write_eof()


class Feed:
    """Sends a line's media frames as a network may deliver them: several in one segment, or one in several.

    Args:
        line: one that sends nothing by itself.
        together: frames in one write.
        cut: send the bytes before these positions of a frame each in a write of its own.
    """

    def __init__(self, line: Line, *, together: int = 1, cut: Sequence[int] = ()) -> None:
        self._line = line
        self._together = together
        self._cut = tuple(cut)
        self._waiting: deque[bytes] = deque()
        self._silence = silence_frame(line.format)

    async def write(self, data: bytes) -> None:
        """Write bytes, cut."""
        start = 0
        for end in (*self._cut, len(data)):
            if start < end <= len(data):
                self._line.send(data[start:end])
                start = end
                await asyncio.sleep(0.001 if end < len(data) else 0)

    async def run(self) -> None:
        """Send until the line is over."""
        due = now()
        while self._line.open:
            frames = [self._waiting.popleft() if self._waiting else self._silence for _ in range(self._together)]
            await self.write(b"".join(frames))
            due += PERIOD * self._together
            await asyncio.sleep(max(0.0, due - now()))

    async def say(self, sound: Sound) -> float:
        """Say a recording; returns when it was said."""
        self._waiting.extend(sound.frames(self._line.format))
        await until(lambda: not self._waiting or self._line.ending, sound.duration + 5)
        return now()
