"""Windows of 5 ms: the grain in which speech is looked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from .scale import FULL_SCALE, SILENCE_DBFS, dbfs_amplitude

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS_PER_SECOND: Final = 200


def window_size(rate: int) -> int:
    """Returns the samples in one window: 5 ms, but for 44,100 Hz, where it is 220 samples (4.989 ms)."""
    return rate // WINDOWS_PER_SECOND


def window_levels(samples: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    """Returns the RMS level in dBFS of every whole window of int16 samples, about the mean of the window.

    The samples of shape (n,) may be the whole windows of many calls, one behind another; samples after the
    last whole window are left out. The result has the shape (n // window_size(rate),); silence reads -120.
    """
    size = window_size(rate)
    count = len(samples) // size
    # Sums over int16 and squares are exact in float64: a level does not depend on what else is in the array.
    windows = samples[: count * size].reshape(count, size).astype(np.float64)
    means = windows.sum(axis=1) / size
    power = np.einsum("ij,ij->i", windows, windows) / size - means * means
    power /= float(FULL_SCALE) ** 2
    levels = 10.0 * np.log10(np.maximum(power, 10 ** (SILENCE_DBFS / 10)))
    return np.asarray(levels, np.float32)


def loud_samples(window: NDArray[np.int16], threshold: float) -> tuple[int, int]:
    """Returns the indices of the first, and of one past the last, sample of a window that reach a threshold.

    `window` is int16 of shape (n,), `threshold` in dBFS. In a window whose RMS is below the threshold (which
    was lower when the window was judged) the RMS stands in for it, so there is always such a sample.
    """
    amplitude = np.abs(window.astype(np.int32))
    # Floats: the RMS of equal samples may come out a hair above every one of them.
    limit = min(dbfs_amplitude(threshold), math.sqrt(float(np.mean(np.square(amplitude))))) * (1 - 1e-9)
    loud = np.flatnonzero(amplitude >= limit)
    return int(loud[0]), int(loud[-1]) + 1
