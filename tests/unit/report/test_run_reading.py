"""A run is read back: whatever it was, wherever its folder went, and whatever is missing of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from robot import rebot

from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.records.run_info import RunInfo, read_run_info, write_run_info
from AudioSocketLibrary.report.load_building import judge_run, read_thresholds
from AudioSocketLibrary.report.run_reading import read_run
from tests.helpers.acceptance_maker import call_record, make_output
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

SMALL = Made(calls=60, workers=3, at_once=10)


@pytest.fixture
def folder(tmp_path):
    return make_run(tmp_path / "run", SMALL)


def test_a_folder_its_run_json_and_an_output_beside_are_one_run(folder):
    (folder / "output.xml").write_text("<robot/>")
    runs = [read_run(place) for place in (folder, folder / "run.json", folder / "output.xml")]
    assert {len(run.facts) for run in runs} == {60}
    assert {run.source for run in runs} == {folder / "run.json"}


def test_a_folder_that_was_moved_reads_the_same(folder, tmp_path):
    before = read_run(folder)
    moved = read_run(shutil.move(folder, tmp_path / "elsewhere" / "run"))
    assert (len(moved.facts), moved.notes, moved.facts.outcomes) == (60, (), before.facts.outcomes)


def test_latest_may_be_a_file_that_names_the_folder(folder):
    (folder.parent / "latest").write_text("run\n")
    assert read_run(folder.parent / "latest").source == folder / "run.json"


def test_what_does_not_count_is_told_by_reason(folder):
    run = read_run(folder)
    assert run.discards == {"warm-up or ramp": 60 - run.facts.due}


def test_a_killed_workers_rows_are_read_up_to_the_last_whole_line(tmp_path):
    whole = read_run(make_run(tmp_path / "whole", SMALL))
    run = read_run(make_run(tmp_path / "run", replace(SMALL, lost=(1,))))
    assert len(run.facts) == len(whole.facts)
    assert run.notes == ("rows/worker-1.jsonl ends in the middle of a line: it was read up to the last whole one",)
    assert judge_run(run).sentence.startswith("INVALID: lost workers worker 1")


def test_a_damaged_line_is_where_reading_ends(folder):
    place = folder / "rows/worker-0.jsonl"
    lines = place.read_text("utf-8").splitlines(keepends=True)
    place.write_text("".join([*lines[:40], "\0\0\0\n", *lines[40:]]), "utf-8")
    run = read_run(folder)
    assert run.notes == ("rows/worker-0.jsonl is damaged: it was read up to the last line before that",)
    assert judge_run(run).word == "INVALID"


def test_rows_that_are_not_there_are_told(folder):
    (folder / "rows/worker-2.jsonl").unlink()
    (folder / "rows/resources.jsonl").unlink()
    run = read_run(folder)
    assert run.notes == ("rows/worker-2.jsonl is not there", "rows/resources.jsonl is not there")
    assert judge_run(run).word == "INVALID"


def test_a_run_that_is_not_over_is_reported_as_far_as_it_came(folder):
    write_run_info(folder, replace(read_run_info(folder / "run.json"), state="running"))
    run = read_run(folder)
    assert judge_run(run, read_thresholds(["p95 response time < 1 h"])).word in ("INTERRUPTED", "FAIL")
    assert judge_run(run).sentence.startswith("INTERRUPTED ")
    assert "it is not over" in judge_run(run).sentence


@pytest.mark.parametrize("name", ["../other/rows.jsonl", "/etc/passwd"])
def test_files_outside_of_the_folder_are_not_read(folder, name):
    write_run_info(folder, replace(read_run_info(folder / "run.json"), rows=(name,)))
    with pytest.raises(UsageError, match="outside of it: it is damaged"):
        read_run(folder)


def test_rows_of_a_newer_version_are_refused(folder):
    (folder / "rows/worker-0.jsonl").write_text('{"row":"worker","v":2}\n')
    with pytest.raises(UsageError, match="written by a newer version"):
        read_run(folder)


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda folder: folder / "nowhere", "There is no run at .*nowhere: give a run's folder, or Robot's output.xml"),
        (lambda folder: folder, "is no run: it has neither run.json nor output.xml"),
        (lambda folder: written(folder / "output.xml", "<html/>"), "cannot be read as Robot's output"),
        (lambda folder: written(folder / "output.xml", "<robot><suite><test"), "cannot be read as Robot's output"),
        (lambda folder: written(folder / "run.json", "{"), "The run .*run.json cannot be read"),
        (lambda folder: write_run_info(folder, RunInfo()), "There is no call in .*run.json: nothing was measured"),
        (lambda folder: make_output(folder, {"A": []}), "There is no call in .*output.xml: nothing was measured"),
    ],
)
def test_what_is_no_run_is_told_in_a_sentence(tmp_path, prepare, sentence):
    with pytest.raises(UsageError, match=sentence) as caught:
        read_run(prepare(tmp_path))
    assert "\n" not in str(caught.value)


def test_an_acceptance_run_is_read_of_the_metadata_of_its_tests(tmp_path):
    later = call_record("b", started="2026-11-25T13:01:00.000+00:00")
    run = read_run(make_output(tmp_path, {"Buys": [call_record("a"), later], "Talks": [call_record("c")], "None": []}))
    assert (run.info.kind, run.info.name) == ("acceptance", "Shop")
    assert run.info.about == "Acceptance tests: 3 passed, 0 failed"
    assert run.facts.scenarios == ["Buys", "Talks"]
    assert [call.start for call in run.facts.calls()] == [0.0, 60.0, 0.0]
    assert run.tests == {"a": "Shop.Buys", "b": "Shop.Buys", "c": "Shop.Talks"}
    assert run.info.bots == {"bot": "10.0.0.5:9092"}
    assert judge_run(run).sentence.startswith("PASS 3 calls, 0 failed. valid: our lateness p99")
    assert [str(result.threshold) for result in judge_run(run).thresholds] == ["error rate = 0 %"]


def test_a_failed_call_fails_an_acceptance_run_unless_something_else_was_asked_for(tmp_path):
    late = call_record("a", judgements=[{"at": 4.0, "kind": "late reply", "text": "Bot replied after 3 s"}])
    run = read_run(make_output(tmp_path, {"Buys": [late], "Talks": [call_record("b")]}, failing={"Buys": "late"}))
    assert judge_run(run).word == "FAIL"
    assert judge_run(run, read_thresholds(["error rate < 60 %"])).word == "PASS"


def test_a_test_that_failed_for_another_reason_is_no_pass(tmp_path):
    run = read_run(
        make_output(tmp_path, {"A": [call_record("a")], "B": []}, failing={"B": "Cannot call the bot at 10.0.0.5:9092"})
    )
    assert judge_run(run).sentence.startswith("FAIL 1 call, 0 failed, 1 test failed for other reasons than a call.")
    assert run.notes == ("Failed for other reasons than their calls: 'Shop.B'",)


def test_a_run_that_somebody_stopped_is_no_pass(tmp_path):
    stopped = "Execution terminated by signal"
    run = read_run(make_output(tmp_path, {"A": [call_record("a")], "B": []}, failing={"B": stopped}))
    assert judge_run(run).word == "INTERRUPTED"


@pytest.mark.parametrize("merged", ["--merge", ""])
def test_merged_and_json_outputs_are_read_and_no_call_twice(tmp_path, merged):
    first = make_output(tmp_path / "1", {"A": [call_record("a")], "B": [call_record("b")]})
    second = make_output(tmp_path / "2", {"B": [call_record("b")]}, output="output.json")
    target = tmp_path / "all" / "output.json"
    options = {"merge": True} if merged else {}
    rebot(first, second, output=target, log=None, report=None, stdout=None, console="none", **options)
    run = read_run(target.parent)
    assert sorted(run.tests) == ["a", "b"]
    assert len(run.facts) == 2


def test_metadata_of_others_with_our_name_is_left_alone(tmp_path):
    output = make_output(tmp_path, {"A": [call_record("a")]}, output="output.json")
    data = json.loads(output.read_text("utf-8"))
    data["suite"]["metadata"] = {"Record": "set by a team"}
    output.write_text(json.dumps(data), "utf-8")
    assert len(read_run(output).facts) == 1


def written(place, text):
    place.write_text(text)
    return place
