"""Text for Robot's log: its markup for tables, links and pictures. Nothing that users said becomes markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from .words import Row, clock, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 120
"""Rows of a table in the log; the call's own page has them all."""

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


def robot_table(rows: Sequence[Row], most: int = MOST_ROWS) -> str:
    """The dialogue as a table in Robot's markup, for test metadata or a message."""
    lines = [_line("=at=", "=who=", "=said=", "=response time=")]
    for row in rows[:most]:
        times = [] if row.response_time is None else [seconds(row.response_time)]
        last = robot_escape(", ".join([*times, row.note] if row.note else times))
        said = robot_escape(row.text)
        if row.broken:
            last, said = (f"*{last}*", said) if last else (last, f"*{said}*")
        lines.append(_line(clock(row.at), row.who, said, last))
    if len(rows) > most:
        lines.append(_line("", "", f"{len(rows) - most} more on the call's page", ""))
    return "\n".join(lines)


def href_of(path: str) -> str:
    """A relative path as a link: quoted, so that no name of a file becomes a scheme, a query or markup."""
    return quote(path.replace("\\", "/"), safe="/", errors="replace")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
