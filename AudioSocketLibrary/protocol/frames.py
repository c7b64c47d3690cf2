"""Frames: a type byte, a big-endian length of the payload, the payload. Nothing on the wire is anything else.

Source: Asterisk's `res_audiosocket.h`, and every row of it measured on Asterisk 22.10.1.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

HEADER_SIZE: Final = 3
MAX_PAYLOAD: Final = 0xFFFF
UUID_SIZE: Final = 16
DTMF_KEYS: Final = "0123456789*#ABCD"
HANGUP_FRAME: Final = b"\0\0\0"

_HEADER: Final = Struct("!BH")


class FrameType(IntEnum):
    """The types that have a name. What each side may really send stands in `rules.py`."""

    HANGUP = 0x00
    UUID = 0x01
    SILENCE = 0x02  # only in the Go library and its copies: no Asterisk sends or accepts it
    DTMF = 0x03
    AUDIO = 0x10
    SLIN12 = 0x11
    SLIN16 = 0x12
    SLIN24 = 0x13
    SLIN32 = 0x14
    SLIN44 = 0x15
    SLIN48 = 0x16
    SLIN96 = 0x17
    SLIN192 = 0x18
    ERROR = 0xFF  # no Asterisk has code to send it


# 0x10 is 8 kHz by the book. Before 20.17/22.7 other rates travelled in it too: the type alone cannot tell.
RATE_OF: Final[dict[int, int]] = {
    FrameType.AUDIO.value: 8000,
    FrameType.SLIN12.value: 12000,
    FrameType.SLIN16.value: 16000,
    FrameType.SLIN24.value: 24000,
    FrameType.SLIN32.value: 32000,
    FrameType.SLIN44.value: 44100,
    FrameType.SLIN48.value: 48000,
    FrameType.SLIN96.value: 96000,
    FrameType.SLIN192.value: 192000,
}
AUDIO_TYPES: Final = frozenset(RATE_OF)


class Frame(NamedTuple):
    """One frame as it came: `type` is any byte, known or not; `payload` is 0 to 65535 bytes."""

    type: int
    payload: bytes

    @property
    def is_audio(self) -> bool:
        """Whether the type is one of the audio types, 0x10 to 0x18."""
        return self.type in AUDIO_TYPES

    def __str__(self) -> str:
        """The frame in a few words, for logs: a payload of audio says nothing to people."""
        return f"{name_of(self.type)}, {len(self.payload)} bytes"


def name_of(frame_type: int) -> str:
    """Names a type for people: `"0x03 DTMF"`, or `"0x20"` for a byte that has no name."""
    try:
        return f"0x{frame_type:02x} {FrameType(frame_type).name}"
    except ValueError:
        return f"0x{frame_type:02x}"


def encode(frame_type: int, payload: bytes) -> bytes:
    """Returns the frame as the bytes to write, in one write: Asterisk does so, and may require it of the bot.

    Args:
        frame_type: 0 to 255; nothing checks that anybody knows it.
        payload: At most 65535 bytes; copied once.

    Raises:
        ValueError: The type is no byte, or the payload is longer than a frame can say.
    """
    size = len(payload)
    if size > MAX_PAYLOAD:
        raise ValueError(f"A frame holds at most {MAX_PAYLOAD} bytes of payload, not {size}; send several")
    if not 0 <= frame_type <= 0xFF:
        raise ValueError(f"A frame's type is one byte, 0x00 to 0xff, not {frame_type}")
    return _HEADER.pack(frame_type, size) + payload


def encode_uuid(uuid: UUID) -> bytes:
    """Returns the frame that opens a call: 19 bytes, the UUID in RFC 4122 order, as in its text."""
    return encode(FrameType.UUID, uuid.bytes)


def encode_dtmf(key: str) -> bytes:
    """Returns the frame of one key pressed and let go: Asterisk sends one frame per key, at key-up.

    Args:
        key: One of `0123456789*#ABCD`; the wire has capital letters only.

    Raises:
        ValueError: The key is none of these.
    """
    if len(key) != 1 or key not in DTMF_KEYS:
        raise ValueError(f"A DTMF key is one of {' '.join(DTMF_KEYS)}, not {key!r}")
    return encode(FrameType.DTMF, key.encode("ascii"))
