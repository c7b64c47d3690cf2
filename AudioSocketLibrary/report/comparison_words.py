"""A comparison for people: a sentence, a table, and the part of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..records.comparing import LEAST_CALLS, Compared, Shown
from ..records.load_figures import Unit, value_text
from .comparison import RunComparison
from .load_model import Comparison

COLUMNS: Final = ("figure", "base", "new", "difference", "95 % interval", "shown")
_WORDS: Final = {
    Shown.WORSE: "WORSE than",
    Shown.PERHAPS: "PERHAPS WORSE than",
    Shown.BETTER: "BETTER than",
    Shown.NONE: "No difference shown from",
    Shown.FEW: "Too few calls to compare with",
}


def sentence(found: RunComparison) -> str:
    """All of it in one line."""
    calls = f"{found.calls[1]:,} call{'s' * (found.calls[1] != 1)}, {found.calls[0]:,} of {found.base}"
    if found.paired:
        calls = f"{found.calls[0]:,} callers called both"
    head = f"{_WORDS[found.shown]} {found.base}"
    if found.shown is Shown.FEW:
        return f"{head}: {calls}; at least {LEAST_CALLS} on each side are needed. Call longer, or more at once"
    if found.shown is Shown.NONE:
        return f"{head}: {_main(found.rows)} ({calls})"
    rows = found.found(found.shown)
    more = f", and {len(rows) - 1} more figure{'s' * (len(rows) > 2)}" if len(rows) > 1 else ""
    advice = ""
    if found.shown is Shown.PERHAPS:
        advice = "; one run does not decide: run again, and a second one like it is worse"
    return f"{head}: {_in_words(rows[0])}{more} ({calls}){advice}"


def table(found: RunComparison) -> tuple[tuple[str, ...], ...]:
    """A row for each figure, under `COLUMNS`."""
    return tuple(_row(one) for one in found.rows)


def comparison_part(found: Sequence[RunComparison]) -> Comparison | None:
    """The part of a report; of several comparisons (three bots) the one that is worst leads."""
    if not found:
        return None
    order = list(_WORDS)
    first, *others = sorted(found, key=lambda one: order.index(one.shown))
    regressions = [one.regression for one in found]
    return Comparison(
        sentence=_named(first, found),
        regression=True if True in regressions else None if None in regressions else False,
        columns=COLUMNS if len(found) == 1 else ("bot", *COLUMNS),
        rows=table(first) if len(found) == 1 else tuple((one.new, *row) for one in found for row in table(one)),
        warnings=(*dict.fromkeys(told for one in found for told in one.warnings), *(_named(o, found) for o in others)),
    )


def not_compared(why: str) -> Comparison:
    """The part of a report where nothing could be compared."""
    return Comparison(why, None)


def text_table(found: RunComparison) -> list[str]:
    """The table as plain lines."""
    lines = [(*COLUMNS[:1], found.base, found.new, *COLUMNS[3:]), *table(found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _named(one: RunComparison, found: Sequence[RunComparison]) -> str:
    text = sentence(one)
    return text if len(found) == 1 and not one.paired else f"{one.new}: {text}"


def _row(one: Compared) -> tuple[str, ...]:
    base, new, difference = (
        "n/a" if one.base is None else value_text(one.unit, one.base),
        "n/a" if one.new is None else value_text(one.unit, one.new),
        "n/a" if one.difference is None else _signed(one.unit, one.difference),
    )
    return one.title, base, new, difference, _interval(one), _shown_text(one)


def _shown_text(one: Compared) -> str:
    if one.shown is Shown.FEW:
        return f"{one.shown} ({one.n_base} and {one.n_new})"
    if one.usual is None:
        return str(one.shown)
    low, high = (value_text(one.unit, max(0.0, end)) for end in one.usual)
    return f"{one.shown} (usual: {low} to {high})"


def _interval(one: Compared) -> str:
    if one.low is None or one.high is None or one.shown is Shown.FEW:
        return "n/a"
    return f"{_signed(one.unit, one.low)} to {_signed(one.unit, one.high)}"


def _signed(unit: Unit, value: float) -> str:
    if unit == "share":
        text = f"{abs(value) * 100:.2f}".rstrip("0").rstrip(".") + " points"
    else:
        text = f"{abs(value):.3g}" if unit == "rate" else value_text(unit, abs(value))
    return text if text.partition(" ")[0] == "0" else f"{'+' if value > 0 else '-'}{text}"


def _in_words(one: Compared) -> str:
    after = "" if one.base is None or one.new is None else (
        f" {value_text(one.unit, one.new)} after {value_text(one.unit, one.base)}"
    )  # fmt: skip
    difference = "" if one.difference is None else _signed(one.unit, one.difference)
    return f"{one.title}{after} ({difference}, 95 % interval {_interval(one)})"


def _main(rows: Sequence[Compared]) -> str:
    known = [row for row in rows if row.shown is Shown.NONE]
    first = next((row for row in known if row.title == "p95 response time"), known[0])
    return _in_words(first)
