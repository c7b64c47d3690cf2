"""The bot's side: an AudioSocket server that hands out a connection for each call."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from ..protocol import Party
from ..records import UsageError
from .accepted import Accepted
from .address import Address
from .connection import Connection

BACKLOG = 1024
"""Connections that may wait to be accepted; Asterisk waits 2 s, and a backlog of 1 lost 4 of 6 calls (measured)."""


class Server:
    """A listening AudioSocket server; ``address`` tells the port that the system gave."""

    def __init__(
        self, server: asyncio.Server, connections: set[Connection], tasks: set[asyncio.Task[None]], host: str
    ) -> None:
        self._server = server
        self._tasks = tasks
        self.connections = connections
        """The calls that stand now."""
        self.address = Address(host, server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more, hang up every call, and wait until all tasks are done and all sockets closed."""
        self._server.close()
        calls, tasks = list(self.connections), list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for call in calls:
            call.close()
        await asyncio.gather(*(call.wait_closed() for call in calls))
        await self._server.wait_closed()


async def listen(
    answer: Callable[[Connection], Awaitable[None]],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    backlog: int = BACKLOG,
    **settings: Any,
) -> Server:
    """Listen for calls and run ``answer(connection)`` as a task for each; when it returns, the call is hung up.

    Args:
        answer: what to do with a call. Media frames are sent from the start; the UUID may come later, or never.
        host: where to listen; loopback unless asked otherwise.
        port: 0 lets the system choose.
        backlog: connections that may wait to be accepted.
        **settings: of the ``Connection``: format, dtx, listener (a callable that makes one for each call).

    Raises:
        UsageError: the port is in use, or the host is none of this machine's.
    """
    loop = asyncio.get_running_loop()
    connections: set[Connection] = set()
    tasks: set[asyncio.Task[None]] = set()
    make_listener = settings.pop("listener", None)

    def accept() -> Connection:
        own = {"listener": make_listener()} if make_listener else {}
        call = Accepted(Party.BOT, **own, **settings)
        call.tell(started)
        connections.add(call)
        call.over.add_done_callback(lambda _: connections.discard(call))
        return call

    def started(call: Connection) -> None:
        call.start_media()
        task = loop.create_task(_answer(answer, call))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    try:
        server = await loop.create_server(accept, host, port, backlog=backlog)
    except OSError as error:
        raise UsageError(_why(error, host, port)) from None
    return Server(server, connections, tasks, host)


@asynccontextmanager
async def serve(answer: Callable[[Connection], Awaitable[None]], **settings: Any) -> AsyncIterator[Server]:
    """``listen`` for the length of an ``async with`` block.

    Example:
        ```python
        async def answer(call):
            await call.say(load_sound("greeting.wav", 8000))

        async with serve(answer, port=9092) as server:
            await asyncio.sleep(60)
        ```
    """
    server = await listen(answer, **settings)
    try:
        yield server
    finally:
        await server.close()


async def _answer(answer: Callable[[Connection], Awaitable[None]], call: Connection) -> None:
    try:
        await answer(call)
    finally:
        call.close()


def _why(error: OSError, host: str, port: int) -> str:
    where = Address(host, port)
    if error.errno == errno.EADDRINUSE:
        return (
            f"Cannot listen on {where}: the port is in use. "
            "Stop what listens there, or take port 0 (the system chooses)"
        )
    if error.errno == errno.EACCES:
        return f"Cannot listen on {where}: ports below 1024 need more rights than this process has. Take another port"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"Cannot listen on {where}: {host} is no address of this machine"
    return f"Cannot listen on {where}: {error.strerror or error}"
