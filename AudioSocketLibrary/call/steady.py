"""The calls in which nothing begins or ends: their media frames are judged together.

Nearly every frame only continues what was there: silence, or speech that goes on. What such a frame changes is a little
arithmetic, and numpy does it for all calls at once: a row of figures for each call instead of a dozen objects, none of
which is still in the processor's cache when its call's next frame comes (measured with 1,000 calls: docs/bench.md). A
frame that begins or ends anything, or that came too late or too early, is handed back, with all that is known, to its
call's own ``Hearing``, which is the one place where the rules stand; here stands only when they have nothing to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..media import (
    DEFAULT_PARAMETERS,
    ROUND,
    DetectorState,
    decode_payload,
    window_bytes,
    window_levels,
    window_size,
)
from ..protocol import HEADER_SIZE
from ..records import BUCKETS, RESOLUTION
from ..transport import Mailbox, MediaClock

Kind: TypeAlias = tuple[int, str, int]
"""Rate, encoding and bytes of payload of the frames that are judged together."""
Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Frames: TypeAlias = NDArray[np.uint8]
"""Of shape (frames, bytes of a frame with its header)."""

GAP = 0.060
"""Seconds without audio in the middle of speech that a phone cannot hide ..."""
SHORTEST_GAP = 0.001
"""... and that it would not notice."""
TOUCHING = 0.010
"""Seconds between a bot's last voiced window and a gap that is still in the middle of its speech."""
LONGEST_GAP = 0.800
"""A longer one is a pause, not a gap."""
PHONE_BUFFER = 0.200
"""Seconds of audio that the model phone holds."""
SILENT = 0.200
"""A bot that sends nothing for so long is silent: many send only while they speak."""
_REMEMBERED = 8
"""Windows of which the frames are kept: an onset is found four windows back."""
_PLACES = 64
"""At the beginning; then twice as many, whenever there are too few."""


class Figures(NamedTuple):
    """What is known of a call beside its frames; windows are counted from its beginning."""

    end: float
    """When all that arrived has been heard, without a buffer ..."""
    arrived: float
    """... and when the last frame came."""
    windows: float
    block_end: float
    block_low: float
    floor: float
    threshold: float
    speaking: float
    """Whether a piece of speech is open: 0 or 1."""
    voiced: float
    """One past the last voiced window of that piece, ..."""
    voiced_until: float = 0.0
    """... and when it ends on the one clock."""
    frames: float = 0.0
    debt: float = 0.0
    """The time that it has lost and that is not yet made up for."""
    ahead: float = 0.0
    """The most that it was ahead of real time."""
    longest_gap: float = 0.0
    """The longest time for which the phone had nothing to play in the middle of speech."""
    phone_end: float = 0.0
    """When the model phone will have played all that it holds, where it has a clock of its own; else in the past."""

    @classmethod
    def of(cls, detector: DetectorState, **others: float) -> Figures:
        """What a detector goes by, and the others by their names."""
        return cls(
            windows=detector.windows,
            block_end=detector.block_end,
            block_low=detector.block_low,
            floor=detector.floor,
            threshold=detector.threshold,
            speaking=detector.voiced is not None,
            voiced=detector.voiced or 0,
            **others,
        )


_BLOCK_END, _BLOCK_LOW, _FLOOR, _THRESHOLD = (
    Figures._fields.index(name) for name in ("block_end", "block_low", "floor", "threshold")
)


Divert: TypeAlias = Callable[[Mailbox | None, int], bool]
"""Of a connection: where its usual frames go, and at which place; None: to its listener."""


class Member(Protocol):
    """A call that can be steady."""

    def returned(self, kept: Kept | None, at: float, payload: bytes, levels: list[float]) -> None:
        """A frame came that is more than the like of the last one; the call has left its place (None: just before)."""


class Kept(NamedTuple):
    """What a call takes away with it from its place."""

    figures: Figures
    past: list[float]
    """The lowest levels of the last blocks, the oldest first."""
    frames: list[tuple[float, float, float, bytes]]
    """Of the last frames: the window at which each begins, when it is heard, when it came, its payload."""
    cadence: dict[int, int]
    """Counts of times between two frames, by bucket, ..."""
    longest: float
    """... and the longest of them."""

    @property
    def detector(self) -> DetectorState:
        """What the call's own detector goes on from."""
        figures = self.figures
        return DetectorState(
            windows=int(figures.windows),
            threshold=figures.threshold,
            floor=figures.floor,
            block_low=figures.block_low,
            block_end=int(figures.block_end),
            past=self.past,
            voiced=int(figures.voiced) if figures.speaking else None,
        )


class Steady:
    """All steady calls of one event loop whose frames are of one kind. Use ``Steady.of``."""

    _of: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Kind, Steady]]] = WeakKeyDictionary()

    @classmethod
    def of(cls, kind: Kind) -> Steady:
        """The one of the running loop."""
        kinds = cls._of.setdefault(asyncio.get_running_loop(), {})
        steady = kinds.get(kind)
        if steady is None:
            steady = kinds[kind] = cls(kind)
        return steady

    @staticmethod
    def fits(kind: Kind) -> bool:
        """Whether frames of that kind hold whole windows, and blocks of windows whole frames."""
        rate, encoding, size = kind
        windows, rest = divmod(size, window_bytes((rate, encoding)))
        return size > 0 and not rest and windows > 0 and DEFAULT_PARAMETERS.block % windows == 0

    def __init__(self, kind: Kind) -> None:
        self._rate, self._encoding, size = kind
        self._width = size // window_bytes((self._rate, self._encoding))
        """Windows in a frame."""
        self._step = window_size(self._rate) / self._rate
        self._length = self._width * window_size(self._rate) / self._rate
        """Of a frame, in seconds."""
        self._rows = _REMEMBERED // self._width + 2
        self.mailbox = Mailbox(HEADER_SIZE + size)
        """Where connections put what arrives until the next round."""
        self._timer: asyncio.TimerHandle | None = None
        self._clock = MediaClock.of()
        self._members: list[Member | None] = []
        self._free: list[int] = []
        self._left: dict[int, Member] = {}
        """Who left in this round: further frames of theirs may have come in it."""
        self._figures: Floats = np.zeros((0, len(Figures._fields)))
        self._past: Floats = np.zeros((0, DEFAULT_PARAMETERS.blocks))
        self._heard_at: Floats = np.zeros((0, self._rows))
        self._came_at: Floats = np.zeros((0, self._rows))
        self._audio: NDArray[np.uint8] = np.zeros((0, self._rows, self.mailbox.size), np.uint8)
        self._known: NDArray[np.intp] = np.zeros(0, np.intp)
        """Frames of each call that are remembered, ..."""
        self._first: NDArray[np.intp] = np.zeros(0, np.intp)
        """... and where among those that are judged its first frame stands."""
        self._cadence: NDArray[np.uint32] = np.zeros((0, BUCKETS), np.uint32)
        self._longest: Floats = np.zeros(0)

    def __len__(self) -> int:
        return len(self._members) - len(self._free)

    def settle(
        self, member: Member, figures: Figures, past: Sequence[float], frames: Sequence[tuple[float, float, bytes]]
    ) -> int:
        """Take a place.

        Args:
            member: whose.
            figures: what is known of the call.
            past: the lowest level of each of the last blocks, the oldest first.
            frames: when each of the last frames is heard, when it came, and its payload.

        Returns:
            The place's number, under which the call's frames are to be put into ``mailbox``.
        """
        if not self._free:
            self._grow()
        place = self._free.pop()
        self._members[place] = member
        self._figures[place] = figures
        blocks = len(past)
        newest = int(figures.block_end) // DEFAULT_PARAMETERS.block
        for age, low in enumerate(reversed(past), 1):
            self._past[place, (newest - age) % blocks] = low
        frame = int(figures.windows) // self._width
        self._known[place] = min(len(frames), self._rows)
        for age, (heard, came, payload) in enumerate(reversed(frames[-self._rows :]), 1):
            row = (frame - age) % self._rows
            self._heard_at[place, row], self._came_at[place, row] = heard, came
            self._audio[place, row, HEADER_SIZE:] = np.frombuffer(payload, np.uint8)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ROUND, self.listen)
        return place

    def figures(self, place: int) -> Figures:
        """What is known of a call, as of the last round."""
        return Figures(*self._figures[place].tolist())

    def leave(self, place: int) -> Kept | None:
        """Give up the place, after all that arrived was judged.

        Returns:
            What is known of the call; None: it left its place meanwhile, because of what had arrived.
        """
        member = self._members[place]
        self._judge_all()
        if self._members[place] is not member:
            return None
        kept = self._leave(place)
        self._vacate()
        if not len(self) and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return kept

    def cadence(self, place: int) -> tuple[dict[int, int], float]:
        """Times between two frames since the call took its place: counts by bucket, and the longest."""
        counts = self._cadence[place]
        return {index: int(counts[index]) for index in np.flatnonzero(counts).tolist()}, float(self._longest[place])

    def listen(self) -> None:
        """Judge all that arrived since the last round."""
        self._timer = None
        try:
            self._judge_all()
        finally:
            # Whatever one call may break: the others are heard.
            if len(self) and self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(ROUND, self.listen)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _grow(self) -> None:
        had, more = len(self._members), max(_PLACES, len(self._members))
        self._members += [None] * more
        self._free += range(had + more - 1, had - 1, -1)
        self._figures, self._past = _longer(self._figures, more), _longer(self._past, more)
        self._heard_at, self._came_at = _longer(self._heard_at, more), _longer(self._came_at, more)
        self._audio, self._known = _longer(self._audio, more), _longer(self._known, more)
        self._cadence, self._longest = _longer(self._cadence, more), _longer(self._longest, more)
        self._first = _longer(self._first, more)

    def _leave(self, place: int) -> Kept:
        member = self._members[place]
        assert member is not None
        figures = self.figures(place)
        newest = int(figures.block_end) // DEFAULT_PARAMETERS.block
        frame = int(figures.windows) // self._width
        frames = []
        for age in range(int(self._known[place]), 0, -1):
            row = (frame - age) % self._rows
            heard, came = float(self._heard_at[place, row]), float(self._came_at[place, row])
            payload = self._audio[place, row, HEADER_SIZE:].tobytes()
            frames.append((figures.windows - age * self._width, heard, came, payload))
        cadence, longest = self.cadence(place)
        past = self._past[place].tolist()
        oldest = newest % len(past)
        kept = Kept(figures, past[oldest:] + past[:oldest], frames, cadence, longest)
        self._cadence[place] = 0
        self._longest[place] = 0.0
        self._members[place] = None
        self._left[place] = member
        return kept

    def _judge_all(self) -> None:
        places, times, audio = self.mailbox.emptied()
        if places:
            self._judge_in_turn(
                np.array(places), np.array(times), np.frombuffer(audio, np.uint8).reshape(len(places), -1)
            )
        self._vacate()

    def _vacate(self) -> None:
        """Places that were left may be taken again."""
        self._free += self._left
        self._left.clear()

    def _judge_in_turn(self, places: Indices, at: Floats, frames: Frames) -> None:
        """Judge the first frame of each call, then the next ones: rarely is there more than one in a round."""
        while len(places):
            self._first[places[::-1]] = np.arange(len(places))[::-1]  # of several the first, which is written last
            first = self._first[places] == np.arange(len(places))
            if first.all():
                self._judge(places, at, frames)
                return
            self._judge(places[first], at[first], frames[first])
            rest = np.flatnonzero(~first)
            for index in rest.tolist():
                member = self._left.get(int(places[index]))
                if member is not None:
                    payload = frames[index, HEADER_SIZE:].tobytes()
                    levels = window_levels(decode_payload(payload, self._encoding), self._rate)
                    self._hand_back(member, None, float(at[index]), payload, levels.tolist())
            rest = rest[[int(place) not in self._left for place in places[rest]]]
            places, at, frames = places[rest], at[rest], frames[rest]

    def _judge(self, places: Indices, at: Floats, frames: Frames) -> None:
        """Judge a frame each of several calls. What is computed here is computed as in ``Hearing``, to the last bit."""
        audio = decode_payload(frames[:, HEADER_SIZE:].tobytes(), self._encoding)
        levels: Floats = window_levels(audio, self._rate).astype(np.float64).reshape(len(frames), -1)
        low, high = levels.min(axis=1), levels.max(axis=1)
        steady = self._nothing_begins(self._figures[places], at, low, high)
        if not steady.all():
            for odd in np.flatnonzero(~steady).tolist():
                member, kept = self._members[places[odd]], self._leave(int(places[odd]))
                assert member is not None
                payload = frames[odd, HEADER_SIZE:].tobytes()
                self._hand_back(member, kept, float(at[odd]), payload, levels[odd].tolist())
            places, at, frames = places[steady], at[steady], frames[steady]
            levels, low, high = levels[steady], low[steady], high[steady]
        if len(places):
            self._go_on(places, at, frames, levels, low, high)

    @staticmethod
    def _hand_back(member: Member, kept: Kept | None, at: float, payload: bytes, levels: list[float]) -> None:
        try:
            member.returned(kept, at, payload, levels)
        except Exception as error:  # noqa: BLE001 - one broken call must not make the others deaf
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A call failed where it was heard", "exception": error}
            )

    def _nothing_begins(self, known: Floats, at: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """Of which calls the frame changes nothing but figures."""
        is_ = Figures(*known.T)
        limits = DEFAULT_PARAMETERS
        behind = at - is_.end
        speaking = is_.speaking > 0
        on_time = (behind < SILENT) & (np.maximum(is_.end, is_.phone_end) - at <= PHONE_BUFFER)
        on_time &= at - is_.arrived <= SILENT
        same_floor = (low >= is_.floor) | (is_.floor <= limits.absolute - limits.margin)
        goes_on = (low >= is_.threshold) | (is_.windows + self._width - is_.voiced < limits.pause)
        a_gap = speaking & (behind >= GAP)
        found: NDArray[np.bool_] = on_time & same_floor & np.where(speaking, goes_on, high < is_.threshold) & ~a_gap
        return found

    def _go_on(self, places: Indices, at: Floats, frames: Frames, levels: Floats, low: Floats, high: Floats) -> None:
        known = self._figures[places].T.copy()
        (
            end, arrived, windows, block_end, block_low, _, threshold,
            speaking, voiced, voiced_until, count, debt, ahead, longest_gap, phone_end,
        ) = known  # fmt: skip
        slots = (windows // self._width).astype(np.intp) % self._rows
        # When it is heard, without a buffer, and what is made up for in silence: `Hearing._play`.
        behind = at - end
        late = behind >= 0
        start = np.where(late, at, end)
        pauses = at - arrived
        torn = np.flatnonzero((behind >= SHORTEST_GAP) & (speaking > 0))
        if len(torn):
            before = self._heard_at[places[torn], (slots[torn] - 1) % self._rows] + self._length
            torn = torn[voiced_until[torn] >= before - TOUCHING]
        # Voiced windows at its end: `VoiceDetector.feed`.
        grown = np.flatnonzero((speaking > 0) & (high >= threshold))
        if len(grown):
            inside = self._width - np.argmax((levels[grown] >= threshold[grown, None])[:, ::-1], axis=1)
            voiced[grown] = windows[grown] + inside
            voiced_until[grown] = start[grown] + inside * self._step
        windows += self._width
        np.minimum(block_low, low, out=block_low)
        closing = np.flatnonzero(windows == block_end)
        if len(closing):
            self._close_blocks(places[closing], known, closing)
        if len(torn):
            torn = torn[(levels[torn, 0] >= threshold[torn]) & (self._clock.held_up_at < at[torn] - behind[torn])]
            longest_gap[torn] = np.maximum(longest_gap[torn], behind[torn])
        np.maximum(ahead, -behind, out=ahead)
        made_up = np.where(late | (high >= threshold), 0.0, np.minimum(np.minimum(debt, -behind), self._length))
        debt[:] = np.where(late, np.minimum(debt + behind, LONGEST_GAP), debt - made_up)
        end[:] = start + self._length - made_up
        arrived[:] = at
        phone_end[:] = np.maximum(at, phone_end) + self._length
        count += 1
        self._figures[places] = known.T
        self._heard_at[places, slots] = start
        self._came_at[places, slots] = at
        self._audio[places, slots] = frames
        self._known[places] = np.minimum(self._known[places] + 1, self._rows)
        buckets = np.minimum((pauses * (1 / RESOLUTION)).astype(np.intp), BUCKETS - 1)
        self._cadence[places, buckets] += 1
        self._longest[places] = np.maximum(self._longest[places], pauses)

    def _close_blocks(self, places: Indices, known: Floats, closing: Indices) -> None:
        """`VoiceDetector._next_block` of several calls."""
        limits = DEFAULT_PARAMETERS
        blocks = (known[_BLOCK_END, closing] // limits.block).astype(np.intp) % limits.blocks
        self._past[places, blocks] = known[_BLOCK_LOW, closing]
        floor = self._past[places].min(axis=1)
        known[_BLOCK_END, closing] += limits.block
        known[_BLOCK_LOW, closing] = inf
        known[_FLOOR, closing] = floor
        known[_THRESHOLD, closing] = np.maximum(
            limits.absolute, np.minimum(floor, limits.highest_floor) + limits.margin
        )


class Place:
    """A call's place among the steady ones, where it has taken one."""

    __slots__ = ("_number", "_steady", "way")

    def __init__(self) -> None:
        self.way: Divert | None = None
        """How frames can be brought there; None: they cannot, or shall not."""
        self._steady: Steady | None = None
        self._number = -1

    @property
    def taken(self) -> bool:
        """Whether the call has a place now."""
        return self._steady is not None

    @property
    def figures(self) -> Figures | None:
        """What is known of the call, as of the last round; None: it has no place."""
        return None if self._steady is None else self._steady.figures(self._number)

    @property
    def cadence(self) -> tuple[dict[int, int], float]:
        """Times between two frames since the call took its place: counts by bucket, and the longest."""
        return ({}, 0.0) if self._steady is None else self._steady.cadence(self._number)

    def take(
        self,
        member: Member,
        kind: Kind,
        figures: Figures,
        past: Sequence[float],
        frames: Sequence[tuple[float, float, bytes]],
    ) -> bool:
        """Take a place (the arguments are those of ``Steady.settle``); whether frames are brought there from now on."""
        steady = Steady.of(kind)
        number = steady.settle(member, figures, past, frames)
        if self.way is None or not self.way(steady.mailbox, number):
            steady.leave(number)
            return False
        self._steady, self._number = steady, number
        return True

    def leave(self) -> Kept | None:
        """Give the place up; what is known of the call, or None: it had none, or was handed back meanwhile."""
        kept = None if self._steady is None else self._steady.leave(self._number)
        if kept is not None:
            self.left()
        return kept

    def left(self) -> None:
        """The place is given up: frames come to the call's connection's listener again."""
        if self.way is not None:
            self.way(None, -1)
        self._steady, self._number = None, -1


def _longer(array: NDArray[Any], more: int) -> NDArray[Any]:
    return np.concatenate([array, np.zeros((more, *array.shape[1:]), array.dtype)])
