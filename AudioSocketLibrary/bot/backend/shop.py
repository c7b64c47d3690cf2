"""The tyre shop's own business, in the database: tyres, orders, bookings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ...records import UsageError
from .database import Database
from .events import NO_CALL, CallRef
from .tables import Agent, Booking, Order, Product, row_json

SLOTS: Final = tuple(f"{hour:02d}:00" for hour in range(9, 18))
_FIRST_NUMBER: Final = 2001
_ATTEMPTS: Final = 50
_DAYS: Final = {"today": 0, "сьогодні": 0, "tomorrow": 1, "завтра": 1, "післязавтра": 2}


class NotPossible(ValueError):
    """What was asked for cannot be: the hour is taken, too few tyres, no such thing. The text says which."""


class Shop:
    """Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tyres(
        self, season: str, inches: int, size: str | None = None, *, about: CallRef = NO_CALL
    ) -> list[dict[str, Any]]:
        """Tyres in stock, the cheapest first."""
        wanted = select(Product).where(Product.season == season, Product.inches == inches, Product.stock > 0)
        if size:
            wanted = wanted.where(Product.size == size)
        with self._database.session(about) as session:
            return [row_json(tyre) for tyre in session.scalars(wanted.order_by(Product.price, Product.id).limit(50))]

    def products(self, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """All tyres."""
        with self._database.session() as session:
            total = session.scalar(select(func.count(Product.id))) or 0
            rows = session.scalars(select(Product).order_by(Product.id).limit(limit).offset(offset))
            return total, [row_json(row) for row in rows]

    def order(self, number: str, *, about: CallRef = NO_CALL) -> dict[str, Any] | None:
        """An order by its number."""
        with self._database.session(about) as session:
            found = session.scalars(select(Order).where(Order.number == number)).one_or_none()
            return {**row_json(found), "brand": found.product.brand, "size": found.product.size} if found else None

    def place_order(
        self, product: int, quantity: int, *, customer: str = "", phone: str = "", about: CallRef = NO_CALL
    ) -> dict[str, Any]:
        """Take the tyres from stock and write the order.

        Raises:
            NotPossible: there is no such tyre, or fewer are left.
        """
        if not 1 <= quantity <= 100:
            raise NotPossible(f"{quantity} tyres cannot be ordered: 1 to 100")
        for _ in range(_ATTEMPTS):
            try:
                with self._database.session(about) as session:
                    price = self._take(session, product, quantity)
                    order = Order(
                        number=_next_number(session),
                        product_id=product,
                        quantity=quantity,
                        price=price * quantity,
                        customer=customer,
                        phone=phone,
                        uuid=about.uuid,
                        run=about.run,
                    )
                    session.add(order)
                    session.flush()
                    return row_json(order)
            except IntegrityError:
                continue  # another order took the number: take the next
        raise NotPossible("Too many order at once: try again")

    def delete_order(self, number: str, *, about: CallRef = NO_CALL) -> bool:
        """Delete an order and give its tyres back; False: there is none."""
        with self._database.session(about) as session:
            order = session.scalars(select(Order).where(Order.number == number)).one_or_none()
            if order is None or not _deleted(session, delete(Order).where(Order.id == order.id)):
                return False
            give_back(session, [(order.product_id, order.quantity)])
            return True

    def orders(self, *, run: str | None, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """Orders, the oldest first."""
        return self._page(Order, run, limit, offset)

    def day_of(self, text: str) -> date:
        """A day: 2031-01-31, or today, tomorrow; at most a year ahead.

        Raises:
            UsageError: it is none.
        """
        today = datetime.now(UTC).date()
        if text.strip().lower() in _DAYS:
            return today + timedelta(days=_DAYS[text.strip().lower()])
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            raise UsageError(f"'{text}' is no day: write it like 2031-01-31, or today, tomorrow") from None

    def free_slots(self, day: date, *, about: CallRef = NO_CALL) -> list[str]:
        """Hours of a day that nobody booked."""
        with self._database.session(about) as session:
            taken = set(session.scalars(select(Booking.time).where(Booking.day == day)))
        return [slot for slot in SLOTS if slot not in taken]

    def book(self, day: date, time: str, *, about: CallRef = NO_CALL, **who: str) -> dict[str, Any]:
        """Book an hour.

        Raises:
            UsageError: that is none of the hours.
            NotPossible: it is taken.
        """
        if time not in SLOTS:
            raise UsageError(f"'{time}' is none of the hours: {', '.join(SLOTS)}")
        booking = Booking(day=day, time=time, uuid=about.uuid, run=about.run, **who)
        try:
            with self._database.session(about) as session:
                session.add(booking)
                session.flush()
                return row_json(booking)
        except IntegrityError:
            raise NotPossible(f"{day} at {time} is taken") from None

    def delete_booking(self, key: int, *, about: CallRef = NO_CALL) -> bool:
        """Delete a booking; False: there is none."""
        with self._database.session(about) as session:
            return _deleted(session, delete(Booking).where(Booking.id == key))

    def bookings(self, *, run: str | None, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """Bookings, the oldest first."""
        return self._page(Booking, run, limit, offset)

    def operator(self, *, about: CallRef = NO_CALL) -> str:
        """The operator who takes the call; empty: none is there."""
        with self._database.session(about) as session:
            names = list(
                session.scalars(select(Agent.name).where(Agent.kind == "operator", Agent.active).order_by(Agent.id))
            )
        return names[about.call % len(names)] if names else ""

    def _take(self, session: Session, product: int, quantity: int) -> int:
        # One statement, so that two orders cannot both take the last tyre.
        taken = _deleted(
            session,
            update(Product)
            .where(Product.id == product, Product.stock >= quantity)
            .values(stock=Product.stock - quantity)
            .execution_options(synchronize_session=False),
        )
        price = session.scalar(select(Product.price).where(Product.id == product))
        if price is None:
            raise NotPossible(f"There is no tyre {product}")
        if not taken:
            raise NotPossible(f"Fewer than {quantity} of the tyre {product} are left")
        return price

    def _page(
        self, table: type[Order] | type[Booking], run: str | None, limit: int, offset: int
    ) -> tuple[int, list[dict[str, Any]]]:
        wanted = select(table) if run is None else select(table).where(table.run == run)
        with self._database.session() as session:
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            rows = session.scalars(wanted.order_by(table.id).limit(limit).offset(offset))
            return total, [row_json(row) for row in rows]


def give_back(session: Session, taken: list[tuple[int, int]]) -> None:
    """Give tyres back to stock: (product, quantity)."""
    for product, quantity in taken:
        session.execute(update(Product).where(Product.id == product).values(stock=Product.stock + quantity))


def _next_number(session: Session) -> str:
    last = session.scalar(select(func.max(Order.id))) or 0
    return str(_FIRST_NUMBER + last)


def _deleted(session: Session, statement: Any) -> bool:
    changed: int = session.execute(statement).rowcount  # type: ignore[attr-defined]
    return changed > 0
