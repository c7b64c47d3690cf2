"""Text for Robot's log: its markup for tables, links and pictures. Nothing that users said becomes markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from .limits import listen_from
from .words import Row, clock, grouped, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import CallRecord

MOST_ROWS = 120
"""Rows of a table in the log; the call's own page has them all."""

_MOST_FAILURES, _LONGEST_FAILURE = 10, 300
_LONGEST = 400
"""Letters of a cell: of a bot that reads out its terms of business, the beginning."""
_SIGNS = {"finding": "\u26a0 ", "failure": "\u2718 "}  # a warning sign, a ballot x: Robot's markup has no colours
_PADDING = 60 * "\xa0"
_GUARD = "\u200b"  # a space of no width: Robot looks for its marks at the start of words only
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_MARK = re.compile(r"""(?<![^ "'(\[{])(?=[*_]|``)|(?<=[*_`])(?=[*_`"').,!?:;]*(?:\ |$))""")


def robot_escape(text: str) -> str:
    """The text so that Robot's log shows it as it is: no cell, link, picture, bold or heading comes of it."""
    text = _BLANK.sub(" ", text).strip()
    # No mark can stand for a pipe: links and cells are found wherever it is. This one looks the same.
    text = text.replace("|", "\u2502").replace("://", f":{_GUARD}//")
    text = _MARK.sub(_GUARD, text)
    return _GUARD + text if text.startswith(("=", "- ", "---")) else text


def robot_link(href: str, text: str) -> str:
    """A link in Robot's markup. ``href`` is a relative path, not quoted yet."""
    # Robot shows a link as a picture where its text ends like a picture's name; the guard keeps it a text.
    shown = robot_escape(text).replace("]", ")").replace("[", "(")
    return f"[{href_of(href)}|{shown}{_GUARD}]"


def robot_picture(href: str, picture: str) -> str:
    """A picture in Robot's markup that leads to ``href`` when it is clicked; both are relative paths."""
    return f"[{href_of(href)}|{href_of(picture)}]"


def wide(name: str) -> str:
    """The head of a wide column: Robot's log gives all columns the same width, unless one cannot be so narrow."""
    return f"={name}{_PADDING}{_GUARD}="


def robot_moment(page: str, at: float) -> str:
    """A moment of a call as a link to its page, which plays from there; as text, where there is no page."""
    return f"[{href_of(page)}#t={max(at, 0.0):.1f}|{clock(at)}]" if page else clock(at)


def robot_failures(record: CallRecord, page: str) -> str:
    """What the call broke, a line each, with a link that plays it."""
    told = sorted(record.judgements, key=lambda one: one.at)
    lines = []
    for one in told[:_MOST_FAILURES]:
        what = one.what if len(one.what) <= _LONGEST_FAILURE else f"{one.what[:_LONGEST_FAILURE]}…"
        lines.append(f"{robot_moment(page, listen_from(one))} {robot_escape(what)}")
    if len(told) > _MOST_FAILURES:
        lines.append(f"{len(told) - _MOST_FAILURES} more on the call's page")
    return "\n\n".join(lines)


def robot_table(rows: Sequence[Row], most: int = MOST_ROWS, page: str = "") -> str:
    """The dialogue as a table in Robot's markup, for test metadata or a message.

    Args:
        rows: The dialogue.
        most: How many rows are shown.
        page: Path of the call's page, to which the times lead.
    """
    lines = [_line("=at=", "=who=", wide("said"), "=response time=")]
    shown = grouped(rows)
    for row in shown[:most]:
        times = [] if row.response_time is None else [seconds(row.response_time)]
        last = robot_escape(", ".join([*times, row.note] if row.note else times))
        text = row.text
        said = robot_escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… (all of it: the call's page)")
        if row.broken:
            last, said = (f"*{last}*", said) if last else (last, f"*{said}*")
        lines.append(_line(robot_moment(page, row.at), _SIGNS.get(row.kind, "") + row.who, said, last))
    if len(shown) > most:
        lines.append(_line("", "", f"{len(shown) - most} more on the call's page", ""))
    return "\n".join(lines)


def href_of(path: str) -> str:
    """A relative path as a link: quoted, so that no name of a file becomes a scheme, a query or markup."""
    return quote(path.replace("\\", "/"), safe="/", errors="replace")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
