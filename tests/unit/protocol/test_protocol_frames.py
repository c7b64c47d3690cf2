"""Frames and formats as bytes."""

from __future__ import annotations

import doctest
import struct
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import AudioSocketLibrary.protocol as protocol
from AudioSocketLibrary.protocol import (
    AUDIO_TYPES,
    DTMF_KEYS,
    HANGUP_FRAME,
    RATE_OF,
    AudioFormat,
    Frame,
    FrameType,
    encode,
    encode_dtmf,
    encode_uuid,
    name_of,
)

pytestmark = pytest.mark.unit


def test_the_example_in_the_docs_runs() -> None:
    result = doctest.testmod(protocol)
    assert result.attempted > 5
    assert result.failed == 0


def test_all_is_sorted_and_real() -> None:
    names = protocol.__all__
    constants = [name for name in names if name.isupper()]
    classes = [name for name in names if name[0].isupper() and not name.isupper()]
    functions = [name for name in names if name[0].islower()]
    assert names == sorted(constants) + sorted(classes) + sorted(functions)
    assert all(hasattr(protocol, name) for name in names)


@given(st.integers(0, 255), st.binary(max_size=2000))
@settings(deadline=None, max_examples=100)
def test_a_frame_is_type_length_payload(frame_type: int, payload: bytes) -> None:
    assert encode(frame_type, payload) == struct.pack(">BH", frame_type, len(payload)) + payload


def test_the_longest_payload() -> None:
    assert len(encode(FrameType.AUDIO, bytes(65535))) == 65538
    with pytest.raises(ValueError, match="at most 65535 bytes of payload, not 65536; send several"):
        encode(FrameType.AUDIO, bytes(65536))


@pytest.mark.parametrize("frame_type", [-1, 256])
def test_a_type_is_a_byte(frame_type: int) -> None:
    with pytest.raises(ValueError, match=f"one byte, 0x00 to 0xff, not {frame_type}"):
        encode(frame_type, b"")


def test_a_uuid_travels_in_the_order_of_its_text() -> None:
    uuid = UUID("40325ec2-5efd-4bd3-805f-53576e581d13")
    assert encode_uuid(uuid).hex() == "010010" + "40325ec25efd4bd3805f53576e581d13"


def test_every_key_is_one_byte() -> None:
    assert [encode_dtmf(key) for key in DTMF_KEYS] == [b"\x03\0\x01" + key.encode() for key in DTMF_KEYS]


@pytest.mark.parametrize("key", ["", "a", "E", "12", " ", "٣", "é"])
def test_a_bad_key_is_told_what_is_allowed(key: str) -> None:
    with pytest.raises(ValueError, match=r"0 1 2 3 4 5 6 7 8 9 \* # A B C D, not"):
        encode_dtmf(key)


def test_hangup_is_three_zeros() -> None:
    assert encode(FrameType.HANGUP, b"") == HANGUP_FRAME == b"\0\0\0"


def test_frames_in_words() -> None:
    assert str(Frame(0x10, bytes(320))) == "0x10 AUDIO, 320 bytes"
    assert str(Frame(0x20, b"")) == "0x20, 0 bytes"
    assert name_of(0xFF) == "0xff ERROR"


def test_what_is_audio() -> None:
    assert [t for t in range(256) if Frame(t, b"").is_audio] == list(range(0x10, 0x19))
    assert list(RATE_OF) == sorted(AUDIO_TYPES) == list(range(0x10, 0x19))


@pytest.mark.parametrize(
    ("name", "frame_type", "rate", "encoding", "samples", "size"),
    [
        ("slin", 0x10, 8000, "slin", 160, 320),
        ("slin12", 0x11, 12000, "slin", 240, 480),
        ("slin16", 0x12, 16000, "slin", 320, 640),
        ("slin24", 0x13, 24000, "slin", 480, 960),
        ("slin32", 0x14, 32000, "slin", 640, 1280),
        ("slin44", 0x15, 44100, "slin", 882, 1764),
        ("slin48", 0x16, 48000, "slin", 960, 1920),
        ("slin96", 0x17, 96000, "slin", 1920, 3840),
        ("slin192", 0x18, 192000, "slin", 3840, 7680),
        ("slin16_in_0x10", 0x10, 16000, "slin", 320, 640),
        ("ulaw", 0x10, 8000, "ulaw", 160, 160),
        ("alaw", 0x10, 8000, "alaw", 160, 160),
    ],
)
def test_formats_are_what_was_measured(
    name: str, frame_type: int, rate: int, encoding: str, samples: int, size: int
) -> None:
    audio = AudioFormat[name]
    assert audio.name == name, "an alias: two formats have the same value"
    assert (audio.type, audio.rate, audio.encoding, audio.samples, audio.size) == (
        frame_type,
        rate,
        encoding,
        samples,
        size,
    )
    assert name in {"slin16_in_0x10"} or RATE_OF[audio.type] == rate
    assert f"`{name}`" in (AudioFormat.__doc__ or "")
    assert len(AudioFormat) == 12
