"""Runs beside each other, as people read it: what is compared, what is refused, what differs beside the bot."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records import CallRecord, Turn
from AudioSocketLibrary.records.comparing import Compared, Shown
from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_info import Host, Plateau, RunInfo, read_run_info, write_run_info
from AudioSocketLibrary.report.comparison import RunComparison
from AudioSocketLibrary.report.comparison_words import comparison_part, sentence, table
from AudioSocketLibrary.report.reporting import comparison_of, report_of
from AudioSocketLibrary.report.run_reading import read_run
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit


def slower(times):
    def change(row):
        for turn in row.get("turns", ()):
            if "response_time" in turn:
                turn["response_time"] *= times
        return row

    return change


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two equal bots, a slow one, and runs that have shown nothing."""
    folder = tmp_path_factory.mktemp("runs")
    made = Made(calls=130, at_once=20)
    for name, change in {
        "base": {"seed": 1},
        "same": {"seed": 2},
        "slow": {"seed": 3, "change": slower(1.4)},
        "invalid": {"seed": 4, "lateness": 0.04},
        "lost": {"seed": 5, "lost": (1,)},
        "tiny": {"seed": 6, "calls": 7, "at_once": 2},
    }.items():
        make_run(folder / name, replace(made, **change))
    for name, state in {"stopped": "interrupted", "aborted": "aborted", "running": "running"}.items():
        make_run(folder / name, replace(made, seed=7))
        changed(folder / name, state=state, reason="stopped early: error rate 40 %" if state == "aborted" else "")
    return folder


def changed(folder, **values):
    write_run_info(folder, replace(read_run_info(folder / "run.json"), **values))


def compare(capsys, *arguments):
    code = run(["compare", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_no_difference(runs, capsys):
    code, told = compare(capsys, runs / "base", runs / "same")
    assert code == 0
    assert told.startswith("same: No difference shown from base: p95 response time ")
    assert "calls, " in told.splitlines()[0]
    assert "  figure" in told
    assert "worse" not in told


def test_worse(runs, capsys):
    code, told = compare(capsys, runs / "base", runs / "slow")
    assert code == 1
    assert told.startswith("slow: WORSE than base: p50 response time ")
    assert "95 % interval +" in told.splitlines()[0]
    assert compare(capsys, runs / "slow", runs / "base")[1].startswith("base: BETTER than slow: p50 response time ")


def test_one_of_several_new_runs_that_is_worse_decides(runs, capsys):
    code, told = compare(capsys, runs / "base", runs / "same", runs / "slow")
    assert code == 1
    assert "same: No difference shown" in told
    assert "slow: WORSE than base" in told


@pytest.mark.parametrize(
    ("name", "code", "why"),
    [
        ("invalid", 3, "invalid cannot be compared: INVALID: our lateness p99"),
        ("lost", 3, "lost cannot be compared: INVALID: lost workers worker 1"),
        ("stopped", 4, "stopped cannot be compared: it was interrupted. Compare runs that came to their end"),
        ("running", 4, "running cannot be compared: it was interrupted: it is not over"),
        ("aborted", 4, "aborted cannot be compared: it was aborted: stopped early: error rate 40 %"),
    ],
)
def test_what_has_shown_nothing_is_no_base_and_no_pass(name, code, why, runs, capsys):
    for pair in ((runs / name, runs / "same"), (runs / "base", runs / name)):
        found, told = compare(capsys, *pair)
        assert found == code
        assert why in told


def test_too_few_calls(runs, capsys):
    code, told = compare(capsys, runs / "base", runs / "tiny")
    assert code == 2
    assert "tiny: Too few calls to compare with base: " in told
    assert "at least 8 on each side are needed" in told


def test_a_search_is_no_load(runs, tmp_path, capsys):
    make_run(tmp_path / "search", Made(calls=60, at_once=10))
    changed(tmp_path / "search", plateaus=(Plateau(10, 0, 20, held=True),))
    code, told = compare(capsys, runs / "base", tmp_path / "search")
    assert code == 2
    assert "it is a search for a capacity, and each of its plateaus is another load" in told


def test_what_differs_is_told(runs, tmp_path, capsys):
    made = Made(calls=130, at_once=20, seed=8)
    folder = make_run(tmp_path / "other", replace(made, info=replace(made.info, plans={"Order": ["Say    Hi"]})))
    info = read_run_info(folder / "run.json")
    versions = {**info.versions, "library": "0.7.0", "media path": "compiled"}
    changed(folder, profile_hash="abc", host=Host("laptop", 1, "x"), versions=versions)
    code, told = compare(capsys, runs / "base", folder)
    assert code == 0
    assert "note: The load was another one: profile peak (9b0667b1), now peak (abc)" in told
    assert "note: Other steps were played: Order" in told
    assert (
        "note: Another machine called: runner-1 (4 cores), now laptop (1 core); bots are best compared in one" in told
    )
    assert "note: The library was 0.6.0, now it is 0.7.0" in told
    assert "note: The media path was Python, now it is compiled" in told


def test_there_is_nothing_to_compare_with(runs, capsys, tmp_path):
    code, told = compare(capsys, runs / "base")
    assert code == 2
    assert "called only one bot" in told
    code, told = compare(capsys, "nowhere", runs / "base", "--directory", tmp_path)
    assert code == 2
    assert "There is no baseline nowhere in" in told
    code, told = compare(capsys, tmp_path / "no" / "run", runs / "base")
    assert (code, "There is no run at" in told) == (2, True)


def test_for_machines_and_for_pull_requests(runs, capsys):
    code, told = compare(capsys, runs / "base", runs / "slow", "--format", "json")
    [found] = json.loads(told)["comparisons"]
    assert (code, found["shown"], found["regression"]) == (1, "worse", True)
    row = next(row for row in found["rows"] if row["title"] == "p50 response time")
    assert row["low"] > 0.05
    assert row["new"] > row["base"]
    _, told = compare(capsys, runs / "base", runs / "slow", "--format", "markdown")
    assert told.startswith("**slow**: WORSE than base")
    assert "| figure | base | new |" in told


def test_latest_may_be_a_file_with_a_name(runs, tmp_path):
    """As it is where the system has no links."""
    make_run(tmp_path / "some", Made(calls=30, at_once=5))
    (tmp_path / "latest").write_text("some\n")
    assert read_run(tmp_path / "latest").folder.name == "some"


# -- two bots in one run ----------------------------------------------------------------------------------------------


def make_pairs(folder, callers=60, times=1.15, names=("new", "base"), cut=0):
    """Two bots called in turns by the same callers, who differ more than the bots do."""
    random = Random(5)
    rows = []
    for caller in range(callers):
        who = random.lognormvariate(0, 0.35)
        for turn, name in enumerate(names):
            response = 0.7 * who * (times if name == "new" else 1.0) * random.lognormvariate(0, 0.05)
            turns = tuple(Turn(number, "speech", "", number * 2.0, number * 2.0 + 1, (), response) for number in (1, 2))
            record = CallRecord(
                call=f"{caller}{name}", uuid="", bot="", worker="0", scenario="Hello", index=caller * 2 + turn,
                target=name, intended=float(caller), start=float(caller), length=9.0, turns=turns,
                outcome="interrupted" if caller < cut and turn else "passed",
                figures={"greeting_time": 0.4 * random.lognormvariate(0, 0.1)},
            )  # fmt: skip
            rows.append({"row": "call", **record.to_row()})
    pulse = {"row": "pulse", "worker": 0, "at": 1, "sent": 50, "lateness": {"counts": {"1": 50}, "most": 0.0009},
             "loop_lag": {"counts": {"1": 50}, "most": 0.0009}}  # fmt: skip
    folder.mkdir()
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, pulse, {"row": "end"}]))
    write_run_info(
        folder,
        RunInfo(name="ab", rows=("rows.jsonl",), bots=dict.fromkeys(names, "127.0.0.1:9092"), run="1",
                phases=(Phase("hold", 0.0, callers + 20.0),)),
    )  # fmt: skip
    return folder


def test_two_bots_in_turns_are_compared_by_caller(tmp_path, capsys):
    code, told = compare(capsys, make_pairs(tmp_path / "ab"))
    assert code == 1
    assert told.startswith("bot new: WORSE than bot base: p50 response time ")
    assert "60 callers called both" in told
    assert "calls per minute" not in told  # in turns, it is the same for both


def test_two_equal_bots(tmp_path, capsys):
    code, told = compare(capsys, make_pairs(tmp_path / "ab", times=1.0))
    assert (code, "bot new: No difference shown from bot base" in told) == (0, True)


def test_a_caller_who_was_cut_off_at_one_bot_counts_at_none(tmp_path, capsys):
    _, told = compare(capsys, make_pairs(tmp_path / "ab", cut=7))
    assert "53 callers called both" in told


def test_the_last_bot_is_the_base_where_none_is_called_so(tmp_path, capsys):
    _, told = compare(capsys, make_pairs(tmp_path / "ab", names=("new", "other")))
    assert told.startswith("bot new: WORSE than bot other")


def test_a_report_has_the_comparison(tmp_path, runs):
    model = report_of(read_run(make_pairs(tmp_path / "ab")))
    assert model.comparison.regression is True
    assert model.comparison.sentence.startswith("bot new: WORSE than bot base")
    assert model.comparison.columns[0] == "figure"
    assert comparison_of(read_run(runs / "base")) is None


def test_a_report_of_an_invalid_run_says_why_there_is_no_comparison(tmp_path):
    folder = make_pairs(tmp_path / "ab")
    changed(folder, workers=2)
    found = comparison_of(read_run(folder))
    assert found.regression is None
    assert "cannot be compared: INVALID: lost workers worker 1" in found.sentence


# -- words ------------------------------------------------------------------------------------------------------------


def comparison(*rows, **more):
    return RunComparison("main", "new", rows, (46, 90), **more)


def test_perhaps_worse_does_not_fail_once():
    row = Compared("error rate", "share", Shown.PERHAPS, 0.01, 0.0312, 0.005, 0.04, 0.001, (0.0, 0.02), 46, 90)
    found = comparison(row)
    assert found.regression is False
    assert sentence(found) == (
        "PERHAPS WORSE than main: error rate 3.12 % after 1 % (+2.12 points, 95 % interval +0.5 points to +4 points) "
        "(90 calls, 46 of main); one run does not decide: run again, and a second one like it is worse"
    )
    assert table(found)[0][-1] == "perhaps worse (usual: 0 % to 2 %)"


def test_the_worst_of_several_bots_leads():
    rows = [Compared("error rate", "share", shown, 0.0, 0.1, 0.01, 0.2) for shown in (Shown.NONE, Shown.WORSE)]
    found = comparison_part(
        [replace(comparison(rows[0], paired=True), new="bot a"), replace(comparison(rows[1], paired=True), new="bot b")]
    )
    assert found.regression is True
    assert found.sentence.startswith("bot b: WORSE than main")
    assert found.columns[0] == "bot"
    assert [row[0] for row in found.rows] == ["bot a", "bot b"]
    assert found.warnings[0].startswith("bot a: No difference shown from main")
    assert comparison_part([]) is None
