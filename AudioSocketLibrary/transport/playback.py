"""Frames on their way out, and when each was really sent."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence


class Playback:
    """Frames that a connection sends one by one.

    Args:
        frames: encoded frames, shared by all calls that play them; an empty one is lost on the way: at its time nothing
            is sent.
        samples: samples in each frame.
        mark: index of the frame after whose sending ``reached`` is done; default: the last.
        first: index of the first frame to send.
        not_before: when the first frame is to be sent, on the one clock; the nearest media tick is taken.
    """

    __slots__ = ("done", "first", "frames", "mark", "not_before", "position", "reached", "samples", "times")

    def __init__(
        self,
        frames: Sequence[bytes],
        samples: int,
        *,
        mark: int | None = None,
        first: int = 0,
        not_before: float = 0.0,
    ) -> None:
        self.frames = frames
        self.samples = samples
        self.mark = len(frames) - 1 if mark is None else mark
        self.first = self.position = first
        self.not_before = not_before
        self.times = array("d")
        """``times[i]`` is when frame ``first + i`` was sent."""
        loop = asyncio.get_running_loop()
        self.reached: asyncio.Future[None] = loop.create_future()
        """Done when frame ``mark`` was sent; cancelled where the connection ended or was told to stop before."""
        self.done: asyncio.Future[None] = loop.create_future()
        """Done when the last frame was sent; cancelled likewise."""

    def advance(self, at: float) -> bool:
        """Note that the next frame was sent at ``at``; whether it was the last."""
        self.times.append(at)
        if self.position == self.mark:
            _settle(self.reached)
        self.position += 1
        if self.position < len(self.frames):
            return False
        _settle(self.reached)
        _settle(self.done)
        return True

    def cut(self) -> None:
        """Send no more of it."""
        self.reached.cancel()
        self.done.cancel()

    def time_of(self, sample: int, rate: int) -> float | None:
        """When ``sample`` of the recording was sent; None if it was not (or not yet).

        Sample k of a frame sent at T counts as sent at T + k / rate.
        """
        index = sample // self.samples - self.first
        if not 0 <= index < len(self.times):
            return None
        return self.times[index] + (sample % self.samples) / rate


class Background:
    """What is sent, over and over, instead of silence; it goes on unheard under a playback.

    Args:
        frames: encoded frames, shared by all calls; an empty one is lost on the way.
    """

    __slots__ = ("frames", "position")

    def __init__(self, frames: Sequence[bytes]) -> None:
        self.frames = frames
        self.position = 0
        """Index of the next frame."""

    def next(self) -> bytes | None:
        """The frame that is due; None: nothing is to be sent."""
        frame = self.frames[self.position]
        self.position = (self.position + 1) % len(self.frames)
        return frame or None


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
