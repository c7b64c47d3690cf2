"""The tyre shop understands its callers over a bad line, in a real call."""

from __future__ import annotations

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SETTINGS = """\
*** Settings ***
Library          AudioSocketLibrary
Library          AudioSocketLibrary.ReferenceBot
Suite Setup      Start Reference Bot    dialogue=tyre_shop
Test Template    Ask For Winter Tyres

*** Keywords ***
Ask For Winter Tyres
    [Arguments]    ${line}
    Set Line    ${line}
    Place Call
    Say    Добрий день, потрібні зимові шини на шістнадцять
    Bot Should Play Prompt    tyres_found    within=10 s
"""


def test_presets(tmp_path):
    tests = "".join(f"{line}\n    {line}\n\n" for line in ("street", "bad_mobile"))
    run = run_robot(tmp_path, tests, settings=SETTINGS)
    assert len(run.tests) == 2
    failed = {name: test.message for name, test in run.tests.items() if not test.passed}
    assert not failed
