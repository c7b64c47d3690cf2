"""The media clock: one per event loop, it sends every call's next media frame each 20 ms.

Calls are spread over slots of 1 ms, and a slot's frames are sent in one go: gathering sends is what keeps a thousand
calls within 1.25 times the cost of a C program. Deadlines are absolute, so nothing drifts. Where the loop was held up
for more than a frame, one frame is made up for and the rest is skipped and counted: a burst would be a lie about
Asterisk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import ClassVar, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from ..records import Histogram

PERIOD = 0.020
"""Length of a media frame in seconds."""
SLOTS = 20
CATCH_UP = 1
"""How many late media frames are still sent; the others are skipped."""
EARLY = 0.0005
"""A slot may be run this much before its time: uvloop's timers have a resolution of 1 ms."""
SOON = 0.003
"""No stream begins sooner where it can be helped: a bot shall find the UUID alone in its first read."""
HOLD_UP = 0.010

now = perf_counter
"""The one clock: monotonic, and fine on every system (``time.monotonic`` has 15.6 ms on older Windows)."""


Sendable: TypeAlias = tuple[Callable[[bytes], object], bytes]
"""Who writes, and what."""


class Stream(Protocol):
    """What the clock drives."""

    def tick(self, due: float, skipped: int) -> Sendable | None:
        """The media frame that is due at ``due``, if the clock shall send it.

        ``skipped`` frames before it will never be sent.
        """

    def went(self, at: float, due: float, frame: bytes | None) -> None:
        """The frame was sent at ``at``."""


class _Slot:
    __slots__ = ("due", "streams")

    def __init__(self, due: float) -> None:
        self.due = due
        self.streams: list[Stream] = []


class MediaClock:
    """Drives the streams of one event loop.

    Use ``MediaClock.of(loop)``: there is one per loop. ``loop_lag`` is the histogram of how late the loop woke.
    """

    _clocks: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, MediaClock]] = WeakKeyDictionary()

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop | None = None) -> MediaClock:
        """The clock of ``loop`` (default: the running one)."""
        loop = loop or asyncio.get_running_loop()
        clock = cls._clocks.get(loop)
        if clock is None:
            clock = cls._clocks[loop] = cls()
        return clock

    # No reference to the loop is kept: it would keep the loop in the weak dictionary, and so alive, for ever.
    def __init__(self) -> None:
        start = now()
        self._slots = [_Slot(start + index * PERIOD / SLOTS) for index in range(SLOTS)]
        self._slot_of: dict[Stream, _Slot] = {}
        self._removed = 0
        """Streams removed so far."""
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self.loop_lag = Histogram()
        """How late the loop woke."""
        self.lateness = Histogram()
        """How late the last media frame of each slot was, counted for all of the slot: never to our advantage."""
        self.due = 0
        """Media frames that were due and tried, of all streams ..."""
        self.skipped = 0
        """... and those that were left out to avoid a burst."""
        self.held_up_at = 0.0
        """When this process was last held up by more than 10 ms."""

    def __len__(self) -> int:
        return len(self._slot_of)

    def add(self, stream: Stream) -> None:
        """Drive ``stream`` from now on, in the emptiest slot; of several, in the next one that is not too soon."""
        time = now()
        for slot in self._slots:
            if not slot.streams and slot.due < time:
                slot.due += PERIOD * (int((time - slot.due) / PERIOD) + 1)
        slot = min(self._slots, key=lambda slot: (len(slot.streams), slot.due < time + SOON, slot.due))
        slot.streams = [*slot.streams, stream]
        self._slot_of[stream] = slot
        if self._timer is None or slot.due < self._wake_at:
            self._arm(time)

    def remove(self, stream: Stream) -> None:
        """Drive ``stream`` no longer; nothing happens if it was not driven."""
        slot = self._slot_of.pop(stream, None)
        if slot is not None:
            self._removed += 1
            # A new list: the slot may be in the middle of its round.
            slot.streams = [other for other in slot.streams if other is not stream]
        if not self._slot_of and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def held_up_since(self, time: float) -> bool:
        """Whether this process was held up (by more than 10 ms) after ``time``: what seems a gap may be our own."""
        return self.held_up_at >= time

    def next_due(self, stream: Stream) -> float:
        """When the next media frame of ``stream`` is due."""
        return self._slot_of[stream].due

    def _arm(self, time: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wake_at = min(slot.due for slot in self._slots if slot.streams)
        self._timer = asyncio.get_running_loop().call_later(max(0.0, self._wake_at - time), self._wake)

    def _wake(self) -> None:
        time = now()
        self._timer = None
        if time >= self._wake_at:
            self.loop_lag.add(time - self._wake_at)
            if time - self._wake_at > HOLD_UP:
                self.held_up_at = time
        limit = time + EARLY
        due_slots = [slot for slot in self._slots if slot.due <= limit and slot.streams]
        if len(due_slots) > 1:
            due_slots.sort(key=_due)
        for slot in due_slots:
            while slot.due <= limit:
                behind = int((time - slot.due) / PERIOD)
                skipped = behind - CATCH_UP if behind > CATCH_UP else 0
                due = slot.due + skipped * PERIOD
                slot.due = due + PERIOD
                self.serve(slot.streams, due, skipped)
                count = len(slot.streams)
                self.lateness.add(now() - due, count)
                self.due += count
                self.skipped += skipped * count
        # Armed anew even where a stream that came meanwhile has armed it: that the timer is None was said above, and
        # mypyc, as mypy, believes it until the end of the function.
        if self._slot_of:
            self._arm(now())

    def serve(self, streams: Sequence[Stream], due: float, skipped: int) -> None:  # noqa: C901 - three plain loops
        """Send what is due: choose first, then write one after the other, then note what went.

        Three short loops, not one long one: the kernel's part, most of it all, finds its code in the processor's
        cache, and the bot, which reads meanwhile, is woken once for many frames.
        """
        driven, removed = self._slot_of, self._removed
        chosen: list[Stream] = []
        sendables: list[Sendable] = []
        for stream in streams:
            if removed != self._removed and stream not in driven:
                continue  # removed by one before it
            try:
                sendable = stream.tick(due, skipped)
            except Exception as error:  # noqa: BLE001 - one broken call must not stop the clock of the others
                self._put_off(stream, error)
            else:
                if sendable is not None:
                    chosen.append(stream)
                    sendables.append(sendable)
        times: list[float] = []
        for stream, (write, frame) in zip(chosen, sendables, strict=True):
            at = -1.0
            if removed == self._removed or stream in driven:
                at = now()
                try:
                    write(frame)
                except Exception as error:  # noqa: BLE001
                    self._put_off(stream, error)
                    at = -1.0
            times.append(at)
        for stream, (_, frame), at in zip(chosen, sendables, times, strict=True):
            if at < 0:
                continue
            try:
                stream.went(at, due, frame)
            except Exception as error:  # noqa: BLE001
                self._put_off(stream, error)

    def _put_off(self, stream: Stream, error: Exception) -> None:
        self.remove(stream)
        asyncio.get_running_loop().call_exception_handler(
            {"message": "A call failed in the media clock", "exception": error}
        )


def _due(slot: _Slot) -> float:
    return slot.due
