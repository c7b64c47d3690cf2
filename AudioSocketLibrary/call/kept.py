"""What is kept of a call while it lasts: of each frame a few bytes in memory, its sound in a file.

A thousand calls, all of them recorded, would otherwise hold gigabytes, and a call of hours would grow for hours.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from threading import Lock
from typing import IO, Final, Generic, TypeAlias, TypeVar, overload

from ..records import UsageError

IN_MEMORY: Final = 64 * 1024
"""Bytes of a call's sound that wait in memory to be written: 2 s in which both speak."""

SentFrame: TypeAlias = tuple[float, bytes]
"""When a frame was sent, and the frame."""
HeardFrame: TypeAlias = tuple[float, float | None, int, str, bytes]
"""When a frame is heard without a buffer, and by a phone (None: it was lost); its rate, encoding and payload."""
_Row = TypeVar("_Row")


class Spool:
    """The sound of one call: what is newest in memory, the rest in a temporary file, which vanishes with the process.

    Args:
        folder: where that file is; None: where the system has its temporary files.
    """

    __slots__ = ("_error", "_file", "_folder", "_lock", "_newest", "_written")

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._written = 0
        self._newest = bytearray()
        self._lock = Lock()
        """A thread may read what was heard while the event loop adds to it."""
        self._error: OSError | None = None

    def __del__(self) -> None:
        # A file that is closed by its own end warns of it; this one is wanted as long as anybody may ask for the call.
        if self._file is not None:
            with suppress(OSError):  # a full disk, of which who asked was told
                self._file.close()

    def put(self, data: bytes) -> int:
        """Keep ``data``; returns where it stands (media path)."""
        at = self._written + len(self._newest)
        self._newest += data
        if len(self._newest) >= IN_MEMORY:
            self._write()
        return at

    def get(self, at: int, size: int) -> bytes:
        """What was put there.

        Raises:
            UsageError: something could not be written: there is no room, say.
        """
        with self._lock:
            if self._error is not None:
                place = self._folder or f"{gettempdir()} (another folder: set TMPDIR)"
                raise UsageError(f"The sound of the call could not be kept in {place}: {self._error.strerror}")
            if at >= self._written or self._file is None:
                return bytes(self._newest[at - self._written : at - self._written + size])
            self._file.seek(at)
            return self._file.read(size)

    def _write(self) -> None:
        with self._lock:
            try:
                if self._error is None:
                    if self._file is None:
                        self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - as long as the call
                    self._file.seek(self._written)
                    self._file.write(self._newest)
                    self._file.flush()  # a full disk is told here, not to who reads
            except OSError as error:
                self._error = error  # the call goes on; whoever wants its sound is told
            self._written += len(self._newest)
            self._newest = bytearray()


class _Kept(Sequence[_Row], Generic[_Row]):
    """Frames in order; each is put together again when it is asked for."""

    __slots__ = ("_last", "_last_at", "_places", "_sizes", "_spool", "times")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.times = array("d")
        """When each was sent, or is heard."""
        self._places = array("q")
        self._sizes = array("i")
        self._last, self._last_at = b"", 0

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, index: int) -> _Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[_Row]: ...
    def __getitem__(self, index: int | slice) -> _Row | list[_Row]:
        if isinstance(index, slice):
            return [self._row(each) for each in range(*index.indices(len(self)))]
        return self._row(range(len(self))[index])

    def _keep(self, at: float, data: bytes) -> None:
        # Silence, over and over, is kept once.
        if data != self._last:
            self._last, self._last_at = data, self._spool.put(data)
        self._places.append(self._last_at)
        self._sizes.append(len(data))
        self.times.append(at)

    def _sound(self, index: int) -> bytes:
        return self._spool.get(self._places[index], self._sizes[index])

    @abstractmethod
    def _row(self, index: int) -> _Row:
        """The frame of an index that is there."""


class SentFrames(_Kept[SentFrame]):
    """Every frame that was sent."""

    __slots__ = ()

    def add(self, at: float, frame: bytes) -> None:
        """Keep one (media path)."""
        self._keep(at, frame)

    def _row(self, index: int) -> SentFrame:
        return self.times[index], self._sound(index)


class HeardFrames(_Kept[HeardFrame]):
    """Every frame of audio that arrived."""

    __slots__ = ("_kinds", "_numbers", "_phone")

    def __init__(self, spool: Spool) -> None:
        super().__init__(spool)
        self._phone = array("d")
        """When a phone plays it; -1: it was lost."""
        self._kinds: list[tuple[int, str]] = []
        self._numbers = bytearray()

    @property
    def rates(self) -> set[int]:
        """All that came, in Hz."""
        return {rate for rate, _ in self._kinds}

    def add(self, start: float, phone: float | None, rate: int, encoding: str, payload: bytes) -> None:
        """Keep one (media path)."""
        kind = (rate, encoding)
        if kind not in self._kinds:
            self._kinds.append(kind)
        self._numbers.append(self._kinds.index(kind))
        self._phone.append(-1.0 if phone is None else phone)
        self._keep(start, payload)

    def _row(self, index: int) -> HeardFrame:
        phone = self._phone[index]
        return self.times[index], None if phone < 0 else phone, *self._kinds[self._numbers[index]], self._sound(index)
