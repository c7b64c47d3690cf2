"""Reader and rule book in one, for who writes an AudioSocket server (or a caller) without looking deeper."""

from __future__ import annotations

from typing import TypeAlias

from .asterisk import NEWEST, Behaviour, behaviour_of
from .formats import AudioFormat
from .frames import Frame
from .reader import FrameReader
from .rules import RuleBook
from .violations import Party, Violation

Event: TypeAlias = Frame | Violation


class Incoming:
    """What comes in from one side of a connection: bytes in, frames and broken rules out.

    Args:
        sender: Who sends: `Party.CALLER` to a server, `Party.BOT` to what stands in for Asterisk.
        behaviour: Of which Asterisk; the newest known by default.
        audio: How this side's audio is coded.
    """

    __slots__ = ("reader", "rules")

    def __init__(
        self,
        sender: Party,
        behaviour: Behaviour | None = None,
        *,
        audio: AudioFormat = AudioFormat.slin,
    ) -> None:
        self.reader = FrameReader()
        self.rules = RuleBook(sender, behaviour or behaviour_of(NEWEST), audio=audio)

    def feed(self, data: bytes) -> list[Event]:
        """Returns what these bytes completed; a violation stands before the frame that it is about."""
        events: list[Event] = []
        for frame in self.reader.feed(data):
            violation = self.rules.check(frame)
            if violation:
                events.append(violation)
            events.append(frame)
        return events

    def eof(self) -> list[Event]:
        """Returns what the sender's close broke: nothing, or a frame cut off. No bytes at all are legal."""
        rest = self.reader.eof()
        return [self.rules.cut_mid_frame(rest.missing, rest.inside)] if rest else []
