"""The states of a call, which may follow which, and which event leads to which. All about order stands in this file."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a call stands, seen from the bot."""

    GREETING = "greeting"
    """The call was accepted; the bot greets, or is about to."""
    LISTENING = "listening"
    """It is the caller's turn."""
    THINKING = "thinking"
    """The caller has spoken or pressed a key; no reply yet."""
    SPEAKING = "speaking"
    TRANSFERRED = "transferred"
    """Given to an operator; all that can follow is the end."""
    ENDED = "ended"


_TALK: Final = frozenset({State.LISTENING, State.THINKING, State.SPEAKING})
LEGAL: Final[dict[State | None, frozenset[State]]] = {
    None: frozenset({State.GREETING}),
    State.GREETING: _TALK | {State.TRANSFERRED, State.ENDED},
    State.LISTENING: frozenset({State.THINKING, State.SPEAKING, State.TRANSFERRED, State.ENDED}),
    State.THINKING: frozenset({State.LISTENING, State.SPEAKING, State.TRANSFERRED, State.ENDED}),
    State.SPEAKING: frozenset({State.LISTENING, State.THINKING, State.TRANSFERRED, State.ENDED}),
    State.TRANSFERRED: frozenset({State.ENDED}),
    State.ENDED: frozenset(),
}
"""What may follow each state; None: before the call."""

LEADS_TO: Final = {
    "call started": State.GREETING,
    "speech started": State.LISTENING,
    "end of speech": State.THINKING,
    "key": State.THINKING,
    "first audio": State.SPEAKING,
    "reply ended": State.LISTENING,
    "transfer": State.TRANSFERRED,
    "call ended": State.ENDED,
}
"""The state that each event leads to; events that are not here leave the state as it is."""

BORNE: Final[dict[State, frozenset[str]]] = {
    # The greeting is spoken in the state of that name.
    State.GREETING: frozenset({"first audio"}),
    # The bot says "one moment, I put you through", and the caller may answer.
    State.TRANSFERRED: frozenset({"first audio", "reply ended", "speech started", "end of speech", "key"}),
}
"""Events that would lead elsewhere but leave these states as they are."""
AGAIN: Final = frozenset({State.LISTENING, State.THINKING, State.SPEAKING})
"""An event that leads to the state in which the call is already changes nothing in these; elsewhere it is refused."""


def next_state(state: State | None, event: str) -> State | None:
    """The state that an event asks for; None: it asks for no change."""
    asked = LEADS_TO.get(event)
    if asked is None or (state is not None and event in BORNE.get(state, ())):
        return None
    return None if asked == state and asked in AGAIN else asked
