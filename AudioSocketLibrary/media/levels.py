"""Levels of a whole sound in dBFS (the scale is in `scale`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .scale import SILENCE_DBFS, amplitude_dbfs
from .voice import find_speech

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rms_dbfs(samples: NDArray[np.int16]) -> float:
    """Returns the RMS level in dBFS of int16 samples of shape (n,); `SILENCE_DBFS` of none or of zeros."""
    wide = samples.astype(np.float64)
    return amplitude_dbfs(math.sqrt(float(wide @ wide) / max(len(wide), 1)))


def peak_dbfs(samples: NDArray[np.int16]) -> float:
    """Returns the level in dBFS of the largest sample of int16 samples of shape (n,)."""
    if not len(samples):
        return SILENCE_DBFS
    return amplitude_dbfs(max(int(samples.max()), -int(samples.min())))


def active_speech_level(samples: NDArray[np.int16], rate: int) -> float:
    """Returns the level in dBFS of the parts of int16 samples, shape (n,), in which somebody speaks.

    It is the power mean over all segments that `find_speech` finds, each from its first to its last voiced
    sample with the gaps below 200 ms inside it, so silence around and between phrases does not lower it.
    It has the hangover of ITU-T P.56 and answers the same question, but it is not P.56: the threshold
    follows the noise floor instead of lying 15.9 dB below the level sought, and no envelope filter is
    applied. Where nothing is voiced it is `SILENCE_DBFS`.
    """
    parts = [samples[first:last] for first, last in find_speech(samples, rate)]
    return rms_dbfs(np.concatenate(parts)) if parts else SILENCE_DBFS
