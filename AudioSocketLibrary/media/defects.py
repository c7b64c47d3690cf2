"""How speech sounds: level, clipping, dropouts, noise, silence, offset and hum, each with its place in the recording.

All of it is found in the samples alone, without the original. docs/sound.md says what is found, and what is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from .levels import peak_dbfs, rms_dbfs
from .scale import FULL_SCALE, SILENCE_DBFS, amplitude_dbfs, dbfs_amplitude
from .voice import find_speech
from .windows import window_levels, window_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Kind = Literal["too quiet", "too loud", "clipping", "dropout", "noise", "silence", "offset", "hum"]

FLAT: Final = 3
"""Samples in a row that stay at the peak: clipped."""
AT_PEAK: Final = 0.97
EVEN: Final = 0.005
DEAD: Final = 0.015
"""Seconds that a dropout lasts at least, so that one lost media frame is one, wherever it begins ..."""
DEAD_AT_MOST: Final = 0.5
"""... and at most: longer ones are pauses."""
BESIDE: Final = 0.002
"""Seconds on either side of a dropout in which there is speech."""
UNDER_SPEECH: Final = 20.0
"""dB that the sound beside a dropout may be below the speech's level ..."""
LOUD: Final = -40.0
"""... in dBFS; below it the rounding to 16 bits ends a word as sharply as a lost frame does."""
CLEAR: Final = 0.1
"""Seconds on either side of speech that are no pause: weak consonants and reverberation."""


@dataclass(frozen=True, slots=True)
class SoundLimits:
    """From where on it is a defect."""

    quietest: float = -35.0
    """Of the active speech level, in dBFS."""
    loudest: float = -12.0
    clipping: float = 0.001
    """Share of the speech's samples."""
    dropouts: int = 0
    noise: float = -45.0
    """In dBFS, in the pauses."""
    silence: float = 2.0
    """Seconds without speech, between two parts of it."""
    offset: float = 0.02
    """Share of the full scale."""
    hum: float = -40.0
    """In dBFS, of 50 Hz or 60 Hz and the next two multiples."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that does not sound well."""

    kind: Kind
    at: float
    """Where it begins, in seconds."""
    until: float
    figure: float
    """In the unit of the limit; of a dropout and of silence, how long it lasts in seconds."""
    limit: float


@dataclass(frozen=True, slots=True)
class SoundReport:
    """How speech sounds."""

    level: float
    """Active speech level in dBFS; `SILENCE_DBFS` where nobody speaks."""
    rms: float
    """Level of the whole in dBFS, silence included."""
    peak: float
    """In dBFS."""
    speech: float
    """Seconds that are voiced."""
    clipping: float
    """Share of the speech's samples that are clipped."""
    noise: float
    """Level in the pauses, in dBFS; `SILENCE_DBFS` also where there are none."""
    dropouts: int
    """Dead spots of 15 to 500 ms within speech."""
    offset: float
    """Mean of the samples, as a share of the full scale."""
    hum: float
    """In dBFS."""
    defects: tuple[Defect, ...]
    """What exceeds the limits, by time."""


def find_defects(samples: NDArray[np.int16], rate: int, limits: SoundLimits | None = None) -> SoundReport:
    """Returns how speech sounds.

    Args:
        samples: int16 of shape (n,), as they arrived.
        rate: In Hz.
        limits: From where on it is a defect; without them, the usual ones.
    """
    within = limits or SoundLimits()
    offset = float(samples.mean()) if len(samples) else 0.0
    speech = find_speech(samples, rate)
    voiced = sum(last - first for first, last in speech)
    # Without the offset: it is no part of how loud somebody speaks, nor of whether there is sound beside a dropout.
    centred = np.clip(samples.astype(np.int32) - round(offset), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    level = rms_dbfs(np.concatenate([centred[first:last] for first, last in speech])) if speech else SILENCE_DBFS
    clipped = _clipped(samples, speech)
    clipping = len(clipped) / max(voiced, 1)
    holes = list(_dropouts(centred, rate, speech, level))
    noise = _noise(samples, rate, speech)
    hum = max(_hum(samples, rate, hertz) for hertz in (50, 60))
    whole = (0.0, len(samples) / rate)
    spoken = (speech[0][0] / rate, speech[-1][1] / rate) if speech else whole
    found = list(_silences(speech, rate, whole, within.silence))
    if speech and level < within.quietest:
        found.append(Defect("too quiet", *spoken, level, within.quietest))
    if speech and level > within.loudest:
        found.append(Defect("too loud", *spoken, level, within.loudest))
    if clipping > within.clipping:
        found.append(Defect("clipping", clipped[0] / rate, (clipped[-1] + 1) / rate, clipping, within.clipping))
    if len(holes) > within.dropouts:
        found += [
            Defect("dropout", first / rate, last / rate, (last - first) / rate, within.dropouts)
            for first, last in holes
        ]
    if noise > within.noise:
        found.append(Defect("noise", *whole, noise, within.noise))
    if abs(offset) / FULL_SCALE > within.offset:
        found.append(Defect("offset", *whole, offset / FULL_SCALE, within.offset))
    if hum > within.hum:
        found.append(Defect("hum", *whole, hum, within.hum))
    return SoundReport(
        level=level,
        rms=rms_dbfs(samples),
        peak=peak_dbfs(samples),
        speech=voiced / rate,
        clipping=clipping,
        noise=noise,
        dropouts=len(holes),
        offset=offset / FULL_SCALE,
        hum=hum,
        defects=tuple(sorted(found, key=lambda defect: defect.at)),
    )


def _clipped(samples: NDArray[np.int16], speech: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    """The samples of flat tops: near the peak of their sign, and even, for at least `FLAT` in a row."""
    found = [np.zeros(0, np.intp)]
    if speech:
        wide = samples.astype(np.int32)
        for side in (wide, -wide):
            peak = int(side.max())
            near = side >= AT_PEAK * peak
            even = np.abs(np.diff(side)) <= EVEN * peak
            # A step is flat where both of its samples are at the peak and are even.
            for first, last in _runs(near[1:] & near[:-1] & even):
                if last - first + 1 >= FLAT and peak > 0:
                    found.append(np.arange(first, last + 1))
    return np.unique(np.concatenate(found))


def _dropouts(
    samples: NDArray[np.int16], rate: int, speech: Sequence[tuple[int, int]], level: float
) -> Iterator[tuple[int, int]]:
    """Pieces in which nothing moves, with speech right before and right after."""
    beside = round(BESIDE * rate)
    least = dbfs_amplitude(max(level - UNDER_SPEECH, LOUD))
    still = np.diff(samples.astype(np.int32)) == 0
    for first, last in _runs(still):
        if not DEAD * rate <= last + 1 - first <= DEAD_AT_MOST * rate:
            continue
        if not any(begin <= first and last < end for begin, end in _joined(speech, round(DEAD_AT_MOST * rate))):
            continue
        around = samples[max(0, first - beside) : first], samples[last + 1 : last + 1 + beside]
        if all(len(side) and _rms(side) >= least for side in around):
            yield first, last + 1


def _joined(speech: Sequence[tuple[int, int]], pause: int) -> list[tuple[int, int]]:
    """Speech in which short pauses are none: a dropout of more than 200 ms would end it."""
    joined: list[tuple[int, int]] = []
    for first, last in speech:
        if joined and first - joined[-1][1] <= pause:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _silences(
    speech: Sequence[tuple[int, int]], rate: int, whole: tuple[float, float], longest: float
) -> Iterator[Defect]:
    if not speech:
        if whole[1] >= longest:
            yield Defect("silence", *whole, whole[1], longest)
        return
    for (_, end), (begin, _) in pairwise(speech):
        if (begin - end) / rate > longest:
            yield Defect("silence", end / rate, begin / rate, (begin - end) / rate, longest)


def _noise(samples: NDArray[np.int16], rate: int, speech: Sequence[tuple[int, int]]) -> float:
    """The median level of windows that are well away from speech.

    Digital silence does not count: many a bot is silent between noisy recordings.
    """
    levels = window_levels(samples, rate)
    size, clear = window_size(rate), round(CLEAR * rate)
    pause = np.asarray(levels) > SILENCE_DBFS
    for first, last in speech:
        pause[max(0, first - clear) // size : (last + clear) // size + 1] = False
    return float(np.median(levels[pause])) if pause.sum() >= CLEAR * rate / size else SILENCE_DBFS


def _hum(samples: NDArray[np.int16], rate: int, hertz: int) -> float:
    """The level of a mains frequency and its next two multiples in the second that has least of it, of 2 s or more.

    In a single second of speech a deep voice would be taken for it.
    """
    if len(samples) < 2 * rate:
        return SILENCE_DBFS
    seconds = samples[: len(samples) // rate * rate].reshape(-1, rate).astype(np.float64)
    turns = np.exp(-2j * np.pi * hertz * np.outer(np.arange(rate), (1, 2, 3)) / rate)
    amplitude = np.abs((seconds * np.hanning(rate)) @ turns) * 4 / rate
    return amplitude_dbfs(math.sqrt(float((amplitude**2 / 2).sum(axis=1).min())))


def _runs(true: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First, and one past the last, of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], true.astype(np.int8), [0]))))
    return ((int(first), int(last)) for first, last in edges.reshape(-1, 2))


def _rms(samples: NDArray[np.int16]) -> float:
    wide = samples.astype(np.float64)
    return math.sqrt(float(wide @ wide) / len(wide))
