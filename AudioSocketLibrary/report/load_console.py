"""The verdict of a run for a terminal: as many lines as fit a comment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .load_model import ReportModel, ThresholdRow

_STATE: Final = {True: "ok", False: "FAILED", None: "open"}
_ADVISED: Final = ("Slow where", "Gives first", "The bot slows down", "The bot sends", "Response times grew")


def verdict_lines(model: ReportModel, folder: Path) -> Iterator[str]:
    """The lines, without an end; the first one is the verdict.

    Args:
        model: the report.
        folder: the run's, so that the path of the worst call can be opened.
    """
    verdict = model.verdict
    yield f"{verdict.word}  {verdict.sentence.removeprefix(verdict.word).lstrip(': ')}"
    if verdict.word != "INVALID":
        yield from _thresholds(model.thresholds)
    if verdict.claim:
        yield verdict.claim
    for note in model.notes:
        yield f"note: {note}"
    for issue in model.issues:
        if issue.what.startswith(_ADVISED):
            yield issue.what + (f" ({issue.evidence})" if issue.evidence else "")
    if model.stages and verdict.word != "INVALID":
        parts = " | ".join(f"{row.name} {(row.share or 0.0) * 100:.0f} %" for row in model.stages)
        yield f"Where slow replies went:  {parts}"
    worst = next((row for row in model.calls if row.page), None)
    if worst is not None:
        yield f"Worst call:  {folder / worst.page}"


def _thresholds(rows: tuple[ThresholdRow, ...]) -> Iterator[str]:
    title = max((len(row.title) for row in rows), default=0)
    actual = max((len(row.actual_text) for row in rows), default=0)
    limit = max((len(row.limit_text) for row in rows), default=0)
    for row in rows:
        line = f"  {_STATE[row.ok]:<6}  {row.title:<{title}}  {row.actual_text:>{actual}}  {row.limit_text:<{limit}}"
        more = row.margin_text if row.ok is False else ""
        told = f"{more} ({row.note})" if more and row.note else more or (f"({row.note})" if row.note else "")
        yield f"{line}  {told}".rstrip()
