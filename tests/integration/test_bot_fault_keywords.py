"""The keywords that make the reference bot misbehave, and the options of Start Reference Bot, run by Robot."""

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.ReferenceBot
Library    OperatingSystem
Suite Setup    Start    {process}

*** Keywords ***
Start
    [Arguments]    ${{process}}
    Start Reference Bot    greeting=one_moment    process=${{process}}
    Set Bot Fault    late greeting    delay=500 ms

Greeting Comes After
    [Arguments]    ${{least}}    ${{most}}
    Place Call
    Bot Should Greet Within    5 s
    ${{seconds}}    Get Call Figure    greeting time
    Should Be True    ${{least}} <= ${{seconds}} < ${{most}}    the greeting took ${{seconds}} s
"""

TESTS = """
Fault Of The Suite
    Greeting Comes After    0.5    1.0

Fault Of A Test Outranks It
    Set Bot Fault    Late-Greeting    by=1500 ms    share=100 %    seed=3
    Greeting Comes After    1.5    2.4

Suite's Is Back
    Greeting Comes After    0.5    1.0

Of Another UUID
    Set Bot Fault    slow speech    by=5 s    uuid=00ff
    Greeting Comes After    0.5    1.0

Cleared
    Clear Bot Faults
    Greeting Comes After    0    0.45

Refusing
    Set Bot Fault    refusing    above=0
    Place Call
    Bot Should Hang Up Within    2 s
    Call Should Have Been Ended By    bot

Misspelt Fault
    Set Bot Fault    slow speach    delay=1 s

Misspelt Parameter
    Set Bot Fault    slow speech    delai=1 s

Missing Parameter
    Set Bot Fault    knee    above=2

Both
    Set Bot Fault    slow speech    delay=1 s    by=1 s

No Percent
    Set Bot Fault    mute    share=0.2

No Backend
    Set Bot Fault    failing database

No Dialogue
    Set Bot Fault    failing recogniser

No Bot
    Stop Reference Bot
    Set Bot Fault    mute
"""
MESSAGES = {
    "Misspelt Fault": "There is no fault 'slow speach'; did you mean 'slow speech'?",
    "Misspelt Parameter": "The fault 'slow speech' has no 'delai'",
    "Missing Parameter": "The fault 'knee' needs 'by': how long",
    "Both": "'delay' and 'by' are the same: give one of them",
    "No Percent": "'0.2' is no share: a share is written with a percent sign, like '5 %'",
    "No Backend": "The fault 'failing database' needs a backend, and there is none here",
    "No Dialogue": "The fault 'failing recogniser' needs a dialogue, and there is none here",
    "No Bot": "No reference bot runs: start one first (Start Reference Bot)",
}


@pytest.mark.parametrize("process", ["own", "suite"])
def test_faults_belong_to_who_set_them(process, tmp_path):
    run = run_robot(tmp_path, TESTS, settings=SETTINGS.format(process=process))
    for name, test in run.tests.items():
        assert test.passed == (name not in MESSAGES), f"{name}: {test.message}"
        assert MESSAGES.get(name, "") in test.message, f"{name}: {test.message}"
    assert len(run.tests) == 14


OPTIONS = """
Format
    Start Reference Bot    format=slin16    greeting=one_moment
    Set Call Defaults    format=slin16    scope=test
    Place Call
    Bot Should Greet Within    3 s

Fill Greeting After And Keys
    Start Reference Bot    fill=nothing    greeting=one_moment    greeting_after=900 ms    on_keys=no    seed=4
    Place Call
    Bot Should Greet Within    3 s
    ${seconds}    Get Call Figure    greeting time
    Should Be True    ${seconds} > 0.8

Endpoint
    Start Reference Bot    greeting=none    reply_after=300 ms    endpoint=250 ms    replies=one_moment
    Place Call
    Play    stop
    Bot Should Reply Within    600 ms

Dialogue With Events And A Run
    ${events}    Set Variable    ${OUTPUT DIR}${/}events_of_bot.jsonl
    Start Reference Bot    dialogue=tyre_shop    recogniser=phrases    events=${events}    run=r7
    Place Call
    Bot Should Greet Within    5 s
    Play    winter_tyres
    Bot Should Reply Within    6 s
    Hang Up
    Stop Reference Bot
    ${told}    Get File    ${events}
    Should Contain    ${told}    "run": "r7"
    Should Contain    ${told}    "recognised"
    Remove File    ${events}

Backend
    Start Reference Bot    dialogue=tyre_shop    backend=yes
    Should Start With    ${BACKEND}    http://
    Should Not Be Empty    ${BACKEND PASSWORDS}
    Set Bot Fault    failing database
    Clear Bot Faults

Endpoint That Cannot Be
    Start Reference Bot    endpoint=20 s

Unknown Fill
    Start Reference Bot    fill=noise
"""


def test_options_of_start_reference_bot(tmp_path):
    settings = "*** Settings ***\nLibrary    AudioSocketLibrary\nLibrary    AudioSocketLibrary.ReferenceBot\n"
    settings += "Library    OperatingSystem\n"
    run = run_robot(tmp_path, OPTIONS, settings=settings)
    failed = {name: test.message for name, test in run.tests.items() if not test.passed}
    assert set(failed) == {"Endpoint That Cannot Be", "Unknown Fill"}, failed
    assert "An end of speech after 20 s cannot be: 0.1 to 10 s (default 0.5)" in failed["Endpoint That Cannot Be"]
    assert "'noise'" in failed["Unknown Fill"]
