"""Steps about what a bot told of a call: its events, waited for by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from ..call import Call
from ..media.words import find_words
from ..records import CallFailure, FailureKind, UsageError, time_text
from .bot_steps import turn_number
from .calls import Calls
from .events import BotEvent
from .step import Step

_SHOWN: Final = 8
_ALIKE: Final = 0.8
UNDERSTOOD: Final = "recognised"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitForBotEvent(Step):
    """The bot tells an event about this call; each wait takes the first that none took before. Hard."""

    name: str
    within: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Values that it must have, compared as text."""

    async def play(self, calls: Calls) -> dict[str, Any]:
        """Returns the fields of the event."""
        call = calls.get(self.call)
        require_listening(calls)
        wanted = {name: str(calls.fill(str(value))) for name, value in self.fields.items()}

        def fits(event: BotEvent) -> bool:
            return event.name == self.name and all(
                name in event.fields and str(event.fields[name]) == value for name, value in wanted.items()
            )

        event = await calls.events.wait_for(lambda: calls.events.take(call, fits), self.within)
        if event is not None:
            return dict(event.fields)
        with_fields = ", ".join(f"{name}={value}" for name, value in wanted.items())
        what = f"'{self.name}'" + (f" with {with_fields}" if with_fields else "")
        again = any(fits(event) for event in calls.events.of(call))
        raise CallFailure(
            FailureKind.NO_EVENT,
            f"Bot did not tell {what} {'once more ' if again else ''}within {time_text(self.within)}. "
            + told(call, calls, self.name),
            at=call.seconds(call.until),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldHaveUnderstood(Step):
    """The bot's recogniser made this of what the caller said in a turn; waits for it. Hard."""

    text: str
    within: float
    turn: int | None = None

    async def play(self, calls: Calls) -> str:
        """Returns what was understood."""
        call = calls.get(self.call)
        require_listening(calls)
        number, text = turn_number(call, self.turn), calls.fill(self.text)
        language = call.settings.language

        def look() -> str | None:
            understood = " ".join(understood_in(call, calls, number))
            return understood if find_words(text, understood, tolerance=0.0, language=language).found else None

        found = await calls.events.wait_for(look, self.within)
        if found is not None:
            return found
        said, understood = call.turns[number].said, understood_in(call, calls, number)
        after = f" of '{said}'" if said else ""
        if understood:
            raise CallFailure(
                FailureKind.MISUNDERSTOOD,
                f"Bot did not understand '{text}'{after} (turn {number}). It understood: '{' '.join(understood)}'",
                at=call.seconds(call.until),
                turn=number,
            )
        raise CallFailure(
            FailureKind.MISUNDERSTOOD,
            f"Bot told nothing that it understood{after} (turn {number}) within {time_text(self.within)}. "
            + told(call, calls, UNDERSTOOD),
            at=call.seconds(call.until),
            turn=number,
        )


def require_listening(calls: Calls) -> None:
    """Raise if nobody listens to the bot."""
    if not calls.events.listening:
        raise UsageError(
            "Nobody listens to the bot. Say where it tells its events first: "
            "Listen For Bot Events    events.jsonl (or http://…, ws://…)"
        )


def understood_in(call: Call, calls: Calls, number: int) -> list[str]:
    """What the bot's recogniser made of a turn: several texts where the caller paused."""
    turns = call.turns
    start = turns[number].start if number else call.began
    end = turns[number + 1].start if number + 1 < len(turns) else float("inf")
    found = []
    for event in calls.events.of(call):
        if event.name != UNDERSTOOD:
            continue
        at, clock = event.when
        # The clocks of two machines differ by more than a pause: there the bot's own count is better.
        counted = event.fields.get("turn") if clock == "wall" else None
        if counted == number if counted is not None else start <= at < end:
            found.append(str(event.fields.get("text", "")))
    return found


def told(call: Call, calls: Calls, name: str) -> str:
    """What the bot told instead, and what is wrong with who listens; for a message."""
    events = calls.events.of(call)
    left = f"(before that {len(events) - _SHOWN} more) " if len(events) > _SHOWN else ""
    seen = ", ".join(f"{event} at {call.seconds(event.when[0]):.2f} s" for event in events[-_SHOWN:])
    text = f"It told: {left}{seen}" if events else f"It told nothing about this call ({call.uuid})"
    near = get_close_matches(name, {event.name for event in events} - {name}, 1, _ALIKE)
    hint = f". Did you mean '{near[0]}'?" if near else ""
    return text + hint + "".join(f". {trouble}" for trouble in calls.events.troubles)
