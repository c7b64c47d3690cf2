"""The model of a report: its figures against numpy on raw rows, and what it finds where something was planted."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_info import Plateau, RunInfo
from AudioSocketLibrary.report.charts_figures import knee_of
from AudioSocketLibrary.report.load_bands import band_of
from AudioSocketLibrary.report.load_building import build_report
from AudioSocketLibrary.report.load_calls import bot_log
from AudioSocketLibrary.report.run_details import stages_of
from AudioSocketLibrary.report.run_reading import read_run
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

SMALL = Made(calls=120, workers=2, at_once=10, knee=1000, failing=0.0)


def model_of(folder, made, **settings):
    return build_report(read_run(make_run(folder, made)), **settings)


def raw(folder, kind="call"):
    places = sorted(folder.glob("rows/*.jsonl"))
    rows = [json.loads(line) for place in places for line in place.read_text("utf-8").splitlines()]
    return [row for row in rows if row["row"] == kind]


@given(workers=st.integers(1, 6), seed=st.integers(0, 1000), calls=st.integers(1, 150), failing=st.floats(0, 1))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_figures_equal_numpy_on_raw_rows_for_any_split(workers, seed, calls, failing):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = model_of(folder, Made(calls=calls, workers=workers, seed=seed, failing=failing, at_once=20))
        ramp, hold = json.loads((folder / "run.json").read_text("utf-8"))["phases"]
        rows = raw(folder)
    measured = [row for row in rows if row["measured"]]
    figures = {row.name: row.stats for row in model.figures}
    given_up = [
        (row["start"] + told["at"], told["value"])
        for row in rows
        for told in row.get("judgements", ())
        if told["kind"] == "no reply"
    ]
    replies = [
        (row["start"] + turn["end"] + turn["response_time"], turn["response_time"])
        for row in rows
        for turn in row["turns"]
        if turn["number"] and "response_time" in turn
    ]
    responses = [value for at, value in replies + given_up if hold["start"] <= at <= hold["end"]]
    assert model.tiles[0].value == f"{len(measured):,}"
    for title, values in (
        ("response time", responses),
        ("greeting time", [row["figures"]["greeting_time"] for row in measured]),
        ("call length", [row["length"] for row in measured]),
    ):
        if not values:
            assert title not in figures
            continue
        stats = figures[title]
        assert stats.n == len(values)
        for which in (50, 90, 95, 99):
            expected = np.percentile(values, which, method="inverted_cdf")
            assert getattr(stats, f"p{which}").value == pytest.approx(expected, abs=1e-9)
        assert stats.most == pytest.approx(max(values))
    failed = sum(row["outcome"] == "failed" for row in measured)
    assert sum(row.count for row in model.failures) == failed
    assert sum(row.failed for row in model.scenarios) == failed
    assert sum(row.calls for row in model.scenarios) == len(measured)
    assert ramp["measured"] is False


def test_a_planted_slow_turn_is_the_first_row_and_an_issue(tmp_path):
    model = model_of(tmp_path, replace(SMALL, calls=300))
    assert (model.turns[0].scenario, model.turns[0].turn) == ("Замовлення шин", 2)
    issue = next(issue for issue in model.issues if issue.what.startswith("Slow where: "))
    assert "Замовлення шин, turn 2 'Так, замовляю чотири', p95" in issue.what
    assert issue.anchor == "turns"


def test_a_planted_failure_kind_has_its_example_and_what_to_do(tmp_path):
    model = model_of(tmp_path, replace(SMALL, failing=0.5))
    assert {row.name for row in model.failures} == {"no reply", "late reply", "cut by the bot"}
    kinds = {issue.what.rpartition(": ")[2]: issue for issue in model.issues if " failed: " in issue.what}
    assert all(issue.call and issue.advice for issue in kinds.values())
    calls = {row.call: row for row in model.calls}
    assert all(calls[issue.call].failure == kind for kind, issue in kinds.items())


def test_the_slowest_calls_come_first_and_no_call_twice(tmp_path):
    model = model_of(tmp_path, replace(SMALL, failing=0.2))
    slowest = [row.slowest for row in model.calls[:10]]
    assert slowest == sorted(slowest, reverse=True)
    expected = max(
        max([turn["response_time"] for turn in row["turns"] if "response_time" in turn]
            + [told["value"] for told in row.get("judgements", ()) if told["kind"] == "no reply"], default=0.0)
        for row in raw(tmp_path) if row["measured"]
    )  # fmt: skip
    assert slowest[0] == expected
    assert len({row.call for row in model.calls}) == len(model.calls) <= 30


def test_stages_add_up_to_the_reply(tmp_path):
    model = model_of(tmp_path, SMALL)
    assert [row.name for row in model.stages] == [
        "noticed the end", "recognised", "tool answered", "had its answer", "first audio", "heard",
    ]  # fmt: skip
    assert sum(row.share for row in model.stages) == pytest.approx(1.0)
    chart = next(chart for chart in model.charts if chart.id == "stages")
    assert chart.title.startswith("'noticed the end' takes ")


def test_silence_before_speech_is_seen_from_the_wire_alone(tmp_path):
    model = model_of(tmp_path, replace(SMALL, marks=False, silence=0.21))
    assert [row.name for row in model.stages] == ["no frames", "silent frames"]
    issue = next(issue for issue in model.issues if issue.what.startswith("The bot sends "))
    assert issue.what == "The bot sends 210 ms of silence before it speaks"
    assert issue.anchor in {chart.id for chart in model.charts}
    told = model_of(tmp_path / "both", replace(SMALL, silence=0.21))
    assert {"wire", "stages"} <= {chart.id for chart in told.charts}


def test_a_stage_that_takes_next_to_nothing_is_a_part_of_the_next(tmp_path):
    def add_marks(row):
        more = [{**mark, "at": mark["at"] + 0.0001, "name": "mark", "fields": {"name": "state open"}}
                for mark in row.get("marks", ()) if mark["name"] == "recognised"]  # fmt: skip
        return {**row, "marks": [*row.get("marks", ()), *more]}

    model = model_of(tmp_path, replace(SMALL, change=add_marks))
    assert [row.name for row in model.stages] == [
        "noticed the end", "recognised", "tool answered", "had its answer", "first audio", "heard",
    ]  # fmt: skip
    assert sum(row.share for row in model.stages) == pytest.approx(1.0)


def test_events_of_another_machines_clock_make_no_stages():
    turn = {"number": 1, "end": 2.0, "response_time": 1.0}
    marks = [
        {"at": 2.4, "name": "recognised"},
        {"at": 2.5, "name": "key"},
        {"at": 2.6, "name": "mark", "fields": {"name": "llm"}},
    ]
    ((_, _, _, stages),) = stages_of({"turns": [turn], "marks": marks})
    assert {name: round(value, 6) for name, value in stages.items()} == {"recognised": 0.4, "llm": 0.2, "heard": 0.4}
    for clock in ("wall", "arrival"):
        assert not list(stages_of({"turns": [turn], "marks": [{**mark, "clock": clock} for mark in marks]}))


def test_the_knee_is_where_it_was_planted(tmp_path):
    model = model_of(tmp_path, Made(calls=1500, workers=2, at_once=60, knee=30, failing=0.0, marks=False, scenarios={
        "One": ("Привіт",),
    }))  # fmt: skip
    charts = {chart.id: chart for chart in model.charts}
    assert len(charts["concurrency-response"].series[0].x) > 4
    levels = [(n, 50, 0.5, 1.0 if n < 30 else 2.4) for n in range(5, 65, 5)]
    knee = knee_of(levels)
    assert (knee.calls, knee.before, knee.after) == (30, 1.0, 2.4)
    assert knee_of([(n, 50, 0.5, 1.0 + 0.05 * (n % 2)) for n in range(5, 65, 5)]) is None
    assert knee_of(levels[:3]) is None


def test_plateaus_are_judged_by_what_happened_in_them(tmp_path):
    plateaus = (Plateau(10, 60.0, 120.0, 60.0, held=True), Plateau(20, 120.0, 180.0, 60.0, held=False, why="p95 broke"),
                Plateau(15, 180.0, 240.0, 60.0, confirms=True, held=None))  # fmt: skip
    phases = tuple(Phase(f"{each.calls} calls", each.start, each.end) for each in plateaus)
    model = model_of(
        tmp_path,
        replace(SMALL, calls=400, failing=0.2, info=RunInfo(name="capacity", plateaus=plateaus, phases=phases)),
    )
    assert [(row.name, row.ok, row.note) for row in model.plateaus] == [
        ("10 calls", True, "held"), ("20 calls", False, "p95 broke"), ("15 calls", None, "invalid: nothing is said"),
    ]  # fmt: skip
    rows = raw(tmp_path)
    began = [sum(each.start <= row["start"] < each.end for row in rows) for each in plateaus]
    assert [row.calls for row in model.plateaus] == began
    given_up = [
        row["start"] + told["at"] for row in rows for told in row.get("judgements", ()) if told["kind"] == "no reply"
    ]
    assert [row.response.censored for row in model.plateaus] == [
        sum(each.start <= at < each.end for at in given_up) for each in plateaus
    ]
    assert sum(row.response.censored for row in model.plateaus) > 0
    assert {"plateaus", "stages-groups"} <= {chart.id for chart in model.charts}
    assert model.bands


def test_two_bots_in_turns_are_beside_each_other(tmp_path):
    def take_turns(row):
        return {**row, "target": "new" if row["index"] % 2 else "base"}

    model = model_of(tmp_path, replace(SMALL, change=take_turns))
    assert {row.name for row in model.bots} == {"new", "base"}
    cdf = next(chart for chart in model.charts if chart.id == "response-cdf")
    assert {one.name for one in cdf.series} == {"new", "base"}


def test_what_gives_first_is_told_of_samples(tmp_path):
    issue = next(issue for issue in model_of(tmp_path, SMALL).issues if issue.what.startswith("Gives first: "))
    assert "the bot's CPU: over 80 % of 4 cores" in issue.what
    assert issue.anchor == "resource-cpu"


def test_without_thresholds_it_says_that_nothing_was_judged(tmp_path):
    model = model_of(tmp_path, replace(SMALL, info=RunInfo(name="x")))
    assert any("No threshold was set" in issue.what for issue in model.issues)


def test_few_values_have_no_percentile_and_no_interval(tmp_path):
    model = model_of(tmp_path, replace(SMALL, calls=8, at_once=2))
    stats = {row.name: row.stats for row in model.figures}["greeting time"]
    assert (stats.text("p95"), stats.text("p99"), stats.interval_text("p95")) == ("n/a", "n/a", "n/a")
    assert stats.most_text != "n/a"


@pytest.mark.parametrize(
    ("success", "word"), [(0.5, "overloaded"), (0.70, "near"), (0.79, "near"), (0.80, "adequate"), (0.99, "adequate"),
                          (1.0, "with room")],
)  # fmt: skip
def test_the_success_bands(success, word):
    assert band_of(success).startswith(word)


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("https://logs/{uuid}", "https://logs/1f9c"),
        ("https://u:p@logs/x?id={uuid}&token=t&a=b", "https://logs/x?id=1f9c&a=b"),
        ("javascript:alert('{uuid}')", ""),
        ("file:///etc/{uuid}", ""),
        ("https://logs/all", ""),
        ("", ""),
    ],
)
def test_the_bots_own_log(template, address):
    assert bot_log(template, "1f9c") == address


def test_a_broken_threshold_marks_its_tile(tmp_path):
    made = replace(SMALL, info=RunInfo(name="x", thresholds=("p95 response time < 100 ms", "p95 greeting time < 9 s")))
    marks = {tile.name: tile.mark for tile in model_of(tmp_path, made).tiles}
    assert (marks["Response p95"], marks["Greeting p95"], marks["Response p50"]) == ("bad", "good", "")
