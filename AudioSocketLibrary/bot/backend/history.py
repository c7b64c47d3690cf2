"""What is stored of calls, read back: lists, details, figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from .database import Database
from .tables import Call, Turn, row_json

STATUSES: Final = ("active", "completed", "failed", "transferred")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOST_FIGURES: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls are meant; what is None does not matter."""

    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    run: str | None = None
    uuid: str | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """As the database wants them; ``since`` belongs to the range, ``until`` does not."""
        found: list[ColumnElement[bool]] = []
        if self.since is not None:
            found.append(Call.started >= self.since)
        if self.until is not None:
            found.append(Call.started < self.until)
        if self.status is not None:
            found.append(Call.status == self.status)
        if self.run is not None:
            found.append(Call.run == self.run)
        if self.uuid is not None:
            found.append(Call.uuid == self.uuid)
        return found


class History:
    """Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: Wanted, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """How many calls there are, and some of them, the latest first."""
        with self._database.session() as session:
            total = session.scalar(select(func.count(Call.id)).where(*wanted.conditions)) or 0
            rows = session.scalars(
                select(Call)
                .where(*wanted.conditions)
                .order_by(Call.started.desc(), Call.id.desc())
                .limit(limit)
                .offset(offset)
            )
            return total, [row_json(row) for row in rows]

    def call(self, key: str) -> dict[str, Any] | None:
        """A call with its turns and tool calls, by UUID (the latest of that UUID) or by id; None: there is none."""
        wanted = select(Call).options(selectinload(Call.turns), selectinload(Call.tool_calls))
        if _UUID.fullmatch(key):
            wanted = wanted.where(func.lower(Call.uuid) == key.lower()).order_by(Call.id.desc()).limit(1)
        elif key.isascii() and key.isdecimal() and len(key) < 10:
            wanted = wanted.where(Call.id == int(key))
        else:
            return None
        with self._database.session() as session:
            call = session.scalars(wanted).one_or_none()
            if call is None:
                return None
            return {
                **row_json(call),
                "turns": [row_json(turn) for turn in call.turns],
                "tool_calls": [row_json(tool) for tool in call.tool_calls],
            }

    def figures(self, wanted: Wanted) -> dict[str, Any]:
        """Counts, durations and response times (seconds, exact percentiles), intents; None where nothing was measured.

        Of more than 200,000 calls or turns, the latest.
        """
        with self._database.session() as session:
            calls = session.execute(
                select(Call.status, Call.duration, Call.language, Call.outcome)
                .where(*wanted.conditions)
                .order_by(Call.id.desc())
                .limit(_MOST_FIGURES)
            ).all()
            turns = session.execute(
                select(Turn.response_time, Turn.intent, Turn.who, Turn.confidence)
                .join(Call, Call.id == Turn.call_id)
                .where(*wanted.conditions)
                .order_by(Turn.id.desc())
                .limit(_MOST_FIGURES)
            ).all()
        return {
            "calls": len(calls),
            "by_status": {status: sum(call.status == status for call in calls) for status in STATUSES},
            "by_language": dict(Counter(call.language for call in calls if call.language)),
            "by_outcome": dict(Counter(call.outcome for call in calls if call.outcome)),
            "duration": _summary([call.duration for call in calls if call.duration is not None]),
            "response_time": _summary([turn.response_time for turn in turns if turn.response_time is not None]),
            "confidence": _summary(
                [turn.confidence for turn in turns if turn.who == "caller" and turn.confidence is not None]
            ),
            "intents": dict(Counter(turn.intent for turn in turns if turn.intent)),
            "turns": len(turns),
        }


def _summary(values: Sequence[float]) -> dict[str, float | int | None]:
    ordered = sorted(values)
    count = len(ordered)
    if not count:
        return {"count": 0, "mean": None, "p50": None, "p95": None, "max": None}
    p50, p95 = (ordered[max(0, -(-count * percent // 100) - 1)] for percent in (50, 95))
    return {"count": count, "mean": round(sum(ordered) / count, 4), "p50": p50, "p95": p95, "max": ordered[-1]}
