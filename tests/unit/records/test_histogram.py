import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records.histogram import RESOLUTION, Histogram

pytestmark = pytest.mark.unit

delays = st.lists(st.floats(0, 0.199), min_size=1, max_size=200)


def histogram_of(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(values=delays, percent=st.sampled_from([0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100]))
def test_a_percentile_is_that_of_numpy_within_a_bucket_and_never_smaller(values, percent):
    true = float(np.percentile(values, percent, method="inverted_cdf"))
    told = histogram_of(values).percentile(percent)
    assert true - 1e-9 <= told <= true + RESOLUTION + 1e-9


@given(values=delays)
def test_the_highest_percentile_is_the_maximum(values):
    histogram = histogram_of(values)
    assert histogram.most == max(values)
    assert histogram.percentile(100) == pytest.approx(max(values), abs=RESOLUTION)


@given(one=delays, other=delays)
def test_merging_is_adding(one, other):
    merged = histogram_of(one)
    merged.merge(histogram_of(other))
    both = histogram_of([*one, *other])
    assert merged.counts == both.counts
    assert merged.most == both.most
    assert len(merged) == len(one) + len(other)


@given(before=delays, after=delays)
def test_what_came_since(before, after):
    histogram = histogram_of(before)
    earlier = list(histogram.counts)
    for value in after:
        histogram.add(value)
    since = histogram.since(earlier)
    assert since.counts == histogram_of(after).counts
    assert max(after) - 1e-9 <= since.most <= max(after) + RESOLUTION + 1e-9


@given(values=st.lists(st.floats(0, 0.5), min_size=1, max_size=100), limit=st.floats(0, 0.6))
def test_the_share_over_a_limit_is_never_told_smaller_than_it_is(values, limit):
    share = histogram_of(values).share_over(limit)
    assert share >= sum(value > limit for value in values) / len(values) - 1e-9
    if limit < 0.2:
        assert share <= sum(value > limit - RESOLUTION - 1e-9 for value in values) / len(values) + 1e-9


def test_a_limit_between_two_buckets_is_exact():
    histogram = histogram_of([0.0099, 0.0101, 0.0103, 0.5])
    assert histogram.share_over(0.010) == 0.75
    assert histogram.share_over(0.3) == 0.25
    assert Histogram().share_over(0.010) == 0.0


def test_beyond_the_last_bucket_the_maximum_is_exact():
    histogram = histogram_of([0.001, 3.25])
    assert histogram.percentile(100) == 3.25
    assert histogram.percentile(50) == 0.0015


def test_nothing_counted_and_nothing_negative():
    assert Histogram().percentile(99) is None
    assert len(Histogram()) == 0
    early = histogram_of([-0.004])
    assert (len(early), early.most, early.percentile(50)) == (1, 0.0, 0.0)
