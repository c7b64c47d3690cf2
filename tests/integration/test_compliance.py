"""The keyword `Bot Should Pass`: what a user reads of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

TESTS = """
Passes
    Bot Should Pass    greets
By Its Title
    Bot Should Pass    Answers a call and greets
Fails
    Bot Should Pass    keys
Older Version
    Bot Should Pass    keys    asterisk=18.20
Version Of The Defaults
    Set Call Defaults    asterisk=20.9    scope=test
    Bot Should Pass    keys
Not Measured
    Bot Should Pass    hangs_up
No Such Probe
    Bot Should Pass    kesy
Nobody There
    Bot Should Pass    greets    bot=127.0.0.1:1
"""
SETTINGS = """\
*** Settings ***
Library        AudioSocketLibrary
Library        AudioSocketLibrary.ReferenceBot
Suite Setup    Start Reference Bot    script=bad.yaml
"""


def test_what_is_read(tmp_path: Path):
    (tmp_path / "bad.yaml").write_text("{base: usual, rows: [{on: key, key: 1, do: hang up}]}", encoding="utf-8")
    run = run_robot(tmp_path, TESTS, settings=SETTINGS)
    passed = {name for name, test in run.tests.items() if test.status == "PASS"}
    assert passed == {"Passes", "By Its Title", "Older Version", "Version Of The Defaults"}, run.console
    failed = run.message("Fails")
    assert failed.startswith("Bot closed the call ")
    assert "after DTMF '1'. Behind Asterisk 20.14 and newer, 21.9 and newer, 22.4 and newer, 23" in failed
    assert "What to do: Read 0x03" in failed
    assert run.status("Not Measured") == "SKIP"
    assert run.message("Not Measured") == "Not measured: the bot did not hang up within 6 s of a goodbye."
    assert "There is no probe 'kesy'; nearest: keys." in run.message("No Such Probe")
    assert "nothing listens there (connection refused)" in run.message("Nobody There")
