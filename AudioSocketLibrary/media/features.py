"""What an utterance sounds like, in numbers that change little with voice, level, line and noise: its cepstra.

All is brought to 8 kHz and 150 to 3,600 Hz, so that a wide recording and a narrow call look alike. Silence around the
speech is cut off first: an utterance with 100 ms of silence more is another utterance to a comparison in time.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 8000
HOP: Final = 120
WINDOW: Final = 240
SPECTRUM: Final = 256
BANDS: Final = 22
CEPSTRA: Final = 7
"""So few, since the higher ones tell voices apart, not words."""
DIMENSIONS: Final = 2 * CEPSTRA
FLOOR: Final = 10 ** (-30 / 10)
"""Bands this far below the loudest of the utterance say nothing: noise fills them on one line and not on another."""
MARGIN: Final = 0.35
"""Speech begins where the level has risen by this share of the way from the background to the loud parts, in dB."""
SHORTEST: Final = 6
"""Frames of an utterance at least (90 ms)."""


def cepstra(samples: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    """Returns the features of the speech in int16 samples, shape (n,): float32 of shape (frames, DIMENSIONS).

    A frame is 15 ms. Where nothing is spoken there are no frames.
    """
    wave = samples.astype(np.float32)
    if rate != RATE:
        wave = soxr.resample(wave, rate, RATE)
    if len(wave) < WINDOW + SHORTEST * HOP:
        return np.zeros((0, DIMENSIONS), np.float32)
    power = _power(wave)
    first, last = speech_frames(power)
    if last - first < SHORTEST:
        return np.zeros((0, DIMENSIONS), np.float32)
    return _features(power[first:last])


def speech_frames(power: NDArray[np.float32]) -> tuple[int, int]:
    """Returns the first frame of the speech in band powers of shape (frames, BANDS), and one past its last."""
    level = 10 * np.log10(power.sum(axis=1) + 1.0)
    # Edges are repeated, not filled with zeros: those would make any noise begin with an onset.
    smooth = np.convolve(np.pad(level, 2, "edge"), np.full(5, 0.2), "valid")
    loud, background = np.percentile(smooth, 95), max(np.percentile(smooth, 5), smooth.max() - 50)
    if loud - background < 6:
        return 0, 0
    active = np.flatnonzero(smooth > background + max(MARGIN * (loud - background), 3))
    return int(active[0]), int(active[-1]) + 1


def _power(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    emphasised = wave[1:] - np.float32(0.95) * wave[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(emphasised, WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * _window(), SPECTRUM, axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _bands())


def _features(power: NDArray[np.float32]) -> NDArray[np.float32]:
    logs = np.log(power + power.max() * FLOOR)
    static = logs @ _cosines()
    padded = np.pad(static, ((2, 2), (0, 0)), "edge")
    slope = 2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]
    both = np.hstack((static, slope))
    both -= both.mean(axis=0)
    both /= both.std(axis=0) + 1e-3
    return np.asarray(both * _weights(), np.float32)


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float32]:
    return np.hamming(WINDOW).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float32]:
    """Triangles, equally wide in mel, of shape (SPECTRUM / 2 + 1, BANDS)."""
    low, high = (1127 * math.log1p(edge / 700) for edge in (150.0, 3600.0))
    mel = np.linspace(low, high, BANDS + 2)
    edges = 700 * np.expm1(mel / 1127)
    bins = np.fft.rfftfreq(SPECTRUM, 1 / RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    order = np.arange(1, CEPSTRA + 1)
    return np.asarray(np.cos(np.pi / BANDS * (np.arange(BANDS)[:, None] + 0.5) * order), np.float32)


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    # Slopes count less: they are noisier. The square root makes the squared distance a mean over the dimensions.
    return np.sqrt(np.repeat([1.0, 0.5], CEPSTRA) / (1.5 * CEPSTRA)).astype(np.float32)
