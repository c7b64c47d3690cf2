"""Every fault of the reference bot, as a caller notices it: over real sockets, by our own measures."""

import asyncio
import gc
import itertools
import sys
import time
from pathlib import Path

import psutil
import pytest

from AudioSocketLibrary.bot import Bot, BotSettings
from AudioSocketLibrary.call import Call, CallSettings, Moment
from AudioSocketLibrary.call.measures import figures_of, sound_findings
from AudioSocketLibrary.media import load_sound, utterance_path
from AudioSocketLibrary.media.defects import find_defects
from AudioSocketLibrary.media.frames import decode_payload
from AudioSocketLibrary.media.levels import peak_dbfs, rms_dbfs
from AudioSocketLibrary.protocol import AsteriskVersion
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Inbox, connect

pytestmark = pytest.mark.integration

SLACK = 0.25
"""Seconds of grace: the machine is shared."""
SHORT = BotSettings(greeting="one_moment", replies=("one_moment", "still_there"), reply_after=(0.6,))
QUIET = CallSettings(greets=False)


@pytest.fixture(autouse=True)
async def last_round():
    """Lets the callers' ears end their last round: what waits for it when its loop ends is never let go."""
    yield
    await asyncio.sleep(0.03)


async def until(check, limit=10.0):
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


def says(name="stop"):
    return load_sound(utterance_path(name), 8000)


def bot_with(name, given=None, settings=SHORT, **more):
    bot = Bot(settings, **more)
    bot.faults.set(name, given)
    return bot


async def ended(call, limit=5):
    return await asyncio.wait_for(call.line.wait_closed(), limit)


async def greeted(call):
    await until(lambda: call.turns[0].parts)
    await asyncio.sleep(1.2)


def arrived(call, turn=0):
    """The samples of a turn's first part as they arrived."""
    part = call.turns[turn].parts[0]
    return call.arrived(part.start, part.end)[0]


async def test_late_greeting():
    async with bot_with("late greeting", {"by": 0.8}) as bot, await Call.place(bot.address) as call:
        await greeted(call)
        assert call.greeting_time == pytest.approx(0.9, abs=SLACK)
        await call.play(says())
        await until(lambda: len(call.turns) > 1 and call.turns[1].parts)
        assert call.turns[1].response_time == pytest.approx(0.6, abs=SLACK)


async def test_slow_speech():
    async with bot_with("slow speech", {"by": "700 ms"}) as bot, await Call.place(bot.address) as call:
        await greeted(call)
        assert call.greeting_time == pytest.approx(0.8, abs=SLACK)
        await call.play(says())
        await until(lambda: len(call.turns) > 1 and call.turns[1].parts)
        assert call.turns[1].response_time == pytest.approx(1.3, abs=SLACK)


async def test_failing_speech_says_nothing_and_tells(tmp_path):
    events = tmp_path / "events.jsonl"
    settings = BotSettings(greeting="one_moment", replies=("one_moment",), hang_up_after_turn=0)
    async with (
        bot_with("failing speech", settings=settings, events=events) as bot,
        await Call.place(bot.address, QUIET) as call,
    ):
        ending = await ended(call)  # what comes after the last word comes
        assert ending.by == "bot"
        assert not call.turns[0].parts
    assert '"name": "speech failed"' in events.read_text("utf-8")


async def test_half_duplex_hears_nothing_while_it_speaks():
    settings = BotSettings(greeting="promotions", endpoint=0.3)
    async with bot_with("half duplex", settings=settings) as bot, await Call.place(bot.address) as call:
        await until(lambda: call.turns[0].parts)
        await call.play(says(), at=Moment.parse("500 ms after bot starts"))
        await asyncio.sleep(1.5)
        assert call.timeline.hearing.last_voiced > call.turns[1].start + 1.0
        bot.faults.clear()
        await asyncio.sleep(0.1)


async def test_never_stops_talking_until_it_is_cleared():
    settings = BotSettings(greeting="promotions", silence_after=None)
    async with bot_with("never stops talking", settings=settings) as bot:
        async with await Call.place(bot.address) as call:
            await call.play(says(), at=Moment.parse("500 ms after bot starts"))
            await asyncio.sleep(1.0)
            assert call.turns[1].barge_in_time is None or call.turns[1].barge_in_time > 0.9
        bot.faults.clear("never stops talking")
        async with await Call.place(bot.address) as call:
            await call.play(says(), at=Moment.parse("500 ms after bot starts"))
            await asyncio.sleep(1.0)
            assert call.turns[1].barge_in_time < 0.8


async def test_one_moment_is_a_reply_of_two_parts():
    lines = []
    settings = BotSettings(greeting=None, replies=("still_there",))
    bot = bot_with("one moment", {"by": "2.5 s"}, settings, log=lines.append)
    async with bot, await Call.place(bot.address, QUIET) as call:
        await call.play(says())
        await until(lambda: len(call.turns) > 1 and len(call.turns[1].parts) == 2)
        first, second = call.turns[1].parts
        assert call.turns[1].response_time == pytest.approx(0.6, abs=SLACK)
        assert second.start - first.start == pytest.approx(2.5, abs=SLACK)
    said = [line.rpartition(" ")[2] for line in lines if "says" in line]
    assert said == ["one_moment", "still_there"]


async def test_mute_is_set_and_cleared_while_a_call_stands():
    async with Bot(BotSettings(greeting=None)) as bot, await connect(bot.address) as line:
        await until(lambda: line.listener.frames)
        bot.faults.set("mute")
        await asyncio.sleep(0.1)
        line.listener.frames.clear()
        await asyncio.sleep(0.3)
        assert not line.listener.frames
        bot.faults.clear("mute")
        await until(lambda: line.listener.frames)


async def test_burst():
    settings = BotSettings(greeting="still_there")
    async with bot_with("burst", settings=settings) as bot, await Call.place(bot.address) as call:
        await greeted(call)
        assert figures_of(call)["ahead_of_real_time"] > 0.4
        assert any(finding.kind == "burst" for finding in sound_findings(call))


class Arrivals(Inbox):
    """When frames arrived: our own measure leaves out gaps in which this busy process may have been held up itself."""

    def __init__(self):
        super().__init__()
        self.at = []

    def heard(self, at, frame):
        self.at.append(at)


@pytest.mark.parametrize("name", ["gaps", "underruns"])
async def test_speech_that_pauses(name):
    settings = BotSettings(greeting="promotions")
    given = {"for": "450 ms", "every": "700 ms"}
    arrivals = Arrivals()
    async with bot_with(name, given, settings) as bot, await connect(bot.address, listener=arrivals):
        await asyncio.sleep(2.5)
    gaps = [(after - before, after) for before, after in itertools.pairwise(arrivals.at)]
    longest, end = max(gaps)
    assert longest > 0.4
    at_once = sum(end <= at < end + 0.01 for at in arrivals.at)
    assert (at_once > 15) == (name == "underruns")


async def sound_of(name, given=None, seconds=1.2):
    async with bot_with(name, given) as bot, await Call.place(bot.address) as call:
        await until(lambda: call.turns[0].parts)
        await asyncio.sleep(seconds)
        return find_defects(arrived(call), 8000), arrived(call)


async def test_clipped_quiet_and_noisy_audio():
    plain, samples = await sound_of("late greeting", {"by": 0})
    clipped, _ = await sound_of("clipped audio")
    assert "clipping" in {defect.kind for defect in clipped.defects} - {defect.kind for defect in plain.defects}
    _, quiet_samples = await sound_of("quiet audio", {"by": "12 dB"})
    assert peak_dbfs(samples) - peak_dbfs(quiet_samples) == pytest.approx(12, abs=1)
    async with bot_with("noisy audio", {"level": "-30 dBFS"}) as bot, await connect(bot.address) as line:
        await asyncio.sleep(0.5)
        levels = [
            rms_dbfs(decode_payload(frame.payload, "slin")) for frame in line.listener.frames if any(frame.payload)
        ]
        assert len(levels) > 10
        assert min(levels) > -36  # the recording alone has quieter frames: its first 100 ms


async def test_wrong_rate_is_twice_as_long():
    right, wrong = (await sound_of("late greeting", {"by": 0}, 2.4))[1], (await sound_of("wrong rate", None, 2.4))[1]
    assert len(wrong) / len(right) == pytest.approx(2, abs=0.4)


async def test_wrong_type_and_back():
    async with bot_with("wrong type", {"type": "0x12"}) as bot, await connect(bot.address, strict=False) as line:
        await until(lambda: line.listener.frames)
        assert {frame.type for frame in line.listener.frames} == {0x12}
        bot.faults.clear()
        await asyncio.sleep(0.1)
        line.listener.frames.clear()
        await until(lambda: line.listener.frames)
        assert {frame.type for frame in line.listener.frames} == {0x10}


async def test_odd_frames():
    async with bot_with("odd frames", {"bytes": 333}) as bot, await connect(bot.address, strict=False) as line:
        await asyncio.sleep(0.3)
        assert {len(frame.payload) for frame in line.listener.frames} == {333}


async def test_empty_frame_is_found():
    async with bot_with("empty frame", {"after": "300 ms"}) as bot, await Call.place(bot.address, QUIET) as call:
        assert (await ended(call)).by == "asterisk"
        assert [finding.kind for finding in call.timeline.findings] == ["zero-length audio"]


@pytest.mark.parametrize(
    ("name", "given", "version", "by"),
    [
        ("half header", {"after": 0.2}, "22.3", "asterisk"),
        ("late payload", {"by": "60 ms", "after": 0.2}, "22.10", "asterisk"),
        ("hang up", {"after": "300 ms"}, "22.10", "bot"),
        ("reset", {"after": "300 ms"}, "22.10", "network"),
        ("hang up mid prompt", {"after": "300 ms"}, "22.10", "bot"),
    ],
)
async def test_ends_of_calls(name, given, version, by):
    settings = CallSettings(asterisk=AsteriskVersion(version), greets=name == "hang up mid prompt")
    async with bot_with(name, given) as bot, await Call.place(bot.address, settings) as call:
        assert (await ended(call)).by == by
        assert call.until - call.began > 0.15
        assert bool(call.turns[0].parts) or name != "hang up mid prompt"


async def test_what_waits_is_dropped_with_its_fault():
    async with bot_with("hang up", {"after": 0.4}) as bot, await Call.place(bot.address) as call:
        await asyncio.sleep(0.1)
        bot.faults.clear()
        await asyncio.sleep(0.7)
        assert not call.over


async def test_refusing_above_two_calls():
    lines = []
    async with bot_with("refusing", {"above": 2}, log=lines.append) as bot:
        first, second = await connect(bot.address), await connect(bot.address)
        await until(lambda: first.listener.frames and second.listener.frames)
        refused = await connect(bot.address)
        ending = await asyncio.wait_for(refused.wait_closed(), 5)
        assert (ending.by, refused.listener.frames) == ("bot", type(refused.listener.frames)())
        first.close()
        await until(lambda: bot.calls == 1)
        async with await connect(bot.address) as served:
            await until(lambda: served.listener.frames)
        second.close()
        await until(lambda: bot.calls == 0)
    assert sum("refused: 2 calls stand already" in line for line in lines) == 1


async def test_a_knee_is_slower_with_each_call_above():
    async with bot_with("knee", {"above": 1, "by": "400 ms"}) as bot, await Call.place(bot.address) as call:
        await greeted(call)
        others = [await connect(bot.address) for _ in range(2)]
        await call.play(says())
        await until(lambda: len(call.turns) > 1 and call.turns[1].parts)
        assert call.turns[1].response_time == pytest.approx(0.6 + 2 * 0.4, abs=SLACK)
        for other in others:
            other.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_leaks_sockets_and_memory_until_cleared():
    def files():
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    lines = []
    async with bot_with("leaking sockets", {"count": 5}, log=lines.append) as bot:
        bot.faults.set("leaking memory", {"mb": 3})
        before = files()
        for _ in range(4):
            async with await connect(bot.address):
                pass
        await until(lambda: bot.calls == 0)
        assert files() - before == 20
        assert any("has leaked 12 MB" in line for line in lines)
        bot.faults.clear()
        await until(lambda: files() == before)
        gc.collect()


@pytest.mark.parametrize("where", ["process", "thread"])
async def test_a_busy_cpu(where):
    me, lines = psutil.Process(), []
    before = {child.pid for child in me.children()}
    async with Bot(SHORT, log=lines.append) as bot:
        bot.faults.set("busy cpu", {"load": "50 %", "in": where})
        await until(lambda: any("keeps a core busy for 50%" in line for line in lines))
        new = [child for child in me.children() if child.pid not in before]
        assert len(new) == (where == "process")
        spent = (lambda: sum(new[0].cpu_times()[:2])) if new else time.process_time
        began = spent()
        await until(lambda: spent() - began > 0.3, 20)
    await until(lambda: not [child for child in me.children() if child.pid not in before])


async def test_a_share_strikes_the_same_calls_again():
    async def struck():
        told = []
        async with bot_with("empty frame", {"share": "40 %", "seed": 7}) as bot:
            for _ in range(20):
                async with await connect(bot.address, strict=False) as line:
                    await until(lambda line=line: len(line.listener.frames) > 1)
                    told.append(any(not frame.payload for frame in line.listener.frames))
        return told

    first = await struck()
    assert first == await struck()
    assert 0 < sum(first) < 20


async def test_a_fault_of_one_uuid_spares_the_others():
    async with bot_with("slow speech", {"by": 5, "uuid": "ABCD"}) as bot:
        async with await Call.place(bot.address, uuid="abcd0000-0000-4000-8000-000000000001") as call:
            await asyncio.sleep(0.8)
            assert not call.turns[0].parts
        async with await Call.place(bot.address) as call:
            await greeted(call)


DIALOGUE = BotSettings(dialogue="tyre_shop", silence_after=None)


async def test_slow_and_failing_recogniser():
    lines = []
    async with Bot(DIALOGUE, log=lines.append) as bot, await Call.place(bot.address) as call:
        bot.faults.set("failing recogniser")
        await call.play(load_sound(utterance_path("winter_tyres"), 8000))
        await until(lambda: any("The recogniser fails, as it was told to" in line for line in lines), 20)
        await until(lambda: call.turns[1].parts, 20)
        assert any("not_understood" in line for line in lines)
        bot.faults.clear()
        bot.faults.set("slow recogniser", {"by": "2 s"})
        await call.play(load_sound(utterance_path("winter_tyres"), 8000))
        await until(lambda: len(call.turns) > 2 and call.turns[2].parts, 20)
        assert call.turns[2].response_time > 2.0


def test_what_a_bot_lacks_is_told():
    with pytest.raises(UsageError, match="The fault 'slow database' needs a backend, and there is none here"):
        Bot().faults.set("slow database", {"by": 1})
    with pytest.raises(UsageError, match="The fault 'failing recogniser' needs a dialogue, and there is none here"):
        Bot().faults.set("failing recogniser")
