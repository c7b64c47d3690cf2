"""Exact percentiles: by nearest rank, with a 95 % interval by order statistics.

A percentile is always one of the values, and nothing is averaged or interpolated. A value that was not waited for to
its end (a time-out) is *censored*: it enters as "at least so much".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import ceil, exp, fsum, inf, lgamma, log, sqrt

CONFIDENCE = 0.95
_FAR = 12
"""Standard deviations around the mean beyond which a binomial distribution holds less than 1e-30."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of ``n`` values. Its unit is theirs."""

    value: float
    n: int
    low: float | None = None
    """The lower end of the 95 % interval; None where there are too few values for one."""
    high: float | None = None
    """Its upper end; infinite where only "at least" is known of it."""
    at_least: bool = False
    """Only a lower bound is known, for censored values are below or at the rank."""


class Distribution:
    """Values in order, some of them censored."""

    __slots__ = ("_censored", "values")

    def __init__(self, values: Iterable[float], censored: Iterable[float] = ()) -> None:
        """Sort them once.

        Args:
            values: what was measured.
            censored: what is only known to be at least so much: waits that were given up.
        """
        known, open_ended = sorted(values), sorted(censored)
        # At the same value, what is known stands before what is only known to be no less.
        self._censored = [bisect_right(known, value) + before for before, value in enumerate(open_ended)]
        self.values = sorted(known + open_ended) if open_ended else known

    def __len__(self) -> int:
        return len(self.values)

    def percentile(self, percent: float) -> Percentile | None:
        """The smallest value that at least ``percent`` (above 0, to 100) of all do not exceed; None of no values."""
        n = len(self.values)
        if not n:
            return None
        rank = nearest_rank(percent, n)
        first_open = self._censored[0] if self._censored else n
        ranks = interval_ranks(percent, n)
        low = high = None
        if ranks:
            low = self.values[ranks[0] - 1]
            high = self.values[ranks[1] - 1] if ranks[1] - 1 < first_open else inf
        return Percentile(self.values[rank - 1], n, low, high, at_least=rank - 1 >= first_open)

    def mean(self) -> Percentile | None:
        """The mean, without an interval; None of no values."""
        n = len(self.values)
        return Percentile(fsum(self.values) / n, n, at_least=bool(self._censored)) if n else None

    def share_up_to(self, limit: float) -> float:
        """The share of values that are known not to exceed ``limit``, 0 to 1."""
        end = bisect_right(self.values, limit)
        return (end - bisect_left(self._censored, end)) / len(self.values) if self.values else 0.0


def nearest_rank(percent: float, n: int) -> int:
    """The rank of a percentile among ``n`` values, counted from 1.

    Raises:
        ValueError: the percentage is not above 0 and up to 100.
    """
    if not 0 < percent <= 100:
        raise ValueError(f"There is no percentile {percent:g}: write one above 0, up to 100")
    # 99.9 means 99.9, not the double beside it: an error of 1e-14 would take the next rank.
    return max(1, ceil(Fraction(str(percent)) * n / 100))


@lru_cache(maxsize=4096)
def interval_ranks(percent: float, n: int) -> tuple[int, int] | None:
    """The ranks, from 1, between which the true percentile lies with at least 95 %, whatever the distribution.

    The number of values below the true percentile is binomial; each end leaves at most 2.5 % outside. None where ``n``
    values cannot say so much: p95 needs 72 of them, p99 368, the median 6.
    """
    share = percent / 100
    if not 0 < share < 1 or n < 1:
        return None
    start, sums = _binomial(n, share)
    tail = (1 - CONFIDENCE) / 2
    low = start + bisect_right(sums, tail * (1 + 1e-9))
    high = start + bisect_left(sums, 1 - tail * (1 + 1e-9)) + 1
    return (low, high) if low >= 1 and high <= n else None


def least_n_for_interval(percent: float) -> int:
    """How many values a 95 % interval of this percentile needs."""
    n = 1
    while interval_ranks(percent, n) is None:
        n += 1
    return n


def _binomial(n: int, share: float) -> tuple[int, Sequence[float]]:
    """P(B <= k) for k from the first returned on; what is left out on either side cannot be seen in a double."""
    mean, spread = n * share, sqrt(n * share * (1 - share))
    start, end = max(0, int(mean - _FAR * spread) - 1), min(n, int(mean + _FAR * spread) + 2)
    term = exp(_log_choose(n, start) + start * log(share) + (n - start) * log(1 - share))
    odds = share / (1 - share)
    terms = [term]
    for k in range(start, end):
        terms.append(terms[-1] * (n - k) / (k + 1) * odds)
    return start, list(accumulate(terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
