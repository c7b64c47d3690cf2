"""Moments in a turn: ``900 ms after bot starts``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..records import read_time, time_text

EVENTS = ("bot starts", "bot pauses", "bot stops", "caller starts", "caller pauses", "caller stops", "call starts")


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after an event of the current turn; without an event: after the reply, politely.

    | Event | happens when |
    | --- | --- |
    | ``bot starts`` | the bot's first voiced sample of the turn is heard |
    | ``bot pauses`` | the bot has been silent for 200 ms |
    | ``bot stops`` | the bot has been silent for ``reply_pause`` (800 ms): its reply is over |
    | ``caller stops`` | the caller's last voiced sample was sent |
    | ``call starts`` | the UUID was sent |

    Where we are the bot (``AudioSocketLibrary.Server``) the sides change places: ``caller starts``, ``caller pauses``
    and ``caller stops`` are what is heard of the caller, ``bot stops`` is our own last voiced sample.
    """

    event: str = ""
    after: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``[<time> after] <event>`` or ``after the reply``.

        Raises:
            ValueError: it is written differently; the message lists the events.
        """
        words = " ".join(text.replace("_", " ").lower().split())
        if words == "after the reply":
            return cls()
        time, between, event = words.rpartition(" after ")
        if event not in EVENTS or bool(time) != bool(between):
            raise ValueError(
                f"'{text}' is no moment: a moment is '<time> after <event>', where event is one of: {', '.join(EVENTS)}"
            )
        return cls(event, read_time(time) if time else 0.0)

    def __str__(self) -> str:
        if not self.event:
            return "after the reply"
        return f"{time_text(self.after)} after {self.event.replace('bot', 'the bot')}" if self.after else self.event


AFTER_THE_REPLY = Moment()
"""Politely: when the bot has replied and been quiet for ``reply_pause``."""
