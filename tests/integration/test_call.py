"""A measured call to a bot of the test's own: turns, times, moments, what went wrong and how it is told."""

import asyncio
import contextlib
import re
from time import perf_counter, sleep

import numpy as np
import pytest

from AudioSocketLibrary.call import Call, CallSettings, Depth, Figure, Moment, figure_of, make_recording
from AudioSocketLibrary.media import Sound, find_speech, load_sound, tone
from AudioSocketLibrary.protocol import AsteriskVersion, AudioFormat
from AudioSocketLibrary.records import CallFailure, FailureKind, UsageError
from AudioSocketLibrary.transport import Address
from tests.helpers.raw_bot import RawBot, frame
from tests.helpers.raw_bot import tone as raw_tone

pytestmark = pytest.mark.integration

NEAR = 0.06
"""Seconds by which a busy machine may be late in what the bot of the test does."""


def speech(length=0.3, *, lead=0.0, tail=0.0, rate=8000, name="hello"):
    parts = [np.zeros(round(lead * rate), np.int16), tone(400, length, rate), np.zeros(round(tail * rate), np.int16)]
    return Sound.from_samples(np.concatenate(parts), rate, name)


def place(bot, **settings):
    return Call.place(Address("127.0.0.1", bot.port), CallSettings(**settings))


async def failure_of(doing):
    with pytest.raises(CallFailure) as failure:
        await asyncio.wait_for(doing, 20)
    return failure.value


def reply(line, after, length, since=0.0):
    """Wait until the caller spoke and stopped; speak ``after`` seconds later. Returns the true response time."""
    line.wait(lambda: line.hears_voice(since))
    while True:
        last = max(at for at, kind, payload in list(line.frames) if kind == 0x10 and any(payload))
        if perf_counter() - last > 0.1:
            break
        sleep(0.005)
    stopped = last + 0.020  # the tone fills its last frame
    sleep(max(0.0, stopped + after - perf_counter()))
    start, _ = line.say(length)
    return start - stopped


# -- turns and times --------------------------------------------------------------------------------------------------


async def test_a_dialogue_its_turns_and_its_figures(tmp_path):
    true = {}

    def script(line):
        line.wait_frames(1)
        uuid_at = line.frames[0][0]
        line.hush(0.4)
        true["greeting"] = line.say(0.5)[0] - uuid_at
        true["first"] = reply(line, 0.5, 0.4)
        since = perf_counter()
        true["second"] = reply(line, 0.3, 0.3, since)
        line.hush(0.5)  # the same part
        line.say(0.3)
        sleep(1.0)  # 1 s: another
        line.say(0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot) as call:
            assert call.greeting_time is None
            await call.play(speech(lead=0.1, tail=0.5))
            assert call.line.playing, "it returns at the last voiced sample, not at the end of the silence behind it"
            assert abs(call.turns[-1].end - perf_counter()) < NEAR
            await call.wait_until_replied()
            await call.play(speech(name="again.wav"), said="once more")
            await call.wait_until_replied()
            assert len(call.turns[2].parts) == 1
            await asyncio.sleep(1.0)
        record = call.record()
        recording = make_recording(call.timeline, AudioFormat.slin, call.until)

    assert [(turn.number, turn.kind, turn.said) for turn in record.turns] == [
        (0, "greeting", ""), (1, "speech", "hello"), (2, "speech", "once more"),
    ]  # fmt: skip
    assert [len(turn.parts) for turn in record.turns] == [1, 1, 2]
    greeting, first, second = record.turns
    assert record.figures["greeting_time"] == pytest.approx(true["greeting"], abs=NEAR)
    assert first.response_time == pytest.approx(true["first"], abs=NEAR)
    assert second.response_time == pytest.approx(true["second"], abs=NEAR)
    assert record.figures["response_time"] == max(first.response_time, second.response_time)
    assert figure_of(call, Figure.response_time, 2) == second.response_time
    assert second.parts[0].length == pytest.approx(1.1, abs=NEAR)
    # Politely: what the caller says begins 800 ms after the bot has stopped.
    assert first.start - greeting.parts[-1].end == pytest.approx(0.8 + 0.1, abs=NEAR)
    assert [turn.barge_in_time for turn in record.turns] == [None] * 3
    assert record.figures["dead_air"] == pytest.approx(1.0, abs=NEAR)
    assert (record.ended_by, record.reason, record.findings) == ("caller", "hung up", ())
    assert 0.4 < record.figures["talk_share"] < 1
    assert record.figures["frames_sent"] >= 150

    # The recording shows the same, at the same seconds.
    path = tmp_path / "recordings" / "call.wav"
    recording.save(path)
    assert not path.with_suffix(".arrived.wav").exists()
    assert recording.arrived is None
    said = [(a / 8000, b / 8000) for a, b in find_speech(recording.caller, 8000)]
    assert said == [pytest.approx((turn.start, turn.end), abs=NEAR) for turn in (first, second)]
    heard = [(a / 8000, b / 8000) for a, b in find_speech(recording.bot, 8000)]
    assert heard[0] == pytest.approx((greeting.parts[0].start, greeting.parts[0].end), abs=NEAR)
    assert load_sound(path, 8000).duration == pytest.approx(record.length, abs=0.01)


async def test_the_caller_interrupts():
    true = {}

    def script(line):
        line.wait_frames(1)
        start = perf_counter()
        line.stream(raw_tone(6.0), until=lambda: line.voiced_at() and perf_counter() - line.voiced_at() > 0.3)
        true["talked"] = perf_counter() - start
        true["stopped"] = perf_counter() - line.voiced_at()
        true["response"] = reply(line, 0.4, 0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot) as call:
            await call.play(speech(0.6, lead=0.2), at=Moment.parse("900 ms after bot starts"))
            assert await call.wait_for_reply(1)
            await call.wait_until_quiet()
    record = call.record()
    greeting, turn = record.turns
    assert turn.start - greeting.parts[0].start == pytest.approx(0.9, abs=0.03 + NEAR / 2)
    assert turn.barge_in_time == pytest.approx(true["stopped"], abs=NEAR)
    assert figure_of(call, Figure.barge_in_time) == turn.barge_in_time
    assert turn.response_time == pytest.approx(true["response"], abs=NEAR)
    assert len(turn.parts) == 1, "the tail of what was interrupted is no reply"


async def test_the_bot_interrupts():
    def script(line):
        line.wait(line.hears_voice)
        sleep(0.4)
        line.say(0.5)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4, greets=False) as call:
            await call.play(speech(1.0))
            await call.wait_until_replied()
    [_, turn] = call.record().turns
    assert turn.response_time == pytest.approx(-0.6, abs=NEAR)
    assert turn.barge_in_time is None


async def test_a_mere_sound_begins_no_turn():
    def script(line):
        line.wait_frames(1)
        line.say(1.5)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4) as call:
            await call.play(speech(0.2, name="cough"), at=Moment.parse("200 ms after bot starts"), turn=False)
            await call.wait_until_quiet()
    record = call.record()
    assert len(record.turns) == 1
    [(span, name)] = record.sounds
    assert (name, span.length) == ("cough", pytest.approx(0.2, abs=NEAR))


async def test_keys_begin_a_turn():
    def script(line):
        line.wait(lambda: len(line.of(0x03)) == 3)
        sleep(0.3)
        line.say(0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4, greets=False) as call:
            await call.press("1#A")
            await call.wait_until_replied()
        pressed = bot.line.of(0x03)
    assert [payload for _, payload in pressed] == [b"1", b"#", b"A"]
    assert pressed[2][0] - pressed[0][0] == pytest.approx(0.2, abs=NEAR)
    record = call.record()
    assert [key for _, key in record.keys] == ["1", "#", "A"]
    turn = record.turns[1]
    assert (turn.kind, turn.said) == ("keys", "1#A")
    assert turn.response_time == pytest.approx(0.3, abs=NEAR)


async def test_no_such_keys():
    with RawBot() as bot:
        async with await place(bot, greets=False) as call:
            with pytest.raises(UsageError, match="A DTMF key is one of"):
                await call.press("1x")
            with pytest.raises(UsageError, match="No keys to press"):
                await call.press("")
        async with await place(bot, greets=False, asterisk=AsteriskVersion("20.9")) as call:
            with pytest.raises(UsageError, match=r"Asterisk 20\.9 does not tell the bot about keys"):
                await call.press("1")


@pytest.mark.parametrize("depth", list(Depth), ids=lambda each: each.name)
async def test_times_are_the_same_at_both_depths(depth):
    def script(line):
        line.wait_frames(1)
        line.hush(0.3)
        line.say(0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4, depth=depth) as call:
            await call.wait_until_replied()
    assert call.greeting_time == pytest.approx(0.3, abs=NEAR)
    assert bool(call.timeline.sent_frames) == (depth is Depth.FRAMES)
    assert bool(call.timeline.hearing.played) == (depth is Depth.FRAMES)


# -- moments ----------------------------------------------------------------------------------------------------------


def two_words(line):
    """Says two words, with 450 ms between them."""
    line.wait_frames(1)
    line.hush(0.2)
    line.say(0.4)
    line.hush(0.45)
    line.say(0.4)
    line.hush(2.0)
    line.wait_end()


async def test_when_the_bot_pauses_and_when_it_stops():
    with RawBot(two_words) as bot:

        async def begin(moment):
            async with await place(bot) as call:
                await call.play(speech(0.2, lead=0.1), at=Moment.parse(moment))
                return call.turns[1].start - call.turns[0].parts[0].start

        pauses, stops, later = await asyncio.gather(
            begin("bot pauses"), begin("bot stops"), begin("300 ms after bot stops")
        )
    # What is known only when it is there can be begun only then: the recording's own silence comes on top.
    assert pauses == pytest.approx(0.4 + 0.2, abs=0.1 + NEAR)
    assert stops == pytest.approx(1.25 + 0.8, abs=0.1 + NEAR)
    assert later == pytest.approx(1.25 + 0.8 + 0.3, abs=NEAR)


async def test_after_the_caller_or_the_start_of_the_call():
    with RawBot() as bot:
        async with await place(bot, greets=False) as call:
            with pytest.raises(UsageError, match="'caller stops' has no meaning before the caller has said anything"):
                await call.play(speech(), at=Moment.parse("1 s after caller stops"))
            await call.play(speech(), at=Moment.parse("400 ms after call starts"))
            await call.play(speech(), at=Moment.parse("300 ms after caller stops"))
    _, first, second = call.record().turns
    assert first.start == pytest.approx(call.seconds(call.line.uuid_at) + 0.4, abs=0.03)
    assert second.start - first.end == pytest.approx(0.3, abs=0.03)


async def test_a_moment_that_has_passed():
    def script(line):
        line.wait_frames(1)
        line.say(0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot) as call:
            await call.wait_until_replied()
            failure = await failure_of(call.play(speech(), at=Moment.parse("200 ms after bot starts")))
    assert failure.kind == FailureKind.MISSED_MOMENT
    assert re.fullmatch(
        r"'hello' could be said only (9\d\d ms|1(\.\d+)? s) too late: 200 ms after the bot starts was over "
        r"when it came to it\. Take a later moment, or do less before",
        str(failure),
    )


async def test_a_moment_that_never_comes():
    with RawBot() as bot:
        async with await place(bot, greeting_timeout=0.3) as call:
            failure = await failure_of(call.play(speech(), at=Moment.parse("900 ms after bot starts")))
    assert failure.kind == FailureKind.NO_GREETING
    assert re.match(
        r"'hello' should have been said 900 ms after the bot starts, but the bot did not speak within 300 ms\.",
        str(failure),
    )


# -- a call that ends, or does not ------------------------------------------------------------------------------------


async def test_the_longest_length():
    with RawBot() as bot:
        async with await place(bot, greets=False, max_length=0.4) as call:
            failure = await failure_of(call.play(speech(3.0)))
        assert bot.line.wait_end() == "eof"
    assert failure.kind == FailureKind.TOO_LONG
    assert re.match(
        r"The call was hung up after 4\d\d ms, before all of 'hello' was said: "
        r"that is its longest length \(max_length\)\.",
        str(failure),
    )
    assert call.record().turns[1].end == pytest.approx(0.4, abs=NEAR), "what was said until then"


async def test_the_caller_hangs_up_while_something_waits():
    with RawBot() as bot:
        call = await place(bot)
        waits = asyncio.ensure_future(failure_of(call.wait_until_replied()))
        plays = asyncio.ensure_future(failure_of(call.play(speech())))
        presses = asyncio.ensure_future(failure_of(call.press("1", at=Moment.parse("9 s after call starts"))))
        await asyncio.sleep(0.2)
        start = perf_counter()
        await call.hang_up()
        failures = await asyncio.gather(waits, plays, presses)
        assert perf_counter() - start < 1
    texts = [re.sub(r"\d+ ms", "N ms", str(failure)) for failure in failures]
    assert texts[0].startswith("The caller had hung up after N ms, before it had greeted.")
    assert texts[1].startswith("The caller had hung up after N ms, before it had greeted.")
    assert texts[2].startswith("The caller had hung up after N ms, before the keys '1' could be pressed.")


async def test_a_wait_can_be_cancelled_at_once():
    with RawBot() as bot:
        async with await place(bot) as call:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(call.wait_until_replied(), 0.1)
            assert call._waiters == []


async def test_nothing_is_done_in_a_call_that_is_over():
    with RawBot() as bot:
        async with await place(bot, greets=False) as call:
            pass
        for doing in (call.play(speech()), call.press("1")):
            failure = await failure_of(doing)
            assert failure.kind == FailureKind.WRONG_END
            assert str(failure).startswith("The caller had hung up after ")
        await call.hang_up()
        assert call._cutter.cancelled()


# -- bots that do it wrong --------------------------------------------------------------------------------------------


def sends(*pieces, pause=0.0):
    def script(line):
        line.wait_frames(2)
        for piece in pieces:
            with contextlib.suppress(OSError):
                line.send(piece)
            sleep(pause)
        line.wait_end()

    return script


def talks_then(end):
    def script(line):
        line.wait_frames(1)
        line.hush(0.1)
        end(line)

    return script


DROPPED = r"Asterisk 22\.10 would have dropped this call after \d+ ms: "
LISTEN = r"\. Listen: recordings/[0-9a-f]{8}\.wav at 0\.\d s"
GO_ON = r"\. Tell the bot's developers; to go on regardless: Place Call    rules=lenient" + LISTEN
SINCE = r"which no Asterisk since 22\.4 \(20\.14, 21\.9\) accepts"

# what the bot does, who ended the call, what the next step says, the findings of a strict and of a lenient call
WRONG = {
    "an unknown type": (
        sends(frame(0x55, b"?")), FailureKind.DROPPED, "asterisk",
        DROPPED + r"the bot sent a frame of unknown type 0x55, " + SINCE + GO_ON,
        "unknown type",
    ),
    "audio of no bytes": (
        sends(frame(0x10)), FailureKind.DROPPED, "asterisk",
        DROPPED + r"the bot sent an audio frame of 0 bytes, " + SINCE + GO_ON,
        "zero-length audio",
    ),
    "a late payload": (
        sends(b"\x10\x01\x40", bytes(320), pause=0.05), FailureKind.DROPPED, "asterisk",
        DROPPED + r"the bot let [\d.]+ ms pass before the rest of a frame's payload, "
        r"and Asterisk waits 5 ms for it" + GO_ON,
        "late payload",
    ),
    "the hangup frame": (
        talks_then(lambda line: (line.send(frame(0)), line.wait_end())), FailureKind.CUT_BY_BOT, "bot",
        r"The bot hung up after \d+ ms \(sent the hangup frame 0x00\), before it had greeted" + LISTEN, None,
    ),
    "a close": (
        talks_then(lambda line: line.close()), FailureKind.CUT_BY_BOT, "bot",
        r"The bot hung up after \d+ ms \(closed the connection\), before it had greeted" + LISTEN, None,
    ),
    "a close in the middle of a frame": (
        talks_then(lambda line: (line.send(b"\x10\x01\x40" + bytes(100)), line.close())),
        FailureKind.DROPPED, "asterisk",
        r"Asterisk 22\.10 would have dropped this call after \d+ ms: the bot closed in the middle of a frame, with .*",
        "cut mid-frame",
    ),
    "a reset": (
        talks_then(lambda line: line.reset()), FailureKind.CUT_BY_NETWORK, "network",
        r"The connection broke after \d+ ms, before it had greeted: bot reset it \(RST\)" + LISTEN,
        "connection reset",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_bot_that_does_it_wrong(name):
    script, kind, by, message, finding = WRONG[name]
    with RawBot(script) as bot:
        async with await place(bot) as call:
            failure = await failure_of(call.wait_until_replied())
        record = call.record()
        assert re.fullmatch(message, str(failure)), str(failure)
        assert (failure.kind, record.ended_by) == (kind, by)
        assert [each.kind for each in record.findings] == ([finding] if finding else [])
        if by == "asterisk" and finding != "cut mid-frame":
            async with await place(bot, rules="lenient", greeting_timeout=0.3) as call:
                failure = await failure_of(call.wait_until_replied())
            assert failure.kind == FailureKind.NO_GREETING
            assert [each.kind for each in call.record().findings] == [finding]
            assert call.record().ended_by == "caller"


async def test_a_bot_that_accepts_and_says_nothing():
    with RawBot() as bot:
        async with await place(bot, greeting_timeout=0.3) as call:
            failure = await failure_of(call.play(speech()))
    assert (failure.kind, failure.soft) == (FailureKind.NO_GREETING, False)
    assert re.fullmatch(
        r"Bot did not greet within 300 ms: it accepted the call and sent no audio at all\. "
        r"Listen: recordings/[0-9a-f]{8}\.wav",
        str(failure),
    )


async def test_a_bot_that_sends_silence_only():
    def script(line):
        line.hush(2.0)

    with RawBot(script) as bot:
        async with await place(bot, greets=False, turn_timeout=0.4) as call:
            await call.play(speech(name="tyres"))
            failure = await failure_of(call.play(speech()))
    assert failure.kind == FailureKind.NO_REPLY
    silence = r"Bot did not reply to 'tyres' within 400 ms \(turn 1\): all it sent is silence\. Listen: "
    assert re.match(silence, str(failure))
    assert failure.judgement.turn == 1


async def test_a_bot_that_sends_faster_than_real_time(tmp_path):
    def script(line):
        line.wait_frames(1)
        line.send(b"".join(frame(0x10, raw_tone(0.02, start=160 * n)) for n in range(150)))
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot) as call:
            assert await call.wait_for_reply(0)
            await asyncio.sleep(0.5)
    record = call.record()
    lost = record.figures["lost_by_phone"]
    assert lost == pytest.approx(3.0 - 0.2, abs=0.15)
    assert record.figures["ahead_of_real_time"] == pytest.approx(2.98, abs=0.15)
    [finding] = record.findings
    assert finding.kind == "burst"
    assert re.fullmatch(
        r"the bot sent faster than real time: a phone that holds 200 ms lost 2\.\d+ s of it\. "
        r"Send one frame of 20 ms every 20 ms",
        finding.text,
    )
    recording = make_recording(call.timeline, AudioFormat.slin, call.until)
    path = tmp_path / "call.wav"
    recording.save(path)
    assert path.with_suffix(".arrived.wav").exists()
    heard, arrived = np.count_nonzero(recording.bot) / 8000, np.count_nonzero(recording.arrived) / 8000
    assert 0.15 < heard < 0.35
    assert arrived > heard + 0.2


async def test_mutual_silence():
    with RawBot() as bot:
        async with await place(bot, dtx=True) as call:
            failure = await failure_of(call.wait_until_replied())
    assert failure.kind == FailureKind.DROPPED
    assert re.match(
        r"Asterisk 22\.10 would have dropped this call after 2(\.\d+)? s: "
        r"neither side sent a frame for 2\.\d+ s \(limit 2 s\)",
        str(failure),
    )
    assert call.record().length == pytest.approx(2.02, abs=0.15)


async def test_a_gap_in_the_middle_of_speech():
    def script(line):
        line.wait_frames(1)
        line.hush(0.2)
        line.say(0.4)
        sleep(0.25)
        line.say(0.4)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4) as call:
            await call.wait_until_replied()
    record = call.record()
    assert record.figures["longest_gap"] == pytest.approx(0.25, abs=NEAR)
    assert [each.kind for each in record.findings] == ["gap"]
    assert re.fullmatch(
        r"the bot's audio paused for 2\d\d ms in the middle of speech \(more than 60 ms is heard\)",
        record.findings[0].text,
    )


async def test_a_hiccup_in_silence_does_not_lengthen_the_replies():
    true = {}

    def script(line):
        line.wait_frames(1)
        line.say(0.3)
        line.hush(0.4)
        sleep(0.15)  # 150 ms late: then all that was due comes at once
        line.send(frame(0x10, bytes(320)) * 7)
        line.hush(0.5)
        true["response"] = reply(line, 0.3, 0.3)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4) as call:
            await call.wait_until_replied()
            await asyncio.sleep(0.7)
            await call.play(speech())
            await call.wait_until_replied()
    assert call.record().turns[1].response_time == pytest.approx(true["response"], abs=NEAR)


async def test_the_bots_rate_may_differ_from_ours():
    def script(line):
        line.wait_frames(1)
        line.hush(0.3, 24000, 0x13)
        line.say(0.4, 24000, 0x13)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, reply_pause=0.4) as call:
            await call.wait_until_replied()
        recording = make_recording(call.timeline, AudioFormat.slin, call.until)
    [part] = call.record().turns[0].parts
    assert call.greeting_time == pytest.approx(0.3, abs=NEAR)
    assert part.length == pytest.approx(0.4, abs=NEAR)
    assert recording.rate == 24000
    [(first, last)] = find_speech(recording.bot, 24000)
    assert (last - first) / 24000 == pytest.approx(0.4, abs=NEAR)


async def test_findings_are_kept_in_bounds():
    with RawBot(sends(*[frame(0x55)] * 300)) as bot:
        async with await place(bot, rules="lenient") as call:
            await asyncio.sleep(0.3)
    assert len(call.record().findings) == 100
