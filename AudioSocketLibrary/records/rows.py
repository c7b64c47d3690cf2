"""Rows of a run: JSON lines, a file for each worker, written as calls end and read while they are.

Each line is an object with ``row``, which tells what it is:

| row | what it is |
| --- | --- |
| worker | the first line: who writes, with the version of the format |
| call | a call that is over: its record (docs/record.md) |
| pulse | one second of the worker: calls up, our own errors in it, CPU and memory |
| sample | one look at a process: CPU, memory, threads, open files |
| end | the last line; a worker whose file has none is lost |
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final, Protocol

from .failures import UsageError

VERSION: Final = 1
_CHUNK: Final = 1 << 20


class Rows(Protocol):
    """Where rows go."""

    @property
    def place(self) -> Path:
        """Where that is, for people."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            OSError: it cannot be written.
        """


def write_line(file: IO[bytes], row: Mapping[str, Any]) -> None:
    """Write a row to an unbuffered file.

    Raises:
        OSError: it cannot be written, or a part of it only.
    """
    rest = memoryview(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    while rest:
        # A disk that is nearly full takes a part.
        rest = rest[file.write(rest) :]


class RowWriter:
    """Writes rows; each is on its way to the disk before the next, so that a process that is killed loses none.

    May be called from several threads.

    Raises:
        UsageError: the file cannot be made.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._lock = Lock()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # A file that is there belongs to another run: nothing measured is written over.
            self._file: IO[bytes] = place.open("xb", buffering=0)
        except OSError as error:
            raise UsageError(f"Rows cannot be written to {place}: {error.strerror or error}") from None

    @property
    def place(self) -> Path:
        """The file."""
        return self._place

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            OSError: the disk is full, or gone.
        """
        with self._lock:
            whole = self._file.tell()
            try:
                write_line(self._file, row)
            except OSError:
                # What is there of the line would spoil the next one.
                self._file.truncate(whole)
                self._file.seek(whole)
                raise

    def close(self) -> None:
        """Nothing more will be written."""
        self._file.close()


class DamagedRowsError(UsageError):
    """A whole line of a file is no row: it can be read up to there."""


class RowReader:
    """Reads the rows of a file, from its beginning or from where the last look ended.

    A last line that is not whole waits: its writer may be in the middle of it, or was killed there.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._position = 0
        self._rest = b""

    @property
    def cut(self) -> bool:
        """Whether the last line is not whole (yet)."""
        return bool(self._rest)

    def new(self) -> Iterator[dict[str, Any]]:
        """The rows since the last look; none while there is no file.

        Raises:
            DamagedRowsError: a whole line is no row.
            UsageError: the file was written by a newer version.
        """
        try:
            with self.place.open("rb") as file:
                file.seek(self._position)
                while chunk := file.read(_CHUNK):
                    self._position += len(chunk)
                    *lines, self._rest = (self._rest + chunk).split(b"\n")
                    yield from map(self._row, lines)
        except FileNotFoundError:
            return

    def _row(self, line: bytes) -> dict[str, Any]:
        try:
            row = json.loads(line)
            kind = row["row"]
        except (ValueError, TypeError, KeyError):
            shown = line[:60].decode(errors="replace")
            raise DamagedRowsError(f"{self.place} is damaged: '{shown}' is no row of a run") from None
        if kind == "worker" and row.get("v", VERSION) > VERSION:
            raise UsageError(
                f"{self.place} was written by a newer version of this library (rows version {row['v']}; "
                f"this one reads up to {VERSION}): update it"
            )
        return row  # type: ignore[no-any-return]


def read_rows(place: Path) -> Iterator[dict[str, Any]]:
    """All whole rows of a file.

    Raises:
        UsageError: as for `RowReader.new`.
    """
    return RowReader(place).new()
