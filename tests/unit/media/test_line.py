"""The line: what it does to a recording, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from AudioSocketLibrary.media import SoundError, active_speech_level, load_sound, rms_dbfs, save_wav, utterance_path
from AudioSocketLibrary.media.line import CLEAN, PRESETS, Line, line_named, mixed
from AudioSocketLibrary.media.noise import NOISES, background
from AudioSocketLibrary.media.sounds import SOUNDS, load_at_level, make_sound
from AudioSocketLibrary.media.tempo import at_speed

pytestmark = pytest.mark.unit

SAID = load_sound(utterance_path("winter_tyres"), 8000)


@pytest.mark.parametrize("noise", NOISES)
def test_noise_has_its_level_and_its_seed(noise):
    loop = background(noise, 8000, -35.0, seed=3)
    assert len(loop) == 80000
    assert rms_dbfs(np.rint(loop).astype(np.int16)) == pytest.approx(-35.0, abs=0.1)
    assert np.array_equal(loop, background(noise, 8000, -35.0, seed=3))
    assert not np.array_equal(loop, background(noise, 8000, -35.0, seed=4))


@pytest.mark.parametrize("noise", [name for name in NOISES if name != "babble"])
def test_noise_has_no_seam(noise):
    """The step from the last sample to the first is no larger than steps inside."""
    loop = background(noise, 8000, -20.0, seed=1)
    steps = np.abs(np.diff(loop))
    assert abs(loop[0] - loop[-1]) <= steps.max()


def test_spectra_differ_as_their_names_say():
    def share_below(noise: str, hertz: int) -> float:
        power = np.abs(np.fft.rfft(background(noise, 8000, -30))) ** 2
        return float(power[: hertz * 10].sum() / power.sum())

    assert share_below("white", 1000) == pytest.approx(0.25, abs=0.03)
    assert share_below("pink", 1000) > 0.6
    assert share_below("car", 500) > 0.8
    assert share_below("street", 1000) > 0.5


def test_a_recorded_noise_is_a_loop_of_it(tmp_path):
    hiss = (3000 * np.random.default_rng(5).standard_normal(16000)).astype(np.int16)
    save_wav(tmp_path / "yard.wav", (hiss,), 8000)
    loop = background(str(tmp_path / "yard.wav"), 8000, -30)
    assert len(loop) == 16000 - 2000
    middle = loop[2000:14000]
    assert np.corrcoef(middle, hiss[2000:14000])[0, 1] > 0.999


def test_a_noise_that_is_none(tmp_path):
    with pytest.raises(SoundError, match=r"There is no noise 'stret'; nearest: street. Noises: white, pink, "):
        Line(noise="stret")
    with pytest.raises(SoundError, match="There is no file"):
        background(str(tmp_path / "yard.wav"), 8000, -30)
    save_wav(tmp_path / "nothing.wav", (np.zeros(8000, np.int16),), 8000)
    with pytest.raises(SoundError, match="is digital silence"):
        background(str(tmp_path / "nothing.wav"), 8000, -30)
    save_wav(tmp_path / "short.wav", (np.ones(50, np.int16),), 8000)
    with pytest.raises(SoundError, match="too short for a background"):
        background(str(tmp_path / "short.wav"), 8000, -30)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("snr", [5.0, 15.0, 25.0])
@pytest.mark.parametrize("muffled", [False, True])
def test_snr_is_what_was_asked(noise, snr, muffled):
    """Of the words, not of the silence around them: padding changes nothing."""
    line = Line(noise=noise, snr=snr, muffled=muffled)
    loop = line.noise_loop(8000)
    for silence in (0, 16000):
        padded = type(SAID).from_samples(np.pad(SAID.samples, silence), 8000, "padded")
        voice = line.spoken(padded).samples
        assert active_speech_level(voice, 8000) - rms_dbfs(loop) == pytest.approx(snr, abs=0.5)


def test_what_a_mix_is_made_of():
    loop = np.arange(1000, dtype=np.int16)
    voice = np.full(2500, 100, np.int16)
    both = mixed(voice, loop, 990)
    assert list(both[:12]) == [100 + (990 + k) % 1000 for k in range(12)]
    assert len(both) == 2500
    assert mixed(np.full(2, 32000, np.int16), np.full(10, 1000, np.int16), 0).tolist() == [32767, 32767]


def test_marks_come_from_the_clean_recording():
    line = Line(noise="pink", snr=0.0, muffled=True, level=-30)
    assert line.paced(SAID) is SAID
    assert len(line.spoken(SAID).samples) == len(SAID.samples)


def test_level_and_muffling():
    quiet = Line(level=-35.0).spoken(SAID)
    assert active_speech_level(quiet.samples, 8000) == pytest.approx(-35.0, abs=0.3)
    assert Line(level=-35.0).spoken(SAID) is quiet, "made once"
    muffled = Line(muffled=True).spoken(SAID).samples

    def above_1500(samples):
        return float((np.abs(np.fft.rfft(samples.astype(float)))[1500 * len(samples) // 8000 :] ** 2).sum())

    assert above_1500(muffled) < above_1500(SAID.samples) / 8
    loud = Line(level=0.0).spoken(SAID)
    assert np.abs(loud.samples.astype(int)).max() >= 32767, "too loud is clipped, as by a converter"


def test_a_cough_keeps_its_distance_to_speech():
    cough = make_sound("cough", 8000, level=-20.0)
    quieter = Line(level=-32.0).spoken(cough, speech=False)
    assert rms_dbfs(quieter.samples) == pytest.approx(rms_dbfs(cough.samples) - 12.0, abs=0.1)


@pytest.mark.parametrize("speed", [0.7, 1.3])
def test_pace_changes_and_pitch_stays(speed):
    times = np.arange(16000) / 8000
    tone = (8000 * np.sin(2 * np.pi * 200 * times)).astype(np.int16)
    paced = at_speed(tone, 8000, speed)
    assert len(paced) == round(16000 / speed)
    inside = paced[1000:9000].astype(float)
    assert np.argmax(np.abs(np.fft.rfft(inside))) * 8000 / len(inside) == pytest.approx(200, abs=2)
    sound = Line(speed=speed).paced(SAID)
    assert sound.last_voiced / speed**-1 == pytest.approx(SAID.last_voiced, abs=0.05 * 8000)
    assert at_speed(tone, 8000, 1.0) is tone


def test_losses_are_seeded_and_as_many_as_asked():
    line = Line(loss=0.1)
    lost = line.losses(5000, 1)
    assert 0.08 < sum(lost) / 5000 < 0.12
    assert lost == line.losses(5000, 1)
    assert lost != line.losses(5000, 2)
    assert lost != Line(loss=0.1, seed=1).losses(5000, 1)
    assert not any(CLEAN.losses(100, 1))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": 0.9}, r"cannot have this loss: write it from 0 % to 50 %, like '3 %'"),
        ({"speed": 3.0}, r"cannot have this speed: write it from 0.5 to 2"),
        ({"level": 3.0}, r"cannot have this level: write it from -50 to 0 dBFS"),
        ({"snr": 99.0}, r"cannot have this snr"),
        ({"echo": -5.0}, r"cannot have this echo"),
        ({"echo_delay": 5.0}, r"cannot have this echo_delay: write it from 20 ms to 2 s"),
    ],
)
def test_lines_that_are_refused(wrong, message):
    with pytest.raises(SoundError, match=message):
        Line(**wrong)


def test_names_of_lines():
    assert line_named("Bad Mobile") is PRESETS["bad_mobile"]
    with pytest.raises(SoundError, match=r"There is no line 'stret'; nearest: street. Lines: clean, street, car, "):
        line_named("stret")
    assert str(CLEAN) == "clean"
    assert str(PRESETS["street"]) == "street"
    assert str(PRESETS["street"].but(snr=10.0, loss=0.03, noise=None)) == "street, snr 10 dB, loss 3 %"
    assert str(Line(echo=25.0, muffled=True, level=-30.0, echo_delay=0.2, speed=1.2)) == (
        "clean, level -30 dBFS, muffled yes, speed 1.2, echo 25 dB, echo delay 200 ms"
    )


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds(name):
    sound = make_sound(name, 8000)
    assert sound.voiced, "a sound that nobody hears tests nothing"
    assert 0.3 < sound.duration < 1.2
    assert make_sound(name, 8000) is sound
    quieter = make_sound(name, 8000, level=-32.0)
    assert rms_dbfs(quieter.samples) == pytest.approx(rms_dbfs(sound.samples) - 12.0, abs=1.5)
    if name != "horn":
        assert not np.array_equal(make_sound(name, 8000, seed=1).samples, sound.samples)


def test_a_sound_that_is_none():
    with pytest.raises(SoundError, match=r"There is no sound 'coug'; nearest: cough. Sounds: cough, uh-huh, "):
        make_sound("coug", 8000)


def test_a_file_as_a_sound_has_the_level_that_was_asked():
    path = utterance_path("stop")
    assert load_at_level(path, 8000, None) is load_sound(path, 8000)
    assert rms_dbfs(load_at_level(path, 8000, -30.0).samples) == pytest.approx(-30.0, abs=0.1)
