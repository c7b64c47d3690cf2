"""Load Should Not Be Worse Than: what a suite sees."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.report.baselines import find_baseline
from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library     AudioSocketLibrary
Library     AudioSocketLibrary.Load
Library     AudioSocketLibrary.ReferenceBot

*** Variables ***
${BEFORE}    ${EMPTY}

*** Keywords ***
Be Greeted
    Place Call
    Bot Should Greet Within    5 s
"""

TESTS = """\
Slower Than Before
    Start Reference Bot
    ${before}    Run Calls    10    Be Greeted
    Set Suite Variable    ${BEFORE}    ${before}
    Stop Reference Bot
    Start Reference Bot    greeting_after=1200 ms
    Run Calls    10    Be Greeted
    Load Should Not Be Worse Than    ${before}
    Log    Soft: the test goes on

Too Few To Say
    Start Reference Bot
    Run Calls    2    Be Greeted
    Load Should Not Be Worse Than    ${BEFORE}

No Such Baseline
    Load Should Not Be Worse Than    main    directory=${OUTPUT DIR}
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return run_robot(tmp_path_factory.mktemp("baselines"), TESTS, settings=SETTINGS)


@pytest.mark.slow
def test_a_slower_bot_is_worse_by_its_figures(suite):
    message = suite.message("Slower Than Before")
    if "cannot be compared: INVALID" in message:
        pytest.skip("this machine could not keep time")
    assert "WORSE than " in message
    assert "greeting time" in message
    assert "10 calls, 10 of " in message
    assert suite.tests["Slower Than Before"].body[-1].status == "PASS"


@pytest.mark.slow
def test_too_few_calls_are_no_pass(suite):
    message = suite.message("Too Few To Say")
    assert "Too few calls to compare with " in message or "cannot be compared: INVALID" in message
    assert suite.status("Too Few To Say") == "FAIL"


@pytest.mark.slow
def test_what_to_do_without_a_baseline(suite):
    assert suite.message("No Such Baseline") == (
        f"There is no baseline main in {suite.folder}/baselines. Accept a run first: "
        f"audiosocket baseline accept {suite.folder}/latest --name main"
    )
    assert find_baseline("main", suite.folder) is None
