"""uvicorn on a thread of its own: started when it answers, stopped within a second whatever its clients do."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

import uvicorn

from ...records import UsageError
from ...transport import Address

_START_TIMEOUT = 10.0
_PATIENCE = 0.3
"""Seconds that clients get to leave by themselves."""


class ServerThread:
    """Serves an ASGI application.

    Args:
        app: the application.
        host: where to listen.
        port: 0 lets the system choose.

    Raises:
        UsageError: the port is in use, or the host is none of this machine's.
    """

    def __init__(self, app: Any, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _bound(host, port)
        taken = self._socket.getsockname()
        self.address = Address(str(taken[0]), int(taken[1]))
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            # Its lines of INFO hold the query of a WebSocket, hence the token.
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws_max_size=65_536,
            ws_per_message_deflate=False,
            timeout_keep_alive=30,
            backlog=1024,
        )
        self._server = uvicorn.Server(config)
        self._began = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="backend-web", daemon=True)

    def start(self) -> None:
        """Begin to serve; back when connections are taken."""
        self._thread.start()
        if not self._began.wait(_START_TIMEOUT) or self._failure:
            self.stop()
            raise UsageError(f"The backend did not start: {self._failure or 'it took too long'}")

    def stop(self, timeout: float = 2.0) -> None:
        """End it, with all its connections."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._socket.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told by start()
            self._failure = error
        finally:
            self._began.set()

    async def _serve(self) -> None:
        serving = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it by a flag
            await asyncio.sleep(0.005)
        self._began.set()
        while not self._server.should_exit and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.wait([serving], timeout=_PATIENCE)
        self._server.force_exit = True
        while not serving.done():
            self._abort_all()
            await asyncio.wait([serving], timeout=0.02)
        self._abort_all()
        for task in self._server.server_state.tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    def _abort_all(self) -> None:
        for connection in list(self._server.server_state.connections):
            # One that does not read would never let its last bytes go.
            connection.transport.abort()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named: without it every answer takes 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        # uvicorn listens later, on its thread: only here a port in use is told to who asked for it.
        taken.listen(1024)
    except OSError as error:
        taken.close()
        raise UsageError(
            f"The backend cannot listen on {host}:{port}: {error.strerror or error}. Take another port, or 0 for any"
        ) from None
    return taken
