"""Signals of the network found in sound: ringback, busy, and beeps.

A tone is one frequency, or two, that hold nearly all of the power and do not change. Its rhythm says what it means.
docs/sound.md says how well it works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import soxr

from .scale import FULL_SCALE, dbfs_amplitude

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RATE: Final = 8000
WINDOW: Final = 512
"""64 ms: so long, to tell 440 and 480 Hz from one tone."""
HOP: Final = 64
SHARE: Final = 0.85
"""Of the power above 150 Hz that a tone has at least."""
STEADY: Final = 16.0
"""Hz within which a tone keeps."""
NEAR: Final = 22.0
"""Hz within which it is the tone of a signal."""
QUIETEST: Final = -50.0
SHORTEST: Final = 0.08
"""Seconds that a beep lasts at least."""
LOWEST: Final = 300.0
"""In Hz. Lower steady tones are vowels."""

Kind = Literal["ringback", "busy", "beep"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the network: how long it is there, and silent between."""

    kind: Literal["ringback", "busy"]
    hertz: tuple[float, ...]
    on: float
    off: float


SIGNALS: Final = (
    Signal("ringback", (425.0,), 1.0, 4.0),
    Signal("busy", (425.0,), 0.5, 0.5),
    Signal("ringback", (440.0, 480.0), 2.0, 4.0),
    Signal("busy", (480.0, 620.0), 0.5, 0.5),
)
"""Of Ukraine and most of Europe, and of North America."""


@dataclass(frozen=True, slots=True)
class ToneFound:
    """A signal, or a beep."""

    kind: Kind
    start: float
    """Of its first tone, in seconds, to about 10 ms."""
    end: float
    """Of its last tone."""
    hertz: tuple[float, ...]
    bursts: int = 1
    """Times that the tone sounds."""


@dataclass(slots=True)
class _Burst:
    hertz: tuple[float, ...]
    start: float
    end: float


def find_tones(samples: NDArray[np.int16], rate: int) -> list[ToneFound]:
    """Returns ringback, busy tones and beeps in int16 samples of shape (n,), in their order.

    One burst is enough for ringback (nobody waits for the second), two for a busy tone; a burst of 425 Hz that lasts
    as long as neither is a beep, as is every other single steady tone of at least 80 ms.
    """
    bursts = _bursts(samples, rate)
    found = []
    at = 0
    while at < len(bursts):
        signal, count = _signal(bursts[at:])
        last = bursts[at + count - 1]
        if signal:
            found.append(ToneFound(signal.kind, bursts[at].start, last.end, signal.hertz, count))
        elif len(bursts[at].hertz) == 1:
            found.append(ToneFound("beep", bursts[at].start, last.end, bursts[at].hertz))
        at += count
    return found


def _signal(bursts: Sequence[_Burst]) -> tuple[Signal | None, int]:
    """The signal that begins with the first burst, and of how many bursts it is."""
    for signal in SIGNALS:
        count = 0
        for burst in bursts:
            fits = (
                _alike(burst.hertz, signal.hertz, NEAR) and abs(burst.end - burst.start - signal.on) < 0.2 * signal.on
            )
            pause = burst.start - bursts[count - 1].end if count else signal.off
            if not fits or abs(pause - signal.off) > 0.2 * signal.off:
                break
            count += 1
        if count >= (2 if signal.kind == "busy" else 1):
            return signal, count
    return None, 1


def _bursts(samples: NDArray[np.int16], rate: int) -> list[_Burst]:
    wave = samples.astype(np.float32)
    if rate != RATE and len(wave):
        wave = soxr.resample(wave, rate, RATE)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(wave, WINDOW), WINDOW)[::HOP]
    shape = np.hanning(WINDOW).astype(np.float32)
    spectrum = np.fft.rfft(windows * shape, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    power[:, : round(150 * WINDOW / RATE)] = 0
    tones = [_tones(row) for row in power]
    # A pure tone of an amplitude a has a**2 / 2 of power; the window leaves 3/8 of it, one side of the spectrum half.
    levels = np.sqrt(power.sum(axis=1) * 2 / (WINDOW * WINDOW * 0.375))
    return [
        _Burst(hertz, (first * HOP - WINDOW / 2) / RATE, (last * HOP - WINDOW / 2) / RATE)
        for hertz, first, last in _steady(tones, levels)
        if last - first >= SHORTEST * RATE / HOP and hertz[0] >= LOWEST
    ]


def _steady(
    tones: Sequence[tuple[float, ...]], levels: NDArray[np.float32]
) -> list[tuple[tuple[float, ...], int, int]]:
    """Runs of windows with the same tones: their frequencies, first and last window, where the amplitude is half."""
    quietest = dbfs_amplitude(QUIETEST)
    found = []
    at = 0
    while at < len(tones):
        hertz = tones[at]
        last = at
        while last + 1 < len(tones) and hertz and _alike(tones[last + 1], hertz, STEADY):
            last += 1
        level = float(np.median(levels[at : last + 1]))
        if hertz and level >= quietest:
            run = np.flatnonzero(levels[at : last + 1] >= level / 2) + at
            middle = tuple(float(value) for value in np.median(np.array(tones[at : last + 1]), axis=0))
            found.append((middle, int(run[0]), int(run[-1])))
        at = last + 1
    return found


def _tones(power: NDArray[np.float32]) -> tuple[float, ...]:
    """The one or two frequencies that hold nearly all the power; none where more are needed."""
    total = float(power.sum())
    if total < FULL_SCALE:
        return ()
    first, share = _peak(power)
    if share >= SHARE * total:
        return (first,)
    rest = power.copy()
    middle = round(first * WINDOW / RATE)
    rest[max(0, middle - 2) : middle + 3] = 0
    second, more = _peak(rest)
    if share + more >= SHARE * total and more >= 0.1 * total:
        return (min(first, second), max(first, second))
    return ()


def _peak(power: NDArray[np.float32]) -> tuple[float, float]:
    """The frequency of the strongest tone, and its power: two bins to either side."""
    at = int(power.argmax())
    first = max(0, at - 2)
    around = power[first : at + 3]
    share = float(around.sum())
    near = power[max(0, at - 1) : at + 2]
    bins = np.arange(max(0, at - 1), max(0, at - 1) + len(near))
    return float((bins * near).sum() / max(float(near.sum()), 1e-9)) * RATE / WINDOW, share


def _alike(tones: tuple[float, ...], others: tuple[float, ...], within: float) -> bool:
    return len(tones) == len(others) and all(abs(a - b) <= within for a, b in zip(tones, others, strict=True))
