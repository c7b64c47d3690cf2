"""``audiosocket report`` as people call it, and the same written by Robot itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records.run_info import RunInfo
from tests.helpers.acceptance_maker import call_record, make_output
from tests.helpers.inner_run import run_robot
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.integration

MET = RunInfo(name="peak", thresholds=("p95 response time < 20 s",))
SMALL = Made(calls=80, workers=2, at_once=10, info=MET)
ALL = ["load-report.csv", "load-report.html", "load-report.json", "load-report.junit.xml", "load-report.md"]


@pytest.mark.parametrize(
    ("made", "options", "code", "begin"),
    [
        (SMALL, [], 0, "PASS  "),
        (SMALL, ["-T", "p95 response time < 100 ms"], 1, "FAIL  "),
        (replace(SMALL, lateness=0.030), [], 3, "INVALID  our lateness p99 "),
        (replace(SMALL, lost=(0,)), [], 3, "INVALID  lost workers worker 0"),
        (replace(SMALL, info=replace(MET, state="interrupted")), [], 4, "INTERRUPTED  "),
    ],
    ids=["pass", "fail", "invalid", "lost", "interrupted"],
)
def test_the_exit_code_is_that_of_the_verdict(tmp_path, capsys, made, options, code, begin):
    folder = make_run(tmp_path, made)
    assert run(["report", str(folder), *options]) == code
    told = capsys.readouterr()
    assert told.out.startswith(begin)
    assert told.out.endswith(f"Report: {folder / 'load-report.html'}\n")
    assert told.err == ""
    assert sorted(path.name for path in folder.glob("load-report*")) == ALL


def test_what_broke_is_in_a_line_and_where_it_is_slow(tmp_path, capsys):
    folder = make_run(tmp_path, replace(SMALL, calls=300))
    assert run(["report", str(folder), "--threshold", "p95 response time < 1 s", "-T", "error rate < 50 %"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("  FAILED  p95 response time  ") and " over (" in line for line in lines)
    assert any(line.startswith("  ok      error rate ") for line in lines)
    assert any(line.startswith("Slow where: Замовлення шин, turn 2") for line in lines)
    assert any(line.startswith("Where slow replies went:  noticed the end ") for line in lines)


def test_only_what_was_asked_for_is_written_and_told(tmp_path, capsys):
    folder = make_run(tmp_path / "run", SMALL)
    out = tmp_path / "out"
    assert run(["report", str(folder), "--output", str(out), "--format", "md", "--format", "json", "--quiet"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["load-report.json", "load-report.md"]
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "There is no run at nowhere: give a run's folder, or Robot's output.xml"),
        (["."], "is no run: it has neither run.json nor output.xml"),
        (["x", "-T", "p95 respons time < 1 s"], "no figure 'respons time'; nearest: response time"),
        (["x", "--format", "pdf"], "no format 'pdf'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert run(["report", *arguments]) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, capsys):
    folder = make_run(tmp_path / "run", SMALL)
    (tmp_path / "file").write_text("")
    assert run(["report", str(folder), "--output", str(tmp_path / "file" / "out")]) == 2
    assert "The report cannot be written to " in capsys.readouterr().err


def test_any_acceptance_run_has_a_gate(tmp_path, capsys):
    calls = [call_record(f"{number:08x}") for number in range(30)]
    output = make_output(tmp_path, {"Buys": calls})
    assert run(["report", str(output), "-T", "p95 response time < 1.5 s"]) == 0
    assert run(["report", str(output), "-T", "p95 response time < 800 ms"]) == 1
    assert "FAILED  p95 response time  900 ms  < 800 ms  100 ms over (30 replies" in capsys.readouterr().out


def test_robot_writes_the_report_of_its_own_run(tmp_path):
    record = json.dumps({"v": 1, "calls": [call_record("0000000a")]}, ensure_ascii=False).replace("{", "\\{")
    inner = run_robot(
        tmp_path,
        f"Buys\n    Set Test Metadata    Record    {record}\n",
        "--prerebotmodifier",
        f"AudioSocketLibrary.LoadReport;{tmp_path / 'out'};p95 greeting time < 2 s",
        settings="",
    )
    assert inner.code == 0
    assert sorted(path.name for path in inner.folder.glob("load-report*")) == ALL
    data = json.loads((inner.folder / "load-report.json").read_text("utf-8"))
    assert (data["verdict"]["word"], data["kind"]) == ("PASS", "acceptance")
    assert [row["threshold"] for row in data["thresholds"]] == ["p95 greeting time < 2 s"]
    assert "Calls:   PASS  1 call, 0 failed. valid" in inner.console
    links = (inner.folder / "load-report.html").read_text("utf-8")
    assert 'href="log.html#s1-t1"' in links
    assert inner.metadata("Buys")["Record"]


def test_robot_without_a_call_writes_nothing(tmp_path):
    inner = run_robot(
        tmp_path, "A\n    No Operation\n", "--prerebotmodifier", f"AudioSocketLibrary.LoadReport:{tmp_path / 'out'}",
        settings="",
    )  # fmt: skip
    assert (inner.code, list(inner.folder.glob("load-report*"))) == (0, [])
