"""RTP packets (RFC 3550, section 5.1), with the static payload types of RFC 3551, section 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from .errors import WireError

HEADER_SIZE: Final = 12
_HEADER: Final = Struct("!BBHII")
_EXTENSION: Final = Struct("!HH")
_RTCP: Final = {200: "sender report", 201: "receiver report", 202: "source description", 203: "bye", 204: "app"}


@dataclass(frozen=True, slots=True)
class RtpCodec:
    """What a static payload type stands for.

    Attributes:
        name: As in SDP.
        rate: Of the RTP clock, in Hz. G.722 samples at 16 kHz, and its clock still says 8 kHz.
        bytes_per_second: Of the payload; 0 where it varies.
    """

    name: str
    rate: int
    bytes_per_second: int = 0


STATIC_CODECS: Final = {
    0: RtpCodec("PCMU", 8000, 8000),
    3: RtpCodec("GSM", 8000, 1650),
    4: RtpCodec("G723", 8000),
    8: RtpCodec("PCMA", 8000, 8000),
    9: RtpCodec("G722", 8000, 8000),
    11: RtpCodec("L16", 44100, 88200),
    13: RtpCodec("CN", 8000),
    15: RtpCodec("G728", 8000, 2000),
    18: RtpCodec("G729", 8000, 1000),
}
"""Audio payload types whose meaning needs no SDP. 96 to 127 are given by SDP."""


@dataclass(frozen=True, slots=True)
class RtpExtension:
    """A header extension (section 5.3.1): what it is, by its profile, and its bytes (a multiple of 4)."""

    profile: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet.

    Attributes:
        payload_type: 0 to 127.
        sequence: 0 to 65535, one more with each packet.
        timestamp: 0 to 4294967295, of the payload's first sample.
        ssrc: Who sends, 0 to 4294967295.
        payload: The audio, without header and padding.
        marker: For audio: the first packet after a silence.
        csrcs: Whose sound a mixer put together.
        extension: The header extension; None: it has none.
        padding: Bytes after the payload, their own count included; 0: none.
        version: Always 2.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: RtpExtension | None = None
    padding: int = 0
    version: int = 2

    @property
    def codec(self) -> str:
        """Name of the codec, where the payload type is a static one; else an empty text."""
        known = STATIC_CODECS.get(self.payload_type)
        return known.name if known else ""

    @property
    def milliseconds(self) -> float:
        """How long the payload sounds; 0 where its type does not tell."""
        known = STATIC_CODECS.get(self.payload_type)
        return len(self.payload) * 1000 / known.bytes_per_second if known and known.bytes_per_second else 0.0


def parse_rtp(data: bytes) -> RtpPacket:
    """Reads one packet; its payload is without header and padding.

    Raises:
        WireError: It is no RTP packet, or is cut short.
    """
    if len(data) < HEADER_SIZE:
        raise WireError(f"An RTP header has {HEADER_SIZE} bytes, and only {len(data)} came (RFC 3550, section 5.1)")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise WireError(f"RTP has version 2, and this packet says {first >> 6} (RFC 3550, section 5.1)")
    if second in _RTCP:
        raise WireError(f"This is RTCP ({_RTCP[second]}), not RTP (RFC 5761, section 4)")
    at = HEADER_SIZE
    csrcs = tuple(_whole(data, at + 4 * index, 4, "list of contributing sources") for index in range(first & 0xF))
    at += 4 * len(csrcs)
    extension = None
    if first & 0x10:
        profile, words = _EXTENSION.unpack(_part(data, at, 4, "header extension"))
        extension = RtpExtension(profile, _part(data, at + 4, 4 * words, "header extension"))
        at += 4 + 4 * words
    padding = 0
    if first & 0x20:
        padding = data[-1]
        if not 0 < padding <= len(data) - at:
            raise WireError(
                f"The padding says {padding} bytes, and {len(data) - at} follow the header (RFC 3550, section 5.1)"
            )
    payload = bytes(data[at : len(data) - padding])
    marker = bool(second & 0x80)
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, payload, marker, csrcs, extension, padding)


def build_rtp(
    payload: bytes,
    *,
    payload_type: int = 0,
    sequence: int = 0,
    timestamp: int = 0,
    ssrc: int = 0,
    marker: bool = False,
    csrcs: Sequence[int] = (),
    extension: RtpExtension | None = None,
    padding: int = 0,
) -> bytes:
    """Returns a packet as the bytes to send.

    Args:
        payload: The audio.
        payload_type: 0 is PCMU (G.711 mu-law).
        sequence: Of this packet.
        timestamp: Of its first sample.
        ssrc: Who sends.
        marker: The first packet after a silence.
        csrcs: At most 15.
        extension: A header extension.
        padding: Bytes to add, 1 to 255.

    Raises:
        WireError: A number does not fit its field.
    """
    _fits("payload type", payload_type, 7)
    _fits("sequence", sequence, 16)
    _fits("timestamp", timestamp, 32)
    _fits("SSRC", ssrc, 32)
    _fits("padding", padding, 8)
    _fits("count of contributing sources", len(csrcs), 4)
    first = 0x80 | (0x20 if padding else 0) | (0x10 if extension else 0) | len(csrcs)
    second = marker << 7 | payload_type
    if second in _RTCP:
        raise WireError(
            f"Payload type {payload_type} with the marker would be read as RTCP ({_RTCP[second]}): "
            "take another (RFC 5761, section 4)"
        )
    parts = [_HEADER.pack(first, second, sequence, timestamp, ssrc)]
    for csrc in csrcs:
        _fits("contributing source", csrc, 32)
        parts.append(csrc.to_bytes(4, "big"))
    if extension:
        words, odd = divmod(len(extension.data), 4)
        _fits("profile of the extension", extension.profile, 16)
        _fits("length of the extension in words", words, 16)
        if odd:
            raise WireError(f"A header extension has a multiple of 4 bytes, not {len(extension.data)} (RFC 3550)")
        parts += [_EXTENSION.pack(extension.profile, words), extension.data]
    parts.append(payload)
    if padding:
        parts.append(bytes(padding - 1) + bytes([padding]))
    return b"".join(parts)


def _fits(what: str, value: int, bits: int) -> None:
    if not 0 <= value < 1 << bits:
        raise WireError(f"The {what} of an RTP packet is 0 to {(1 << bits) - 1}, not {value} (RFC 3550, section 5.1)")


def _part(data: bytes, at: int, size: int, what: str) -> bytes:
    part = bytes(data[at : at + size])
    if len(part) < size:
        raise WireError(
            f"The RTP packet ends in its {what}: {size - len(part)} bytes are missing (RFC 3550, section 5.1)"
        )
    return part


def _whole(data: bytes, at: int, size: int, what: str) -> int:
    return int.from_bytes(_part(data, at, size, what), "big")
