"""Keys as sound: DTMF made and found within the voice. (AudioSocket also has a frame for keys; that is not this.)

A digit is found where, for some 30 ms, most of the sound's power is at one low and one high frequency of the keypad
that are about equally loud. A hole of one media frame does not split it. docs/sound.md says how well it works.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from .scale import FULL_SCALE, dbfs_amplitude

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KEYS: Final = ("123A", "456B", "789C", "*0#D")
LOW: Final = (697.0, 770.0, 852.0, 941.0)
HIGH: Final = (1209.0, 1336.0, 1477.0, 1633.0)
RATE: Final = 8000
WINDOW: Final = 164
"""Samples, 20.5 ms: a tone that is 3.5 % off falls out of it, one that is 1.5 % off does not."""
HOP: Final = 40
SHARE: Final = 0.58
"""Of the power that a digit's two tones have at least."""
LOW_LOUDER: Final = 10 ** (7 / 10)
HIGH_LOUDER: Final = 10 ** (9 / 10)
"""The tones are no more than 7 and 9 dB apart: vowels have far more below than above."""
QUIETEST: Final = -45.0
"""In dBFS, of both tones together."""
SHORTEST: Final = 4
"""Windows in a row, or nearly, that hold a digit: every tone of 35 ms does, none of 10 ms."""
HOLE: Final = 6
"""So many windows without it end a digit: a pause from 30 ms on. A lost frame of 20 ms does not."""


@dataclass(frozen=True, slots=True)
class Digit:
    """A key that was heard."""

    key: str
    """One of 0 to 9, *, #, A to D."""
    start: float
    """In seconds, to about 5 ms."""
    end: float


def dtmf(
    keys: str, rate: int, *, tone: float = 0.1, pause: float = 0.1, level_dbfs: float = -13.0, twist: float = 0.0
) -> NDArray[np.int16]:
    """Returns keys as sound, int16 of shape (n,), with no pause before the first and after the last.

    Args:
        keys: Of 0 to 9, *, #, A to D; spaces and hyphens between them are left out.
        rate: In Hz.
        tone: Length of each, in seconds.
        pause: Between two, in seconds.
        level_dbfs: RMS level of both tones together, at most -6.02.
        twist: dB by which the high tone is louder.

    Raises:
        ValueError: there is no such key, or it is too loud.
    """
    pressed = [key for key in keys.upper() if key not in " -"]
    wrong = [key for key in pressed if key not in "".join(KEYS)]
    if wrong or not pressed:
        raise ValueError(f"'{wrong[0] if wrong else keys}' is no key: there are 0 to 9, *, #, A to D")
    high = 10 ** (twist / 20)
    scale = dbfs_amplitude(level_dbfs) * np.sqrt(2 / (1 + high * high))
    if scale * (1 + high) > FULL_SCALE * 1.001:
        raise ValueError(f"A key cannot have {level_dbfs:g} dBFS with a twist of {twist:g} dB: -6.02 fills the scale")
    time = np.arange(round(tone * rate)) / rate
    silence = np.zeros(round(pause * rate))
    parts: list[NDArray[np.float64]] = []
    for key in pressed:
        low = next(number for number, row in enumerate(KEYS) if key in row)
        both = (LOW[low], 1.0), (HIGH[KEYS[low].index(key)], high)
        parts += [scale * sum((gain * np.sin(2 * np.pi * hertz * time) for hertz, gain in both), 0 * time), silence]
    return np.asarray(np.clip(np.rint(np.concatenate(parts[:-1])), -FULL_SCALE, FULL_SCALE - 1), np.int16)


def find_digits(samples: NDArray[np.int16], rate: int) -> list[Digit]:
    """Returns the keys in int16 samples of shape (n,), in their order."""
    wave = samples.astype(np.float32)
    if rate != RATE and len(wave):
        wave = soxr.resample(wave, rate, RATE)
    # Half a window before and behind: edges are where the amplitude is half.
    padded = np.pad(wave, WINDOW)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(windows @ _waves()) ** 2 * (2 / WINDOW)
    total = np.einsum("ij,ij->i", windows, windows)
    low, high = power[:, :4], power[:, 4:]
    row, column = low.argmax(axis=1), high.argmax(axis=1)
    one, other = low.max(axis=1), high.max(axis=1)
    both = one + other
    loud = both > WINDOW * dbfs_amplitude(QUIETEST) ** 2
    heard = loud & (both > SHARE * total) & (one < LOW_LOUDER * other) & (other < HIGH_LOUDER * one)
    return list(_digits(np.where(heard, 4 * row + column, -1), np.sqrt(both)))


def _digits(keys: NDArray[np.intp], amplitude: NDArray[np.float64]) -> Iterator[Digit]:
    at = 0
    while at < len(keys):
        if keys[at] < 0:
            at += 1
            continue
        key, last = keys[at], at
        same = 1
        for near in range(at + 1, len(keys)):
            if keys[near] == key:
                last, same = near, same + 1
            elif near - last >= HOLE or (keys[near] >= 0 and keys[near : near + 2].min() >= 0):
                break
        if same >= SHORTEST:
            half = np.median(amplitude[at : last + 1]) / 2
            first, end = at, last
            while first < last and amplitude[first] < half:
                first += 1
            while end > first and amplitude[end] < half:
                end -= 1
            yield Digit(KEYS[key // 4][key % 4], _seconds(first), _seconds(end))
        at = last + 1


def _seconds(window: int) -> float:
    """The middle of a window, in the sound as it was given."""
    return max(0.0, (window * HOP - WINDOW / 2) / RATE)


@lru_cache(maxsize=1)
def _waves() -> NDArray[np.complex64]:
    turns = np.outer(np.arange(WINDOW), (*LOW, *HIGH)) / RATE
    return np.asarray(np.exp(-2j * np.pi * turns), np.complex64)
