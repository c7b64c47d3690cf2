"""What a dialogue uses of a backend, and what stands in where there is none: the same tools, in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol

from ..backend.bus import EventBus
from ..backend.events import NO_CALL, CallRef, Event
from ..backend.feed import EventFile
from ..fault_kinds import BACKEND, BOT, DIALOGUE
from ..faults import Faults

_FOUND_SEASONS: Final = ("winter", "summer", "all", "all-season")
_FIRST_ORDER: Final = 1001


class ToolServices(Protocol):
    """Calls tools by name; may take seconds. A ``ValueError`` says that it cannot be done, others that it failed."""

    def call(self, name: str, arguments: Mapping[str, Any] | None = None, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Call a tool."""


class BackendLike(Protocol):
    """What the bot needs of a backend; ``backend.Backend`` is one."""

    @property
    def publish(self) -> Callable[[Event], object]:
        """Takes an event, from any thread; never waits."""

    @property
    def services(self) -> ToolServices:
        """The tools."""

    @property
    def faults(self) -> Faults:
        """What goes wrong on request."""

    def on_human_answer(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of answers (``request``, ``about``, ``answer``), on any thread; returns what ends it."""


class LocalBackend:
    """Tools in memory; events to a file, if at all. Nobody answers questions here, so the caller gets an operator.

    Args:
        events: the file.

    Raises:
        UsageError: the file cannot be written.
    """

    def __init__(self, events: Path | None = None) -> None:
        self._file = EventFile(events) if events else None
        self._bus = EventBus([self._file.consume] if self._file else [])
        self._on_answer: list[Callable[[Any], object]] = []
        self._memory = MemoryServices(self.publish)
        self._faults = Faults(lacks={BOT, DIALOGUE, BACKEND})

    @property
    def faults(self) -> Faults:
        """What goes wrong on request."""
        return self._faults

    @property
    def services(self) -> ToolServices:
        """The tools."""
        return self._memory

    def publish(self, event: Event) -> bool:
        """Tell an event."""
        return self._file is not None and self._bus.publish(event)

    def start(self) -> None:
        """Begin to tell."""
        if self._file:
            self._bus.start()

    def stop(self) -> None:
        """Tell what waits, and close the file."""
        if self._file:
            self._bus.stop()
            self._file.close()

    def on_human_answer(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of answers."""
        self._on_answer.append(callback)
        return lambda: self._on_answer.remove(callback)


class MemoryServices:
    """A tiny tyre shop. Every method may be called from any thread."""

    def __init__(self, publish: Callable[[Event], object]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._numbers = count(_FIRST_ORDER + 1)
        self._orders = {str(_FIRST_ORDER)}
        self._bookings: set[str] = set()

    def call(self, name: str, arguments: Mapping[str, Any] | None = None, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Call a tool by name; tells the event "tool called".

        Raises:
            LookupError: there is no such tool.
            ValueError: what was asked for cannot be.
        """
        given = dict(arguments or {})
        began = time.monotonic()
        tool = getattr(self, f"_{name}", None)
        if tool is None:
            raise LookupError(f"There is no tool '{name}' without a backend")
        result: dict[str, Any] = tool(given, about)
        seconds = round(time.monotonic() - began, 4)
        self._publish(Event.now("tool called", about, name=name, arguments=given, result=result, seconds=seconds))
        return result

    def _search_tyres(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        there = given.get("season") in _FOUND_SEASONS
        return {"found": [{"id": 1, "brand": "Premiorri", **given}] if there else [], "count": int(there)}

    def _order_status(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        number = str(given.get("number"))
        status = "sent" if number == str(_FIRST_ORDER) else "accepted"
        return {"found": number in self._orders, "status": status, "days": 1}

    def _place_order(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        with self._lock:
            number = str(next(self._numbers))
            self._orders.add(number)
        return {"number": number, **given}

    def _free_slots(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        return {"found": True, **given}

    def _book_fitting(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        # Nothing is ever taken here: a thousand callers may all want Saturday at five.
        with self._lock:
            booking = str(next(self._numbers))
            self._bookings.add(booking)
        return {"id": booking, **given}

    def _cancel_booking(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        with self._lock:
            there = str(given.get("booking")) in self._bookings
            self._bookings.discard(str(given.get("booking")))
        return {"cancelled": there}

    def _ask_knowledge(self, given: Mapping[str, Any], _: CallRef) -> dict[str, Any]:
        return {"found": True, "answer": "", "confidence": 1.0, **given}

    def _ask_human(self, given: Mapping[str, Any], about: CallRef) -> dict[str, Any]:
        with self._lock:
            request = next(self._numbers)
        self._publish(Event.now("human needed", about, request=request, question=given.get("question", "")))
        return {"request": request}

    def _transfer_to_operator(self, given: Mapping[str, Any], about: CallRef) -> dict[str, Any]:
        reason = str(given.get("reason", "asked for"))
        self._publish(Event.now("transfer", about, reason=reason, operator=""))
        return {"operator": "", "reason": reason}
