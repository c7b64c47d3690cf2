"""The server role: calls that come to us, as the keywords of ``AudioSocketLibrary.Server`` and from Python."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from AudioSocketLibrary.call import Call, CallServer, CallSettings, Figure, figure_of, make_recording
from AudioSocketLibrary.media import find_recording, load_sound
from AudioSocketLibrary.protocol import AudioFormat, Party
from AudioSocketLibrary.records import CallFailure, UsageError
from AudioSocketLibrary.scenario import (
    BotShouldReplyWithin,
    CallerShouldHangUpWithin,
    CallerShouldSendDTMF,
    CallFormatShouldBe,
    Calls,
    play_step,
)
from AudioSocketLibrary.scenario.server_steps import formats_of
from AudioSocketLibrary.transport import connect
from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library          AudioSocketLibrary
Library          AudioSocketLibrary.Server
Suite Setup      Start AudioSocket Server

*** Keywords ***
A Call Has Come
    Place Call    ${SERVER}    greets=False    alias=pbx
    Wait For Call    5 s    alias=bot    turn_timeout=1 s
"""
QUICK = CallSettings(turn_timeout=0.6, reply_pause=0.3)


def recording(name):
    return load_sound(find_recording(Path(name)), 8000)


@asynccontextmanager
async def server(**settings):
    listening = CallServer(**settings)
    await listening.start()
    try:
        yield listening
    finally:
        await listening.stop()


@asynccontextmanager
async def both_sides(settings=QUICK, **of_caller):
    """A strict caller that connects as Asterisk does, and the call that it became at ours."""
    async with server(settings=settings) as listening:
        line = await connect(listening.address, **of_caller)
        async with line:
            call = await listening.take(2.0, settings=settings)
            calls = Calls()
            calls.add(call)
            yield line, call, calls


async def failure_of(step, calls):
    with pytest.raises(CallFailure) as failure:
        await play_step(step, calls)
    return str(failure.value)


async def test_a_call_has_the_callers_uuid_and_our_role():
    async with both_sides(uuid=UUID(int=7)) as (line, call, _):
        assert (call.uuid, call.role, call.other) == (UUID(int=7), Party.BOT, Party.CALLER)
        assert line.open
        assert call.record().role == "bot"


async def test_our_hangup_is_an_orderly_close_to_a_strict_caller():
    async with both_sides() as (line, call, _):
        await call.hang_up()
        ending = await line.wait_closed()
        assert (ending.by, ending.reason) == ("bot", "closed the connection")
        assert not line.listener.violations


async def test_a_turn_is_ours_and_its_reply_the_callers():
    async with both_sides() as (line, call, _):
        await call.play(recording("stop"))
        await line.say(recording("yes"))
        assert await call.wait_for_reply(1)
        await call.wait_until_quiet()
        turn = call.turns[1]
        assert turn.said == "stop"
        assert turn.response_time > 0
        assert figure_of(call, Figure.greeting_time) is None
        assert 0.0 < figure_of(call, Figure.talk_share) < 1.0


async def test_recording_has_the_caller_left_whoever_we_are():
    async with both_sides() as (line, call, _):
        await line.say(recording("yes"))
        assert await call.wait_for_reply(0)
        kept = make_recording(call.timeline, call.settings.format, call.until, call.role)
        assert np.abs(kept.caller).max() > 1000
        assert np.abs(kept.bot).max() == 0


async def test_we_speak_without_waiting_for_an_answer():
    async with both_sides() as (_, call, _calls):
        sound = recording("stop")
        await call.play(sound)
        await call.play(sound)
        assert [turn.kind for turn in call.turns] == ["greeting", "speech", "speech"]


async def test_a_bot_presses_no_keys():
    async with both_sides() as (_, call, _calls):
        with pytest.raises(UsageError, match="A bot cannot press keys"):
            await call.press("1")


async def test_keys_come_in_order_and_count_once():
    async with both_sides() as (line, _, calls):
        for key in "12#4":
            line.press(key)
        await play_step(CallerShouldSendDTMF(keys="12#", within=2.0), calls)
        await play_step(CallerShouldSendDTMF(keys="4", within=2.0), calls)
        text = await failure_of(CallerShouldSendDTMF(keys="4", within=0.1), calls)
        assert text.startswith("Caller did not press 4 within 600 ms.")


async def test_wrong_keys_are_told_at_once():
    async with both_sides() as (line, _, calls):
        line.press("3")
        text = await failure_of(CallerShouldSendDTMF(keys="12", within=30.0), calls)
        assert text.startswith("Caller pressed 3, not 12 within")


async def test_late_keys_are_a_soft_failure_with_the_true_figure():
    async with both_sides() as (line, _, calls):
        asyncio.get_running_loop().call_later(0.3, line.press, "1")
        with pytest.raises(CallFailure, match=r"Caller pressed 1 after \d+ ms \(limit 100 ms\)") as failure:
            await play_step(CallerShouldSendDTMF(keys="1", within=0.1), calls)
        assert failure.value.soft


async def test_keys_that_a_hangup_cut_off():
    async with both_sides() as (line, _, calls):
        line.press("1")
        line.close()
        text = await failure_of(CallerShouldSendDTMF(keys="12", within=2.0), calls)
        assert "The caller hung up after" in text
        assert "before the caller had pressed 12 (it pressed 1)" in text


async def test_caller_hangs_up_in_time_or_not_at_all():
    async with both_sides() as (line, _, calls):
        text = await failure_of(CallerShouldHangUpWithin(limit=0.2), calls)
        assert text.startswith("Caller did not hang up within 600 ms after the last speech (limit 200 ms).")
        line.close()
        await play_step(CallerShouldHangUpWithin(limit=60.0), calls)


async def test_a_caller_that_closes_before_it_has_read_all_has_hung_up():
    async with both_sides() as (line, call, calls):
        line.pause_reading()
        await asyncio.sleep(0.2)  # of our silence
        line.close()
        await play_step(CallerShouldHangUpWithin(limit=60.0), calls)
        ending = call.timeline.ending
        assert (ending.by, ending.reason) == ("caller", "closed the connection before it had read all (RST)")
        assert call.timeline.findings == []


async def test_what_is_expected_of_the_bot_is_refused_where_we_are_it():
    async with both_sides() as (_, _call, calls):
        with pytest.raises(UsageError, match="In this call we are the bot: expect something of the caller"):
            await play_step(BotShouldReplyWithin(limit=1.0), calls)


@pytest.mark.parametrize("sent", [AudioFormat.slin, AudioFormat.slin16, AudioFormat.ulaw])
async def test_format_is_told_by_the_first_frame(sent):
    async with both_sides(format=sent) as (_, _call, calls):
        await play_step(CallFormatShouldBe(format=sent), calls)
        text = await failure_of(CallFormatShouldBe(format=AudioFormat.slin48), calls)
        assert text.startswith(f"Caller sends {sent.name}")
        assert text.endswith(f"{sent.size} bytes a frame), not slin48")


async def test_a_silent_caller_has_no_format():
    async with both_sides(dtx=True) as (_, _call, calls):
        text = await failure_of(CallFormatShouldBe(format=AudioFormat.slin), calls)
        assert text == "Caller sent no audio within 600 ms; expected slin"


def test_formats_in_0x10_are_told_apart_by_size():
    assert formats_of(0x10, 160) == [AudioFormat.ulaw, AudioFormat.alaw]
    assert formats_of(0x12, 1280) == [AudioFormat.slin16]
    assert formats_of(0x10, 100) == []


async def test_calls_wait_in_order_and_may_be_over():
    async with server() as listening:
        for number in (1, 2):
            async with await connect(listening.address, uuid=UUID(int=number)):
                pass
        assert (await listening.take(2.0, uuid=UUID(int=2))).uuid.int == 2
        first = await listening.take(2.0)
        assert (first.uuid.int, first.over) == (1, True)


async def test_more_calls_than_may_wait_are_hung_up():
    async with server(most=1) as listening, await connect(listening.address):
        second = await connect(listening.address)
        assert (await second.wait_closed()).by == "bot"
        assert (len(listening.waiting), listening.turned_away) == (1, 1)


@pytest.mark.parametrize(
    ("sent", "told"),
    [(b"", "the last: it ended before a UUID came ("), (b"\x10\x00\x02\x00\x00", "began with a frame of type 0x10")],
)
async def test_what_sends_no_uuid_is_no_call(sent, told):
    async with server() as listening:
        _, writer = await asyncio.open_connection(listening.address.host, listening.address.port)
        writer.write(sent)
        if not sent:
            writer.close()
        with pytest.raises(CallFailure) as failure:
            await listening.take(0.5)
        writer.close()
        assert told in str(failure.value)
        assert not listening.waiting


async def test_no_call_names_those_that_wait():
    async with server() as listening, await connect(listening.address, uuid=UUID(int=5)):
        with pytest.raises(CallFailure) as failure:
            await listening.take(0.5, uuid=UUID(int=6))
        assert str(failure.value) == (
            f"No call with the UUID {UUID(int=6)} came to {listening.address} within 500 ms (waiting: {UUID(int=5)}). "
            f"Does the dialplan come to AudioSocket(<uuid>,{listening.address}), and can the PBX reach it there?"
        )


async def test_stopping_hangs_up_and_tells_what_nobody_took():
    listening = CallServer()
    await listening.start()
    line = await connect(listening.address)
    taken = await connect(listening.address)
    call = await listening.take(2.0, uuid=taken.uuid)
    [left] = await listening.stop()
    assert (await line.wait_closed()).by == (await taken.wait_closed()).by == "bot"
    assert (left.uuid, call.over) == (line.uuid, True)


async def test_a_call_between_two_of_ours():
    async with server() as listening, await Call.place(listening.address) as placed:
        answered = await listening.take(2.0)
        assert answered.uuid == placed.uuid
        assert answered.id != placed.id


def test_messages_of_the_keywords(tmp_path):
    run = run_robot(
        tmp_path,
        """\
No Call
    Wait For Call    200 ms
Second Server
    Start AudioSocket Server
Wrong Subject
    A Call Has Come
    Bot Should Greet Within    1 s
Wrong Subject In A Placed Call
    A Call Has Come
    Caller Should Hang Up Within    1 s    call=pbx
Wrong UUID
    A Call Has Come
    Call Should Have UUID    40325ec2-5efd-4bd3-805f-53576e581d13
No Keys
    A Call Has Come
    Caller Should Send DTMF    1    within=100 ms
Other Words
    A Call Has Come
    Use Recogniser    phrases    scope=test
    Play    stop    call=pbx    at=call starts
    Caller Should Say    зимові шини    within=1 s
Another Format
    A Call Has Come
    Call Format Should Be    slin16
Caller Left
    A Call Has Come
    Hang Up    call=pbx
    Play    stop
Both Sides Are Shown
    A Call Has Come
    Play    stop
    Send DTMF    1    call=pbx
    Caller Should Send DTMF    1
Never Waited For
    Place Call    ${SERVER}
No Server
    Stop AudioSocket Server
    Wait For Call
""",
        settings=SETTINGS,
    )
    assert run.message("No Call").startswith("No call came to 127.0.0.1:")
    assert run.message("Second Server").startswith("A server listens already, on 127.0.0.1:")
    assert run.message("Wrong Subject").startswith("In this call we are the bot")
    assert run.message("Wrong Subject In A Placed Call").startswith("In this call we are the caller")
    assert "not 40325ec2" in run.message("Wrong UUID")
    assert run.message("No Keys").startswith("Caller did not press 1 within 1 s.")
    assert re.fullmatch(
        r"Caller did not say 'зимові шини' within .*\. It said: 'Стоп, досить'\. Listen: .*", run.message("Other Words")
    ), run.message("Other Words")
    assert run.message("Another Format") == "Caller sends slin (0x10 AUDIO, 320 bytes a frame), not slin16"
    assert run.message("Caller Left").startswith("The caller hung up after")
    assert run.status("Both Sides Are Shown") == "PASS"
    shown = run.metadata("Both Sides Are Shown")
    assert "| bot | Стоп, досить (stop" in shown["Dialogue 2 (bot)"]
    assert "| caller | presses 1 |" in shown["Dialogue 2 (bot)"]
    assert '"role":"bot"' in shown["Record"]
    assert "1 call came to 127.0.0.1" in run.console
    assert "nobody waited for it (Wait For Call)" in run.console
    assert "Use 'Start AudioSocket Server' first" in run.message("No Server")
