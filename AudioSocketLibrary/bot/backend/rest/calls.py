"""Calls, their figures, their states and events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query

from ..events import Told
from ..history import Wanted
from .access import AnOperator, Asked, AVisitor, Limit, Offset, TheCore, found, page

router = APIRouter(tags=["calls"])
Status = Literal["active", "completed", "failed", "transferred"]


def _zoned(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


@router.get("/calls")
def list_calls(
    core: TheCore,
    _: AVisitor,
    since: datetime | None = None,
    until: datetime | None = None,
    status: Status | None = None,
    run: Asked = None,
    uuid: Asked = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Calls, the latest first; a time without a zone is UTC."""
    wanted = Wanted(since=_zoned(since), until=_zoned(until), status=status, run=run, uuid=uuid)
    return page(core.history.page(wanted, limit=limit, offset=offset), limit, offset)


@router.delete("/calls")
def delete_calls(
    core: TheCore, _: AnOperator, uuid_prefix: Annotated[str, Query(min_length=8, max_length=36)]
) -> dict[str, int]:
    """Delete all that belongs to calls whose UUID begins so; how many rows, by table."""
    return core.delete_rows(uuid_prefix=uuid_prefix.replace("\0", ""))


@router.get("/calls/{key}")
def call_detail(core: TheCore, _: AVisitor, key: str) -> dict[str, Any]:
    """A call with its turns and tool calls, by UUID (the latest of that UUID) or by id."""
    detail: dict[str, Any] = found(core.history.call(key), "call")
    return detail


@router.delete("/runs/{run_id}")
def delete_run(core: TheCore, _: AnOperator, run_id: str) -> dict[str, int]:
    """Delete all that belongs to a run; how many rows, by table. A run that never was has none."""
    if "\0" in run_id or len(run_id) > 200:
        raise HTTPException(404, "There is no such run")
    return core.delete_rows(run=run_id)


@router.get("/analytics")
def analytics(
    core: TheCore, _: AVisitor, since: datetime | None = None, until: datetime | None = None, run: Asked = None
) -> dict[str, Any]:
    """Counts, durations, response times, intents."""
    return core.history.figures(Wanted(since=_zoned(since), until=_zoned(until), run=run))


@router.get("/states")
def live_states(core: TheCore, _: AVisitor) -> dict[str, Any]:
    """The state of every call that stands."""
    states = [state.to_json() for state in core.store.live()]
    return {"total": len(states), "data": states}


@router.get("/states/{uuid}")
def state_of(core: TheCore, _: AVisitor, uuid: str) -> dict[str, Any]:
    """The state of the latest call with this UUID, for a while after its end too."""
    state = core.store.by_uuid(uuid)
    if state is None:
        raise HTTPException(404, "There is no such call")
    return state.to_json()


@router.get("/events")
def events(
    core: TheCore,
    _: AVisitor,
    since: Offset = 0,
    uuid: Asked = None,
    run: Asked = None,
    name: Asked = None,
    limit: Limit = 500,
) -> dict[str, Any]:
    """Events after a number, oldest first; ``last`` is the newest number of all."""

    def wanted(told: Told) -> bool:
        about = told.event.about
        return (
            (uuid is None or about.uuid == uuid)
            and (run is None or about.run == run)
            and (name is None or told.event.name == name)
        )

    told = core.feed.since(since, wanted, limit)
    data = [{**each.event.to_json(), "number": each.number} for each in told]
    return {"instance": core.feed.instance, "last": core.feed.last, "data": data}
