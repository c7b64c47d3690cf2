"""Moments in a turn: ``900 ms after bot starts``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ..records import read_time, time_text

EVENTS = ("bot starts", "bot pauses", "bot stops", "caller starts", "caller pauses", "caller stops", "call starts")
PROMPT = "prompt <name> starts"
_PROMPT = re.compile(r"(?:(?P<time>.+?)\s+after\s+)?prompt\s+(?P<name>\S.*?)\s+starts", re.IGNORECASE)


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
    | ``prompt <name> starts`` | the first voiced sample of a known recording is heard |

    A prompt is known once 0.5 to 0.9 s of it were heard: earlier moments are missed. Its start is exact to the sample.
    Prompts that begin with the same recorded words cannot be told apart there.

    Where we are the bot (``AudioSocketLibrary.Server``) the sides change places: ``caller starts``, ``caller pauses``
    and ``caller stops`` are what is heard of the caller, ``bot stops`` is our own last voiced sample.
    """

    event: str = ""
    after: float = 0.0
    prompt: str = ""
    """Whose start the event is, by name or text."""
    at: float | None = None
    """When the event was, on the one clock, where that is known already: of a prompt, by who can hear it."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``[<time> after] <event>`` or ``after the reply``.

        Raises:
            ValueError: it is written differently; the message lists the events.
        """
        if prompt := _PROMPT.fullmatch(text.strip()):
            name, time = prompt["name"], prompt["time"]
            return cls(f"prompt {name} starts", read_time(time) if time else 0.0, prompt=name)
        words = " ".join(text.replace("_", " ").lower().split())
        if words == "after the reply":
            return cls()
        time, between, event = words.rpartition(" after ")
        if event not in EVENTS or bool(time) != bool(between):
            raise ValueError(
                f"'{text}' is no moment: a moment is '<time> after <event>', where event is one of: "
                + ", ".join((*EVENTS, PROMPT))
            )
        return cls(event, read_time(time) if time else 0.0)

    def __str__(self) -> str:
        if not self.event:
            return "after the reply"
        event = self.event if self.prompt else self.event.replace("bot", "the bot")
        return f"{time_text(self.after)} after {event}" if self.after else self.event


AFTER_THE_REPLY = Moment()
"""Politely: when the bot has replied and been quiet for ``reply_pause``."""
