"""Calls that come to us: where we are the bot, and a PBX's dialplan is what is tested."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from uuid import UUID

from ..protocol import Party
from ..records import CallFailure, FailureKind, time_text
from ..transport import Address, Connection, Server, listen, now
from .call import Call
from .settings import CallSettings

MOST_WAITING = 64
"""Calls that may wait to be taken; others are hung up at once."""
UUID_TIMEOUT = 2.0
"""Seconds that a connection has to become a call: Asterisk sends the UUID within 5 ms."""


class CallServer:
    """Answers calls, and keeps each until it is taken. Media frames are sent from the start, as a bot does.

    A connection that sends no UUID is no call: an unanswered channel, a port scan, a health check.

    Args:
        settings: what calls assume; ``format`` is what we send.
        most: calls that may wait to be taken.
    """

    def __init__(self, settings: CallSettings | None = None, *, most: int = MOST_WAITING) -> None:
        self.settings = settings or CallSettings()
        self.waiting: deque[Call] = deque()
        self.turned_away = 0
        """Calls that were hung up, since too many waited."""
        self.strangers: list[str] = []
        """Of connections that were no call, what they did instead."""
        self._most = most
        self._arriving: dict[int, Call] = {}
        """By the id of its timeline, a call whose connection is being made."""
        self._server: Server | None = None
        self._news = asyncio.Event()

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._server
        return self._server.address

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> Address:
        """Listen; port 0 lets the system choose.

        Raises:
            UsageError: the port is in use, or the host is none of this machine's.
        """
        self._server = await listen(
            self._answer,
            host=host,
            port=port,
            listener=lambda: self._arrive().timeline,
            format=self.settings.format,
            behaviour=self.settings.asterisk.behaviour,
            dtx=self.settings.dtx,
            chunks=self.settings.chunks,
        )
        return self.address

    async def stop(self) -> list[Call]:
        """Listen no more and hang up every call; returns those that nobody took."""
        if self._server is not None:
            await self._server.close()
        left = list(self.waiting)
        self.waiting.clear()
        return left

    async def take(self, timeout: float, *, uuid: UUID | None = None, settings: CallSettings | None = None) -> Call:
        """The next call, the oldest first, also where it is over already.

        Args:
            timeout: how long to wait for one, in seconds.
            uuid: only the call that has this one.
            settings: what it assumes from now on; the format stays.

        Raises:
            CallFailure: none came.
        """
        end = now() + timeout
        while (call := self._next(uuid)) is None:
            left = end - now()
            if left <= 0:
                raise self._no_call(timeout, uuid)
            self._news.clear()
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                continue
        self.waiting.remove(call)
        call.settings = replace(settings or self.settings, format=self.settings.format)
        return call

    def _next(self, uuid: UUID | None) -> Call | None:
        return next((call for call in self.waiting if uuid is None or call.uuid == uuid), None)

    def _arrive(self) -> Call:
        call = Call(self.address, self.settings, UUID(int=0), "", role=Party.BOT)
        self._arriving[id(call.timeline)] = call
        return call

    async def _answer(self, line: Connection) -> None:
        call = self._arriving.pop(id(line.listener))
        call.begin(line)
        await call.wait_for(lambda: 0.0 if line.uuid or call.timeline.findings else float("inf"), now() + UUID_TIMEOUT)
        if line.uuid is None:
            self._turn_down(call)
            return
        call.uuid = line.uuid
        if len(self.waiting) >= self._most:
            self.turned_away += 1
            return
        self.waiting.append(call)
        self._news.set()
        await line.wait_closed()

    def _turn_down(self, call: Call) -> None:
        findings, ending = call.timeline.findings, call.timeline.ending
        if findings:
            what = findings[0].text
        elif ending is not None:
            what = f"it ended before a UUID came ({ending.reason})"
        else:
            what = f"no UUID came within {time_text(UUID_TIMEOUT)}"
        self.strangers.append(what)

    def _no_call(self, timeout: float, uuid: UUID | None) -> CallFailure:
        if uuid is None:
            text = f"No call came to {self.address} within {time_text(timeout)}"
        else:
            others = ", ".join(str(call.uuid) for call in self.waiting)
            text = f"No call with the UUID {uuid} came to {self.address} within {time_text(timeout)}"
            text += f" (waiting: {others})" if others else ""
        if self.strangers:
            text += f". Connections that were no calls: {len(self.strangers)}; the last: {self.strangers[-1]}"
        return CallFailure(
            FailureKind.NO_CALL,
            f"{text}. Does the dialplan come to AudioSocket(<uuid>,{self.address}), and can the PBX reach it there?",
        )
