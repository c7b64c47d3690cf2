"""The event bus: takes events from the media thread without ever making it wait, and tells them on its own thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from .events import Event, Told
from .tally import Tally

logger = logging.getLogger(__name__)
_BATCH = 500
_VITAL = frozenset({"call started", "call ended"})
"""They get twice the room: without them a call would stand for ever in what is kept of it."""

Consumer = Callable[[Sequence[Told]], None]


class EventBus:
    """Hands events over to its consumers.

    Args:
        consumers: told every batch in this order, on the bus' thread; one that fails is counted and harms no other.
        limit: events that may wait; further ones are dropped and counted.
    """

    def __init__(self, consumers: Sequence[Consumer] = (), *, limit: int = 10_000) -> None:
        self._consumers = list(consumers)
        self._limit = limit
        # Its put() neither waits nor takes a lock in Python; a bounded Queue's does both.
        self._waiting: SimpleQueue[Event | threading.Event | None] = SimpleQueue()
        self._published = Tally()
        self._dropped = Tally()
        self.told = 0
        """The number of the last event told."""
        self.failures = 0
        """How often a consumer failed."""
        self._thread: threading.Thread | None = None

    def publish(self, event: Event) -> bool:
        """Hand an event over, from any thread; never waits. False: too many wait, it was dropped and counted."""
        limit = self._limit * 2 if event.name in _VITAL else self._limit
        if self._waiting.qsize() >= limit:
            self._dropped.add()
            return False
        self._waiting.put(event)
        self._published.add()
        return True

    def start(self) -> None:
        """Begin to tell."""
        self._thread = threading.Thread(target=self._tell_all, name="backend-bus", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Tell what waits, then end the thread; at most so many seconds."""
        thread, self._thread = self._thread, None
        if thread:
            self._waiting.put(None)
            thread.join(timeout)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all that was published before is told; False: it took longer, or the bus does not run."""
        if self._thread is None:
            return False
        reached = threading.Event()
        self._waiting.put(reached)
        return reached.wait(timeout)

    @property
    def counters(self) -> dict[str, int]:
        """Published, told, waiting, dropped, and failures of consumers."""
        return {
            "published": self._published.value,
            "told": self.told,
            "waiting": self._waiting.qsize(),
            "dropped": self._dropped.value,
            "failures": self.failures,
        }

    def _tell_all(self) -> None:
        goes_on = True
        while goes_on:
            items = [self._waiting.get()]
            try:
                while len(items) < _BATCH:
                    items.append(self._waiting.get_nowait())
            except Empty:
                pass
            goes_on = None not in items
            self._tell([item for item in items if isinstance(item, Event)])
            for item in items:
                if isinstance(item, threading.Event):
                    item.set()

    def _tell(self, events: list[Event]) -> None:
        if not events:
            return
        batch = [Told.of(event, number) for number, event in enumerate(events, self.told + 1)]
        for consumer in self._consumers:
            try:
                consumer(batch)
            except Exception:  # one consumer must not take the events from the others
                self.failures += 1
                logger.exception("A consumer of bot events failed")
        self.told = batch[-1].number
