"""Voices, opened by a name or an address that people write: `espeak`, `wyoming://host:port` and so on."""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..files import SoundError, nearest, read_mono
from ..voices import Spoken, VoiceError
from .espeak import EspeakVoice
from .events import WyomingService, send_event
from .program import Program
from .web import WebService

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..voices import Voice

ENTRY_POINTS: Final = "audiosocket.voices"
"""An entry point of this group is called with what follows the colon in `name:…`, and returns a `Voice`."""
KEY: Final = "AUDIOSOCKET_VOICE_KEY"
"""The environment variable that holds the key of a service, where it wants one."""
MODEL: Final = "tts-1"
USUAL: Final = "alloy"


class HttpVoice:
    """A service of the OpenAI shape: a text to `…/audio/speech`, a sound file back."""

    def __init__(self, address: str, timeout: float = 60.0) -> None:
        self._service = WebService.at(
            address, key=KEY, does="speaks", gets="the text", error=VoiceError, timeout=timeout
        )

    def speak(self, text: str, language: str, voice: str) -> Spoken:  # noqa: ARG002 - the service hears it in the text
        """Returns what the service said."""
        options = self._service.options
        asked = {
            "model": options.get("model", MODEL),
            "voice": voice or options.get("voice", USUAL),
            "input": text,
            "response_format": "wav",
        }
        answer = self._service.post("/audio/speech", json.dumps(asked).encode(), {"Content-Type": "application/json"})
        return _read(answer, f"{self._service.name} sent no speech")


class WyomingVoice:
    """A speech service that speaks Wyoming, such as Piper's."""

    def __init__(self, address: str, timeout: float = 60.0) -> None:
        self._service = WyomingService.at(address, does="speaks", error=VoiceError, timeout=timeout)

    def speak(self, text: str, language: str, voice: str) -> Spoken:
        """Returns what the service said."""
        chosen = {"name": voice} if voice else {"language": language}
        audio: dict[str, Any] = {}
        said = bytearray()
        with self._service.connected() as stream:
            send_event(stream, "synthesize", {"text": text, "voice": chosen})
            stream.flush()
            while True:
                kind, data, payload = self._service.event(stream, "speech")
                if kind == "audio-start":
                    audio = data
                elif kind == "audio-chunk":
                    said += payload
                elif kind == "audio-stop":
                    return self._spoken(bytes(said), audio)

    def _spoken(self, said: bytes, audio: dict[str, Any]) -> Spoken:
        try:
            rate, width, channels = (int(audio[part]) for part in ("rate", "width", "channels"))
        except (KeyError, TypeError, ValueError):
            rate = width = channels = 0
        if width != 2 or channels < 1 or rate < 8000:
            raise VoiceError(f"{self._service.name} sent sound that is not 16-bit PCM: {audio}")
        samples = np.frombuffer(said[: len(said) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
        return Spoken(samples.mean(axis=1).astype(np.int16), rate)


class CommandVoice:
    """A program that writes a WAV file. `{wav}`, `{text}`, `{language}` and `{voice}` are filled in.

    Without `{text}` it gets the text on its standard input.
    """

    def __init__(self, command: str, timeout: float = 60.0) -> None:
        self._program = Program.of(
            command,
            without_wav="writes no recording: write command:PROGRAM {wav} {text}",
            error=VoiceError,
            timeout=timeout,
        )

    def speak(self, text: str, language: str, voice: str) -> Spoken:
        """Returns what the program wrote."""
        program = self._program
        with tempfile.TemporaryDirectory(prefix="audiosocket-") as folder:
            wav = Path(folder) / "phrase.wav"
            filled = {"{wav}": str(wav), "{text}": text, "{language}": language, "{voice}": voice}
            program.run(filled, Path(folder), "" if program.has("{text}") else text)
            if not wav.is_file():
                raise VoiceError(f"'{program.words[0]}' ended well, but wrote no file where {{wav}} stands")
            return _read(wav.read_bytes(), f"'{program.words[0]}' wrote no speech")


def open_voice(engine: str) -> Voice:
    """Opens a voice by its name or address.

    Args:
        engine: `espeak`, `wyoming://host:port`, `http://host:port/v1`, `command:espeak-ng -w {wav} {text}`, or the name
            of an entry point.

    Raises:
        VoiceError: there is no such voice, or it cannot be had here; the text says what to do.
    """
    scheme, _, rest = engine.strip().partition(":")
    maker = _BUILT_IN.get(scheme)
    if maker:
        return maker(engine.strip() if rest.startswith("//") else rest.strip())
    for entry_point in entry_points(group=ENTRY_POINTS, name=scheme):
        voice: Voice = entry_point.load()(rest)
        if not callable(getattr(voice, "speak", None)):
            raise VoiceError(f"The voice '{scheme}' is none: what its entry point returns cannot 'speak'")
        return voice
    plugins = sorted({point.name for point in entry_points(group=ENTRY_POINTS)})
    near = nearest(scheme, [*_BUILT_IN, *plugins])
    hint = f". Did you mean '{near[0]}'?" if near else ""
    raise VoiceError(f"There is no voice '{engine}'. Voices: {', '.join([*_WRITTEN, *plugins])}{hint}")


def _read(content: bytes, problem: str) -> Spoken:
    with tempfile.TemporaryDirectory(prefix="audiosocket-") as folder:
        path = Path(folder) / "speech.wav"
        path.write_bytes(content)
        try:
            samples, rate = read_mono(path)
        except SoundError:
            raise VoiceError(f"{problem}, but {content[:40]!r}") from None
    return Spoken(np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16), rate)


_BUILT_IN: Final[dict[str, Callable[[str], Voice]]] = {
    "espeak": EspeakVoice,
    "wyoming": WyomingVoice,
    "http": HttpVoice,
    "https": HttpVoice,
    "command": CommandVoice,
}
_WRITTEN: Final = ("espeak", "wyoming://host:port", "http://host:port/v1", "command:espeak-ng -w {wav} {text}")
