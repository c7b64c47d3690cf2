"""The bot's end of a call: a connection that was accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .clock import PERIOD, now
from .connection import Connection

MOST_TAKEN = 1 << 15
"""Bytes of one caller that are read in the time of a media frame: 2 s of backlog. A flood waits."""


class Accepted(Connection):
    """A connection that says when it stands, and takes no more of a flood than the other calls can bear."""

    __slots__ = (
        "_deaf", "_on_made", "_since", "_taken",
    )  # fmt: skip

    _on_made: Callable[[Connection], None]
    _taken: int
    """Bytes taken ..."""
    _since: float
    """... since then."""
    _deaf: bool

    # No __init__: what mypyc makes of `super().__init__(role, **settings)` mixes up the arguments (2.4.1).
    def tell(self, on_made: Callable[[Connection], None]) -> None:
        """Call ``on_made`` once the connection stands."""
        self._on_made = on_made
        self._taken, self._since, self._deaf = 0, 0.0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.open:
            self._on_made(self)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        if self._taken > MOST_TAKEN:
            self._look_for_flood()
        super().data_received(data)

    def _look_for_flood(self) -> None:
        time, until = now(), self._since + self._taken / MOST_TAKEN * PERIOD
        self._taken, self._since = 0, max(time, until)
        if until > time and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(until - time, self._read_on)

    def _read_on(self) -> None:
        if self.open and self._transport is not None and not self._transport.is_closing() and not self._deaf:
            self._transport.resume_reading()

    def pause_reading(self) -> None:
        self._deaf = True
        super().pause_reading()
