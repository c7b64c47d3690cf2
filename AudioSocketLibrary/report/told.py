"""What the bot told of its inside, beside what was heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..media.phrases import plain

if TYPE_CHECKING:
    from ..records import CallRecord, Mark, Turn

STAGES = {
    "end of speech": "noticed the end",
    "recognised": "recognised",
    "tool called": "tool answered",
    "answered": "had its answer",
    "first audio": "first audio",
}
"""The events between the caller's last word and the reply, and how they are told."""
_LATEST = 0.050
"""Seconds: the first audio is told about when it is sent, which may be so long after it is heard to begin."""
_LONGEST = 200
_CLOCKS = {"wall": "by the bot's wall clock", "arrival": "when it came"}


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One event: when, its name, its fields, and how long after the caller's last word it was."""

    at: float
    name: str
    what: str
    after: float | None
    clock: str
    """What dates it, where that is not the clock of the call."""


def told_rows(record: CallRecord) -> list[ToldRow]:
    """All that the bot told, in order of time."""
    rows = []
    for mark in record.marks:
        ends = [turn.end for turn in record.turns if turn.end is not None and turn.end <= mark.at]
        after = mark.at - ends[-1] if ends else None
        rows.append(ToldRow(mark.at, mark.name, _fields(mark), after, _CLOCKS.get(mark.clock, "")))
    return rows


def stages(record: CallRecord, turn: Turn) -> str:
    """How a reply came about: ``noticed the end after 0.50 s, first audio after 0.62 s``."""
    if turn.end is None or not turn.parts:
        return ""
    since = turn.end
    first: dict[str, float] = {}
    for mark in record.marks:
        if mark.name in STAGES and since <= mark.at <= turn.parts[0].start + _LATEST:
            first.setdefault(STAGES[mark.name], mark.at - since)
    return ", ".join(f"{stage} after {after:.2f} s" for stage, after in first.items())


def understood(record: CallRecord, turn: Turn) -> str:
    """What the bot's recogniser made of what the caller said; empty where it told nothing."""
    if turn.start is None:
        return ""
    later = [one.start for one in record.turns if one.number > turn.number and one.start is not None]
    until = min(later, default=float("inf"))
    texts = [
        str(mark.fields["text"])
        for mark in record.marks
        if mark.name == "recognised" and mark.fields.get("text") and turn.start <= mark.at < until
    ]
    return " ".join(texts)


def misunderstood(record: CallRecord, turn: Turn, said: str) -> str:
    """What the bot understood, where that is not what was said."""
    text = understood(record, turn)
    return text if text and plain(text) != plain(said) else ""


def _fields(mark: Mark) -> str:
    text = ", ".join(
        f"{name}: {value}" for name, value in mark.fields.items() if name != "turn" and value not in ("", None)
    )
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
