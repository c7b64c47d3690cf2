"""How the bot speaks: one frame at each tick of the media clock, or as badly as it was told."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..media import silence_frame
from ..protocol import HEADER_SIZE, AudioFormat, Frame, encode
from ..transport import PERIOD, Connection, now
from .agenda import nothing

MOST_ECHOED = 1 << 19
"""Bytes sent back between two ticks: a caller who floods and does not read fills no memory."""
_HALF_HEADER = 2


@dataclass(slots=True, eq=False)
class Saying:
    """Something being said, or about to be."""

    frames: Sequence[bytes]
    turn: int
    not_before: float
    """When the first frame is to be sent; the nearest tick is taken."""
    onset: float
    """Seconds from the beginning of the first frame to the first voiced sample."""
    on_begin: Callable[[float], None]
    """Told when the first voiced sample was really sent."""
    position: int = 0
    speed: float = 1.0
    credit: float = 0.0
    """What of a frame is left over at a speed like 1.5."""
    began: float | None = None


class Mouth:
    """The bot's voice on one connection.

    Args:
        audio: what is sent.
        fill: send silence while there is nothing to say.
        on_end: told the turn, and when the sound ends, once the last frame of all that was to be said has gone.
    """

    def __init__(self, audio: AudioFormat, *, fill: bool, on_end: Callable[[int, float], None]) -> None:
        self.audio = audio
        self.line: Connection | None = None
        self.echoing = False
        self.muted = False
        self.late_payload: float | None = None
        """The next frame's payload follows its header so much later."""
        self.quiet_since = 0.0
        """When the bot's last word ended."""
        self._silence = silence_frame(audio) if fill else None
        self._on_end = on_end
        self._queue: deque[Saying] = deque()
        self._held_until = 0.0
        self._echoed = 0
        self._cut_size = 0
        self._uncut = b""
        self._type: int | None = None
        self._going: Saying | None = None

    def begin(self, line: Connection) -> None:
        """The connection stands, and sends from now on what this chooses."""
        self.line = line
        line.source = self.choose
        self._set_idle()

    @property
    def talking(self) -> bool:
        """Whether anything is being said or waits for its tick."""
        return bool(self._queue)

    @property
    def talking_since(self) -> float | None:
        """When the words that are being said began; None: none are."""
        return self._queue[0].began if self._queue else None

    @property
    def _held(self) -> bool:
        return self.muted or self.line is None or self._held_until > now()

    def say(self, saying: Saying) -> None:
        """Say it, after what is being said already."""
        if not self.muted:
            self._queue.append(saying)
            self._set_idle()

    def stop(self) -> bool:
        """Say nothing more; whether anything was being said."""
        was_talking = bool(self._queue)
        if was_talking and self._queue[0].began is not None:
            self.quiet_since = now()
        self._queue.clear()
        self._set_idle()
        return was_talking

    def close(self) -> None:
        """The call is over."""
        self.stop()
        self.line = self._going = None
        self._on_end = nothing

    def mute(self) -> None:
        """Send nothing at all from now on."""
        self.stop()
        self.muted = True
        self._set_idle()

    def unmute(self) -> None:
        """Send again."""
        self.muted = False
        self._set_idle()

    def choose(self, due: float) -> bytes | None:
        """The media frame that is due at ``due``, where it is one whole frame as it should be; else ``tick`` sends it.

        ``went`` must follow, once it was sent.
        """
        self._going = None
        if self._held_until or self.muted or self._cut_size or self._type is not None or self.late_payload is not None:
            return None
        if self._queue:
            saying = self._queue[0]
            # The tick nearest to the wished moment: half a period early is as near as half a period late.
            if due >= saying.not_before - PERIOD / 2:
                if saying.speed != 1.0 or saying.credit or saying.position >= len(saying.frames):
                    return None
                self._going = saying
                return saying.frames[saying.position] or None
        return None if self.echoing else self._silence

    def went(self, at: float) -> None:
        """The frame that was chosen was sent at ``at``."""
        self._echoed = 0
        saying = self._going
        if saying is not None:
            saying.position += 1
            self._said(saying, at)

    def tick(self, due: float, at: float) -> None:
        """Send what is due at ``due`` and could not be chosen: more than a frame, less, or a wrong one."""
        self._echoed = 0
        if self._held:
            return
        saying = self._queue[0] if self._queue else None
        # The tick nearest to the wished moment: half a period early is as near as half a period late.
        if saying is not None and due >= saying.not_before - PERIOD / 2:
            self._say_more(saying, at)
        elif self._silence is not None and not self.echoing:
            self._send(self._silence)

    def echo_all(self, echoing: bool) -> None:
        """Send back what arrives from now on, or no more."""
        self.echoing = echoing
        self._set_idle()

    def delay_payload(self, seconds: float) -> None:
        """Send the next frame's payload so much later than its header."""
        self.late_payload = seconds
        self._set_idle()

    def echo(self, frame: Frame) -> None:
        """Send back what arrived, as it is."""
        size = len(frame.payload)
        if size and not self._held and self._echoed + size <= MOST_ECHOED:
            assert self.line
            self._echoed += size
            self.line.send(encode(frame.type, frame.payload))

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        if not self._held and self.line:
            self.line.send(data)

    def pause(self, seconds: float, *, catch_up: bool = False) -> None:
        """Send nothing for so long, then go on where it was; to catch up, what was due meanwhile comes at once."""
        self._held_until = max(self._held_until, now() + seconds)
        if catch_up and self._queue:
            self._queue[0].credit += seconds / PERIOD
        self._set_idle()

    def cut_into(self, size: int) -> None:
        """Send audio in frames of ``size`` bytes from now on; 0: as they should be."""
        self._cut_size = size
        self._set_idle()

    def send_as(self, frame_type: int | None) -> None:
        """Send audio frames of this type from now on; None: of the right one."""
        self._type = frame_type
        self._set_idle()

    def send_half_header(self, seconds: float) -> None:
        """Send two bytes of a header; the rest of the frame after so long, if ever."""
        if self._held or self.line is None:
            return
        frame = silence_frame(self.audio)
        self.line.send(frame[:_HALF_HEADER])
        self._rest_later(frame[_HALF_HEADER:], seconds)

    def _say_more(self, saying: Saying, at: float) -> None:
        for frame in saying.frames[saying.position : saying.position + self._count(saying)]:
            saying.position += 1
            self._send(frame)
        self._said(saying, at)

    def _said(self, saying: Saying, at: float) -> None:
        """Something of it was sent at ``at``."""
        self.quiet_since = at + PERIOD
        if saying.began is None:
            saying.began = at
            saying.on_begin(at + saying.onset)
        if saying.position >= len(saying.frames) and self._queue and self._queue[0] is saying:
            self._queue.popleft()
            if not self._queue:
                self._set_idle()
                self._on_end(saying.turn, self.quiet_since)

    @staticmethod
    def _count(saying: Saying) -> int:
        """Frames of it to send at this tick."""
        if math.isinf(saying.speed):
            return len(saying.frames)
        saying.credit += saying.speed
        count = int(saying.credit)
        saying.credit -= count
        return count

    def _send(self, frame: bytes) -> None:
        assert self.line
        if self._type is not None:
            frame = bytes((self._type,)) + frame[1:]
        if self.late_payload is not None:
            wait, self.late_payload = self.late_payload, None
            self._set_idle()
            self.line.send(frame[:HEADER_SIZE])
            self._rest_later(frame[HEADER_SIZE:], wait)
        elif self._cut_size:
            self._uncut += frame[HEADER_SIZE:]
            size = self._cut_size
            while len(self._uncut) >= size:
                self.line.send(encode(frame[0], self._uncut[:size]))
                self._uncut = self._uncut[size:]
        else:
            self.line.send(frame)

    def _rest_later(self, rest: bytes, seconds: float) -> None:
        """Nothing else may be sent until the frame is whole."""
        self._held_until = math.inf
        self._set_idle()
        if not math.isinf(seconds):
            asyncio.get_running_loop().call_later(seconds, self._send_rest, rest)

    def _send_rest(self, rest: bytes) -> None:
        self._held_until = 0.0
        self._set_idle()
        if self.line:
            self.line.send(rest)

    def _set_idle(self) -> None:
        """Where nothing is to be said, nor badly, the line sends silence by itself: that costs less."""
        odd = (
            self._held_until or self.muted or self._cut_size or self._type is not None or self.late_payload is not None
        )
        if self.line is not None:
            self.line.idle = None if odd or self._queue or self.echoing else self._silence
