"""The event loop behind the keywords: in a thread of its own, so that calls go on between two keywords.

Robot's own loop runs only while an async keyword runs, and async keywords escape its time-outs; a keyword that waits
for a future of another thread is interrupted on time (all measured with Robot 7.5).
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ..transport import new_event_loop, use_fine_timers

T = TypeVar("T")

SWITCH_INTERVAL = 0.0005
"""A Robot thread running keywords without a pause held up media frames by 8 to 20 ms (p50); with this, 1.5 ms."""


class Engine:
    """One loop in a daemon thread, started when first needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def running(self) -> bool:
        """Whether the loop has been started."""
        return self._loop is not None

    def run(self, work: Coroutine[Any, Any, T], *, interrupted: Callable[[], None] | None = None) -> T:
        """Run a coroutine to its end and return its result.

        Args:
            work: what to run.
            interrupted: called where the waiting was cut short (a Robot time-out, Ctrl-C), after ``work`` was
                cancelled.
        """
        future = self.submit(work)
        try:
            return future.result()
        except Exception:
            future.cancel()
            raise
        except BaseException:
            # Robot's TimeoutExceeded is no Exception, and must not be kept from Robot.
            future.cancel()
            if interrupted:
                interrupted()
            raise

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin to run a coroutine; returns at once."""
        return asyncio.run_coroutine_threadsafe(work, self._started())

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            use_fine_timers()
            sys.setswitchinterval(SWITCH_INTERVAL)
            self._loop = new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="AudioSocket calls", daemon=True).start()
        return self._loop
