"""The database: SQLite or PostgreSQL behind a pool whose waits are measured, a breaker, and faults on request."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from ...records import UsageError
from ..faults import Faults, FaultStruck
from .breaker import Breaker, BreakerOpen
from .events import NO_CALL, CallRef
from .settings import PoolSettings
from .tables import Base


class DatabaseDown(RuntimeError):
    """The database cannot be used now: it fails, the pool is exhausted, or the breaker is open."""


class Database:
    """Sessions of the database. Every method may be called from any thread.

    Args:
        where: ``memory``, a file, a URL; None: a file that is removed at the end.
        pool: its size and times; memory has one connection, whatever they say.
        faults: what goes wrong on request.
        breaker: guards the sessions; None: none does.

    Raises:
        UsageError: the database cannot be opened; the text has no password in it.
    """

    def __init__(
        self,
        where: str | None = None,
        pool: PoolSettings | None = None,
        *,
        faults: Faults | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._pool = pool or PoolSettings()
        self._faults = faults or Faults()
        self._breaker = breaker or Breaker("database")
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if where is None:
            self._folder = tempfile.TemporaryDirectory(prefix="audiosocket-backend-")
            where = str(Path(self._folder.name) / "backend.sqlite")
        url = _url(where)
        self.name = url.render_as_string(hide_password=True)
        self._waits: deque[float] = deque(maxlen=10_000)
        self._lock = threading.Lock()
        self._counts = {"sessions": 0, "timeouts": 0, "failures": 0, "peak_in_use": 0, "waiting": 0}
        self._engine = self._open(url)
        try:
            Base.metadata.create_all(self._engine)
        except DBAPIError as error:
            self.close()
            # The driver's text names host and port; the password is in none of them.
            raise UsageError(f"The database {self.name} cannot be used: {_first_line(error)}") from None

    @contextmanager
    def session(self, about: CallRef = NO_CALL, *, guarded: bool = True) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an exception. Never open one inside another.

        Args:
            about: the call for which it is, should a fault strike only some.
            guarded: through the breaker; the writer, which retries by itself, goes past it.

        Raises:
            DatabaseDown: see there.
        """
        try:
            if not guarded:
                with self._transaction(about) as session:
                    yield session
                return
            ours = (IntegrityError, _NotOfTheDatabase)
            with self._breaker.guard(not_a_failure=ours), self._transaction(about) as session:
                yield session
        except _NotOfTheDatabase as wrapped:
            raise wrapped.error from wrapped.error.__cause__
        except (BreakerOpen, FaultStruck, PoolTimeout) as error:
            raise DatabaseDown(str(error)) from error
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise DatabaseDown(f"The database failed: {_first_line(error)}") from error

    @property
    def metrics(self) -> dict[str, Any]:
        """The pool: its settings, connections in use, and how long sessions waited for one, in seconds."""
        waits = sorted(self._waits)
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        with self._lock:
            counts = dict(self._counts)
        return {
            "database": self._engine.dialect.name,
            "size": pool.size(),
            "max_overflow": pool._max_overflow,  # noqa: SLF001 - it has no other name
            "timeout": pool.timeout(),
            "recycle": self._pool.recycle,
            "in_use": pool.checkedout(),
            **counts,
            "wait_p50": _percentile(waits, 50),
            "wait_p95": _percentile(waits, 95),
            "wait_max": waits[-1] if waits else None,
        }

    def close(self) -> None:
        """Close all connections; a temporary database is removed."""
        self._engine.dispose()
        if self._folder:
            self._folder.cleanup()

    @contextmanager
    def _transaction(self, about: CallRef) -> Iterator[Session]:
        began = time.monotonic()
        self._count("waiting")
        try:
            connection = self._engine.connect()
        except PoolTimeout:
            self._count("timeouts")
            raise
        except DBAPIError:
            self._count("failures")
            raise
        finally:
            self._count("waiting", -1)
        self._waits.append(time.monotonic() - began)
        with connection, Session(connection, expire_on_commit=False) as session:
            self._took()
            self._faults.suffer("database", about.uuid)
            try:
                yield session
            except DBAPIError:
                raise
            except Exception as error:
                raise _NotOfTheDatabase(error) from error
            session.commit()

    def _took(self) -> None:
        with self._lock:
            self._counts["sessions"] += 1
            in_use = self._engine.pool.checkedout()  # type: ignore[attr-defined]
            self._counts["peak_in_use"] = max(self._counts["peak_in_use"], in_use)

    def _count(self, what: str, by: int = 1) -> None:
        with self._lock:
            self._counts[what] += by

    def _open(self, url: URL) -> Engine:
        pool, settings = self._pool, {"hide_parameters": True}
        sqlite = url.get_backend_name() == "sqlite"
        in_memory = sqlite and url.database in (None, "", ":memory:")
        arguments: dict[str, Any] = {}
        if sqlite:
            # Sessions go from thread to thread, one at a time.
            arguments = {"connect_args": {"check_same_thread": False, "timeout": 10.0}}
        else:
            arguments = {"connect_args": {"connect_timeout": 5}, "pool_pre_ping": True}
        try:
            engine = create_engine(
                url,
                poolclass=QueuePool,
                # A database in memory is its connection: there is one, and it stays.
                pool_size=1 if in_memory else pool.size,
                max_overflow=0 if in_memory else pool.max_overflow,
                pool_timeout=pool.timeout,
                pool_recycle=-1 if in_memory else int(pool.recycle),
                **settings,
                **arguments,
            )
        except (ImportError, NoSuchModuleError, ArgumentError):
            raise UsageError(
                f"No driver for {self.name}: use sqlite:///file or postgresql://… (pip install 'psycopg[binary]')"
            ) from None
        if sqlite:
            event.listen(engine, "connect", _prepare_temporary if self._folder else _prepare)
        return engine


class _NotOfTheDatabase(Exception):
    """Carries past the breaker what the user of a session raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _url(where: str) -> URL:
    if where == "memory":
        return make_url("sqlite://")
    if "://" not in where:
        return URL.create("sqlite", database=where)
    with suppress(ArgumentError):
        url = make_url(where)
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url
    raise UsageError("The URL of the database cannot be read: write postgresql://user:password@host:port/name")


def _prepare(connection: Any, _: Any, *, synchronous: str = "NORMAL") -> None:
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", f"synchronous={synchronous}"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_temporary(connection: Any, record: Any) -> None:
    _prepare(connection, record, synchronous="OFF")


def _percentile(ordered: list[float], percent: int) -> float | None:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
