"""The events of all calls, by UUID: told by sources on their threads, waited for on the loop of the calls."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, TypeVar

from ...call import Call
from ...records import Mark
from ...transport import now
from .bot_event import BotEvent
from .source import Source

T = TypeVar("T")
_CALLS: Final = 5_000
_EVENTS_OF_A_CALL: Final = 1_000
_BEFORE: Final = 0.010
"""Seconds: an event before its call began is of an earlier call with the same UUID."""


class KeptEvents:
    """Sources that are listened to, each for a test, suite or run, and what came from them."""

    def __init__(self) -> None:
        self._sources: list[tuple[str, Source]] = []
        self._by_uuid: OrderedDict[str, deque[BotEvent]] = OrderedDict()
        self._taken: dict[str, dict[int, BotEvent]] = {}
        self._wakers: set[Callable[[], object]] = set()
        self._lock = threading.Lock()

    @property
    def listening(self) -> bool:
        """Whether anybody listens."""
        return bool(self._sources)

    @property
    def troubles(self) -> list[str]:
        """What is wrong with the sources now, for a message."""
        return [source.trouble for _, source in self._sources if source.trouble]

    def listen(self, source: Source, owner: str) -> None:
        """Listen for ``owner`` (a test's or suite's full name); a source that is listened to already stays as it is.

        Raises:
            UsageError: it cannot be had; nothing is left behind then.
        """
        if any(known.name == source.name for _, known in self._sources):
            return
        source.start(self.tell)
        self._sources.append((owner, source))

    def end(self, owner: str | None = None) -> None:
        """A test or suite is over: listen no more for it (None: for nobody)."""
        for entry in [entry for entry in self._sources if owner in (None, entry[0])]:
            self._sources.remove(entry)
            entry[1].stop()

    def tell(self, events: Iterable[BotEvent]) -> None:
        """Keep these, and wake who waits; from any thread."""
        with self._lock:
            for event in events:
                if event.uuid not in self._by_uuid and len(self._by_uuid) >= _CALLS:
                    self._by_uuid.popitem(last=False)
                self._by_uuid.setdefault(event.uuid, deque(maxlen=_EVENTS_OF_A_CALL)).append(event)
            wakers = list(self._wakers)
        for wake in wakers:
            with suppress(RuntimeError):  # its loop has ended
                wake()

    def of(self, call: Call) -> list[BotEvent]:
        """What was told about a call so far, as it happened."""
        with self._lock:
            told = list(self._by_uuid.get(str(call.uuid), ()))
        ours = [event for event in told if _is_of(call, event)]
        return sorted(ours, key=lambda event: event.when[0])

    def marks(self, call: Call) -> tuple[Mark, ...]:
        """The events of a call, for its record."""
        return tuple(
            Mark(call.seconds(at), event.name, dict(event.fields), clock)
            for event in self.of(call)
            for at, clock in [event.when]
        )

    def take(self, call: Call, fits: Callable[[BotEvent], bool]) -> BotEvent | None:
        """The first event that fits and was not taken before; it is taken now."""
        taken = self._taken.setdefault(call.id, {})
        found = next((event for event in self.of(call) if id(event) not in taken and fits(event)), None)
        if found is not None:
            taken[id(found)] = found
        return found

    def forget(self, calls: Iterable[Call]) -> None:
        """These calls are over and asked about no more."""
        for call in calls:
            self._taken.pop(call.id, None)
            with self._lock:
                self._by_uuid.pop(str(call.uuid), None)

    async def wait_for(self, look: Callable[[], T | None], within: float) -> T | None:
        """Wait until ``look`` finds something; None: it did not within so many seconds."""
        until = now() + within
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        with self._lock:
            self._wakers.add(wake)
        try:
            while True:
                woken.clear()
                found = look()
                left = until - now()
                if found is not None or left <= 0:
                    return found
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), left)
        finally:
            with self._lock:
                self._wakers.discard(wake)

    async def settle(self, call: Call, most: float) -> None:
        """Wait for the end that a bot which tells beginnings will tell, too: its last events are on their way."""
        names = {event.name for event in self.of(call)}
        if "call started" in names:
            await self.wait_for(lambda: any(event.name == "call ended" for event in self.of(call)) or None, most)


def _is_of(call: Call, event: BotEvent) -> bool:
    at, clock = event.when
    return clock != "same" or at >= call.began - _BEFORE
