"""How the bot speaks, tick by tick."""

import asyncio
import math

import numpy as np
import pytest

from AudioSocketLibrary.bot.mouth import MOST_ECHOED, Mouth, Saying
from AudioSocketLibrary.media import frames_of, silence_frame
from AudioSocketLibrary.protocol import AudioFormat, Frame, FrameType
from AudioSocketLibrary.transport import now

pytestmark = pytest.mark.unit

SILENCE = silence_frame(AudioFormat.slin)
WORDS = frames_of(np.arange(1, 801, dtype=np.int16), AudioFormat.slin)


class Line:
    def __init__(self):
        self.sent = []

    def send(self, data):
        self.sent.append(data)


@pytest.fixture
def mouth():
    made = Mouth(AudioFormat.slin, fill=True, on_end=lambda turn, at: made.ends.append((turn, at)))
    made.ends = []
    made.line = Line()
    return made


def say(mouth, **settings):
    values = {"not_before": 0.0, "onset": 0.0, "on_begin": lambda at: None} | settings
    mouth.say(Saying(WORDS, 3, **values))


def tick(mouth, times, start=None):
    for number in range(times):
        at = (now() if start is None else start) + number * 0.02
        mouth.tick(at, at)
    return mouth.line.sent


def test_says_the_frames_at_the_nearest_tick_then_silence(mouth):
    began = []
    say(mouth, not_before=100.05, onset=0.003, on_begin=began.append)
    assert tick(mouth, 9, 100.0) == [SILENCE, SILENCE, *WORDS, SILENCE, SILENCE]
    assert began == [pytest.approx(100.043)]
    assert mouth.ends == [(3, pytest.approx(100.14))]


@pytest.mark.parametrize(("speed", "counts"), [(math.inf, [5]), (2.0, [2, 2, 1]), (1.5, [1, 2, 1, 1])])
def test_bursts(mouth, speed, counts):
    say(mouth, speed=speed)
    seen = []
    while mouth.talking:
        before = len(mouth.line.sent)
        tick(mouth, 1)
        seen.append(len(mouth.line.sent) - before)
    assert seen == counts
    assert tuple(mouth.line.sent) == WORDS


def test_frames_of_another_size_carry_the_same_audio(mouth):
    mouth.cut_into(100)
    say(mouth)
    sent = tick(mouth, 5)
    assert {len(frame) for frame in sent} == {103}
    assert b"".join(frame[3:] for frame in sent) == b"".join(frame[3:] for frame in WORDS)


def test_echo_is_bit_exact_and_bounded(mouth):
    mouth.echoing = True
    tick(mouth, 2)
    assert mouth.line.sent == []
    mouth.echo(Frame(FrameType.SLIN12, b"abc"))
    mouth.echo(Frame(FrameType.AUDIO, b""))
    assert mouth.line.sent == [b"\x11\0\x03abc"]
    for _ in range(100):
        mouth.echo(Frame(FrameType.AUDIO, bytes(65535)))
    assert sum(map(len, mouth.line.sent)) <= MOST_ECHOED + 100


async def test_nothing_comes_between_the_halves_of_a_frame(mouth):
    mouth.late_payload = 0.03
    say(mouth)
    tick(mouth, 1)
    tick(mouth, 1)
    mouth.echo(Frame(FrameType.AUDIO, b"abcd"))
    mouth.send_raw(b"x")
    assert mouth.line.sent == [WORDS[0][:3]]
    await asyncio.sleep(0.06)
    assert mouth.line.sent == [WORDS[0][:3], WORDS[0][3:]]
    assert tick(mouth, 1)[-1] == WORDS[1]
    mouth.send_half_header(math.inf)
    assert tick(mouth, 3)[-1] == WORDS[0][:2]


def test_mute_pause_and_stop(mouth):
    say(mouth)
    tick(mouth, 1)
    mouth.pause(60)
    tick(mouth, 3)
    assert mouth.line.sent == [WORDS[0]]
    assert mouth.stop()
    assert not mouth.stop()
    mouth.mute()
    say(mouth)
    assert not mouth.talking
    assert mouth.ends == []
