"""The tables. Every row that belongs to a call carries its UUID and run id, so that a suite can check and clean up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import JSON, DateTime, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A moment, always with its zone: SQLite forgets it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """To the database, in UTC."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: Moment(), str: String(200), dict[str, Any]: JSON()}  # noqa: RUF012


class OfCall:
    """What belongs to a call, or to none."""

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(index=True, default="")
    run: Mapped[str] = mapped_column(index=True, default="")


class Call(OfCall, Base):
    """A call."""

    __tablename__ = "calls"
    number: Mapped[int] = mapped_column(default=0)
    caller: Mapped[str] = mapped_column(default="")
    callee: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    started: Mapped[datetime] = mapped_column(index=True, default=utc_now)
    ended: Mapped[datetime | None]
    duration: Mapped[float | None]
    status: Mapped[str] = mapped_column(index=True, default="active")
    """active, completed, failed or transferred."""
    outcome: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    turns: Mapped[list[Turn]] = relationship(order_by="Turn.id", viewonly=True)
    tool_calls: Mapped[list[ToolCall]] = relationship(order_by="ToolCall.id", viewonly=True)


class Turn(OfCall, Base):
    """What one side said in a turn."""

    __tablename__ = "turns"
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    turn: Mapped[int]
    who: Mapped[str]
    """caller or bot."""
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float | None]
    quality: Mapped[float | None]
    intent: Mapped[str] = mapped_column(default="")
    response_time: Mapped[float | None]
    """Of the bot's, in seconds."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class ToolCall(OfCall, Base):
    """A tool that the dialogue used."""

    __tablename__ = "tool_calls"
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(Text, default="")
    seconds: Mapped[float | None]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Knowledge(OfCall, Base):
    """What the bot knows: a question and its answer."""

    __tablename__ = "knowledge"
    title: Mapped[str] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(index=True, default="general")
    source: Mapped[str] = mapped_column(default="")
    keywords: Mapped[str] = mapped_column(Text, default="")
    """Other ways to ask it, separated by semicolons."""
    created: Mapped[datetime] = mapped_column(default=utc_now)


class Product(Base):
    """A tyre."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    season: Mapped[str] = mapped_column(index=True)
    """winter, summer or all-season."""
    size: Mapped[str]
    """As on the tyre: 205/55 R16."""
    inches: Mapped[int] = mapped_column(index=True)
    brand: Mapped[str]
    price: Mapped[int]
    """In hryvnias."""
    stock: Mapped[int]


class Order(OfCall, Base):
    """An order of tyres."""

    __tablename__ = "orders"
    number: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    price: Mapped[int]
    customer: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="accepted")
    """accepted, packed, sent or delivered."""
    created: Mapped[datetime] = mapped_column(default=utc_now)
    product: Mapped[Product] = relationship(lazy="joined", viewonly=True)


class Booking(OfCall, Base):
    """An hour of the fitting bay."""

    __tablename__ = "bookings"
    __table_args__ = (UniqueConstraint("day", "time"),)
    day: Mapped[date] = mapped_column(index=True)
    time: Mapped[str]
    """10:00."""
    customer: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    car: Mapped[str] = mapped_column(default="")
    service: Mapped[str] = mapped_column(default="fitting")
    created: Mapped[datetime] = mapped_column(default=utc_now)


class Agent(Base):
    """Somebody who answers calls: a bot or an operator."""

    __tablename__ = "agents"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="bot")
    """bot or operator."""
    language: Mapped[str] = mapped_column(default="uk")
    active: Mapped[bool] = mapped_column(default=True)


class HumanRequest(OfCall, Base):
    """A question that the bot could not answer by itself."""

    __tablename__ = "human_requests"
    call: Mapped[int] = mapped_column(default=0)
    question: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float | None]
    status: Mapped[str] = mapped_column(index=True, default="waiting")
    """waiting or answered."""
    answer: Mapped[str] = mapped_column(Text, default="")
    operator: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(default=utc_now)
    answered: Mapped[datetime | None]
    knowledge_id: Mapped[int | None]
    """The knowledge that was extracted from the answer."""


OF_CALLS: Final = (Turn, ToolCall, HumanRequest, Booking, Order, Knowledge, Call)
"""Tables whose rows may belong to a call, in an order in which they can be deleted."""


def row_json(row: Base) -> dict[str, Any]:
    """A row as JSON-ready data; moments and days in ISO 8601."""
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
