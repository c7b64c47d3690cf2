import numpy as np
import pytest

from AudioSocketLibrary.media import (
    SILENCE_DBFS,
    active_speech_level,
    amplitude_dbfs,
    dbfs_amplitude,
    peak_dbfs,
    rms_dbfs,
    tone,
)

pytestmark = pytest.mark.unit


def test_tone_starts_at_its_peak_and_has_its_level():
    samples = tone(1000, 0.5, 8000)
    assert samples.dtype == np.int16
    assert samples.shape == (4000,)
    assert samples[0] == samples.max()
    assert rms_dbfs(samples) == pytest.approx(-12, abs=0.01)
    assert peak_dbfs(samples) == pytest.approx(-8.99, abs=0.01)


def test_tone_with_a_fade_rises_and_falls():
    samples = tone(1000, 0.5, 8000, fade=0.05)
    assert abs(samples[0]) < 5
    assert abs(samples[-1]) < 5
    assert rms_dbfs(samples[400:-400]) == pytest.approx(-12, abs=0.01)


def test_loudest_tone_fills_the_scale():
    assert tone(1000, 0.1, 8000, level_dbfs=-3.0103)[0] == 32767


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"frequency_hz": 4000}, "below 4000 Hz"),
        ({"frequency_hz": 0}, "below 4000 Hz"),
        ({"level_dbfs": 0.0}, "-3.01 dBFS"),
        ({"fade": 0.3}, "fade of 0.3 s"),
    ],
)
def test_tone_that_cannot_be(wrong, says):
    with pytest.raises(ValueError, match=says):
        tone(**{"frequency_hz": 1000, "seconds": 0.5, "rate": 8000, **wrong})


def test_levels_of_nothing():
    nothing = np.zeros(0, np.int16)
    assert rms_dbfs(nothing) == peak_dbfs(nothing) == SILENCE_DBFS
    assert rms_dbfs(np.zeros(80, np.int16)) == peak_dbfs(np.zeros(80, np.int16)) == SILENCE_DBFS
    assert active_speech_level(np.zeros(8000, np.int16), 8000) == SILENCE_DBFS


def test_most_negative_sample_is_full_scale():
    samples = np.full(100, -32768, np.int16)
    assert rms_dbfs(samples) == peak_dbfs(samples) == 0.0


def test_silence_does_not_lower_the_speech_level():
    speech = tone(440, 1, 8000, level_dbfs=-20)
    padded = np.pad(speech, 16000)
    assert active_speech_level(padded, 8000) == pytest.approx(-20, abs=0.05)
    assert rms_dbfs(padded) < -26


def test_dbfs_and_back():
    assert amplitude_dbfs(dbfs_amplitude(-33.3)) == pytest.approx(-33.3)
    assert amplitude_dbfs(0) == SILENCE_DBFS
