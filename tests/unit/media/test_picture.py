"""The picture of a call: well-formed, small, and right about where things are."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from AudioSocketLibrary.media.picture import STYLE, Bar, Mark, Response, call_picture

pytestmark = pytest.mark.unit

SVG = "{http://www.w3.org/2000/svg}"
RATE = 8000
SILENCE = np.zeros(0, np.int16)


def noise(seconds: float, level: float = 9000) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.normal(0, level, int(seconds * RATE)).clip(-32768, 32767).astype(np.int16)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def wave(svg: str, side: str) -> str:
    paths = ET.fromstring(svg).iter(f"{SVG}path")
    return next(path.get("d", "") for path in paths if path.get("class") == side)


def test_both_sides_have_a_lane_and_a_wave() -> None:
    svg = call_picture(noise(2), noise(1), RATE)
    assert "caller" in texts(svg)
    assert "bot" in texts(svg)
    assert len(wave(svg, "caller")) > 1.5 * len(wave(svg, "bot")) > 0


def test_full_scale_reaches_the_edges_of_the_lane_and_silence_stays_flat() -> None:
    loud = np.tile(np.array([32767, -32768], np.int16), RATE)
    svg = call_picture(loud, np.zeros(2 * RATE, np.int16), RATE, columns=10)
    assert wave(svg, "caller") == "M0 0l1-32h9V0M0 0l1 32h9V0"
    assert wave(svg, "bot") == "M0 0h10V0M0 0h10V0"


@pytest.mark.parametrize("seconds", [0, 0.0001, 0.02, 0.1, 1, 61, 600])
def test_any_length_can_be_drawn(seconds: float) -> None:
    svg = call_picture(noise(seconds), noise(seconds / 2), RATE)
    shown = float(ET.fromstring(svg).get("data-seconds", ""))
    assert shown == pytest.approx(max(int(seconds * RATE) / RATE, 0.1), abs=0.001)


def test_an_hour_with_many_turns_stays_small() -> None:
    hour = np.tile(noise(30), 120)
    turns = range(120)
    svg = call_picture(
        hour,
        hour,
        RATE,
        caller_bars=[Bar(30 * n, 30 * n + 9) for n in turns],
        bot_bars=[Bar(30 * n + 10, 30 * n + 20) for n in turns],
        turns=[Mark(30 * n, str(n + 1)) for n in turns],
        responses=[Response(30 * n + 9, 1.0, 0.5 if n % 20 == 0 else None) for n in turns],
        keys=[Mark(30 * n, "5") for n in turns],
        findings=[Mark(3.6 * n, f"gap number {n} in what the bot sent") for n in range(1000)],
    )
    ET.fromstring(svg)
    assert len(svg.encode()) < 24_000
    assert "1:00:00" in texts(svg)


def test_half_a_minute_of_noise_from_both_sides_takes_less_than_12_kb() -> None:
    assert len(call_picture(noise(30), noise(30), RATE).encode()) < 12_000


def test_a_call_that_was_longer_than_its_sound_is_shown_in_full() -> None:
    assert 'data-seconds="28.2000"' in call_picture(SILENCE, SILENCE, RATE, length=28.2)


def test_response_times_lead_from_the_caller_to_the_reply_and_broken_limits_are_red() -> None:
    svg = call_picture(SILENCE, SILENCE, RATE, length=83.0, responses=[Response(10, 1.21), Response(20, 3.41, 2.0)])
    assert "1.21 s" in texts(svg)
    assert "3.41 s, limit 2 s" in texts(svg)
    assert wave(svg, "i").startswith("M156 103V122H168.1v9")  # ten pixels a second, from 56 on
    assert wave(svg, "r").startswith("M256 103V122H290.1v9")


def test_where_labels_are_in_each_others_way_the_broken_limit_keeps_its_own() -> None:
    times = [Response(10, 1.2), Response(10.5, 1.3, 1.0), Response(11, 1.1)]
    shown = texts(call_picture(SILENCE, SILENCE, RATE, length=600, responses=times))
    assert [text for text in shown if "limit" in text] == ["1.30 s, limit 1 s"]
    assert "1.20 s" not in shown


def test_an_interruption_is_a_negative_response_time() -> None:
    svg = call_picture(SILENCE, SILENCE, RATE, length=83.0, responses=[Response(10, -2.0)])
    assert "\u22122.00 s" in texts(svg)
    assert wave(svg, "i").startswith("M156 103V122H136v9")


def test_keys_in_quick_succession_stand_side_by_side() -> None:
    svg = call_picture(SILENCE, SILENCE, RATE, length=60, keys=[Mark(5, "1"), Mark(5.1, "2"), Mark(5.2, "#")])
    caps = [float(cap.get("x", "")) for cap in ET.fromstring(svg).iter(f"{SVG}rect")][1:]
    assert len(caps) == 3
    assert all(after - before >= 14 for before, after in itertools.pairwise(caps))


def test_findings_are_tooltips_and_neighbours_share_one() -> None:
    findings = [Mark(1, "gap"), Mark(1.001, "burst"), Mark(50, "clipping")]
    svg = call_picture(SILENCE, SILENCE, RATE, length=60, findings=findings)
    assert [title.text for title in ET.fromstring(svg).iter(f"{SVG}title")] == ["gap\nburst", "clipping"]


def test_no_text_becomes_markup() -> None:
    evil = "</title><script>alert(1)</script>&\x00\ud800"
    svg = call_picture(
        SILENCE,
        SILENCE,
        RATE,
        caller_bars=[Bar(0, 1, evil)],
        turns=[Mark(0, evil)],
        keys=[Mark(0.05, evil)],
        findings=[Mark(0.1, evil)],
    )
    assert not list(ET.fromstring(svg.encode()).iter(f"{SVG}script"))
    assert "<script" not in svg


def test_the_style_knows_dark_mode_and_needs_no_escaping() -> None:
    assert "prefers-color-scheme:dark" in STYLE
    assert not set(STYLE) & {"<", "&", "\n"}


def test_times_outside_of_the_call_stay_in_the_picture() -> None:
    svg = call_picture(SILENCE, SILENCE, RATE, length=10, turns=[Mark(-1, "1"), Mark(11, "2")])
    assert [circle.get("cx") for circle in ET.fromstring(svg).iter(f"{SVG}circle")] == ["56", "886"]


def test_what_is_beyond_a_limit_is_a_red_bar() -> None:
    late, slow = Response(2.0, 3.0, limit=1.0), Response(6.0, 2.0, limit=0.5)
    svg = call_picture(SILENCE, SILENCE, RATE, length=10.0, responses=[late, Response(0, 1)], stops=[slow])
    left, right = (float(ET.fromstring(svg).get(f"data-{side}", "")) for side in ("left", "right"))

    def x(at: float) -> str:
        return f"{left + (right - left) * at / 10:g}"

    bars = wave(svg, "x")
    assert f"M{x(3.0)} " in bars
    assert bars.count("M") == 2
    assert f"H{x(5.0)}" in bars
    assert f"M{x(6.5)} " in bars
    assert f"H{x(8.0)}" in bars
    assert "stopped after 2.00 s, limit 0.5 s" in texts(svg)
    assert 'class="x"' not in call_picture(SILENCE, SILENCE, RATE, length=10.0, responses=[Response(0, 1)])
