import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.media import decode_payload, encode_payload, frames_of, silence_frame
from AudioSocketLibrary.protocol import AudioFormat

pytestmark = pytest.mark.unit

FORMATS = list(AudioFormat)


def heard(frames, audio_format):
    return np.concatenate([decode_payload(frame[3:], audio_format.encoding) for frame in frames])


@pytest.mark.parametrize("audio_format", FORMATS)
def test_frames_are_20_ms_with_their_header(audio_format):
    frames = frames_of(np.ones(audio_format.samples + 1, np.int16), audio_format)
    assert len(frames) == 2
    for frame in frames:
        assert frame[0] == audio_format.type
        assert int.from_bytes(frame[1:3], "big") == len(frame) - 3 == audio_format.size


@given(
    audio_format=st.sampled_from([AudioFormat.slin, AudioFormat.slin16, AudioFormat.slin44]),
    count=st.integers(0, 3000),
    lead=st.integers(0, 2000),
    seed=st.integers(0, 9),
)
def test_samples_come_through_after_the_lead(audio_format, count, lead, seed):
    samples = np.random.default_rng(seed).integers(-32768, 32768, count).astype(np.int16)
    frames = frames_of(samples, audio_format, lead)
    assert len(frames) == -(-(lead + count) // audio_format.samples)
    if frames:
        sound = heard(frames, audio_format)
        assert not sound[:lead].any()
        assert np.array_equal(sound[lead : lead + count], samples)
        assert not sound[lead + count :].any()


@pytest.mark.parametrize("audio_format", FORMATS)
def test_silence(audio_format):
    frame = silence_frame(audio_format)
    assert frame is silence_frame(audio_format)
    code = {"slin": 0x00, "ulaw": 0xFF, "alaw": 0xD5}[audio_format.encoding]
    assert frame[3:] == bytes([code]) * audio_format.size


def test_lead_before_g711_is_silence_too():
    assert frames_of(np.zeros(0, np.int16), AudioFormat.alaw, lead=1) == (silence_frame(AudioFormat.alaw),)


def test_samples_are_little_endian():
    assert encode_payload(np.array([0x1234], np.int16), "slin") == b"\x34\x12"
    assert encode_payload(np.array([0x1234], ">i2"), "slin") == b"\x34\x12"


def test_odd_byte_is_ignored():
    assert decode_payload(b"\x34\x12\x56", "slin").tolist() == [0x1234]
    assert len(decode_payload(b"\x34", "slin")) == 0
    assert decode_payload(memoryview(b"\xff\xff\xff"), "ulaw").tolist() == [0, 0, 0]


def test_unknown_encoding():
    with pytest.raises(ValueError, match="'opus' is no encoding"):
        encode_payload(np.zeros(1, np.int16), "opus")
    with pytest.raises(ValueError, match="'opus' is no encoding"):
        decode_payload(b"", "opus")
