"""The event loop that drives calls, and the timers of the system behind it."""

from __future__ import annotations

import asyncio
import sys


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop's where it is installed, else of asyncio's.

    On Windows the selector loop: the proactor's writes are never finished at once, and an unfinished write is what a
    strict call is dropped for. It holds some 500 calls.
    """
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def use_fine_timers() -> None:
    """Ask Windows for timers of 1 ms; without them a frame every 20 ms comes after 15.6 or 31.2. Elsewhere: nothing."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        ctypes.windll.winmm.timeBeginPeriod(1)
