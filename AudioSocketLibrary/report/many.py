"""Many calls of one test: a table that lists them all, and records as small as totals need them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .limits import GREETING, RESPONSE, figure
from .robot_markup import MOST_ROWS, href_of, robot_escape, wide
from .words import how_it_ended, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import CallRecord

_FIGURES = ("greeting_time", "response_time", "words_time", "barge_in_time", "our_lateness", "loop_lag")
"""What totals, thresholds and the validity of a report need."""


def something_wrong(record: CallRecord) -> bool:
    """Whether the call broke a limit or a rule, or lost its connection."""
    return bool(record.judgements) or record.ended_by in ("asterisk", "network")


def calls_table(calls: Sequence[tuple[CallRecord, str]], most: int = MOST_ROWS) -> str:
    """All calls of a test, with the longest response time of each, as a table in Robot's markup.

    Where there are too many, those that passed give way.

    Args:
        calls: Each call's record and the path of its page; empty where it has none.
        most: How many rows are shown.
    """
    wrong = [index for index, (record, _) in enumerate(calls) if something_wrong(record)]
    good = [index for index in range(len(calls)) if index not in set(wrong)]
    shown = sorted([*wrong, *good][:most])
    lines = [f"| =#= | =call= | =length= | =greeting= | =response= | =end= | {wide('what was wrong')} |"]
    for index in shown:
        record, page = calls[index]
        name = robot_escape(f"{record.call} {record.alias}".strip()).replace("]", ")")
        link = f"[{href_of(page)}|{name}]" if page else name
        what = record.judgements[0].what if record.judgements else ""
        more = f" (and {len(record.judgements) - 1} more)" if len(record.judgements) > 1 else ""
        cells = (
            str(index + 1),
            link,
            f"{record.length:.1f} s",
            _time(figure(record, GREETING)),
            _time(figure(record, RESPONSE)),
            how_it_ended(record),
            f"*{robot_escape(what + more)}*" if what else "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(calls) > len(shown):
        lines.append(f"|  | {len(calls) - len(shown)} more |  |  |  |  |  |")
    return "\n".join(lines)


def slim(record: CallRecord) -> CallRecord:
    """The record without what only a look at this very call needs: of hundreds of calls, the log has to hold it."""
    return replace(
        record,
        figures={name: value for name, value in record.figures.items() if name in _FIGURES},
        turns=tuple(
            replace(turn, said="", start=None, parts=(), barge_in_time=None, words=(), voice="")
            for turn in record.turns
        ),
        keys=(),
        sounds=(),
        findings=(),
        marks=(),
        recording_sha256=None,
        started="",
    )


def _time(value: float | None) -> str:
    return "" if value is None else seconds(value)
