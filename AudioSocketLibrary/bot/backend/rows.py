"""What the writer keeps of an open call, and the rows that events amount to."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from .events import CallRef, Event
from .history import STATUSES
from .tables import Call

GONE: Final = 0
"""In place of the row of a call that was deleted while it lasted."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """What is known of a call that has not ended."""

    row: int
    about: CallRef
    began: float
    turn: int = 0
    stopped: float | None = None
    """When the caller's last voiced sample came, until the reply's first."""
    answer: Event | None = None
    """What the bot will say: written once its first sample was sent."""
    response_time: float | None = None
    reason: str = ""
    """Of a transfer."""


@dataclass(slots=True)
class Rows:
    """Rows of a batch, to be inserted together."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    tool_calls: list[dict[str, Any]] = field(default_factory=list)


def follow(call: OpenCall, event: Event, rows: Rows) -> OpenCall:
    """What is known of a call after an event; rows that are complete by it are added."""
    how = _FOLLOW.get(event.name)
    call = how(call, event, rows) if how else call
    if call.answer is not None and (call.response_time is not None or event.name == "first audio"):
        call = replace(_said(call, rows), response_time=None)
    return call


def _caller_done(call: OpenCall, event: Event, rows: Rows) -> OpenCall:
    heard = number_of(event.fields.get("last_voiced"))
    return replace(
        _said(call, rows),
        turn=turn_of(event, call.turn + 1),
        stopped=event.at if heard is None else heard,
        response_time=None,
    )


def _recognised(call: OpenCall, event: Event, rows: Rows) -> OpenCall:
    rows.turns.append(turn_row(call, event, "caller"))
    return call


def _answered(call: OpenCall, event: Event, rows: Rows) -> OpenCall:
    return replace(_said(call, rows), answer=event)


def _first_audio(call: OpenCall, event: Event, rows: Rows) -> OpenCall:  # noqa: ARG001 - as its siblings
    told = number_of(event.fields.get("response_time"))
    waited = event.at - call.stopped if call.stopped is not None else None
    return replace(call, response_time=waited if told is None else told, stopped=None)


def _tool_called(call: OpenCall, event: Event, rows: Rows) -> OpenCall:
    rows.tool_calls.append(tool_row(call, event))
    return call


def _transfer(call: OpenCall, event: Event, rows: Rows) -> OpenCall:  # noqa: ARG001 - as its siblings
    return replace(call, reason=text_of(event.fields.get("reason")) or "transfer")


def _said(call: OpenCall, rows: Rows) -> OpenCall:
    """Write what the bot answered, if it has not been written."""
    if call.answer is not None:
        rows.turns.append(turn_row(call, call.answer, "bot", call.response_time))
    return replace(call, answer=None)


_FOLLOW: Final[dict[str, Callable[[OpenCall, Event, Rows], OpenCall]]] = {
    "end of speech": _caller_done,
    "key": _caller_done,
    "recognised": _recognised,
    "answered": _answered,
    "first audio": _first_audio,
    "tool called": _tool_called,
    "transfer": _transfer,
    "call ended": lambda call, _, rows: _said(call, rows),
}


def end_call(session: Session, call: OpenCall, event: Event) -> None:
    """Write the end of a call."""
    usual = "transferred" if call.reason else "completed"
    status = event.fields.get("status")
    session.execute(
        update(Call)
        .where(Call.id == call.row)
        .values(
            ended=moment_of(event),
            duration=round(max(0.0, event.at - call.began), 4),
            status=status if status in STATUSES else usual,
            outcome=text_of(event.fields.get("outcome") or ("operator" if call.reason else "")),
            reason=text_of(call.reason or event.fields.get("reason")),
        )
    )


def stopped(call: OpenCall) -> Event:
    """The end of a call that stood when the backend was stopped."""
    return Event.now("call ended", call.about, reason="the bot was stopped", status="failed")


def turn_row(call: OpenCall, event: Event, who: str, response_time: float | None = None) -> dict[str, Any]:
    """What one side said."""
    fields = event.fields
    return {
        **_of(call),
        "turn": turn_of(event, call.turn),
        "who": who,
        "text": text_of(fields.get("text"), 20_000),
        "confidence": number_of(fields.get("confidence")),
        "quality": number_of(fields.get("quality")),
        "intent": text_of(fields.get("intent")),
        "response_time": None if response_time is None else round(response_time, 4),
        "at": moment_of(event),
    }


def tool_row(call: OpenCall, event: Event) -> dict[str, Any]:
    """A tool that was used."""
    fields = event.fields
    return {
        **_of(call),
        "name": text_of(fields.get("name")),
        "arguments": _json(fields.get("arguments"), "arguments"),
        "result": _json(fields.get("result"), "result"),
        "error": text_of(fields.get("error"), 2000),
        "seconds": number_of(fields.get("seconds")),
        "at": moment_of(event),
    }


def text_of(value: object, most: int = 200) -> str:
    """A text that every database can hold: bots may tell anything."""
    text = "" if value is None else str(value)[:most].replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def number_of(value: object) -> float | None:
    """A number, or None for what is none."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def turn_of(event: Event, usual: int) -> int:
    """The number of the turn that the event names, else the usual one."""
    turn = event.fields.get("turn")
    return turn if isinstance(turn, int) and 0 <= turn < 1_000_000 else usual


def moment_of(event: Event) -> datetime:
    """When it happened."""
    return datetime.fromtimestamp(event.wall, UTC)


def _of(call: OpenCall) -> dict[str, Any]:
    return {"call_id": call.row, "uuid": text_of(call.about.uuid), "run": text_of(call.about.run)}


def _json(value: object, name: str) -> dict[str, Any]:
    given = value if isinstance(value, dict) else {name: value}
    try:
        # As the line of the event has it; an escaped zero is what PostgreSQL refuses.
        read: dict[str, Any] = json.loads(json.dumps(given, default=str, allow_nan=False).replace("\\u0000", ""))
    except (TypeError, ValueError):
        return {"unwritable": text_of(repr(value), 2000)}
    return read
