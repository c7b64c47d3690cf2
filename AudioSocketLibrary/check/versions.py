"""The answer per version of Asterisk, computed from what the probes found and the rows of behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, groupby

from ..protocol import ROWS, Behaviour, behaviour_of
from .probe import Reason, Result

FIRST = 18
"""The first line with AudioSocket."""


@dataclass(frozen=True, slots=True)
class VersionAnswer:
    """Whether a bot would live behind some versions of Asterisk."""

    versions: str
    """In words: ``20.14 and newer, 21.9 and newer``."""
    rows: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def lives(self) -> bool:
        """Whether calls go on."""
        return not any(reason.ends_call for reason in self.reasons)

    @property
    def text(self) -> str:
        """``yes``, ``yes, but it …``, ``no, because it …``."""
        if not self.reasons:
            return "yes"
        told = [reason for reason in self.reasons if reason.ends_call] or self.reasons
        because = "; it ".join(dict.fromkeys(reason.text for reason in told))
        return f"yes, but it {because}" if self.lives else f"no, because it {because}"


def answers(results: Iterable[Result]) -> list[VersionAnswer]:
    """The answers, oldest versions first; versions of which the same is true stand together."""
    results = list(results)
    by_row = {
        row.name: tuple(result.reasons[row.name] for result in results if row.name in result.reasons) for row in ROWS
    }
    told: list[VersionAnswer] = []
    for reasons, rows in groupby(ROWS, key=lambda row: by_row[row.name]):
        names = tuple(row.name for row in rows)
        told.append(VersionAnswer(versions_text(names), names, reasons))
    return told


def versions_text(rows: Sequence[str]) -> str:
    """All released versions of these rows, in words.

    Example:
        ``versions_text(["22.4", "22.5", "22.7", "22.9", "22.10"])`` is
        ``20.14 and newer, 21.9 and newer, 22.4 and newer, 23``.
    """
    if len(rows) == len(ROWS):
        return "every version"
    parts: list[str] = []
    for major, line in _released().items():
        inside = [row.name in rows for row in line]
        start = 0
        for wanted, group in groupby(inside):
            length = len(list(group))
            if wanted:
                parts.append(_span(major, start, start + length - 1, len(line) - 1))
            start += length
    certified = [
        part for row in ROWS if row.name in rows for part in row.covers.split(", ") if part.startswith("certified")
    ]
    return ", ".join(parts + certified)


def _span(major: int, first: int, last: int, newest: int) -> str:
    if (first, last) == (0, newest):
        return f"{major}"
    if first == last:
        return f"{major}.{first}"
    return f"{major}.{first} and newer" if last == newest else f"{major}.{first} to {major}.{last}"


@cache
def _released() -> dict[int, list[Behaviour]]:
    """The row of every minor release of every line."""
    lines: dict[int, list[Behaviour]] = {}
    for major in count(FIRST):
        line = list(_line(major))
        if not line:
            return lines
        lines[major] = line
    raise AssertionError


def _line(major: int) -> Iterable[Behaviour]:
    for minor in count():
        try:
            yield behaviour_of(f"{major}.{minor}")
        except ValueError:
            return
