import numpy as np
import pytest
import soxr

from AudioSocketLibrary.media import decode_ulaw, encode_ulaw, load_sound, recordings_dir, rms_dbfs
from AudioSocketLibrary.media.dtmf import dtmf, find_digits

pytestmark = pytest.mark.unit

ALL = "0123456789*#ABCD"


def heard(samples, rate=8000):
    return "".join(digit.key for digit in find_digits(samples, rate))


def pcm(wave):
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def lossy(samples):
    gone = np.repeat(np.random.default_rng(4).random(len(samples) // 160 + 1) < 0.05, 160)[: len(samples)]
    return np.where(gone, np.int16(0), samples)


def noisy(samples, snr):
    level = 32768 * 10 ** ((-13 - snr) / 20)
    return pcm(samples + np.random.default_rng(4).normal(0, level, len(samples)))


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize(("tone", "pause"), [(0.2, 0.1), (0.1, 0.1), (0.06, 0.06), (0.04, 0.04)])
def test_what_is_sent_is_heard_at_its_time(rate, tone, pause):
    samples = np.pad(dtmf(ALL, rate, tone=tone, pause=pause), rate // 5)
    digits = find_digits(samples, rate)
    assert "".join(digit.key for digit in digits) == ALL
    for number, digit in enumerate(digits):
        start = 0.2 + number * (tone + pause)
        assert digit.start == pytest.approx(start, abs=0.006)
        assert digit.end == pytest.approx(start + tone, abs=0.006)


@pytest.mark.parametrize(
    "line",
    [
        lambda samples: decode_ulaw(encode_ulaw(samples)),
        lambda samples: pcm(samples * 0.03),
        lambda samples: pcm(samples * 8.0),
        lambda samples: noisy(samples, 5),
        lossy,
        lambda samples: pcm(soxr.resample(samples * 1.0, 8000 * 1.015, 8000)),
        lambda samples: pcm(soxr.resample(samples * 1.0, 8000 * 0.985, 8000)),
    ],
    ids=["mu-law", "quiet", "clipped", "noise", "loss", "1.5 % high", "1.5 % low"],
)
def test_lines(line):
    assert heard(line(np.pad(dtmf(ALL, 8000, tone=0.08, pause=0.08), 800))) == ALL


@pytest.mark.parametrize("twist", [-6, 6, 8])
def test_twist(twist):
    assert heard(dtmf(ALL, 8000, twist=twist)) == ALL


@pytest.mark.parametrize("factor", [0.965, 1.035])
def test_other_frequencies_are_no_keys(factor):
    assert heard(pcm(soxr.resample(dtmf(ALL, 8000) * 1.0, 8000 * factor, 8000))) == ""


def test_a_key_held_is_one_digit_and_pressed_twice_two():
    assert heard(dtmf("5", 8000, tone=2.0)) == "5"
    assert heard(dtmf("55", 8000, tone=0.05, pause=0.05)) == "55"
    assert heard(dtmf("5", 8000, tone=0.01)) == ""


@pytest.mark.parametrize(
    "path",
    sorted(path for path in recordings_dir().rglob("*") if path.suffix in {".wav", ".flac"}),
    ids=lambda p: p.stem,
)
def test_no_digit_in_speech(path):
    assert find_digits(load_sound(path, 8000).samples, 8000) == []


@pytest.mark.parametrize("count", [0, 1, 100, 8000])
def test_no_digit_in_silence(count):
    assert find_digits(np.zeros(count, np.int16), 8000) == []


def test_its_level_and_length():
    samples = dtmf("1 - 2", 8000, tone=0.1, pause=0.05, level_dbfs=-20)
    assert len(samples) == 2 * 800 + 400
    assert rms_dbfs(samples[:800]) == pytest.approx(-20, abs=0.1)
    assert rms_dbfs(dtmf("1", 8000, level_dbfs=-20, twist=6)) == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"keys": "12E"}, "'E' is no key: there are 0 to 9"),
        ({"keys": ""}, "'' is no key"),
        ({"level_dbfs": -3.0}, "-3 dBFS .* -6.02 fills the scale"),
    ],
)
def test_what_cannot_be_sent(wrong, says):
    with pytest.raises(ValueError, match=says):
        dtmf(**{"keys": "1", "rate": 8000, **wrong})
