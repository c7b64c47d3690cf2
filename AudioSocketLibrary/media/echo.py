"""Line echo: what the bot says comes back to it, quieter and later. Mixed live, in the calls that ask for it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from ..protocol import RATE_OF
from .frames import decode_payload, encode_payload

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..protocol import AudioFormat, Frame

SLACK: Final = 0.060
"""Seconds by which frames may be early or late and still follow one another without a gap."""
MOST: Final = 2.0
"""Seconds of the bot's voice that may wait; what comes faster than a phone plays it is lost."""


class Echo:
    """The echo of one call.

    Args:
        audio_format: What both sides of the call agreed on.
        loss: How much quieter it comes back, in dB.
        delay: After so many seconds.
    """

    __slots__ = ("_format", "_gain", "_heard_to", "_lag", "_said_to", "_waiting")

    def __init__(self, audio_format: AudioFormat, loss: float, delay: float) -> None:
        self._format = audio_format
        self._gain = 10 ** (-loss / 20)
        self._lag = round(delay * audio_format.rate)
        self._waiting: deque[tuple[int, NDArray[np.int16]]] = deque()
        self._heard_to = self._said_to = -(1 << 62)

    def heard(self, at: float, frame: Frame) -> None:
        """A media frame of the bot arrived."""
        audio = self._format
        ours = frame.type == audio.type
        rate = audio.rate if ours else RATE_OF[frame.type]
        samples = decode_payload(frame.payload, audio.encoding if ours else "slin")
        if rate != audio.rate:
            samples = soxr.resample(samples, rate, audio.rate)
        start = self._place(at, self._heard_to)
        if start - round(at * audio.rate) < MOST * audio.rate:
            self._heard_to = start + len(samples)
            self._waiting.append((start + self._lag, samples))

    def mix(self, at: float, frame: bytes | None) -> bytes | None:
        """Returns a media frame that is about to be sent with the echo in it; nothing stays nothing."""
        audio = self._format
        count = audio.samples if frame is None else (len(frame) - 3) // (2 if audio.encoding == "slin" else 1)
        start = round(at * audio.rate)
        if abs(start - self._said_to) < SLACK * audio.rate:
            start = self._said_to
        end = self._said_to = start + count
        waiting = self._waiting
        while waiting and waiting[0][0] + len(waiting[0][1]) <= start:
            waiting.popleft()
        if frame is None or not waiting or waiting[0][0] >= end:
            return frame
        sent = decode_payload(memoryview(frame)[3:], audio.encoding).astype(np.float64)
        for first, samples in waiting:
            if first >= end:
                break
            low, high = max(first, start), min(first + len(samples), end)
            sent[low - start : high - start] += self._gain * samples[low - first : high - first]
        return frame[:3] + encode_payload(np.clip(np.rint(sent), -32768, 32767).astype(np.int16), audio.encoding)

    def _place(self, at: float, expected: int) -> int:
        start = round(at * self._format.rate)
        ahead = expected - start
        # A burst queues up behind what is played already, as in a phone.
        return expected if -SLACK * self._format.rate < ahead else start
