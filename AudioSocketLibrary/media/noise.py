"""Background noise and sounds of a caller's surroundings, synthesised here: every seed always gives the same.

A background is a loop without a seam, since a call sends it for as long as it lasts.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from .corpus import recordings_dir
from .files import SoundError, missing, nearest, read_mono
from .scale import FULL_SCALE, dbfs_amplitude
from .voice import find_speech

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Wave = NDArray[np.float64]

LOOP: Final = 10.0
"""Seconds after which a background begins again."""
SEAM: Final = 0.25
"""Seconds over which the end of a recorded background is faded into its beginning."""
TALKERS: Final = 8


def background(noise: str | Path, rate: int, level: float, seed: int = 0) -> Wave:
    """Returns a loop of background noise, float64 of shape (n,), in units of one int16 step.

    Args:
        noise: One of `NOISES`, or a sound file, which is faded into its own beginning.
        rate: In Hz.
        level: Its RMS level in dBFS, over the whole loop.
        seed: Another seed is another piece of the same noise.

    Raises:
        SoundError: there is no such noise, or the file cannot be used.
    """
    maker = NOISES.get(str(noise))
    wave: Wave = maker(rate, np.random.default_rng(seed)) if maker else _recorded(noise, rate)
    loudness = float(np.sqrt(np.mean(wave**2)))
    if not loudness:
        raise SoundError(f"{noise} is digital silence: no noise can be made of it")
    return np.asarray(wave * (dbfs_amplitude(level) / loudness))


def check_noise(noise: str) -> None:
    """Raises SoundError, with the nearest, where this is neither a noise of ours nor looks like a file."""
    if noise not in NOISES and not any(mark in noise for mark in "./\\"):
        near = nearest(noise, NOISES)
        hint = f"; nearest: {near[0]}" if near else ""
        raise SoundError(f"There is no noise '{noise}'{hint}. Noises: {', '.join(NOISES)}, or a sound file")


def _shaped(rate: int, rng: np.random.Generator, shape: Callable[[Wave], Wave]) -> Wave:
    """Noise whose amplitude over frequency (Hz) is `shape`. Made of whole periods, so it has no seam."""
    count = round(LOOP * rate)
    frequencies: Wave = np.asarray(np.fft.rfftfreq(count, 1 / rate), np.float64)
    frequencies[0] = frequencies[1]
    spectrum = shape(frequencies) * np.exp(2j * np.pi * rng.random(len(frequencies)))
    spectrum[0] = 0
    return np.fft.irfft(spectrum, count)


def _handset(frequencies: Wave) -> Wave:
    """What a telephone's microphone leaves of low frequencies."""
    return np.asarray(1 / (1 + (180 / frequencies) ** 4) ** 0.5)


def _swelling(wave: Wave, rng: np.random.Generator, depth: float) -> Wave:
    """The noise, louder and quieter by about `depth` dB, some times in a loop."""
    turns = np.linspace(0, 2 * np.pi, len(wave), endpoint=False)
    swell = sum(np.sin(cycles * turns + 2 * np.pi * rng.random()) for cycles in (1, 2, 3, 5))
    return np.asarray(wave * 10 ** (depth * swell / 2 / 20))


def _white(rate: int, rng: np.random.Generator) -> Wave:
    return _shaped(rate, rng, np.ones_like)


def _pink(rate: int, rng: np.random.Generator) -> Wave:
    return _shaped(rate, rng, lambda f: 1 / np.sqrt(np.maximum(f, 20)))


def _street(rate: int, rng: np.random.Generator) -> Wave:
    """Traffic: a broad rumble that swells as cars pass, under the hiss of their tyres."""
    rumble = _shaped(rate, rng, lambda f: _handset(f) / (1 + (f / 250) ** 2) ** 0.5)
    tyres = _shaped(rate, rng, lambda f: np.exp(-(np.log(f / 900) ** 2)))
    parts = (_swelling(rumble, rng, 2.0), _swelling(tyres, rng, 3.0))
    return np.asarray(parts[0] / parts[0].std() + 0.7 * parts[1] / parts[1].std())


def _car(rate: int, rng: np.random.Generator) -> Wave:
    """Inside a moving car: the road below 500 Hz, and the harmonics of an engine that turns 50 times a second."""
    road = _shaped(rate, rng, lambda f: _handset(f) / (1 + (f / 200) ** 2) ** 0.8)
    times = np.arange(len(road)) / rate
    engine = sum(np.sin(2 * np.pi * 50 * order * times + 2 * np.pi * rng.random()) / order for order in range(3, 8))
    return np.asarray(road / road.std() + 1.2 * engine)


def _office(rate: int, rng: np.random.Generator) -> Wave:
    """Ventilation, people far off, and keyboards."""
    air = _shaped(rate, rng, lambda f: _handset(f) / (1 + (f / 400) ** 2) ** 0.5)
    people = _babble(rate, rng)
    keys = np.zeros(len(air))
    click = rng.standard_normal(rate // 150) * np.exp(-np.arange(rate // 150) / (rate / 900))
    for at in rng.integers(0, len(keys) - len(click), 30):
        keys[at : at + len(click)] += click * rng.uniform(0.3, 1)
    return np.asarray(air / air.std() + 0.4 * people / people.std() + 0.6 * keys)


def _babble(rate: int, rng: np.random.Generator) -> Wave:
    """Many people at once: the callers of our own recordings, over one another."""
    count = round(LOOP * rate)
    paths = sorted((recordings_dir() / "callers").rglob("*.flac"))
    room = np.zeros(count)
    for _ in range(TALKERS):
        said: list[Wave] = []
        while sum(map(len, said)) < count:
            said.append(_speech(paths[rng.integers(len(paths))], rate))
        talk = np.concatenate(said)[:count]
        room += np.roll(talk / talk.std(), int(rng.integers(count)))
    return room


@cache
def _speech(path: Path, rate: int) -> Wave:
    samples, source = read_mono(path)
    wave = soxr.resample(samples, source, rate, quality="HQ")
    parts = find_speech((wave * FULL_SCALE).astype(np.int16), rate)
    return np.concatenate([wave[first:last] for first, last in parts]).astype(np.float64)


def _recorded(noise: str | Path, rate: int) -> Wave:
    path = Path(noise)
    if not path.is_file():
        raise SoundError(missing(path, FileNotFoundError()))
    samples, source = read_mono(path)
    wave = soxr.resample(samples.astype(np.float64), source, rate, quality="HQ")
    fade = min(round(SEAM * rate), len(wave) // 2)
    if fade < rate // 100:
        raise SoundError(f"{path.name} is too short for a background: {len(wave) / rate:.2f} s")
    # Of equal power: what fades out and what fades in are different noise.
    angle = (np.arange(fade) + 0.5) / fade * np.pi / 2
    loop = wave[: len(wave) - fade].copy()
    loop[:fade] = loop[:fade] * np.sin(angle) + wave[len(wave) - fade :] * np.cos(angle)
    return np.asarray(loop)


NOISES: Final[dict[str, Callable[[int, np.random.Generator], Wave]]] = {
    "white": _white,
    "pink": _pink,
    "street": _street,
    "car": _car,
    "office": _office,
    "babble": _babble,
}
