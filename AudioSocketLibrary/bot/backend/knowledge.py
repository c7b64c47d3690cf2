"""The knowledge base: questions and answers, found by likeness."""

from __future__ import annotations

import html
import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from .database import Database
from .events import NO_CALL, CallRef
from .grams import PhraseIndex
from .tables import Knowledge, row_json


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and its likeness to the question, 0 to 1."""

    id: int
    title: str
    content: str
    similarity: float
    category: str = ""
    source: str = ""

    @property
    def spoken(self) -> str:
        """The answer as it is said: what is stored is safe in a page of HTML, with ``&amp;`` for an ampersand."""
        return html.unescape(self.content)


class KnowledgeBase:
    """Entries in the database, their phrases in memory. Every method may be called from any thread.

    Args:
        database: where the entries are.
        at_least: likeness of what is found, where the search does not say.
    """

    def __init__(self, database: Database, *, at_least: float = 0.7) -> None:
        self._database = database
        self._at_least = at_least
        self._lock = threading.Lock()
        self._index = PhraseIndex()
        self._entries: dict[int, Knowledge] = {}

    def load(self) -> None:
        """Read all entries anew."""
        with self._database.session() as session:
            entries = list(session.scalars(select(Knowledge)))
        with self._lock:
            self._index, self._entries = PhraseIndex(), {}
            for entry in entries:
                self._add(entry)

    def create(self, about: CallRef = NO_CALL, **values: Any) -> dict[str, Any]:
        """Add an entry; returns it with its id."""
        entry = Knowledge(uuid=about.uuid, run=about.run, **values)
        with self._database.session(about) as session:
            session.add(entry)
        with self._lock:
            self._add(entry)
        return row_json(entry)

    def delete(self, key: int) -> bool:
        """Remove an entry; False: there is none."""
        with self._database.session() as session:
            entry = session.get(Knowledge, key)
            if entry is not None:
                session.delete(entry)
        with self._lock:
            self._entries.pop(key, None)
            self._index.remove(key)
        return entry is not None

    def get(self, key: int) -> dict[str, Any] | None:
        """An entry."""
        with self._database.session() as session:
            entry = session.get(Knowledge, key)
            return row_json(entry) if entry else None

    def page(
        self, *, category: str | None, run: str | None, limit: int, offset: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """How many entries there are, and some of them."""
        wanted = select(Knowledge)
        if category is not None:
            wanted = wanted.where(Knowledge.category == category)
        if run is not None:
            wanted = wanted.where(Knowledge.run == run)
        with self._database.session() as session:
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            rows = session.scalars(wanted.order_by(Knowledge.id).limit(limit).offset(offset))
            return total, [row_json(row) for row in rows]

    def search(self, text: str, *, most: int = 5, at_least: float | None = None) -> list[Found]:
        """The entries most like a question, the likest first."""
        least = self._at_least if at_least is None else at_least
        with self._lock:
            return [
                Found(key, entry.title, entry.content, alike, entry.category, entry.source)
                for key, alike in self._index.nearest(text, most, least)
                if (entry := self._entries.get(key))
            ]

    def _add(self, entry: Knowledge) -> None:
        self._entries[entry.id] = entry
        for phrase in (entry.title, *entry.keywords.split(";")):
            if phrase.strip():
                self._index.add(entry.id, phrase)
