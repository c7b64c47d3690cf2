"""What a user reads: keywords run by Robot against a real bot, passing and failing."""

from __future__ import annotations

import json
import re

import pytest
import soundfile

from AudioSocketLibrary.records import CallRecord
from tests.helpers.inner_run import InnerRun, run_robots

pytestmark = pytest.mark.integration

LISTEN = r"Listen: recordings/[0-9a-f]{8}\.wav at \d+\.\d s"


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.DOTALL) is not None


@pytest.fixture(scope="module")
def timing(tmp_path_factory: pytest.TempPathFactory) -> InnerRun:
    tests = """\
A Late Reply Is Soft
    Start Reference Bot    reply_after=1200 ms
    Place Call
    Bot Should Greet Within    2 s
    Play    order_four
    Bot Should Reply Within    500 ms
    Log    the test went on
    Play    stop
    Bot Should Reply Within    600 ms
    Bot Should Reply Within    800 ms    turn=1

A Late Greeting Is Soft
    VAR    ${script}    {rows: [{on: uuid, do: play greeting, after: 1 s}]}
    Start Scripted Bot    ${script}
    Place Call
    Bot Should Greet Within    300 ms

No Greeting
    Start Scripted Bot    {rows: []}
    Place Call    greeting_timeout=500 ms
    Bot Should Greet Within    300 ms

Bot Does Not Speak
    Start Scripted Bot    {rows: []}
    Place Call
    Wait Until Bot Starts Speaking    500 ms

No Reply
    Start Scripted Bot    {rows: [{on: uuid, do: play one_moment}]}
    Place Call    turn_timeout=1 s
    Play    stop
    Bot Should Reply Within    300 ms

A Polite Caller Notices That No Reply Came
    Start Scripted Bot    {rows: [{on: uuid, do: play one_moment}]}
    Place Call    turn_timeout=1 s
    Play    stop
    Play    order_four

Bot Does Not Stop
    Start Reference Bot    replies=promotions    yields_after=never
    Place Call
    Play    order_four
    Play    stop    at=300 ms after bot starts
    Bot Should Stop Talking Within    500 ms

Nothing To Interrupt
    Start Reference Bot
    Place Call
    Play    stop
    Bot Should Stop Talking Within    500 ms

Bot Keeps Talking
    Start Reference Bot    replies=promotions    yields_after=never
    Place Call
    Play    order_four
    Play    stop    at=300 ms after bot starts
    Bot Should Keep Talking For    1 s
    Bot Should Stay Silent For    500 ms

Bot Did Not Keep Talking
    Start Reference Bot    replies=promotions
    Place Call
    Play    order_four
    Play    stop    at=300 ms after bot starts
    Bot Should Keep Talking For    3 s

Bot Does Not Hang Up
    Start Reference Bot    silence_after=never
    Place Call    turn_timeout=1 s
    Bot Should Hang Up Within    500 ms

Bot Hangs Up Too Soon
    Start Reference Bot    hang_up_after_turn=0
    Place Call
    Play    order_four

Wrong End
    Start Reference Bot
    Place Call
    Hang Up
    Call Should Have Been Ended By    bot

Figures
    Start Reference Bot
    Place Call
    Play    order_four
    Call Figure Should Be    response time    <    100 ms    turn=1
    Call Figure Should Be    talk share    <    1 %
    Call Figure Should Be    barge in time    <    1 s

Missed Moment
    Start Reference Bot
    Place Call
    Wait Until Bot Has Spoken
    Play    stop    at=100 ms after bot starts

Moment That Never Came
    Start Scripted Bot    {rows: []}
    Place Call    greeting_timeout=500 ms
    Play    stop    at=900 ms after bot starts

Aliases
    Start Reference Bot
    Place Call    alias=first
    Place Call    alias=second
    Bot Should Greet Within    2 s    call=first
    Hang Up
    Call Should Have Been Ended By    caller    call=second
    Switch Call    first
    Hang Up All Calls
    ${first}    Get Call
    Should Be Equal    ${first}[alias]    first
    Should Be Equal    ${first}[ended_by]    caller
    Place Call    alias=first
    Place Call    alias=first

The Current Call Is The Suite's
    Place Call    ${SUITE_BOT}
    Hang Up

*** Keywords ***
Start Scripted Bot
    [Arguments]    ${rows}
    Create File    ${OUTPUT DIR}/script.yaml    ${rows}
    Start Reference Bot    script=${OUTPUT DIR}/script.yaml

Begin
    ${address}    Start Reference Bot
    VAR    ${SUITE_BOT}    ${address}    scope=SUITE
    Place Call    alias=of the suite
"""
    settings = """\
*** Settings ***
Library        AudioSocketLibrary
Library        AudioSocketLibrary.ReferenceBot
Library        OperatingSystem
Suite Setup    Begin
"""
    return run_robots(tmp_path_factory.mktemp("timing"), tests, settings=settings)


EXPECTED = {
    "A Late Reply Is Soft": (
        r"Several failures occurred:\n\n"
        r"1\) Bot replied after 1\.\d+ s to 'order_four' \(turn 1, limit 500 ms\)\. " + LISTEN + r"\n\n"
        r"2\) Bot replied after 1\.\d+ s to 'stop' \(turn 2, limit 600 ms\)\. " + LISTEN + r"\n\n"
        r"3\) Bot replied after 1\.\d+ s to 'order_four' \(turn 1, limit 800 ms\)\. " + LISTEN
    ),
    "A Late Greeting Is Soft": r"Bot greeted after 1(\.\d+)? s \(limit 300 ms\)\. " + LISTEN,
    "No Greeting": r"Bot did not greet within 500 ms: all it sent is silence\. Listen: recordings/[0-9a-f]{8}\.wav",
    "Bot Does Not Speak": r"Bot did not speak within 500 ms \(turn 0\)\. Listen: recordings/[0-9a-f]{8}\.wav",
    "No Reply": r"Bot did not reply to 'stop' within 1 s \(turn 1\): all it sent is silence\. " + LISTEN,
    "A Polite Caller Notices That No Reply Came": (
        r"Bot did not reply to 'stop' within 1 s \(turn 1\): all it sent is silence\. " + LISTEN
    ),
    "Bot Does Not Stop": (
        r"Bot (stopped talking|went on talking for at least) \d+(\.\d+)? s after the caller began to say 'stop' "
        r"\(turn 2, limit 500 ms\)\. " + LISTEN
    ),
    "Nothing To Interrupt": (
        r"The bot was not speaking when the caller began to say 'stop': there was nothing to interrupt\. "
        r"Speak while it does, like at=900 ms after bot starts\. " + LISTEN
    ),
    "Bot Keeps Talking": r"Bot was still speaking; it should have been silent for 500 ms\. " + LISTEN,
    "Bot Did Not Keep Talking": (
        r"Bot stopped talking \d+ ms after the caller began; it should have gone on for 3 s\. " + LISTEN
    ),
    "Bot Does Not Hang Up": r"Bot did not hang up within 1 s after the last speech \(limit 500 ms\)\. " + LISTEN,
    "Bot Hangs Up Too Soon": r"The bot hung up after \d\.\d+ s \(closed the connection\), before 'order_four' "
    r"could be said\. " + LISTEN,
    "Wrong End": r"The call was ended by the caller after .* \(hung up\), not by the bot\. " + LISTEN,
    "Figures": (
        r"Several failures occurred:\n\n"
        r"1\) The response time of turn 1 \(to 'order_four'\) was \d+ ms, not < 100 ms\. " + LISTEN + r"\n\n"
        r"2\) The talk share was \d+%, not < 1%\. Listen: recordings/[0-9a-f]{8}\.wav\n\n"
        r"3\) The barge in time was not measured: the caller did not interrupt the bot\. .*"
    ),
    "Missed Moment": (
        r"'stop' could be said only .* too late: 100 ms after the bot starts was over when it came to it\. "
        r"Take a later moment, or do less before"
    ),
    "Moment That Never Came": (
        r"'stop' should have been said 900 ms after the bot starts, but the bot did not speak within 500 ms\."
        r" Listen: recordings/[0-9a-f]{8}\.wav"
    ),
    "Aliases": r"A call 'first' is open already\. Hang it up first, or take another alias",
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("test", EXPECTED)
def test_message(timing: InnerRun, test: str):
    assert timing.status(test) == "FAIL"
    assert matches(EXPECTED[test], timing.message(test)), timing.message(test)


@pytest.mark.timeout(180)
def test_calls_of_the_suite_set_up_live_until_the_suite_ends(timing: InnerRun):
    assert timing.status("The Current Call Is The Suite's") == "PASS"


@pytest.mark.timeout(180)
def test_the_record_survives_in_the_metadata(timing: InnerRun):
    metadata = timing.metadata("A Late Reply Is Soft")
    data = json.loads(metadata["Record"])
    record = CallRecord.from_json(data["calls"][0])
    assert [turn.kind for turn in record.turns] == ["greeting", "speech", "speech"]
    assert all(1.0 < (turn.response_time or 0) < 2.5 for turn in record.turns[1:])
    assert [judgement.kind for judgement in record.judgements] == ["late reply"] * 3
    assert record.recording
    [recording] = timing.folder.glob(f"*/out/{record.recording}")
    assert abs(soundfile.info(recording).duration - record.length) < 0.1
    assert re.match(rf"\[calls/{record.call}\.html\|{record.call}, ", metadata["Call"])
    assert "order_four" in metadata["Dialogue"]
    assert metadata["Picture"] == f"[calls/{record.call}.html|calls/{record.call}.svg]"
    assert (recording.parents[1] / "calls" / f"{record.call}.svg").stat().st_size < 12_000
