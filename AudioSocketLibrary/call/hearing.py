"""What the bot's audio amounts to: when each sample is heard, and when the bot speaks.

Two clocks run over the same frames. *Without a buffer* a sample is heard when it arrived, but not before the earlier
ones were played: greeting and response times are taken there. The *model phone* has a buffer of 200 ms: what exceeds
it is lost, as behind Asterisk, which passes on every frame at once (measured); barge-in, dead air and gaps are taken
there. Until something is lost the two are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple, TypeAlias

import numpy as np

from ..media import (
    NOTHING,
    SILENCE_DBFS,
    Ear,
    VoiceDetector,
    decode_payload,
    levels_of,
    loud_samples,
    window_bytes,
    window_size,
)
from ..protocol import RATE_OF, AudioFormat, Frame, FrameType
from ..records import Histogram
from ..transport import MediaClock
from .kept import HeardFrames, Spool
from .steady import (
    GAP,
    LONGEST_GAP,
    PHONE_BUFFER,
    SHORTEST_GAP,
    SILENT,
    TOUCHING,
    Divert,
    Figures,
    Kept,
    Place,
    Steady,
)

LONGEST_FRAME = 8096 / 8000
"""Seconds of audio in one frame; of a longer one no phone behind Asterisk hears anything (measured on 22.10.1)."""
SLIN = (RATE_OF[FrameType.AUDIO], "slin")
"""What Asterisk takes 0x10 for when a bot sends it, whatever the call agreed on."""
_LEARNING = 320
"""Windows (1.6 s) whose frames are remembered at the beginning: the detector may judge them again ..."""
_REMEMBERED = 60
"""... and how many (300 ms) afterwards: as far back as an onset is found."""
_UNREAD_SPEECH, _UNREAD_SILENCE = 20, 100
"""Windows that may wait where they begin nothing: an end of speech is told 100 ms late, or when asked for."""
_CALM = 20
"""Windows (100 ms) in which nothing begins or ends, after which a place is taken."""
_Levels: TypeAlias = tuple[list[float], float, float]
"""Of each window of a frame, the lowest, the highest; in dBFS."""
_Judged: TypeAlias = tuple[float, bytes, _Levels]
"""When a frame arrived, its payload, its levels."""
_tuple = tuple.__new__  # half the price of _Row(...)


@dataclass(slots=True)
class Stretch:
    """A stretch of the bot's speech on the one clock; ``end`` grows while it speaks."""

    start: float
    end: float


class _Row(NamedTuple):
    """A frame as it is played: windows ``first`` to ``last`` begin at ``at``, one every ``step`` seconds."""

    first: float
    last: float
    at: float
    step: float
    payload: bytes
    encoding: str

    def time_of(self, window: float) -> float:
        return self.at + (window - self.first) * self.step


def _nothing() -> None:
    """Nobody waits for news."""


class Hearing:
    """The bot's side of one call.

    Frames of which nothing follows at once are kept, and read later in one go: those of a silence that goes on twice
    a second, those of speech that goes on ten times. Whoever asks for anything gets what follows from all of them.
    Where whole such batches change nothing, the call takes a place among the steady ones (``steady.py``), which judge
    its frames for it until something begins or ends.

    Args:
        format: what the call agreed on; it tells what 0x10 carries (slin, G.711, or 16 kHz as before 20.17).
        keep: where every frame is kept, for the recording; None: none is.
        phone_buffer: what the model phone holds, in seconds.
        on_change: called whenever the bot began or ceased to speak.
    """

    __slots__ = (
        "_ahead", "_arrived", "_arrived_at", "_batch", "_cadence", "_calm", "_carry", "_debt", "_detector",
        "_ear", "_end", "_first_window", "_frames", "_fresh", "_gaps", "_longest_gap", "_lost", "_lost_at", "_loud",
        "_most_unread", "_native", "_native_size", "_phone_buffer", "_phone_end", "_phone_spans", "_place", "_placed",
        "_played", "_rows", "_sample_size", "_samples", "_spans", "_state", "_unread", "_usual",
        "_window", "_windows_unread", "kind", "misread_at", "on_change", "resumed",
    )  # fmt: skip

    def __init__(  # noqa: PLR0915 - a phone and an ear remember much
        self,
        format: AudioFormat,  # noqa: A002 - the field's word
        *,
        keep: Spool | None,
        phone_buffer: float = PHONE_BUFFER,
        on_change: Callable[[], None] = _nothing,
    ) -> None:
        self.kind = SLIN
        """Rate and encoding of what arrives."""
        self.misread_at: float | None = None
        """When the bot first sent in 0x10 what Asterisk takes for something else."""
        # A bot may answer a G.711 call in G.711, but what it sends in 0x10 Asterisk takes for 8 kHz slin (measured).
        self._native = (format.rate, str(format.encoding)) if format.type == FrameType.AUDIO else SLIN
        self._native_size = format.size
        self._usual = (-1, -1)
        """Type and size of a frame that needs no second look: whole windows of the present kind, as nearly all are."""
        self._phone_buffer = phone_buffer
        self.on_change = on_change
        self._spans: list[Stretch] = []
        self._played = None if keep is None else HeardFrames(keep)
        self._ahead = 0.0
        self._lost = 0.0
        self._lost_at: list[tuple[float, float]] = []
        self._longest_gap = 0.0
        self._gaps: list[tuple[float, float]] = []
        self._frames = 0
        self._detector = VoiceDetector()
        self._state = (0, False)
        self._fresh: list[tuple[float, Frame]] = []
        """What arrived since the last round of listening ..."""
        self._batch: list[tuple[float, bytes]] = []
        """... and what of it the ear is listening to."""
        self._unread: list[_Judged] = []
        """Frames whose levels are known, but of which nothing was made yet ..."""
        self._windows_unread = 0
        """... and the windows in them."""
        self._most_unread = 0
        self._loud = -inf
        """A level from which on the frames are read at once."""
        self._carry = b""
        self._window = window_size(self.kind[0])
        self._sample_size = 2
        self._first_window = 0
        """The window with which the present rate began ..."""
        self._samples = 0
        """... and the samples since."""
        self._end = 0.0
        self._arrived = 0.0
        self._debt = 0.0
        self._phone_end = 0.0
        self._phone_spans: list[Stretch] | None = None
        self._rows: list[_Row] = []
        self._placed: list[tuple[int, int]] = []
        """Of each span, the first and last window that it was made of."""
        self._ear: Ear | None = None
        self.resumed: list[float] = []
        """When its frames began to come again after a pause of `SILENT`; many bots send only while they speak."""
        self._arrived_at = 0.0
        self._cadence = Histogram()
        self._calm = 0
        """Windows read in which nothing began or ended."""
        self._place = Place()

    # -- what is known; whoever asks gets what follows from every frame that was listened to ---------------------------

    @property
    def spans(self) -> list[Stretch]:
        """Speech, without a buffer."""
        self._read()
        return self._spans

    @property
    def heard(self) -> list[Stretch]:
        """Speech as the model phone plays it."""
        self._read()
        return self._spans if self._phone_spans is None else self._phone_spans

    @property
    def last_voiced(self) -> float | None:
        """When the bot's last voiced sample so far is heard (without a buffer); None: it has not spoken."""
        spans = self.spans
        return spans[-1].end if spans else None

    @property
    def played(self) -> HeardFrames:
        """Every frame that arrived; none where they are not kept."""
        self._read()
        return HeardFrames(Spool()) if self._played is None else self._played

    @property
    def ahead(self) -> float:
        """The most that the bot was ahead of real time, in seconds."""
        self._read()
        return self._ahead

    @property
    def lost(self) -> float:
        """Seconds of audio that exceeded the phone's buffer."""
        self._read()
        return self._lost

    @property
    def lost_at(self) -> list[tuple[float, float]]:
        """When the phone began to lose audio, and how much, per burst."""
        self._read()
        return self._lost_at

    @property
    def longest_gap(self) -> float:
        """The longest time for which the phone had nothing to play in the middle of speech."""
        self._read()
        return self._longest_gap

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """When the phone had nothing to play in the middle of speech, and for how long."""
        self._read()
        return self._gaps

    @property
    def frames(self) -> int:
        """How many audio frames were listened to."""
        self._read()
        return self._frames

    @property
    def cadence(self) -> Histogram:
        """Time between two frames of the bot."""
        found = Histogram()
        found.merge(self._cadence)
        found.add_counts(*self._place.cadence)
        return found

    @property
    def arrived_at(self) -> float:
        """When the last audio frame arrived, on the one clock; 0: none did."""
        figures = self._place.figures
        return self._arrived_at if figures is None else figures.arrived

    # -- the media path -----------------------------------------------------------------------------------------------

    def add(self, at: float, frame: Frame) -> None:
        """A frame arrived (its audio is not looked at here)."""
        self._leave()
        self._note_arrival(at)
        if not self._fresh:
            if self._ear is None:
                self._ear = Ear.of(asyncio.get_running_loop())
            self._ear.notice(self)
        self._fresh.append((at, frame))

    def _note_arrival(self, at: float) -> None:
        if self._arrived_at:
            pause = at - self._arrived_at
            self._cadence.add(pause)
            if pause > SILENT:
                self.resumed.append(at)
        self._arrived_at = at

    def divert(self, way: Divert | None) -> None:
        """Let usual frames be brought to a place among the steady calls in this way; None: they shall all come here."""
        if way is None:
            self._leave()
        self._place.way = way

    def finish(self) -> None:
        """Take what is still waiting: the call is over."""
        self.divert(None)
        if self._ear is not None:
            self._ear.forget(self)
        self.take(*levels_of(self.prepare(), self.kind))
        self._read()
        self._rows.clear()

    def prepare(self) -> bytes:
        """The audio of the waiting frames in whole windows, all of one kind.

        A change of rate in the middle is rare: all before the last change is taken here and now.
        """
        fresh, self._fresh = self._fresh, []
        if len(fresh) == 1:
            at, frame = fresh[0]
            frame_type, payload = frame
            if (frame_type, len(payload)) == self._usual and not self._carry:
                self._batch = [(at, payload)]
                return payload
        elif not self._carry and all((frame[0], len(frame[1])) == self._usual for _, frame in fresh):
            self._batch = [(at, frame[1]) for at, frame in fresh]
            return b"".join([payload for _, payload in self._batch])
        return self._prepare_unusual(fresh)

    def _prepare_unusual(self, fresh: list[tuple[float, Frame]]) -> bytes:
        batch: list[tuple[float, bytes]] = []
        for at, frame in fresh:
            kind = self._kind(at, frame)
            if kind != self.kind:
                self._take_alone(batch)
                batch = []
                self._change_kind(kind)
            payload = frame.payload
            if len(payload) % self._sample_size:
                payload = payload[:-1]  # half a sample, which Asterisk ignores too
            if len(payload) <= LONGEST_FRAME * self.kind[0] * self._sample_size:
                batch.append((at, payload))
        self._batch = batch
        audio = self._whole_windows()
        kinds = {(frame.type, len(frame.payload)) for _, frame in fresh}
        self._usual = (-1, -1)
        if len(kinds) == 1 and len(audio) == sum(len(frame.payload) for _, frame in fresh) and not self._carry:
            (usual,) = kinds
            if not usual[1] % window_bytes(self.kind):
                self._usual = usual
        return audio

    def _kind(self, at: float, frame: Frame) -> tuple[int, str]:
        """Rate and encoding of a frame: by its type; 0x10 is 8 kHz slin unless it has the size of the call's own."""
        if frame.type != FrameType.AUDIO:
            return RATE_OF[frame.type], "slin"
        if self._native == SLIN or len(frame.payload) != self._native_size:
            return SLIN
        if self.misread_at is None:
            self.misread_at = at
        return self._native

    def take(self, levels: list[float], low: float, high: float) -> None:
        """Take the levels of what ``prepare`` gave, in dBFS by window; the lowest and the highest of them."""
        self._take(levels, low, high)
        if self._calm + self._windows_unread >= _CALM and self._place.way is not None:
            self._settle()

    def _take(self, levels: list[float], low: float, high: float) -> None:
        batch, self._batch = self._batch, []
        if len(batch) == 1:
            at, payload = batch[0]
            self._unread.append((at, payload, (levels, low, high)))
        else:
            self._share_out(batch, levels)
        self._windows_unread += len(levels)
        if high >= self._loud or self._windows_unread >= self._most_unread:
            self._read()

    def _share_out(self, batch: list[tuple[float, bytes]], levels: list[float]) -> None:
        """Levels go to the frames whose windows they are, so that nothing depends on how many came in a round."""
        used, into = 0, self._samples
        for _, payload, _ in self._unread:
            into += len(payload) // self._sample_size
        for at, payload in batch:
            into = into % self._window + len(payload) // self._sample_size
            own = levels[used : used + into // self._window]
            used += len(own)
            self._unread.append((at, payload, (own, min(own), max(own)) if own else NOTHING))

    def _read(self) -> None:
        """Hear the frames whose levels are known, one by one, and tell whether the bot began or ceased to speak."""
        unread = self._unread
        if not unread:
            figures = self._place.figures
            if figures is not None:
                self._follow(figures)
            return
        self._calm += self._windows_unread
        self._unread, self._windows_unread = [], 0
        for at, payload, levels in unread:
            if payload and self._hear(at, payload, levels):
                self._calm = 0
        self._frames += len(unread)
        detector, rows = self._detector, self._rows
        learning, speaking = detector.windows < _LEARNING, detector.speaking
        if speaking:
            self._follow_on()
        if not learning:
            oldest = detector.windows - _REMEMBERED
            old = 0
            while old < len(rows) and rows[old].last < oldest:
                old += 1
            del rows[:old]
        self._loud = -inf if learning else inf if speaking else detector.threshold
        self._most_unread = _UNREAD_SPEECH if speaking else _UNREAD_SILENCE
        state = (len(detector.segments), speaking)
        if state != self._state:
            self._state = state
            self.on_change()

    def _take_alone(self, frames: list[tuple[float, bytes]]) -> None:
        if frames:
            self._batch = frames
            self._take(*levels_of(self._whole_windows(), self.kind))

    def _change_kind(self, kind: tuple[int, str]) -> None:
        self._read()
        # What is carried is less than a window of the old rate, and is not judged.
        self._carry = b""
        self.kind = kind
        self._usual = (-1, -1)
        self._window, self._sample_size = window_size(kind[0]), 2 if kind[1] == "slin" else 1
        self._first_window, self._samples = self._detector.windows, 0

    def _whole_windows(self) -> bytes:
        audio = self._carry + b"".join(payload for _, payload in self._batch)
        width = window_bytes(self.kind)
        whole = len(audio) // width * width
        self._carry = audio[whole:]
        return audio[:whole]

    def _hear(self, at: float, payload: bytes, levels: _Levels) -> bool:
        """Hear one frame; the levels are those of the windows that it completes. Whether anything may have begun."""
        detector, behind = self._detector, at - self._end
        changed = False
        if detector.speaking and (behind > SHORTEST_GAP or -behind > self._phone_buffer):
            self._follow_on()  # what comes now may be a gap, or be lost: both are seen beside what was said before
        if behind >= SILENT and self._end:
            changed = self._pause()
        if detector.feed(*levels):
            changed = True
        self._play(at, payload, levels)
        learning = detector.windows < _LEARNING
        if (changed or learning) and (detector.segments or self._spans):
            self._follow_speech()
        return changed or learning

    def _pause(self) -> bool:
        """Nothing came for a while: to the detector, which knows only what came, that is a pause like any other."""
        parameters = self._detector.parameters
        # Once the noise floor is known, a pause shall not teach another.
        level = self._detector.threshold - parameters.margin if self._detector.windows >= _LEARNING else SILENCE_DBFS
        self._first_window += parameters.pause
        return self._detector.feed([level] * parameters.pause)

    def _play(self, at: float, payload: bytes, levels: _Levels) -> None:
        size, (rate, encoding) = self._window, self.kind
        samples = len(payload) // self._sample_size
        length = samples / rate
        first = self._first_window + self._samples / size
        self._samples += samples
        if at >= self._end:
            gap = at - self._end
            if SHORTEST_GAP <= gap < LONGEST_GAP and self._end:
                self._note_gap(gap, at, levels[0])
            # Time lost by a late frame is made up in silence, as every phone does; else one hiccup, ours perhaps,
            # would be in every response time to the end of the call.
            self._debt = min(self._debt + gap, LONGEST_GAP) if self._end and gap < LONGEST_GAP else 0.0
            start = at
            self._end = at + length
        else:
            start = self._end
            ahead = start - at
            if ahead > self._ahead:  # noqa: PLR1730 - a third of the price of max()
                self._ahead = ahead
            self._end = start + length
            if ahead > self._phone_buffer and at - self._arrived > length / 2:
                # Silence at its own pace behind a burst that no phone would hold: it does not queue behind it, else
                # the burst would be in every response time to the end of the call.
                self._debt = ahead
            if self._debt and levels[2] < self._detector.threshold and levels[0]:
                made_up = min(self._debt, ahead, length)
                self._debt -= made_up
                self._end -= made_up
        self._arrived = at
        last = self._first_window + self._samples / size
        if self._rows and payload == self._rows[-1].payload:
            payload = self._rows[-1].payload  # silence, over and over: one is enough for the 1.6 s that are remembered
        row = _tuple(_Row, (first, last, start, size / rate, payload, encoding))
        self._rows.append(row)
        phone: float | None = start
        if self._phone_spans is not None or start - at > self._phone_buffer:
            phone = self._play_on_phone(at, row, length, levels[0])
        if self._played is not None:
            self._played.add(start, phone, rate, encoding, payload)

    def _play_on_phone(self, at: float, row: _Row, length: float, levels: list[float]) -> float | None:
        """The phone's own clock, once it has lost something."""
        if self._phone_spans is None:
            self._phone_spans = [Stretch(span.start, span.end) for span in self._spans]
            self._phone_end = row.at
        start = max(at, self._phone_end)
        if start - at > self._phone_buffer:
            self._lost += length
            if self._lost_at and at - self._lost_at[-1][0] < 1.0:
                self._lost_at[-1] = (self._lost_at[-1][0], self._lost_at[-1][1] + length)
            else:
                self._lost_at.append((at, length))
            return None
        self._phone_end = start + length
        for index, level in enumerate(levels, self._detector.windows - len(levels)):
            if level >= self._detector.threshold:
                heard = start + (index - row.first) * row.step
                pause = self._detector.parameters.pause * row.step
                if self._phone_spans and heard - self._phone_spans[-1].end < pause:
                    self._phone_spans[-1].end = max(self._phone_spans[-1].end, heard + row.step)
                else:
                    self._phone_spans.append(Stretch(heard, heard + row.step))
        return start

    def _note_gap(self, gap: float, at: float, levels: list[float]) -> None:
        if not self._rows or not self._spans or not levels:
            return
        last = self._rows[-1]
        in_speech = self._spans[-1].end >= last.time_of(last.last) - TOUCHING and levels[0] >= self._detector.threshold
        if in_speech and not MediaClock.of().held_up_since(at - gap):
            self._longest_gap = max(self._longest_gap, gap)
            if gap >= GAP:
                self._gaps.append((at - gap, gap))

    def _follow_speech(self) -> None:
        """Bring ``spans`` up to the detector's segments: the last one, or all while it still judges them again."""
        segments = self._detector.segments
        learning = self._detector.windows < _LEARNING
        del self._spans[len(segments) :], self._placed[len(segments) :]
        for index in range(0 if learning else max(0, len(self._spans) - 1), len(segments)):
            segment = segments[index]
            if index == len(self._spans):
                self._spans.append(Stretch(self._end, self._end))
                self._placed.append((-1, -1))
            # What did not move is not placed again: its frames may be forgotten by now.
            first, last = self._placed[index]
            if first != segment.first and (row := self._row_at(segment.first + 0.5)):
                self._spans[index].start = self._onset(row, segment.first, segment.threshold)
            if last != segment.last and (row := self._row_at(segment.last - 0.5)):
                self._spans[index].end = row.time_of(segment.last)
            self._placed[index] = (segment.first, segment.last)

    def _follow_on(self) -> None:
        """Nothing began or ended: the speech may have grown."""
        last = self._detector.segments[-1].last
        first, placed = self._placed[-1]
        if last != placed:
            row = self._row_at(last - 0.5)
            if row:
                self._spans[-1].end = row.time_of(last)
            self._placed[-1] = (first, last)

    def _row_at(self, window: float) -> _Row | None:
        """The frame that ``window`` was in; the next one, where it was in none (it began before a pause)."""
        latest = self._rows[-1]
        if latest.first <= window < latest.last:
            return latest
        found = None
        for row in reversed(self._rows):
            if window >= row.last:
                break
            found = row
        return found

    def _onset(self, row: _Row, window: int, threshold: float) -> float:
        """When the first voiced sample in ``window`` is heard."""
        size = self._window
        start = max(0, round((window - row.first) * size))
        samples = decode_payload(row.payload, row.encoding)[start : start + size]
        inside = loud_samples(samples, threshold)[0] if np.any(samples) else 0
        return row.time_of(window) + inside / self.kind[0]

    # -- a place among the steady calls -------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Take a place, where frames are usual, nothing waits and all is as the steady calls suppose."""
        self._read()
        kind, detector, rows = (*self.kind, self._usual[1]), self._detector, self._rows
        if self._calm < _CALM or self._fresh or self._carry or self._played is not None:
            return
        if not rows or self._phone_buffer != PHONE_BUFFER or not Steady.fits(kind):
            return
        if self._phone_spans is not None and detector.speaking:
            return  # the phone, which has lost something, hears the speech at other times
        known, width = detector.state(), kind[2] // window_bytes(self.kind)
        if known is None or rows[-1].last != known.windows or known.windows % width:
            return
        # The last frames, one behind another and each as long as the others: more of the past is not needed.
        first, begin = len(rows), rows[-1].last
        while first and rows[first - 1].last == begin == rows[first - 1].first + width:
            first, begin = first - 1, begin - width
        figures = Figures.of(
            known,
            end=self._end,
            arrived=self._arrived_at,
            voiced_until=self._spans[-1].end if detector.speaking else 0.0,
            frames=self._frames,
            debt=self._debt,
            ahead=self._ahead,
            longest_gap=self._longest_gap,
            phone_end=self._phone_end,
        )
        frames = [(row.at, row.at, row.payload) for row in rows[first:]]
        if self._place.take(self, kind, figures, known.past, frames):
            self._rows = []

    def returned(self, kept: Kept | None, at: float, payload: bytes, levels: list[float]) -> None:
        """A frame came that is more than the like of the last one: the place is given up (None: was, just before)."""
        if kept is not None:
            self._place.left()
            self._take_back(kept)
        self._note_arrival(at)
        self._unread.append((at, payload, (levels, min(levels), max(levels))))
        self._read()

    def _leave(self) -> None:
        """Give up the place, if there is one."""
        if kept := self._place.leave():
            self._take_back(kept)

    def _take_back(self, kept: Kept) -> None:
        figures = kept.figures
        size, (rate, encoding) = self._window, self.kind
        self._detector.restore(kept.detector)
        self._follow(figures)
        self._arrived_at = self._arrived = figures.arrived
        self._debt, self._phone_end = figures.debt, figures.phone_end
        self._end = figures.end
        self._samples = (int(figures.windows) - self._first_window) * size
        self._rows = [
            _tuple(_Row, (first, first + len(payload) // self._sample_size / size, at, size / rate, payload, encoding))
            for first, at, _, payload in kept.frames
        ]
        self._cadence.add_counts(kept.cadence, kept.longest)

    def _follow(self, figures: Figures) -> None:
        """What people ask for while the call has a place."""
        self._ahead = figures.ahead
        self._longest_gap = figures.longest_gap
        self._frames = int(figures.frames)
        if figures.speaking:
            self._spans[-1].end = figures.voiced_until
            self._placed[-1] = (self._placed[-1][0], int(figures.voiced))
