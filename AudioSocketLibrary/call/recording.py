"""The recording of a call: left the caller, right the bot as a phone hears it."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ..media import decode_payload, save_wav
from ..protocol import RATE_OF, AudioFormat, Party
from .hearing import LONGEST_FRAME
from .timeline import Timeline

JOIN = 0.005
"""Frames closer to one another than this are joined: the recording shall not click where a phone would not."""
MOST_SECONDS = 4 * 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Both sides of a call from its beginning; int16 of shape (n,) each, at ``rate`` Hz."""

    caller: NDArray[np.int16]
    bot: NDArray[np.int16]
    arrived: NDArray[np.int16] | None
    """The other side without a phone's losses; None where nothing was lost."""
    rate: int
    role: Party = Party.CALLER
    """Which side we are."""

    def save(self, path: Path) -> str:
        """Write ``<name>.wav`` (and ``<name>.arrived.wav`` where that differs); returns the SHA-256 of the first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        save_wav(path, (self.caller, self.bot), self.rate)
        if self.arrived is not None:
            sides = (self.caller, self.arrived) if self.role is Party.CALLER else (self.arrived, self.bot)
            save_wav(path.with_suffix(".arrived.wav"), sides, self.rate)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def make_recording(
    timeline: Timeline,
    format: AudioFormat,  # noqa: A002
    until: float,
    role: Party = Party.CALLER,
) -> Recording:
    """The recording of a call whose every frame was kept, up to ``until`` on the one clock; ``role`` is ours.

    Raises:
        UsageError: the frames could not be kept.
    """
    played = timeline.hearing.played
    rate = max([format.rate, *played.rates])
    length = min(until - timeline.began, MOST_SECONDS)
    sent = (
        (at, RATE_OF[frame[0]] if frame[0] != 0x10 else format.rate, format.encoding, frame[3:])
        for at, frame in timeline.sent_frames
    )
    phone = ((phone, rate_, encoding, payload) for _, phone, rate_, encoding, payload in played if phone is not None)
    arrived = None
    if timeline.hearing.lost:
        arrived = ((start, rate_, encoding, payload) for start, _, rate_, encoding, payload in played)
    ours, theirs = _lay_out(sent, timeline.began, length, rate), _lay_out(phone, timeline.began, length, rate)
    return Recording(
        *((ours, theirs) if role is Party.CALLER else (theirs, ours)),
        None if arrived is None else _lay_out(arrived, timeline.began, length, rate),
        rate,
        role,
    )


def arrived_samples(timeline: Timeline, start: float, end: float) -> tuple[NDArray[np.int16], int]:
    """What arrived from the bot between two times on the one clock: int16 samples of shape (n,), and their rate."""
    played = timeline.hearing.played
    first, last = bisect_left(played.times, start - LONGEST_FRAME), bisect_left(played.times, end)
    frames = [(at, rate, encoding, payload) for at, _, rate, encoding, payload in played[first:last]]
    rate = max((rate for _, rate, _, _ in frames), default=8000)
    began = min(start, frames[0][0]) if frames else start
    return _lay_out(frames, began, end - began, rate)[round((start - began) * rate) :], rate


@dataclass(frozen=True, slots=True, eq=False)
class SentAudio:
    """What the bot sent, frame after frame, however late each came: how it sounds, apart from when."""

    samples: NDArray[np.int16]
    rate: int
    _starts: tuple[int, ...]
    """The first sample of each frame ..."""
    _times: tuple[float, ...]
    """... and when it was heard."""

    def time_of(self, seconds: float) -> float:
        """When the sample at so many seconds was heard, on the one clock."""
        sample = seconds * self.rate
        frame = max(0, bisect_right(self._starts, sample) - 1)
        return self._times[frame] + (sample - self._starts[frame]) / self.rate

    def between(self, start: float, end: float) -> NDArray[np.int16]:
        """The frames that were heard between two times on the one clock, int16 of shape (n,)."""
        first, last = bisect_left(self._times, start), bisect_right(self._times, end)
        if first >= last:
            return self.samples[:0]
        return self.samples[self._starts[first] : self._starts[last] if last < len(self._starts) else None]


def sent_audio(timeline: Timeline) -> SentAudio:
    """All audio that arrived from the bot so far, without the gaps between its frames."""
    played = timeline.hearing.played
    rate = max(played.rates, default=8000)
    pieces, starts, length = [], [], 0
    for _, _, rate_of_frame, encoding, payload in played:
        samples = decode_payload(payload, encoding)
        if rate_of_frame != rate and len(samples):
            samples = soxr.resample(samples, rate_of_frame, rate, quality="HQ")
        pieces.append(samples)
        starts.append(length)
        length += len(samples)
    joined = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    return SentAudio(joined, rate, tuple(starts), tuple(played.times[: len(starts)]))


def _lay_out(
    frames: Iterable[tuple[float, int, str, bytes]], began: float, length: float, rate: int
) -> NDArray[np.int16]:
    """Put each frame where it was heard. Frames that follow one another are resampled together."""
    lane = np.zeros(max(1, round(length * rate)), np.int16)
    run: list[bytes] = []
    run_start = run_end = 0.0
    kind: tuple[int, str] = (rate, "slin")

    def finish() -> None:
        samples = decode_payload(b"".join(run), kind[1])
        if kind[0] != rate and len(samples):
            samples = soxr.resample(samples, kind[0], rate, quality="HQ")
        at = max(0, round((run_start - began) * rate))
        part = samples[: max(0, len(lane) - at)]
        lane[at : at + len(part)] = part

    for at, frame_rate, encoding, payload in frames:
        length_of_frame = len(payload) / (2 if encoding == "slin" else 1) / frame_rate
        if run and abs(at - run_end) < JOIN and kind == (frame_rate, encoding):
            run.append(payload)
            run_end += length_of_frame
            continue
        if run:
            finish()
        run, kind = [payload], (frame_rate, encoding)
        run_start, run_end = at, at + length_of_frame
    if run:
        finish()
    return lane
