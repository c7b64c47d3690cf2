"""A speech service that speaks Wyoming, as those for Home Assistant do: JSON lines and PCM over TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import soxr

from ..recogniser import RecogniserError, Recognition
from .events import WyomingService, send_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedRWPair

    import numpy as np
    from numpy.typing import NDArray

RATE: Final = 16000
"""What services expect; not all of them resample."""
CHUNK: Final = 2 * RATE // 10


class WyomingRecogniser:
    """One connection for each utterance, as Home Assistant does it."""

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self._service = WyomingService.at(address, does="recognises speech", error=RecogniserError, timeout=timeout)

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),  # noqa: ARG002 - the protocol has no place for it
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns what the service heard; RecogniserError where it cannot be reached or fails."""
        sound = samples if rate == RATE else soxr.resample(samples, rate, RATE)
        with self._service.connected() as stream:
            _ask(stream, sound.astype("<i2").tobytes(), language)
            while True:
                kind, data, _ = self._service.event(stream, "a transcript")
                if kind == "transcript":
                    text = str(data.get("text") or "").strip()
                    return Recognition(text, 1.0 if text else 0.0)


def _ask(stream: BufferedRWPair, pcm: bytes, language: str) -> None:
    audio = {"rate": RATE, "width": 2, "channels": 1}
    send_event(stream, "transcribe", {"language": language})
    send_event(stream, "audio-start", audio)
    for start in range(0, len(pcm), CHUNK):
        send_event(stream, "audio-chunk", audio, pcm[start : start + CHUNK])
    send_event(stream, "audio-stop", {})
    stream.flush()
