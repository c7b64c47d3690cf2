"""What a connection tells those who use it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
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

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while (frame := await self.next()) is not None:
            yield frame

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
