"""A script: what the bot does, as rows "on this event do that". Data; the next misbehaviour is a row, not a bot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from random import Random
from typing import Any, Final

from .actions import ACTIONS
from .events import EVENTS, HEARD
from .parameters import REQUIRED, Parameter, Turns, delays

_EXACT: Final = ("turn", "key")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """On an event, do an action after a delay. Made by ``row``, which checks it."""

    on: str
    do: str
    after: tuple[float, ...]
    """Seconds from the event; of several, one is taken each time."""
    when: Mapping[str, Any]
    """What the event must be like."""
    how: Mapping[str, Any]
    """How the action is done."""

    @property
    def exactness(self) -> int:
        """How many of turn and key it names."""
        return sum(self.when.get(name) is not None for name in _EXACT)

    def delay(self, count: int, call: int, seed: int | None) -> float:
        """The delay for the ``count``-th time in a call: in turn, or drawn with the seed."""
        if len(self.after) == 1:
            return self.after[0]
        if seed is None:
            return self.after[count % len(self.after)]
        # Not for secrets: the same seed shall give the same delays.
        return Random(f"{seed} {call} {count}").choice(self.after)  # noqa: S311


def row(on: str, do: str, *, after: Any = 0.0, **parameters: Any) -> Row:
    """Make a row.

    Args:
        on: the event's name.
        do: the action's name.
        after: seconds from the event; a list is taken in turn.
        **parameters: of the event and of the action, by their names.

    Raises:
        ValueError: there is no such event, action or parameter, or a value cannot be read; the text names the nearest.
    """
    event = EVENTS.get(on)
    action = ACTIONS.get(do)
    if event is None:
        raise ValueError(f"there is no event '{on}'; {nearest(on, EVENTS)}")
    if action is None:
        raise ValueError(f"there is no action '{do}'; {nearest(do, ACTIONS)}")
    for name in parameters:
        known = [parameter.name for parameter in (*event.parameters, *action.parameters)]
        if name not in known:
            raise ValueError(
                f"'{on}: {do}' has no key '{name}'; {nearest(name, ['on', 'do', 'after', *known], 'the keys are')}"
            )
    when = _read(event.parameters, parameters, f"the event '{on}'")
    how = _read(action.parameters, parameters, f"the action '{do}'")
    try:
        return Row(on, do, delays(after), when, how)
    except ValueError as error:
        raise ValueError(f"'after' cannot be read: {error}") from None


def nearest(name: str, names: Iterable[str], all_are: str = "there are") -> str:
    """``did you mean 'hang up'?``, or all there are."""
    known = list(names)
    near = get_close_matches(name.lower(), known, 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else f"{all_are} {', '.join(known)}"


class Script:
    """Rows, ready to be looked up.

    Where rows of an event name the turn or the key that it came with, only those are done: rows that name none are
    for all others.
    """

    def __init__(self, rows: Iterable[Row], *, about: str = "", usual: bool = False) -> None:
        self.rows = tuple(rows)
        self.about = about
        self.usual = usual
        """Whether it comes on top of the usual behaviour."""
        self._of: dict[str, list[Row]] = {}
        for each in self.rows:
            self._of.setdefault(each.on, []).append(each)
        self.listens = any(name in HEARD for name in self._of)
        """Whether any row needs the caller's speech to be noticed."""

    @property
    def recordings(self) -> set[str]:
        """The names of all recordings in it."""
        return {name for each in self.rows for name in each.how.get("recording", ())}

    def rows_on(self, event: str, *, turn: int = 0, key: str | None = None) -> list[Row]:
        """The rows to be done for an event that came in a turn, with a key."""
        found = [each for each in self._of.get(event, ()) if _fits(each, turn, key)]
        if len(found) < 2:
            return found
        exactest = max(each.exactness for each in found)
        return [each for each in found if each.exactness == exactest]


def _fits(each: Row, turn: int, key: str | None) -> bool:
    turns: Turns | None = each.when.get("turn")
    wanted = each.when.get("key")
    return (turns is None or turn in turns) and (wanted is None or wanted == key)


def _read(known: tuple[Parameter, ...], given: Mapping[str, Any], what: str) -> dict[str, Any]:
    values = {}
    for parameter in known:
        if parameter.name in given:
            try:
                values[parameter.name] = parameter.read(given[parameter.name])
            except ValueError as error:
                raise ValueError(f"'{parameter.name}' cannot be read: {error}") from None
        elif parameter.default is REQUIRED:
            raise ValueError(f"{what} needs '{parameter.name}': {parameter.about}")
        else:
            values[parameter.name] = parameter.default
    return values
