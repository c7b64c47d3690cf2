"""Is one run worse than another, or is it chance? Pure statistics; what is drawn is a call.

The turns of one call are not independent: its caller, its line and the moment are the same for all of them. So whole
calls are drawn, never single replies:

- **Interval** of a difference: percentile bootstrap, calls drawn with replacement in each run (Efron and Tibshirani,
  *An Introduction to the Bootstrap*, 1993, ch. 13). Where both bots were called by the same callers, callers are drawn.
- **Chance**: how often runs that do not differ would show a difference as large, by permutation: calls change their
  run at random (of a pair, the two calls change places). Exact for any distribution.
- A dozen figures are looked at together, and one would always stand out: chances are adjusted by Holm's method
  (Scandinavian Journal of Statistics 6, 1979), so that all of them together are wrong in 2 % of comparisons at most.

A difference is told where its interval leaves 0 out, where chance would bring it in less than 2 % of comparisons, and
where it is large enough to matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil
from statistics import median
from typing import Final, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .load_figures import Unit

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]

DRAWS: Final = 1000
"""Resamples, and permutations: the smallest chance that can be told is 1 in 1001."""
OUTSIDE: Final = 0.05
"""What an interval leaves outside."""
BY_CHANCE: Final = 0.02
"""Of comparisons in which nothing differs, this share may tell a difference: a gate that cries wolf is switched off."""
LEAST_CALLS: Final = 8
"""With fewer on a side, no difference whatever could leave chance behind."""
LEAST_RUNS: Final = 3
"""So many baselines have a spread of their own."""
USUAL: Final = 2.0
"""Spreads around the median of several baselines that are nothing to speak of ..."""
CERTAIN: Final = 3.0
"""... and beyond which one run alone is enough."""
_MAD: Final = 1.4826
"""A median absolute deviation times this is the standard deviation of a normal distribution."""
_CELLS: Final = 1_000_000
"""Numbers that are held at once."""


class Sample(Protocol):
    """What was measured on one side: some figures of it, as a function of how often each call counts."""

    @property
    def calls(self) -> int:
        """How many calls (or stretches of time) are drawn from."""

    @property
    def n(self) -> int:
        """Of how many values it is."""

    def figures(self, weights: Counts) -> Floats:
        """The figures where each call counts so often: a row for each row of weights; nan where nothing is left."""

    def joined(self, other: Self) -> Self:
        """Both sides as one: the calls of the other after those of this one."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Percentiles by nearest rank of values, each of which belongs to a call."""

    values: Floats
    """In order."""
    owner: Counts
    """The call of each, from 0."""
    calls: int
    percents: tuple[float, ...]

    @classmethod
    def of(cls, values: ArrayLike, owner: ArrayLike, percents: Sequence[float], calls: int | None = None) -> Self:
        """Sort them once.

        Args:
            values: what was measured.
            owner: the call of each.
            percents: above 0, up to 100.
            calls: how many there are, so that one without a value counts; None: calls are told apart by ``owner``.
        """
        plain, of = np.asarray(values, dtype=np.float64), np.asarray(owner, dtype=np.int32)
        if calls is None:
            names, numbers = np.unique(of, return_inverse=True)
            of, calls = numbers.astype(np.int32), len(names)
        order = np.argsort(plain, kind="stable")
        return cls(plain[order], of[order], calls, tuple(percents))

    @property
    def n(self) -> int:
        """How many values there are."""
        return len(self.values)

    def figures(self, weights: Counts) -> Floats:
        """The percentiles where each call counts so often."""
        if not self.n:
            return np.full((len(weights), len(self.percents)), np.nan)
        up_to = np.cumsum(np.take(weights, self.owner, axis=1), axis=1, dtype=np.int32)
        total = up_to[:, -1].astype(np.int64)
        ranks = [np.maximum(1, -(-total * each.numerator // each.denominator)) for each in map(_share, self.percents)]
        places = [np.searchsorted(row, wanted) for row, wanted in zip(up_to, np.stack(ranks, axis=1), strict=True)]
        found = self.values[np.minimum(np.stack(places), self.n - 1)]
        return np.where(total[:, None] > 0, found, np.nan)

    def joined(self, other: Percentiles) -> Percentiles:
        """Both sides as one."""
        values = np.concatenate([self.values, other.values])
        owner = np.concatenate([self.owner, other.owner + self.calls])
        return Percentiles.of(values, owner, self.percents, self.calls + other.calls)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A sum over calls by another: an error rate (failed by due), or a rate (calls by minutes of each stretch)."""

    above: Floats
    below: Floats

    @property
    def calls(self) -> int:
        """How many calls or stretches there are."""
        return len(self.above)

    @property
    def n(self) -> int:
        """The same."""
        return len(self.above)

    def figures(self, weights: Counts) -> Floats:
        """The ratio where each call counts so often."""
        below = weights @ self.below
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(below > 0, (weights @ self.above) / below, np.nan)
        return found[:, None]

    def joined(self, other: Ratio) -> Ratio:
        """Both sides as one."""
        return Ratio(np.concatenate([self.above, other.above]), np.concatenate([self.below, other.below]))


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure on both sides."""

    base: float
    new: float
    low: float
    """The 95 % interval of new less base."""
    high: float
    chance: float
    """How often two sides that do not differ would differ as much; 0 to 1, not yet adjusted for other figures."""

    @property
    def difference(self) -> float:
        """New less base."""
        return self.new - self.base


S = TypeVar("S", Percentiles, Ratio)


def differences(base: S, new: S, *, paired: bool = False, seed: int = 0) -> list[Difference | None]:
    """The figures of two sides beside each other; None where one side has none.

    Args:
        base: what it is compared with.
        new: what is judged.
        paired: the k-th call of both sides has the same caller.
        seed: the same draws for the same seed.

    Raises:
        ValueError: pairs are asked for, and one side has more calls than the other.
    """
    if paired and base.calls != new.calls:
        raise ValueError(f"There are no pairs of {base.calls} and {new.calls} calls")
    count = base.figures(np.ones((1, base.calls), dtype=np.int32))[0]
    now = new.figures(np.ones((1, new.calls), dtype=np.int32))[0]
    if not base.calls or not new.calls or bool(np.all(np.isnan(count) | np.isnan(now))):
        return [None] * len(count)
    random = np.random.default_rng(seed)
    drawn = _drawn(base, new, random, paired=paired)
    shuffled = _shuffled(base, new, random, paired=paired)
    found: list[Difference | None] = []
    for column, (before, after) in enumerate(zip(count.tolist(), now.tolist(), strict=True)):
        spread = drawn[:, column][~np.isnan(drawn[:, column])]
        if np.isnan(before) or np.isnan(after) or not len(spread):
            found.append(None)
            continue
        low, high = np.quantile(spread, (OUTSIDE / 2, 1 - OUTSIDE / 2)).tolist()
        by_chance = shuffled[:, column][~np.isnan(shuffled[:, column])]
        as_large = int(np.sum(np.abs(by_chance) >= abs(after - before) * (1 - 1e-9)))
        found.append(Difference(before, after, low, high, (as_large + 1) / (len(by_chance) + 1)))
    return found


def _drawn(base: S, new: S, random: np.random.Generator, *, paired: bool) -> Floats:
    """Differences of resamples."""

    def some(count: int) -> Floats:
        first = _resampled(random, count, base.calls)
        second = first if paired else _resampled(random, count, new.calls)
        return new.figures(second) - base.figures(first)

    return _in_parts(some, max(base.n, new.n, base.calls, new.calls))


def _shuffled(base: S, new: S, random: np.random.Generator, *, paired: bool) -> Floats:
    """Differences of sides between which calls were exchanged at random."""
    both = base.joined(new)
    labels = np.repeat(np.array([0, 1], dtype=np.int32), [base.calls, new.calls])

    def some(count: int) -> Floats:
        if paired:
            swapped = random.integers(0, 2, (count, base.calls), dtype=np.int32)
            is_new = np.concatenate([swapped, 1 - swapped], axis=1)
        else:
            is_new = random.permuted(np.tile(labels, (count, 1)), axis=1)
        return both.figures(is_new) - both.figures(1 - is_new)

    return _in_parts(some, max(both.n, both.calls))


def _resampled(random: np.random.Generator, count: int, calls: int) -> Counts:
    """How often each call was drawn: rows of ``calls`` draws with replacement."""
    drawn = random.integers(0, calls, (count, calls)) + np.arange(count)[:, None] * calls
    return np.bincount(drawn.ravel(), minlength=count * calls).reshape(count, calls).astype(np.int32)


def _in_parts(some: Callable[[int], Floats], width: int) -> Floats:
    return np.concatenate([some(count) for count in _parts(DRAWS, max(1, _CELLS // max(1, width)))])


def _parts(draws: int, most: int) -> Iterator[int]:
    for done in range(0, draws, most):
        yield min(most, draws - done)


def _share(percent: float) -> Fraction:
    return Fraction(str(percent)) / 100


class Shown(StrEnum):
    """What a comparison of one figure has shown."""

    BETTER = "better"
    WORSE = "worse"
    PERHAPS = "perhaps worse"
    """Further off than baselines are from each other, but not so far that one run is enough."""
    NONE = "no difference shown"
    FEW = "too few"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, compared."""

    title: str
    """As before the operator of a threshold: ``p95 response time``."""
    unit: Unit
    shown: Shown
    base: float | None = None
    """Of several baselines, the median of theirs."""
    new: float | None = None
    low: float | None = None
    """The 95 % interval of the difference."""
    high: float | None = None
    chance: float | None = None
    """How often no difference would look like this, all figures of the comparison considered."""
    usual: tuple[float, float] | None = None
    """Of several baselines: their median, two spreads to either side."""
    n_base: int = 0
    n_new: int = 0
    more_is_better: bool = False

    @property
    def difference(self) -> float | None:
        """New less base."""
        return None if self.base is None or self.new is None else self.new - self.base


@dataclass(frozen=True, slots=True)
class Question:
    """A figure that is to be compared."""

    title: str
    unit: Unit
    n_base: int
    n_new: int
    found: Difference | None
    runs: tuple[float, ...] = ()
    """The figure in each of several baselines."""
    least_n: int = 1
    """With fewer values on a side nothing is said."""
    few: bool = False
    """There are too few calls on a side."""
    more_is_better: bool = False


def worth_telling(unit: Unit, base: float) -> float:
    """How large a difference must be to matter: 5 %, and of a time 20 ms; of a share half a percentage point."""
    match unit:
        case "time":
            return max(0.020, 0.05 * abs(base))
        case "share":
            return 0.005
    return 0.05 * abs(base)


def holm(chances: Sequence[float]) -> list[float]:
    """Chances adjusted for being looked at together."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    adjusted = [0.0] * len(chances)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, chances[index] * (len(chances) - rank)))
        adjusted[index] = highest
    return adjusted


def judged(questions: Sequence[Question]) -> list[Compared]:
    """What figures that are looked at together have shown."""
    enough = [one for one in questions if not _too_few(one)]
    chances = dict(
        zip(map(id, enough), holm([one.found.chance for one in enough if one.found is not None]), strict=True)
    )
    return [_judged(one, chances.get(id(one))) for one in questions]


def _too_few(one: Question) -> bool:
    return one.found is None or one.few or min(one.n_base, one.n_new) < one.least_n


def _judged(one: Question, chance: float | None) -> Compared:
    found = one.found
    if found is None:
        return Compared(one.title, one.unit, Shown.FEW, n_base=one.n_base, n_new=one.n_new)
    several = len(one.runs) >= LEAST_RUNS
    base = median(one.runs) if several else found.base
    least = worth_telling(one.unit, base)
    spread = max(_spread(one.runs), least / USUAL) if several else 0.0
    off = found.new - base
    shown = Shown.NONE
    if chance is None:
        shown = Shown.FEW
    elif chance < BY_CHANCE and not found.low <= 0 <= found.high and abs(off) >= least and abs(off) > USUAL * spread:
        better = (off > 0) is one.more_is_better
        sure = not several or abs(off) > CERTAIN * spread
        shown = Shown.BETTER if better else Shown.WORSE if sure else Shown.PERHAPS
    return Compared(
        one.title, one.unit, shown, base, found.new, found.low, found.high, chance,
        (base - USUAL * spread, base + USUAL * spread) if several else None,
        one.n_base, one.n_new, one.more_is_better,
    )  # fmt: skip


def _spread(values: Sequence[float]) -> float:
    """Of the values of a few runs: robust against one that was off."""
    middle = median(values)
    return _MAD * median(abs(value - middle) for value in values)


def least_calls(base: int, new: int) -> bool:
    """Whether there are too few calls on a side."""
    return min(base, new) < LEAST_CALLS


def block_length(seconds: float) -> float:
    """Into stretches of how many seconds a measured time is cut, so that a rate can be drawn from them."""
    return float(max(5, min(60, ceil(seconds / 30))))
