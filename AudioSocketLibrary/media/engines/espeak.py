"""espeak-ng as a voice, from the extra `tts`: any language, in a process of its own for each phrase."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from ..voices import Spoken, VoiceError

SPEED: Final = 150
"""Words a minute."""
VARIANT: Final = "m3"
SET_UP: Final = "pip install 'robotframework-audiosocketlibrary[tts]'"
_WHOLE: Final = re.compile(r"[a-z]{2,3}(-.*)?(\+.*)?")


class EspeakVoice:
    """A voice is a language (`en-us`), a variant (`f3`), or both (`uk+f3`)."""

    def __init__(self, rest: str = "", timeout: float = 30.0) -> None:
        if rest:
            raise VoiceError(f"'espeak:{rest}' is no voice: write espeak, and voice=f3 where something is said")
        if not find_spec("espeakng_loader"):
            raise VoiceError(f"espeak-ng is not installed here: {SET_UP}")
        # Of the package that brings the library, only its paths: the library itself is loaded in another process.
        import espeakng_loader  # noqa: PLC0415 - an extra

        self._library, self._data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
        self._timeout = timeout

    def speak(self, text: str, language: str, voice: str) -> Spoken:
        """Returns a text as espeak-ng speaks it, always the same."""
        chosen = voice if _WHOLE.fullmatch(voice) else f"{language}+{voice or VARIANT}"
        worker = Path(__file__).with_name("espeak_worker.py")
        command = [sys.executable, "-I", str(worker), self._library, self._data, chosen, str(SPEED)]
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter and our own file
                command, input=text.encode(), capture_output=True, timeout=self._timeout, check=False
            )
        except subprocess.TimeoutExpired:
            raise VoiceError(f"espeak-ng said nothing within {self._timeout:g} s, and was stopped") from None
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise VoiceError(lines[-1] if lines else f"espeak-ng ended with exit code {done.returncode}")
        rate, _, samples = done.stdout.partition(b"\n")
        return Spoken(np.frombuffer(samples, "<i2").astype(np.int16), int(rate))
