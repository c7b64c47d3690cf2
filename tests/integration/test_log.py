"""What the log shows holds through pabot's merge and Robot's filters, links included."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from robot.api import ExecutionResult
from robot.utils import html_format

from tests.helpers.inner_run import SETTINGS, read_tests, run_robot

pytestmark = pytest.mark.integration

ONE_CALL = """\
{name}
    Start Reference Bot
    Place Call
    Bot Should Greet Within    2 s
"""


def assert_shown(folder: Path, tests: list[str], names: tuple[str, ...] = ("Call", "Dialogue", "Picture", "Record")):
    """Every test has its metadata, and every link of it leads to a file beside the log."""
    found = read_tests(folder / "output.xml")
    assert sorted(found) == sorted(tests)
    for test in found.values():
        assert tuple(test.metadata) == names
        targets = re.findall(r"\[([^|\]]+)\|([^\]]*)\]", f"{test.metadata['Call']} {test.metadata['Picture']}")
        assert len(targets) == 2
        for target in (targets[0][0], *targets[1]):
            assert (folder / target).is_file(), f"{target} is not in {folder}"
        [record] = json.loads(test.metadata["Record"])["calls"]
        assert (folder / record["recording"]).is_file()
        page = (folder / "calls" / f"{record['call']}.html").read_text(encoding="utf-8")
        assert f"../{record['recording']}" in page


@pytest.mark.parametrize(
    "options",
    [
        ("--loglevel", "WARN"),
        ("--removekeywords", "ALL"),
        ("--splitlog",),
        ("--dryrun", "--randomize", "all"),
    ],
    ids=" ".join,
)
def test_filters_leave_it_alone(tmp_path: Path, options: tuple[str, ...]):
    run = run_robot(tmp_path, ONE_CALL.format(name="One"), *options)
    if "--dryrun" in options:
        assert run.code == 0, run.console
    else:
        assert_shown(run.folder, ["One"])


@pytest.mark.slow
@pytest.mark.parametrize("split", [(), ("--testlevelsplit",)], ids=["by suite", "by test"])
def test_pabot_merges_it(tmp_path: Path, split: tuple[str, ...]):
    suites = tmp_path / "suites"
    suites.mkdir()
    for suite in ("first", "second"):
        tests = "\n".join(ONE_CALL.format(name=f"{suite} {index}") for index in (1, 2))
        (suites / f"{suite}.robot").write_text(f"{SETTINGS}\n*** Test Cases ***\n{tests}", encoding="utf-8")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pabot.pabot", "--command", sys.executable, "-m", "robot", "--end-command"]
    done = subprocess.run(
        [*command, "--no-pabotlib", "--processes", "2", *split, "--outputdir", str(out), str(suites)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_shown(out, ["first 1", "first 2", "second 1", "second 2"])


def test_rebot_merge_keeps_it(tmp_path: Path):
    run = run_robot(tmp_path, ONE_CALL.format(name="One"))
    merged = run.folder / "merged.xml"
    done = subprocess.run(
        [sys.executable, "-m", "robot.rebot", "--merge", "--output", str(merged), "--log", "NONE", "--report", "NONE"]
        + [str(run.folder / "output.xml")] * 2,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [test] = ExecutionResult(merged).suite.tests
    assert json.loads(test.metadata["Record"])["calls"][0]["ended_by"] == "caller"


def test_several_calls_of_a_test_are_told_apart(tmp_path: Path):
    run = run_robot(
        tmp_path,
        """\
Two
    Start Reference Bot
    Place Call    alias=caller
    Place Call    alias=operator
    Bot Should Greet Within    2 s
""",
    )
    names = list(run.metadata("Two"))
    assert names == [
        "Call 1 (caller)",
        "Call 2 (operator)",
        "Dialogue 1 (caller)",
        "Dialogue 2 (operator)",
        "Picture 1 (caller)",
        "Picture 2 (operator)",
        "Record",
    ]


def test_a_call_of_the_suite_is_shown_with_the_suite(tmp_path: Path):
    settings = f"{SETTINGS}Suite Setup    Run Keywords    Start Reference Bot    AND    Place Call\n"
    run = run_robot(tmp_path, "Uses It\n    Bot Should Greet Within    2 s\n", settings=settings)
    assert run.status("Uses It") == "PASS"
    suite = ExecutionResult(run.folder / "output.xml").suite
    assert "greeting" in suite.metadata["Call"]
    assert not run.metadata("Uses It")


def test_hostile_texts_stay_text(tmp_path: Path):
    """The name of a recording reaches the log and the page; it must not become markup in either."""
    sound = Path(__file__).resolve().parents[2] / "audio" / "callers" / "stop.wav"
    hostile = "[x|y] <u>bold<u>.wav" if os.name != "nt" else "[x] y.wav"
    run = run_robot(
        tmp_path,
        f"""\
Hostile
    Copy File    {sound}    ${{OUTPUT DIR}}/{hostile}
    Start Reference Bot
    Place Call
    Play    ${{OUTPUT DIR}}/{hostile}
""",
        settings=f"{SETTINGS}Library    OperatingSystem\n",
    )
    assert run.status("Hostile") == "PASS", run.message("Hostile")
    call = json.loads(run.metadata("Hostile")["Record"])["calls"][0]["call"]
    assert "<u>" not in (run.folder / "calls" / f"{call}.html").read_text(encoding="utf-8")
    assert "<u>" not in html_format(run.metadata("Hostile")["Dialogue"])
