"""One event as a bot told it: a JSON object in which ``event`` and ``uuid`` are enough."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from ...records import Clock
from ...transport import now

VERSION: Final = 1
SAME_MACHINE: Final = 0.050
"""Two clocks of one machine are as far apart for the bot as for us, but for the rounding of its wall clock."""

RECENT: Final = 60.0
"""Without a wall clock: uptimes of two machines are seldom as near as that."""


@dataclass(frozen=True, slots=True)
class BotEvent:
    """Something that a bot did in a call."""

    name: str
    uuid: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    at: float | None = None
    """The monotonic clock of the bot's machine, in seconds."""
    wall: float | None = None
    """Seconds since 1970, by the clock of the bot's machine."""
    number: int | None = None
    """The bot's own count of its events."""
    came: float = 0.0
    """When we read it, on our monotonic clock."""
    wall_came: float = 0.0

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read an event.

        Raises:
            ValueError: it is none, or of a newer version.
        """
        if not isinstance(data, Mapping) or not data.get("event") or not isinstance(data.get("uuid"), str):
            raise ValueError("an event is a JSON object with 'event' (its name) and 'uuid' (of its call)")
        if data.get("v", VERSION) > VERSION:
            raise ValueError(f"the event has version {data['v']}; this library reads up to {VERSION}. Update it")
        fields = data.get("fields") or {}
        if not isinstance(fields, Mapping):
            raise ValueError(f"the fields of '{data['event']}' are no object")  # noqa: TRY004 - told as text
        return cls(
            str(data["event"]),
            data["uuid"].lower(),
            dict(fields),
            float(data["at"]) if data.get("at") else None,
            datetime.fromisoformat(data["time"]).timestamp() if data.get("time") else None,
            int(data["number"]) if data.get("number") is not None else None,
            now(),
            time.time(),
        )

    @property
    def when(self) -> tuple[float, Clock]:
        """When it happened, on our monotonic clock, and how that is known.

        The bot's monotonic clock is ours where both run on one machine; then its two clocks are as far apart as ours.
        """
        apart = self.came - self.wall_came
        if self.at is not None and (
            abs(self.at - self.wall - apart) < SAME_MACHINE
            if self.wall is not None
            else abs(self.at - self.came) < RECENT
        ):
            return self.at, "same"
        if self.wall is not None:
            return self.wall + apart, "wall"
        return self.came, "arrival"

    def __str__(self) -> str:
        """As a message shows it: ``recognised ('…', 0.91)``."""
        shown = [repr(self.fields[key]) for key in _SHOWN if self.fields.get(key) not in (None, "")]
        return f"{self.name} ({', '.join(shown)})" if shown else self.name


_SHOWN: Final = ("key", "name", "text", "confidence", "intent", "reason", "question", "answer")
