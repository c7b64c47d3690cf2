"""The recording of a call: left the caller, right the bot as a phone hears it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ..media import decode_payload, save_wav
from ..protocol import RATE_OF, AudioFormat
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
    """The bot's side without a phone's losses; None where nothing was lost."""
    rate: int

    def save(self, path: Path) -> str:
        """Write ``<name>.wav`` (and ``<name>.arrived.wav`` where that differs); returns the SHA-256 of the first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        save_wav(path, (self.caller, self.bot), self.rate)
        if self.arrived is not None:
            save_wav(path.with_suffix(".arrived.wav"), (self.caller, self.arrived), self.rate)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def make_recording(timeline: Timeline, format: AudioFormat, until: float) -> Recording:  # noqa: A002
    """The recording of a call whose every frame was kept, up to ``until`` on the one clock."""
    played = timeline.hearing.played
    rate = max([format.rate, *{frame[2] for frame in played}])
    length = min(until - timeline.began, MOST_SECONDS)
    sent = (
        (at, RATE_OF[frame[0]] if frame[0] != 0x10 else format.rate, format.encoding, frame[3:])
        for at, frame in timeline.sent_frames
    )
    phone = ((phone, rate_, encoding, payload) for _, phone, rate_, encoding, payload in played if phone is not None)
    arrived = None
    if timeline.hearing.lost:
        arrived = ((start, rate_, encoding, payload) for start, _, rate_, encoding, payload in played)
    return Recording(
        _lay_out(sent, timeline.began, length, rate),
        _lay_out(phone, timeline.began, length, rate),
        None if arrived is None else _lay_out(arrived, timeline.began, length, rate),
        rate,
    )


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
