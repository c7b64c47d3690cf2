"""A speech service of the OpenAI shape: a WAV file to `…/audio/transcriptions`, JSON with the text back."""

from __future__ import annotations

import io
import json
import math
import uuid
import wave
from typing import TYPE_CHECKING, Any, Final

from ..recogniser import RecogniserError, Recognition
from .web import WebService

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

KEY: Final = "AUDIOSOCKET_RECOGNISER_KEY"
"""The environment variable that holds the key of the service, where it wants one."""
MODEL: Final = "whisper-1"


class HttpRecogniser:
    """A request for each utterance. The model is written `http://host:port/v1?model=NAME`."""

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self._service = WebService.at(
            address, key=KEY, does="recognises speech", gets="the recording", error=RecogniserError, timeout=timeout
        )

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),  # noqa: ARG002 - a prompt makes Whisper invent it where nothing is said
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns what the service heard; RecogniserError where it cannot be reached or fails."""
        model = self._service.options.get("model", MODEL)
        fields = {"model": model, "language": language, "response_format": "json"}
        boundary = uuid.uuid4().hex
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/json"}
        body = form(fields, wav_bytes(samples, rate), boundary)
        return self._recognition(self._service.post("/audio/transcriptions", body, headers))

    def _recognition(self, body: bytes) -> Recognition:
        try:
            answer = json.loads(body)
            text = str(answer["text"]).strip()
        except (ValueError, KeyError, TypeError):
            raise RecogniserError(
                f"{self._service.name} is no speech service of the OpenAI shape: "
                f'it answered {body[:40]!r}, not {{"text": …}}'
            ) from None
        return Recognition(text, _confidence(answer) if text else 0.0)


def _confidence(answer: dict[str, Any]) -> float:
    """Servers that say how sure they are do so as Whisper does: a mean log probability for each segment."""
    segments = answer.get("segments")
    means = [one.get("avg_logprob") for one in segments if isinstance(one, dict)] if isinstance(segments, list) else []
    known = [float(mean) for mean in means if isinstance(mean, int | float)]
    return min(1.0, math.exp(sum(known) / len(known))) if known else 1.0


def wav_bytes(samples: NDArray[np.int16], rate: int) -> bytes:
    """Returns a mono WAV file of int16 samples of shape (n,)."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def form(fields: dict[str, str], wav: bytes, boundary: str) -> bytes:
    """Returns the body of a multipart form with one WAV file."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="utterance.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    return b"".join([*parts, head.encode(), wav, f"\r\n--{boundary}--\r\n".encode()])
