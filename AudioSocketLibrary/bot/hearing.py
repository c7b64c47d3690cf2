"""How the bot notices the caller's speech: with little work for many calls, or exactly, for calibration.

Sample k of a frame received at T is at T + k/rate.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Protocol

import numpy as np

from ..call.steady import Divert, Figures, Kept, Place, Steady
from ..media import (
    Ear,
    VoiceDetector,
    dbfs_amplitude,
    decode_payload,
    levels_of,
    loud_samples,
    window_bytes,
    window_size,
)
from ..protocol import RATE_OF, AudioFormat, Frame, FrameType
from ..transport import now
from .agenda import nothing

MOST_FRAMES = 1000
MOST_SECONDS = 5.0
"""Of one call in one round. A backlog is at most some 1.5 s (measured); who floods is heard in part."""
_LEARNING = 320
"""Windows in which the detector may judge all again, and so ask for the first frames."""
_REMEMBERED = 60
"""Windows (300 ms) whose frames are kept afterwards: as far back as an onset is found."""
_MOST_UNREAD = 100
"""Windows (0.5 s) in which nothing begins that may wait to be read."""
_CALM = 20
"""Windows (100 ms) of silence after which a call takes a place among the steady ones."""
_RECENT = 0.05
"""Seconds: where the last frame that was judged is older, later ones may wait behind a hold-up of ours."""
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

    def heard_until(self) -> float:
        """When the last audio that was taken ends."""

    def divert(self, way: Divert | None, wanted: Callable[[], bool]) -> None:
        """Silence may be brought in this way to where many calls are heard at once.

        Args:
            way: None: all frames shall come here.
            wanted: whether a frame that comes now is to be heard.
        """

    def close(self) -> None:
        """The call is over."""


class Hearing:
    """Speech by adaptive energy, dated to the sample. Silence is heard for it among the steady calls."""

    __slots__ = (
        "_carry", "_detector", "_frame_length", "_fresh", "_last_row", "_loud", "_most", "_native", "_on_voice",
        "_onset", "_place", "_position", "_rows", "_shared", "_size", "_told", "_type", "_unread", "_wanted", "_width",
        "_windows_unread", "kind",
    )  # fmt: skip

    def __init__(self, audio: AudioFormat, on_voice: Voiced) -> None:
        self._native = native_kind(audio)
        self.kind = self._native
        """Rate and encoding of what arrives."""
        self._type = int(FrameType.AUDIO)
        self._width = window_bytes(self.kind)
        self._most = MOST_SECONDS * self.kind[0] * 2
        self._on_voice = on_voice
        self._shared = Ear.of(asyncio.get_running_loop())
        self._fresh: list[tuple[float, bytes]] = []
        self._size = 0
        self._detector = VoiceDetector()
        self._place = Place()
        self._frame_length = 0.0
        self._wanted: Callable[[], bool] | None = None
        self._unread: list[tuple[list[float], float, float]] = []
        self._windows_unread = 0
        self._loud = -inf
        """A level from which on frames are read at once."""
        self._rows: deque[tuple[float, float, bytes]] = deque()
        """Of the last frames: the window at which each begins, when it arrived, its payload."""
        self._position = 0.0
        self._carry = b""
        self._last_row: tuple[float, float, bytes] | None = None
        self._told = (0, 0)
        self._onset = (-1, 0.0)

    def add(self, at: float, frame: Frame) -> None:
        """Keep the frame for the next round."""
        self._leave()
        frame_type, payload = frame
        if frame_type != self._type:
            self._change_type(frame_type)
        if not self._fresh:
            self._shared.notice(self)
        if len(self._fresh) < MOST_FRAMES and self._size < self._most:
            self._fresh.append((at, payload))
            self._size += len(payload)

    def catch_up(self) -> None:
        """Take now what still waits."""
        if self._fresh:
            self._shared.forget(self)
            self.take(*levels_of(self.prepare(), self.kind))
        self._read()

    def last_voiced(self) -> float | None:
        """When the caller's last voiced sample so far arrived, to the sample."""
        self._read()
        segments = self._detector.segments
        if not segments or self._last_row is None:
            return None
        return self._time(self._last_row, segments[-1].last - 1, segments[-1].threshold, last=True)

    def heard_until(self) -> float:
        """When the last audio that was taken ends."""
        figures = self._place.figures
        if figures is not None and now() - figures.arrived < _RECENT:
            return figures.arrived + self._frame_length
        self._leave()
        self._read()
        return self._end_of(self._rows[-1], self._detector.windows) if self._rows else now()

    def divert(self, way: Divert | None, wanted: Callable[[], bool]) -> None:
        """Silence may be brought in this way to where many calls are heard at once."""
        if way is None:
            self._leave()
        self._place.way, self._wanted = way, wanted

    def close(self) -> None:
        """The call is over: what waits is not heard any more."""
        self._leave()
        self._place.way, self._wanted = None, None
        self._on_voice = nothing
        self._unread = []
        if self._fresh:
            self._fresh = []
            self._shared.forget(self)

    def prepare(self) -> bytes:
        """What waits, in whole windows."""
        fresh, self._fresh, self._size = self._fresh, [], 0
        width = self._width
        for at, payload in fresh:
            if self._rows and payload == self._rows[-1][2]:
                payload = self._rows[-1][2]  # noqa: PLW2901 - silence, over and over: one is enough
            self._rows.append((self._position, at, payload))
            self._position += len(payload) / width
        if len(fresh) == 1 and not self._carry and not len(payload) % width:
            return payload
        audio = self._carry + b"".join(payload for _, payload in fresh)
        whole = len(audio) // width * width
        self._carry = audio[whole:]
        return audio[:whole]

    def take(self, levels: list[float], low: float, high: float) -> None:
        """Take the levels of what ``prepare`` gave."""
        self._wait(levels, low, high)
        if self._place.way is not None and self._detector.silent_for + self._windows_unread >= _CALM:
            self._settle()

    def _wait(self, levels: list[float], low: float, high: float) -> None:
        """Frames in which nothing begins are read later, in one go."""
        self._unread.append((levels, low, high))
        self._windows_unread += len(levels)
        if high >= self._loud or self._windows_unread >= _MOST_UNREAD:
            self._read()

    def _read(self) -> None:
        """Make of the frames whose levels are known what follows from them."""
        if not self._unread:
            return
        unread, self._unread, self._windows_unread = self._unread, [], 0
        detector = self._detector
        changed = False
        for levels in unread:
            changed |= detector.feed(*levels)
        if changed or detector.speaking:
            self._tell()
        # Who speaks is heard frame by frame: he may have to be let finish, or to be interrupted.
        self._loud = -inf if detector.speaking or detector.windows < _LEARNING else detector.threshold
        if detector.windows > _LEARNING:
            rows, oldest = self._rows, detector.windows - _REMEMBERED
            while len(rows) > 1 and rows[1][0] <= oldest:
                rows.popleft()

    def _tell(self) -> None:
        """Speech may have begun, ended or grown."""
        segments = self._detector.segments
        if not segments or (len(segments), segments[-1].last) == self._told:
            return
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

    def _change_type(self, frame_type: int) -> None:
        self._type = frame_type
        kind = self._native if frame_type == FrameType.AUDIO else (RATE_OF[frame_type], "slin")
        if kind != self.kind:
            self.catch_up()
            self.kind = kind
            self._width = window_bytes(kind)
            self._most = MOST_SECONDS * kind[0] * 2
            self._start_anew()

    def _start_anew(self) -> None:
        self._detector = VoiceDetector()
        self._loud = -inf
        self._rows.clear()
        self._position = 0.0
        self._carry = b""
        self._last_row = None
        self._told = (0, 0)
        self._onset = (-1, 0.0)

    def _settle(self) -> None:
        """Take a place, where the caller is silent and all is as the steady calls suppose."""
        self._read()
        known, rows = self._detector.state(), self._rows
        if known is None or known.voiced is not None or self._detector.silent_for < _CALM:
            return
        if self._fresh or self._carry or not rows:
            return
        size, at = len(rows[-1][2]), rows[-1][1]
        kind, width = (*self.kind, size), size // self._width
        if not Steady.fits(kind) or self._position != known.windows or known.windows % width:
            return
        # The last frames, one behind another and each as long as the others: more of the past is not needed.
        frames: list[tuple[float, float, bytes]] = []
        begin = self._position
        for position, came, payload in reversed(rows):
            if len(payload) != size or position != begin - width:
                break
            frames.insert(0, (came, came, payload))
            begin = position
        figures = Figures.of(known, end=self._end_of(rows[-1], known.windows), arrived=at)
        if self._place.take(self, kind, figures, known.past, frames):
            rows.clear()
            self._frame_length = width * window_size(kind[0]) / kind[0]

    def returned(self, kept: Kept | None, at: float, payload: bytes, levels: list[float]) -> None:
        """The caller may begin to speak: the place is given up (None: it was, just before)."""
        if kept is not None:
            self._place.left()
            self._take_back(kept)
        if self._wanted is not None and self._wanted():
            self._rows.append((self._position, at, payload))
            self._position += len(payload) / self._width
            self._wait(levels, min(levels), max(levels))

    def _leave(self) -> None:
        """Give up the place, if there is one."""
        if kept := self._place.leave():
            self._take_back(kept)

    def _take_back(self, kept: Kept) -> None:
        self._detector.restore(kept.detector)
        self._position = kept.figures.windows
        self._rows = deque((position, at, payload) for position, _, at, payload in kept.frames)

    def _row_of(self, window: float) -> tuple[float, float, bytes]:
        latest = self._rows[-1]
        if latest[0] <= window:  # nearly always
            return latest
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

    def heard_until(self) -> float:
        """All that arrived was taken: its silence counts by the clock."""
        return now()

    def divert(self, way: Divert | None, wanted: Callable[[], bool]) -> None:
        """Each frame is looked into at once."""

    def close(self) -> None:
        """The call is over."""
        self._on_voice = self._on_silence = nothing

    def last_voiced(self) -> float | None:
        """When the caller's last voiced sample so far arrived, to the sample."""
        return self._last
