"""How many calls a stream of callers means: averages, peaks (Poisson) and lines (Erlang B)."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt

from .units import percent_text, time_text

MOST = 1_000_000
"""Calls at once beyond which nobody needs this arithmetic."""


@dataclass(frozen=True, slots=True)
class CallsNeeded:
    """What callers that come at random ask of a bot."""

    per_hour: float
    length: float
    """Of a call, in seconds."""
    share: float
    """Of time in which the peak is passed, and of callers that may be lost; 0 to 1."""
    average: float
    """Calls at once."""
    peak: int
    """Calls at once that are passed for less than ``share`` of the time, where nobody is turned away."""
    lines: int
    """The fewest that lose less than ``share`` of callers, where those who find all busy go away."""

    def __str__(self) -> str:
        share = percent_text(self.share)
        average = f"{self.average:,.0f}" if self.average >= 100 else f"{self.average:.3g}"
        return (
            f"{self.per_hour:,.10g} calls an hour of {time_text(self.length)} are {average} at once on "
            f"average; {self.peak:,} at once is passed {share} of the time; {self.lines:,} lines lose under {share} of "
            "callers."
        )


def calls_needed(per_hour: float, length: float, share: float = 0.01) -> CallsNeeded:
    """The operator's arithmetic.

    Args:
        per_hour: calls in the busiest hour.
        length: of a call, in seconds.
        share: of time, and of callers, that may be worse served; above 0, below 1.

    Raises:
        ValueError: nothing can be computed from these.
    """
    if not (per_hour > 0 and length > 0):
        raise ValueError("Calls an hour and their length are above 0")
    if not 0 < share < 1:
        raise ValueError(f"{percent_text(share)} of callers cannot be lost: write a share between 0 % and 100 %")
    average = per_hour * length / 3600
    if average > MOST:
        raise ValueError(f"{average:,.0f} calls at once on average are more than can be meant: the limit is {MOST:,}")
    return CallsNeeded(per_hour, length, share, average, poisson_peak(average, share), lines_needed(average, share))


def blocked(lines: int, average: float) -> float:
    """Erlang's B formula: the share of callers that find all ``lines`` busy, 0 to 1.

    Args:
        lines: how many calls fit.
        average: calls at once that would be there, were there lines for all (erlangs).
    """
    inverse = 1.0  # B itself underflows where hardly anybody is lost
    for line in range(1, lines + 1):
        inverse = 1 + inverse * line / average
    return 1 / inverse


def lines_needed(average: float, share: float = 0.01) -> int:
    """The fewest lines that lose less than ``share`` of callers."""
    inverse, line = 1.0, 0
    while 1 / inverse >= share:
        line += 1
        inverse = 1 + inverse * line / average
    return line


def poisson_peak(average: float, share: float = 0.01) -> int:
    """The fewest calls at once that are passed for no more than ``share`` of the time, lines enough given."""
    # From so far below that what is left out is less than 1e-30 of the whole; e^-average underflows from 745 on.
    first = max(0, floor(average - 12 * sqrt(average)))
    mode = floor(average)
    weights = [1.0]
    for calls in range(mode, first, -1):
        weights.append(weights[-1] * calls / average)
    weights.reverse()
    calls = mode
    while weights[-1] > 1e-20 or calls < average:
        calls += 1
        weights.append(weights[-1] * average / calls)
    left = sum(weights) * (1 - share)
    for at, weight in enumerate(weights):
        left -= weight
        if left <= 0:
            return first + at
    raise AssertionError("the weights sum up to more than a part of them")
