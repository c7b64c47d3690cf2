"""How late the media frames of many calls left: noted in one place, and counted for all calls together."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..records import BUCKETS, RESOLUTION, Histogram
from ..transport import SentBook

ROUND = 0.1
"""Seconds between two rounds of counting."""
_PLACES = 64
"""At the beginning; then twice as many, whenever there are too few."""


class Sending:
    """The frames sent in all calls of one event loop of which only figures are kept. Use ``Sending.of``."""

    _of: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Sending]] = WeakKeyDictionary()

    @classmethod
    def of(cls) -> Sending:
        """The one of the running loop."""
        loop = asyncio.get_running_loop()
        sending = cls._of.get(loop)
        if sending is None:
            sending = cls._of[loop] = cls()
        return sending

    def __init__(self) -> None:
        self.book = SentBook()
        """Where connections note each frame until the next round."""
        self._counts: NDArray[np.uint32] = np.zeros((0, BUCKETS), np.uint32)
        self._most: NDArray[np.float64] = np.zeros(0)
        self._free: list[int] = []
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._most) - len(self._free)

    def enter(self) -> int:
        """A call begins; returns the number under which its frames are to be noted."""
        if not self._free:
            had, more = len(self._most), max(_PLACES, len(self._most))
            self._free += range(had + more - 1, had - 1, -1)
            self._counts = np.concatenate([self._counts, np.zeros((more, BUCKETS), np.uint32)])
            self._most = np.concatenate([self._most, np.zeros(more)])
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ROUND, self._round)
        return self._free.pop()

    def lateness(self, number: int) -> Histogram:
        """How late each frame of a call was."""
        self.count()
        found, counts = Histogram(), self._counts[number]
        found.add_counts(
            {index: int(counts[index]) for index in np.flatnonzero(counts).tolist()}, float(self._most[number])
        )
        return found

    def frames(self, number: int) -> int:
        """How many frames of a call were sent."""
        self.count()
        return int(self._counts[number].sum())

    def leave(self, number: int) -> Histogram:
        """A call is over; returns how late each of its frames was."""
        found = self.lateness(number)
        self._counts[number], self._most[number] = 0, 0.0
        self._free.append(number)
        if not len(self) and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return found

    def count(self) -> None:
        """Count what was noted since the last round."""
        noted = self.book.emptied()
        if noted:
            calls, late = np.frombuffer(noted[0], np.int64), np.frombuffer(noted[1])
            buckets = np.clip((late * (1 / RESOLUTION)).astype(np.int64), 0, BUCKETS - 1)
            np.add.at(self._counts, (calls, buckets), 1)
            np.maximum.at(self._most, calls, late)

    def _round(self) -> None:
        self.count()
        self._timer = asyncio.get_running_loop().call_later(ROUND, self._round)
