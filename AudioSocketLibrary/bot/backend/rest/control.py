"""Logging in, answers and operators, health and figures, faults and breakers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException

from ..events import VERSION, CallRef
from .access import AnOperator, Asked, AVisitor, Limit, Offset, TheCore, found, page, row_id
from .bodies import Extract, HumanReply, Login, Query

router = APIRouter()
Json = dict[str, Any]


@router.get("/healthcheck", tags=["health"])
def healthcheck(core: TheCore) -> Json:
    """Whether it stands; the one endpoint without a token. ``degraded``: a circuit breaker is not closed."""
    breakers = {name: str(breaker.state) for name, breaker in core.breakers.items()}
    well = all(state == "closed" for state in breakers.values())
    return {"status": "ok" if well else "degraded", "events": VERSION, "breakers": breakers}


@router.post("/login", tags=["access"])
def login(core: TheCore, body: Login) -> Json:
    """A token for name and password."""
    granted = core.accounts.log_in(body.username, body.password, body.expires_in)
    if granted is None:
        raise HTTPException(401, "The name or the password is wrong", {"WWW-Authenticate": "Bearer"})
    token, role = granted
    return {"access_token": token, "token_type": "bearer", "role": role}


@router.post("/agent/query", tags=["agents"])
def agent_query(core: TheCore, _: AVisitor, body: Query) -> Json:
    """Answer a text: answer, intent, confidence, sources; below 0.6 a human is asked (``human_request``)."""
    about = CallRef(body.uuid, body.call, body.run)
    answer = core.answering.answer(body.text, language=body.language, about=about)
    return {**asdict(answer), "needs_human": answer.human_request is not None}


@router.get("/human-requests", tags=["operators"])
def human_requests(
    core: TheCore, _: AVisitor, status: Asked = None, run: Asked = None, limit: Limit = 50, offset: Offset = 0
) -> Json:
    """Questions to operators, the oldest first."""
    return page(core.humans.page(status=status, run=run, limit=limit, offset=offset), limit, offset)


@router.post("/human-requests/{key}/answer", tags=["operators"])
def answer_human_request(core: TheCore, operator: AnOperator, key: str, body: HumanReply) -> Json:
    """Answer one; 409 where somebody did already."""
    answered: Json = found(core.humans.answer(row_id(key), body.answer, operator.name), "request")
    return answered


@router.post("/human-requests/{key}/knowledge", status_code=201, tags=["operators", "knowledge"])
def extract_knowledge(core: TheCore, _: AnOperator, key: str, body: Extract | None = None) -> Json:
    """Make knowledge of an answered one."""
    how = body or Extract()
    entry: Json = found(core.humans.extract(row_id(key), category=how.category, title=how.title), "request")
    return entry


@router.get("/metrics/performance", tags=["health"])
def performance(core: TheCore, _: AVisitor) -> Json:
    """Pool, store, bus, subscribers, writer, breakers, process."""
    return core.metrics()


@router.get("/faults", tags=["faults"])
def list_faults(core: TheCore, _: AVisitor) -> Json:
    """All faults there are, what a caller should notice, and which are set."""
    data = core.faults.to_json()
    return {"total": len(data), "data": data}


@router.put("/faults/{name}", tags=["faults"])
def set_fault(
    core: TheCore, _: AnOperator, name: str, parameters: Annotated[dict[str, str | float] | None, Body()] = None
) -> Json:
    """Set a fault; times like ``0.5`` (seconds) or ``500 ms``."""
    fault = core.faults.set(_fault(core, name), parameters or {})
    return {"name": fault.kind.name, "set": fault.to_json(), "notice": fault.kind.notice}


@router.delete("/faults/{name}", status_code=204, tags=["faults"])
def clear_fault(core: TheCore, _: AnOperator, name: str) -> None:
    """Clear a fault."""
    core.faults.clear(_fault(core, name))


@router.delete("/faults", status_code=204, tags=["faults"])
def clear_faults(core: TheCore, _: AnOperator) -> None:
    """Clear all faults, and close the breakers."""
    core.faults.clear()
    for breaker in core.breakers.values():
        breaker.reset()


@router.get("/breakers", tags=["faults"])
def breakers(core: TheCore, _: AVisitor) -> Json:
    """The circuit breakers."""
    data = [breaker.to_json() for breaker in core.breakers.values()]
    return {"total": len(data), "data": data}


def _fault(core: TheCore, name: str) -> str:
    try:
        return core.faults.name_of(name)
    except ValueError as error:
        raise HTTPException(404, str(error)) from None
