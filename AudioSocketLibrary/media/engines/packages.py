"""Engines from packages that are not ours to install: vosk and faster-whisper, with models of the user's."""

from __future__ import annotations

import importlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr

from ..phrases import plain
from ..recogniser import RecogniserError, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RATE: Final = 16000
VOSK_SET_UP: Final = (
    "pip install 'robotframework-audiosocketlibrary[vosk]', unpack a model from https://alphacephei.com/vosk/models, "
    "and write vosk:FOLDER"
)
WHISPER_SET_UP: Final = (
    "pip install 'robotframework-audiosocketlibrary[whisper]', and write faster-whisper:small "
    "(downloaded at its first use) or faster-whisper:FOLDER"
)


@dataclass(frozen=True)
class VoskRecogniser:
    """vosk with one model. Where texts are expected, it listens for their words only (models with a dynamic graph)."""

    vosk: Any
    model: Any

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,  # noqa: ARG002 - the model has one
        expected: Sequence[str] = (),
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns what vosk heard; the confidence is the mean of its words'."""
        words = [json.dumps([*(plain(text) for text in expected), "[unk]"], ensure_ascii=False)] if expected else []
        listener = self.vosk.KaldiRecognizer(self.model, rate, *words)
        listener.SetWords(True)
        listener.AcceptWaveform(samples.astype("<i2").tobytes())
        heard = json.loads(listener.FinalResult())
        text = " ".join(str(heard.get("text", "")).replace("[unk]", "").split())
        sure = [float(word["conf"]) for word in heard.get("result", []) if word.get("word") != "[unk]"]
        return Recognition(text, float(np.mean(sure)) if text and sure else float(bool(text)))


@dataclass(frozen=True)
class WhisperRecogniser:
    """faster-whisper on the processor."""

    model: Any

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),  # noqa: ARG002 - a prompt makes Whisper invent it where nothing is said
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns what Whisper heard; the confidence is the mean probability of its segments."""
        wave = soxr.resample(samples.astype(np.float32) / 32768, rate, RATE)
        segments = list(self.model.transcribe(wave, language=language or None)[0])
        text = " ".join(segment.text.strip() for segment in segments).strip()
        sure = [math.exp(segment.avg_logprob) for segment in segments]
        return Recognition(text, min(1.0, float(np.mean(sure))) if text else 0.0)


def open_vosk(folder: str) -> VoskRecogniser:
    """Opens vosk with the model in a folder; RecogniserError with the way to set it up."""
    vosk = _import("vosk", "vosk", VOSK_SET_UP)
    if not folder or not Path(folder).is_dir():
        raise RecogniserError(f"vosk has no model{f' in {folder!r}' if folder else ''}: {VOSK_SET_UP}")
    vosk.SetLogLevel(-1)
    try:
        return VoskRecogniser(vosk, vosk.Model(folder))
    except Exception as error:  # noqa: BLE001 - vosk raises bare exceptions
        raise RecogniserError(f"vosk cannot use the model in '{folder}' ({error}): {VOSK_SET_UP}") from None


def open_whisper(model: str) -> WhisperRecogniser:
    """Opens faster-whisper with a model; RecogniserError with the way to set it up."""
    package = _import("faster_whisper", "faster-whisper", WHISPER_SET_UP)
    if not model:
        raise RecogniserError(f"faster-whisper has no model: {WHISPER_SET_UP}")
    try:
        return WhisperRecogniser(package.WhisperModel(model, device="cpu", compute_type="int8"))
    except Exception as error:  # noqa: BLE001 - a download and a parser of models stand behind it
        raise RecogniserError(f"faster-whisper cannot use the model '{model}' ({error}): {WHISPER_SET_UP}") from None


def _import(module: str, name: str, set_up: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RecogniserError(f"{name} is not installed ({error}): {set_up}") from None
