"""All of the backend but the web: put together, started, stopped, measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import psutil  # type: ignore[import-untyped,unused-ignore]
from sqlalchemy import delete, select

from ..fault_kinds import BOT, DIALOGUE, FaultKind
from ..faults import Faults
from .accounts import Accounts
from .answering import Answering
from .breaker import Breaker, BreakerState
from .bus import Consumer, EventBus
from .database import Database
from .events import Event
from .feed import EventFile, Feed
from .history import History
from .humans import Humans
from .knowledge import KnowledgeBase
from .seed import seed_demo_data
from .services import Services
from .settings import BackendSettings
from .shop import Shop, give_back
from .states import State
from .store import CallStateStore
from .supplier import Supplier
from .tables import OF_CALLS, Order
from .writer import Writer


class Core:
    """The parts by name, and what concerns several of them.

    Args:
        settings: all settings.
        more_faults: kinds of faults that the bot declares, set and cleared together with ours.

    Raises:
        UsageError: the database or the file of events cannot be opened.
    """

    def __init__(self, settings: BackendSettings, more_faults: Iterable[FaultKind] = ()) -> None:
        self.settings = settings
        self.accounts = Accounts(settings.users, settings.secret, settings.token_life)
        self.faults = Faults(more_faults, seed=settings.seed, lacks={BOT, DIALOGUE})
        self.breakers = {
            name: Breaker(name, settings.breaker, on_change=self._breaker_changed) for name in ("database", "supplier")
        }
        self.feed = Feed(settings.keep_events)
        self.store = CallStateStore(on_refused=self._state_refused)
        self.file = EventFile(settings.events_file) if settings.events_file else None
        try:
            self.database = Database(
                settings.database, settings.pool, faults=self.faults, breaker=self.breakers["database"]
            )
        except BaseException:
            if self.file:
                self.file.close()
            raise
        self.writer = Writer(self.database)
        consumers: list[Consumer] = [self.store.consume, self.feed.consume, self.writer.consume]
        if self.file:
            consumers.append(self.file.consume)
        self.bus = EventBus(consumers, limit=settings.bus_limit)
        self.knowledge = KnowledgeBase(self.database, at_least=settings.similarity)
        self.shop = Shop(self.database)
        self.humans = Humans(self.database, self.knowledge, self.bus.publish)
        supplier = Supplier(self.faults, self.breakers["supplier"])
        self.services = Services(self.shop, self.knowledge, self.humans, supplier, self.bus.publish)
        self.answering = Answering(self.knowledge, self.services, self.humans, at_least=settings.confidence)
        self.history = History(self.database)
        self._process = psutil.Process()
        self._began = time.monotonic()

    def start(self) -> None:
        """Fill the database where it is empty, and begin to tell and to write."""
        if self.settings.demo_data:
            seed_demo_data(self.database)
        self.knowledge.load()
        self.bus.start()
        self.writer.start()

    def stop(self) -> None:
        """Tell and write what waits, then close all."""
        self.faults.stop()
        self.bus.stop(0.3)
        self.writer.stop(0.5)
        self.feed.close()
        self.store.close()
        if self.file:
            self.file.close()
        self.database.close()

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all that was published before is told, and written to the database; False: it took longer."""
        ends = time.monotonic() + timeout
        return self.bus.flush(timeout) and self.writer.flush(max(0.0, ends - time.monotonic()))

    def delete_rows(self, *, run: str | None = None, uuid_prefix: str | None = None) -> dict[str, int]:
        """Delete all rows of a run, or of calls whose UUID begins so; ordered tyres go back to stock.

        Returns:
            How many rows were deleted, by table.
        """
        self.flush(2.0)
        with self.database.session() as session:
            deleted = {}
            for table in OF_CALLS:
                ours = (
                    table.run == run if run is not None else table.uuid.startswith(uuid_prefix or "", autoescape=True)
                )
                if table is Order:
                    taken = session.execute(select(Order.product_id, Order.quantity).where(ours)).all()
                    give_back(session, [(product, quantity) for product, quantity in taken])
                done = session.execute(delete(table).where(ours).execution_options(synchronize_session=False))
                deleted[table.__tablename__] = int(done.rowcount)  # type: ignore[attr-defined]
        if deleted["knowledge"]:
            self.knowledge.load()
        return deleted

    def metrics(self) -> dict[str, Any]:
        """Pool, store, bus, subscribers, writer, breakers, and this process."""
        with self._process.oneshot():
            process = {
                "uptime": round(time.monotonic() - self._began, 3),
                "cpu_seconds": round(sum(self._process.cpu_times()[:2]), 3),
                "memory_bytes": self._process.memory_info().rss,
                "threads": threading.active_count(),
                "open_files": self._process.num_fds() if hasattr(self._process, "num_fds") else None,
            }
        return {
            "pool": self.database.metrics,
            "store": self.store.counters,
            "bus": self.bus.counters,
            "feed": {**self.feed.counters, "file_failures": self.file.failures if self.file else 0},
            "writer": self.writer.counters,
            "breakers": {name: breaker.to_json() for name, breaker in self.breakers.items()},
            "process": process,
        }

    def publish_all(self, events: Sequence[Event]) -> int:
        """Publish several; returns how many were taken."""
        return sum(self.bus.publish(event) for event in events)

    def _breaker_changed(self, name: str, state: BreakerState, was: BreakerState) -> None:
        self.bus.publish(Event.now("breaker", name=name, state=str(state), was=str(was)))

    def _state_refused(self, event: Event, was: State | None, asked: State) -> None:
        refused = Event.now("state refused", event.about, was=str(was or "nothing"), asked=str(asked), event=event.name)
        self.bus.publish(refused)
