"""What a threshold is judged on: the values of one figure, when each was measured, and which are only "at least"."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from math import ceil, floor, nextafter

from .percentiles import Distribution, Percentile
from .thresholds import Aggregate, Threshold

WINDOW_N = 20
"""A window is widened until it holds so many values."""
RATE_WINDOW = 60.0
"""Seconds over which a rate a minute is counted."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The values of a figure in a run, warm-up and ramps left out.

    Of a share (error rate) a value is 1 or 0 for each call; of a rate it is 1 for each call that counts; of any other
    figure of the run there is one value.
    """

    values: Sequence[float] = ()
    at: Sequence[float] = ()
    """When each was measured, in seconds of the run; needed for windows and rates only."""
    censored: Sequence[bool] = ()
    """Which are "at least so much": waits that were given up. Empty: none."""
    length: float = 0.0
    """Seconds of the run that were measured; needed for rates."""
    start: float = 0.0
    """When that time began."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def distribution(self) -> Distribution:
        """All values in order."""
        if not self.censored:
            return Distribution(self.values)
        known = (not open_end for open_end in self.censored)
        return Distribution(compress(self.values, known), compress(self.values, self.censored))

    def sorted_by_time(self) -> Samples:
        """The same in the order of time.

        Raises:
            ValueError: it is not known when they were measured.
        """
        if len(self.at) != len(self.values):
            raise ValueError("These values have no times: nothing can be said about seconds of the run")
        order = sorted(range(len(self.at)), key=self.at.__getitem__)
        return Samples(
            [self.values[index] for index in order],
            [self.at[index] for index in order],
            [self.censored[index] for index in order] if self.censored else (),
            self.length,
            self.start,
        )

    def part(self, first: int, end: int) -> Samples:
        """Those from the ``first`` up to before the ``end``-th."""
        cut = slice(first, end)
        return Samples(self.values[cut], self.at[cut], self.censored[cut] if self.censored else (), self.length)

    def actual(self, threshold: Threshold) -> Percentile | None:
        """What the figure of a threshold is; None where nothing was measured."""
        figure = threshold.figure
        if figure.unit == "rate":
            return Percentile(sum(self.values) * 60 / self.length, len(self)) if self.length > 0 else None
        if not len(self):
            return None
        if figure.is_distribution:
            return aggregated(self.distribution, threshold.aggregate)
        if figure.share_of:
            return self.distribution.mean()
        return Percentile(self.values[-1], 1)

    def windows(self, threshold: Threshold) -> Iterator[Percentile]:
        """The figure in each second; windows are widened to the nearest values until they hold `WINDOW_N`."""
        ordered = self.sorted_by_time()
        if threshold.figure.unit == "rate":
            yield from _rates(ordered)
            return
        if not len(ordered):
            return
        for second in range(floor(ordered.at[0]), floor(ordered.at[-1]) + 1):
            found = ordered.part(*_widened(ordered.at, second)).actual(threshold)
            if found is not None:
                yield found


def aggregated(distribution: Distribution, aggregate: Aggregate | None) -> Percentile | None:
    """The mean, the maximum or a percentile of a distribution; None of no values."""
    if aggregate == "mean":
        return distribution.mean()
    if aggregate is None or aggregate == "max":
        return distribution.percentile(100)
    return distribution.percentile(float(aggregate[1:]))


def _widened(at: Sequence[float], second: float) -> tuple[int, int]:
    first, end = bisect_left(at, second), bisect_right(at, nextafter(second + 1, second))
    middle = second + 0.5
    while end - first < WINDOW_N and (first > 0 or end < len(at)):
        if end == len(at) or (first > 0 and middle - at[first - 1] <= at[end] - middle):
            first -= 1
        else:
            end += 1
    return first, end


def _rates(ordered: Samples) -> Iterator[Percentile]:
    begin, finish = ordered.start, ordered.start + ordered.length
    for second in islice(range(ceil(ordered.length)), 0, None):
        middle = begin + second + 0.5
        low, high = max(begin, middle - RATE_WINDOW / 2), min(finish, middle + RATE_WINDOW / 2)
        first, end = bisect_left(ordered.at, low), bisect_right(ordered.at, high)
        yield Percentile(sum(ordered.values[first:end]) * 60 / (high - low), end - first)
