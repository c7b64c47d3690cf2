"""The plainest bot there is, a process of its own: it sends back what it hears, so that it is never what gives first.

``python -m AudioSocketLibrary.monitor.echo`` prints its port, and ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any, Self, cast

from ..records import UsageError
from ..transport import Address, new_event_loop, raise_open_files, use_fine_timers

_UUID_FRAME = 19
"""Bytes of what a caller sends first; a bot may not send it back."""
STOP_TIMEOUT = 5.0


class EchoBot:
    """The echo as a child; it ends with its parent, however that happens.

    Raises:
        UsageError: it did not start.
    """

    def __init__(self) -> None:
        # A group of its own: Ctrl-C in the terminal is for the parent, which still has calls to end.
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._child = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **own_group
        )
        assert self._child.stdout
        port = self._child.stdout.readline()
        if not port:
            self.stop()
            raise UsageError("The echo that is to be called did not start; its own message is above")
        self.address = Address("127.0.0.1", int(port))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def stop(self) -> None:
        """End it."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.close()
        try:
            self._child.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._unsaid = _UUID_FRAME

    def data_received(self, data: bytes) -> None:
        if self._unsaid:
            self._unsaid, data = max(0, self._unsaid - len(data)), data[self._unsaid :]
        if data:
            self._transport.write(data)


async def _serve() -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(_Echo, "127.0.0.1", 0, backlog=1024)
    gc.freeze()
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()

    def read() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=read, daemon=True).start()
    await over.wait()
    server.close()


if __name__ == "__main__":
    use_fine_timers()
    raise_open_files()
    with asyncio.Runner(loop_factory=new_event_loop) as _runner:
        _runner.run(_serve())
