import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.media import (
    VoiceDetector,
    VoiceParameters,
    find_speech,
    loud_samples,
    tone,
    window_levels,
    window_size,
)

pytestmark = pytest.mark.unit

LEVELS = st.lists(
    st.tuples(st.sampled_from([-120.0, -70.0, -60.0, -52.0, -45.0, -35.0, -20.0]), st.integers(1, 90)),
    max_size=25,
).map(lambda runs: [level - 0.01 * (i % 3) for level, count in runs for i in range(count)])


def state(detector):
    found = [(s.first, s.last, s.open) for s in detector.segments]
    return (
        found,
        detector.windows,
        detector.threshold,
        detector.silent_for,
        detector.voiced_now,
        detector.speaking,
    )


def fed(levels, parameters=None):
    detector = VoiceDetector(parameters or VoiceParameters())
    detector.feed(levels)
    return detector


def noise(level, seconds, rate=8000, seed=1):
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (level / 20), round(seconds * rate))


def as_samples(wave):
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


@settings(max_examples=400)
@given(levels=LEVELS, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_cutting_changes_nothing(levels, cuts):
    one_by_one, in_pieces, as_frames = VoiceDetector(), VoiceDetector(), VoiceDetector()
    for level in levels:
        one_by_one.feed([level])
    start = 0
    for index in range(len(levels)):
        in_pieces.feed(levels[start : start + cuts[index % len(cuts)]])
        start += cuts[index % len(cuts)]
    for start in range(0, len(levels), 4):
        as_frames.feed(levels[start : start + 4])
    assert state(fed(levels)) == state(one_by_one) == state(in_pieces) == state(as_frames)


@given(levels=LEVELS)
def test_segments_are_in_order_and_apart(levels):
    detector = fed(levels)
    pause = detector.parameters.pause
    for before, after in zip(detector.segments, detector.segments[1:], strict=False):
        assert after.first > before.last + pause - detector.parameters.onset_of
    for segment in detector.segments:
        assert 0 <= segment.first < segment.last <= detector.windows
        assert segment.open == (segment is detector.segments[-1] and detector.speaking)
        assert segment.open == (detector.windows - segment.last < pause)


def test_the_course_of_a_phrase():
    detector = fed([-120.0] * 400)
    assert not detector.speaking
    assert detector.silent_for == 400
    detector.feed([-20.0] * 3)
    assert detector.voiced_now
    assert not detector.speaking
    detector.feed([-20.0])
    assert detector.speaking
    assert detector.segments[0].first == 400
    detector.feed([-120.0] * 39)
    assert detector.speaking
    assert not detector.voiced_now
    detector.feed([-120.0])
    assert not detector.speaking
    assert (detector.segments[0].first, detector.segments[0].last) == (400, 404)
    assert not detector.segments[0].open
    assert detector.silent_for == 40


def test_a_gap_shorter_than_the_pause_joins():
    detector = fed([-120.0] * 50 + [-20.0] * 30 + [-120.0] * 39 + [-20.0] + [-120.0] * 60)
    assert [(s.first, s.last) for s in detector.segments] == [(50, 120)]


def test_the_detector_before_anything_was_fed():
    detector = fed([])
    assert (detector.windows, detector.voiced_now, detector.speaking, detector.silent_for) == (
        0,
        False,
        False,
        0,
    )


@pytest.mark.parametrize("lead", range(0, 40, 3))
def test_a_click_is_no_speech(lead):
    samples = np.zeros(8000, np.int16)
    samples[4000 + lead : 4000 + lead + 80] = 12000 * (-1) ** np.arange(80)
    assert find_speech(samples, 8000) == []


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 192000])
@pytest.mark.parametrize("offset", [0, 1, 17, 39])
def test_a_tone_is_found_to_the_sample(rate, offset):
    first = rate // 2 + offset
    wave = tone(1000, 0.25, rate)
    samples = np.pad(wave, (first, rate // 2))
    [(start, end)] = find_speech(samples, rate)
    assert start == first
    # The last samples of a cosine may lie next to zero.
    assert 0 <= first + len(wave) - end <= rate // 4000


def test_a_tone_from_the_first_sample_to_the_last():
    [(start, end)] = find_speech(tone(440, 3, 8000)[:-3], 8000)
    assert start == 0
    assert end >= 3 * 8000 - 3 - 2


def test_a_long_tone_is_not_learned_as_noise():
    detector = fed([-20.0] * 2000)
    assert [(s.first, s.last) for s in detector.segments] == [(0, 2000)]
    assert detector.speaking


@pytest.mark.parametrize("level", [-75, -65, -50, -42])
def test_steady_noise_is_no_speech(level):
    assert find_speech(as_samples(noise(level, 20)), 8000) == []


def test_noise_that_begins_is_learned():
    wave = np.concatenate([np.zeros(16000), noise(-45, 10)])
    speech = find_speech(as_samples(wave), 8000)
    assert len(speech) == 1
    assert speech[0][1] < 16000 + 2 * 8000


def test_dc_and_hum_below_the_floor_are_no_speech():
    hum = 300 * np.sin(2 * np.pi * 50 / 8000 * np.arange(40000))
    assert find_speech(as_samples(hum * 0.3 + 2000), 8000) == []


def test_a_weak_start_is_found_once_a_pause_shows_the_floor():
    levels = [-45.0] * 10 + [-20.0] * 60 + [-110.0] * 4 + [-25.0] * 50
    detector = VoiceDetector()
    detector.feed(levels[:70])
    assert detector.segments[0].first == 10
    detector.feed(levels[70:])
    assert [(s.first, s.last) for s in detector.segments] == [(0, 124)]


def test_levels_of_many_calls_in_one_pass():
    calls = [as_samples(noise(level, 0.02, seed=n)) for n, level in enumerate((-20, -40, -60, -10))]
    together = window_levels(np.concatenate(calls), 8000)
    assert together.dtype == np.float32
    assert np.array_equal(together, np.concatenate([window_levels(call, 8000) for call in calls]))


def test_levels_of_whole_windows_only():
    assert window_levels(tone(1000, 0.012, 8000), 8000).shape == (2,)
    assert window_levels(np.zeros(39, np.int16), 8000).shape == (0,)
    assert window_levels(np.zeros(40, np.int16), 8000).tolist() == [-120]
    assert window_levels(np.full(40, 1000, np.int16), 8000).tolist() == [-120]
    assert window_levels(tone(1000, 1, 48000), 48000) == pytest.approx(-12, abs=0.05)
    assert window_size(44100) == 220


def test_loud_samples():
    window = np.array([0, 10, 0, -1000, 5, 999, 0], np.int16)
    assert loud_samples(window, -40) == (3, 6)
    assert loud_samples(window, -1) == (3, 6)
    assert loud_samples(np.full(5, 7, np.int16), 0) == (0, 5)
