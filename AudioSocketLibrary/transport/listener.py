"""What a connection tells those who use it."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from ..protocol import Frame, Violation
from ..records import Side


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended: who did it, why (a clause that follows the side's name), and when on the one clock."""

    by: Side
    reason: str
    at: float


class Listener(Protocol):
    """Told of all that happens on a connection; called on the media path, so every method must be quick."""

    def sent(self, at: float, late: float, frame: bytes | None) -> None:
        """A media frame was sent at ``at``, ``late`` seconds after it was due (None: nothing was sent, as in DTX)."""

    def heard(self, at: float, frame: Frame) -> None:
        """An audio frame arrived."""

    def told(self, at: float, frame: Frame) -> None:
        """A frame that is no audio arrived."""

    def broke(self, at: float, violation: Violation) -> None:
        """The other side broke a rule; a fatal one ends a strict call right after."""

    def ended(self, ending: Ending) -> None:
        """The connection is over."""


class Inbox:
    """The listener of a connection that nobody else listens to: keeps the last minute of frames for ``async for``."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque(maxlen=3000)
        self.violations: deque[Violation] = deque(maxlen=3000)
        self.over = False
        self._news = asyncio.Event()

    def sent(self, at: float, late: float, frame: bytes | None) -> None:
        """Nothing to keep."""

    def heard(self, at: float, frame: Frame) -> None:  # noqa: ARG002 - the interface of every listener
        """Keep the frame."""
        self.frames.append(frame)
        self._news.set()

    told = heard

    def broke(self, at: float, violation: Violation) -> None:  # noqa: ARG002
        """Keep the violation."""
        self.violations.append(violation)

    def ended(self, ending: Ending) -> None:  # noqa: ARG002
        """Let the reader finish."""
        self.over = True
        self._news.set()

    async def next(self) -> Frame | None:
        """The next frame; None when the connection is over and all were read."""
        while not self.frames:
            if self.over:
                return None
            self._news.clear()
            await self._news.wait()
        return self.frames.popleft()


class Mailbox:
    """Media frames of many connections, one behind another as they came, without an object for each.

    Args:
        size: of a frame with its header, in bytes.
    """

    __slots__ = ("audio", "seats", "size", "times")

    def __init__(self, size: int) -> None:
        self.size = size
        self.seats = array("q")
        """Whose frame it is, ..."""
        self.times = array("d")
        """... when it arrived, ..."""
        self.audio = bytearray()
        """... and the frame with its header."""

    def emptied(self) -> tuple[array[int], array[float], bytearray]:
        """Take all that is in it: seats, times, frames."""
        found = self.seats, self.times, self.audio
        if found[0]:
            self.seats, self.times, self.audio = array("q"), array("d"), bytearray()
        return found


class SentBook:
    """Media frames that many connections have sent, as they went, without an object for each."""

    __slots__ = ("late", "numbers")

    def __init__(self) -> None:
        self.numbers = array("q")
        """Whose frame it was, ..."""
        self.late = array("d")
        """... and how long after it was due it went, in seconds."""

    def emptied(self) -> tuple[array[int], array[float]] | None:
        """Take all that is in it: numbers and times; None: there is nothing."""
        if not self.numbers:
            return None
        found = self.numbers, self.late
        self.numbers, self.late = array("q"), array("d")
        return found
