"""The figures of a call as a table: their names, values with units, limits, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .limits import BARGE_IN, RESPONSE, broken_limit, figure_name
from .words import limit_text, seconds

if TYPE_CHECKING:
    from ..records import CallRecord

_MEANINGS = {
    "greeting time": "from the UUID sent to the bot's first voiced sample",
    "caller's wait": "from the intended arrival to the bot's first voiced sample",
    "response time": "from the caller's last voiced sample to the first of the reply",
    "words time": "from the caller's last voiced sample to the words expected",
    "barge in time": "from the caller speaking over the bot to the bot's last voiced sample",
    "dead air": "the longest time in which neither side spoke",
    "longest gap": "the longest time without audio in the middle of the bot's speech",
    "talk share": "the bot's part of all speech",
    "ahead of real time": "how much audio the bot had sent before it could be played",
    "missed turns": "how often the bot did not reply",
    "lost by phone": "how much of the bot's audio a phone had no room for",
    "our lateness": "how late this library sent a media frame: our own error",
}
_UNITS = {"ms", "kB", "MB", "bytes", "frames", "dBFS", "dB", "Hz"}
_COUNTS = {"skipped", "count", "bursts", "gaps", "dropouts", "parts", "turns", "replies", "frames"}


_TECHNICAL = ("lateness", "loop lag", "frame", "skipped", "lost by phone", "ahead of real time", "longest gap")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure: ``response time, turn 2``, ``3.41 s``, its broken limit if any, what it means."""

    name: str
    value: str
    limit: str = ""
    meaning: str = ""
    at: float | None = None
    """Where to listen to it."""
    technical: bool = False
    """Of frames, or of our own error: for those who ask."""


def figure_rows(record: CallRecord) -> list[FigureRow]:
    """The figures of the call, then those of each turn, in the order they were measured."""
    rows = []
    for key, value in record.figures.items():
        name = figure_name(key)
        late = next(
            (
                one
                for one in record.judgements
                if one.limit is not None and one.turn in (None, 0) and figure_name(one.figure or "") == name
            ),
            None,
        )
        limit = value_text(key, late.limit) if late is not None and late.limit is not None else ""
        technical = not limit and any(word in name for word in _TECHNICAL)
        meaning = _MEANINGS.get(name, "")
        rows.append(FigureRow(_shown(name), value_text(key, value), limit, meaning, technical=technical))
    told: set[str] = set()
    for turn in record.turns:
        for name, measured, at in (
            (RESPONSE, turn.response_time, turn.end),
            (BARGE_IN, turn.barge_in_time, turn.start),
        ):
            if measured is None or turn.number == 0:
                continue
            late = broken_limit(record, turn.number, name)
            limit = limit_text(late.limit) if late is not None and late.limit is not None else ""
            meaning = "" if name in told else _MEANINGS[name]
            told.add(name)
            rows.append(FigureRow(f"{_shown(name)}, turn {turn.number}", seconds(measured), limit, meaning, at))
    return rows


def value_text(name: str, value: float) -> str:
    """A figure with its unit: seconds, unless its name says otherwise."""
    words = figure_name(name).split()
    unit = next((word for word in _UNITS if words and word.lower() == words[-1].lower()), None)
    if unit is not None:
        return f"{value:g} {unit}"
    if "share" in words or "rate" in words:
        return f"{value:.1%}".replace("%", " %")
    if set(words) & _COUNTS:
        return f"{value:g}"
    return seconds(value) if abs(value) >= 0.1 or value == 0 else f"{value * 1000:.3g} ms"


def _shown(name: str) -> str:
    return "barge-in time" if name == BARGE_IN else name
