"""Events from a file that a bot appends to: a line of JSON each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from .source import Source, SourceLost

LOOK_EVERY: Final = 0.02
_MOST: Final = 1_000_000
"""Bytes from the end of a file that has grown before anybody listened."""


class FileTail(Source):
    """Follows a file; it may come into being later, and begin anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._position: int | None = None
        self._half: bytes | None = b""
        """The beginning of a line that is still being written; None: what comes is the rest of one that we skip."""

    def _read(self) -> None:
        if self._path.is_dir():
            raise SourceLost("it is a folder: give the file that the bot writes its events to")
        self._answers()
        while not self._ended.wait(LOOK_EVERY):
            try:
                self._take(self._new_lines())
                self._answers()
            except FileNotFoundError:
                self.lost = "it does not exist (yet)"
            except OSError as error:
                raise SourceLost(error.strerror or str(error)) from None

    def _new_lines(self) -> list[Any]:
        size = self._path.stat().st_size
        if self._position is None:
            self._position = max(0, size - _MOST)
            self._half = None if self._position else b""
        if size < self._position:
            self._position, self._half = 0, b""
        if size == self._position:
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            new = file.read(_MOST)
            self._position = file.tell()
        if self._half is None:
            _, ends, new = new.partition(b"\n")
            if not ends:
                return []
        *whole, self._half = ((self._half or b"") + new).split(b"\n")
        return [_parsed(line) for line in whole if line.strip()]


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
