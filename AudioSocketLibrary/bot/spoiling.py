"""Recordings spoilt on request: too loud, too quiet, noisy, of another rate than they say."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..media import Sound, load_sound
from ..media.noise import background


@lru_cache(maxsize=256)
def spoiled(sound: Sound, rate: int, own_rate: int, gain: float, noise: float | None) -> Sound:
    """A recording that does not sound well; shared by all calls.

    Args:
        sound: the recording.
        rate: in Hz, of the format that it is sent in.
        own_rate: in Hz, that its samples have.
        gain: in dB; what exceeds the full scale is cut off.
        noise: level of the noise in dBFS; None: no noise.
    """
    samples = sound.samples
    if own_rate != rate and sound.path is not None:
        samples = load_sound(sound.path, own_rate).samples
    wave = samples * 10.0 ** (gain / 20)
    if noise is not None:
        wave = wave + np.resize(background("white", rate, noise), len(wave))
    return Sound.from_samples(np.clip(np.rint(wave), -32768, 32767).astype(np.int16), rate, sound.name, sound.path)
