"""Pacing: the gaps between our media frames, where the bot would see them, beside those of a C program."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import pair
from .children import module
from .machine import LOOPS
from .show import median_of, table, verdict

CALLS = (1, 20, 100)
P50_OFF, P99 = 0.5, 23.5
"""Targets in ms. A real Asterisk: p99 20.85 to 23.5."""


def measure(*, runs: int, quick: bool) -> list[dict[str, Any]]:
    """All rows; each figure is the median of ``runs`` runs."""
    seconds, before = (2.0, 1.0) if quick else (10.0, 5.0)
    rows: list[dict[str, Any]] = []
    for calls in CALLS:
        pairs: list[dict[str, Any]] = []
        ours: dict[str, list[dict[str, Any]]] = {loop: [] for loop in LOOPS}
        pairs_of: dict[str, list[dict[str, Any]]] = {loop: [] for loop in LOOPS}
        for _ in range(runs):
            for loop, found in ours.items():
                pairs_of[loop].append(pair.run(calls, before))
                found.append(pair.received(partial(_caller, loop, calls, seconds), calls, seconds))
        for loop in LOOPS:
            pairs += pairs_of[loop]
        rows.append(_row("C", calls, pairs, any(map(pair.busy, pairs))))
        rows += [_row(loop, calls, found, any(map(pair.busy, pairs_of[loop]))) for loop, found in ours.items()]
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    heads = (*("calls", "sender", "gap p50", "p99", "p99.9", "max", "late p99", "skipped", "us/pair", "x C", ""),)
    cost = {row["calls"]: row["cpu_us_per_pair"] for row in rows if row["sender"] == "C"}
    table(
        f"Pacing: gaps between media frames at a receiver in C, ms (target: p50 20.0, p99 <= {P99})",
        heads,
        [
            (
                row["calls"],
                "C" if row["sender"] == "C" else f"ours, {row['sender']}",
                *(row["gap"][name] for name in ("p50", "p99", "p99.9", "max")),
                row["late_p99"],
                round(row["skipped"]),
                row["cpu_us_per_pair"],
                row["cpu_us_per_pair"] / cost[row["calls"]],
                row["verdict"],
            )
            for row in rows
        ],
        ("late, skipped: by the sender's own account. us/pair: its CPU for a frame sent and one received.",),
    )


def _caller(loop: str, calls: int, seconds: float, port: str) -> list[str]:
    return module("bench.pacing_caller", loop, port, calls, seconds)


def _row(sender: str, calls: int, runs: list[dict[str, Any]], busy: bool) -> dict[str, Any]:
    gap = {name: median_of(runs, "gap", name) for name in ("p50", "p99", "p99.9", "max")}
    misses = []
    if abs(gap["p50"] - 20) > P50_OFF:
        misses.append(f"p50 {gap['p50']:.1f}")
    if gap["p99"] > P99:
        misses.append(f"p99 {gap['p99']:.1f}")
    if any(run["ended_early"] for run in runs):
        misses.append("calls ended early")
    return {
        "calls": calls,
        "sender": sender,
        "gap": gap,
        "late_p99": median_of(runs, "sender", "late", "p99"),
        "skipped": median_of(runs, "sender", "skipped"),
        "cpu_us_per_pair": median_of(runs, "sender", "cpu_us_per_pair"),
        "verdict": verdict(busy=busy, misses=misses),
        "runs": runs,
    }
