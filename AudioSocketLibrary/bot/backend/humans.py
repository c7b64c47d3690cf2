"""Questions that the bot could not answer: told to all operators, answered by one, the answer handed to the call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from .database import Database
from .events import NO_CALL, CallRef, Event
from .knowledge import KnowledgeBase
from .shop import NotPossible
from .tables import HumanRequest, row_json, utc_now

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HumanAnswer:
    """What an operator answered."""

    request: int
    about: CallRef
    question: str
    answer: str
    operator: str


class Humans:
    """Requests and their answers. Every method may be called from any thread."""

    def __init__(self, database: Database, knowledge: KnowledgeBase, publish: Callable[[Event], object]) -> None:
        self._database = database
        self._knowledge = knowledge
        self._publish = publish
        self._callbacks: list[Callable[[HumanAnswer], object]] = []

    def on_answer(self, callback: Callable[[HumanAnswer], object]) -> Callable[[], None]:
        """Be told of every answer, on a thread of the backend's; returns what ends it."""
        self._callbacks.append(callback)

        def forget() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return forget

    def ask(self, question: str, confidence: float | None = None, about: CallRef = NO_CALL) -> dict[str, Any]:
        """Ask all operators: the request is stored, and "human needed" told."""
        request = HumanRequest(
            uuid=about.uuid, run=about.run, call=about.call, question=question, confidence=confidence
        )
        with self._database.session(about) as session:
            session.add(request)
        self._publish(Event.now("human needed", about, request=request.id, question=question, confidence=confidence))
        return row_json(request)

    def answer(self, key: int, text: str, operator: str) -> dict[str, Any] | None:
        """Answer a request; None: there is none.

        Raises:
            NotPossible: somebody answered it before.
        """
        with self._database.session() as session:
            request = session.get(HumanRequest, key)
            if request is None:
                return None
            # In one statement: of two operators who answer at once, one is told that he was late.
            changed: int = session.execute(  # type: ignore[attr-defined]
                update(HumanRequest)
                .where(HumanRequest.id == key, HumanRequest.status == "waiting")
                .values(status="answered", answer=text, operator=operator, answered=utc_now())
                .execution_options(synchronize_session=False)
            ).rowcount
            if not changed:
                raise NotPossible(f"The request {key} was answered by {request.operator or 'another'} already")
            session.refresh(request)
            row = row_json(request)
        about = CallRef(row["uuid"], row["call"], row["run"])
        self._publish(
            Event.now("human answered", about, request=key, answer=text, operator=operator, question=row["question"])
        )
        for callback in list(self._callbacks):
            try:
                callback(HumanAnswer(key, about, row["question"], text, operator))
            except Exception:  # a call that has ended must not harm the operator's request
                logger.exception("An answer could not be handed to its call")
        return row

    def extract(self, key: int, *, category: str, title: str | None = None) -> dict[str, Any] | None:
        """Make knowledge of an answered request; None: there is no such request.

        Raises:
            NotPossible: it is not answered yet, or was made knowledge before.
        """
        with self._database.session() as session:
            request = session.get(HumanRequest, key)
            if request is None:
                return None
            row = row_json(request)
        if row["status"] != "answered":
            raise NotPossible(f"The request {key} is not answered yet: there is nothing to learn from")
        if row["knowledge_id"] is not None:
            raise NotPossible(f"The request {key} is knowledge already: {row['knowledge_id']}")
        entry = self._knowledge.create(
            CallRef(row["uuid"], row["call"], row["run"]),
            title=title or row["question"],
            content=row["answer"],
            category=category,
            source=f"operator {row['operator']}",
            # As the caller asked it, should the title say it better.
            keywords=row["question"] if title else "",
        )
        with self._database.session() as session:
            session.execute(update(HumanRequest).where(HumanRequest.id == key).values(knowledge_id=entry["id"]))
        return entry

    def page(self, *, status: str | None, run: str | None, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """How many requests there are, and some of them, the oldest first."""
        wanted = select(HumanRequest)
        if status is not None:
            wanted = wanted.where(HumanRequest.status == status)
        if run is not None:
            wanted = wanted.where(HumanRequest.run == run)
        with self._database.session() as session:
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            rows = session.scalars(wanted.order_by(HumanRequest.id).limit(limit).offset(offset))
            return total, [row_json(row) for row in rows]
