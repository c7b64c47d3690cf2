"""A bot, and its backend where it has one, until somebody stops them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..bot import Bot
from ..bot.control import obey
from ..transport import new_event_loop, quiet_collector, use_fine_timers

if TYPE_CHECKING:
    from ..bot.backend import Backend


def run(bot: Bot, host: str, port: int, *, backend: Backend | None, stop_with_stdin: bool) -> None:
    """Run a bot until a signal comes, or its standard input is closed, by whose lines faults are set."""
    use_fine_timers()
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(bot, host, port, backend, stop_with_stdin=stop_with_stdin))


async def _serve(bot: Bot, host: str, port: int, backend: Backend | None, *, stop_with_stdin: bool) -> None:
    stop = asyncio.Event()
    _on_signals(stop.set)
    if stop_with_stdin:
        _obey_stdin(bot, asyncio.get_running_loop(), stop.set)
    try:
        if backend:
            await asyncio.to_thread(backend.start)
        address = await bot.start(host, port)
        with quiet_collector():
            tell(f"listening on {address}")
            if backend:
                users = " ".join(f"{name}:{password}" for name, password in backend.take_credentials().items())
                tell(f"backend on {backend.url} as {users}".removesuffix(" as "))
            await stop.wait()
    finally:
        await bot.stop()
        if backend:
            await asyncio.to_thread(backend.stop)


def tell(text: str) -> None:
    """Print a line; whoever read the first may have gone."""
    with suppress(BrokenPipeError):
        # One write: print() makes two, and an answer of another thread may come between them.
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _on_signals(stop: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _obey_stdin(bot: Bot, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    def read() -> None:
        # Not by sys.stdin: its lock, held here, would stop Python from exiting.
        unread = b""
        with suppress(OSError):
            while data := os.read(0, 4096):
                *lines, unread = (unread + data).split(b"\n")
                for line in filter(bytes.strip, lines):
                    tell(obey(bot.faults, line.decode(errors="replace")))
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=read, daemon=True).start()
