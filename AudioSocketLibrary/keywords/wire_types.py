"""Types of the arguments and results of ``AudioSocketLibrary.Wire``, each with its converter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ..protocol import RATE_OF, Frame, FrameType, name_of
from ..wire import SipMessage


class Octets(bytes):
    """Bytes; written as hexadecimal digits."""


class FrameTypeNumber(int):
    """The type of a frame: 0 to 255."""


class Message(bytes):
    """A SIP message as bytes; text has the line ends of SIP."""


class Codecs(tuple[str, ...]):
    """Codecs by name."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class WireFrame:
    """One AudioSocket frame.

    Attributes:
        type: As a number, like 16 for 0x10.
        name: For people, like ``0x10 AUDIO``.
        payload: Its bytes.
        size: How many.
        milliseconds: How long it sounds; 0 where it is no audio. What 0x10 carries is taken for 8 kHz slin.
        uuid: Of a UUID frame, as text; else empty.
        key: Of a DTMF frame; else empty.
    """

    type: int
    name: str
    payload: bytes
    size: int
    milliseconds: float
    uuid: str
    key: str

    @classmethod
    def of(cls, frame: Frame) -> WireFrame:
        """What a frame is."""
        size = len(frame.payload)
        rate = RATE_OF.get(frame.type, 0)
        uuid = str(UUID(bytes=frame.payload)) if frame.type == FrameType.UUID and size == 16 else ""
        key = frame.payload.decode("latin-1") if frame.type == FrameType.DTMF else ""
        return cls(frame.type, name_of(frame.type), frame.payload, size, size * 500 / rate if rate else 0.0, uuid, key)


def to_octets(value: str | bytes | bytearray | list[int]) -> Octets:
    """Bytes: as they are, or as hexadecimal digits like `03 00 01 35`; spaces, colons and dashes do not count."""
    if isinstance(value, str):
        try:
            return Octets(bytes.fromhex(re.sub(r"[\s:-]", "", value)))
        except ValueError:
            raise ValueError(
                f"'{value[:40]}' are no bytes: write pairs of hexadecimal digits, like 03 00 01 35, or give bytes"
            ) from None
    return Octets(value)


def to_frame_type(value: str | int) -> FrameTypeNumber:
    """The type of a frame: a name like `AUDIO`, `UUID` or `DTMF`, or a number like `0x10`."""
    text = str(value).strip()
    if text.upper() in FrameType.__members__:
        return FrameTypeNumber(FrameType[text.upper()])
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number <= 0xFF:
        raise ValueError(
            f"'{value}' is no type of a frame: write a number from 0x00 to 0xff, or one of "
            + ", ".join(FrameType.__members__)
        )
    return FrameTypeNumber(number)


def to_message(value: str | bytes | bytearray | SipMessage) -> Message:
    """A SIP message: parsed, or bytes as they are, or text, whose line ends become those of SIP, CR LF."""
    if isinstance(value, str):
        return Message(re.sub(r"\r?\n", "\r\n", value).encode())
    return Message(bytes(value))


def to_codecs(value: str | list[Any] | tuple[Any, ...]) -> Codecs:
    """Codecs by name: one, several with commas between them, or a list."""
    names = value.split(",") if isinstance(value, str) else value
    return Codecs(str(name).strip() for name in names)


WIRE_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    Octets: to_octets,
    FrameTypeNumber: to_frame_type,
    Message: to_message,
    Codecs: to_codecs,
}
