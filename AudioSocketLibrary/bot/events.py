"""What can happen in a call of the bot: the events that rows of a script wait for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .parameters import Parameter, Turns, key, seconds

_TURN: Final = Parameter("turn", Turns.read, "only in this turn (1 is the caller's first); '2+': and all later", None)


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event; a delay ("after") is counted from the moment in ``about``."""

    name: str
    about: str
    parameters: tuple[Parameter, ...] = ()


EVENTS: Final = {
    kind.name: kind
    for kind in (
        EventKind("connected", "the caller's connection was accepted"),
        EventKind("uuid", "the caller's UUID arrived"),
        EventKind("caller speaks", "the caller's first voiced sample of an utterance arrived", (_TURN,)),
        EventKind("caller stops", "the caller's last voiced sample of an utterance arrived", (_TURN,)),
        EventKind(
            "caller speaks over",
            "the caller has spoken for so long while the bot spoke, or was about to",
            (Parameter("lasting", seconds, "for how long", 0.2), _TURN),
        ),
        EventKind(
            "key", "a key arrived (DTMF)", (Parameter("key", key, "only this one; else: all others", None), _TURN)
        ),
        EventKind(
            "silence",
            "neither the caller nor the bot has said anything for so long",
            (Parameter("lasting", seconds, "for how long", 5.0),),
        ),
        EventKind("time", "so long after the connection", (Parameter("at", seconds, "how long"),)),
        EventKind("reply ends", "the bot has said all it had to say, and was not stopped", (_TURN,)),
    )
}
HEARD: Final = frozenset({"caller speaks", "caller stops", "caller speaks over", "silence"})
"""Events for which somebody has to listen to the caller."""
