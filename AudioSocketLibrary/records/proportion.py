"""A share of successes, and how much may be said about it from so few."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import sqrt
from typing import Self

Z95 = 1.959964
"""Of the normal distribution: 95 % of it lie within so many standard deviations."""


def wilson_interval(successes: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score (JASA 22, 1927): it holds for few and for extreme ones, too.

    Args:
        successes: how many succeeded.
        of: how many there were.

    Returns:
        The ends, from 0 to 1; all of it where there were none.
    """
    if not of:
        return 0.0, 1.0
    share, z = successes / of, Z95
    centre = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


@dataclass(frozen=True, slots=True)
class Successes:
    """How many of how many repeats shall succeed: ``at least 9 of 10 calls``."""

    least: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it.

        Raises:
            ValueError: it is written otherwise, or asks for more successes than calls.
        """
        match = re.fullmatch(r"(?:at least\s+)?(\d+)\s+of\s+(\d+)(?:\s+calls?)?", text.strip(), re.IGNORECASE)
        if not match:
            raise ValueError(f"'{text}' cannot be read: write how many of how many, like 'at least 9 of 10 calls'")
        least, of = int(match[1]), int(match[2])
        if not 0 < least <= of:
            raise ValueError(f"'{text}' can never be met: write at least 1, and no more than the number of calls")
        return cls(least, of)
