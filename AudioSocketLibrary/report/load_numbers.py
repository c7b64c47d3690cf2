"""The figures of a run as arrays, each made once: a report asks for the same ones for many charts and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import ceil, isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..records import Histogram, Samples
from ..records.load_figures import Unit, load_figure
from ..records.percentiles import Distribution, Percentile, nearest_rank
from ..records.run_facts import FAILED, RunFacts
from .load_model import Stats

Array = NDArray[np.float64]
Window = tuple[float, float]

_WIDTHS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400)


class Values:
    """The measured values of a figure and when each was."""

    def __init__(self, samples: Samples) -> None:
        order = np.argsort(np.asarray(samples.at, dtype=float), kind="stable")
        self.values: Array = np.asarray(samples.values, dtype=float)[order]
        self.at: Array = np.asarray(samples.at, dtype=float)[order]
        censored = np.asarray(samples.censored, dtype=bool)
        self.censored: NDArray[np.bool_] = censored[order] if len(censored) else np.zeros(len(order), dtype=bool)

    def __len__(self) -> int:
        return len(self.values)

    def within(self, start: float, end: float) -> Array:
        """The values measured from ``start`` up to before ``end``."""
        first, last = np.searchsorted(self.at, (start, end))
        return self.values[first:last]

    def distribution_within(self, start: float, end: float) -> tuple[Distribution, int]:
        """The same in order, and how many of them are only "at least so much"."""
        first, last = np.searchsorted(self.at, (start, end))
        values, censored = self.values[first:last], self.censored[first:last]
        return Distribution(values[~censored].tolist(), values[censored].tolist()), int(censored.sum())

    def share_up_to(self, limit: float) -> float:
        """The share of values that are known not to exceed a limit."""
        return float(np.mean((self.values <= limit) & ~self.censored)) if len(self) else 0.0


class Numbers:
    """Arrays of a run."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self._values: dict[tuple[str, str | None, str | None, str | None], Values] = {}
        self._stats: dict[tuple[str, str | None, str | None, str | None], Stats] = {}

    def values(
        self, figure: str, *, scenario: str | None = None, phase: str | None = None, target: str | None = None
    ) -> Values:
        """The values of a figure of replies or calls, as a threshold would see them."""
        key = (figure, scenario, phase, target)
        found = self._values.get(key)
        if found is None:
            samples = self.facts.samples(figure, scenario=scenario, phase=phase, target=target)
            found = self._values[key] = Values(samples if isinstance(samples, Samples) else Samples())
        return found

    def stats(
        self, figure: str, *, scenario: str | None = None, phase: str | None = None, target: str | None = None
    ) -> Stats:
        """The percentiles of a figure."""
        key = (figure, scenario, phase, target)
        found = self._stats.get(key)
        if found is None:
            samples = self.facts.samples(figure, scenario=scenario, phase=phase, target=target)
            made = of_histogram(samples) if isinstance(samples, Histogram) else stats_of(samples, figure)
            found = self._stats[key] = made
        return found

    @cached_property
    def begun(self) -> Array:
        """When each call began; infinite: never."""
        return np.array([call.start for call in self.facts.calls()], dtype=float)

    @cached_property
    def intended(self) -> Array:
        """When each call was meant to begin."""
        return np.array([call.intended for call in self.facts.calls()], dtype=float)

    @cached_property
    def ended(self) -> Array:
        """When each call ended."""
        return np.array([call.end for call in self.facts.calls()], dtype=float)

    @cached_property
    def outcomes(self) -> NDArray[np.str_]:
        """What became of each call."""
        return np.array([call.outcome for call in self.facts.calls()], dtype=str)

    @cached_property
    def failed(self) -> NDArray[np.bool_]:
        """Which calls failed, those of the ramp with them."""
        return np.isin(self.outcomes, FAILED)

    @cached_property
    def up(self) -> tuple[Array, Array]:
        """When the number of calls that are up changed, and to what."""
        times, counts = self.facts.concurrency()
        return np.asarray(times, dtype=float), np.asarray(counts, dtype=float)

    def up_at(self, times: Array) -> Array:
        """How many calls were up at each of these times."""
        changes, counts = self.up
        if not len(changes):
            return np.zeros(len(times))
        index = np.searchsorted(changes, times, side="right") - 1
        return np.where(index >= 0, counts[np.maximum(index, 0)], 0.0)

    @property
    def end(self) -> float:
        """The end of the run's last call."""
        return self.facts.end


def stats_of(samples: Samples, figure: str) -> Stats:
    """Percentiles of samples."""
    unit = load_figure(figure).unit
    return stats(samples.distribution, unit, censored=sum(samples.censored))


def stats(distribution: Distribution, unit: Unit, *, censored: int = 0) -> Stats:
    """Percentiles of a distribution."""
    mean = distribution.mean()
    p50, p90, p95, p99 = (distribution.percentile(percent) for percent in (50, 90, 95, 99))
    most = distribution.values[-1] if len(distribution) else None
    return Stats(unit, len(distribution), censored, None if mean is None else mean.value, p50, p90, p95, p99, most)


def of_histogram(histogram: Histogram) -> Stats:
    """Percentiles of frame-level delays."""
    # An interval of millions of frames says nothing: they are not independent of each other.
    middles = [(index + 0.5) * 0.0005 for index in range(len(histogram.counts))]
    n = len(histogram)
    mean = sum(count * at for count, at in zip(histogram.counts, middles, strict=True)) / n if n else None
    p50, p90, p95, p99 = (_point(histogram, percent) for percent in (50, 90, 95, 99))
    return Stats("time", n, 0, mean, p50, p90, p95, p99, histogram.most if n else None)


def _point(histogram: Histogram, percent: float) -> Percentile | None:
    value = histogram.percentile(percent)
    return None if value is None else Percentile(value, len(histogram))


def percentile(values: Array, percent: float) -> float | None:
    """By nearest rank; None of no values."""
    if not len(values):
        return None
    rank = nearest_rank(percent, len(values)) - 1
    return float(np.partition(values, rank)[rank])


def bucket_width(length: float, most: int = 90) -> float:
    """A round width in seconds, of which at most so many cover a length."""
    return float(next((width for width in _WIDTHS if length / width <= most), ceil(length / most)))


def buckets(end: float, most: int = 90) -> tuple[float, Array]:
    """The width and the edges of stretches that cover a run from 0 to its end."""
    width = bucket_width(max(end, 1.0), most)
    return width, np.arange(0, ceil(max(end, 1.0) / width) + 1, dtype=float) * width


def count_in(edges: Array, times: Array) -> Array:
    """How many of these times are in each stretch."""
    return np.histogram(times[np.isfinite(times)], bins=edges)[0].astype(float)


def spans(edges: Array) -> Iterator[Window]:
    """The stretches between edges."""
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def floats(values: Array | Sequence[float | None]) -> tuple[float | None, ...]:
    """Plain numbers; what is no number is None."""
    return tuple(None if value is None or not isfinite(value) else round(float(value), 6) for value in values)


def xs(values: Sequence[float | None]) -> tuple[float, ...]:
    """Positions: all of them are numbers."""
    return tuple(value for value in values if value is not None)
