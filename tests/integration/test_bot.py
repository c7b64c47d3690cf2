"""The reference bot over real sockets, called as Asterisk would call it and as nobody should."""

import asyncio
import gc
import json
import os
import random
import socket
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from AudioSocketLibrary.bot import Bot, BotSettings, Script, row
from AudioSocketLibrary.bot.session import Session
from AudioSocketLibrary.call import Call, CallSettings
from AudioSocketLibrary.media import Sound, load_sound, tone, utterance_path
from AudioSocketLibrary.protocol import AudioFormat, FrameType, encode, encode_dtmf
from AudioSocketLibrary.transport import connect

pytestmark = pytest.mark.integration

SLACK = 0.25
"""Seconds of grace: the machine is shared."""


def caller_says(name="stop", rate=8000):
    return load_sound(utterance_path(name), rate)


def a_tone(seconds=0.3, frequency=700):
    samples = np.concatenate([tone(frequency, seconds, 8000), np.zeros(400, np.int16)])
    return Sound.from_samples(samples, 8000, "tone")


async def until(check, limit=10.0):
    async with asyncio.timeout(limit):
        while not check():
            await asyncio.sleep(0.01)


async def test_greets_replies_after_the_delay_and_hangs_up():
    settings = BotSettings(reply_after=(0.7,), replies=("one_moment", "still_there"), hang_up_after_turn=2)
    lines = []
    async with Bot(settings, log=lines.append) as bot, await Call.place(bot.address) as call:
        await call.play(caller_says())
        await call.play(caller_says("promotions"))
        ending = await asyncio.wait_for(call.line.wait_closed(), 10)
        assert ending.by == "bot"
        assert call.greeting_time == pytest.approx(0.1, abs=SLACK)
        assert [turn.response_time for turn in call.turns[1:]] == pytest.approx([0.7, 0.7], abs=SLACK)
        assert [len(turn.parts) for turn in call.turns] == [1, 1, 1]
        assert call.turns[2].parts[0].end - call.turns[2].parts[0].start == pytest.approx(0.83, abs=SLACK)
    assert [line.split(": ", 1)[1] for line in lines if "says" in line] == [
        "turn 0: says greeting",
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
        stopped = 1.0 > spoke_until - call.turns[0].parts[0].start
        assert stopped == (yields_after is not None)


def playback_of(call, sound):
    from AudioSocketLibrary.transport import Playback

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
        await call.press("0#", at=_now())
        await until(lambda: any("not_understood" in line for line in lines))
    said = [line.split(": ", 1)[1] for line in lines if "says" in line]
    assert said == ["turn 1: says tyres_found", "turn 2: says not_understood"]


def _now():
    from AudioSocketLibrary.call import Moment

    return Moment.parse("300 ms after bot starts")


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
    delays = (0.05, 0.333, 0.121)
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
        assert [each["delay"] for each in rows] == [0.05, 0.333, 0.121, 0.05]
        for each, turn in zip(rows, call.turns[1:], strict=True):
            assert each["planned"] == pytest.approx(each["last_voiced"] + each["delay"])
            assert each["last_voiced"] == pytest.approx(turn.end, abs=SLACK)
            assert each["sent"] == pytest.approx(turn.parts[0].start, abs=SLACK)
            assert turn.response_time == pytest.approx(each["delay"], abs=SLACK)
        # On the same clock, most of it is exact even here.
        assert np.median([abs(each["sent"] - each["planned"]) for each in rows]) < 0.025


async def test_answers_in_the_format_that_it_was_told():
    async with (
        Bot(BotSettings(format=AudioFormat.slin16, replies=("one_moment",))) as bot,
        await Call.place(bot.address, CallSettings(format=AudioFormat.slin16)) as call,
    ):
        await call.play(caller_says(rate=16000))
        await call.wait_until_replied()
        assert call.turns[1].response_time == pytest.approx(0.6, abs=SLACK)


@pytest.mark.parametrize(
    ("do", "by", "reason"),
    [
        ("hang up", "bot", "closed"),
        ("hang up with frame", "bot", "0x00"),
        ("reset", "network", "RST"),
        ("send", "asterisk", "0x02"),
        ("late payload", "asterisk", "60"),
        ("half header", "asterisk", "header"),
    ],
)
async def test_misbehaves_by_script(do, by, reason):
    how = {"send": {"data": "02 00 00"}, "late payload": {"by": 0.06}}.get(do, {})
    script = Script([row("connected", do, after=0.1, **how)])
    version = {"half header": "22.3"}.get(do, "22.10")
    from AudioSocketLibrary.protocol import AsteriskVersion

    async with (
        Bot(script=script) as bot,
        await Call.place(bot.address, CallSettings(asterisk=AsteriskVersion(version), greets=False)) as call,
    ):
        ending = await asyncio.wait_for(call.line.wait_closed(), 5)
        assert ending.by == by
        assert reason in ending.reason or do in ("late payload", "half header")


async def test_a_script_of_several_rows():
    script = Script([
        row("time", "burst", at=0.2, recording="one_moment"),
        row("reply ends", "frames of", bytes=100),
        row("reply ends", "pause", **{"for": 0.3}),
        row("reply ends", "mute", after=0.6),
        row("caller stops", "reset", turn=9),
    ])  # fmt: skip
    async with Bot(script=script) as bot, await connect(bot.address) as line:
        await asyncio.sleep(1.2)
        sizes = [len(frame.payload) for frame in line.listener.frames]
        assert set(sizes) == {320, 100}
        seconds = sum(sizes) / 16000
        assert 1.1 < seconds < 2.0
        count = len(sizes)
        await asyncio.sleep(0.2)
        assert len(line.listener.frames) == count


async def test_bears_what_callers_do_and_leaves_nothing_behind():
    settings = BotSettings(greeting="promotions", echo=True)
    tasks_before = len(asyncio.all_tasks())
    async with Bot(settings) as bot, await connect(bot.address) as good:
        rubbish = random.Random(1).randbytes(20000)
        coalesced = encode(FrameType.AUDIO, bytes(320)) * 76
        for number in range(500):
            reader, writer = await asyncio.open_connection(bot.address.host, bot.address.port)
            kind = number % 5
            if kind == 0:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif kind == 1:
                writer.write(rubbish)
            elif kind == 2:
                writer.write(encode(FrameType.UUID, bytes(16)) + coalesced + b"\x10")
            elif kind == 3:
                writer.write(encode_dtmf("5") * 50 + encode(FrameType.AUDIO, b"") + encode(0x20, b"?") * 3)
            writer.close()
            del reader
        deaf = []
        for _ in range(3):
            _, writer = await asyncio.open_connection(bot.address.host, bot.address.port)
            writer.transport.pause_reading()
            writer.write(coalesced * 20)
            deaf.append(writer)
        await asyncio.sleep(0.3)
        heard = len(good.listener.frames)
        await asyncio.sleep(0.5)
        assert len(good.listener.frames) > heard + 10
        assert bot.calls == 4
        for writer in deaf:
            writer.transport.abort()
        await until(lambda: bot.calls == 1)
        await asyncio.sleep(0.05)
        gc.collect()
        assert sum(isinstance(each, Session) for each in gc.get_objects()) == 1
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks_before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_sockets_come_back():
    def files():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = files()
    async with Bot() as bot:
        for _ in range(20):
            async with await connect(bot.address):
                await asyncio.sleep(0.005)
        await until(lambda: bot.calls == 0)
    await until(lambda: files() <= before + 1)
