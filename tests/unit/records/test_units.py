"""Values as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records import read_percent, read_time, time_text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("800 ms", 0.8),
        ("800ms", 0.8),
        ("2 s", 2),
        ("2", 2),
        ("0.5", 0.5),
        ("1 min 30 s", 90),
        ("1:30", 90),
        ("1:02:03.5", 3723.5),
        ("2 с", 2),
        ("800 мс", 0.8),
        ("5 хв", 300),
        ("1,5 s", 1.5),
        ("2 hours", 7200),
    ],
)
def test_times(text, seconds):
    assert read_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "2 parsecs", "s", "-2 s", "2 s and", "1:2", "nan", "1e3"])
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="is no time: write it like '800 ms', '2 s', '1 min 30 s' or '1:30'"):
        read_time(text)


def test_a_bare_number_from_60_is_no_slip():
    with pytest.raises(ValueError, match="800 means 800 seconds; for milliseconds write '800 ms'"):
        read_time("800")


@given(st.integers(0, 10**7))
def test_what_is_written_is_read(milliseconds):
    assert read_time(f"{milliseconds} ms") == pytest.approx(milliseconds / 1000)


@pytest.mark.parametrize(("text", "share"), [("5 %", 0.05), ("5%", 0.05), ("0.1 %", 0.001), ("120 %", 1.2)])
def test_shares(text, share):
    assert read_percent(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["5", "0.05", "%", "five %", "-5 %"])
def test_what_is_no_share(text):
    with pytest.raises(ValueError, match="is no share: a share is written with a percent sign, like '5 %'"):
        read_percent(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.9, "900 ms"), (3.41, "3.41 s"), (2.0, "2 s"), (125, "2 min 5 s"), (300, "5 min"), (0.9999, "1 s"), (0, "0 ms")],
)
def test_times_for_people(seconds, text):
    assert time_text(seconds) == text
