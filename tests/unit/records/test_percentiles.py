"""Percentiles by nearest rank and their intervals, against numpy and against brute force."""

from __future__ import annotations

from fractions import Fraction
from math import comb, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.records.percentiles import (
    Distribution,
    interval_ranks,
    least_n_for_interval,
    nearest_rank,
)

pytestmark = pytest.mark.unit

VALUES = st.lists(st.floats(-10, 1000, allow_nan=False).map(lambda value: round(value, 4)), min_size=1, max_size=300)
PERCENTS = st.sampled_from([0.5, 5, 25, 50, 75, 90, 95, 99, 99.9, 100])


@given(VALUES, st.sampled_from([25, 50, 75, 100]))
def test_the_same_as_numpy(values, percent):
    # These shares are exact in binary; of others, numpy's own rounding can take the next rank.
    found = Distribution(values).percentile(percent)
    assert found.value == np.percentile(values, percent, method="inverted_cdf")
    assert found.n == len(values)


@given(VALUES, PERCENTS)
def test_the_smallest_value_that_so_many_do_not_exceed(values, percent):
    share = Fraction(str(percent)) / 100
    enough = [one for one in sorted(values) if Fraction(sum(other <= one for other in values), len(values)) >= share]
    assert Distribution(values).percentile(percent).value == enough[0]


@pytest.mark.parametrize(
    ("percent", "n", "rank"), [(95, 20, 19), (95, 100, 95), (99, 100, 99), (99.9, 1000, 999), (50, 1, 1), (7, 100, 7)]
)
def test_ranks(percent, n, rank):
    assert nearest_rank(percent, n) == rank


@pytest.mark.parametrize("percent", [0, -5, 100.1])
def test_what_is_no_percentile(percent):
    with pytest.raises(ValueError, match="write one above 0, up to 100"):
        nearest_rank(percent, 10)


@settings(deadline=None)
@given(st.integers(1, 200), st.sampled_from([50, 90, 95, 99]))
def test_the_interval_covers_95_percent_and_is_as_narrow_as_equal_tails_allow(n, percent):
    # In whole numbers: the number of values below the true percentile is binomial, whatever the distribution.
    ways = [comb(n, k) * percent**k * (100 - percent) ** (n - k) for k in range(n + 1)]
    whole = 100**n
    ranks = interval_ranks(percent, n)
    if ranks is None:
        assert 1000 * ways[0] > 25 * whole or 1000 * ways[n] > 25 * whole, "there could be an interval"
        return
    low, high = ranks
    assert 1 <= low <= nearest_rank(percent, n) <= high <= n
    assert 100 * sum(ways[low:high]) >= 95 * whole
    assert 1000 * sum(ways[: low + 1]) > 25 * whole, "the lower end could be a rank higher"
    assert 1000 * sum(ways[high - 1 :]) > 25 * whole, "the upper end could be a rank lower"


def test_how_many_values_an_interval_needs():
    assert [least_n_for_interval(percent) for percent in (50, 90, 95, 99)] == [6, 36, 72, 368]


def test_intervals_of_drawn_samples_cover_the_true_percentile():
    draw = np.random.default_rng(7)
    covered = 0
    for _ in range(2000):
        found = Distribution(draw.random(200).tolist()).percentile(95)
        covered += found.low <= 0.95 <= found.high
    # Binomial itself: 2000 trials of at least 0.95 stay above 0.935 but for one in a thousand.
    assert covered / 2000 > 0.935


def test_a_million_values_have_an_interval_near_the_normal_one():
    low, high = interval_ranks(95, 1_000_000)
    spread = 1.96 * (1_000_000 * 0.95 * 0.05) ** 0.5
    assert low == pytest.approx(950_000 - spread, abs=3)
    assert high == pytest.approx(950_000 + spread, abs=3)


def test_censored_values_are_at_least_so_much():
    values = [1.0] * 90
    found = Distribution(values, censored=[10.0] * 10)
    assert found.percentile(90).value == 1.0
    assert not found.percentile(90).at_least
    assert found.percentile(91).value == 10.0
    assert found.percentile(91).at_least
    assert found.percentile(90).high == inf
    assert found.mean().at_least
    assert len(found) == 100
    assert found.share_up_to(5.0) == 0.9
    assert found.share_up_to(100.0) == 0.9


@given(VALUES, st.lists(st.floats(0, 1000), max_size=50), st.integers(0, 2**32), PERCENTS)
def test_whatever_the_waits_would_have_been_the_bound_holds(values, censored, seed, percent):
    draw = np.random.default_rng(seed)
    truth = values + [one + extra for one, extra in zip(censored, draw.exponential(50, len(censored)), strict=True)]
    found, true = Distribution(values, censored).percentile(percent), Distribution(truth).percentile(percent)
    assert found.value <= true.value
    if not found.at_least:
        assert found.value == true.value


def test_nothing_has_no_percentile():
    assert Distribution([]).percentile(95) is None
    assert Distribution([]).mean() is None
    assert Distribution([]).share_up_to(1) == 0.0
