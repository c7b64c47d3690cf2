"""The picture of a recorded call: its record, as the marks that a picture shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..media.picture import Bar, Mark, Response, call_picture
from .limits import BARGE_IN, GREETING, RESPONSE, broken_limit, by_itself, figure
from .words import clock

if TYPE_CHECKING:
    from ..media.picture import Samples
    from ..records import CallRecord


def record_picture(
    record: CallRecord, caller: Samples, bot: Samples, rate: int, *, width: int = 900, columns: int = 600
) -> str:
    """Draws the call as an SVG: both sides of its recording, and all that its record knows of them.

    Args:
        record: The call.
        caller: The recording's left side, 16 bit; empty where none was kept.
        bot: The recording's right side, likewise.
        rate: Samples in a second.
        width: Width in pixels.
        columns: In how many steps a waveform is drawn.
    """
    spoken = [turn for turn in record.turns if turn.kind == "speech" and turn.start is not None]
    bars = [Bar(turn.start or 0.0, record.length if turn.end is None else turn.end) for turn in spoken]
    bars += [Bar(span.start, span.end, name or "sound") for span, name in record.sounds]
    replies = [Bar(part.start, part.end) for turn in record.turns for part in turn.parts]
    caller_bars, bot_bars = (bars, replies) if record.role == "caller" else (replies, bars)
    findings = [(one.at, one.text) for one in record.findings] + [
        (one.at, one.what) for one in by_itself(record, drawn=True)
    ]
    return call_picture(
        caller,
        bot,
        rate,
        length=record.length,
        caller_bars=caller_bars,
        bot_bars=bot_bars,
        turns=[Mark(turn.start, str(turn.number)) for turn in record.turns if turn.start is not None],
        responses=_responses(record),
        stops=_late_stops(record),
        keys=[Mark(at, key) for at, key in record.keys],
        findings=[Mark(at, f"{clock(at)} {text}") for at, text in findings],
        width=width,
        columns=columns,
    )


def _responses(record: CallRecord) -> list[Response]:
    found = []
    for turn in record.turns:
        if not turn.parts:
            continue
        greeting = turn.number == 0
        value = figure(record, GREETING) if greeting else turn.response_time
        if value is None:
            continue
        late = broken_limit(record, turn.number, GREETING if greeting else RESPONSE)
        found.append(Response(turn.parts[0].start - value, value, late.limit if late else None))
    return found


def _late_stops(record: CallRecord) -> list[Response]:
    found = []
    for turn in record.turns:
        late = broken_limit(record, turn.number, BARGE_IN)
        if late is not None and turn.start is not None and turn.barge_in_time is not None:
            found.append(Response(turn.start, turn.barge_in_time, late.limit))
    return found
