"""The settings of the backend, and how the environment gives them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from ...records import UsageError

_PREFIX: Final = "AUDIOSOCKET_BACKEND_"
ROLES: Final = ("operator", "viewer")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """The pool of database connections; times in seconds. The defaults are those for development."""

    size: int = 10
    max_overflow: int = 10
    """Connections beyond ``size`` while it is full; they are closed when given back."""
    timeout: float = 30.0
    """How long to wait for a connection."""
    recycle: float = 1800.0
    """A connection older than this is replaced when it is next taken."""

    def __post_init__(self) -> None:
        if self.size < 1 or self.max_overflow < 0 or self.timeout < 0 or self.recycle < 0:
            raise UsageError("A pool has at least one connection; overflow, timeout and recycle are 0 or more")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read ``DB_POOL_SIZE``, ``DB_POOL_MAX_OVERFLOW``, ``DB_POOL_TIMEOUT`` and ``DB_POOL_RECYCLE``.

        The names without ``POOL_`` (``DB_MAX_OVERFLOW``) are understood too.

        Raises:
            UsageError: a value is no number, or none that a pool can have.
        """
        known = os.environ if environment is None else environment
        values: dict[str, int | float] = {}
        for name, kind in (("size", int), ("max_overflow", int), ("timeout", float), ("recycle", float)):
            for variable in (f"DB_POOL_{name.upper()}", f"DB_{name.upper()}"):
                if known.get(variable):
                    values.setdefault(name, _number(variable, known[variable], kind))
        return cls(**values)  # type: ignore[arg-type]


POOL_PRESETS: Final = {
    "dev": PoolSettings(),
    "test": PoolSettings(size=40, max_overflow=20),
    "prod": PoolSettings(size=50, max_overflow=25),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When a circuit breaker opens and closes; times in seconds."""

    failures: int = 5
    """So many failures in a row open it."""
    slow_after: float = 2.0
    """A call that takes longer counts as a failure."""
    open_for: float = 5.0
    """Then it lets a probe through (half-open)."""
    probes: int = 2
    """So many successes in a row close it again."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    password: str = field(repr=False)
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """Settings of the backend; times in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: the system chooses."""
    database: str | None = field(default=None, repr=False)
    """``memory``, a file, or a URL (``postgresql://…``). None: a file that is removed at the end."""
    pool: PoolSettings = PoolSettings()
    demo_data: bool = True
    """Tyres, knowledge and operators, where the database has none."""
    seed: int = 1
    """For the share of faults, and for what is made up."""
    users: tuple[User, ...] = ()
    """None given: an operator and a viewer with generated passwords."""
    secret: str | None = field(default=None, repr=False)
    """Signs tokens; None: generated."""
    token_life: float = 3600.0
    events_file: Path | None = None
    """Events are appended here as JSON lines."""
    bus_limit: int = 10_000
    """Events that may wait to be told."""
    keep_events: int = 10_000
    """Last events that are kept for who reconnects."""
    subscriber_queue: int = 256
    body_limit: int = 65_536
    """Bytes of a request's body."""
    similarity: float = 0.7
    """What the knowledge base finds has at least this similarity."""
    confidence: float = 0.6
    """Below it, a human is asked."""
    breaker: BreakerSettings = BreakerSettings()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, base: Self | None = None) -> Self:
        """Take from the environment what it has: the secrets, the database, the pool.

        ``AUDIOSOCKET_BACKEND_SECRET``; ``AUDIOSOCKET_BACKEND_USERS`` (``name:password:role``, separated by spaces);
        ``AUDIOSOCKET_BACKEND_DATABASE``, else ``DATABASE_URL``; ``DB_POOL_…``.

        Raises:
            UsageError: one of them cannot be read; its value is not repeated.
        """
        known = os.environ if environment is None else environment
        settings = base or cls()
        users = tuple(_user(text) for text in known.get(f"{_PREFIX}USERS", "").split())
        return replace(
            settings,
            secret=known.get(f"{_PREFIX}SECRET") or settings.secret,
            users=users or settings.users,
            database=known.get(f"{_PREFIX}DATABASE") or known.get("DATABASE_URL") or settings.database,
            pool=PoolSettings.from_environment(known),
        )


def _user(text: str) -> User:
    name, _, rest = text.partition(":")
    password, _, role = rest.rpartition(":")
    if not name or not password or role not in ROLES:
        raise UsageError(f"{_PREFIX}USERS: write name:password:role, where role is {' or '.join(ROLES)}")
    return User(name, password, role)


def _number(variable: str, text: str, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{variable}={text} is no number") from None
