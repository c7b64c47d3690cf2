"""Synthesised phrases, each kept in a file beside the phrase book: it can be committed, and then sounds everywhere."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import numpy as np
import soundfile
import soxr

from .levels import active_speech_level, peak_dbfs
from .voice import find_speech
from .voices import VoiceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .voices import Spoken, Voice

USUAL_VOICE: Final = "espeak"
INDEX: Final = "index.jsonl"
CACHE: Final = "AUDIOSOCKET_CACHE"
"""The environment variable that says where phrases are kept when there is no phrase book."""
RATE: Final = 16000
LEVEL, PEAK = -20.0, -3.0
"""dBFS of the speech, and of its highest peak: as the package's own recordings have it."""
BEFORE, AFTER = 0.100, 0.150
"""Seconds of digital silence around the speech."""

_making: dict[Path, threading.Lock] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A phrase by a voice."""

    text: str
    language: str
    voice: str = ""
    """One of the engine's; empty: its usual one."""
    engine: str = USUAL_VOICE

    @property
    def label(self) -> str:
        """The voice as it is told in records, without what an address may hold of secrets."""
        parts = urlsplit(self.engine)
        name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else self.engine.split()[0]
        return " ".join(filter(None, (name, self.language, self.voice)))

    @property
    def name(self) -> str:
        """The name of its file."""
        said = json.dumps([self.engine, self.voice, self.language, self.text], ensure_ascii=False)
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest() + ".flac"

    def file(self, folder: Path) -> Path:
        """Returns its file in a folder, made where it is not there.

        Raises:
            VoiceError: the voice cannot be had or failed, or the file cannot be written.
        """
        path = folder / self.name
        if path.is_file():
            return path
        with _lock:
            lock = _making.setdefault(path, threading.Lock())
        with lock:
            # A thousand callers may want the same phrase at once.
            if not path.is_file():
                self._keep(_finished(_voice(self.engine).speak(self.text, self.language, self.voice), self.text), path)
        return path

    def _keep(self, samples: NDArray[np.int16], path: Path) -> None:
        # Another process may make the same file: each writes its own, and the last one stays.
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(partial, samples, RATE, subtype="PCM_16", format="FLAC")
            partial.replace(path)
            with (path.parent / INDEX).open("a", encoding="utf-8") as index:
                row = {"file": path.name, "voice": self.label, "text": self.text}
                index.write(json.dumps(row, ensure_ascii=False) + "\n")
        except (OSError, soundfile.LibsndfileError) as error:
            reason = getattr(error, "strerror", None) or error
            raise VoiceError(
                f"the phrase cannot be kept in {path.parent}: {reason}. "
                f"Set another folder in the environment variable {CACHE}"
            ) from None
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def synthesised_folder(book: Path | None) -> Path:
    """Returns where phrases are kept: in `synthesised` beside a phrase book, else in the user's cache."""
    if os.environ.get(CACHE):
        return Path(os.environ[CACHE])
    if book and os.access(book.parent, os.W_OK):
        return book.parent / "synthesised"
    if os.name == "nt":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "audiosocket" / "synthesised"


@cache
def _voice(engine: str) -> Voice:
    from .engines.speaking import open_voice  # noqa: PLC0415 - engines import this floor

    return open_voice(engine)


def _finished(spoken: Spoken, text: str) -> NDArray[np.int16]:
    """The speech alone, at the usual level, between two silences."""
    samples = soxr.resample(spoken.samples, spoken.rate, RATE, quality="HQ") if len(spoken.samples) else spoken.samples
    speech = find_speech(samples, RATE)
    if not speech:
        raise VoiceError(f"the voice said nothing where it should have said '{text}'")
    gain = min(LEVEL - active_speech_level(samples, RATE), PEAK - peak_dbfs(samples))
    words = samples[speech[0][0] : speech[-1][1]] * 10 ** (gain / 20)
    margins = (round(BEFORE * RATE), round(AFTER * RATE))
    return np.asarray(np.pad(np.rint(words), margins), np.int16)
