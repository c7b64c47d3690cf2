"""Writes calls, turns and tool calls to the database as events tell of them: on its own thread, in batches."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .database import Database, DatabaseDown
from .events import Event, Told
from .rows import GONE, OpenCall, Rows, end_call, follow, moment_of, stopped, text_of
from .tables import Call, ToolCall, Turn

logger = logging.getLogger(__name__)
_BATCH: Final = 500
_RETRY: Final = 0.25
_ENDED: Final = 1000
"""Calls of which late events still find their row."""
_WRITTEN: Final = frozenset(
    {
        "call started", "end of speech", "key", "recognised", "answered", "first audio", "tool called", "transfer",
        "call ended",
    }
)  # fmt: skip


class Writer:
    """Consumes events.

    Args:
        database: where to.
        limit: events that may wait while the database is slow or down; then the oldest are dropped and counted.
        calls: open calls that are remembered.
    """

    def __init__(self, database: Database, *, limit: int = 50_000, calls: int = 20_000) -> None:
        self._database = database
        self._waiting: deque[Event] = deque(maxlen=limit)
        self._open: OrderedDict[int, OpenCall] = OrderedDict()
        self._ended: OrderedDict[int, OpenCall] = OrderedDict()
        self._calls = calls
        self._wake = threading.Condition()
        self._busy = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._counts = {"written": 0, "batches": 0, "retries": 0, "dropped": 0, "refused": 0}

    def consume(self, batch: Sequence[Told]) -> None:
        """Take events; never waits for the database."""
        wanted = [told.event for told in batch if told.event.name in _WRITTEN and told.event.about.call]
        if not wanted:
            return
        with self._wake:
            self._drop(len(self._waiting) + len(wanted) - (self._waiting.maxlen or 0))
            self._waiting.extend(wanted)
            self._wake.notify_all()

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._write_all, name="backend-writer", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Write what waits, if the database lets us within so many seconds; calls that stand are written as failed."""
        thread, self._thread = self._thread, None
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if thread:
            thread.join(timeout)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all that was consumed is written; False: it took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._waiting and not self._busy, timeout)

    @property
    def counters(self) -> dict[str, int]:
        """Written, dropped, refused by the database, waiting."""
        return {**self._counts, "waiting": len(self._waiting), "open_calls": len(self._open)}

    def _drop(self, count: int) -> None:
        if count > 0:
            self._counts["dropped"] += count

    def _write_all(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting or self._stopping)
                batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                self._busy = True
            if not batch:
                self._write_once([stopped(call) for call in self._open.values()])
                return
            done = self._write_once(batch)
            with self._wake:
                if not done and self._stopping:
                    self._drop(len(batch))
                elif not done:
                    self._drop(len(self._waiting) + len(batch) - (self._waiting.maxlen or 0))
                    room = (self._waiting.maxlen or 0) - len(self._waiting)
                    self._waiting.extendleft(reversed(batch[-room:] if room > 0 else []))
                    self._counts["retries"] += 1
                    self._wake.wait_for(lambda: self._stopping, _RETRY)
                self._busy = False
                self._wake.notify_all()

    def _write_once(self, batch: list[Event]) -> bool:
        """Whether the database took it, or refused it for good."""
        before = OrderedDict(self._open), OrderedDict(self._ended)
        try:
            self._write(batch)
        except DatabaseDown:
            self._open, self._ended = before
            return False
        except Exception as error:  # noqa: BLE001 - one event that cannot be written must not stop the rest
            self._open, self._ended = before
            if len(batch) == 1:
                # A row whose call was deleted meanwhile, or an event with a field that no column can hold.
                self._counts["refused"] += 1
                self._give_up(batch[0])
                if not isinstance(error, IntegrityError):
                    logger.warning("The event '%s' was not written: %s", batch[0].name, type(error).__name__)
                return True
            return self._write_each(batch)
        self._counts["written"] += len(batch)
        self._counts["batches"] += 1
        return True

    def _give_up(self, event: Event) -> None:
        for calls in (self._open, self._ended):
            if event.about.call in calls:
                calls[event.about.call] = replace(calls[event.about.call], row=GONE)
        if event.name == "call ended" and event.about.call in self._open:
            self._ended[event.about.call] = self._open.pop(event.about.call)

    def _write_each(self, batch: list[Event]) -> bool:
        for at, event in enumerate(batch):
            if not self._write_once([event]):
                del batch[:at]  # what is written must not be written again
                return False
        return True

    def _write(self, batch: list[Event]) -> None:
        if not batch:
            return
        with self._database.session(guarded=False) as session:
            rows = Rows()
            for event in batch:
                self._apply(session, event, rows)
            for table, values in ((Turn, rows.turns), (ToolCall, rows.tool_calls)):
                if values:
                    session.execute(insert(table), values)

    def _apply(self, session: Session, event: Event, rows: Rows) -> None:
        number = event.about.call
        late = self._ended.get(number) if event.name != "call started" and number not in self._open else None
        if late is not None:
            # A worker that was still busy when the caller hung up.
            if late.row != GONE and event.name in ("recognised", "tool called"):
                follow(late, event, rows)
            return
        call = self._open.get(number) if event.name != "call started" else None
        call = call or self._begin(session, event)
        if call.row != GONE:
            call = follow(call, event, rows)
        self._open[number] = call
        if event.name == "call ended":
            if call.row != GONE:
                end_call(session, call, event)
            self._ended[number] = self._open.pop(number)
        while len(self._open) > self._calls:
            self._open.popitem(last=False)
        while len(self._ended) > _ENDED:
            self._ended.popitem(last=False)

    def _begin(self, session: Session, event: Event) -> OpenCall:
        fields = event.fields if event.name == "call started" else {}
        named = {name: text_of(fields.get(name)) for name in ("caller", "callee", "agent", "language")}
        added = session.execute(
            insert(Call)
            .values(
                uuid=text_of(event.about.uuid),
                run=text_of(event.about.run),
                number=event.about.call,
                started=moment_of(event),
                **named,
            )
            .returning(Call.id)
        )
        return OpenCall(added.scalar_one(), event.about, event.at)
