"""The steady calls: what they find is what each call would have found by itself, to the last bit."""

import asyncio

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.call.hearing import Hearing
from AudioSocketLibrary.call.sending import Sending
from AudioSocketLibrary.call.steady import Steady
from AudioSocketLibrary.media import Ear, encode_payload, tone
from AudioSocketLibrary.protocol import AudioFormat, Frame, encode

pytestmark = pytest.mark.unit

T0 = 1000.0


class Line:
    """A connection as a hearing sees it: usual frames go to the mailbox, if there is one."""

    def __init__(self, hearing, *, places):
        self.hearing, self.mailbox, self.place, self.placed = hearing, None, -1, 0
        if places:
            hearing.divert(self.divert)

    def divert(self, mailbox, place):
        self.mailbox, self.place = mailbox, place
        self.placed += mailbox is not None
        return mailbox is not None

    def bring(self, at, frame):
        if self.mailbox is None or self.mailbox.size != 3 + len(frame.payload):
            self.hearing.add(at, frame)
        else:
            self.mailbox.numbers.append(self.place)
            self.mailbox.times.append(at)
            self.mailbox.audio += encode(*frame)


def sound(rate, noise, *pieces):
    """Seconds of tone (positive) and of silence (negative), in noise of so many dBFS."""
    clean = np.concatenate(
        [tone(400, length, rate) if length > 0 else np.zeros(round(-length * rate), np.int16) for length in pieces]
    )
    if noise is None:
        return clean
    return (clean * 0.9 + np.random.default_rng(len(clean)).normal(0, 32768 * 10 ** (noise / 20), len(clean))).astype(
        np.int16
    )


def arrivals(samples, audio_format, jitter=(0.0,)):
    payload = encode_payload(samples, audio_format.encoding)
    frames, at = [], 0.0
    for index in range(len(payload) // audio_format.size):
        piece = payload[index * audio_format.size : (index + 1) * audio_format.size]
        at = max(at, T0 + index * 0.02 + jitter[index % len(jitter)])
        frames.append((at, Frame(int(audio_format.type), piece)))
    return frames


def facts(hearing, told):
    return {
        "spans": [(stretch.start, stretch.end) for stretch in hearing.spans],
        "heard": [(stretch.start, stretch.end) for stretch in hearing.heard],
        "gaps": hearing.gaps,
        "longest gap": hearing.longest_gap,
        "lost": (hearing.lost, hearing.lost_at),
        "ahead": hearing.ahead,
        "frames": hearing.frames,
        "cadence": (list(hearing.cadence.counts), hearing.cadence.most),
        "resumed": hearing.resumed,
        "arrived": hearing.arrived_at,
        "told": told,
    }


def hear(calls, audio_format, *, places, batches=(1,), look_every=0):
    """All calls at once, so many frames of each between two rounds; what each knows at the end (and in between)."""

    async def main():
        ear = Ear.of(asyncio.get_running_loop())
        steady = Steady.of((audio_format.rate, str(audio_format.encoding), audio_format.size))
        lines, told = [], [[] for _ in calls]
        for news in told:
            hearing = Hearing(audio_format, keep=None, on_change=lambda news=news: news.append(1))
            lines.append(Line(hearing, places=places))
        looks, rest, rounds = [], [list(frames) for frames in calls], 0
        while any(rest):
            count = batches[rounds % len(batches)]
            for line, frames in zip(lines, rest, strict=True):
                for at, frame in frames[:count]:
                    line.bring(at, frame)
                del frames[:count]
            ear.listen()
            steady.listen()
            rounds += 1
            if look_every and not rounds % look_every:
                looks.append([facts(line.hearing, None) for line in lines])
        for line in lines:
            line.hearing.finish()
        assert len(steady) == 0, "nobody is left behind"
        found = [facts(line.hearing, len(news)) for line, news in zip(lines, told, strict=True)]
        return found, looks, [line.placed for line in lines]

    return asyncio.run(main())


@settings(max_examples=25, deadline=None)
@given(
    pieces=st.lists(
        st.lists(st.integers(60, 1500).map(lambda ms: ms / 1000), min_size=1, max_size=4), min_size=1, max_size=4
    ),
    noise=st.sampled_from([None, None, -70.0, -50.0, -42.0]),
    jitter=st.lists(
        st.sampled_from([0, 0, 0, 0.0004, 0.001, 0.004, 0.03, 0.08, 0.19, 0.21, 0.25, 0.9]), min_size=1, max_size=60
    ),
    batches=st.lists(st.integers(1, 7), min_size=1, max_size=20),
    audio_format=st.sampled_from([AudioFormat.slin, AudioFormat.slin, AudioFormat.ulaw, AudioFormat.slin16]),
)
def test_a_place_changes_nothing_of_what_is_found(pieces, noise, jitter, batches, audio_format):
    calls = [
        arrivals(
            sound(audio_format.rate, noise, -2.9, *(each for length in lengths for each in (length, -length)), -0.7),
            audio_format,
            jitter[number:] or jitter,
        )
        for number, lengths in enumerate(pieces)
    ]
    alone, _, never = hear(calls, audio_format, places=False)
    among, _, placed = hear(calls, audio_format, places=True, batches=batches)
    assert never == [0] * len(calls)
    for one, other in zip(alone, among, strict=True):
        # How often news are told depends on the rounds; that they are, does not.
        assert bool(other.pop("told")) == bool(one.pop("told"))
        assert other == one
    if not any(jitter):
        assert all(placed), "without a hold-up everybody takes a place sooner or later"


def eventful(seed):
    """A call of 12 s with words and clicks, pauses about as long as those that end speech, a background that changes,
    and now and then a frame that is held up, or frames that come too early."""
    random = np.random.default_rng(seed)
    levels = random.choice([-90.0, -70.0, -58.0, -50.0, -45.0, -38.0], 20)
    noise = random.normal(0, 1, 96000) * np.repeat(32768 * 10 ** (levels / 20), 4800)
    samples, at = noise * (random.random() < 0.7), round(random.uniform(0.1, 3.0) * 8000)
    while at < len(samples):
        length = random.choice([0.006, 0.012, 0.018, 0.03, 0.2, 0.6, 1.4])
        word = tone(random.integers(200, 900), float(length), 8000) * random.choice([0.03, 0.3, 0.9])
        samples[at : at + len(word)] += word[: len(samples) - at]
        at += len(word) + round(random.choice([0.03, 0.15, 0.195, 0.2, 0.205, 0.22, 0.4, 1.0]) * 8000)
    frames, latest, early = [], 0.0, 0.0
    for number, (due, frame) in enumerate(arrivals(np.clip(samples, -32768, 32767).astype(np.int16), AudioFormat.slin)):
        held = 0.0
        if number > 100 and random.random() < 0.02:
            held = random.choice([0.0005, 0.005, 0.03, 0.062, 0.09, 0.15, 0.19, 0.25, 0.85])
        elif random.random() < 0.01:
            early = random.choice([0.0, 0.0, 0.05, 0.15, 0.19, 0.26, 0.5])
        latest = max(latest, due + held - early)
        frames.append((latest, frame))
    return frames


@settings(max_examples=15, deadline=None)
@given(
    seeds=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3),
    batches=st.lists(st.integers(1, 3), min_size=1, max_size=9),
)
@example(seeds=list(range(40)), batches=[1])
def test_nor_does_it_in_an_eventful_call(seeds, batches):
    calls = [eventful(seed) for seed in seeds]
    alone, _, _ = hear(calls, AudioFormat.slin, places=False)
    among, _, placed = hear(calls, AudioFormat.slin, places=True, batches=batches)
    for one, other in zip(alone, among, strict=True):
        one.pop("told")
        other.pop("told")
        assert other == one
    if len(calls) == 40:
        assert sum(placed) >= len(calls), "more often than once each"


@pytest.mark.parametrize("noise", [None, -50.0])
def test_whoever_asks_in_between_is_told_the_same(noise):
    calls = [arrivals(sound(8000, noise, -2.5, 0.7, -1.5, 1.2, -0.5), AudioFormat.slin)] * 2
    alone, looks, _ = hear(calls, AudioFormat.slin, places=False, look_every=1)
    among, other_looks, placed = hear(calls, AudioFormat.slin, places=True, look_every=1)
    assert min(placed) >= 3, "in silence, in speech, and again"
    for one, other in zip(looks, other_looks, strict=True):
        assert other == one
    assert [one["spans"] for one in among] == [one["spans"] for one in alone]


def test_other_frames_in_between_end_the_stay():
    """A change of size or type, a key: what comes after is taken by the call itself, and then placed again."""

    async def main():
        frames = arrivals(sound(8000, None, -3.0, 0.5, -3.0), AudioFormat.slin)
        ear, found = Ear.of(asyncio.get_running_loop()), []
        for places in (False, True):
            hearing = Hearing(AudioFormat.slin, keep=None)
            line = Line(hearing, places=places)
            for index, (at, frame) in enumerate(frames):
                if index == 130:  # in two halves
                    hearing.add(at, Frame(frame.type, frame.payload[:160]))
                    hearing.add(at, Frame(frame.type, frame.payload[160:]))
                else:
                    line.bring(at, frame)
                ear.listen()
                Steady.of((8000, "slin", 320)).listen()
            hearing.finish()
            found.append(facts(hearing, None))
            assert line.placed >= 2 * places
        assert found[0] == found[1]

    asyncio.run(main())


def test_many_calls_come_and_go_and_places_are_used_again():
    async def main():
        ear, steady = Ear.of(asyncio.get_running_loop()), Steady.of((8000, "slin", 320))
        frames = arrivals(sound(8000, None, -2.6, 0.3, -1.2), AudioFormat.slin)
        for _ in range(3):
            lines = [Line(Hearing(AudioFormat.slin, keep=None), places=True) for _ in range(150)]
            for at, frame in frames:
                for line in lines:
                    line.bring(at, frame)
                ear.listen()
                steady.listen()
            assert len(steady) > 100
            spans = {tuple((stretch.start, stretch.end) for stretch in line.hearing.spans) for line in lines}
            assert len(spans) == 1
            for line in lines:
                line.hearing.finish()
            assert len(steady) == 0
        assert len(steady._members) == 256, "grown twice: not with each that came"

    asyncio.run(main())


def test_a_call_that_breaks_does_not_make_the_others_deaf():
    async def main():
        loop, told = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _, context: told.append(context["message"]))

        def fail():
            if loop.time() and len(steady):
                raise RuntimeError("of its own")

        steady = Steady.of((8000, "slin", 320))
        hearings = [Hearing(AudioFormat.slin, keep=None, on_change=fail), Hearing(AudioFormat.slin, keep=None)]
        lines = [Line(hearing, places=True) for hearing in hearings]
        for at, frame in arrivals(sound(8000, None, -3.0, 0.4, -1.0), AudioFormat.slin):
            for line in lines:
                line.bring(at, frame)
            Ear.of(loop).listen()
            steady.listen()
        hearings[1].finish()
        assert told == ["A call failed where it was heard"] * len(told)
        assert told
        assert len(hearings[1].spans) == 1

    asyncio.run(main())


def test_the_rounds_stop_when_nobody_is_there():
    """A timer would keep the loop, and with it all of this, alive for ever."""

    async def main():
        steady = Steady.of((8000, "slin", 320))
        hearing = Hearing(AudioFormat.slin, keep=None)
        line = Line(hearing, places=True)
        for at, frame in arrivals(sound(8000, None, -3.0), AudioFormat.slin):
            line.bring(at, frame)
            Ear.of(asyncio.get_running_loop()).listen()
            steady.listen()
        assert line.placed
        assert steady._timer is not None
        hearing.finish()
        assert steady._timer is None

    asyncio.run(main())


def test_frames_sent_are_counted_for_all_calls_together():
    async def main():
        sending = Sending.of()
        calls = [sending.enter() for _ in range(100)]
        assert len(set(calls)) == 100
        for late in (0.0001, 0.0007, 0.0007, -0.001, 0.5):
            for call in calls[::2]:
                sending.book.numbers.append(call)
                sending.book.late.append(late)
        found = sending.lateness(calls[0])
        assert len(found) == sending.frames(calls[0]) == 5
        assert (found.counts[0], found.counts[1], found.counts[-1], found.most) == (2, 2, 1, 0.5)
        assert sending.frames(calls[1]) == 0
        assert sending.leave(calls[0]).most == 0.5
        assert sending.enter() == calls[0], "the number is used again, and knows nothing of the call before"
        assert sending.frames(calls[0]) == 0
        for call in calls:
            sending.leave(call)
        assert len(sending) == 0
        assert sending._timer is None

    asyncio.run(main())
