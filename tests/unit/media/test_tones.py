import numpy as np
import pytest

from AudioSocketLibrary.media import decode_alaw, encode_alaw, load_sound, recordings_dir
from AudioSocketLibrary.media.dtmf import dtmf
from AudioSocketLibrary.media.tone import beep, busy, ringback, signal
from AudioSocketLibrary.media.tones import find_tones

pytestmark = pytest.mark.unit

SIGNALS = {
    "ringback": (ringback(2, 8000), "ringback", 2),
    "one ring": (ringback(1, 8000), "ringback", 1),
    "busy": (busy(4, 8000), "busy", 4),
    "American ringback": (signal((440, 480), 2, 4, 2, 8000), "ringback", 2),
    "American busy": (signal((480, 620), 0.5, 0.5, 3, 8000), "busy", 3),
    "beep": (beep(8000), "beep", 1),
    "short beep": (beep(8000, frequency_hz=440, seconds=0.15), "beep", 1),
    "long beep": (beep(8000, frequency_hz=2000, seconds=3), "beep", 1),
}
LINES = {
    "clean": lambda samples: samples,
    "A-law": lambda samples: decode_alaw(encode_alaw(samples)),
    "noise": lambda samples: np.clip(
        samples + np.random.default_rng(2).normal(0, 32768 * 10 ** (-35 / 20), len(samples)), -32768, 32767
    ).astype(np.int16),
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("name", SIGNALS)
def test_signals(name, line):
    samples, kind, bursts = SIGNALS[name]
    (found,) = find_tones(LINES[line](np.pad(samples, 4000)), 8000)
    assert (found.kind, found.bursts) == (kind, bursts)
    assert found.start == pytest.approx(0.5, abs=0.02)
    assert found.end == pytest.approx(0.5 + len(samples) / 8000, abs=0.02)


def test_another_rate_and_frequency():
    (found,) = find_tones(np.pad(beep(48000, frequency_hz=1400), 48000), 48000)
    assert found.kind == "beep"
    assert found.hertz == (pytest.approx(1400, abs=2),)
    assert found.start == pytest.approx(1, abs=0.01)


def test_a_beep_after_speech():
    speech = load_sound(next((recordings_dir() / "prompts").glob("greeting.*")), 8000).samples
    (found,) = find_tones(np.concatenate([speech, beep(8000), np.zeros(800, np.int16)]), 8000)
    assert found.kind == "beep"
    assert found.start == pytest.approx(len(speech) / 8000, abs=0.02)


def test_signals_one_after_the_other():
    samples = np.concatenate([ringback(1, 8000), np.zeros(32000, np.int16), busy(3, 8000)])
    assert [(found.kind, found.bursts) for found in find_tones(samples, 8000)] == [("ringback", 1), ("busy", 3)]


def test_one_burst_of_half_a_second_is_no_busy_tone():
    assert [found.kind for found in find_tones(np.pad(busy(1, 8000), 8000), 8000)] == ["beep"]


def test_keys_silence_and_noise_are_no_signals():
    assert find_tones(dtmf("0123456789", 8000), 8000) == []
    assert find_tones(np.zeros(16000, np.int16), 8000) == []
    assert find_tones(np.zeros(0, np.int16), 8000) == []
    assert find_tones(np.random.default_rng(1).normal(0, 3000, 40000).astype(np.int16), 8000) == []


@pytest.mark.parametrize(
    "path",
    sorted(path for path in recordings_dir().rglob("*") if path.suffix in {".wav", ".flac"}),
    ids=lambda p: p.stem,
)
def test_no_signal_in_speech(path):
    assert find_tones(load_sound(path, 8000).samples, 8000) == []


def test_lengths():
    assert len(ringback(2, 8000)) == 8000 * 6
    assert len(busy(2, 8000)) == 8000 * 1.5
    assert len(beep(8000)) == 3200
    with pytest.raises(ValueError, match="below 4000 Hz"):
        beep(8000, frequency_hz=5000)
