"""A speech service that speaks Wyoming, as those for Home Assistant do: JSON lines and PCM over TCP."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import numpy as np
import soxr

from ..recogniser import RecogniserError, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedRWPair

    from numpy.typing import NDArray

RATE: Final = 16000
"""What services expect; not all of them resample."""
CHUNK: Final = 2 * RATE // 10
LONGEST: Final = 1 << 20


class WyomingRecogniser:
    """One connection for each utterance, as Home Assistant does it."""

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        parts = urlsplit(address)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port:
            raise RecogniserError(f"'{address}' is no address of a speech service: write wyoming://host:port")
        self._host, self._port, self._timeout = host, port, timeout
        self._name = f"wyoming://{host}:{port}"

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
        try:
            with (
                socket.create_connection((self._host, self._port), self._timeout) as line,
                line.makefile("rwb") as stream,
            ):
                _ask(stream, sound.astype("<i2").tobytes(), language)
                return self._answer(stream)
        except TimeoutError:
            raise RecogniserError(f"{self._name} gave no answer within {self._timeout:g} s") from None
        except OSError as error:
            reason = error.strerror or error
            raise RecogniserError(
                f"Nothing recognises speech at {self._name} ({reason}): start the service, or give another address"
            ) from None

    def _answer(self, stream: BufferedRWPair) -> Recognition:
        while True:
            kind, data = self._event(stream)
            if kind == "transcript":
                text = str(data.get("text") or "").strip()
                return Recognition(text, 1.0 if text else 0.0)
            if kind == "error":
                raise RecogniserError(f"{self._name} failed: {data.get('text') or 'it does not say why'}")

    def _event(self, stream: BufferedRWPair) -> tuple[str, dict[str, Any]]:
        line = stream.readline(LONGEST)
        if not line:
            raise RecogniserError(f"{self._name} closed the connection without a transcript")
        try:
            header = json.loads(line)
            lengths = [int(header.get(part) or 0) for part in ("data_length", "payload_length")]
            more, _ = (stream.read(min(max(length, 0), LONGEST)) for length in lengths)
            data = {**(header.get("data") or {}), **(json.loads(more) if more else {})}
            return str(header["type"]), data
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RecogniserError(f"{self._name} does not speak Wyoming: it sent {line[:40]!r}") from None


def _ask(stream: BufferedRWPair, pcm: bytes, language: str) -> None:
    audio = {"rate": RATE, "width": 2, "channels": 1}
    _send(stream, "transcribe", {"language": language})
    _send(stream, "audio-start", audio)
    for start in range(0, len(pcm), CHUNK):
        _send(stream, "audio-chunk", audio, pcm[start : start + CHUNK])
    _send(stream, "audio-stop", {})
    stream.flush()


def _send(stream: BufferedRWPair, kind: str, data: dict[str, Any], payload: bytes = b"") -> None:
    length = {"payload_length": len(payload)} if payload else {}
    stream.write(json.dumps({"type": kind, "data": data, **length}).encode() + b"\n" + payload)
