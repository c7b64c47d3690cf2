"""``audiosocket load --prepare``: the two lines that a user runs himself, really run."""

from __future__ import annotations

import shlex
import signal
import stat
import subprocess
import sys

import pytest

from AudioSocketLibrary.cli import run
from tests.helpers.inner_run import read_tests
from tests.helpers.load_runs import LIMIT, Load, environment
from tests.helpers.raw_bot import RawBot

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform == "win32", reason="lines for a shell of POSIX"),
]


@pytest.fixture(scope="module")
def bot():
    with RawBot() as raw:
        yield raw.address


def prepared(place, bot, *arguments):
    """Prepares a run; returns it and the two lines that were printed."""
    load = Load.start(place, *arguments, "--from", "suite.robot", "--bot", bot, "--prepare", "run")
    assert load.end() == 0, load.said
    *before, calling, judging = load.said.splitlines()
    assert before[-1] == f"Prepared in {load.folder}. To be run from this folder, one after the other:"
    return load, shlex.split(calling), shlex.split(judging)


def robot(words, place):
    return subprocess.run(
        words, cwd=place, env=environment(), capture_output=True, text=True, timeout=LIMIT, check=False
    )  # fmt: skip


def test_two_lines_make_the_calls_and_judge_them(tmp_path, bot):
    load, calling, judging = prepared(
        tmp_path, bot, "--test", "Short Call", "--calls", "4", "--for", "3 s", "--workers", "2", "--seed", "7",
        "-T", "error rate < 1 %",
    )  # fmt: skip
    assert calling[0] == "pabot"
    assert judging[0] == "robot"
    assert stat.S_IMODE((load.folder / "job").stat().st_mode) == 0o600
    assert (load.info["state"], load.info["seed"], load.info["workers"]) == ("running", 7, 2)

    early = robot([judging[0], "--output", "early.xml", *judging[1:]], tmp_path)
    assert early.returncode == 1
    assert f"The calls of {load.folder} were not made yet: run the line with pabot first" in early.stdout

    made = robot(calling, tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    rows = load.rows("call")
    assert len(rows) >= 4
    assert {row["worker"] for row in rows} == {"0", "1"}
    assert load.info["state"] == "running"

    judged = robot(judging, tmp_path)
    tests = read_tests(load.folder / "output.xml")
    assert set(tests) == {"The Run Is Valid", "error rate < 1 %"}
    assert tests["error rate < 1 %"].status == "PASS"
    valid = tests["The Run Is Valid"]
    assert valid.status == "PASS" or valid.message.startswith("INVALID: ")
    assert judged.returncode == (valid.status == "FAIL")
    info = load.info
    assert (info["state"], info["reason"]) == ("finished", "")
    assert info["ended"] > info["started"]
    assert info["duration"] == pytest.approx(max(row["start"] + row["length"] for row in rows), abs=0.01)
    assert not (load.folder / "job").exists()  # what is left may be shown to others

    twice = robot(calling, tmp_path)
    assert twice.returncode != 0  # what was measured is not written over
    assert load.rows("call") == rows


def test_ctrl_c_in_a_worker_that_nobody_conducts_hangs_up_and_loses_no_row(tmp_path, bot):
    load, calling, judging = prepared(tmp_path, bot, "--test", "Endless Call", "--calls", "2", "--for", "10 min")
    words = [
        "robot",
        "--argumentfile",
        calling[calling.index("--argumentfile1") + 1],
        "--outputdir",
        "own",
        calling[-1],
    ]
    child = subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
    load.child = child
    load.await_calls_up(1)
    working = robot(judging, tmp_path)
    assert f"Worker 0 of {load.folder} still makes calls: judge the run when all of them are done" in working.stdout
    child.send_signal(signal.SIGINT)
    load.end()
    assert [row["outcome"] for row in load.rows("call")] == ["interrupted"] * 2
    assert [row["reason"] for row in load.rows("end")] == ["interrupted"]
    judged = robot(judging, tmp_path)
    assert judged.returncode == 1
    assert load.info["state"] == "interrupted"
    assert read_tests(load.folder / "output.xml")["The Run Is Valid"].message.startswith(("INTERRUPTED: ", "INVALID: "))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--calls", "1", "--test", "Short Call"),
         "Whom shall these workers call? Give --bot HOST:PORT: nobody would start the reference bot"),
        (("--calls", "1", "--test", "Short Call", "--bot", "127.0.0.1:9", "--start", "true"),
         "Nobody would start the bot and watch it: start it yourself, and leave 'start' out"),
        (("capacity", "--bot", "127.0.0.1:9", "--test", "Short Call", "-T", "error rate < 1 %"),
         "A search for a capacity decides while it goes on: run it with 'audiosocket load' alone"),
    ],
    ids=["no bot", "start", "capacity"],
)  # fmt: skip
def test_what_needs_a_conductor_is_refused(tmp_path, capsys, arguments, sentence):
    code = run(["load", *arguments, "--from", "suite.robot", "--prepare", str(tmp_path / "run")])
    assert (code, capsys.readouterr().err) == (2, f"{sentence}\n")
    assert not (tmp_path / "run").exists()
