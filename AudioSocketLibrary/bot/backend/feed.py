"""The last events, numbered, for who comes late or comes back; and the live ones for subscribers. Also the file."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from ...records import UsageError
from .events import Told
from .subscribers import Subscribers, Subscription


class Feed:
    """Keeps the last events and tells subscribers the new ones.

    Args:
        keep: how many of the last events are kept.
    """

    def __init__(self, keep: int = 10_000) -> None:
        self.instance = secrets.token_hex(4)
        """Numbers are of this instance: another one began again at 1."""
        self._recent: deque[Told] = deque(maxlen=keep)
        self._subscribers: Subscribers[Told] = Subscribers()
        self._lock = threading.Lock()

    def consume(self, batch: Sequence[Told]) -> None:
        """Keep these, and tell them."""
        with self._lock:
            self._recent.extend(batch)
            self._subscribers.tell(batch)

    @property
    def last(self) -> int:
        """The number of the last event; 0: none yet."""
        return self._recent[-1].number if self._recent else 0

    def since(self, number: int, accept: Callable[[Told], bool] | None = None, most: int = 1000) -> list[Told]:
        """Events after this number, oldest first."""
        with self._lock:
            return list(islice(self._after(number, accept), most))

    def subscribe(
        self,
        *,
        since: int | None = None,
        limit: int = 256,
        accept: Callable[[Told], bool] | None = None,
        ready: Callable[[], object] | None = None,
    ) -> tuple[Subscription[Told], list[Told], int]:
        """Be told of new events, and of those after ``since``, with none lost or doubled between the two.

        Returns:
            The subscription; the events after ``since``; how many of those are kept no longer.
        """
        with self._lock:
            subscription = self._subscribers.add(Subscription(limit, accept, ready))
            if since is None:
                return subscription, [], 0
            missed = max(0, self._recent[0].number - since - 1) if self._recent else 0
            return subscription, list(self._after(since, accept)), missed

    def close(self) -> None:
        """Close all subscriptions."""
        self._subscribers.close()

    @property
    def counters(self) -> dict[str, int]:
        """Subscribers, and items dropped for slow ones."""
        return {"subscribers": len(self._subscribers), "dropped": self._subscribers.dropped, "kept": len(self._recent)}

    def _after(self, number: int, accept: Callable[[Told], bool] | None) -> Iterator[Told]:
        first = self._recent[0].number if self._recent else 1
        later = islice(self._recent, max(0, number + 1 - first), None)
        return (told for told in later if accept is None or accept(told))


class EventFile:
    """Writes events to a file, one JSON line each, complete lines only: others may read along.

    Raises:
        UsageError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.failures = 0
        """Batches that could not be written: the disk is full."""
        try:
            self._file: TextIO = path.open("a", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"The events cannot be written to {path}: {error.strerror or error}") from None

    def consume(self, batch: Sequence[Told]) -> None:
        """Write these at once."""
        try:
            self._file.write("".join(told.line + "\n" for told in batch))
            self._file.flush()
        except OSError:
            self.failures += 1

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            self.failures += 1
