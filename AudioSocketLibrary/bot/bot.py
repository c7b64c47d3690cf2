"""The reference bot: an AudioSocket server that answers each call by its script."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from ..transport import Address, Connection, Server, listen, now
from .recordings import Recordings
from .script import Script
from .session import Session
from .settings import BotSettings, rows_of
from .truth import Truth


class Bot:
    """The reference bot.

    Args:
        settings: plain settings.
        script: rows that say what it does; default: those that the settings amount to.
        truth: a file for the ground truth of its replies.
        log: told a line for everything that happens in a call.

    Raises:
        UsageError: a recording cannot be played, or the truth cannot be written.

    Example:
        ```python
        async with Bot(BotSettings(reply_after=(1.2,))) as bot:
            print(bot.address)
            await asyncio.sleep(60)
        ```
    """

    def __init__(
        self,
        settings: BotSettings | None = None,
        script: Script | None = None,
        *,
        truth: Path | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.settings = settings or BotSettings()
        self.script = script or Script(rows_of(self.settings))
        self.recordings = Recordings(self.script.recordings, self.settings.format)
        self.truth = Truth(truth) if truth else None
        self._log = log
        self._server: Server | None = None
        self._numbers = count(1)
        self._began = now()

    async def __aenter__(self) -> Self:
        if self._server is None:
            await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._server
        return self._server.address

    @property
    def calls(self) -> int:
        """How many calls stand now."""
        return len(self._server.connections) if self._server else 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Address:
        """Listen for calls; port 0 lets the system choose.

        Raises:
            UsageError: the port is in use, or the host is none of this machine's.
        """
        # The connections themselves send nothing: the bot fills every media frame, for it may have to do so badly.
        self._server = await listen(
            _answer,
            host=host,
            port=port,
            dtx=True,
            format=self.settings.format,
            listener=lambda: Session(self, next(self._numbers)),
        )
        self._began = now()
        return self._server.address

    async def stop(self) -> None:
        """Hang up all calls and listen no more."""
        server, self._server = self._server, None
        if server:
            await server.close()
        if self.truth:
            self.truth.close()

    def note(self, session: Session, text: str) -> None:
        """Something happened in a call."""
        if self._log:
            self._log(f"{now() - self._began:9.3f} call {session.number}: {text}")


async def _answer(line: Connection) -> None:
    session = line.listener
    assert isinstance(session, Session)
    session.begin(line)
    await line.wait_closed()
