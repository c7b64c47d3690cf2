"""Calls, transcripts and knowledge made up for tests: from a seed, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from .database import Database
from .tables import Call, Knowledge, Turn

STATUSES: Final = ("active", "completed", "failed")
CATEGORIES: Final = ("delivery", "refund", "product", "fitting", "warranty")
SOURCES: Final = ("manual", "faq", "operator")
_WORDS: Final = """
    шини зимові літні розмір ціна доставка замовлення оператор монтаж колесо диск гарантія знижка запис завтра
    tyre winter summer size price delivery order operator fitting wheel rim warranty discount booking tomorrow
    """.split()  # noqa: SIM905 - a page of words


class Factory:
    """Makes data as plain dictionaries, ready for REST or ``store``.

    Args:
        seed: the same seed makes the same data, but for times, which are counted back from ``now``.
        run: the run id of all that is made.
        now: the moment to count back from; default: this moment.
    """

    def __init__(self, seed: int = 1, *, run: str = "", now: datetime | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._numbers: Iterator[int] = count(1)
        self._run = run
        self._now = now or datetime.now(UTC)

    def call(self, **given: Any) -> dict[str, Any]:
        """A call: caller 100n, callee 200n, started within 30 days, 10 to 600 s, active, completed or failed."""
        number = next(self._numbers)
        started = self._now - timedelta(seconds=self._random.randint(600, 30 * 24 * 3600 - 1))
        duration = self._random.randint(10, 600)
        drawn = self._random.choice(STATUSES)  # in any case: what is given must not change the rest
        status = given.get("status") or drawn
        over = status != "active"
        made = {
            "uuid": str(UUID(int=self._random.getrandbits(128), version=4)),
            "run": self._run,
            "number": number,
            "caller": f"100{number}",
            "callee": f"200{number}",
            "language": self._random.choice(("uk", "en")),
            "started": started,
            "ended": started + timedelta(seconds=duration) if over else None,
            "duration": float(duration) if over else None,
            "status": status,
        }
        return made | given

    def transcript(self, **given: Any) -> dict[str, Any]:
        """A transcript: quality 0.7 to 1, 50 to 300 words."""
        words = [self._random.choice(_WORDS) for _ in range(self._random.randint(50, 300))]
        made = {
            "who": "caller",
            "turn": 1,
            "text": " ".join(words),
            "quality": round(self._random.uniform(0.7, 1.0), 3),
            "confidence": round(self._random.uniform(0.6, 1.0), 3),
        }
        return made | given

    def knowledge(self, **given: Any) -> dict[str, Any]:
        """An entry of the knowledge base."""
        number = next(self._numbers)
        title = " ".join(self._random.sample(_WORDS, 5))
        made = {
            "title": f"{title} {number}",
            "content": " ".join(self._random.choice(_WORDS) for _ in range(20)),
            "category": self._random.choice(CATEGORIES),
            "source": self._random.choice(SOURCES),
            "run": self._run,
        }
        return made | given


def store_call(database: Database, call: dict[str, Any], *transcripts: dict[str, Any]) -> int:
    """Write a made-up call with its transcripts to the database; returns its id."""
    row = Call(**call)
    with database.session() as session:
        session.add(row)
        session.flush()
        for transcript in transcripts:
            session.add(Turn(call_id=row.id, uuid=row.uuid, run=row.run, **transcript))
        return row.id


def store_knowledge(database: Database, entry: dict[str, Any]) -> int:
    """Write a made-up entry to the database; returns its id. The knowledge base finds it after ``load``."""
    row = Knowledge(**entry)
    with database.session() as session:
        session.add(row)
        session.flush()
        return row.id
