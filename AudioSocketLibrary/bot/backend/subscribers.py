"""Subscribers with a bounded queue each: the slow lose their oldest items, counted, and delay nobody."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from .tally import Tally

T = TypeVar("T")


class Subscription(Generic[T]):
    """What one subscriber has yet to take. One thread (or task) takes; any thread may close.

    Args:
        limit: items that may wait; then the oldest is dropped.
        accept: which items it wants; default: all.
        ready: called on the teller's thread when something waits after ``arm``; must not wait.
    """

    def __init__(
        self,
        limit: int,
        accept: Callable[[T], bool] | None = None,
        ready: Callable[[], object] | None = None,
    ) -> None:
        if limit < 1:
            raise ValueError(f"A subscriber's queue holds at least 1, not {limit}")
        self._items: deque[T] = deque(maxlen=limit)
        self._lock = threading.Lock()
        """Held for microseconds: who takes while others are told must not be counted as who is too slow."""
        self._accept = accept
        self._ready = ready
        self._armed = False
        self._wake = threading.Event()
        self._leave: Callable[[Subscription[T]], None] | None = None
        self.told = 0
        """Items that were meant for it."""
        self.dropped = 0
        """Of those, how many were dropped because it was slow."""
        self.closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, items: Sequence[T]) -> None:
        """Tell it these; never waits."""
        wanted = items if self._accept is None else [item for item in items if self._accept(item)]
        if not wanted or self.closed:
            return
        with self._lock:
            waited = len(self._items)
            self._items.extend(wanted)
            self.dropped += waited + len(wanted) - len(self._items)
        self.told += len(wanted)
        self._notify()

    def take(self, most: int = 100) -> list[T]:
        """What waits, oldest first."""
        with self._lock:
            return [self._items.popleft() for _ in range(min(most, len(self._items)))]

    def wait(self, timeout: float, most: int = 100) -> list[T]:
        """What waits, or comes within so many seconds. Empty: nothing came, or it is closed."""
        taken = self.take(most)
        if taken or self.closed:
            return taken
        self._wake.clear()
        if self.arm():
            self._wake.wait(timeout)
        self._armed = False
        return self.take(most)

    def arm(self) -> bool:
        """Ask for one call of ``ready`` at the next item; False: something waits already, or it is closed."""
        self._armed = True
        if self._items or self.closed:
            self._armed = False
            return False
        return True

    def close(self) -> None:
        """Take no more; nothing of it is kept, and who waits is woken."""
        self.closed = True
        leave, self._leave = self._leave, None
        if leave:
            leave(self)
        with self._lock:
            self._items.clear()
        self._notify()
        self._accept = self._ready = None

    def _notify(self) -> None:
        if not self._armed:
            return
        self._armed = False
        self._wake.set()
        ready = self._ready
        if ready:
            ready()


class Subscribers(Generic[T]):
    """All who want to be told; tells them in the order of the items."""

    def __init__(self) -> None:
        self._all: dict[int, Subscription[T]] = {}
        self._lock = threading.Lock()
        self._dropped_before = Tally()

    def __len__(self) -> int:
        return len(self._all)

    def add(self, subscription: Subscription[T]) -> Subscription[T]:
        """Tell this one too, until it closes."""
        with self._lock:
            self._all[id(subscription)] = subscription
        subscription._leave = self._forget  # noqa: SLF001 - the two are one mechanism
        return subscription

    def tell(self, items: Sequence[T]) -> None:
        """Tell all; one whose ``ready`` fails (its loop has ended) is closed."""
        for subscription in list(self._all.values()):
            try:
                subscription.put(items)
            except Exception:  # noqa: BLE001 - whatever it is, it is that subscriber's end, and nobody else's
                subscription._ready = None  # noqa: SLF001
                subscription.close()

    def close(self) -> None:
        """Close all."""
        for subscription in list(self._all.values()):
            subscription.close()

    @property
    def dropped(self) -> int:
        """Items dropped for all subscribers, those that left included."""
        return self._dropped_before.value + sum(each.dropped for each in list(self._all.values()))

    def _forget(self, subscription: Subscription[T]) -> None:
        with self._lock:
            if self._all.pop(id(subscription), None) is not None:
                self._dropped_before.add(subscription.dropped)
