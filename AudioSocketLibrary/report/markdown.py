"""The report as Markdown: for a pull request, where 64 kB are the most that a comment may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ..records.units import percent_text, time_text
from .load_model import GroupRow, ReportModel

MOST: Final = 60_000
"""Bytes: some places count more than the text."""
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~$!&])")
_LINKING: Final = re.compile(r"[@#](?=\w)|:(?=//)|\bwww(?=\.)")
"""What places like GitHub make a mention, an issue or a link of, escaped or not: a space without width prevents it."""
_LIST: Final = re.compile(r"^([-+]|\d+[.)])(?=\s)")
_MARK: Final = {"PASS": "✅", "FAIL": "❌", "INVALID": "⚠️", "INTERRUPTED": "⏹️"}
_STATE: Final = {True: "✅", False: "❌", None: "⚪"}
_SEVERITY: Final = {"error": "❌", "warning": "⚠️", "note": "ℹ️"}
_CALLS: Final = 10
_LONGEST: Final = 200


def markdown_report(model: ReportModel) -> str:
    """The text; what is least needed is left out where it would be too long."""
    verdict = model.verdict
    head = [f"## {_MARK.get(verdict.word, '⚠️')} {escape(verdict.sentence)}", ""]
    if verdict.claim:
        head += [f"**{escape(verdict.claim)}**", ""]
    head += [*_thresholds(model), *_notes(model)]
    parts = [head, list(_issues(model)), list(_figures(model))]
    if model.comparison is not None:
        parts.append([escape(model.comparison.sentence), "", *_table(model.comparison.columns, model.comparison.rows)])
    for title, rows in (("Plateau", model.plateaus), ("Bot", model.bots), ("Scenario", model.scenarios)):
        parts.append(list(_groups(title, rows)))
    parts += [list(_stages(model)), list(_failures(model)), list(_calls(model)), list(_ran(model)), list(_bands(model))]
    return _within(parts)


def escape(text: str) -> str:
    """A text that Markdown shows as it is."""
    short = text if len(text) <= _LONGEST * 4 else f"{text[: _LONGEST * 4]}…"
    plain = _SPECIAL.sub(r"\\\1", " ".join(short.split()))
    return _LIST.sub(r"\\\1", _LINKING.sub("\\g<0>\u200b", plain))


def _within(parts: Sequence[list[str]]) -> str:
    """As many parts as there is room for; the first one always."""
    found: list[str] = []
    size = 0
    for number, part in enumerate(part for part in parts if part):
        text = "\n".join(part).rstrip() + "\n"
        size += len(text.encode()) + 1
        if number and size > MOST:
            found.append("The rest is in load-report.html.\n")
            break
        while len(text.encode()) > MOST:  # a thousand thresholds
            text = text[: len(text) * 3 // 4] + "…\n"
        found.append(text)
    return "\n".join(found)


def _thresholds(model: ReportModel) -> Iterator[str]:
    if not model.thresholds:
        yield "No threshold was set, so nothing was judged."
        return
    rows = [
        (_STATE[row.ok] + ("" if row.ok is not None else " not judged"), escape(row.title), row.actual_text,
         escape(row.limit_text), row.margin_text, escape(row.note))
        for row in model.thresholds
    ]  # fmt: skip
    yield from _raw_table(("", "threshold", "actual", "limit", "margin", "of"), rows)


def _notes(model: ReportModel) -> Iterator[str]:
    yield ""
    yield f"Validity: **{escape(model.verdict.validity)}**. {escape(model.verdict.validity_sentence)}"
    for note in model.notes:
        yield f"- {escape(note)}"


def _issues(model: ReportModel) -> Iterator[str]:
    if not model.issues:
        return
    yield "### Issues found"
    yield ""
    for issue in model.issues[:20]:
        advice = f" {escape(issue.advice)}." if issue.advice else ""
        evidence = f" *{escape(issue.evidence)}*" if issue.evidence else ""
        yield f"- {_SEVERITY[issue.severity]} **{escape(issue.what)}**.{advice}{evidence}"


def _figures(model: ReportModel) -> Iterator[str]:
    rows = [
        (escape(row.name), f"{row.stats.n:,}", *(row.stats.text(which) for which in ("p50", "p95", "p99")),
         row.stats.interval_text("p95"), row.stats.most_text)
        for row in model.figures
    ]  # fmt: skip
    if rows:
        yield "### Figures"
        yield ""
        yield from _raw_table(("figure", "n", "p50", "p95", "p99", "95 % CI of p95", "longest"), rows)


def _groups(title: str, groups: Sequence[GroupRow]) -> Iterator[str]:
    rows = [
        (escape(row.name or "(no name)"), f"{row.calls:,}", f"{row.failed:,}",
         "n/a" if row.error_rate is None else percent_text(row.error_rate),
         *(row.response.text(which) for which in ("p50", "p95", "p99")), row.greeting.text("p95"), escape(row.note))
        for row in groups[:40]
    ]  # fmt: skip
    if rows:
        yield f"### {title}s"
        yield ""
        yield from _raw_table(
            (title.lower(), "calls", "failed", "errors", "p50", "p95", "p99", "greeting p95", "note"), rows
        )


def _stages(model: ReportModel) -> Iterator[str]:
    if model.stages:
        parts = " · ".join(f"{escape(row.name)} {percent_text(row.share or 0.0)}" for row in model.stages)
        yield "### Where the milliseconds of a slow reply went"
        yield ""
        yield parts


def _failures(model: ReportModel) -> Iterator[str]:
    if model.failures:
        yield "### Failed calls"
        yield ""
        yield from _raw_table(
            ("failure kind", "calls", "share", "example"),
            [
                (escape(row.name), f"{row.count:,}", "" if row.share is None else percent_text(row.share),
                 escape(row.example[:_LONGEST]))
                for row in model.failures
            ],
        )  # fmt: skip


def _calls(model: ReportModel) -> Iterator[str]:
    rows = [
        (escape(row.call), escape(row.scenario), "n/a" if row.slowest is None else time_text(row.slowest),
         escape(row.failure or row.outcome), escape(row.what[:_LONGEST]))
        for row in model.calls[:_CALLS]
    ]  # fmt: skip
    if rows:
        yield "<details><summary>Calls to listen to</summary>"
        yield ""
        yield from _raw_table(("call", "scenario", "slowest reply", "outcome", "what"), rows)
        yield ""
        yield "</details>"


def _ran(model: ReportModel) -> Iterator[str]:
    yield "<details><summary>What was run</summary>"
    yield ""
    yield from _table(("", ""), model.ran)
    yield ""
    for row in model.discards:
        yield f"- not in the figures: {row.count:,} {escape(row.name)} ({escape(row.example)})"
    yield ""
    yield "</details>"


def _bands(model: ReportModel) -> Iterator[str]:
    for note in model.bands:
        yield f"**{escape(note.title)}**"
        yield ""
        for line in note.lines:
            yield f"- {escape(line)}"
        yield ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from _raw_table([escape(name) for name in columns], [[escape(cell) for cell in row] for row in rows])


def _raw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
