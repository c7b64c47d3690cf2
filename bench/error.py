"""Our measuring error: response times of a bot whose delays are programmed to the sample."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from . import pair
from .children import BenchError, answer, first_line, module, started
from .machine import LOOPS
from .show import median_of, table, verdict

DELAYS = (50, 70, 100, 150, 200, 300, 400, 600, 1000, 2000)
"""ms; drawn by the bot, with a seed."""
FILLS = ("silence", "nothing")
"""What the bot sends between utterances."""
TURNS = {1: 17, 20: 70, 100: 120}
"""Turns of one run, by calls: three runs make 51, 210 and 360; more would take minutes."""
QUICK_TURNS = {1: 4, 20: 40, 100: 100}
MEDIAN, P95 = 5.0, 20.0
"""Targets in ms."""
LONGEST = 60.0
"""Seconds after which a run takes no new turn."""


def measure(*, runs: int, quick: bool) -> list[dict[str, Any]]:
    """All rows; each figure is the median of ``runs`` runs."""
    rows = []
    for fill in FILLS:
        for calls, turns in (QUICK_TURNS if quick else TURNS).items():
            found, pairs = [], []
            for seed in range(1, runs + 1):
                pairs.append(pair.run(calls, 1.0))
                found.append(_run(fill, calls, turns, seed))
            rows.append(_row(fill, calls, found, any(map(pair.busy, pairs))))
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    heads = ("calls", "bot sends", "turns", "median", "p95", "max", "signed", "bot late", "wire+ours", "lag p99", "")
    table(
        f"Measuring error of the response time, ms (target: median <= {MEDIAN:g}, p95 <= {P95:g})",
        heads,
        [
            (
                row["calls"],
                row["fill"],
                row["turns"],
                *(row[name] for name in ("median", "p95", "max", "signed", "bot_late", "ours", "loop_lag_p99")),
                row["verdict"],
            )
            for row in rows
        ],
        (
            "median, p95, max: of |measured - programmed|; signed: median with its sign, + is too long.",
            "bot late: p95 of how much later than programmed the bot itself sent, by its own account.",
            "wire+ours: p95 of what remains of the error without it.",
        ),
    )


def _run(fill: str, calls: int, turns: int, seed: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.jsonl"
        delays = (word for delay in DELAYS for word in ("--reply-after", f"{delay}ms"))
        options = ("--calibration", "--stop-with-stdin", "--fill", fill, "--seed", seed, "--truth", truth)
        with started(module("AudioSocketLibrary", "bot", *options, *delays)) as bot:
            port = first_line(bot).rpartition(":")[2]
            with started(module("bench.error_caller", LOOPS[-1], port, calls, turns, LONGEST)) as caller:
                found = answer(caller, LONGEST)
        known = {(row["uuid"], row["turn"]): row for row in map(json.loads, truth.read_text().splitlines())}
    return _errors(found["turns"], known, turns) | {"loop_lag_p99": found["loop_lag_p99"]}


def _errors(turns: list[Any], known: dict[tuple[str, int], Any], wanted: int) -> dict[str, Any]:
    error, bot, rest = [], [], []
    for uuid, turn, response_time in turns:
        truth = known.get((uuid, turn))
        if truth is None or response_time is None:
            continue
        error.append(response_time - truth["delay"])
        bot.append(truth["sent"] - truth["planned"])
        rest.append(error[-1] - bot[-1])
    if not error:
        raise BenchError("no turn of the error bench was answered")
    signed, bot_late, ours = (1000 * np.array(values) for values in (error, bot, rest))
    return {
        "turns": len(error),
        "missing": wanted - len(error),
        "median": float(np.median(abs(signed))),
        "p95": _nearest_rank(abs(signed), 95),
        "max": float(abs(signed).max()),
        "signed": float(np.median(signed)),
        "bot_late": _nearest_rank(abs(bot_late), 95),
        "ours": _nearest_rank(abs(ours), 95),
        "errors_ms": [round(float(value), 3) for value in signed],
    }


def _nearest_rank(values: np.ndarray, percent: float) -> float:
    return float(np.percentile(values, percent, method="inverted_cdf"))


def _row(fill: str, calls: int, runs: list[dict[str, Any]], busy: bool) -> dict[str, Any]:
    names = ("median", "p95", "max", "signed", "bot_late", "ours", "loop_lag_p99")
    row: dict[str, Any] = {name: median_of(runs, name) for name in names}
    misses = [f"{name} {row[name]:.1f}" for name, limit in (("median", MEDIAN), ("p95", P95)) if row[name] > limit]
    missing = sum(run["missing"] for run in runs)
    if missing:
        misses.append(f"{missing} turns without a reply")
    told = {"calls": calls, "fill": fill, "turns": sum(run["turns"] for run in runs)}
    return told | row | {"verdict": verdict(busy=busy, misses=misses), "runs": runs}
