"""The live call-state store: a versioned state for each call, legal moves only, and subscribers to every change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .events import CallRef, Event, Told
from .states import LEADS_TO, LEGAL, State, next_state
from .subscribers import Subscribers, Subscription
from .tally import Tally


@dataclass(frozen=True, slots=True)
class CallState:
    """The state of a call, as it stood from ``at`` on."""

    about: CallRef
    state: State
    version: int
    """1 at the start of the call, one more with each change: who misses a number has missed a change."""
    at: float
    """When it began, on the monotonic clock in seconds."""

    def to_json(self) -> dict[str, str | int | float]:
        """The state as JSON-ready data."""
        return {
            "uuid": self.about.uuid,
            "call": self.about.call,
            "run": self.about.run,
            "state": str(self.state),
            "version": self.version,
            "at": round(self.at, 6),
        }


class IllegalMove(ValueError):
    """A state that may not follow the present one was asked for, or the version was not the expected one."""


class CallStateStore:
    """States of calls by their number. Every method may be called from any thread.

    Args:
        limit: calls that are kept; the ended ones are forgotten first, the longest unchanged one first.
        on_refused: told of each event that broke the order, with the state it met.
    """

    def __init__(
        self, *, limit: int = 20_000, on_refused: Callable[[Event, State | None, State], object] | None = None
    ) -> None:
        self._limit = limit
        self._on_refused = on_refused
        self._live: OrderedDict[int, CallState] = OrderedDict()
        self._ended: OrderedDict[int, CallState] = OrderedDict()
        self._latest: dict[str, int] = {}
        self._lock = threading.Lock()
        self._subscribers: Subscribers[CallState] = Subscribers()
        self._reads = Tally()
        self._writes = 0
        self._illegal = 0
        self._evicted = 0

    def __len__(self) -> int:
        return len(self._live) + len(self._ended)

    def consume(self, batch: Sequence[Told]) -> None:
        """Apply events; what is illegal is refused, counted and told, and nothing else happens."""
        for told in batch:
            event = told.event
            if event.name in LEADS_TO and event.about.call:
                refused = self._apply(event)
                if refused and self._on_refused:
                    self._on_refused(event, *refused)

    def move(self, about: CallRef, state: State, *, at: float, expected: int | None = None) -> CallState:
        """Bring a call to a state.

        Args:
            about: the call; one that is not known yet can only begin.
            state: where it goes.
            at: when, on the monotonic clock.
            expected: the version it must have now (0: none yet).

        Raises:
            IllegalMove: the table of moves has no such move, or another was faster.
        """
        with self._lock:
            now = self._find(about.call)
            version = now.version if now else 0
            was = now.state if now else None
            if expected is not None and expected != version:
                self._illegal += 1
                raise IllegalMove(f"Call {about.call} is at version {version}, not {expected}: read it again")
            if state not in LEGAL[was]:
                self._illegal += 1
                raise IllegalMove(f"Call {about.call} cannot go from '{was or 'nothing'}' to '{state}'")
            return self._write(CallState(now.about if now else about, state, version + 1, at))

    def get(self, call: int) -> CallState | None:
        """The state of a call by its number; None: not known, or forgotten."""
        self._reads.add()
        return self._find(call)

    def by_uuid(self, uuid: str) -> CallState | None:
        """The state of the latest call with this UUID."""
        self._reads.add()
        return self._find(self._latest.get(uuid, 0))

    def live(self) -> list[CallState]:
        """All calls that have not ended, the longest unchanged first."""
        self._reads.add()
        with self._lock:
            return list(self._live.values())

    def subscribe(
        self,
        *,
        limit: int = 256,
        accept: Callable[[CallState], bool] | None = None,
        ready: Callable[[], object] | None = None,
    ) -> Subscription[CallState]:
        """Be told of every change from now on, until the subscription is closed."""
        return self._subscribers.add(Subscription(limit, accept, ready))

    def close(self) -> None:
        """Close all subscriptions."""
        self._subscribers.close()

    @property
    def counters(self) -> dict[str, int]:
        """Writes, reads, illegal moves refused, items dropped for slow subscribers, and what is kept."""
        return {
            "writes": self._writes,
            "reads": self._reads.value,
            "illegal": self._illegal,
            "dropped": self._subscribers.dropped,
            "subscribers": len(self._subscribers),
            "live": len(self._live),
            "ended": len(self._ended),
            "evicted": self._evicted,
        }

    def _apply(self, event: Event) -> tuple[State | None, State] | None:
        with self._lock:
            now = self._find(event.about.call)
            was = now.state if now else None
            asked = next_state(was, event.name)
            if asked is None:
                return None
            if asked not in LEGAL[was]:
                self._illegal += 1
                return was, asked
            about = now.about if now else event.about
            self._write(CallState(about, asked, now.version + 1 if now else 1, event.at))
            return None

    def _find(self, call: int) -> CallState | None:
        return self._live.get(call) or self._ended.get(call)

    def _write(self, state: CallState) -> CallState:
        call = state.about.call
        self._writes += 1
        if state.state is State.ENDED:
            # In this order: readers take no lock, and shall always find it.
            self._ended[call] = state
            self._live.pop(call, None)
        else:
            self._live[call] = state
            self._live.move_to_end(call)
        if state.about.uuid:
            self._latest[state.about.uuid] = call
        while len(self) > self._limit:
            self._evict()
        # Under the lock, so that every subscriber gets a call's versions in order.
        self._subscribers.tell((state,))
        return state

    def _evict(self) -> None:
        call, state = (self._ended or self._live).popitem(last=False)
        if self._latest.get(state.about.uuid) == call:
            del self._latest[state.about.uuid]
        self._evicted += 1
