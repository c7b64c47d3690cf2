"""Start and Stop Performance Monitor, in an inner Robot run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

LIBRARY = """\
from robotlibcore import DynamicCore
from AudioSocketLibrary.keywords.performance import PerformanceKeywords


class Performance(DynamicCore):
    ROBOT_LIBRARY_SCOPE = "GLOBAL"

    def __init__(self):
        super().__init__([PerformanceKeywords()])
"""
SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.ReferenceBot
Library    ${CURDIR}/Performance.py
"""
TESTS = """\
Calls Are The Operations
    Start Reference Bot
    Start Performance Monitor    two calls
    Place Call
    Hang Up
    Place Call
    Hang Up
    ${took}    Stop Performance Monitor
    Should Be Equal As Integers    ${took}[operations]    2
    Should Be True    ${took}[duration] > 0 and ${took}[cpu] >= 0
    Should Be Equal    ${took}[name]    two calls

Several At Once
    Start Performance Monitor    outer
    Start Performance Monitor    inner
    Sleep    50 ms
    ${inner}    Stop Performance Monitor    operations=10
    ${outer}    Stop Performance Monitor    outer
    Should Be True    10 < ${inner}[operations_per_second] <= 200
    Should Be True    ${outer}[duration] > ${inner}[duration] >= 0.05
    Should Be Equal As Integers    ${outer}[operations]    0

Nothing To Stop
    Stop Performance Monitor

Another Name
    Start Performance Monitor    writing
    Stop Performance Monitor    reading
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("performance")
    (folder / "Performance.py").write_text(LIBRARY)
    return run_robot(folder, TESTS, settings=SETTINGS)


def test_what_was_measured(run):
    for test in ("Calls Are The Operations", "Several At Once"):
        assert run.status(test) == "PASS", run.message(test)
    logged = [
        message.message
        for keyword in run.tests["Calls Are The Operations"].body
        if keyword.name == "Stop Performance Monitor"
        for message in keyword.messages
    ]
    assert logged[0].startswith("two calls: ")
    assert ", 2 operations (" in logged[0]
    assert " a second), memory " in logged[0]


def test_messages(run):
    assert run.message("Nothing To Stop") == (
        "No performance monitor runs. Begin one: Start Performance Monitor    name"
    )
    assert run.message("Another Name") == "No performance monitor 'reading' runs. Those that do: 'writing'"


def test_the_page_runs(tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / "performance-monitor.md"
    done = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(tmp_path), str(page)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(
        r"ten greetings: .+, 10 operations \(.+ a second\), memory", (tmp_path / "output.xml").read_text("utf-8")
    )
