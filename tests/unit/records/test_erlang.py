"""Calls at once and lines, against published tables and plain sums."""

from __future__ import annotations

from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records.erlang import blocked, calls_needed, lines_needed, poisson_peak

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("lines", "average", "share"),
    # From the usual tables of Erlang B (offered traffic at 1 % and 5 % loss).
    [(5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (50, 37.90, 0.01), (100, 84.06, 0.01), (10, 6.216, 0.05)],
)
def test_published_tables(lines, average, share):
    assert blocked(lines, average) == pytest.approx(share, rel=0.005)


@given(st.integers(0, 60), st.floats(0.1, 60))
def test_the_formula_written_out(lines, average):
    terms = [average**k / factorial(k) for k in range(lines + 1)]
    assert blocked(lines, average) == pytest.approx(terms[-1] / sum(terms), rel=1e-9)


@given(st.floats(0.1, 500), st.sampled_from([0.001, 0.01, 0.05]))
def test_one_line_less_would_lose_too_many(average, share):
    lines = lines_needed(average, share)
    assert blocked(lines, average) < share <= blocked(lines - 1, average)


@given(st.floats(0.05, 100), st.sampled_from([0.001, 0.01, 0.05]))
def test_the_peak_is_the_poisson_quantile(average, share):
    peak = poisson_peak(average, share)
    terms = [exp(-average)]
    for k in range(1, peak + 1):
        terms.append(terms[-1] * average / k)
    assert 1 - sum(terms) <= share + 1e-9
    assert 1 - sum(terms[:-1]) > share - 1e-9


def test_the_operators_example():
    assert str(calls_needed(1200, 180)) == (
        "1,200 calls an hour of 3 min are 60 at once on average; 79 at once is passed 1 % of the time; "
        "75 lines lose under 1 % of callers."
    )


def test_a_whole_country_is_computed_too():
    needed = calls_needed(1_200_000, 180)
    assert needed.average == 60_000
    assert 60_000 + 2 * 60_000**0.5 < needed.peak < 60_000 + 3 * 60_000**0.5
    assert "60,000 at once on average" in str(needed)


@pytest.mark.parametrize(
    ("per_hour", "length", "share", "message"),
    [
        (0, 180, 0.01, "are above 0"),
        (1200, 0, 0.01, "are above 0"),
        (1200, 180, 0, "write a share between 0 % and 100 %"),
        (1200, 180, 1, "write a share between 0 % and 100 %"),
        (1e12, 180, 0.01, "more than can be meant"),
        (float("nan"), 180, 0.01, "are above 0"),
    ],
)
def test_what_cannot_be_computed(per_hour, length, share, message):
    with pytest.raises(ValueError, match=message):
        calls_needed(per_hour, length, share)
