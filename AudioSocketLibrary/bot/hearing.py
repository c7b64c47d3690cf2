"""How the bot notices the caller's speech: with little work for many calls, or exactly, for calibration.

Sample k of a frame received at T is at T + k/rate.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from ..media import VoiceDetector, dbfs_amplitude, decode_payload, loud_samples, window_levels, window_size
from ..protocol import RATE_OF, AudioFormat, Frame, FrameType

ROUND = 0.010
"""Seconds between two rounds of listening: how late the bot may notice. The times it finds are exact."""
MOST_FRAMES = 1000
MOST_SECONDS = 5.0
"""Of one call in one round. A backlog is at most some 1.5 s (measured); who floods is heard in part."""
_LEARNING = 320
"""Windows in which the detector may judge all again, and so ask for the first frames."""
_REMEMBERED = 60
"""Windows (300 ms) whose frames are kept afterwards: as far back as an onset is found."""
_LOUD = round(dbfs_amplitude(-55.0))
"""Beside digital silence, whatever reaches this amplitude is the caller."""

Voiced = Callable[[float, float], None]
"""Told the first and one past the last voiced sample (so far) of a piece of speech, on the one clock."""


def native_kind(audio: AudioFormat) -> tuple[int, str]:
    """Rate and encoding of 0x10: what the call agreed on, where the call travels in 0x10 itself; else 8 kHz."""
    if audio.type == FrameType.AUDIO:
        return audio.rate, str(audio.encoding)
    return RATE_OF[FrameType.AUDIO], "slin"


class CallerEar(Protocol):
    """Listens to one caller."""

    def add(self, at: float, frame: Frame) -> None:
        """An audio frame arrived."""

    def catch_up(self) -> None:
        """Take now what still waits."""

    def last_voiced(self) -> float | None:
        """When the caller's last voiced sample so far arrived."""

    def close(self) -> None:
        """The call is over."""


class Round:
    """Listens to all calls of one event loop at once: numpy's price is paid once a round, not once a frame."""

    _rounds: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Round]] = WeakKeyDictionary()

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> Round:
        """The one of ``loop``."""
        found = cls._rounds.get(loop)
        if found is None:
            found = cls._rounds[loop] = cls()
        return found

    def __init__(self) -> None:
        self._waiting: list[Hearing] = []

    def notice(self, hearing: Hearing) -> None:
        """Frames arrived for ``hearing``."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(ROUND, self.listen)
        self._waiting.append(hearing)

    def forget(self, hearing: Hearing) -> None:
        """The call is over; where the loop ends too, this round would hold it for ever."""
        self._waiting.remove(hearing)

    def listen(self) -> None:
        """Take all that arrived since the last round."""
        waiting, self._waiting = self._waiting, []
        groups: dict[tuple[int, str], list[tuple[Hearing, bytes]]] = {}
        for hearing in waiting:
            groups.setdefault(hearing.kind, []).append((hearing, hearing.prepare()))
        for (rate, encoding), members in groups.items():
            samples = decode_payload(b"".join(audio for _, audio in members), encoding)
            levels = window_levels(samples, rate).tolist()
            at, width = 0, window_size(rate) * (2 if encoding == "slin" else 1)
            for hearing, audio in members:
                count = len(audio) // width
                hearing.take(levels[at : at + count])
                at += count


class Hearing:
    """Speech by adaptive energy, dated to the sample."""

    def __init__(self, audio: AudioFormat, on_voice: Voiced) -> None:
        self._native = native_kind(audio)
        self.kind = self._native
        """Rate and encoding of what arrives."""
        self._on_voice = on_voice
        self._round = Round.of(asyncio.get_running_loop())
        self._fresh: list[tuple[float, bytes]] = []
        self._size = 0
        self._detector = VoiceDetector()
        self._rows: deque[tuple[float, float, bytes]] = deque()
        """Of the last frames: the window at which each begins, when it arrived, its payload."""
        self._position = 0.0
        self._carry = b""
        self._last_row: tuple[float, float, bytes] | None = None
        self._told = (0, 0)
        self._onset = (-1, 0.0)

    def add(self, at: float, frame: Frame) -> None:
        """Keep the frame for the next round."""
        kind = self._native if frame.type == FrameType.AUDIO else (RATE_OF[frame.type], "slin")
        if kind != self.kind:
            self.catch_up()
            self.kind = kind
            self._start_anew()
        if not self._fresh:
            self._round.notice(self)
        if len(self._fresh) < MOST_FRAMES and self._size < MOST_SECONDS * self.kind[0] * 2:
            self._fresh.append((at, frame.payload))
            self._size += len(frame.payload)

    def catch_up(self) -> None:
        """Take now what still waits."""
        if self._fresh:
            self._round.forget(self)
            audio = self.prepare()
            self.take(window_levels(decode_payload(audio, self.kind[1]), self.kind[0]).tolist())

    def last_voiced(self) -> float | None:
        """When the caller's last voiced sample so far arrived, to the sample."""
        segments = self._detector.segments
        if not segments or self._last_row is None:
            return None
        return self._time(self._last_row, segments[-1].last - 1, segments[-1].threshold, last=True)

    def close(self) -> None:
        """The call is over: what waits is not heard any more."""
        if self._fresh:
            self._fresh = []
            self._round.forget(self)

    def prepare(self) -> bytes:
        """What waits, in whole windows."""
        fresh, self._fresh, self._size = self._fresh, [], 0
        window = window_size(self.kind[0])
        width = window * (2 if self.kind[1] == "slin" else 1)
        for at, payload in fresh:
            self._rows.append((self._position, at, payload))
            self._position += len(payload) / width
        audio = self._carry + b"".join(payload for _, payload in fresh)
        whole = len(audio) // width * width
        self._carry = audio[whole:]
        return audio[:whole]

    def take(self, levels: list[float]) -> None:
        """Take the levels of what ``prepare`` gave."""
        detector = self._detector
        detector.feed(levels)
        segments = detector.segments
        if segments and (len(segments), segments[-1].last) != self._told:
            # The last known may have grown; in the first 1.5 s all may have been judged again. One that did not grow is
            # not told again: its frames may be forgotten, and their times with them.
            known, end = self._told
            begin = max(0, known - 1)
            if known and len(segments) > known and segments[begin].last == end:
                begin = known
            for segment in segments[begin:]:
                if segment.first != self._onset[0]:
                    row = self._row_of(segment.first + 0.5)
                    self._onset = (segment.first, self._time(row, segment.first, segment.threshold, last=False))
                self._last_row = self._row_of(segment.last - 0.5)
                self._on_voice(self._onset[1], self._end_of(self._last_row, segment.last))
            self._told = (len(segments), segments[-1].last)
        if detector.windows > _LEARNING:
            oldest = detector.windows - _REMEMBERED
            while len(self._rows) > 1 and self._rows[1][0] <= oldest:
                self._rows.popleft()

    def _start_anew(self) -> None:
        self._detector = VoiceDetector()
        self._rows.clear()
        self._position = 0.0
        self._carry = b""
        self._last_row = None
        self._told = (0, 0)
        self._onset = (-1, 0.0)

    def _row_of(self, window: float) -> tuple[float, float, bytes]:
        return next((row for row in reversed(self._rows) if row[0] <= window), self._rows[0])

    def _end_of(self, row: tuple[float, float, bytes], window: int) -> float:
        """When the window before ``window``, which is in ``row``, ends."""
        position, at, _ = row
        return at + max(0.0, window - position) * window_size(self.kind[0]) / self.kind[0]

    def _time(self, row: tuple[float, float, bytes], window: int, threshold: float, *, last: bool) -> float:
        """When the first (or one past the last) voiced sample in ``window`` arrived."""
        rate, encoding = self.kind
        size = window_size(rate)
        position, at, payload = row
        start = max(0, round((window - position) * size))
        samples = decode_payload(payload, encoding)[start : start + size]
        inside = loud_samples(samples, threshold)[last] if np.any(samples) else last * len(samples)
        return at + (start + inside) / rate


class ExactHearing:
    """Tones beside digital silence: the last voiced sample is found in the frame that holds it.

    Args:
        audio: what 0x10 carries.
        on_voice: told of each frame with voice in it.
        on_silence: told of each frame without.
    """

    def __init__(self, audio: AudioFormat, on_voice: Voiced, on_silence: Callable[[], None]) -> None:
        self._native = native_kind(audio)
        self._on_voice = on_voice
        self._on_silence = on_silence
        self._last: float | None = None

    def add(self, at: float, frame: Frame) -> None:
        """Look into the frame at once."""
        rate, encoding = self._native if frame.type == FrameType.AUDIO else (RATE_OF[frame.type], "slin")
        payload = frame.payload
        if payload.count(0) == len(payload):
            self._on_silence()
            return
        samples = decode_payload(payload, encoding)
        loud = np.flatnonzero((samples >= _LOUD) | (samples <= -_LOUD))
        if len(loud):
            self._last = at + (int(loud[-1]) + 1) / rate
            self._on_voice(at + int(loud[0]) / rate, self._last)
        else:
            self._on_silence()

    def catch_up(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing waits."""

    def last_voiced(self) -> float | None:
        """When the caller's last voiced sample so far arrived, to the sample."""
        return self._last
