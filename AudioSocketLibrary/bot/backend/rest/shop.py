"""The shop's things: agents, tyres, orders, bookings, knowledge."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ..events import CallRef
from ..tables import Agent, row_json
from .access import AnOperator, Asked, AVisitor, Limit, Offset, TheCore, found, page, row_id, storable
from .bodies import NewAgent, NewBooking, NewKnowledge, NewOrder

router = APIRouter()
Json = dict[str, Any]
Part = Annotated[float | None, Query(ge=0, le=1, allow_inf_nan=False)]


@router.get("/agents", tags=["agents"])
def list_agents(core: TheCore, _: AVisitor, limit: Limit = 50, offset: Offset = 0) -> Json:
    """Bots and operators."""
    with core.database.session() as session:
        total = session.scalar(select(func.count(Agent.id))) or 0
        rows = session.scalars(select(Agent).order_by(Agent.id).limit(limit).offset(offset))
        return page((total, [row_json(row) for row in rows]), limit, offset)


@router.post("/agents", status_code=201, tags=["agents"])
def create_agent(core: TheCore, _: AnOperator, body: NewAgent) -> Json:
    """Add one; its name is its own."""
    agent = Agent(**body.model_dump())
    try:
        with core.database.session() as session:
            session.add(agent)
    except IntegrityError:
        raise HTTPException(409, f"There is an agent '{body.name}' already") from None
    return row_json(agent)


@router.get("/agents/{key}", tags=["agents"])
def get_agent(core: TheCore, _: AVisitor, key: str) -> Json:
    """One of them."""
    with core.database.session() as session:
        return row_json(found(session.get(Agent, row_id(key)), "agent"))


@router.put("/agents/{key}", tags=["agents"])
def change_agent(core: TheCore, _: AnOperator, key: str, body: NewAgent) -> Json:
    """Replace one."""
    try:
        with core.database.session() as session:
            agent = found(session.get(Agent, row_id(key)), "agent")
            for name, value in body.model_dump().items():
                setattr(agent, name, value)
            session.flush()
            return row_json(agent)
    except IntegrityError:
        raise HTTPException(409, f"There is an agent '{body.name}' already") from None


@router.delete("/agents/{key}", status_code=204, tags=["agents"])
def delete_agent(core: TheCore, _: AnOperator, key: str) -> None:
    """Remove one."""
    with core.database.session() as session:
        session.delete(found(session.get(Agent, row_id(key)), "agent"))


@router.get("/products", tags=["shop"])
def list_products(core: TheCore, _: AVisitor, limit: Limit = 50, offset: Offset = 0) -> Json:
    """All tyres."""
    return page(core.shop.products(limit=limit, offset=offset), limit, offset)


@router.get("/orders", tags=["shop"])
def list_orders(core: TheCore, _: AVisitor, run: Asked = None, limit: Limit = 50, offset: Offset = 0) -> Json:
    """Orders, the oldest first."""
    return page(core.shop.orders(run=run, limit=limit, offset=offset), limit, offset)


@router.post("/orders", status_code=201, tags=["shop"])
def create_order(core: TheCore, _: AnOperator, body: NewOrder) -> Json:
    """Order tyres; 409 where too few are left."""
    about = CallRef(body.uuid, 0, body.run)
    return core.services.place_order(body.product, body.quantity, customer=body.customer, phone=body.phone, about=about)


@router.get("/orders/{number}", tags=["shop"])
def get_order(core: TheCore, _: AVisitor, number: str) -> Json:
    """An order by its number."""
    order: Json = found(core.shop.order(str(row_id(number))), "order")
    return order


@router.delete("/orders/{number}", status_code=204, tags=["shop"])
def delete_order(core: TheCore, _: AnOperator, number: str) -> None:
    """Delete one; its tyres go back to stock."""
    found(core.shop.delete_order(str(row_id(number))), "order")


@router.get("/slots/{day}", tags=["shop"])
def free_slots(core: TheCore, _: AVisitor, day: str) -> Json:
    """Free hours of a day."""
    return core.services.free_slots(day)


@router.get("/bookings", tags=["shop"])
def list_bookings(core: TheCore, _: AVisitor, run: Asked = None, limit: Limit = 50, offset: Offset = 0) -> Json:
    """Bookings, the oldest first."""
    return page(core.shop.bookings(run=run, limit=limit, offset=offset), limit, offset)


@router.post("/bookings", status_code=201, tags=["shop"])
def create_booking(core: TheCore, _: AnOperator, body: NewBooking) -> Json:
    """Book an hour; 409 where it is taken."""
    who = body.model_dump(include={"customer", "phone", "car", "service"})
    return core.shop.book(body.day, body.time, about=CallRef(body.uuid, 0, body.run), **who)


@router.delete("/bookings/{key}", status_code=204, tags=["shop"])
def delete_booking(core: TheCore, _: AnOperator, key: str) -> None:
    """Delete one."""
    found(core.shop.delete_booking(row_id(key)), "booking")


@router.get("/knowledge", tags=["knowledge"])
def list_knowledge(
    core: TheCore, _: AVisitor, category: Asked = None, run: Asked = None, limit: Limit = 50, offset: Offset = 0
) -> Json:
    """Entries, the oldest first."""
    return page(core.knowledge.page(category=category, run=run, limit=limit, offset=offset), limit, offset)


@router.post("/knowledge", status_code=201, tags=["knowledge"])
def create_knowledge(core: TheCore, _: AnOperator, body: NewKnowledge) -> Json:
    """Add an entry."""
    values = body.model_dump(exclude={"uuid", "run"})
    return core.knowledge.create(CallRef(body.uuid, 0, body.run), **values)


@router.get("/knowledge/search", tags=["knowledge"])
def search_knowledge(
    core: TheCore,
    _: AVisitor,
    q: Annotated[str, Query(min_length=1, max_length=500)],
    top_k: Annotated[int, Query(ge=1, le=50)] = 5,
    threshold: Part = None,
) -> Json:
    """The entries most like a question, the likest first; none below the threshold (0.7)."""
    least = core.settings.similarity if threshold is None else threshold
    hits = core.knowledge.search(storable_or_400(q), most=top_k, at_least=least)
    data = [
        {
            "id": hit.id,
            "title": hit.title,
            "content": hit.content,
            "category": hit.category,
            "source": hit.source,
            "similarity": hit.similarity,
        }
        for hit in hits
    ]
    return {"total": len(data), "data": data, "threshold": least}


@router.get("/knowledge/{key}", tags=["knowledge"])
def get_knowledge(core: TheCore, _: AVisitor, key: str) -> Json:
    """An entry."""
    entry: Json = found(core.knowledge.get(row_id(key)), "entry")
    return entry


@router.delete("/knowledge/{key}", status_code=204, tags=["knowledge"])
def delete_knowledge(core: TheCore, _: AnOperator, key: str) -> None:
    """Remove an entry."""
    found(core.knowledge.delete(row_id(key)), "entry")


def storable_or_400(text: str) -> str:
    """A text that can be stored.

    Raises:
        HTTPException: 400: it cannot.
    """
    try:
        return storable(text)
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
