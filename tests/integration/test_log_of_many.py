"""What the log keeps usable and true: totals, tests with many calls, calls of suites, recordings by policy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from AudioSocketLibrary.records import CallRecord
from tests.helpers.inner_run import SETTINGS, InnerRun, run_robot

pytestmark = pytest.mark.integration

BOT = "Suite Setup    Start Reference Bot    greeting=quantity_1    reply_after=700 ms\n"
ONE_TURN = """\
{name}
    Place Call
    Play    yes
    Bot Should Reply Within    2 s
"""
TOTALS = r"response time p50 0\.\d\d s, p95 \d\.\d\d s \(n={n}\), worst \[calls/\w+\.html#t=[\d.]+\|\d\.\d\d s\] in "


def records(run: InnerRun, test: str) -> list[CallRecord]:
    data = json.loads(run.metadata(test)["Record"])["calls"]
    return [CallRecord.from_json(one) for one in data]


def totals(output: Path) -> str:
    return ExecutionResult(output).suite.metadata.get("Calls", "")


def python(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_plain_run_has_its_totals(tmp_path: Path):
    run = run_robot(tmp_path, ONE_TURN.format(name="One") + ONE_TURN.format(name="Two"), settings=SETTINGS + BOT)
    line = totals(run.folder / "output.xml")
    assert re.match("2 calls, 2 replies, " + TOTALS.format(n=2) + "Inner.(One|Two)", line), line
    times = [record.turns[1].response_time for name in ("One", "Two") for record in records(run, name)]
    assert f"p50 {min(times):.2f} s, p95 {max(times):.2f} s" in line


@pytest.mark.slow
def test_totals_of_a_merge_are_those_of_the_whole_or_none(tmp_path: Path):
    suite = tmp_path / "suites.robot"
    settings = SETTINGS + BOT + "Test Teardown    No Operation\n"
    tests = "\n".join(ONE_TURN.format(name=name) for name in ("One", "Two", "Three"))
    suite.write_text(f"{settings}\n*** Test Cases ***\n{tests}", encoding="utf-8")
    command = ["pabot.pabot", "--command", sys.executable, "-m", "robot", "--end-command", "--no-pabotlib"]
    split = [*command, "--processes", "3", "--testlevelsplit"]
    python(tmp_path, *split, "--outputdir", "without", str(suite))
    assert totals(tmp_path / "without" / "output.xml") == "", "a part was taken for the whole"
    modifier = ["--prerebotmodifier", "AudioSocketLibrary.Totals"]
    python(tmp_path, *split, *modifier, "--outputdir", "with", str(suite))
    for page in ("report.html", "log.html"):
        assert "3 calls, 3 replies" in (tmp_path / "with" / page).read_text(encoding="utf-8"), page
    output = str(tmp_path / "without" / "output.xml")
    python(tmp_path, "robot.rebot", *modifier, "--output", "later.xml", output)
    assert totals(tmp_path / "later.xml").startswith("3 calls, 3 replies, ")


MANY = """\
Many Calls
    FOR    ${i}    IN RANGE    8
        Place Call    alias=c${i}
        ${limit}    Set Variable If    ${i} == 4    0.1 ms    2 s
        Run Keyword And Continue On Failure    Bot Should Greet Within    ${limit}
        Hang Up
    END

Many Good Calls
    FOR    ${i}    IN RANGE    6
        Place Call    alias=c${i}
        Bot Should Greet Within    2 s
        Hang Up
    END

Many Calls And A Failure Of The Test Itself
    FOR    ${i}    IN RANGE    6
        Place Call    alias=c${i}
        Hang Up
    END
    Fail    because
"""


def test_good_calls_do_not_drown_the_one_that_failed(tmp_path: Path):
    run = run_robot(tmp_path, MANY, settings=SETTINGS + BOT)
    shown = run.metadata("Many Calls")
    assert list(shown) == ["All calls", "Call 5 (c4)", "Dialogue 5 (c4)", "Listen 5 (c4)", "Picture 5 (c4)", "Record"]
    rows = shown["All calls"].splitlines()
    assert len(rows) == 9
    assert "*Bot greeted after" in rows[5]
    assert not any("Bot greeted" in row for row in rows[:5] + rows[6:])
    for page in re.findall(r"\[(calls/[^|]+)\|", shown["All calls"]):
        assert (run.folder / page).is_file(), "each call has its page all the same"
    good, failed = records(run, "Many Calls")[0], records(run, "Many Calls")[4]
    # Those of our own health are kept where the machine was too busy.
    assert good.figures.keys() - {"our_lateness", "loop_lag"} == {"greeting_time"}
    assert len(json.dumps(good.to_json())) < len(json.dumps(failed.to_json()))
    assert list(run.metadata("Many Good Calls")) == ["All calls", "Record"]
    last = run.metadata("Many Calls And A Failure Of The Test Itself")
    assert [name for name in last if name.startswith("Dialogue")] == ["Dialogue 6 (c5)"]


POLICY = """\
Passes
    Place Call
    Bot Should Greet Within    2 s

Fails
    Place Call
    Bot Should Greet Within    0.1 ms

Repeats
    Scenario Should Succeed    Once In Two    at least 2 of 2 calls

*** Keywords ***
Once In Two
    Place Call
    ${n}    Evaluate    ${N} + 1
    Set Test Variable    ${N}    ${n}
    Bot Should Greet Within    ${{'0.1 ms' if $n == 1 else '2 s'}}

*** Variables ***
${N}    ${0}
"""


@pytest.mark.parametrize(
    ("policy", "kept"),
    [("all", [True, True, True, True]), ("failed", [False, True, True, False]), ("none", [False] * 4)],
)
def test_recordings_are_kept_by_policy(tmp_path: Path, policy: str, kept: list[bool]):
    setup = (
        "Suite Setup    Run Keywords    Start Reference Bot    greeting=quantity_1    AND"
        f"    Set Call Defaults    keep_recordings={policy}\n"
    )
    run = run_robot(tmp_path, POLICY, settings=SETTINGS + setup)
    assert [run.status(name) for name in ("Passes", "Fails", "Repeats")] == ["PASS", "FAIL", "FAIL"]
    found = [record for name in ("Passes", "Fails", "Repeats") for record in records(run, name)]
    assert [record.recording is not None for record in found] == kept
    files = {path.stem for path in (run.folder / "recordings").glob("*.wav")}
    assert files == {record.call for record in found if record.recording}
    for record in found:
        page = (run.folder / "calls" / f"{record.call}.html").read_text(encoding="utf-8")
        assert ("No recording was kept" in page) == (record.recording is None)
    assert ("Listen: recordings/" in run.message("Fails")) == (policy != "none"), "no message names a missing file"


@pytest.mark.parametrize(("fails", "kept"), [("No Operation", False), ("Fail", True)])
def test_the_recording_of_a_suites_call_is_kept_where_a_test_failed(tmp_path: Path, fails: str, kept: bool):
    setup = (
        "Suite Setup    Run Keywords    Set Call Defaults    keep_recordings=failed    AND"
        "    Start Reference Bot    AND    Place Call\n"
    )
    run = run_robot(tmp_path, f"Test\n    {fails}\n", settings=SETTINGS + setup)
    suite = ExecutionResult(run.folder / "output.xml").suite
    [record] = json.loads(suite.metadata["Record"])["calls"]
    assert ("recording" in record) == kept
    assert suite.metadata["Calls"] == "1 call, 0 replies"


DROPPED = """\
Suite Setup    Run Keywords    Start Reference Bot    AND    Place Call
Suite Teardown    {teardown}
"""


def test_a_suites_call_that_asterisk_dropped_fails_the_test_it_broke_in(tmp_path: Path):
    tests = """\
Before
    Bot Should Greet Within    2 s

Breaks
    Set Bot Fault    empty frame
    Sleep    300 ms

After
    No Operation
"""
    run = run_robot(tmp_path, tests, settings=SETTINGS + DROPPED.format(teardown="No Operation"))
    assert [run.status(name) for name in ("Before", "Breaks", "After")] == ["PASS", "FAIL", "PASS"]
    assert re.match(r"Asterisk [\d.]+ would have dropped this call .* 0 bytes", run.message("Breaks"))
    suite = ExecutionResult(run.folder / "output.xml").suite
    assert "would have dropped this call" in suite.metadata["Dialogue"]
    assert "would have dropped this call" in suite.metadata["Listen"]


def test_a_suites_call_that_broke_after_the_last_test_is_an_error(tmp_path: Path):
    teardown = "Run Keywords    Set Bot Fault    empty frame    AND    Sleep    300 ms"
    run = run_robot(tmp_path, "Passes\n    No Operation\n", settings=SETTINGS + DROPPED.format(teardown=teardown))
    assert "[ ERROR ] A call of the suite Inner broke after its last test. Asterisk" in run.console
    result = ExecutionResult(run.folder / "output.xml")
    assert [error.level for error in result.errors] == ["ERROR"]
    assert "would have dropped this call" in result.suite.metadata["Listen"]
