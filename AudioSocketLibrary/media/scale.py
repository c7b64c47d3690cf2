"""The scale of levels. 0 dBFS is the RMS of a square wave at 32768, so a full-scale sine has -3.01 dBFS."""

from __future__ import annotations

import math
from typing import Final

FULL_SCALE: Final = 32768
SILENCE_DBFS: Final = -120.0
"""What digital silence reads, instead of minus infinity: no sound of 16 bits is quieter in 5 ms."""


def amplitude_dbfs(amplitude: float) -> float:
    """Returns the level in dBFS of an amplitude in units of one int16 step."""
    return max(SILENCE_DBFS, 20 * math.log10(amplitude / FULL_SCALE)) if amplitude > 0 else SILENCE_DBFS


def dbfs_amplitude(level: float) -> float:
    """Returns the amplitude, in units of one int16 step, of a level in dBFS."""
    return float(FULL_SCALE * 10 ** (level / 20))
