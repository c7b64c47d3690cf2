"""Where events come from: each source reads on a thread of its own, and comes back by itself after a failure."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any, Final

from ...records import UsageError, time_text
from .bot_event import BotEvent

Tell = Callable[[Iterable[BotEvent]], None]
AGAIN: Final = 0.5
"""Seconds until a source that failed is tried again."""
FIRST_CONTACT: Final = 5.0
_STOP: Final = 2.0


class SourceLost(Exception):
    """A source cannot be read now; the text says why, and holds no secret."""


class Source(ABC):
    """A place that events are read from.

    Args:
        name: as it may be shown.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lost = ""
        """Why it cannot be read now."""
        self.unreadable = ""
        """What it told last that was no event."""
        self._tell: Tell = lambda _: None
        self._ended = threading.Event()
        self._contact: Future[None] = Future()
        self._thread = threading.Thread(target=self._read_on, name=f"bot events: {name}", daemon=True)

    def start(self, tell: Tell) -> None:
        """Begin to read; back when it has answered.

        Raises:
            UsageError: it did not.
        """
        self._tell = tell
        self._thread.start()
        try:
            self._contact.result(FIRST_CONTACT)
        except NotYet:
            self.stop()
            raise UsageError(
                f"No events from {self.name}: no answer within {time_text(FIRST_CONTACT)}. Is that the right address?"
            ) from None
        except SourceLost as lost:
            self.stop()
            raise UsageError(f"No events from {self.name}: {lost}") from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Read no more."""
        self._ended.set()
        self._hurry()
        self._thread.join(_STOP)

    @property
    def trouble(self) -> str:
        """What is wrong with it, for a message; empty: nothing."""
        unreadable = f"it told what cannot be read: {self.unreadable}" if self.unreadable else ""
        wrong = "; ".join(filter(None, [self.lost, unreadable]))
        return f"{self.name}: {wrong}" if wrong else ""

    @abstractmethod
    def _read(self) -> None:
        """Read until ``_ended``; call ``_answers`` when the source has answered.

        Raises:
            SourceLost: it cannot be read (any more).
        """

    def _hurry(self) -> None:  # noqa: B027 - few reads wait for long
        """Interrupt a read that waits; called by another thread."""

    def _answers(self) -> None:
        self.lost = ""
        if not self._contact.done():
            self._contact.set_result(None)

    def _take(self, told: Iterable[Any]) -> list[BotEvent]:
        """Tell what can be read of these; what cannot is remembered for messages."""
        events = []
        for each in told:
            try:
                events.append(BotEvent.from_json(each))
            except (ValueError, TypeError, OverflowError) as error:
                self.unreadable = str(error)
        if events:
            self._tell(events)
        return events

    def _read_on(self) -> None:
        while not self._ended.is_set():
            try:
                self._read()
            except SourceLost as lost:
                self.lost = str(lost)
                if not self._contact.done():
                    self._contact.set_exception(lost)
                    return
            self._ended.wait(AGAIN)
