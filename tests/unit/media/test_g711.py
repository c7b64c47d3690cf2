"""G.711 against `audioop`, which was its reference until Python 3.12."""

import warnings

import numpy as np
import pytest

from AudioSocketLibrary.media import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw

pytestmark = pytest.mark.unit

SAMPLES = np.arange(-32768, 32768).astype(np.int16)
CODES = bytes(range(256))


@pytest.fixture(scope="module")
def audioop():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("audioop")


def test_all_samples_get_the_codes_of_audioop(audioop):
    assert encode_ulaw(SAMPLES) == audioop.lin2ulaw(SAMPLES.tobytes(), 2)
    assert encode_alaw(SAMPLES) == audioop.lin2alaw(SAMPLES.tobytes(), 2)


def test_all_codes_get_the_samples_of_audioop(audioop):
    assert decode_ulaw(CODES).tobytes() == audioop.ulaw2lin(CODES, 2)
    assert decode_alaw(CODES).tobytes() == audioop.alaw2lin(CODES, 2)


def test_codes_survive_a_round_trip():
    assert encode_alaw(decode_alaw(CODES)) == CODES
    # mu-law has two zeros, and only the positive one is sent.
    assert encode_ulaw(decode_ulaw(CODES)) == CODES.replace(b"\x7f", b"\xff")


@pytest.mark.parametrize(("encode", "decode"), [(encode_ulaw, decode_ulaw), (encode_alaw, decode_alaw)])
def test_error_is_small_beside_the_sample(encode, decode):
    wide = SAMPLES.astype(int)
    error = np.abs(decode(encode(SAMPLES)).astype(int) - wide)
    assert np.all(error <= np.maximum(16, np.abs(wide) / 16))


def test_no_samples():
    assert encode_ulaw(SAMPLES[:0]) == b""
    assert len(decode_alaw(b"")) == 0


def test_every_second_sample_of_stereo_may_be_encoded():
    assert encode_ulaw(SAMPLES[::2]) == encode_ulaw(SAMPLES[::2].copy())
