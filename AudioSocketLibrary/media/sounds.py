"""Sounds that a caller makes without meaning to: a cough, a horn, a door. Synthesised, the same for a seed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from .files import SoundError, nearest
from .scale import dbfs_amplitude
from .sound import Sound, load_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Wave = NDArray[np.float64]

LEVEL: Final = -20.0
"""dBFS, RMS of the sound: as loud as the caller's speech."""
MARGIN: Final = 0.05
"""Seconds of silence around it."""


def make_sound(name: str, rate: int, *, level: float | None = None, seed: int = 0) -> Sound:
    """Returns one of our sounds (`SOUNDS`); SoundError, with the nearest, where there is none of that name.

    Args:
        name: Such as "cough".
        rate: In Hz.
        level: Its RMS level in dBFS; -20 unless given. Peaks are clipped, as a microphone would.
        seed: Another seed is another cough.
    """
    if name not in SOUNDS:
        near = nearest(name, SOUNDS)
        hint = f"; nearest: {near[0]}" if near else ""
        raise SoundError(f"There is no sound '{name}'{hint}. Sounds: {', '.join(SOUNDS)}, or a sound file")
    return _made(name, rate, LEVEL if level is None else level, seed)


def load_at_level(path: Path, rate: int, level: float | None) -> Sound:
    """Returns a sound file at `rate`, brought to an RMS level in dBFS where one is given."""
    sound = load_sound(path, rate)
    if level is None:
        return sound
    return Sound.from_samples(_at_level(sound.samples.astype(np.float64), level), rate, sound.name, sound.path)


@cache
def _made(name: str, rate: int, level: float, seed: int) -> Sound:
    wave = SOUNDS[name](rate, np.random.default_rng(seed))
    return Sound.from_samples(np.pad(_at_level(wave, level), round(MARGIN * rate)), rate, name)


def _at_level(wave: Wave, level: float) -> NDArray[np.int16]:
    scaled = wave * (dbfs_amplitude(level) / max(1e-9, float(np.sqrt(np.mean(wave**2)))))
    return np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)


def _band(wave: Wave, rate: int, centre: float, octaves: float) -> Wave:
    """The part of a noise around a frequency."""
    frequencies = np.maximum(np.fft.rfftfreq(len(wave), 1 / rate), 1)
    gain = np.exp(-((np.log2(frequencies / centre) / octaves) ** 2))
    return np.fft.irfft(np.fft.rfft(wave) * gain, len(wave))


def _rise_and_fall(count: int, rise: float, fall: float) -> Wave:
    at = np.arange(count) / count
    return np.minimum(at / rise, 1) * np.exp(-at / fall)


def _cough(rate: int, rng: np.random.Generator) -> Wave:
    """Two bursts of air, the second weaker; voiced a little at the end, as coughs are."""
    parts = []
    for strength in (1.0, 0.6):
        count = round(rate * rng.uniform(0.18, 0.24))
        air = _band(rng.standard_normal(count), rate, 900, 1.3)
        voice = _hum(rate, count, 170, 140) * np.linspace(0, 0.6, count)
        parts += [strength * (air / air.std() + voice) * _rise_and_fall(count, 0.03, 0.35), np.zeros(rate // 12)]
    return np.concatenate(parts[:-1])


def _horn(rate: int, rng: np.random.Generator) -> Wave:  # noqa: ARG001 - every sound has the same arguments
    """A car's two notes, for 0.6 s."""
    times = np.arange(round(0.6 * rate)) / rate
    notes = sum(
        np.sin(2 * np.pi * note * order * times) / order
        for note in (405, 510)
        for order in range(1, 8)
        if note * order < rate / 2
    )
    return np.asarray(notes * np.minimum(1, np.minimum(times, times[::-1]) / 0.02))


def _door(rate: int, rng: np.random.Generator) -> Wave:
    """A door that falls shut: a thud, and the click of its latch before."""
    count = round(0.45 * rate)
    thud = _band(rng.standard_normal(count), rate, 110, 0.9)
    thud = thud / thud.std() * _rise_and_fall(count, 0.01, 0.18)
    click = np.zeros(count)
    length = rate // 60
    click[:length] = rng.standard_normal(length) * np.exp(-np.arange(length) / (rate / 300))
    return np.asarray(thud + 0.5 * click)


def _breath(rate: int, rng: np.random.Generator) -> Wave:
    """Breathing out into the microphone."""
    count = round(0.8 * rate)
    air = _band(rng.standard_normal(count), rate, 600, 1.6)
    return np.asarray(air * np.sin(np.linspace(0, np.pi, count)) ** 2)


def _uh_huh(rate: int, rng: np.random.Generator) -> Wave:
    """ "Uh-huh": two hums, the second higher, a breath between them. It agrees, and asks for nothing."""
    first, second = round(0.18 * rate), round(0.26 * rate)
    between = 0.05 * rng.standard_normal(round(0.06 * rate))
    low = _hum(rate, first, 115, 110) * np.sin(np.linspace(0, np.pi, first)) ** 0.5
    high = _hum(rate, second, 130, 150) * np.sin(np.linspace(0, np.pi, second)) ** 0.5
    return np.concatenate([low, between, high])


def _hum(rate: int, count: int, start_hz: float, end_hz: float) -> Wave:
    """A voice with its mouth half open, gliding between two pitches."""
    phase = 2 * np.pi * np.cumsum(np.linspace(start_hz, end_hz, count)) / rate
    orders = np.arange(1, int(rate / 2 / max(start_hz, end_hz)))
    strength = 1 / orders + 0.6 * np.exp(-((orders * start_hz / 550 - 1) ** 2) * 8)
    return np.asarray((strength[:, None] * np.sin(orders[:, None] * phase)).sum(axis=0))


SOUNDS: Final[dict[str, Callable[[int, np.random.Generator], Wave]]] = {
    "cough": _cough,
    "uh-huh": _uh_huh,
    "breath": _breath,
    "door": _door,
    "horn": _horn,
}
