"""What the bot tells about a call while it lasts: events by UUID, for a backend or a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .backend.events import CallRef, Event

Publish = Callable[[Event], object]
_EVENTS: Final = {
    "caller speaks": "speech started",
    "caller stops": "end of speech",
    "key": "key",
    "reply ends": "reply ended",
}
_ENDS_REPLY: Final = frozenset({"caller stops", "key", "reply ends"})


class Teller:
    """Tells the events of one call; says nothing where nobody listens.

    Args:
        publish: takes an event and never waits; None: nobody listens.
        call: the number of the call.
        run: the run that it belongs to.
    """

    def __init__(self, publish: Publish | None, call: int, run: str = "") -> None:
        self._publish = publish
        self.about = CallRef("", call, run)
        self._began = False
        self._sounds = False

    def begin(self, uuid: str, at: float) -> None:
        """The UUID arrived."""
        self.about = CallRef(uuid, self.about.call, self.about.run)
        self.tell("call started", at)

    def tell(self, event: str, at: float | None = None, /, **fields: Any) -> None:
        """Tell an event; a call without a UUID begins with its first."""
        if self._publish is None:
            return
        if not self._began:
            self._began = True
            if event != "call started":
                self._publish(Event.now("call started", self.about, at=at))
        self._publish(Event.now(event, self.about, at=at, **fields))

    def happened(self, event: str, at: float, turn: int, key: str) -> None:
        """An event of the script came."""
        if event in _ENDS_REPLY:
            self._sounds = False
        if event in _EVENTS:
            how: dict[str, Any] = {"turn": turn}
            if event == "caller stops":
                how["last_voiced"] = round(at, 6)
                at_told: float | None = None
            else:
                at_told = at
            if key:
                how["key"] = key
            self.tell(_EVENTS[event], at_told, **how)

    def sounded(self, turn: int, at: float, response_time: float | None) -> None:
        """A recording's first voiced sample was sent."""
        if not self._sounds:
            self._sounds = True
            extra = {} if response_time is None else {"response_time": round(response_time, 4)}
            self.tell("first audio", at, turn=turn, **extra)

    def end(self, by: str, reason: str, at: float) -> None:
        """The call is over."""
        if self._began:
            extra = {"status": "failed"} if reason == "failed" else {}
            self.tell("call ended", at, reason=reason, by=by, **extra)
