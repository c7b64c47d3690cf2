"""Samples to media frames and payloads back: the one place where sound meets the formats of the wire."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..protocol import encode
from . import g711

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..protocol import AudioFormat


def frames_of(samples: NDArray[np.int16], audio_format: AudioFormat, lead: int = 0) -> tuple[bytes, ...]:
    """Returns whole AudioSocket frames (header and payload) of 20 ms each.

    Args:
        samples: int16 of shape (n,), at the rate of the format.
        audio_format: What the side that sends them speaks.
        lead: So many samples of silence come before, so that the sound may begin anywhere in a media frame.

    The last frame is filled up with silence. No samples and no lead make no frames.
    """
    padded = np.pad(samples, (lead, -(lead + len(samples)) % audio_format.samples))
    payload = encode_payload(padded, audio_format.encoding)
    size = audio_format.size
    return tuple(encode(audio_format.type, payload[start : start + size]) for start in range(0, len(payload), size))


@cache
def silence_frame(audio_format: AudioFormat) -> bytes:
    """Returns the AudioSocket frame of 20 ms of digital silence, always the same object."""
    return frames_of(np.zeros(audio_format.samples, np.int16), audio_format)[0]


def encode_payload(samples: NDArray[np.int16], encoding: str) -> bytes:
    """Returns the payload of int16 samples of shape (n,).

    `encoding` is "slin" (16 bits, little-endian), "ulaw" or "alaw"; ValueError for any other.
    """
    match encoding:
        case "slin":
            return samples.astype("<i2", copy=False).tobytes()
        case "ulaw":
            return g711.encode_ulaw(samples)
        case "alaw":
            return g711.encode_alaw(samples)
    raise _unknown(encoding)


def decode_payload(payload: bytes | bytearray | memoryview, encoding: str) -> NDArray[np.int16]:
    """Returns the samples of a payload as int16 of shape (n,), perhaps read-only.

    The last byte of an odd number of "slin" bytes is ignored, as Asterisk ignores it. ValueError for an
    encoding that is none of "slin", "ulaw" and "alaw".
    """
    match encoding:
        case "slin":
            return np.frombuffer(payload, "<i2", len(payload) // 2).astype(np.int16, copy=False)
        case "ulaw":
            return g711.decode_ulaw(payload)
        case "alaw":
            return g711.decode_alaw(payload)
    raise _unknown(encoding)


def _unknown(encoding: str) -> ValueError:
    return ValueError(f"{encoding!r} is no encoding of a payload: use slin, ulaw or alaw")
