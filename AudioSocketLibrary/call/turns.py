"""The turns of a call, derived from what the caller did and when the bot spoke. Pure functions; no clock is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .hearing import Stretch
from .timeline import Utterance

REPLY_PAUSE = 0.800
"""Seconds of silence that end a part of a reply."""
WORD_PAUSE = 0.300
"""A bot that goes on within this time after the caller's last word has not answered: it never stopped."""


@dataclass(slots=True)
class LiveTurn:
    """A turn on the one clock; it may still go on."""

    number: int
    kind: Literal["greeting", "speech", "keys"]
    said: str = ""
    start: float = float("-inf")
    end: float | None = None
    parts: list[Stretch] = field(default_factory=list)
    voice: str = ""
    """Of the caller, where it is known."""
    tail: Stretch | None = None
    """The bot's interrupted speech, from where the caller began to its end, as the phone plays it."""

    @property
    def response_time(self) -> float | None:
        """Seconds from the caller's last voiced sample to the reply's first; None: no reply, or turn 0."""
        if not self.parts or self.end is None:
            return None
        return self.parts[0].start - self.end

    @property
    def barge_in_time(self) -> float | None:
        """Seconds from the caller's first voiced sample to the bot's last; None: the caller did not interrupt."""
        return self.tail.end - self.start if self.tail else None


def find_turns(
    utterances: Sequence[Utterance],
    speech: Sequence[Stretch],
    heard: Sequence[Stretch],
    *,
    reply_pause: float = REPLY_PAUSE,
) -> list[LiveTurn]:
    """The turns so far, turn 0 (the greeting) first.

    Args:
        utterances: what the caller did, in order.
        speech: when the bot spoke, without a buffer.
        heard: the same as the model phone plays it, for barge-in.
        reply_pause: seconds of silence that end a part.

    Bot speech that goes on from before the turn is the tail of the earlier reply, no answer: as long as it pauses for
    less than ``reply_pause`` while the caller speaks, and for less than ``WORD_PAUSE`` after it.
    """
    turns = [LiveTurn(0, "greeting")]
    for utterance in utterances:
        start = utterance.start
        if utterance.kind != "sound" and start is not None:
            turn = LiveTurn(len(turns), utterance.kind, utterance.said, start, utterance.end, voice=utterance.voice)
            turns.append(turn)
    index = 0
    chain: list[Stretch] = []
    """The part that is being said: its stretches so far."""
    owner = turns[0]
    for stretch in speech:
        while index + 1 < len(turns) and turns[index + 1].start <= stretch.start:
            index += 1
        turn = turns[index]
        goes_on = bool(chain) and _goes_on(stretch, chain[-1], turn, owner, reply_pause)
        if goes_on:
            owner.parts[-1].end = stretch.end
            chain.append(stretch)
        else:
            owner, chain = turn, [stretch]
            turn.parts.append(Stretch(stretch.start, stretch.end))
    for turn in turns[1:]:
        turn.tail = _tail(turn, turns, heard)
    return turns


def _goes_on(stretch: Stretch, last: Stretch, turn: LiveTurn, owner: LiveTurn, reply_pause: float) -> bool:
    gap = stretch.start - last.end
    if turn is owner:
        return gap < reply_pause
    while_caller_speaks = turn.end is None or stretch.start < turn.end
    return gap < (reply_pause if while_caller_speaks else WORD_PAUSE)


def _tail(turn: LiveTurn, turns: Sequence[LiveTurn], heard: Sequence[Stretch]) -> Stretch | None:
    # Parts that began before the turn and end after its start are the interrupted speech, however it pauses.
    parts = [part.end for earlier in turns[: turn.number] for part in earlier.parts if part.start < turn.start]
    limit = max(parts, default=turn.start) + 0.001
    over = [
        stretch.end
        for stretch in heard
        if turn.start < stretch.end and (stretch.start < turn.start or stretch.end <= limit)
    ]
    return Stretch(turn.start, max(over)) if over else None
