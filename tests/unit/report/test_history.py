"""The history of runs: a page, a list and a CSV, made of the folders."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
from dataclasses import replace

import pytest

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records.run_info import read_run_info, write_run_info
from AudioSocketLibrary.report import history
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

HOSTILE = '<script>alert(1)</script>"&'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("results")
    made = Made(calls=60, at_once=10, failing=0.0)
    for number, (name, change) in enumerate(
        {
            "a_pass": {},
            "b_fail": {"info": replace(made.info, thresholds=("p95 response time < 100 ms",))},
            "c_late": {"lateness": 0.05},
            "d_hostile": {"info": replace(made.info, name=HOSTILE)},
        }.items()
    ):
        make_run(place / name, replace(made, seed=number, **change))
        info = read_run_info(place / name / "run.json")
        write_run_info(place / name, replace(info, started=f"2026-11-2{number}T09:00:00+00:00", commit="=1+1"))
    (place / "e_broken").mkdir()
    (place / "e_broken" / "run.json").write_text("{")
    (place / "latest").symlink_to("a_pass", target_is_directory=True)
    (place / "a_pass" / "load-report.html").write_text("")
    history.write_history(place)
    return place


def test_each_run_has_a_row_the_newest_first(folder):
    page = (folder / "index.html").read_text("utf-8")
    rows = re.findall(r'<tr><td class="w">.*?</tr>', page)
    assert len(rows) == 5
    assert [re.search(r'class="w v [^"]*">([^<]*)<', row)[1] for row in rows] == [
        *("PASS", "INVALID", "FAIL", "PASS"), "cannot be read",
    ]  # fmt: skip
    assert '<a href="a_pass/load-report.html">a_pass</a>' in rows[3]
    assert '<a href="b_fail/">b_fail</a>' in rows[2]
    assert "Expecting property name" in rows[4]


def test_figures_of_an_invalid_run_are_left_out(folder):
    page = (folder / "index.html").read_text("utf-8")
    row = next(row for row in re.findall(r'<tr><td class="w">.*?</tr>', page) if "c_late" in row)
    assert "INVALID" in row
    assert "<td></td><td></td><td></td><td>" in row
    assert "c_late" not in "".join((folder / name).read_text("utf-8") for name in ("trend-peak.csv",))


def test_a_trend_for_each_profile_with_two_runs(folder):
    page = (folder / "index.html").read_text("utf-8")
    assert page.count('<svg class="chart"') == 1
    assert re.search(r"<h3>peak: p95 response time [\d.]+ m?s, the run before", page)


def test_what_a_run_is_called_is_inert_and_nothing_is_loaded(folder):
    page = (folder / "index.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    page = html.unescape(page)
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "http://" not in re.sub(r'xmlns="[^"]*"', "", page)
    assert " style=" not in page


def test_a_csv_for_tools_that_find_changes(folder):
    rows = list(csv.DictReader(io.StringIO((folder / "trend-peak.csv").read_text("utf-8"))))
    assert [row["time"] for row in rows] == ["2026-11-20T09:00:00+00:00", "2026-11-21T09:00:00+00:00"]
    assert [row["verdict"] for row in rows] == ["PASS", "FAIL"]
    assert all(0.3 < float(row["p95"]) < 5 for row in rows)
    assert rows[0]["commit"] == "'=1+1"
    assert (folder / "trend-script-alert-1---script.csv").is_file()


def test_the_list_for_machines(folder):
    data = json.loads((folder / "index.json").read_text("utf-8"))
    assert data["v"] == 1
    assert [entry["folder"] for entry in data["runs"]] == ["e_broken", "a_pass", "b_fail", "c_late", "d_hostile"]
    assert data["runs"][1]["p95"] > 0.3


def test_only_what_changed_is_read_again(folder, tmp_path, monkeypatch):
    place = shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    read = []
    real = history.read_run
    monkeypatch.setattr(history, "read_run", lambda path: read.append(path.name) or real(path))
    history.write_history(place)
    assert read == []
    (place / "index.json").write_text("{}")
    history.write_history(place)
    assert sorted(read) == ["a_pass", "b_fail", "c_late", "d_hostile", "e_broken"]
    read.clear()
    with (place / "b_fail" / "rows" / "worker-0.jsonl").open("a") as file:
        file.write("\n")
    shutil.rmtree(place / "a_pass")
    history.write_history(place)
    assert read == ["b_fail"]
    assert "a_pass" not in (place / "index.html").read_text("utf-8")


def test_the_command(folder, capsys):
    assert run(["history", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "2026-11-20 09:00  a_pass  PASS " in told
    assert "e_broken  cannot be read: The run" in told
    assert f"Wrote {folder / 'index.html'}" in told


def test_where_nothing_is(tmp_path, capsys):
    assert run(["history", str(tmp_path)]) == 0
    assert "There is no run here yet: audiosocket load smoke" in (tmp_path / "index.html").read_text("utf-8")
    assert run(["history", str(tmp_path / "no")]) == 2
    assert "it is no directory" in capsys.readouterr().err
