"""Tables on the terminal, and medians of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

BUSY = "machine busy, not judged"


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], notes: Sequence[str] = ()) -> None:
    """Print a table; numbers stand to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    numeric = [all(_is_number(row[index]) for row in cells) for index in range(len(heads))]
    print(f"\n{title}")
    for row in [list(heads), ["-" * width for width in widths], *cells]:
        line = (
            value.rjust(width) if right else value.ljust(width)
            for value, width, right in zip(row, widths, numeric, strict=True)
        )
        print("  " + "  ".join(line).rstrip())
    for note in notes:
        print(f"  {note}")


def median_of(runs: Sequence[dict[str, Any]], *path: str) -> float:
    """The median of one figure of several runs."""
    values = []
    for run in runs:
        value: Any = run
        for name in path:
            value = value[name]
        values.append(value)
    return float(median(values))


def verdict(*, busy: bool, misses: Sequence[str]) -> str:
    """What a row comes to."""
    if busy:
        return BUSY
    return "missed: " + ", ".join(misses) if misses else "kept"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("+-").isdigit() or text == "-"
