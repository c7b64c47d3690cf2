"""The reference bot that misbehaves, and callers that do."""

import asyncio
import gc
import random
import socket
import struct
import sys
from pathlib import Path

import pytest

from AudioSocketLibrary import call
from AudioSocketLibrary.bot import Bot, BotSettings, Script, hearing, row
from AudioSocketLibrary.bot.agenda import Agenda
from AudioSocketLibrary.bot.caller import Caller
from AudioSocketLibrary.bot.mouth import Mouth
from AudioSocketLibrary.bot.session import Session
from AudioSocketLibrary.call import Call, CallSettings, Depth, Timeline
from AudioSocketLibrary.call.steady import Steady
from AudioSocketLibrary.media import load_sound, utterance_path
from AudioSocketLibrary.protocol import AsteriskVersion, FrameType, encode, encode_dtmf
from AudioSocketLibrary.transport import connect

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
async def last_round():
    """Lets the callers' ears end their last round: what waits for it when its loop ends is never let go."""
    yield
    await asyncio.sleep(0.03)


async def until(check, limit=10.0):
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


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


@pytest.fixture
def no_collector():
    """Whoever runs beside many calls is hardly ever collected: what is over must go by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
async def test_bears_what_callers_do_and_leaves_nothing_behind():
    settings = BotSettings(greeting="promotions", echo=True)
    tasks_before = len(asyncio.all_tasks())
    before = {id(each) for each in ours()}
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
        assert sum(type(each) is Session and id(each) not in before for each in ours()) == 1
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks_before


def ours():
    kinds = {Session, Agenda, Mouth, Caller, Call, Timeline, call.hearing.Hearing, hearing.Hearing}
    return [each for each in gc.get_objects() if type(each) in kinds]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("settings", [BotSettings(), BotSettings(dialogue="tyre_shop")], ids=["script", "dialogue"])
async def test_a_call_goes_without_the_collector_on_both_sides(settings):
    async def a_call(bot):
        async with await Call.place(bot.address, CallSettings(depth=Depth.EVENTS)) as caller:
            assert await caller.wait_for_reply(0)
            await caller.play(load_sound(utterance_path("stop"), 8000))
            assert await caller.wait_for_reply(1)

    before = {id(each) for each in ours()}
    async with Bot(settings) as bot:
        await asyncio.gather(a_call(bot), a_call(bot))
        await until(lambda: bot.calls == 0)
        await asyncio.sleep(0.3)
        assert [each for each in ours() if id(each) not in before] == []


@pytest.mark.usefixtures("no_collector")
def test_a_refused_call_goes_without_the_collector(run):
    async def main():
        async with Bot(BotSettings()) as bot:
            bot.faults.set("refusing", {"above": 0})
            for _ in range(5):
                _, writer = await asyncio.open_connection(bot.address.host, bot.address.port)
                # The UUID comes before the call's own task runs.
                writer.write(encode(FrameType.UUID, bytes(16)) + encode(FrameType.AUDIO, bytes(320)))
                await asyncio.sleep(0.03)
                writer.close()
            await asyncio.sleep(0.8)
            assert [each for each in ours() if id(each) not in before] == []

    before = {id(each) for each in ours()}
    run(main())


def test_other_frames_while_a_half_duplex_bot_speaks_make_nobody_deaf(run):
    """The bot does not listen then, so nothing tells its ear that the caller's frames have another size from now on."""

    async def main():
        async with Bot(BotSettings(greeting="promotions", greeting_after=2.6, silence_after=None)) as bot:
            bot.faults.set("half duplex", {})
            _, writer = await asyncio.open_connection(bot.address.host, bot.address.port)
            writer.write(encode(FrameType.UUID, bytes(16)))
            steady = Steady.of((8000, "slin", 320))
            for size, frames in ((320, 150), (160, 25)):
                for _ in range(frames):
                    writer.write(encode(FrameType.AUDIO, bytes(size)))
                    await asyncio.sleep(0.02)
                assert len(steady) == 1
            writer.close()
            await until(lambda: bot.calls == 0)
            assert len(steady) == 0

    run(main())


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
