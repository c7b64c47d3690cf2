"""verify-report: right reports are right by two ways, and whatever is tampered with is found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records.run_info import RunInfo
from AudioSocketLibrary.report.baselines import accept_baseline, use_baseline
from AudioSocketLibrary.report.load_files import write_load_reports
from AudioSocketLibrary.report.verifying import verify_report
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

SOUND = b"RIFF and so on"
THRESHOLDS = (
    "p95 response time < 2 s",
    "p99 greeting time < 3 s",
    "max caller's wait < 5 s",
    "mean dead air < 2 s",
    'p95 response time of "Замовлення шин" < 3 s',
    "p90 response time in hold < 2 s",
    "error rate < 5 %",
    "success rate >= 90 %",
    "calls per minute > 10",
    "p95 response time <= 150 % of baseline",
    "p95 response time < 2 s for 90 % of seconds",
)


def recorded(row):
    if row.get("recording"):
        row["recording_sha256"] = hashlib.sha256(SOUND).hexdigest()
    return row


def make(folder, **more):
    info = RunInfo(name="peak", thresholds=THRESHOLDS, baseline="main")
    make_run(folder, replace(Made(calls=90, at_once=12, failing=0.1, info=info, change=recorded), **more))
    (folder / "recordings").mkdir()
    for line in (line for file in folder.glob("rows/worker-*") for line in file.read_text("utf-8").splitlines()):
        row = json.loads(line) if line.endswith("}") else {}
        if row.get("recording"):
            (folder / row["recording"]).write_bytes(SOUND)
    return folder


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """A run with its report, judged against a baseline."""
    place = tmp_path_factory.mktemp("verified")
    accept_baseline(make(place / "before", seed=3), "main", place)
    folder = make(place / "run")
    use_baseline("main", place, folder)
    write_load_reports(folder, formats=["json"])
    return folder


@pytest.fixture
def report(right):
    """The report, put back after each test."""
    place = right / "load-report.json"
    before = place.read_text("utf-8")
    yield place
    place.write_text(before, "utf-8")


def test_a_right_report(right):
    found = verify_report(right)
    assert found.wrong == ()
    assert found.independent > 200
    assert found.rebuilt > 1000
    assert found.recordings > 3
    assert found.discards == {"warm-up or ramp": 12}


@pytest.mark.parametrize(
    "made",
    [
        {"workers": 4, "seed": 8},
        {"lost": (1,)},
        {"lateness": 0.05},
        {"marks": False, "failing": 0.5},
        {"info": RunInfo(name="x"), "failing": 1.0},
        {"info": RunInfo(name="x", state="interrupted", thresholds=THRESHOLDS)},
        {"info": RunInfo(name="x", state="aborted", reason="stopped early", thresholds=THRESHOLDS)},
        {"info": RunInfo(name="x", bots={"new": "a:1", "base": "b:1"}), "change": lambda row: recorded(
            {**row, "target": "new" if row["index"] % 2 else "base"})},
    ],
    ids=["workers", "lost", "late", "failing", "all failed", "interrupted", "aborted", "two bots"],
)  # fmt: skip
def test_both_ways_agree_on_any_run(made, tmp_path):
    folder = make(tmp_path / "run", **made)
    write_load_reports(folder, formats=["json"])
    assert verify_report(folder).wrong == ()


def places(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    elif isinstance(value, int | float):
        yield path


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_that_was_changed_is_found(data, report, right):
    text = report.read_text("utf-8")
    told = json.loads(text)
    path = data.draw(st.sampled_from(list(places(told))))
    at = told
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = not at[path[-1]] if isinstance(at[path[-1]], bool) else at[path[-1]] * 1.01 + 0.01
    report.write_text(json.dumps(told), "utf-8")
    try:
        assert verify_report(right).wrong
    finally:
        report.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("key", "new", "where"),
    [("word", "INVALID", "verdict"), ("validity", "degraded", "validity"), ("exit_code", 3, "verdict: exit code")],
)
def test_another_verdict_is_found(key, new, where, report, right, capsys):
    told = json.loads(report.read_text("utf-8"))
    before, told["verdict"][key] = told["verdict"][key], new
    report.write_text(json.dumps(told), "utf-8")
    assert run(["verify-report", str(right)]) == 1
    assert f"WRONG  {where} is {new} in the report, and {before} by the rows" in capsys.readouterr().out


def test_a_threshold_that_was_left_out_is_found(report, right):
    told = json.loads(report.read_text("utf-8"))
    del told["thresholds"][0]
    report.write_text(json.dumps(told), "utf-8")
    assert "thresholds has 10 entries in the report, and 11 by the rows" in verify_report(right).wrong


def test_recordings(right, capsys):
    [first, second, *_] = sorted((right / "recordings").iterdir())
    first.write_bytes(SOUND + b"!")
    second.unlink()
    try:
        assert run(["verify-report", str(right)]) == 1
        told = capsys.readouterr().out
        assert f"recordings/{first.name} of call {first.stem} is not what was recorded: its SHA-256" in told
        assert f"recordings/{second.name} of call {second.stem} is not there" in told
        assert "2 wrong" in told
    finally:
        first.write_bytes(SOUND)
        second.write_bytes(SOUND)


def test_rows_that_were_changed_are_found(right):
    place = right / "rows" / "worker-0.jsonl"
    before = place.read_text("utf-8")
    place.write_text(before.replace('"outcome":"failed"', '"outcome":"passed"'), "utf-8")
    try:
        assert any("failed" in sentence for sentence in verify_report(right).wrong)
    finally:
        place.write_text(before, "utf-8")


def test_what_is_said(right, capsys):
    assert run(["verify-report", str(right)]) == 0
    told = capsys.readouterr().out
    assert "left out: 12 calls, warm-up or ramp (begun while the load was not yet" in told
    assert "verified: " in told
    assert "recordings by their hash; 0 wrong" in told


def test_there_is_no_report(tmp_path, capsys):
    folder = make(tmp_path / "run")
    assert run(["verify-report", str(folder)]) == 2
    assert f"make it with 'audiosocket report {folder}'" in capsys.readouterr().err
    (folder / "load-report.json").write_text("[]")
    assert run(["verify-report", str(folder)]) == 2
    assert "is no report of a run: it has no verdict" in capsys.readouterr().err


def test_a_recording_outside_of_the_run_is_not_read(right, tmp_path):
    def outside(row):
        return {**row, "recording": "../../etc/passwd"} if row["index"] == 40 else row

    folder = make_run(tmp_path / "run", Made(calls=50, at_once=12, failing=0.0, change=outside))
    write_load_reports(folder, formats=["json"])
    assert any("which is outside of the run" in sentence for sentence in verify_report(folder).wrong)
