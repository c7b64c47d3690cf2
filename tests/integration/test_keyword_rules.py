"""Rules that only a whole run shows: values, time-outs, scopes, and whose failure a failure is."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.helpers.inner_run import SETTINGS, run_robot

pytestmark = pytest.mark.integration


def test_bad_values_tell_how_they_are_written(tmp_path: Path):
    tests = """\
Absurd Time
    Bot Should Greet Within    800
Odd Time
    Bot Should Greet Within    soon
Odd Moment
    Play    stop    at=after lunch
Odd Address
    Place Call    http://127.0.0.1:9092
Odd UUID
    Place Call    127.0.0.1:9092    uuid=42
Odd Version
    Place Call    127.0.0.1:9092    asterisk=13
Odd Rate
    Place Call    127.0.0.1:9092    format=slin11
Odd Figure
    Call Figure Should Be    respons time    <    2 s
Odd Limit
    Call Figure Should Be    talk share    <    2 s
Odd Finding
    Call Should Have No Findings    brust
No Call
    Bot Should Greet Within    2 s
No Bot
    Place Call
Nobody Listens
    Place Call    127.0.0.1:1
No File
    Start Reference Bot
    Place Call
    Play    nix.wav
No Sound
    Create File    ${OUTPUT DIR}/notes.txt    hello
    Start Reference Bot
    Place Call
    Play    ${OUTPUT DIR}/notes.txt
Comment
    Start Reference Bot
    Place Call
    Send DTMF    #
Odd Key
    Start Reference Bot
    Place Call
    Send DTMF    x
Old Asterisk Has No Keys
    Start Reference Bot
    Place Call    asterisk=20.9
    Send DTMF    1
No Such Turn
    Start Reference Bot
    Place Call
    Bot Should Reply Within    2 s    turn=3
Nothing Said Yet
    Start Reference Bot
    Place Call
    Bot Should Reply Within    2 s
Misspelt Option
    Place Call    127.0.0.1:1    greetz=no
"""
    settings = (
        "*** Settings ***\nLibrary    AudioSocketLibrary\nLibrary    AudioSocketLibrary.ReferenceBot\n"
        "Library    OperatingSystem\n"
    )
    run = run_robot(tmp_path, tests, settings=settings)
    expected = {
        "Absurd Time": "800 means 800 seconds; for milliseconds write '800 ms'",
        "Odd Time": "'soon' is no time: write it like '800 ms', '2 s', '1 min 30 s' or '1:30'",
        "Odd Moment": "a moment is '<time> after <event>', where event is one of: bot starts, bot pauses",
        "Odd Address": "is no address of a bot: write host:port, like 127.0.0.1:9092 (no http://)",
        "Odd UUID": "'42' is no UUID: write 32 hexadecimal digits",
        "Odd Version": "Asterisk 13 has no AudioSocket (first: 18)",
        "Odd Rate": "AudioFormat does not have member 'slin11'. Available:",
        "Odd Figure": "Figure does not have member 'respons time'. Available:",
        "Odd Limit": "The limit of talk share is a share, like '40 %'",
        "Odd Finding": "There is no finding 'brust'. Findings: unknown type,",
        "No Call": "There is no call. Use 'Place Call' first.",
        "No Bot": "No bot to call: give its address to 'Place Call', or set ${BOT}: robot -v BOT:127.0.0.1:9092",
        "Nobody Listens": "Cannot call the bot at 127.0.0.1:1: nothing listens there (connection refused). "
        "Start the bot, or give another address: robot -v BOT:host:port",
        "No File": "There is no file",
        "No Sound": "notes.txt is not a sound file",
        "Comment": r"A cell that starts with # is a comment in Robot: write \# or 'hash'",
        "Odd Key": "A DTMF key is one of 0 1 2 3 4 5 6 7 8 9 * # A B C D, not 'X'",
        "Old Asterisk Has No Keys": "Asterisk 20.9 does not tell the bot about keys",
        "No Such Turn": "There is no turn 3: the call has turns 0 (the greeting) to 0",
        "Nothing Said Yet": "The caller has said nothing yet: there is nothing to reply to.",
        "Misspelt Option": "expected 0 to 1 non-named arguments, got 2",
    }
    assert set(expected) == set(run.tests)
    for test, text in expected.items():
        assert run.status(test) == "FAIL", test
        assert text in run.message(test), f"{test}: {run.message(test)}"
        assert "Traceback" not in run.message(test)
    assert "Traceback" not in run.console


def test_a_time_out_of_robot_interrupts_at_once_and_hangs_up(tmp_path: Path):
    run = run_robot(
        tmp_path,
        """\
Test Time Out
    [Timeout]    2 s
    Place Call    turn_timeout=30 s
    Bot Should Hang Up Within    20 s
Keyword Time Out
    Place Call    turn_timeout=30 s
    TRY
        Impatient
    EXCEPT    Keyword timeout*    type=GLOB
        Call Should Have Been Ended By    caller
    END

*** Keywords ***
Impatient
    [Timeout]    500 ms
    Bot Should Hang Up Within    20 s

Begin
    Start Reference Bot    silence_after=never
    Place Call
    Hang Up
""",
        # The time-out covers a call, not the start of a bot or of our loop, which takes seconds on a busy machine.
        settings=f"{SETTINGS}Suite Setup    Begin\n",
    )
    assert run.message("Test Time Out") == "Test timeout 2 seconds exceeded."
    assert run.status("Keyword Time Out") == "PASS", run.message("Keyword Time Out")
    assert all(test.elapsed_time.total_seconds() < 8 for test in run.tests.values())
    record = json.loads(run.metadata("Test Time Out")["Record"])["calls"][0]
    assert record["ended_by"] == "caller"


def test_defaults_end_with_their_scope(tmp_path: Path):
    run = run_robot(
        tmp_path,
        """\
In A Test
    Set Call Defaults    asterisk=20.9    scope=test
    Set Call Defaults    turn_timeout=4 s    keep_recordings=none
    Start Reference Bot
    Place Call
    ${call}    Get Call
    Should Be Equal    ${call}[asterisk]    20.9
Next Test
    Start Reference Bot
    Place Call    format=ulaw
    Bot Should Greet Within    2 s
    ${call}    Get Call
    Should Be Equal    ${call}[asterisk]    22.10
    Should Be Equal    ${call}[format]    ulaw
Nothing To Change
    Set Call Defaults
""",
    )
    assert run.status("In A Test") == "PASS", run.message("In A Test")
    assert run.message("Nothing To Change").startswith("Nothing to change: name at least one setting")
    assert not (run.folder / "recordings").exists()
    assert "Picture" in run.metadata("In A Test")


def test_the_reference_bot_says_that_it_takes_the_place_of_another(tmp_path: Path):
    """Else a run with ``-v BOT:`` would be green, and about the wrong bot."""
    tests = "One\n    Start Reference Bot\nTwo\n    Start Reference Bot\n    Start Reference Bot\n"
    told = run_robot(tmp_path, tests, "-v", "BOT:10.0.0.5:9092")
    assert told.console.count("${BOT} was 10.0.0.5:9092: until the reference bot stops") == 2
    (tmp_path / "silent").mkdir()
    assert "WARN" not in run_robot(tmp_path / "silent", tests).console


def test_recordings_of_failed_tests_only(tmp_path: Path):
    run = run_robot(
        tmp_path,
        """\
Passes
    Set Call Defaults    keep_recordings=failed
    Start Reference Bot
    Place Call
    Bot Should Greet Within    2 s
Fails
    Start Reference Bot
    Place Call
    Bot Should Greet Within    2 s
    Fail    for another reason
""",
    )
    kept = [path.stem for path in (run.folder / "recordings").iterdir()]
    failed = json.loads(run.metadata("Fails")["Record"])["calls"][0]["call"]
    assert kept == [failed]


def test_what_asterisk_would_have_dropped_never_passes(tmp_path: Path):
    """The bot breaks a rule after the last assertion: no keyword that follows may hide it, nor the end of the test."""
    run = run_robot(
        tmp_path,
        """\
Silence
    Start Breaking Bot
    Place Call
    Bot Should Greet Within    2 s
    Stay Silent    6 s
Hang Up
    Start Breaking Bot
    Place Call
    Bot Should Greet Within    2 s
    Sleep    4 s
    Hang Up
Nothing More
    Start Breaking Bot
    Place Call
    Bot Should Greet Within    2 s
    Sleep    4 s
Expected
    Start Breaking Bot
    Place Call
    Call Should Have Been Ended By    asterisk

*** Keywords ***
Start Breaking Bot
    VAR    ${rows}    [{on: uuid, do: play one_moment}, {on: reply ends, do: send 02 00 00}]
    Create File    ${OUTPUT DIR}/script.yaml    {rows: ${rows}}
    Start Reference Bot    script=${OUTPUT DIR}/script.yaml
""",
        settings=f"{SETTINGS}Library    OperatingSystem\n",
    )
    for test in ("Silence", "Hang Up", "Nothing More"):
        assert run.status(test) == "FAIL", test
        assert run.message(test).startswith("Asterisk 22.10 would have dropped this call after "), run.message(test)
    assert run.status("Expected") == "PASS"


def test_a_limit_is_not_cut_by_a_shorter_time_out_and_no_reply_is_no_figure(tmp_path: Path):
    run = run_robot(
        tmp_path,
        """\
Longer Limit
    Start Reference Bot    reply_after=2 s
    Place Call    turn_timeout=1 s
    Play    stop
    Bot Should Reply Within    4 s
Unanswered
    Create File    ${OUTPUT DIR}/script.yaml    {rows: [{on: uuid, do: play one_moment}]}
    Start Reference Bot    script=${OUTPUT DIR}/script.yaml
    Place Call    turn_timeout=1 s
    Play    stop
    Call Figure Should Be    response time    <    5 s
Endless
    Start Reference Bot    greeting=promotions
    Place Call
    Set Call Defaults    longest_reply=2 s
    Place Call
    Play    stop
""",
        settings=f"{SETTINGS}Library    OperatingSystem\n",
    )
    assert run.status("Longer Limit") == "PASS", run.message("Longer Limit")
    assert run.message("Unanswered").startswith("Bot did not reply to 'stop' within 1 s (turn 1):")
    assert re.fullmatch(
        r"Bot spoke for more than 2 s without a pause \(turn 0\): the caller had no chance to speak\. "
        r"For longer replies: Set Call Defaults    longest_reply=3 min\. Listen: .*",
        run.message("Endless"),
    ), run.message("Endless")


def test_failures_and_calls_stay_where_they_belong(tmp_path: Path):
    """A call that could not be placed is nobody else's failure, and no time-out ends another call."""
    run = run_robot(
        tmp_path,
        """\
Another Call Failed
    Place Call
    Bot Should Greet Within    2 s
    Run Keyword And Expect Error    Cannot call*    Place Call    127.0.0.1:1
Variable ${1} In Its Name
    Place Call
    Bot Should Greet Within    2 s
No Recording To Name
    Set Call Defaults    keep_recordings=none    scope=test
    Place Call
    Bot Should Greet Within    1 ms
Upper Case Keys
    Place Call
    Send DTMF    a
    ${call}    Get Call
    Should Start With    ${call}[recording]    recordings/
No Time At All
    Place Call    turn_timeout=0 s
Odd Chunks
    Place Call    chunk_size=1
""",
        settings=f"{SETTINGS}Suite Setup    Start Reference Bot\n",
    )
    data = json.loads(run.metadata("Another Call Failed")["Record"])["calls"]
    assert [call.get("judgements", []) for call in data] == [[]]
    assert "Picture" in run.metadata("Variable 1 In Its Name")
    assert "Listen" not in run.message("No Recording To Name")
    assert run.status("Upper Case Keys") == "PASS", run.message("Upper Case Keys")
    assert run.message("No Time At All") == "turn_timeout must be longer than nothing, like '800 ms' or '10 s'"
    assert run.message("Odd Chunks").startswith("Chunks of 1 bytes every 200 ms cannot be sent: 2 to 65535 bytes")


def test_a_time_out_while_placing_a_call_ends_no_other(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = f"127.0.0.1:{full.getsockname()[1]}"
        crowd = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(full.getsockname())
            crowd.append(client)
        run = run_robot(
            tmp_path,
            f"""\
Times Out
    [Timeout]    500 ms
    Place Call    {address}    connect_timeout=5 s
The First Call Lives On
    Bot Should Greet Within    2 s
    Hang Up
    Call Should Have Been Ended By    caller
    Bot Should Greet Within    2 s
""",
            settings=f"{SETTINGS}Suite Setup    Run Keywords    Start Reference Bot    AND    Place Call\n",
        )
        for client in crowd:
            client.close()
    assert run.message("Times Out") == "Test timeout 500 milliseconds exceeded."
    assert run.status("The First Call Lives On") == "PASS"
    suite = ExecutionResult(run.folder / "output.xml").suite
    assert "ended by the caller, greeting" in suite.metadata["Call"]
