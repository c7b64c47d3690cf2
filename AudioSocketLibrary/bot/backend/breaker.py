"""A circuit breaker: after some failures in a row it fails at once, then probes, then lets through again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from .settings import BreakerSettings


class BreakerState(StrEnum):
    """Whether a breaker lets through."""

    CLOSED = "closed"
    """All goes through."""
    OPEN = "open"
    """Nothing does; who asks is told at once."""
    HALF_OPEN = "half-open"
    """One at a time does, to see."""


class BreakerOpen(RuntimeError):
    """The breaker is open; nothing was tried."""


class Breaker:
    """Guards what may be slow or fail.

    Args:
        name: of what it guards.
        settings: when it opens and closes.
        on_change: told of the new state and the one before, outside of any lock.
        clock: seconds.
    """

    def __init__(
        self,
        name: str,
        settings: BreakerSettings | None = None,
        *,
        on_change: Callable[[str, BreakerState, BreakerState], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.settings = settings or BreakerSettings()
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._state = BreakerState.CLOSED
        self._failures = 0
        self._successes = 0
        self._probing = False
        self._opened_at = 0.0
        self._counts = {"calls": 0, "failures": 0, "rejected": 0, "opened": 0}

    @property
    def state(self) -> BreakerState:
        """Its state now; an open one whose time is over still is open, until somebody asks."""
        return self._state

    @contextmanager
    def guard(self, *, not_a_failure: tuple[type[BaseException], ...] = ()) -> Iterator[None]:
        """Do something through the breaker; an exception counts as a failure, but for those in ``not_a_failure``.

        Raises:
            BreakerOpen: it is open.
        """
        probe = self._enter()
        began = self._clock()
        failed = False
        try:
            yield
        except not_a_failure:
            raise
        except BaseException:
            failed = True
            raise
        finally:
            self._leave(probe, failed or self._clock() - began > self.settings.slow_after)

    def reset(self) -> None:
        """Close it, and forget the failures in a row."""
        with self._lock:
            was = self._change(BreakerState.CLOSED)
        self._tell(was)

    def to_json(self) -> dict[str, Any]:
        """State, settings and counts."""
        with self._lock:
            waits = self.settings.open_for - (self._clock() - self._opened_at)
            return {
                "name": self.name,
                "state": str(self._state),
                "failures_in_a_row": self._failures,
                "probes_in": round(max(0.0, waits), 3) if self._state is BreakerState.OPEN else None,
                **self._counts,
            }

    def _enter(self) -> bool:
        was: BreakerState | None = None
        with self._lock:
            if self._state is BreakerState.OPEN and self._clock() - self._opened_at >= self.settings.open_for:
                was = self._change(BreakerState.HALF_OPEN)
            refused = self._state is BreakerState.OPEN or self._probing
            self._counts["rejected" if refused else "calls"] += 1
            probe = self._state is BreakerState.HALF_OPEN and not refused
            self._probing = self._probing or probe
        self._tell(was)
        if refused:
            raise BreakerOpen(f"The circuit breaker '{self.name}' is {self._state}: not tried")
        return probe

    def _leave(self, probe: bool, failed: bool) -> None:
        was: BreakerState | None = None
        with self._lock:
            if probe:
                self._probing = False
            if failed:
                self._counts["failures"] += 1
                self._failures += 1
                if probe or (self._state is BreakerState.CLOSED and self._failures >= self.settings.failures):
                    was = self._change(BreakerState.OPEN)
            elif probe:
                self._successes += 1
                if self._successes >= self.settings.probes:
                    was = self._change(BreakerState.CLOSED)
            elif self._state is BreakerState.CLOSED:
                self._failures = 0
        self._tell(was)

    def _change(self, state: BreakerState) -> BreakerState | None:
        was, self._state = self._state, state
        self._successes = 0
        if state is BreakerState.CLOSED:
            self._failures = 0
            self._probing = False
        if state is BreakerState.OPEN:
            self._opened_at = self._clock()
            self._counts["opened"] += 1
        return was if was is not state else None

    def _tell(self, was: BreakerState | None) -> None:
        if was is not None and self._on_change:
            self._on_change(self.name, self._state, was)
