"""How the bot dates the caller's speech."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.bot.hearing import MOST_FRAMES, ExactHearing, Hearing
from AudioSocketLibrary.call.steady import Steady
from AudioSocketLibrary.media import Ear, encode_payload, tone
from AudioSocketLibrary.protocol import AudioFormat, Frame, FrameType, encode

pytestmark = pytest.mark.unit


def frames_from(samples, size=160):
    """Frames of ``size`` samples with the times at which they arrive, from 100.0 on."""
    padded = np.pad(samples, (0, -len(samples) % size)).astype("<i2").tobytes()
    for number, start in enumerate(range(0, len(padded), size * 2)):
        yield 100.0 + number * size / 8000, Frame(FrameType.AUDIO, padded[start : start + size * 2])


def speech(before, length, after):
    return np.concatenate([np.zeros(before, np.int16), tone(700, length / 8000, 8000), np.zeros(after, np.int16)])


@pytest.mark.parametrize("size", [160, 100, 33, 1600])
async def test_dates_speech_to_the_sample_whatever_the_frames(size):
    heard = []
    hearing = Hearing(AudioFormat.slin, lambda onset, last: heard.append((onset, last)))
    for at, frame in frames_from(speech(4003, 3210, 3000), size):
        hearing.add(at, frame)
        Ear.of(asyncio.get_running_loop()).listen()
    # A window that lies in two frames is dated by its first.
    slack = 0.0003 if size % 40 == 0 else 0.006
    assert heard[-1][0] == pytest.approx(100 + 4003 / 8000, abs=slack)
    assert hearing.last_voiced() == pytest.approx(100 + 7213 / 8000, abs=slack)
    assert heard[-1][1] == pytest.approx(100 + 7213 / 8000, abs=0.006)


@settings(max_examples=40, deadline=None)
@given(
    pieces=st.lists(st.integers(40, 9000), min_size=1, max_size=5),
    noise=st.sampled_from([0, 0, 40, 120]),
    jitter=st.lists(st.sampled_from([0, 0, 0, 0.002, 0.03, 0.19, 0.3]), min_size=1, max_size=30),
    rounds=st.lists(st.integers(1, 5), min_size=1, max_size=9),
)
def test_a_place_among_the_steady_changes_nothing_of_what_is_told(pieces, noise, jitter, rounds):
    samples = np.concatenate([np.zeros(24000, np.int16), *(speech(7000, length, 6000) for length in pieces)])
    samples = (samples * 0.9 + np.random.default_rng(7).normal(0, noise, len(samples))).astype(np.int16)
    frames, latest = [], 0.0
    for number, (at, frame) in enumerate(frames_from(samples)):
        latest = max(latest, at + jitter[number % len(jitter)])
        frames.append((latest, frame))

    async def hear(places):
        heard, taken, box = [], 0, None
        hearing = Hearing(AudioFormat.slin, lambda onset, last: heard.append((onset, last)))

        def divert(mailbox, place):
            nonlocal box, taken
            box = mailbox and (mailbox, place)
            taken += mailbox is not None
            return mailbox is not None

        if places:
            hearing.divert(divert, lambda: True)
        ear, steady = Ear.of(asyncio.get_running_loop()), Steady.of((8000, "slin", 320))
        for number, (at, frame) in enumerate(frames):
            if box is None:
                hearing.add(at, frame)
            else:
                box[0].numbers.append(box[1])
                box[0].times.append(at)
                box[0].audio += encode(*frame)
            if not number % rounds[number % len(rounds)]:
                ear.listen()
                steady.listen()
        hearing.catch_up()
        told = sorted(dict(heard).items()), hearing.last_voiced(), hearing.heard_until()
        hearing.close()
        assert len(steady) == 0
        return told, taken

    alone, never = asyncio.run(hear(places=False))
    among, placed = asyncio.run(hear(places=True))
    assert never == 0
    assert placed >= 1
    assert among == alone


async def test_bears_a_change_of_rate_and_a_flood():
    heard = []
    hearing = Hearing(AudioFormat.slin, lambda onset, last: heard.append((onset, last)))
    for at, frame in frames_from(speech(1600, 1600, 1600)):
        hearing.add(at, frame)
    wide = tone(700, 0.4, 16000).astype("<i2").tobytes()
    for number in range(20):
        hearing.add(101 + number / 50, Frame(FrameType.SLIN16, wide[number * 640 : number * 640 + 640]))
    for _ in range(MOST_FRAMES * 2):
        hearing.add(102.0, Frame(FrameType.SLIN16, b"\x01"))
    assert len(hearing._fresh) <= MOST_FRAMES
    hearing.catch_up()
    assert heard[0][0] == pytest.approx(100.2, abs=0.001)
    assert heard[-1][0] == pytest.approx(101.0, abs=0.006)


@pytest.mark.parametrize("audio", [AudioFormat.slin, AudioFormat.ulaw], ids=lambda audio: audio.name)
def test_calibration_finds_the_last_voiced_sample_in_its_frame(audio):
    events = []
    ear = ExactHearing(audio, lambda onset, last: events.append((onset, last)), lambda: events.append("silence"))
    silent, whole = np.zeros(160, np.int16), np.full(160, 5000, np.int16)
    ends_early = np.where(np.arange(160) < 71, whole, silent)
    for number, samples in enumerate((silent, whole, ends_early, silent)):
        ear.add(100 + number / 50, Frame(FrameType.AUDIO, encode_payload(samples, audio.encoding)))
    assert events[0] == events[-1] == "silence"
    assert ear.last_voiced() == pytest.approx(100.04 + 71 / 8000)
    assert events[1] == pytest.approx((100.02, 100.04))
