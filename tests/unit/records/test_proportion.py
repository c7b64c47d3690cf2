"""Shares of successes and their intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records import Successes, wilson_interval

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("successes", "of", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I: method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_published_examples(successes, of, low, high):
    assert wilson_interval(successes, of) == pytest.approx((low, high), abs=0.00005)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share(of, data):
    successes = data.draw(st.integers(0, of))
    low, high = wilson_interval(successes, of)
    assert 0 <= low <= successes / of + 1e-12
    assert successes / of - 1e-12 <= high <= 1


def test_nothing_is_known_of_none():
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("text", ["at least 9 of 10 calls", "9 of 10", "At least 9 of 10 call"])
def test_successes_are_read(text):
    assert Successes.parse(text) == Successes(9, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("90 %", "write how many of how many, like 'at least 9 of 10 calls'"),
        ("11 of 10", "can never be met"),
        ("0 of 10", "can never be met"),
    ],
)
def test_successes_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Successes.parse(text)
