"""How the caller's sound leaves us: through the line that was set, with its noise from connect to hangup."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..media import Sound
from ..media.echo import Echo
from ..media.line import Line, mixed
from ..media.lru import Cache
from ..transport import PERIOD, Background, Connection
from .timeline import Depth, Timeline

VARIANTS = 4
"""Under load, so many mixtures of a recording with a line are made, and shared by all calls."""
LOOP = 10.0
"""Seconds after which lost frames are lost again where there is no noise."""

_shared: Cache[tuple[Sound, Line, object, int, int], Sequence[bytes]] = Cache(limit=512)


class Outgoing:
    """The line of one call.

    Where every frame of a call is kept, noise goes on under the words to the sample. Under load the words begin at the
    nearest of ``VARIANTS`` places in the noise, so that calls share frames: the noise jumps there, twice an utterance.

    Args:
        connection: what it is sent by.
        timeline: of the call; where it keeps only events, frames are shared with other calls.
        line: the line at the beginning of the call.
    """

    def __init__(self, connection: Connection, timeline: Timeline, line: Line) -> None:
        self._connection = connection
        self._timeline = timeline
        self._shared = timeline.depth is Depth.EVENTS
        self._parts = 0
        self.lines: list[str] = []
        """The lines of this call so far, as people call them."""
        self.set(line)

    def set(self, line: Line) -> None:
        """Take another line from now on."""
        connection = self._connection
        self.line = line
        if str(line) not in self.lines[-1:]:
            self.lines.append(str(line))
        frames = _background(connection, line)
        connection.background = Background(frames) if frames else None
        echo = None if line.echo is None else Echo(connection.format, line.echo, line.echo_delay)
        self._timeline.hear_echo(echo)
        connection.mix = echo.mix if echo else None

    async def prepare(self, sound: Sound, *, speech: bool) -> Sound:
        """Make what takes more than a moment; returns the clean recording at the pace of the line.

        Raises:
            SoundError: the recording has not the rate of the call's format.
        """
        line = self.line
        self._connection.encode(sound)
        if line.paced(sound) is sound and line.spoken(sound, speech=speech) is sound:
            return sound
        # Milliseconds for each second of sound: too long for the loop that sends all calls' media frames.
        await asyncio.to_thread(line.spoken, sound, speech=speech)
        return await asyncio.to_thread(line.paced, sound)

    def frames(self, sound: Sound, not_before: float, skip: int, *, speech: bool) -> Sequence[bytes]:
        """The frames of a recording as this line lets them through.

        Args:
            sound: the recording.
            not_before: when frame ``skip`` will be sent; 0: at once.
            skip: frames that will not be sent.
            speech: whether it is speech.
        """
        line, connection = self.line, self._connection
        voice = line.spoken(sound, speech=speech)
        loop, background = line.noise_loop(sound.rate), connection.background
        if background is None:
            return connection.encode(voice)
        ticks = math.ceil((not_before - PERIOD / 2 - connection.next_due) / connection.interval - 1e-6)
        start = background.position + max(0, ticks) - skip
        length = len(background.frames)
        if not self._shared:
            self._parts += 1
            return self._through(voice, loop, start % length, self._parts)
        variant = round(start * VARIANTS / length) % VARIANTS
        key = (voice, line, connection.format, connection.samples, variant)
        return _shared.get(key) or _shared.keep(
            key, self._through(voice, loop, variant * length // VARIANTS, variant + 1)
        )

    def _through(self, voice: Sound, loop: NDArray[np.int16] | None, start: int, part: int) -> Sequence[bytes]:
        connection = self._connection
        size, length = connection.samples, len(connection.background.frames) if connection.background else 0
        if loop is not None:
            # Filled up to whole frames: the noise goes on to the end of the last one.
            samples = np.pad(voice.samples, (0, -len(voice.samples) % size))
            samples = mixed(samples, loop[: length * size], start * size)
            voice = Sound.from_samples(samples, voice.rate, voice.name)
        frames = connection.encode(voice)
        lost = self.line.losses(len(frames), part)
        return [b"" if gone else frame for frame, gone in zip(frames, lost, strict=True)]


@lru_cache(64)
def _frames_of_noise(line: Line, rate: int) -> Sound | None:
    loop = line.noise_loop(rate)
    return None if loop is None else Sound.from_samples(loop, rate, line.noise)


def _background(connection: Connection, line: Line) -> Sequence[bytes]:
    noise = _frames_of_noise(line, connection.format.rate)
    if noise is not None:
        # Whole frames only, where larger pieces do not fit the loop.
        frames = connection.encode(noise)[: len(noise.samples) // connection.samples]
    elif line.loss and connection.silence is not None:
        frames = [connection.silence] * round(LOOP / connection.interval)
    else:
        return []
    lost = line.losses(len(frames), 0)
    return [b"" if gone else frame for frame, gone in zip(frames, lost, strict=True)] if line.loss else frames
