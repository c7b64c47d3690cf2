"""Charts as pictures: round ticks, holes left open, nothing outside of the paper, texts escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.report.charts_scale import Scale, clock_text, tick_text, value_of
from AudioSocketLibrary.report.charts_svg import WIDTH, svg
from AudioSocketLibrary.report.load_html import rows_of
from AudioSocketLibrary.report.load_model import Axis, Chart, Rule, Series

pytestmark = pytest.mark.unit

UNITS = ["time", "share", "rate", "count", "size", "clock", "millis"]


def chart(*series, x="clock", y="time", **more):
    return Chart("c", "Title", "About.", Axis("x", x), Axis("y", y), tuple(series), **more)


def drawn(picture):
    return ET.fromstring(str(svg(picture)))


@given(st.sampled_from(UNITS), st.lists(st.floats(0, 1e10), min_size=1, max_size=50), st.booleans())
def test_a_scale_holds_its_values_and_has_a_few_round_ticks(unit, values, tight):
    scale = Scale.of(Axis("a", unit), values, 58, 498, from_zero=True, tight=tight)
    assert all(scale.low - 1e-6 <= value <= scale.most * (1 + 1e-12) + 1e-6 for value in values)
    assert all(57.9 <= scale.clamped(value) <= 498.1 for value in values)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 12
    assert len({tick_text(unit, tick, scale.most) for tick in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("unit", "most", "ticks"),
    [
        ("time", 2.3, ["0 s", "0.5 s", "1 s", "1.5 s", "2 s", "2.5 s"]),
        ("time", 0.4, ["0 ms", "100 ms", "200 ms", "300 ms", "400 ms"]),
        ("count", 3, ["0", "1", "2", "3"]),
        ("clock", 3900, ["0:00", "15:00", "30:00", "45:00", "1:00:00"]),
        ("share", 0.93, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
    ],
)
def test_ticks_are_read_at_a_glance(unit, most, ticks):
    scale = Scale.of(Axis("a", unit), [most], 0, 100, from_zero=True)
    assert [tick_text(unit, tick, scale.most) for tick in scale.ticks()] == ticks


def test_seconds_of_a_run():
    assert [clock_text(seconds) for seconds in (0, 65.4, 3725)] == ["0:00", "1:05", "1:02:05"]
    assert value_of("millis", 2.344) == "2.34 ms"


def test_a_line_is_not_drawn_over_a_hole():
    path = drawn(chart(Series("p95", (0, 1, 2, 3, 4), (1.0, 2.0, None, 1.0, None), "line", "p95")))
    line = next(each for each in path.iter() if each.get("class") == "l s-p95")
    assert len(re.findall("M", line.get("d"))) == 2
    assert line.get("d").endswith("h0")  # the single point is a dot


def test_stacked_bars_stand_on_each_other():
    first = Series("a", (0, 1), (1.0, 2.0), "bar", "ok")
    second = Series("b", (0, 1), (3.0, None), "bar", "failed")
    bars = [each.get("d") for each in drawn(chart(first, second, y="count", stacked=True)).iter()
            if (each.get("class") or "").startswith("b ")]  # fmt: skip
    top_of_first = re.search(r"V([\d.]+)H", bars[0])[1]
    assert re.match(rf"M[\d.]+ {top_of_first}V", bars[1])


def test_nothing_is_drawn_outside_of_the_paper():
    points = Series("longest", (10.0, 20.0), (50.0, 60.0), "points", "most")
    line = Series("p95", (10.0, 20.0), (1.0, 2.0), "line", "p95")
    far = (Rule(1000.0, "far"), Rule(1.5, "limit"), Rule(9999.0, "later", vertical=True))
    for picture in (chart(points, line, rules=far), chart(line, points, x="count", rules=far[:2])):
        for each in drawn(picture).iter():
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", each.get("d") or ""):
                assert 0 <= float(x) <= WIDTH
                assert 0 <= float(y) <= 250


def test_texts_of_the_run_are_escaped_and_long_names_are_cut():
    name = "<script>'\"&" + "x" * 60
    bar = Series(name, (0.0,), (1.0,), "bar", "p50")
    lying = Chart("c", name, name, Axis(name, "text"), Axis(name, "time"), (bar,), (Rule(0.5, name),), labels=(name,),
                  horizontal=True)  # fmt: skip
    standing = chart(Series(name, (0.0, 1.0), (1.0, 2.0)), shades=((0.0, 1.0, name),))
    for picture in (lying, standing):
        assert "<script" not in str(svg(picture))
        assert drawn(picture).get("aria-label").startswith((name, "Title"))
    label = next(each for each in drawn(lying).iter() if (each.get("class") or "").endswith("e c"))
    assert len(label.text) <= 18
    assert label.find("{*}title" if "}" in label.tag else "title").text == name


def test_the_table_of_a_chart_has_its_figures_and_no_empty_rows():
    picture = chart(Series("p50", (0, 60, 120), (0.5, None, 1.25)), Series("p95", (0, 60, 120), (2.0, None, None)))
    assert list(rows_of(picture)) == [("0:00", "500 ms", "2 s"), ("2:00", "1.25 s", "")]
    lying = Chart("c", "T", "A", Axis("part", "text"), Axis("y", "time"), (Series("p50", (0.0,), (1.0,)),),
                  labels=("hold",), horizontal=True)  # fmt: skip
    assert list(rows_of(lying)) == [("hold", "1 s")]
    assert list(rows_of(chart())) == []
