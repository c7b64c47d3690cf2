"""The tools that a dialogue calls: tyres, orders, bookings, knowledge, operators. They wait: call them on a worker."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...records import UsageError
from ..faults import FaultStruck
from .breaker import BreakerOpen
from .database import DatabaseDown
from .events import NO_CALL, CallRef, Event
from .humans import Humans
from .knowledge import KnowledgeBase
from .shop import NotPossible, Shop
from .supplier import Supplier
from .words import season_in, size_in

TOOLS: Final = (
    "search_tyres",
    "order_status",
    "place_order",
    "cancel_order",
    "free_slots",
    "book_fitting",
    "cancel_booking",
    "ask_knowledge",
    "ask_human",
    "transfer_to_operator",
)


class ServiceFailed(RuntimeError):
    """A tool could not do its work, for a reason of the backend's; the dialogue apologises."""


class Services:
    """The tools. Each returns JSON-ready data, may take seconds under faults, and may be called from any thread.

    Each takes ``about``, the call for which it is. ``call`` does the same by name, and tells the event "tool called".

    Raises (each tool):
        UsageError: an argument cannot be understood.
        NotPossible: it cannot be done: taken, sold out, unknown.
        ServiceFailed: the database or the dependency is down (only through ``call``; else their own exceptions).
    """

    def __init__(
        self,
        shop: Shop,
        knowledge: KnowledgeBase,
        humans: Humans,
        supplier: Supplier,
        publish: Callable[[Event], object],
    ) -> None:
        self._shop = shop
        self._knowledge = knowledge
        self._humans = humans
        self._supplier = supplier
        self._publish = publish

    def call(self, name: str, arguments: Mapping[str, Any] | None = None, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Call a tool by name; however it ends, "tool called" is told with its result or error, and seconds.

        Raises:
            UsageError: there is no such tool, or its arguments are wrong.
            NotPossible: see there.
            ServiceFailed: the backend could not.
        """
        given = dict(arguments or {})
        began = time.monotonic()
        result: dict[str, Any] = {}
        error = ""
        try:
            result = self._bound(name, given, about)()
        except (DatabaseDown, BreakerOpen, FaultStruck) as failure:
            error = str(failure)
            raise ServiceFailed(error) from failure
        except Exception as failure:
            error = str(failure)
            raise
        finally:
            seconds = round(time.monotonic() - began, 4)
            self._publish(
                Event.now("tool called", about, name=name, arguments=given, result=result, error=error, seconds=seconds)
            )
        return result

    def search_tyres(self, season: str, size: str | int, *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Tyres in stock: ``found`` (cheapest first), ``count``, ``brands``; none found is an empty list."""
        wanted = season_in(season)
        inches = size_in(str(size))
        if wanted is None or inches is None:
            raise UsageError(f"'{season}', '{size}': a season is winter, summer or all-season, a size 16 or 205/55 R16")
        found = self._shop.tyres(wanted, *inches, about=about)
        return {
            "found": found,
            "count": len(found),
            "brands": [tyre["brand"] for tyre in found],
            "cheapest": found[0]["price"] if found else None,
        }

    def order_status(self, number: str | int, *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """An order by its number: ``found``, ``status``, ``days`` to delivery; ``stale``: the supplier was down."""
        order = self._shop.order(str(number), about=about)
        if order is None:
            return {"found": False, "number": str(number)}
        try:
            days = self._supplier.days_to_delivery(order["status"], about.uuid)
        except (BreakerOpen, FaultStruck):
            return {"found": True, **order, "days": None, "stale": True}
        return {"found": True, **order, "days": days, "stale": False}

    def place_order(
        self, product: int, quantity: int = 4, *, customer: str = "", phone: str = "", about: CallRef = NO_CALL
    ) -> dict[str, Any]:
        """Order so many of a tyre (its ``id``): the order with its ``number`` and ``price``; stock goes down."""
        return self._shop.place_order(int(product), int(quantity), customer=customer, phone=phone, about=about)

    def cancel_order(self, number: str | int, *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Delete an order; its tyres go back to stock."""
        return {"cancelled": self._shop.delete_order(str(number), about=about)}

    def free_slots(self, day: str, time: str = "", *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Free hours of a day (2031-01-31, or today, tomorrow): ``day``, ``slots``, ``found``: is any, or ``time``."""
        date = self._shop.day_of(day)
        slots = self._shop.free_slots(date, about=about)
        return {"day": date.isoformat(), "slots": slots, "found": time in slots if time else bool(slots)}

    def book_fitting(
        self,
        day: str,
        time: str,
        *,
        customer: str = "",
        phone: str = "",
        car: str = "",
        service: str = "fitting",
        about: CallRef = NO_CALL,
    ) -> dict[str, Any]:
        """Book an hour: the booking with its ``id``."""
        date = self._shop.day_of(day)
        return self._shop.book(date, time, customer=customer, phone=phone, car=car, service=service, about=about)

    def cancel_booking(self, booking: int, *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Delete a booking; its hour is free again."""
        return {"cancelled": self._shop.delete_booking(int(booking), about=about)}

    def ask_knowledge(self, text: str, *, about: CallRef = NO_CALL) -> dict[str, Any]:  # noqa: ARG002 - as all tools
        """The likest entry: ``found``, ``answer`` as it is said, ``title``, ``confidence`` (its similarity)."""
        found = self._knowledge.search(text, most=1)
        if not found:
            return {"found": False, "answer": "", "confidence": 0.0}
        return {
            "found": True,
            "answer": found[0].spoken,
            "title": found[0].title,
            "confidence": found[0].similarity,
        }

    def ask_human(self, question: str, confidence: float | None = None, *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Alert all operators: the ``request`` id; their answer comes to ``Backend.on_human_answer``."""
        return {"request": self._humans.ask(question, confidence, about)["id"]}

    def transfer_to_operator(self, reason: str = "asked for", *, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Give the call to an operator of its language: ``operator``; tells the event "transfer"."""
        operator = self._shop.operator(about=about)
        self._publish(Event.now("transfer", about, reason=reason, operator=operator))
        return {"operator": operator, "reason": reason}

    def _bound(self, name: str, given: dict[str, Any], about: CallRef) -> Callable[[], dict[str, Any]]:
        if name not in TOOLS:
            raise UsageError(f"There is no tool '{name}': {', '.join(TOOLS)}")
        tool: Callable[..., dict[str, Any]] = getattr(self, name)
        try:
            inspect.signature(tool).bind(**given, about=about)
        except TypeError as error:
            raise UsageError(f"The tool '{name}': {error}") from None
        return lambda: tool(**given, about=about)


__all__ = ["TOOLS", "NotPossible", "ServiceFailed", "Services"]
