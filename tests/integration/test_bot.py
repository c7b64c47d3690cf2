"""The reference bot over real sockets, called as Asterisk would call it and as nobody should."""

import asyncio
import json
import os

import numpy as np
import pytest

from AudioSocketLibrary.bot import Bot, BotSettings
from AudioSocketLibrary.call import Call, CallSettings, Moment
from AudioSocketLibrary.media import Sound, load_sound, tone, utterance_path
from AudioSocketLibrary.protocol import AudioFormat, encode
from AudioSocketLibrary.transport import Playback, connect

pytestmark = pytest.mark.integration

SLACK = 0.25
"""Seconds of grace: the machine is shared."""


def caller_says(name="stop", rate=8000):
    return load_sound(utterance_path(name), rate)


def a_tone(seconds=0.3, frequency=700):
    samples = np.concatenate([tone(frequency, seconds, 8000), np.zeros(400, np.int16)])
    return Sound.from_samples(samples, 8000, "tone")


@pytest.fixture(autouse=True)
async def last_round():
    """Lets the callers' ears end their last round: what waits for it when its loop ends is never let go."""
    yield
    await asyncio.sleep(0.03)


async def until(check, limit=10.0):
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_greets_replies_after_the_delay_and_hangs_up():
    settings = BotSettings(
        greeting="one_moment", reply_after=(0.7,), replies=("one_moment", "still_there"), hang_up_after_turn=2
    )
    lines = []
    async with Bot(settings, log=lines.append) as bot, await Call.place(bot.address) as call:
        await call.play(caller_says())
        await call.play(caller_says())
        ending = await asyncio.wait_for(call.line.wait_closed(), 10)
        assert ending.by == "bot"
        assert call.greeting_time == pytest.approx(0.1, abs=SLACK)
        assert [turn.response_time for turn in call.turns[1:]] == pytest.approx([0.7, 0.7], abs=SLACK)
        assert [len(turn.parts) for turn in call.turns] == [1, 1, 1]
        assert call.turns[2].parts[0].end - call.turns[2].parts[0].start == pytest.approx(0.83, abs=SLACK)
    assert [line.split(": ", 1)[1] for line in lines if "says" in line] == [
        "turn 0: says one_moment",
        "turn 1: says one_moment",
        "turn 2: says still_there",
    ]


@pytest.mark.parametrize("yields_after", [0.2, None], ids=["yields", "never"])
async def test_spoken_over(yields_after):
    settings = BotSettings(greeting="promotions", yields_after=yields_after, endpoint=0.3)
    async with Bot(settings) as bot, await Call.place(bot.address) as call:
        await until(lambda: call.turns[0].parts)
        call.line.play(playback_of(call, a_tone(0.8)))
        await asyncio.sleep(1.2)
        spoke_until = call.timeline.hearing.last_voiced
        stopped = spoke_until - call.turns[0].parts[0].start < 1.0
        assert stopped == (yields_after is not None)


def playback_of(call, sound):
    return Playback(call.line.encode(sound), call.line.samples)


async def test_who_resumes_before_the_reply_is_not_replied_to_twice():
    settings = BotSettings(greeting=None, replies=("one_moment",), reply_after=(1.0,), endpoint=0.2)
    lines = []
    async with (
        Bot(settings, log=lines.append) as bot,
        await Call.place(bot.address, CallSettings(greets=False)) as call,
    ):
        call.line.play(playback_of(call, a_tone(0.4)))
        await asyncio.sleep(0.9)
        call.line.play(playback_of(call, a_tone(0.4)))
        await asyncio.sleep(2.0)
    assert sum("says one_moment" in line for line in lines) == 1


async def test_answers_keys_once_for_keys_in_a_row():
    lines = []
    settings = BotSettings(greeting=None, reply_after=(0.4,))
    async with (
        Bot(settings, log=lines.append) as bot,
        await Call.place(bot.address, CallSettings(greets=False)) as call,
    ):
        await call.press("991")
        await until(lambda: any("says" in line for line in lines))
        await asyncio.sleep(0.1)
        await call.press("0#", at=Moment.parse("300 ms after bot starts"))
        await until(lambda: any("not_understood" in line for line in lines))
    said = [line.split(": ", 1)[1] for line in lines if "says" in line]
    assert said == ["turn 1: says tyres_found", "turn 2: says not_understood"]


async def test_asks_after_silence():
    lines = []
    async with (
        Bot(BotSettings(greeting="one_moment", silence_after=0.8), log=lines.append) as bot,
        await Call.place(bot.address) as call,
    ):
        await until(lambda: sum("still_there" in line for line in lines) == 2)
        assert len(call.turns[0].parts) >= 2
    assert sum(line.endswith(": silence") for line in lines) == 2


@pytest.mark.parametrize("fill", ["silence", "nothing"])
async def test_fills_the_pauses_or_not(fill):
    settings = BotSettings(greeting=None, silence_after=None, fill=fill)
    async with Bot(settings) as bot, await connect(bot.address) as line:
        await asyncio.sleep(0.5)
        assert bool(line.listener.frames) == (fill == "silence")


async def test_echo_is_bit_exact():
    sent = [os.urandom(size) for size in (320, 2, 7, 1000, 65535)] + [os.urandom(320) for _ in range(20)]
    async with Bot(BotSettings(echo=True)) as bot, await connect(bot.address, dtx=True) as line:
        for number, payload in enumerate(sent):
            line.send(encode(0x10 + number % 9, payload))
            await asyncio.sleep(0.002)
        await until(lambda: len(line.listener.frames) == len(sent))
        assert [(frame.type, frame.payload) for frame in line.listener.frames] == [
            (0x10 + number % 9, payload) for number, payload in enumerate(sent)
        ]


async def test_calibration_keeps_its_programmed_delays_and_tells_the_truth(tmp_path):
    truth = tmp_path / "truth.jsonl"
    delays = (0.05, 0.133, 0.171)
    settings = BotSettings(calibration=True, reply_after=delays)
    async with (
        Bot(settings, truth=truth) as bot,
        await Call.place(bot.address, CallSettings(greets=False, reply_pause=0.3)) as call,
    ):
        for length in (0.3, 0.3117, 0.2931, 0.3):
            await call.play(a_tone(length))
            await call.wait_until_replied()
        rows = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
        assert [each["turn"] for each in rows] == [1, 2, 3, 4]
        assert {each["uuid"] for each in rows} == {str(call.uuid)}
        assert [each["delay"] for each in rows] == [0.05, 0.133, 0.171, 0.05]
        for each, turn in zip(rows, call.turns[1:], strict=True):
            assert each["planned"] == pytest.approx(each["last_voiced"] + each["delay"])
            assert each["last_voiced"] == pytest.approx(turn.end, abs=SLACK)
            assert each["sent"] == pytest.approx(turn.parts[0].start, abs=SLACK)
            assert turn.response_time == pytest.approx(each["delay"], abs=SLACK)
        # On the same clock, most of it is exact even here.
        assert np.median([abs(each["sent"] - each["planned"]) for each in rows]) < 0.025


async def test_answers_in_the_format_that_it_was_told():
    async with (
        Bot(BotSettings(format=AudioFormat.slin16, greeting="one_moment", replies=("one_moment",))) as bot,
        await Call.place(bot.address, CallSettings(format=AudioFormat.slin16)) as call,
    ):
        await call.play(caller_says(rate=16000))
        await call.wait_until_replied()
        assert call.turns[1].response_time == pytest.approx(0.6, abs=SLACK)
