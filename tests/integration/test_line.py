"""What really travels on a line with noise, losses and echo: from connect to hangup, sample by sample."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from AudioSocketLibrary.call import Call, CallSettings, Depth, Moment
from AudioSocketLibrary.media import Sound, load_sound, rms_dbfs, tone, utterance_path
from AudioSocketLibrary.media.line import CLEAN, Line
from AudioSocketLibrary.protocol import AudioFormat
from AudioSocketLibrary.transport import Address, Chunks
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration

AT_ONCE = Moment("call starts", 0.3)
SAID = load_sound(utterance_path("stop"), 8000)


def place(bot, **settings):
    return Call.place(Address("127.0.0.1", bot.port), CallSettings(greets=False, **settings))


def samples(line) -> np.ndarray:
    return np.frombuffer(b"".join(payload for _, payload in line.of(0x10)), "<i2")


async def talk(bot, *, at=AT_ONCE, again: float = 0.0, sound=SAID, **settings):
    async with await place(bot, **settings) as call:
        await call.play(sound, at=at)
        await asyncio.sleep(0.4)
        if again:
            await call.play(sound, at=Moment("caller stops", again))
            await asyncio.sleep(0.3)
    return call


async def test_noise_goes_on_under_words_and_silence_to_the_sample():
    line = Line("street", noise="street", snr=12.0)
    with RawBot() as bot:
        call = await talk(bot, line=line, again=0.5)
    heard = samples(bot.line).astype(int)
    loop = line.noise_loop(8000).astype(int)
    noise = np.resize(loop, len(heard))
    voice = heard - noise
    clean = line.spoken(SAID).samples.astype(int)
    where = np.flatnonzero(voice)
    assert where.size, "nothing was said"
    # All that is left when the noise is taken away is the recording, twice: the noise never jumped nor stopped.
    begun = [where[0], where[where > where[0] + len(clean)][0]]
    rest = voice.copy()
    for at in begun:
        lead = np.flatnonzero(clean)[0]
        rest[at - lead : at - lead + len(clean)] -= clean
    assert not rest.any()
    assert call.record().line == "street, snr 12 dB"
    assert np.mean(np.abs(heard[:160])) > 10, "the first media frame has noise"
    assert np.mean(np.abs(heard[-160:])) > 10, "and the last"


async def test_noise_moves_no_mark():
    times = {}
    for line in (CLEAN, Line(noise="white", snr=5.0)):
        with RawBot() as bot:
            call = await talk(bot, line=line)
        turn = call.turns[1]
        times[line.noise] = turn.end - turn.start
    assert times["white"] == pytest.approx(times[""], abs=0.01)


async def test_under_load_frames_are_shared_and_there_are_few():
    line = Line(noise="pink", snr=15.0)
    with RawBot() as bot:
        later = Moment("call starts", 2.0)  # placing the others takes its time
        calls = await asyncio.gather(*(talk(bot, at=later, line=line, depth=Depth.EVENTS) for _ in range(12)))
    frames = [call.timeline.utterances[0].playback.frames for call in calls]
    assert len({id(one) for one in frames}) <= 4
    assert {len(one) for one in frames} == {len(SAID.frames(AudioFormat.slin))}
    assert len({id(call.line.background.frames[0]) for call in calls}) == 1, "the noise is shared, too"
    for one in bot.lines:
        heard = samples(one)
        assert rms_dbfs(heard[-1600:]) == pytest.approx(-35.0, abs=3.0)


async def test_lost_frames_leave_gaps_and_the_rest_is_as_it_was():
    line = Line(loss=0.3, seed=2)
    with RawBot() as bot:
        call = await talk(bot, line=line)
    playback = call.timeline.utterances[0].playback
    lost = [index for index, frame in enumerate(playback.frames) if not frame]
    assert 0.1 < len(lost) / len(playback.frames) < 0.5
    assert lost == [index for index, gone in enumerate(line.losses(len(playback.frames), 1)) if gone]
    said = [payload for _, payload in bot.line.of(0x10) if any(payload)]
    there = [frame[3:] for frame in playback.frames if frame and any(frame[3:])]
    assert said == there
    arrived = [at for at, _ in bot.line.of(0x10)]
    assert len(arrived) < 0.9 * (arrived[-1] - arrived[0]) / 0.020, "silence is lost, too"
    assert call.turns[1].end is not None, "a lost frame has its time like any other"


async def test_a_line_that_changes_in_the_call():
    with RawBot() as bot:
        async with await place(bot) as call:
            await asyncio.sleep(0.2)
            call.outgoing.set(Line("car", noise="car"))
            await asyncio.sleep(0.2)
            call.outgoing.set(CLEAN)
            await asyncio.sleep(0.2)
    heard = [any(payload) for _, payload in bot.line.of(0x10)]
    first, last = heard.index(True), len(heard) - heard[::-1].index(True)
    assert first >= 5
    assert all(heard[first:last])
    assert len(heard) - last >= 5
    assert call.record().line == "clean then car then clean"


async def test_the_bot_hears_itself():
    said = {}

    def script(line):
        line.wait_frames(5)
        said["at"], _ = line.say(0.5)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, line=Line(echo=20.0, echo_delay=0.2)):
            await asyncio.sleep(1.2)
    came = [(at, np.frombuffer(payload, "<i2")) for at, payload in bot.line.of(0x10) if any(payload)]
    assert came[0][0] - said["at"] == pytest.approx(0.2, abs=0.06)
    middle = np.concatenate([one for _, one in came])[800:3200]
    assert rms_dbfs(middle) == pytest.approx(-12.0 - 20.0, abs=0.3)
    # One tone without a click: no sample strays from the curve of a cosine.
    second = middle[2:].astype(float) - 2 * np.cos(2 * np.pi * 400 / 8000) * middle[1:-1] + middle[:-2]
    assert np.abs(second).max() < 4


async def test_echo_beside_words():
    def script(line):
        line.wait_frames(5)
        line.say(1.5)
        line.wait_end()

    with RawBot(script) as bot:
        async with await place(bot, line=Line(echo=30.0, echo_delay=0.1)) as call:
            await call.play(Sound.from_samples(tone(1000, 0.4, 8000), 8000, "beep"), at=Moment("bot starts", 0.5))
            await asyncio.sleep(0.3)
    heard = samples(bot.line).astype(float)
    both = heard[np.abs(heard) > 5000]
    assert len(both) > 1000
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    at = {hertz: spectrum[round(hertz * len(heard) / 8000) - 3 :][:7].max() for hertz in (400, 1000)}
    assert 0.01 < at[400] / at[1000] < 0.2


@pytest.mark.parametrize("audio", [AudioFormat.ulaw, AudioFormat.alaw, AudioFormat.slin16])
async def test_other_formats(audio):
    sound = load_sound(utterance_path("stop"), audio.rate)
    with RawBot() as bot:
        call = await talk(bot, format=audio, line=Line(noise="pink", snr=15.0, echo=20.0), sound=sound)
    payloads = [payload for _, payload in bot.line.of(int(audio.type))]
    assert len(payloads) > 20
    assert len(set(payloads)) > 0.9 * len(payloads), "noise, not silence"
    assert call.turns[1].end is not None


async def test_larger_pieces():
    line = Line(noise="white", snr=10.0)
    with RawBot() as bot:
        await talk(bot, line=line, chunks=Chunks(1280, 0.08))
    heard = samples(bot.line).astype(int)
    loop = line.noise_loop(8000).astype(int)[: 80000 // 640 * 640]
    rest = heard - np.resize(loop, len(heard))
    assert not rest[:1280].any()
    assert rest.any()
    assert not rest[-640:].any()


async def test_a_sound_without_a_word_in_it_can_be_made():
    hum = Sound.from_samples(tone(200, 0.2, 8000, -58.0), 8000, "hum")
    with RawBot() as bot:
        async with await place(bot) as call:
            await call.play(hum, at=AT_ONCE, turn=False)
            await asyncio.sleep(0.1)
    assert [name for _, name in call.record().sounds] == ["hum"]
    assert len(call.turns) == 1


async def test_pace_of_the_words():
    with RawBot() as bot:
        slow = await talk(bot, line=Line(speed=0.8))
    with RawBot() as bot:
        usual = await talk(bot)
    lengths = [call.turns[1].end - call.turns[1].start for call in (slow, usual)]
    assert lengths[0] / lengths[1] == pytest.approx(1.25, abs=0.1)
