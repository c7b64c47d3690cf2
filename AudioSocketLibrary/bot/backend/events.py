"""What a bot tells about its calls: events by UUID, one JSON line each. Any bot can emit them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class CallRef:
    """Which call something belongs to."""

    uuid: str = ""
    """As it travelled; it may repeat, or be missing."""
    call: int = 0
    """The number of the call at this bot, from 1; 0: no call of this bot's."""
    run: str = ""


NO_CALL: Final = CallRef()


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event: the fields it must have, and those it may have."""

    name: str
    about: str
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()


KINDS: Final = {
    kind.name: kind
    for kind in (
        EventKind("call started", "the UUID arrived", (), ("caller", "callee", "agent", "language")),
        EventKind("speech started", "the caller began an utterance", (), ("turn",)),
        EventKind("end of speech", "the caller's utterance is over", (), ("turn", "last_voiced")),
        EventKind("key", "the caller pressed a key", ("key",), ("turn",)),
        EventKind(
            "recognised",
            "what was understood",
            ("text", "confidence"),
            ("language", "intent", "quality", "turn", "seconds"),
        ),
        EventKind("tool called", "the dialogue used a tool", ("name",), ("arguments", "result", "error", "seconds")),
        EventKind("answered", "what will be said is decided", ("text",), ("prompt", "intent", "turn")),
        EventKind("first audio", "the reply's first voiced sample was sent", (), ("turn", "response_time")),
        EventKind("reply ended", "the bot has said all it had to say", (), ("turn",)),
        EventKind("transfer", "the call goes to an operator", ("reason",), ("operator",)),
        EventKind("human needed", "the bot is unsure: an operator is asked", ("request", "question"), ("confidence",)),
        EventKind("human answered", "an operator answered", ("request", "answer"), ("operator", "question")),
        EventKind("mark", "anything else that a suite may wait for", ("name",)),
        EventKind("breaker", "a circuit breaker changed its state", ("name", "state"), ("was",)),
        EventKind("state refused", "an event broke the order of a call's states", ("was", "asked")),
        EventKind("call ended", "the connection is closed", ("reason",), ("by", "status", "outcome")),
    )
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a call."""

    name: str
    about: CallRef = NO_CALL
    fields: Mapping[str, Any] = field(default_factory=dict)
    at: float = 0.0
    """Monotonic clock of the bot's machine, in seconds: of ``transport.now``."""
    wall: float = 0.0
    """Seconds since 1970."""

    @classmethod
    def now(cls, name: str, about: CallRef = NO_CALL, /, *, at: float | None = None, **fields: Any) -> Self:
        """An event of this moment, or of a moment ``at`` on the monotonic clock; cheap enough for a media thread."""
        monotonic, wall = time.monotonic(), time.time()
        if at is None:
            return cls(name, about, fields, monotonic, wall)
        return cls(name, about, fields, at, wall + at - monotonic)

    def to_json(self) -> dict[str, Any]:
        """The event as JSON-ready data."""
        return {
            "v": VERSION,
            "event": self.name,
            "uuid": self.about.uuid,
            "call": self.about.call,
            "run": self.about.run,
            "at": round(self.at, 6),
            "time": datetime.fromtimestamp(self.wall, UTC).isoformat(timespec="milliseconds"),
            "fields": dict(self.fields),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read an event back, or one that another bot emitted: ``event`` and ``uuid`` are enough.

        Raises:
            ValueError: a newer version, a name is missing, or a field that its kind needs.
        """
        version = data.get("v", VERSION)
        if not isinstance(version, int) or version > VERSION:
            raise ValueError(f"The event has version {version}; this library reads up to {VERSION}. Update it.")
        name = data.get("event")
        if not isinstance(name, str) or not name or not isinstance(data.get("uuid"), str):
            raise ValueError("An event needs 'event' (its name) and 'uuid' (of its call), both text")
        fields = data.get("fields", {})
        if not isinstance(fields, Mapping):
            raise ValueError(f"The fields of '{name}' are no object: {fields!r}")  # noqa: TRY004 - told as text
        missing = [need for need in (KINDS[name].needs if name in KINDS else ()) if need not in fields]
        if missing:
            raise ValueError(f"The event '{name}' lacks {', '.join(missing)}")
        about = CallRef(data["uuid"], int(data.get("call", 0)), str(data.get("run", "")))
        wall = datetime.fromisoformat(data["time"]).timestamp() if data.get("time") else 0.0
        return cls(name, about, dict(fields), float(data.get("at", 0.0)), wall)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the bus told it: numbered from 1 in one order for everybody, and written once."""

    number: int
    event: Event
    line: str
    """JSON, without an end of line."""

    @classmethod
    def of(cls, event: Event, number: int) -> Self:
        """Number and write an event; what JSON cannot hold is written as its text."""
        data = {**event.to_json(), "number": number}
        # NaN is no JSON: strict readers (a browser) would refuse the line.
        try:
            line = json.dumps(data, ensure_ascii=False, default=str, allow_nan=False)
        except (TypeError, ValueError):
            line = json.dumps({**data, "fields": {"unwritable": repr(event.fields)}}, ensure_ascii=False)
        if not line.isascii():
            line = line.encode("utf-8", "replace").decode()  # half a surrogate pair is no UTF-8
        return cls(number, event, line)
