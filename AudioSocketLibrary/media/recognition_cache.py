"""What was recognised before: the same samples, asked in the same way, need not be recognised again.

In memory, and where there is a folder also for the next run: services that cost money or seconds are asked once for a
recording. On disk an engine's answers stay until the folder is deleted, so it is not for engines whose recordings or
models change under the same name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .lru import Cache
from .recogniser import Part, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT: Final = 1024
"""Recognitions in memory."""


class RecognitionCache:
    """Recognitions by the hash of what was asked. For several threads, and several processes with one folder."""

    def __init__(self, folder: Path | None = None, limit: int = KEPT) -> None:
        """Takes a folder, which is made when it is needed; without one, all ends with the process."""
        self._folder = folder
        self._memory: Cache[str, Recognition] = Cache(limit)

    def remembered(self, key: str) -> Recognition | None:
        """Returns what was recognised, as far as it is in memory: never waits for a disk."""
        return self._memory.get(key)

    def get(self, key: str) -> Recognition | None:
        """Returns what was recognised, or None."""
        known = self._memory.get(key)
        if known or not self._folder:
            return known
        try:
            kept = json.loads(self._file(self._folder, key).read_text("utf-8"))
            parts = tuple(Part(**part) for part in kept.pop("parts"))
            return self._memory.keep(key, Recognition(**kept, parts=parts))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # not there, or not whole: it is recognised again, and written again

    def keep(self, key: str, heard: Recognition) -> Recognition:
        """Keeps a recognition and returns it. That it cannot be written to disk is no reason to fail."""
        if self._folder:
            file = self._file(self._folder, key)
            partial = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.part")
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                partial.write_text(json.dumps(asdict(heard), ensure_ascii=False), "utf-8")
                partial.replace(file)
        return self._memory.keep(key, heard)

    def _file(self, folder: Path, key: str) -> Path:
        return folder / f"{key}.json"


def recognition_key(pcm: bytes, rate: int, engine: str, language: str, expected: Sequence[str] = ()) -> str:
    """Returns the key of int16 samples that are asked about in this way: 64 hexadecimal digits."""
    digest = hashlib.blake2b(pcm, digest_size=32)
    digest.update(repr((rate, engine, language, tuple(expected))).encode())
    return digest.hexdigest()


def user_cache_folder() -> Path:
    """Returns the folder for recognitions that belongs to this user, by the custom of the system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "audiosocket" / "recognitions"
