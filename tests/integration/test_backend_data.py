"""Made-up data and tokens, as keywords; no token in any log, also with RequestsLibrary."""

from __future__ import annotations

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SETTINGS = """\
*** Settings ***
Library        AudioSocketLibrary.ReferenceBot
Library        RequestsLibrary
Suite Setup    Start Reference Bot    dialogue=tyre_shop    backend=yes
"""
TESTS = """\
Data
    ${one}    Create Call Data    seed=7    status=failed
    ${two}    Create Call Data    seed=7
    Should Be Equal    ${one}[caller]-${two}[callee]    1001-2002
    Should Be Equal    ${one}[status]    failed
    Should Be True    10 <= ${one}[duration] <= 600
    ${words}    Create Transcript Data    text=Так
    Should Be Equal    ${words}[text]    Так
    Should Be True    0.7 <= ${words}[quality] <= 1
    ${entry}    Create Knowledge Data    run=r1
    Should Be Equal    ${entry}[run]    r1
    Log    call ${one}[uuid]

The Same Again
    ${one}    Create Call Data    seed=7
    Log    call ${one}[uuid]

Tokens
    ${operator}    Create Access Token
    ${viewer}    Create Access Token    viewer    expires_in=1 min
    ${expired}    Create Access Token    kind=expired
    ${invalid}    Create Access Token    kind=invalid
    GET    ${BACKEND}/calls    auth=${operator}
    GET    ${BACKEND}/calls    auth=${viewer}
    DELETE    ${BACKEND}/runs/none    auth=${viewer}    expected_status=403
    GET    ${BACKEND}/calls    auth=${expired}    expected_status=401
    GET    ${BACKEND}/calls    auth=${invalid}    expected_status=401

No Backend
    Stop Reference Bot
    Create Access Token
"""


def test_data_and_tokens(tmp_path):
    run = run_robot(tmp_path, TESTS, "--loglevel", "TRACE", settings=SETTINGS)
    for test in ("Data", "The Same Again", "Tokens"):
        assert run.status(test) == "PASS", run.message(test)
    assert run.message("No Backend") == (
        "No backend with a password for 'operator' runs. Start one: "
        "Start Reference Bot    dialogue=tyre_shop    backend=yes"
    )
    said = [
        message.message
        for test in ("Data", "The Same Again")
        for step in run.tests[test].body
        for message in getattr(step, "messages", ())
        if message.message.startswith("call ")
    ]
    assert len(said) == 2
    assert said[0] == said[1]
    for name in ("output.xml", "log.html"):
        text = (run.folder / name).read_text(encoding="utf-8")
        assert "eyJ" not in text
