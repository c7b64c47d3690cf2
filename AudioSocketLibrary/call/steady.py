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

from ..media import DEFAULT_PARAMETERS, ROUND, DetectorState, decode_payload, window_levels, window_size
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
_SEATS = 64
"""At the beginning; then twice as many, whenever there are too few."""


class Figures(NamedTuple):
    """What is known of a call beside its frames; windows are counted from its beginning."""

    end: float
    """When all that arrived has been heard, without a buffer ..."""
    arrived: float
    """... when the last frame came, ..."""
    debt: float
    """... and what time it has lost that is not yet made up for."""
    ahead: float
    """The most that it was ahead of real time."""
    frames: float
    windows: float
    block_end: float
    block_low: float
    floor: float
    threshold: float
    speaking: float
    """Whether a piece of speech is open: 0 or 1."""
    voiced: float
    """One past the last voiced window of that piece, ..."""
    voiced_until: float
    """... and when it ends on the one clock."""
    heard: float
    """One past the last voiced window of all."""
    recent: float
    """The last windows as bits: voiced or not."""
    longest_gap: float
    """The longest time for which the phone had nothing to play in the middle of speech."""
    phone_end: float
    """When the model phone will have played all that it holds, where it has a clock of its own; else in the past."""


_BLOCK_END, _BLOCK_LOW, _FLOOR, _THRESHOLD = (
    Figures._fields.index(name) for name in ("block_end", "block_low", "floor", "threshold")
)


class Member(Protocol):
    """A call that can be steady."""

    def returned(self, kept: Kept | None, at: float, payload: bytes, levels: list[float]) -> None:
        """A frame came that is more than the like of the last one; the call has left its seat (None: just before)."""


class Kept(NamedTuple):
    """What a call takes away with it from its seat."""

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
            recent=int(figures.recent),
            heard=int(figures.heard),
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
        windows, rest = divmod(size, window_size(rate) * (2 if encoding == "slin" else 1))
        return size > 0 and not rest and windows > 0 and DEFAULT_PARAMETERS.block % windows == 0

    def __init__(self, kind: Kind) -> None:
        self._rate, self._encoding, size = kind
        self._samples = size // (2 if self._encoding == "slin" else 1)
        self.length = self._samples / self._rate
        """Of a frame, in seconds."""
        self._width = self._samples // window_size(self._rate)
        """Windows in a frame."""
        self._step = window_size(self._rate) / self._rate
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
        self._place: NDArray[np.intp] = np.zeros(0, np.intp)
        """... and where in a round its last frame stands."""
        self._cadence: NDArray[np.uint32] = np.zeros((0, BUCKETS), np.uint32)
        self._longest: Floats = np.zeros(0)

    def __len__(self) -> int:
        return len(self._members) - len(self._free)

    def settle(
        self, member: Member, figures: Figures, past: Sequence[float], frames: Sequence[tuple[float, float, bytes]]
    ) -> int:
        """Take a seat.

        Args:
            member: whose.
            figures: what is known of the call.
            past: the lowest level of each of the last blocks, the oldest first.
            frames: when each of the last frames is heard, when it came, and its payload.

        Returns:
            The seat's number, under which the call's frames are to be put into ``mailbox``.
        """
        if not self._free:
            self._grow()
        seat = self._free.pop()
        self._members[seat] = member
        self._figures[seat] = figures
        blocks = len(past)
        newest = int(figures.block_end) // DEFAULT_PARAMETERS.block
        for age, low in enumerate(reversed(past), 1):
            self._past[seat, (newest - age) % blocks] = low
        frame = int(figures.windows) // self._width
        self._known[seat] = min(len(frames), self._rows)
        for age, (heard, came, payload) in enumerate(reversed(frames[-self._rows :]), 1):
            row = (frame - age) % self._rows
            self._heard_at[seat, row], self._came_at[seat, row] = heard, came
            self._audio[seat, row, HEADER_SIZE:] = np.frombuffer(payload, np.uint8)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ROUND, self.listen)
        return seat

    def figures(self, seat: int) -> Figures:
        """What is known of a call, as of the last round."""
        return Figures(*self._figures[seat].tolist())

    def leave(self, seat: int) -> Kept | None:
        """Give up the seat, after all that arrived was judged.

        Returns:
            What is known of the call; None: it left its seat meanwhile, because of what had arrived.
        """
        member = self._members[seat]
        self._judge_all()
        if self._members[seat] is not member:
            return None
        kept = self._leave(seat)
        self._vacate()
        if not len(self) and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return kept

    def cadence(self, seat: int) -> tuple[dict[int, int], float]:
        """Times between two frames since the call took its seat: counts by bucket, and the longest."""
        counts = self._cadence[seat]
        return {index: int(counts[index]) for index in np.flatnonzero(counts).tolist()}, float(self._longest[seat])

    def listen(self) -> None:
        """Judge all that arrived since the last round."""
        self._timer = None
        self._judge_all()
        if len(self) and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ROUND, self.listen)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _grow(self) -> None:
        had, more = len(self._members), max(_SEATS, len(self._members))
        self._members += [None] * more
        self._free += range(had + more - 1, had - 1, -1)
        self._figures, self._past = _longer(self._figures, more), _longer(self._past, more)
        self._heard_at, self._came_at = _longer(self._heard_at, more), _longer(self._came_at, more)
        self._audio, self._known = _longer(self._audio, more), _longer(self._known, more)
        self._cadence, self._longest = _longer(self._cadence, more), _longer(self._longest, more)
        self._place = _longer(self._place, more)

    def _leave(self, seat: int) -> Kept:
        member = self._members[seat]
        assert member is not None
        figures = self.figures(seat)
        newest = int(figures.block_end) // DEFAULT_PARAMETERS.block
        frame = int(figures.windows) // self._width
        frames = []
        for age in range(int(self._known[seat]), 0, -1):
            row = (frame - age) % self._rows
            heard, came = float(self._heard_at[seat, row]), float(self._came_at[seat, row])
            payload = self._audio[seat, row, HEADER_SIZE:].tobytes()
            frames.append((figures.windows - age * self._width, heard, came, payload))
        cadence, longest = self.cadence(seat)
        kept = Kept(figures, np.roll(self._past[seat], -newest).tolist(), frames, cadence, longest)
        self._cadence[seat] = 0
        self._longest[seat] = 0.0
        self._members[seat] = None
        self._left[seat] = member
        return kept

    def _judge_all(self) -> None:
        seats, times, audio = self.mailbox.emptied()
        if seats:
            self._judge_first(np.array(seats), np.array(times), np.frombuffer(audio, np.uint8).reshape(len(seats), -1))
        self._vacate()

    def _vacate(self) -> None:
        """Seats that were left may be taken again."""
        self._free += self._left
        self._left.clear()

    def _judge_first(self, seats: Indices, at: Floats, frames: Frames) -> None:
        """Judge the first frame of each call, then what else came of it: rarely more than one in a round."""
        while len(seats):
            self._place[seats[::-1]] = np.arange(len(seats))[::-1]  # of several the first, which is written last
            first = self._place[seats] == np.arange(len(seats))
            if first.all():
                self._judge(seats, at, frames)
                return
            self._judge(seats[first], at[first], frames[first])
            rest = np.flatnonzero(~first)
            for index in rest.tolist():
                member = self._left.get(int(seats[index]))
                if member is not None:
                    payload = frames[index, HEADER_SIZE:].tobytes()
                    levels = window_levels(decode_payload(payload, self._encoding), self._rate)
                    self._hand_back(member, None, float(at[index]), payload, levels.tolist())
            rest = rest[[int(seat) not in self._left for seat in seats[rest]]]
            seats, at, frames = seats[rest], at[rest], frames[rest]

    def _judge(self, seats: Indices, at: Floats, frames: Frames) -> None:
        """Judge a frame each of several calls. What is computed here is computed as in ``Hearing``, to the last bit."""
        audio = decode_payload(frames[:, HEADER_SIZE:].tobytes(), self._encoding)
        levels: Floats = window_levels(audio, self._rate).astype(np.float64).reshape(len(frames), -1)
        low, high = levels.min(axis=1), levels.max(axis=1)
        steady = self._nothing_begins(self._figures[seats], at, low, high)
        if not steady.all():
            for odd in np.flatnonzero(~steady).tolist():
                member, kept = self._members[seats[odd]], self._leave(int(seats[odd]))
                assert member is not None
                payload = frames[odd, HEADER_SIZE:].tobytes()
                self._hand_back(member, kept, float(at[odd]), payload, levels[odd].tolist())
            seats, at, frames = seats[steady], at[steady], frames[steady]
            levels, low, high = levels[steady], low[steady], high[steady]
        if len(seats):
            self._go_on(seats, at, frames, levels, low, high)

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

    def _go_on(self, seats: Indices, at: Floats, frames: Frames, levels: Floats, low: Floats, high: Floats) -> None:
        known = self._figures[seats].T.copy()
        (
            end, arrived, debt, ahead, count, windows, block_end, block_low, _, threshold,
            speaking, voiced, voiced_until, heard, recent, longest_gap, phone_end,
        ) = known  # fmt: skip
        slots = (windows // self._width).astype(np.intp) % self._rows
        # When it is heard, without a buffer, and what is made up for in silence: `Hearing._play`.
        behind = at - end
        late = behind >= 0
        start = np.where(late, at, end)
        pauses = at - arrived
        torn = np.flatnonzero((behind >= SHORTEST_GAP) & (speaking > 0))
        if len(torn):
            before = self._heard_at[seats[torn], (slots[torn] - 1) % self._rows] + self.length
            torn = torn[voiced_until[torn] >= before - TOUCHING]
        # Voiced windows at its end: `VoiceDetector.feed`.
        grown = np.flatnonzero((speaking > 0) & (high >= threshold))
        if len(grown):
            inside = self._width - np.argmax((levels[grown] >= threshold[grown, None])[:, ::-1], axis=1)
            voiced[grown] = heard[grown] = windows[grown] + inside
            voiced_until[grown] = start[grown] + inside * self._step
        recent[:] = np.where(speaking > 0, recent, recent * 2**self._width % 2**DEFAULT_PARAMETERS.onset_of)
        windows += self._width
        np.minimum(block_low, low, out=block_low)
        closing = np.flatnonzero(windows == block_end)
        if len(closing):
            self._close_blocks(seats[closing], known, closing)
        if len(torn):
            torn = torn[(levels[torn, 0] >= threshold[torn]) & (self._clock.held_up_at < at[torn] - behind[torn])]
            longest_gap[torn] = np.maximum(longest_gap[torn], behind[torn])
        np.maximum(ahead, -behind, out=ahead)
        made_up = np.where(late | (high >= threshold), 0.0, np.minimum(np.minimum(debt, -behind), self.length))
        debt[:] = np.where(late, np.minimum(debt + behind, LONGEST_GAP), debt - made_up)
        end[:] = start + self.length - made_up
        arrived[:] = at
        phone_end[:] = np.maximum(at, phone_end) + self.length
        count += 1
        self._figures[seats] = known.T
        self._heard_at[seats, slots] = start
        self._came_at[seats, slots] = at
        self._audio[seats, slots] = frames
        self._known[seats] = np.minimum(self._known[seats] + 1, self._rows)
        buckets = np.minimum((pauses * (1 / RESOLUTION)).astype(np.intp), BUCKETS - 1)
        self._cadence[seats, buckets] += 1
        self._longest[seats] = np.maximum(self._longest[seats], pauses)

    def _close_blocks(self, seats: Indices, known: Floats, closing: Indices) -> None:
        """`VoiceDetector._next_block` of several calls."""
        limits = DEFAULT_PARAMETERS
        blocks = (known[_BLOCK_END, closing] // limits.block).astype(np.intp) % limits.blocks
        self._past[seats, blocks] = known[_BLOCK_LOW, closing]
        floor = self._past[seats].min(axis=1)
        known[_BLOCK_END, closing] += limits.block
        known[_BLOCK_LOW, closing] = inf
        known[_FLOOR, closing] = floor
        known[_THRESHOLD, closing] = np.maximum(
            limits.absolute, np.minimum(floor, limits.highest_floor) + limits.margin
        )


def _longer(array: NDArray[Any], more: int) -> NDArray[Any]:
    return np.concatenate([array, np.zeros((more, *array.shape[1:]), array.dtype)])


Divert: TypeAlias = Callable[[Mailbox | None, int], bool]
"""Of a connection: where its usual frames go, and under which number; None: to its listener."""
