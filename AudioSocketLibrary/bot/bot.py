"""The reference bot: an AudioSocket server that answers each call by its script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from ..records import UsageError
from ..transport import Address, Connection, Server, listen, now
from .actions import CONVERSE
from .burdens import Burdens
from .call_faults import ONE_MOMENT
from .dialogue import book_path, load_dialogue
from .dialogue.host import Host
from .dialogue.local import BackendLike, LocalBackend
from .fault_kinds import BOT, DIALOGUE
from .recordings import Recordings
from .script import Script
from .session import Session
from .settings import PHRASES, BotSettings, rows_of
from .truth import Truth


class Bot:
    """The reference bot.

    Args:
        settings: plain settings.
        script: rows that say what it does; default: those that the settings amount to.
        truth: a file for the ground truth of its replies.
        events: a file for what happens in its calls, as JSON lines. A backend has its own.
        backend: has the tools of the dialogue and takes the events; started and stopped by who made it. Default: the
            same tools in memory.
        log: told a line for everything that happens in a call.

    Raises:
        UsageError: a recording cannot be played, the dialogue cannot be used, or a file cannot be written.

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
        events: Path | None = None,
        backend: BackendLike | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.settings = settings or BotSettings()
        self.script = script or Script(rows_of(self.settings))
        dialogue = load_dialogue(self.settings.dialogue) if self.settings.dialogue else None
        if dialogue is None and any(row.do == CONVERSE for row in self.script.rows):
            raise UsageError(f"The script does '{CONVERSE}', which needs a dialogue: give one")
        names = {ONE_MOMENT}.union(self.script.recordings, dialogue.recordings if dialogue else ())
        self.recordings = Recordings(names, self.settings.format, dialogue.files if dialogue else None)
        self._local = LocalBackend(events) if backend is None else None
        used: BackendLike = backend or self._local or LocalBackend()
        self.publish = used.publish if backend or events else None
        """Takes the events of calls; None: nobody does."""
        self.faults = used.faults
        """What it does wrong on request; the same object as its backend's."""
        self.faults.found(BOT, *((DIALOGUE,) if dialogue else ()))
        if self.settings.seed is not None:
            self.faults.seed = self.settings.seed
        self.burdens = Burdens(self.faults, self._tell)
        self.sessions: set[Session] = set()
        """The calls that are served now."""
        self._forget_faults: Callable[[], None] | None = None
        self.host = Host(dialogue, self._engine(), used) if dialogue else None
        """What the calls of a bot with a dialogue share."""
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
            UsageError: the port is in use, the host is none of this machine's, or the recogniser cannot be had.
        """
        try:
            if self._local:
                self._local.start()
            if self.host:
                await self.host.start()
            self._follow_faults()
            self._server = await self._listen(host, port)
        except BaseException:
            await self.stop()
            raise
        self._began = now()
        return self._server.address

    async def _listen(self, host: str, port: int) -> Server:
        # The connections themselves send nothing: the bot fills every media frame, for it may have to do so badly.
        return await listen(
            _answer,
            host=host,
            port=port,
            dtx=True,
            format=self.settings.format,
            listener=lambda: Session(self, next(self._numbers)),
        )

    async def stop(self) -> None:
        """Hang up all calls and listen no more."""
        server, self._server = self._server, None
        if server:
            await server.close()
        if self._forget_faults:
            self._forget_faults()
            self._forget_faults = None
        self.burdens.stop()
        if self.host:
            await self.host.stop()
        if self._local:
            self._local.stop()
        if self.truth:
            self.truth.close()

    def _engine(self) -> str:
        engine, dialogue = self.settings.recogniser, self.settings.dialogue
        book = book_path(dialogue) if dialogue and engine == PHRASES else None
        return f"{engine}:{book}" if book else engine

    def note(self, session: Session, text: str) -> None:
        """Something happened in a call."""
        if self._log:
            self._tell(f"call {session.number}: {text}")

    def _tell(self, text: str) -> None:
        if self._log:
            self._log(f"{now() - self._began:9.3f} {text}")

    def _follow_faults(self) -> None:
        loop = asyncio.get_running_loop()
        self._forget_faults = self.faults.on_change(lambda: loop.call_soon_threadsafe(self._faults_changed))
        self.burdens.changed()

    def _faults_changed(self) -> None:
        if self._forget_faults is None:
            return
        self.burdens.changed()
        for session in list(self.sessions):
            session.faults.changed()


async def _answer(line: Connection) -> None:
    session = line.listener
    assert isinstance(session, Session)
    session.begin(line)
    await line.wait_closed()
