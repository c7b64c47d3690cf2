"""Baselines: what is kept of a run, what is refused, and how thresholds find it."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace

import pytest

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records import Threshold, UsageError
from AudioSocketLibrary.records.run_info import read_run_info, write_run_info
from AudioSocketLibrary.report.baselines import (
    KEPT,
    accept_baseline,
    baselines_in,
    find_baseline,
    need_baseline,
    use_baseline,
    used_baseline,
)
from AudioSocketLibrary.report.comparison import NotComparableError
from AudioSocketLibrary.report.load_building import judge_run
from AudioSocketLibrary.report.reporting import report_of
from AudioSocketLibrary.report.run_reading import read_run
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

OF_BASELINE = "p95 response time <= 110 % of baseline"


def make(folder, seed=1, **more):
    made = Made(calls=100, at_once=15, seed=seed)
    info = replace(made.info, baseline="main", thresholds=(*made.info.thresholds, OF_BASELINE))
    make_run(folder, replace(made, info=info, **more))
    write_run_info(folder, replace(read_run_info(folder / "run.json"), run=f"{seed:08x}"))
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed in range(1, 6):
        make(folder / f"run-{seed}", seed)
    return folder


def slow(row):
    for turn in row.get("turns", ()):
        if "response_time" in turn:
            turn["response_time"] *= 1.6
    return row


def told(capsys, *arguments):
    code = run(["baseline", *map(str, arguments)])
    out = capsys.readouterr()
    return code, out.out + out.err


def test_a_run_is_accepted_and_found_with_the_same_figures(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    found = find_baseline("main", tmp_path)
    before = read_run(made / "run-1").facts
    for title in ("p50 response time", "p99 response time", "max greeting time", "p95 dead air"):
        threshold = Threshold.parse(f"{title} < 1 s")
        assert found.facts.value(threshold) == before.value(threshold)
    assert found.facts.outcomes == before.outcomes
    assert found.facts.value(Threshold.parse("calls per minute > 1")) == before.value(
        Threshold.parse("calls per minute > 1")
    )
    scenario = Threshold.parse('p95 response time of "Замовлення шин" < 1 s')
    assert found.facts.value(scenario) == before.value(scenario)
    assert judge_run(found.newest).validity.validity == "valid"


def test_what_was_said_is_not_kept(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    [rows] = tmp_path.glob("baselines/main/*/rows.jsonl.gz")
    text = gzip.decompress(rows.read_bytes()).decode()
    assert "greeting_time" in text
    for words in ("Потрібні", "Bot replied", "uuid", "said", "recordings"):
        assert words not in text
    assert rows.stat().st_size < 200 * 100


def test_the_same_run_makes_the_same_file(made, tmp_path):
    for name in ("one", "two"):
        accept_baseline(made / "run-1", name, tmp_path)
    one, two = (place.read_bytes() for place in sorted(tmp_path.glob("baselines/*/run-1/rows.jsonl.gz")))
    assert one == two


def test_the_last_runs_are_kept_the_newest_leads(made, tmp_path):
    for number in range(KEPT + 2):
        copy = shutil.copytree(made / "run-1", tmp_path / f"copy-{number:02}")
        write_run_info(copy, replace(read_run_info(copy / "run.json"), run=f"{number:08x}"))
        accept_baseline(copy, "main", tmp_path)
    found = need_baseline("main", tmp_path)
    assert [one.folder.name for one in found.runs] == [f"copy-{number:02}" for number in range(2, KEPT + 2)]
    assert found.newest.folder.name == f"copy-{KEPT + 1}"
    assert not (found.folder / "copy-00").exists()


def test_a_run_is_accepted_once(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    with pytest.raises(UsageError, match="run-1 is a part of the baseline main already"):
        accept_baseline(made / "run-1", "main", tmp_path)


def test_what_has_shown_nothing_is_refused(tmp_path):
    make(tmp_path / "late", lateness=0.05)
    make(tmp_path / "cut")
    write_run_info(tmp_path / "cut", replace(read_run_info(tmp_path / "cut" / "run.json"), state="interrupted"))
    for name, code, why in (("late", 3, "INVALID: our lateness"), ("cut", 4, "it was interrupted")):
        with pytest.raises(NotComparableError, match=why) as failed:
            accept_baseline(tmp_path / name, "main", tmp_path)
        assert failed.value.exit_code == code
    assert baselines_in(tmp_path) == []


def test_a_threshold_is_a_part_of_the_newest(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    fast, late = make(tmp_path / "fast", 8), make(tmp_path / "late", 9, change=slow)
    for folder in (fast, late):
        use_baseline("main", tmp_path, folder)
    assert report_of(read_run(fast)).verdict.word == "PASS"
    model = report_of(read_run(late))
    assert model.verdict.word == "FAIL"
    row = next(row for row in model.thresholds if row.threshold == OF_BASELINE)
    assert (row.ok, row.unit) == (False, "share")
    assert "of main (" in row.sentence
    assert model.comparison.regression is True
    assert model.comparison.sentence.startswith("WORSE than baseline main: ")


def test_a_run_keeps_the_baseline_that_it_was_judged_against(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    folder = make(tmp_path / "new", 8)
    use_baseline("main", tmp_path, folder)
    before = report_of(read_run(folder)).thresholds
    accept_baseline(made / "run-2", "main", tmp_path)
    assert [one.folder.name for one in used_baseline(folder).runs] == ["run-1"]
    assert [one.folder.name for one in need_baseline("main", tmp_path).runs] == ["run-1", "run-2"]
    moved = shutil.move(folder, tmp_path / "moved")
    assert report_of(read_run(moved)).thresholds == before


def test_without_a_baseline_the_threshold_is_broken_and_says_what_to_do(tmp_path):
    folder = make(tmp_path / "new", 8)
    assert use_baseline("main", tmp_path, folder) is None
    row = next(row for row in report_of(read_run(folder)).thresholds if row.threshold == OF_BASELINE)
    assert row.ok is False
    assert row.sentence.endswith(
        "main has no p95 response time, so there is nothing to compare with. Accept a run first: "
        "audiosocket baseline accept results/latest --name main"
    )


def test_the_spread_of_several_counts(made, tmp_path, capsys):
    for seed in range(1, 4):
        accept_baseline(made / f"run-{seed}", "main", tmp_path)
    code = run(["compare", "main", str(made / "run-5"), "--directory", str(tmp_path)])
    text = capsys.readouterr().out
    assert code == 0
    assert "run-5: No difference shown from baseline main" in text
    assert "(usual: " in text
    make(tmp_path / "late", 9, change=slow)
    assert run(["compare", "main", str(tmp_path / "late"), "--directory", str(tmp_path)]) == 1
    assert "late: WORSE than baseline main: p50 response time" in capsys.readouterr().out


def test_the_commands(made, tmp_path, capsys):
    assert told(capsys, "list", "--directory", tmp_path) == (
        0, "There are no baselines. Accept a run: audiosocket baseline accept results/latest --name main\n",
    )  # fmt: skip
    code, text = told(capsys, "accept", made / "run-1", "--name", "release-2", "--directory", tmp_path)
    assert (code, text) == (0, "run-1 is now the baseline release-2 (run 1 of it)\n")
    code, text = told(capsys, "list", "--directory", tmp_path)
    assert text.startswith("release-2: 1 run, the newest run-1 (profile peak 9b0667b1, ")
    code, text = told(capsys, "show", "release-2", "--directory", tmp_path)
    assert "  p95 response time     " in text
    code, text = told(capsys, "show", "release", "--directory", tmp_path)
    assert (code, "There is no baseline release in" in text, "nearest: release-2" in text) == (2, True, True)
    code, text = told(capsys, "accept", made / "run-1", "--name", "../up", "--directory", tmp_path)
    assert (code, text) == (2, "'../up' is no name of a baseline: write letters, digits, dots and dashes, like main\n")


def test_an_invalid_run_is_refused_with_its_own_exit_code(tmp_path, capsys):
    make(tmp_path / "late", lateness=0.05)
    code, text = told(capsys, "accept", tmp_path / "late", "--directory", tmp_path)
    assert code == 3
    assert text.startswith("late cannot be compared: INVALID")


def test_a_damaged_baseline_is_named(made, tmp_path):
    accept_baseline(made / "run-1", "main", tmp_path)
    place = tmp_path / "baselines" / "main"
    (place / "run-1" / "rows.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(UsageError, match=r"rows.jsonl.gz cannot be read .*remove .*main, and accept a run"):
        find_baseline("main", tmp_path)
    (place / "baseline.json").write_text(json.dumps({"v": 1, "runs": [{"folder": "../x", "run": "", "accepted": ""}]}))
    with pytest.raises(UsageError, match="names a folder that is outside of it"):
        find_baseline("main", tmp_path)
    (place / "baseline.json").write_text('{"v": 2, "runs": []}')
    with pytest.raises(UsageError, match="newer version"):
        find_baseline("main", tmp_path)
