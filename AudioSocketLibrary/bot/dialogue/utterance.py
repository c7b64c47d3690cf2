"""What the caller says, kept until it is recognised."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...media import decode_payload
from ...protocol import RATE_OF, AudioFormat, Frame, FrameType
from ..hearing import native_kind

BEFORE: Final = 0.2
AFTER: Final = 0.1
"""Seconds around the voice that are recognised with it: weak consonants are not noticed as voice."""
PREROLL: Final = 1.0
"""Seconds that are kept while nobody speaks: an onset is noticed late."""
MOST: Final = 12.0
"""Seconds of an utterance that are kept: the last ones."""
_MOST_BYTES: Final = 1 << 20


class Utterance:
    """The frames of one caller's speech."""

    def __init__(self, audio: AudioFormat) -> None:
        self._native = native_kind(audio)
        self._kind = self._native
        self._frames: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._since: float | None = None

    def add(self, at: float, frame: Frame) -> None:
        """An audio frame arrived."""
        kind = self._native if frame.type == FrameType.AUDIO else (RATE_OF[frame.type], "slin")
        if kind != self._kind:
            self._kind = kind
            self._frames.clear()
            self._size = 0
        frames = self._frames
        frames.append((at, frame.payload))
        self._size += len(frame.payload)
        oldest = at - (PREROLL if self._since is None else MOST)
        while frames[0][0] < oldest or self._size > _MOST_BYTES:
            self._size -= len(frames.popleft()[1])
            if not frames:
                break

    def begin(self, onset: float) -> None:
        """The caller speaks; goes on with what was said before, unless that is ``done``."""
        self._since = onset if self._since is None else min(self._since, onset)

    def take(self, last_voiced: float) -> tuple[NDArray[np.int16], int]:
        """What was said since ``begin``, and its rate in Hz."""
        rate, encoding = self._kind
        begin = (last_voiced if self._since is None else self._since) - BEFORE
        parts = [payload for at, payload in self._frames if begin <= at <= last_voiced + AFTER]
        audio = b"".join(parts)
        if encoding == "slin":
            audio = audio[: len(audio) // 2 * 2]
        return decode_payload(audio, encoding), rate

    def done(self) -> None:
        """It is recognised."""
        self._since = None
