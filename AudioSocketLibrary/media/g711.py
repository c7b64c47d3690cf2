"""G.711 by look-up tables: int16 samples to and from mu-law and A-law codes.

The tables follow the reference code of ITU-T G.711 as Python's `audioop` had it (14 bits of each sample for
mu-law, 13 for A-law, truncated): all 65,536 samples and 256 codes come out the same. libsndfile rounds
otherwise and differs on 649 (mu-law) and 127 (A-law) of the samples, which is why it is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def encode_ulaw(samples: NDArray[np.int16]) -> bytes:
    """Returns the mu-law codes, one byte each, of int16 samples of shape (n,)."""
    return _ULAW_ENCODE[samples.view(np.uint16)].tobytes()


def encode_alaw(samples: NDArray[np.int16]) -> bytes:
    """Returns the A-law codes, one byte each, of int16 samples of shape (n,)."""
    return _ALAW_ENCODE[samples.view(np.uint16)].tobytes()


def decode_ulaw(codes: bytes | bytearray | memoryview) -> NDArray[np.int16]:
    """Returns the int16 samples, shape (n,), of n mu-law codes."""
    return _ULAW_DECODE[np.frombuffer(codes, np.uint8)]


def decode_alaw(codes: bytes | bytearray | memoryview) -> NDArray[np.int16]:
    """Returns the int16 samples, shape (n,), of n A-law codes."""
    return _ALAW_DECODE[np.frombuffer(codes, np.uint8)]


def _all_samples() -> NDArray[np.int32]:
    """Every int16 value, at the index of its bit pattern."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _build_ulaw_encode() -> NDArray[np.uint8]:
    value = _all_samples() >> 2
    mask = np.where(value < 0, 0x7F, 0xFF)
    magnitude = np.minimum(np.abs(value), 8159) + 33
    segment = np.searchsorted([0x3F << n | (1 << n) - 1 for n in range(8)], magnitude)
    code = segment << 4 | (magnitude >> (segment + 1)) & 0xF
    return (np.where(segment > 7, 0x7F, code) ^ mask).astype(np.uint8)


def _build_alaw_encode() -> NDArray[np.uint8]:
    value = _all_samples() >> 3
    mask = np.where(value < 0, 0x55, 0xD5)
    magnitude = np.where(value < 0, -value - 1, value)
    segment = np.searchsorted([0x1F << n | (1 << n) - 1 for n in range(8)], magnitude)
    code = segment << 4 | (magnitude >> np.maximum(segment, 1)) & 0xF
    return (code ^ mask).astype(np.uint8)


def _build_ulaw_decode() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0xF) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _build_alaw_decode() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    segment = code >> 4 & 7
    step = (code & 0xF) << 4
    magnitude = np.where(segment == 0, step + 8, step + 0x108 << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


_ULAW_ENCODE = _build_ulaw_encode()
_ALAW_ENCODE = _build_alaw_encode()
_ULAW_DECODE = _build_ulaw_decode()
_ALAW_DECODE = _build_alaw_decode()
