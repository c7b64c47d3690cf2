"""A call in sentences: one line about it, and its dialogue row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .limits import BARGE_IN, GREETING, RESPONSE, broken_limit, by_itself, figure, interrupted
from .names import NO_NAMES, Names
from .told import misunderstood, stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import CallRecord, Side, Span, Turn

KEYS_PAUSE = 2.0
"""Keys pressed outside of a turn share a row until this much time passes without one."""
_AT_THE_END = 0.150
"""Seconds: speech that lasts until so long before the end of the call was cut off by it."""
_ORDER = {"finding": 1, "failure": 2}
"""What was wrong stands behind what was said in the same tenth of a second."""

_ENDED: dict[Side | None, str] = {
    "caller": "ended by the caller",
    "bot": "ended by the bot",
    "asterisk": "dropped by Asterisk's rule",
    "network": "cut by the network",
    None: "not ended yet",
}
_LAST_WORDS: dict[Side, str] = {
    "caller": "hangs up",
    "bot": "hangs up",
    "asterisk": "drops the call",
    "network": "the connection is lost",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a dialogue, in the order of time."""

    at: float
    kind: Literal["speech", "keys", "sound", "finding", "failure", "end"]
    who: str
    said: str
    length: float | None = None
    """How long it was heard, where ``said`` does not tell it already."""
    response_time: float | None = None
    note: str = ""
    broken: bool = False
    """A limit or a rule was broken here."""
    late: bool = False
    """It was the response time's."""
    turn: int | None = None
    name: str = ""
    """Of the recording, where ``said`` are its words."""
    told: str = ""
    """What the bot told of how its reply came about."""

    @property
    def text(self) -> str:
        """What the caller said, in which recording, and how long it took."""
        of_caller = self.kind == "speech" and self.length is not None
        about = [self.name] if self.name and of_caller else []
        about += [] if self.length is None else [f"{self.length:.1f} s"]
        return f"{self.said} ({', '.join(about)})" if about else self.said


def clock(at: float) -> str:
    """A moment of a call: ``00:04.3``, from an hour on ``1:02:04.3``."""
    minutes, tenths = divmod(round(max(at, 0.0) * 10), 600)
    seconds = f"{tenths // 10:02}.{tenths % 10}"
    return f"{minutes:02}:{seconds}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{seconds}"


def seconds(value: float) -> str:
    """A measured time: ``1.21 s``."""
    return f"{value:.2f} s"


def limit_text(value: float) -> str:
    """A limit as it was set: ``2 s``, ``0.5 s``."""
    return f"{value:g} s"


def how_it_ended(record: CallRecord) -> str:
    """Who ended the call: ``ended by the bot``."""
    return _ENDED[record.ended_by]


def call_line(record: CallRecord) -> str:
    """The call in one line: ``472d5355, 28.2 s, ended by the bot, greeting 0.62 s``. Plain text."""
    name = f"{record.call} ({record.alias})" if record.alias else record.call
    parts = [name, f"{record.length:.1f} s", how_it_ended(record)]
    greeting = figure(record, GREETING)
    if greeting is not None:
        parts.append(f"greeting {seconds(greeting)}")
    return ", ".join(parts)


def dialogue_rows(record: CallRecord, names: Names = NO_NAMES) -> list[Row]:
    """What was said, pressed, noticed and broken in the call, in order of time; who ended it comes last.

    Args:
        record: The call.
        names: What is said in the callers' recordings, and what the bot's prompts are called.
    """
    rows: list[Row] = []
    for turn in record.turns:
        rows += _caller_rows(record, turn, names)
        rows += _reply_rows(record, turn, names)
    rows += _other_keys(record)
    rows += [
        Row(span.start, "sound", record.role, f"makes a sound: {name}" if name else "makes a sound", span.length)
        for span, name in record.sounds
    ]
    rows += [Row(one.at, "finding", "finding", one.text, note=one.kind) for one in record.findings]
    rows += [Row(one.at, "failure", "failure", one.what, broken=True, turn=one.turn) for one in by_itself(record)]
    rows.sort(key=lambda row: (round(row.at, 1), _ORDER.get(row.kind, 0), row.at))
    if record.ended_by is not None:
        said, broken = _LAST_WORDS[record.ended_by], record.ended_by in ("asterisk", "network")
        rows.append(Row(record.length, "end", record.ended_by, said, note=_reason(record), broken=broken))
    return rows


def grouped(rows: Sequence[Row]) -> list[Row]:
    """The rows; findings of one kind between two utterances share one, or they would drown what was said."""
    shown: list[Row] = []
    groups: dict[str, list[int]] = {}
    for row in rows:
        if row.kind != "finding":
            if row.kind != "failure":
                groups.clear()
            shown.append(row)
        elif row.note not in groups:
            groups[row.note] = [len(shown), 0]
            shown.append(row)
        else:
            group = groups[row.note]
            group[1] += 1
            first = shown[group[0]]
            note = f"{row.note}, and {group[1]} more until {clock(row.at)}"
            shown[group[0]] = replace(first, note=note)
    return shown


def _reason(record: CallRecord) -> str:
    told = record.ended_by == record.role or any(record.reason in one.text for one in record.judgements)
    return "" if told else record.reason


def _caller_rows(record: CallRecord, turn: Turn, names: Names) -> list[Row]:
    if turn.start is None:
        return []
    # A caller need not answer a bot: it may press a key, or just listen.
    note = "" if turn.parts or turn.end is None or record.role == "bot" else "no reply"
    if turn.kind == "keys":
        pressed = [key for _, key in _keys_of(record, turn)] or turn.said.split() or ["keys"]
        return [Row(turn.start, "keys", "caller", _presses(pressed), note=note, turn=turn.number)]
    length = None if turn.end is None else turn.end - turn.start
    if not turn.said:
        said = "(still speaking)" if length is None else _speech(length)
        return [Row(turn.start, "speech", record.role, said, note=note, turn=turn.number)]
    text = names.texts.get(turn.said, "")
    if wrong := misunderstood(record, turn, text or turn.said):
        note = ", ".join([f"the bot understood '{wrong}'", *([note] if note else [])])
    name = turn.said if text else ""
    said = text or turn.said
    return [Row(turn.start, "speech", record.role, said, length, note=note, turn=turn.number, name=name)]


def _reply_rows(record: CallRecord, turn: Turn, names: Names) -> list[Row]:
    rows = []
    for number, part in enumerate(turn.parts):
        notes: list[str] = []
        late, broken, response_time, told = False, False, None, ""
        if number == 0:
            response_time = figure(record, GREETING) if turn.number == 0 else turn.response_time
            notes, late = _first_part(record, turn, response_time)
            told = stages(record, turn)
        interrupting = _interruption(record, part)
        if interrupting is not None and interrupting.barge_in_time is not None:
            slow = broken_limit(record, interrupting.number, BARGE_IN)
            broken = slow is not None
            notes.append(f"stopped after {seconds(interrupting.barge_in_time)}")
            if slow is not None and slow.limit is not None:
                notes.append(f"over {limit_text(slow.limit)}")
        words = turn.words[number] if number < len(turn.words) else ""
        said = words or _unknown(record, part)
        who = "bot" if record.role == "caller" else "caller"
        rows.append(
            Row(
                part.start,
                "speech",
                who,
                said,
                response_time=response_time,
                note=", ".join(notes),
                broken=broken or late,
                late=late,
                turn=turn.number,
                name=names.of_prompts(words),
                told=told,
            )
        )
    return rows


def _first_part(record: CallRecord, turn: Turn, response_time: float | None) -> tuple[list[str], bool]:
    notes: list[str] = []
    if response_time is not None and response_time < 0:
        notes.append(f"interrupted the {record.role}")
    late = broken_limit(record, turn.number, GREETING if turn.number == 0 else RESPONSE)
    if late is not None and late.limit:
        notes.append(f"over {limit_text(late.limit)}")
    return notes, late is not None


def _interruption(record: CallRecord, part: Span) -> Turn | None:
    """The turn whose beginning interrupted this part of a reply."""
    return next((turn for turn in record.turns if interrupted(record, turn) is part), None)


def _unknown(record: CallRecord, part: Span) -> str:
    if record.ended_by is None or part.end < record.length - _AT_THE_END:
        return _speech(part.length)
    return f"({part.length:.1f} s of speech, then the call ended)"


def _speech(length: float) -> str:
    return f"({length:.1f} s of speech)"


def _presses(keys: list[str]) -> str:
    return "presses " + " ".join(keys)


def _keys_of(record: CallRecord, turn: Turn) -> list[tuple[float, str]]:
    if turn.kind != "keys" or turn.start is None:
        return []
    end = turn.start + KEYS_PAUSE if turn.end is None else turn.end
    # Times were rounded on their own, each to 0.1 ms.
    return [(at, key) for at, key in record.keys if turn.start - 0.001 <= at <= end + 0.001]


def _other_keys(record: CallRecord) -> list[Row]:
    told = {entry for turn in record.turns for entry in _keys_of(record, turn)}
    groups: list[list[tuple[float, str]]] = []
    for at, key in sorted(entry for entry in record.keys if entry not in told):
        if groups and at - groups[-1][-1][0] <= KEYS_PAUSE:
            groups[-1].append((at, key))
        else:
            groups.append([(at, key)])
    return [Row(group[0][0], "keys", "caller", _presses([key for _, key in group])) for group in groups]
