"""Bytes to frames, whichever way the network cut or joined them. This file knows no rule of anybody's."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from .frames import HEADER_SIZE, Frame

Inside: TypeAlias = Literal["", "header", "payload"]

_new = tuple.__new__  # half the price of Frame(...), fifty times a second for every call


class Remainder(NamedTuple):
    """What of a frame had come when its sender closed."""

    inside: Literal["header", "payload"]
    type: int
    held: bytes
    missing: int


class FrameReader:
    """Turns what was received into frames; keeps at most one unfinished, and never raises for what came.

    Asterisk reads the header, then the payload. Who imitates it looks at `inside` after each `feed`, and
    blames the bot for a frame in pieces only if the read had emptied the socket: a read that came back full
    cuts frames where nobody on the wire did.
    """

    __slots__ = ("_held", "_size")

    def __init__(self) -> None:
        self._held = bytearray()
        self._size = 0

    @property
    def inside(self) -> Inside:
        """What is unfinished now: `header`, `payload`, or nothing."""
        held = len(self._held)
        if not held:
            return ""
        return "header" if held < HEADER_SIZE else "payload"

    @property
    def missing(self) -> int:
        """Bytes that the unfinished header, or payload, still lacks; 0 between frames."""
        held = len(self._held)
        if not held:
            return 0
        return (HEADER_SIZE if held < HEADER_SIZE else self._size) - held

    @property
    def header(self) -> tuple[int, int] | None:
        """Type and length of the frame whose payload is unfinished; Asterisk judges these at once."""
        held = self._held
        return (held[0], self._size - HEADER_SIZE) if len(held) >= HEADER_SIZE else None

    def feed(self, data: bytes) -> list[Frame]:
        """Returns the frames that are whole now, in order.

        Args:
            data: What one read gave, cut or joined at any byte; `b""` changes nothing (see `eof`).
        """
        # The media path: Asterisk writes a frame at once, and a reader that keeps up reads it at once.
        end = len(data)
        if not self._held and end >= HEADER_SIZE and end == HEADER_SIZE + (data[1] << 8 | data[2]):
            return [_new(Frame, (data[0], data[HEADER_SIZE:]))]
        frames: list[Frame] = []
        position = self._finish(data, frames) if self._held else 0
        while end - position >= HEADER_SIZE:
            start = position + HEADER_SIZE
            stop = start + (data[position + 1] << 8 | data[position + 2])
            if stop > end:
                self._size = stop - position
                break
            frames.append(_new(Frame, (data[position], data[start:stop])))
            position = stop
        if position < end:
            self._held += data[position:]
        return frames

    def _finish(self, data: bytes, frames: list[Frame]) -> int:
        """Adds to the unfinished frame what belongs to it; returns how many bytes that was."""
        held = self._held
        position = 0
        if len(held) < HEADER_SIZE:
            position = HEADER_SIZE - len(held)
            held += data[:position]
            if len(held) < HEADER_SIZE:
                return len(data)
            self._size = HEADER_SIZE + (held[1] << 8 | held[2])
        stop = position + self._size - len(held)
        held += data[position:stop]
        if len(held) < self._size:
            return len(data)
        frames.append(_new(Frame, (held[0], bytes(memoryview(held)[HEADER_SIZE:]))))
        self._held = bytearray()
        return stop

    def eof(self) -> Remainder | None:
        """Says what the sender's close cut off; None if it closed between frames. Empties the reader."""
        held = self._held
        if not held:
            return None
        inside: Literal["header", "payload"] = "header" if len(held) < HEADER_SIZE else "payload"
        remainder = Remainder(inside, held[0], bytes(held), self.missing)
        self._held = bytearray()
        return remainder
