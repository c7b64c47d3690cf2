"""Pure tones, whose first and last samples are known exactly: the yardstick of every time we measure.

And the signals of a telephone network, made of them: ringback, busy, beep. `tones` finds them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .scale import dbfs_amplitude

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def tone(
    frequency_hz: float, seconds: float, rate: int, level_dbfs: float = -12.0, fade: float = 0.0
) -> NDArray[np.int16]:
    """Returns a cosine as int16 samples of shape (round(seconds * rate),).

    Without a fade its first sample is its peak, so that the tone begins at that very sample. `level_dbfs` is
    the RMS level of the steady part, at most -3.01 (a sine that just fills the scale); `fade` is the length
    in seconds of a raised-cosine ramp at either end, at most half of the tone.

    Raises ValueError where the tone cannot be made: above half of the rate, too loud, too long a fade.
    """
    if not 0 < frequency_hz < rate / 2:
        raise ValueError(f"A tone of {frequency_hz:g} Hz does not fit {rate} Hz: keep below {rate / 2:g} Hz")
    peak = dbfs_amplitude(level_dbfs) * math.sqrt(2)
    if peak > 32768 * 1.0001:
        raise ValueError(f"A tone cannot have {level_dbfs:g} dBFS: -3.01 dBFS fills the scale")
    if not 0 <= 2 * fade <= seconds:
        raise ValueError(f"A fade of {fade:g} s at either end does not fit a tone of {seconds:g} s")
    count = round(seconds * rate)
    wave = peak * np.cos(2 * np.pi * frequency_hz / rate * np.arange(count))
    ramp = round(fade * rate)
    if ramp:
        slope = 0.5 - 0.5 * np.cos(np.pi * (np.arange(ramp) + 0.5) / ramp)
        wave[:ramp] *= slope
        wave[-ramp:] *= slope[::-1]
    return np.asarray(np.clip(np.rint(wave), -32768, 32767), np.int16)


def signal(
    hertz: Sequence[float], on: float, off: float, bursts: int, rate: int, level_dbfs: float = -18.0
) -> NDArray[np.int16]:
    """Returns a signal of the network as int16 samples of shape (n,).

    Args:
        hertz: Its frequency, or two that sound together.
        on: Seconds that it sounds.
        off: Seconds of silence between two bursts; there is none before the first and behind the last.
        bursts: How often it sounds.
        rate: In Hz.
        level_dbfs: RMS level of each frequency.

    Raises:
        ValueError: it cannot be made, as for `tone`.
    """
    burst = sum((tone(one, on, rate, level_dbfs).astype(np.int32) for one in hertz), np.zeros(1, np.int32))
    loud = np.clip(burst, -32768, 32767).astype(np.int16)
    both = np.concatenate((loud, np.zeros(round(off * rate), np.int16)))
    return np.tile(both, bursts)[: bursts * len(both) - round(off * rate)]


def ringback(bursts: int, rate: int) -> NDArray[np.int16]:
    """Returns the tone that a caller hears while it rings: 425 Hz, 1 s in 5 s, int16 of shape (n,)."""
    return signal((425.0,), 1.0, 4.0, bursts, rate)


def busy(bursts: int, rate: int) -> NDArray[np.int16]:
    """Returns the busy tone: 425 Hz, 0.5 s in 1 s, int16 of shape (n,)."""
    return signal((425.0,), 0.5, 0.5, bursts, rate)


def beep(rate: int, *, frequency_hz: float = 1000.0, seconds: float = 0.4) -> NDArray[np.int16]:
    """Returns the tone after which an answering machine records, int16 of shape (round(seconds * rate),)."""
    return tone(frequency_hz, seconds, rate, -18.0, fade=min(0.005, seconds / 2))
