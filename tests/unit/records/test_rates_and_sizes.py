"""Rates, numbers and sizes as people write them."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.records.names import nearest_name, unknown_name
from AudioSocketLibrary.records.units import percent_text, rate_text, read_count, read_rate, read_size

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "per_second"),
    [("20/min", 1 / 3), ("1200/h", 1 / 3), ("0.5/s", 0.5), ("60 / хв", 1), ("2 per second", 2), ("3 a minute", 0.05)],
)
def test_rates(text, per_second):
    assert read_rate(text) == pytest.approx(per_second)


@pytest.mark.parametrize("text", ["20", "20/fortnight", "/min", "-1/s", "20 %"])
def test_what_is_no_rate(text):
    with pytest.raises(ValueError, match="is no rate: a rate is a number and a unit, like '20/min'"):
        read_rate(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "0x10", "many", "²"])
def test_what_is_no_count(text):
    with pytest.raises(ValueError, match="is no number of something: write a whole one, like '20'"):
        read_count(text)


def test_sizes():
    assert read_size("50 MB") == 5e7
    assert read_size("1.5gb") == 1.5e9
    with pytest.raises(ValueError, match="is no size: write it like '50 MB'"):
        read_size("50")


@pytest.mark.parametrize(("rate", "text"), [(1.5, "1.5/s"), (1 / 3, "20/min"), (1 / 120, "30/h")])
def test_rates_for_people(rate, text):
    assert rate_text(rate) == text
    assert read_rate(text) == pytest.approx(rate)


def test_shares_for_people():
    assert [percent_text(share) for share in (0, 0.001, 0.0435, 1)] == ["0 %", "0.1 %", "4.35 %", "100 %"]


def test_the_nearest_name():
    assert nearest_name("PEEK", ["peak", "normal"]) == "peak"
    assert nearest_name("zzz", ["peak"]) is None
    assert (
        unknown_name("shape", "hod", ["hold", "rate"], all_are="Shapes")
        == "no shape 'hod'; nearest: hold. Shapes: hold, rate"
    )
