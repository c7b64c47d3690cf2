"""The report as one table for a spreadsheet: the verdict first, then thresholds, figures and the parts of the run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from .load_model import GroupRow, ReportModel, Stats

COLUMNS: Final = (
    *("kind", "name", "of", "state", "unit", "value", "limit", "margin", "n", "failed", "error_rate"),
    *("mean", "p50", "p90", "p95", "p95_low", "p95_high", "p99", "most", "at_least", "note"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_report(model: ReportModel) -> str:
    """The table, with a head; numbers in seconds, shares from 0 to 1, bytes."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for row in _rows(model):
        writer.writerow({key: _cell(value) for key, value in row.items() if value is not None})
    return out.getvalue()


def _rows(model: ReportModel) -> Iterator[dict[str, Any]]:
    verdict = model.verdict
    yield {"kind": "verdict", "name": model.title, "state": verdict.word, "value": verdict.exit_code,
           "note": verdict.sentence}  # fmt: skip
    yield {"kind": "validity", "name": model.title, "state": verdict.validity, "note": verdict.validity_sentence}
    for row in model.thresholds:
        yield {"kind": "threshold", "name": row.threshold, "state": row.state, "unit": row.unit, "value": row.actual,
               "limit": row.limit, "margin": row.margin, "n": row.n, "p95_low": row.low, "p95_high": row.high,
               "at_least": int(row.at_least), "note": row.sentence}  # fmt: skip
    for figure in model.figures:
        yield {
            "kind": "figure",
            "name": figure.name,
            "state": verdict.word,
            **_stats(figure.stats),
            "note": figure.about,
        }
    for kind, groups in (
        ("scenario", model.scenarios), ("phase", model.phases), ("plateau", model.plateaus), ("bot", model.bots),
    ):  # fmt: skip
        for group in groups:
            yield from _group(kind, group, verdict.word)
    for failure in model.failures:
        yield {"kind": "failure", "name": failure.name, "state": verdict.word, "value": failure.count,
               "error_rate": failure.share, "note": failure.example}  # fmt: skip
    for discard in model.discards:
        yield {"kind": "discard", "name": discard.name, "state": verdict.word, "value": discard.count,
               "note": discard.example}  # fmt: skip


def _group(kind: str, group: GroupRow, word: str) -> Iterator[dict[str, Any]]:
    for figure, stats in (("response time", group.response), ("greeting time", group.greeting)):
        yield {"kind": kind, "name": group.name, "of": figure, "state": word, "value": group.calls,
               "failed": group.failed, "error_rate": group.error_rate, **_stats(stats), "note": group.note}  # fmt: skip


def _stats(stats: Stats) -> dict[str, Any]:
    p95 = stats.p95
    return {
        "unit": stats.unit, "n": stats.n, "mean": stats.mean, "most": stats.most,
        **{which: None if (found := getattr(stats, which)) is None else found.value
           for which in ("p50", "p90", "p95", "p99")},
        "p95_low": None if p95 is None else p95.low, "p95_high": None if p95 is None else p95.high,
        "at_least": stats.censored,
    }  # fmt: skip


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}" if value not in (float("inf"), float("-inf")) else ""
    # A spreadsheet would run what a bot's name or a caller's phrase begins with.
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
