"""The bot's audio fed with exact arrival times, without a socket: what is heard when."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.call.hearing import Hearing
from AudioSocketLibrary.call.kept import Spool
from AudioSocketLibrary.call.steady import LONGEST_GAP, PHONE_BUFFER
from AudioSocketLibrary.media import Ear, encode_payload, tone
from AudioSocketLibrary.protocol import AudioFormat, Frame

pytestmark = pytest.mark.unit

T0 = 1000.0
EXACT = 0.005
"""The grain in which speech is looked for."""


def sound(rate, *pieces):
    """Seconds of tone (positive) and of silence (negative)."""
    return np.concatenate(
        [tone(400, length, rate) if length > 0 else np.zeros(round(-length * rate), np.int16) for length in pieces]
    )


def arrivals(samples, audio_format=AudioFormat.slin, size=None, start=T0, speed=1.0):
    """Frames of ``size`` bytes, each sent when its first sample is due."""
    payload = encode_payload(samples, audio_format.encoding)
    size = size or audio_format.size
    width = audio_format.sample_size
    found, at = [], start
    for index in range(0, len(payload), size):
        piece = payload[index : index + size]
        found.append((at, Frame(int(audio_format.type), piece)))
        at += len(piece) // width / audio_format.rate / speed
    return found


def hear(frames, audio_format=AudioFormat.slin, batches=None, keep=True, **settings):
    """A hearing of all frames; ``batches`` tells how many arrive between two rounds of listening."""

    async def main():
        hearing = Hearing(audio_format, keep=Spool() if keep else None, **settings)
        ear = Ear.of(asyncio.get_running_loop())
        rest, sizes = list(frames), iter(batches or ())
        while rest:
            count = next(sizes, 1)
            for at, frame in rest[:count]:
                hearing.add(at, frame)
            ear.listen()
            del rest[:count]
        hearing.finish()
        return hearing

    return asyncio.run(main())


def spans(stretches, start=T0):
    return [(round(stretch.start - start, 4), round(stretch.end - start, 4)) for stretch in stretches]


def assert_spans(stretches, *expected, within=EXACT):
    got = spans(stretches)
    assert len(got) == len(expected), got
    for pair, wanted in zip(got, expected, strict=True):
        assert pair == pytest.approx(wanted, abs=within + 1e-4), (got, expected)


@pytest.mark.parametrize("audio_format", list(AudioFormat), ids=lambda each: each.name)
def test_speech_is_found_at_its_time_in_every_format(audio_format):
    samples = sound(audio_format.rate, -0.5127, 0.3, -0.4, 0.25, -0.3)
    hearing = hear(arrivals(samples, audio_format), audio_format)
    assert_spans(hearing.spans, (0.5127, 0.8127), (1.2127, 1.4627))
    assert hearing.heard is hearing.spans, "nothing was lost: the phone hears the same"
    # The beginning is known to the sample.
    assert hearing.spans[0].start - T0 == pytest.approx(0.5127, abs=1.5 / audio_format.rate)
    assert (hearing.lost, hearing.longest_gap) == (0.0, 0.0)
    assert hearing.ahead < 1e-6


@pytest.mark.parametrize("size", [2, 38, 100, 320, 334, 640, 1000, 3200, 16000])
def test_any_size_of_frames(size):
    hearing = hear(arrivals(sound(8000, -0.5127, 0.3, -0.4, 0.25, -0.3), size=size))
    assert_spans(hearing.spans, (0.5127, 0.8127), (1.2127, 1.4627))
    assert hearing.lost == 0


@pytest.mark.parametrize("size", [101, 321])
def test_the_odd_byte_of_a_frame_is_ignored(size):
    """And does not turn all that follows into noise."""
    samples = sound(8000, -0.5, 0.3, -0.7)
    frames, at = [], T0
    for index in range(0, len(samples), size // 2):
        piece = samples[index : index + size // 2]
        frames.append((at, Frame(0x10, piece.tobytes() + b"\x7f")))
        at += len(piece) / 8000
    hearing = hear(frames)
    assert_spans(hearing.spans, (0.5, 0.8))
    assert b"".join(payload for *_, payload in hearing.played) == samples.tobytes()


def test_frames_without_a_sample_do_no_harm():
    frames = arrivals(sound(8000, -0.5, 0.3, -0.3))
    empty = [(at, Frame(0x10, payload)) for at, _ in frames for payload in (b"", b"\x01")]
    hearing = hear(sorted([*frames, *empty], key=lambda each: each[0]))
    assert_spans(hearing.spans, (0.5, 0.8))
    assert hearing.frames == 3 * len(frames)
    nothing = hear(empty)
    assert (nothing.spans, nothing.frames, len(nothing.played)) == ([], len(empty), 0)


def test_the_type_tells_the_rate_and_it_may_change():
    first = arrivals(sound(8000, -0.5, 0.3, -0.3))
    second = arrivals(sound(16000, -0.2, 0.3, -0.3), AudioFormat.slin16, size=334, start=T0 + 1.1)
    third = arrivals(sound(8000, -0.2, 0.3, -0.3), start=T0 + 1.9)
    hearing = hear([*first, *second, *third])
    assert_spans(hearing.spans, (0.5, 0.8), (1.3, 1.6), (2.1, 2.4))
    assert {(rate, encoding) for _, _, rate, encoding, _ in hearing.played} == {(8000, "slin"), (16000, "slin")}


@pytest.mark.parametrize("name", ["ulaw", "alaw"])
def test_a_call_in_g711_whose_bot_answers_in_slin16(name):
    audio_format = AudioFormat[name]
    first = arrivals(sound(8000, -0.5, 0.3, -0.3), audio_format)
    second = arrivals(sound(16000, -0.2, 0.3, -0.3), AudioFormat.slin16, start=T0 + 1.1)
    assert_spans(hear([*first, *second], audio_format).spans, (0.5, 0.8), (1.3, 1.6))


def test_a_sample_is_not_heard_before_it_arrived():
    frames = arrivals(sound(8000, -0.5, 0.3, -0.3))
    late = [(at + 0.150 if at - T0 > 0.45 else at, frame) for at, frame in frames]
    assert_spans(hear(late).spans, (0.65, 0.95))


def test_nor_before_the_earlier_ones_were_played():
    # The second reply is sent while the first, sent in one go, is still being played.
    first = [(T0, frame) for _, frame in arrivals(sound(8000, -0.1, 1.0, -0.3))]
    second = arrivals(sound(8000, 0.5, -0.3), start=T0 + 0.5)
    hearing = hear([*first, *second])
    assert_spans(hearing.spans, (0.1, 1.1), (1.4, 1.9))
    assert hearing.ahead == pytest.approx(1.38, abs=0.001)


@pytest.mark.parametrize("hiccup", [0.015, 0.03, 0.1, 0.19, 0.3, 0.6])
def test_a_hiccup_in_silence_does_not_shift_what_comes_later(hiccup):
    frames = arrivals(sound(8000, -3.0, 0.3, -1.0, 0.3, -0.3))
    late = [(max(at, T0 + 1.0 + hiccup) if at > T0 + 0.99 else at, frame) for at, frame in frames]
    hearing = hear(late)
    assert_spans(hearing.spans, (3.0, 3.3), (4.3, 4.6))
    assert (hearing.longest_gap, hearing.lost) == (0.0, 0.0)


def test_nor_do_many_small_ones():
    frames = arrivals(sound(8000, -5.0, 0.3, -0.3))
    jitter = np.random.default_rng(1).exponential(0.006, len(frames)).tolist()
    jitter[0] = 0.0  # what comes first sets the time of all
    at, late = 0.0, []
    for (due, frame), by in zip(frames, jitter, strict=True):
        at = max(at, due + (by if due < T0 + 4.5 else 0.0))
        late.append((at, frame))
    assert_spans(hear(late).spans, (5.0, 5.3))


def test_a_hiccup_in_speech_is_a_gap_and_the_speech_ends_later():
    frames = arrivals(sound(8000, -0.5, 1.0, -0.5))
    late = [(at + 0.1 if at - T0 > 0.79 else at, frame) for at, frame in frames]
    hearing = hear(late)
    assert hearing.longest_gap == pytest.approx(0.1, abs=0.001)
    assert hearing.gaps == [pytest.approx((T0 + 0.8, 0.1), abs=0.001)]
    assert hearing.spans[-1].end - T0 == pytest.approx(1.6, abs=EXACT)


def test_a_short_gap_is_hidden_and_a_pause_is_none():
    frames = arrivals(sound(8000, -0.5, 1.0, -0.5))
    short = [(at + 0.04 if at - T0 > 0.79 else at, frame) for at, frame in frames]
    hearing = hear(short)
    assert hearing.gaps == []
    assert hearing.longest_gap == pytest.approx(0.04, abs=0.001)
    pause = [(at + LONGEST_GAP + 0.1 if at - T0 > 0.79 else at, frame) for at, frame in frames]
    assert hear(pause).longest_gap == 0.0
    # Silence that comes late is heard by nobody.
    silent = [(at + 0.3 if at - T0 > 1.79 else at, frame) for at, frame in arrivals(sound(8000, -0.5, 1.0, -0.9))]
    assert hear(silent).longest_gap == 0.0


def test_a_burst_is_lost_by_the_phone_beyond_its_buffer():
    burst = [(T0, frame) for _, frame in arrivals(sound(8000, -0.1, 4.9))]
    hearing = hear(burst)
    assert_spans(hearing.spans, (0.1, 5.0))
    assert hearing.ahead == pytest.approx(4.98, abs=0.001)
    assert hearing.lost == pytest.approx(5.0 - PHONE_BUFFER, abs=0.021)
    [(at, lost)] = hearing.lost_at
    assert (at, lost) == (T0, pytest.approx(hearing.lost))
    assert_spans(hearing.heard, (0.1, PHONE_BUFFER + 0.02))
    kept = [payload for _, phone, _, _, payload in hearing.played if phone is not None]
    assert 0.19 <= sum(map(len, kept)) / 16000 <= 0.23


def test_after_a_burst_the_phone_hears_on_time_again():
    burst = [(T0, frame) for _, frame in arrivals(sound(8000, -0.1, 2.0))]
    later = arrivals(sound(8000, -0.3, 0.5, -0.3), start=T0 + 1.0)
    hearing = hear([*burst, *later])
    assert_spans(hearing.heard, (0.1, 0.22), (1.3, 1.8))
    # Without a buffer the burst is played to its end first; the silence in between does not queue, the speech does.
    assert_spans(hearing.spans, (0.1, 2.1), (2.1, 2.6))


def test_silence_at_its_own_pace_does_not_queue_behind_a_burst():
    """A bot that sends its reply at once and fills with silence: its next reply is heard when it arrives."""
    burst = arrivals(sound(8000, 3.0), start=T0 + 0.5, speed=1000.0)
    silence = arrivals(sound(8000, -6.0), start=T0 + 0.52)
    reply = arrivals(sound(8000, 0.5), start=T0 + 6.52)
    hearing = hear([*burst, *silence, *reply])
    assert_spans(hearing.spans, (0.5, 3.5), (6.52, 7.02))


def test_silence_inside_a_burst_is_heard_in_full():
    """What comes before the speech in one burst is played before it, however long it is."""
    hearing = hear(arrivals(sound(8000, -0.7, 1.0), start=T0 + 0.5, speed=1000.0))
    assert_spans(hearing.spans, (1.2, 2.2))


def test_of_a_frame_that_asterisk_cannot_convert_nothing_is_heard():
    [(at, frame)] = arrivals(sound(8000, 2.0), size=32000)
    hearing = hear([(at, frame), *arrivals(sound(8000, -0.5, 0.5), start=T0 + 0.02)])
    assert_spans(hearing.spans, (0.52, 1.02))


def test_a_bot_that_answers_in_g711_is_decoded_and_found_out():
    """Asterisk takes 0x10 for slin at 8 kHz, also in a call in G.711 (measured on 22.10.1)."""
    ulaw = hear(arrivals(sound(8000, -0.2, 0.5), AudioFormat.ulaw), AudioFormat.ulaw)
    assert_spans(ulaw.spans, (0.2, 0.7))
    assert ulaw.misread_at == T0
    slin = hear(arrivals(sound(8000, -0.2, 0.5)), AudioFormat.ulaw)
    assert_spans(slin.spans, (0.2, 0.7))
    assert slin.misread_at is None


def test_0x10_in_a_call_of_another_type_is_8_khz():
    hearing = hear(arrivals(sound(8000, -0.2, 0.5)), AudioFormat.slin96)
    assert_spans(hearing.spans, (0.2, 0.7))


def test_twice_real_time_loses_half():
    hearing = hear(arrivals(sound(8000, -0.2, 5.8), speed=2.0))
    assert hearing.lost == pytest.approx(3.0 - PHONE_BUFFER, abs=0.05)
    assert hearing.ahead == pytest.approx(3.0, abs=0.03)


def test_the_phones_buffer_is_a_setting():
    burst = [(T0, frame) for _, frame in arrivals(sound(8000, 2.0))]
    assert hear(burst, phone_buffer=1.0).lost == pytest.approx(1.0, abs=0.021)
    assert hear(burst, phone_buffer=9.0).lost == 0


def test_news_is_told_when_the_bot_begins_and_ceases_to_speak():
    told = []
    hear(arrivals(sound(8000, -0.5, 0.3, -0.5, 0.3, -0.5)), on_change=lambda: told.append(1))
    assert len(told) == 4


def test_two_calls_of_different_formats_do_not_hear_each_other():
    async def main():
        loop = asyncio.get_running_loop()
        calls = {each: Hearing(each, keep=None) for each in (AudioFormat.slin, AudioFormat.ulaw, AudioFormat.slin16)}
        second = Hearing(AudioFormat.slin, keep=None)
        speech = {each: arrivals(sound(each.rate, -0.4, 0.3, -0.4), each) for each in calls}
        for index in range(len(speech[AudioFormat.slin])):
            for each, hearing in calls.items():
                hearing.add(*speech[each][index])
            second.add(speech[AudioFormat.slin][index][0], Frame(0x10, bytes(320)))
            Ear.of(loop).listen()
        for hearing in calls.values():
            assert_spans(hearing.spans, (0.4, 0.7))
        assert second.spans == []

    asyncio.run(main())


def test_memory_of_a_long_call_is_bounded():
    hearing = hear(arrivals(sound(8000, -60.0), size=80), keep=False, batches=iter([100] * 200))
    assert len(hearing._rows) < 1200
    assert list(hearing.played) == []


pieces = st.lists(st.integers(210, 700).map(lambda ms: ms / 1000), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    lengths=pieces,
    lead=st.integers(100, 900),
    size=st.sampled_from([100, 160, 320, 322, 640, 2000]),
    jitter=st.lists(st.sampled_from([0, 0, 0, 0, 0.001, 0.004, 0.03, 0.08, 0.25]), min_size=1, max_size=30),
    burst=st.booleans(),
    batches=st.lists(st.integers(1, 40), min_size=1, max_size=300),
)
def test_nothing_depends_on_how_many_arrived_between_two_rounds(lengths, lead, size, jitter, burst, batches):
    samples = sound(8000, -lead / 1000, *(piece for length in lengths for piece in (length, -length)))
    at, frames = 0.0, []
    for index, (due, frame) in enumerate(arrivals(samples, size=size, speed=3.0 if burst else 1.0)):
        at = max(at, due + jitter[index % len(jitter)])
        frames.append((at, frame))

    def all_of(hearing):
        return (
            [(stretch.start, stretch.end) for stretch in hearing.spans],
            [(stretch.start, stretch.end) for stretch in hearing.heard],
            hearing.gaps, hearing.longest_gap, hearing.lost, hearing.lost_at, hearing.ahead, list(hearing.played),
        )  # fmt: skip

    one_by_one = all_of(hear(frames))
    assert all_of(hear(frames, batches=batches)) == one_by_one
    assert all_of(hear(frames, batches=[len(frames)])) == one_by_one


@pytest.mark.parametrize("size", [320, 334, 100])
@pytest.mark.parametrize("lead", [0.0, 0.05, 2.0])
def test_a_bot_that_sends_nothing_while_it_is_silent(size, lead):
    """Its voice ends where its audio does, and what it says next is something new."""
    head = [-lead] if lead else []
    first = arrivals(sound(8000, *head, 0.5), size=size)
    second = arrivals(sound(8000, 0.4), start=T0 + lead + 1.0, size=size)
    third = arrivals(sound(8000, -0.1, 0.3), start=T0 + lead + 4.0, size=size)
    hearing = hear([*first, *second, *third])
    assert_spans(hearing.spans, (lead, lead + 0.5), (lead + 1.0, lead + 1.4), (lead + 4.1, lead + 4.4))


def test_nor_does_such_a_bot_make_us_deaf_or_hear_noise():
    noise = np.random.default_rng(2).normal(0, 104, 8000 * 12).astype(np.int16)  # -50 dBFS
    speech = sound(8000, -2.0, 0.4, -0.2) + noise[:20800]
    again = sound(8000, -0.5, 0.4, -0.2) + noise[20800 : 20800 + 8800]
    hearing = hear([*arrivals(speech), *arrivals(again, start=T0 + 5.0)])
    assert_spans(hearing.spans, (2.0, 2.4), (5.5, 5.9))


def test_what_begins_is_told_at_once_and_what_goes_on_is_read_when_asked_for():
    async def main():
        told = []
        hearing = Hearing(AudioFormat.slin, keep=None, on_change=lambda: told.append(hearing.last_voiced is not None))
        ear = Ear.of(asyncio.get_running_loop())
        silence = Frame(0x10, bytes(320))
        at = T0
        for _ in range(200):
            hearing.add(at, silence)
            ear.listen()
            at += 0.02
        assert told == []
        assert hearing.frames == 200, "also the silence that nobody has read yet"
        for at_, frame in arrivals(sound(8000, 0.3), start=at):
            hearing.add(at_, frame)
            ear.listen()
            assert told == [True], "four windows of 5 ms are speech: its first frame tells"
            assert hearing.last_voiced == pytest.approx(at_ + 0.02, abs=EXACT), "whenever it is asked for"
        assert hearing.spans[0].start == pytest.approx(at, abs=0.001)

    asyncio.run(main())


def test_a_loud_frame_that_comes_again_and_again_is_heard():
    """The same object each time, as silence is: only what begins nothing may wait."""

    async def main():
        hearing = Hearing(AudioFormat.slin, keep=None)
        ear = Ear.of(asyncio.get_running_loop())
        silence, loud = Frame(0x10, bytes(320)), arrivals(sound(8000, 0.02))[0][1]
        at, told = T0, []
        for frame in [*[silence] * 150, *[loud] * 10, *[silence] * 20, *[loud] * 10]:
            hearing.add(at, frame)
            ear.listen()
            told.append(len(hearing.spans))
            at += 0.02
        assert told[160:180] == [1] * 20
        assert_spans(hearing.spans, (3.0, 3.2), (3.6, 3.8))

    asyncio.run(main())
