"""Audio formats: what one side of a call sends, in which type, how fast, how much in a media frame."""

from __future__ import annotations

from enum import Enum
from typing import Literal, TypeAlias

from .frames import FrameType

Encoding: TypeAlias = Literal["slin", "ulaw", "alaw"]


class AudioFormat(Enum):
    """The audio that one side of a call sends. All is mono; `slin` is 16 bits, little-endian.

    | Format           | Type | Rate     | Bytes in 20 ms | Where Asterisk sends it                      |
    |------------------|------|----------|----------------|----------------------------------------------|
    | `slin`           | 0x10 | 8 kHz    | 320            | `AudioSocket()`, or `Dial` with `c(slin)`     |
    | `slin12`         | 0x11 | 12 kHz   | 480            | `Dial` with `c(slin12)`, since 20.17 / 22.7   |
    | `slin16`         | 0x12 | 16 kHz   | 640            | `Dial` with `c(slin16)`, since 20.17 / 22.7   |
    | `slin24`         | 0x13 | 24 kHz   | 960            | likewise                                     |
    | `slin32`         | 0x14 | 32 kHz   | 1280           | likewise                                     |
    | `slin44`         | 0x15 | 44.1 kHz | 1764           | likewise                                     |
    | `slin48`         | 0x16 | 48 kHz   | 1920           | likewise                                     |
    | `slin96`         | 0x17 | 96 kHz   | 3840           | likewise                                     |
    | `slin192`        | 0x18 | 192 kHz  | 7680           | likewise                                     |
    | `slin16_in_0x10` | 0x10 | 16 kHz   | 640            | `Dial` with `c(slin16)` before 20.17 / 22.7   |
    | `ulaw`           | 0x10 | 8 kHz    | 160            | `Dial` without `c()`, the phone on G.711 u-law |
    | `alaw`           | 0x10 | 8 kHz    | 160            | `Dial` without `c()`, the phone on G.711 A-law |

    Nothing is negotiated on the wire, and the bot may answer in another format than it hears.
    """

    slin = (FrameType.AUDIO, 8000, "slin")
    slin12 = (FrameType.SLIN12, 12000, "slin")
    slin16 = (FrameType.SLIN16, 16000, "slin")
    slin24 = (FrameType.SLIN24, 24000, "slin")
    slin32 = (FrameType.SLIN32, 32000, "slin")
    slin44 = (FrameType.SLIN44, 44100, "slin")
    slin48 = (FrameType.SLIN48, 48000, "slin")
    slin96 = (FrameType.SLIN96, 96000, "slin")
    slin192 = (FrameType.SLIN192, 192000, "slin")
    slin16_in_0x10 = (FrameType.AUDIO, 16000, "slin")
    ulaw = (FrameType.AUDIO, 8000, "ulaw")
    alaw = (FrameType.AUDIO, 8000, "alaw")

    def __init__(self, frame_type: FrameType, rate: int, encoding: Encoding) -> None:
        self.type = frame_type
        self.rate = rate
        self.encoding: Encoding = encoding
        self.samples = rate // 50
        self.size = self.samples * self.sample_size

    @property
    def sample_size(self) -> int:
        """Bytes of one sample: 2, or 1 of G.711."""
        return 2 if self.encoding == "slin" else 1
