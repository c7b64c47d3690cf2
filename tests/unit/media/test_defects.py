"""Planted, seeded defects in the committed recordings."""

import numpy as np
import pytest

from AudioSocketLibrary.media import (
    SILENCE_DBFS,
    active_speech_level,
    decode_alaw,
    decode_ulaw,
    encode_alaw,
    encode_ulaw,
    load_sound,
    prompt_path,
    recordings_dir,
)
from AudioSocketLibrary.media.defects import SoundLimits, find_defects

pytestmark = pytest.mark.unit

SPEECH = np.pad(load_sound(prompt_path("greeting"), 8000).samples, 4000)
CODECS = {
    "none": lambda samples: samples,
    "mu-law": lambda samples: decode_ulaw(encode_ulaw(samples)),
    "A-law": lambda samples: decode_alaw(encode_alaw(samples)),
}
ALL = sorted(path for path in recordings_dir().rglob("*") if path.suffix in {".wav", ".flac"})

SOUNDS = [np.pad(load_sound(path, 8000).samples, 800) for path in ALL[::6]]


def pcm(wave):
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def noise(count, level, seed=5):
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (level / 20), count)


def kinds(samples, **limits):
    return {defect.kind for defect in find_defects(samples, 8000, SoundLimits(**limits)).defects}


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_recordings(path):
    samples = np.pad(load_sound(path, 8000).samples, 800)
    for codec in CODECS.values():
        assert not kinds(codec(samples)) & {"clipping", "dropout", "noise", "offset", "hum"}


def test_a_report():
    report = find_defects(SPEECH, 8000)
    assert report.level == pytest.approx(active_speech_level(SPEECH, 8000), abs=0.01)
    assert report.rms < report.level < report.peak <= 0
    assert 1 < report.speech < len(SPEECH) / 8000
    assert report.clipping == report.dropouts == 0
    assert report.noise < -90
    assert abs(report.offset) < 0.001
    assert report.defects == ()


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("gain", [2, 4, 8])
@pytest.mark.parametrize("after", [1.0, 0.2])
def test_clipping_is_found_also_where_it_was_turned_down_later(codec, gain, after):
    loud = pcm(pcm(SPEECH / np.abs(SPEECH).max() * 32767.0 * gain) * after)
    report = find_defects(CODECS[codec](loud), 8000)
    (defect,) = (one for one in report.defects if one.kind == "clipping")
    assert defect.figure == report.clipping > 0.001
    assert 0.5 <= defect.at < defect.until <= len(SPEECH) / 8000


def test_level():
    assert kinds(pcm(SPEECH * 0.05)) == {"too quiet"}
    assert "too loud" in kinds(pcm(SPEECH * 8.0))
    assert kinds(SPEECH, quietest=-10.0, loudest=0.0) == {"too quiet"}


def loud_frames(samples):
    """Starts of 20 ms that have speech right before and after them."""
    level = 10 ** (active_speech_level(samples, 8000) / 20) * 32768
    rms = [np.sqrt(np.mean(samples[at - 16 : at].astype(float) ** 2)) for at in range(160, len(samples), 160)]
    loud = [160 * (number + 1) for number, one in enumerate(rms) if one > level * 0.3]
    return [at for at in loud if at + 160 in loud]


@pytest.mark.parametrize("line", [*CODECS, "noise"])
@pytest.mark.parametrize("frames", [1, 3])
def test_dropouts(line, frames):
    samples = CODECS.get(line, lambda one: pcm(one + noise(len(one), -55)))(SPEECH).copy()
    places = loud_frames(samples)
    chosen = [at for at in places[:: len(places) // 5] if at + 160 * (frames - 1) in places]
    assert len(chosen) >= 2
    for at in chosen:
        samples[at : at + 160 * frames] = 0
    report = find_defects(samples, 8000)
    assert report.dropouts == len(chosen)
    assert [one.at for one in report.defects] == pytest.approx([at / 8000 for at in chosen], abs=0.003)
    assert [one.figure for one in report.defects] == pytest.approx([0.02 * frames] * len(chosen), abs=0.005)
    assert find_defects(samples, 8000, SoundLimits(dropouts=len(chosen))).defects == ()


@pytest.mark.parametrize("level", [-70, -60, -50, -40, -35])
def test_noise_in_the_pauses(level):
    report = find_defects(pcm(SPEECH + noise(len(SPEECH), level)), 8000)
    assert report.noise == pytest.approx(level, abs=1)
    assert ("noise" in {one.kind for one in report.defects}) == (level > -45)


def test_silence_between_and_instead_of_speech():
    gap = np.concatenate([SPEECH, np.zeros(16000, np.int16), SPEECH])
    (defect,) = find_defects(gap, 8000).defects
    assert defect.kind == "silence"
    assert defect.figure == pytest.approx(defect.until - defect.at) == pytest.approx(3.3, abs=0.3)
    assert kinds(gap, silence=4.0) == set()
    (defect,) = find_defects(np.zeros(24000, np.int16), 8000).defects
    assert (defect.kind, defect.at, defect.until) == ("silence", 0, 3)
    assert find_defects(np.zeros(24000, np.int16), 8000).level == SILENCE_DBFS
    assert kinds(np.zeros(0, np.int16)) == set()


def test_offset_and_hum():
    time = np.arange(len(SPEECH)) / 8000
    assert kinds(pcm(SPEECH + 1500.0)) == {"offset"}
    for hertz in (50, 60):
        report = find_defects(pcm(SPEECH + 1000 * np.sin(2 * np.pi * hertz * time)), 8000)
        assert "hum" in {one.kind for one in report.defects}
        assert report.hum == pytest.approx(20 * np.log10(1000 / 2**0.5 / 32768), abs=1)


@pytest.mark.parametrize("gain", [-7, -15, -25])
def test_a_quiet_recording_has_no_dropouts(gain):
    """Rounded to 16 bits its words end as sharply as if a frame were lost."""
    dropouts = [find_defects(pcm(sound * 10 ** (gain / 20)), 8000).dropouts for sound in SOUNDS]
    assert sum(dropouts) <= 1
