"""The reference bot under many calls: what its callers get, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from AudioSocketLibrary.media import Phrase, load_phrase_book, load_sound

from . import pair
from .children import BenchError, answer, first_line, module, started
from .machine import cpu_seconds, pids_below
from .show import median_of, table, verdict

RATE = 8000
CYCLE, BEFORE = 8.0, 0.5
"""Seconds from one utterance of a call to its next, and of silence before the first."""
PHRASES = ("winter_tyres", "summer_tyres", "all_season_tyres", "order_status", "fitting_price")
PHRASES += ("opening_hours", "address", "warranty", "storage", "promotions")
"""What a caller may say again and again, and never be hung up on for; in both languages of the shop."""
STARTING = 8.0
"""Seconds until the calls of the C program stand and it begins to count."""


@dataclass(frozen=True)
class Load:
    """One row of the table."""

    what: str
    calls: int
    options: tuple[str, ...]
    p99: float
    """Target of the gaps' 99th percentile, in ms."""
    pinned: bool = False
    """Bot and recogniser share one core; the callers have the others."""
    seconds: tuple[float, float] = (30.0, 8.0)
    """Of counting, and of a quick run."""


LOADS = (
    Load("scripted", 1000, (), 30.0),
    Load("recognition", 200, ("--dialogue", "tyre_shop"), 25.0, pinned=True, seconds=(48.0, 16.0)),
)


def measure(*, runs: int, quick: bool) -> list[dict[str, Any]]:
    """All rows; each figure is the median of ``runs`` runs."""
    rows = []
    for load in LOADS:
        pairs, found = [], []
        for _ in range(runs):
            pairs.append(pair.run(load.calls, 2.0 if quick else 5.0))
            found.append(_run(load, load.seconds[quick]))
        rows.append(_row(load, pairs, found))
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the tables."""
    table(
        "The reference bot: gaps between its media frames at callers in C, ms",
        ("bot", "calls", "gap p50", "p99", "p99.9", "max", "C pair p99", "ended", "CPU %/call", "recogniser", ""),
        [
            (
                row["what"] + (", one core" if row["pinned"] else ""),
                row["calls"],
                *(row["gap"][name] for name in ("p50", "p99", "p99.9", "max")),
                row["pair_p99"],
                round(row["ended_early"]),
                row["cpu_bot"],
                row["cpu_recogniser"],
                row["verdict"],
            )
            for row in rows
        ],
        (
            f"Each call says something once in {CYCLE:g} s, on a noisy line. Ended: calls that the bot ended.",
            "CPU: per call, in % of a core; of the bot's process, and of its recogniser's.",
        ),
    )
    hearing = [row for row in rows if row["utterances"]]
    if hearing:
        table(
            "What it understood",
            ("calls", "utterances", "understood %", "wrong %", "recognition p50", "p95", "response p50", "p95"),
            [
                (
                    row["calls"],
                    round(row["utterances"]),
                    *(row[name] for name in ("understood", "wrong")),
                    *(row[name] for name in ("heard_p50", "heard_p95", "response_p50", "response_p95")),
                )
                for row in hearing
            ],
            ("ms. Recognition: from the end of speech to the text; response: to the reply's first voiced sample.",),
        )


def _run(load: Load, seconds: float) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        events, audio = Path(folder) / "events.jsonl", Path(folder) / "callers.raw"
        said = _tracks(audio)
        hears = ("--events", events) if "--dialogue" in load.options else ()
        command = module("AudioSocketLibrary", "bot", "--stop-with-stdin", *load.options, *hears)
        with started(command) as bot:
            cores = _pin(bot) if load.pinned else None
            port = first_line(bot).rpartition(":")[2]
            callers = [str(pair.PACER), "call", port, str(load.calls), str(seconds), str(audio), str(len(said))]
            with started(callers) as caller:
                if cores:
                    os.sched_setaffinity(caller.pid, cores)
                found = _watched(bot, caller, load.calls, seconds)
        return found | _heard(events, said, found.pop("window"))


def _watched(bot: subprocess.Popen[str], caller: subprocess.Popen[str], calls: int, seconds: float) -> dict[str, Any]:
    """What the callers counted, and the CPU of the bot meanwhile."""
    if first_line(caller) != "counting":
        raise BenchError("the callers did not begin to count")
    children = pids_below(bot.pid)
    before, began = [cpu_seconds([bot.pid]), cpu_seconds(children)], time.monotonic()
    time.sleep(seconds - 0.1)
    if bot.poll() is not None:
        raise BenchError(f"the bot ended with {bot.returncode}")
    spent = [cpu_seconds([bot.pid]) - before[0], cpu_seconds(children) - before[1]]
    ended = time.monotonic()
    shares = [100 * used / (ended - began) / calls for used in spent]
    return answer(caller, 1.0) | {"cpu_bot": shares[0], "cpu_recogniser": shares[1], "window": (began, ended)}


def _pin(child: subprocess.Popen[str]) -> set[int]:
    """Keep a child, and all that it will start, on one core; returns the others."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(child.pid, cores[:1])
    return set(cores[1:] or cores)


def _tracks(file: Path) -> list[Phrase]:
    """Write what the callers say, a track for each recording; returns the phrase of each."""
    book = {phrase.name: phrase for phrase in load_phrase_book().phrases}
    wanted = [book[prefix + name] for name in PHRASES for prefix in ("", "en_")]
    said = [(phrase, path) for phrase in wanted for path in phrase.recordings]
    with file.open("wb") as out:
        for _, path in said:
            track = np.zeros(int(CYCLE * RATE), "<i2")
            samples = load_sound(path, RATE).samples
            begin = int(BEFORE * RATE)
            track[begin : begin + len(samples)] = samples
            out.write(track.tobytes())
    return [phrase for phrase, _ in said]


def _heard(events: Path, said: Sequence[Phrase], window: tuple[float, float]) -> dict[str, Any]:
    """What the bot understood within the window, by its own events."""
    told = _told(events, window)
    speech = [event for event in told if event["event"] == "recognised"]
    fields = [event["fields"] for event in speech]
    right = [event["fields"]["text"] == said[_number(event) % len(said)].text for event in speech]
    sure = [field["confidence"] >= 0.6 for field in fields]
    count = len(speech)
    share = 100 / count if count else 0.0
    responses = [
        event["fields"]["response_time"]
        for event in told
        if event["event"] == "first audio" and "response_time" in event["fields"]
    ]
    return {
        "utterances": count,
        "understood": share * sum(a and b for a, b in zip(right, sure, strict=True)),
        "wrong": share * sum(b and not a for a, b in zip(right, sure, strict=True)),
        **_percentiles("heard", [field["seconds"] for field in fields]),
        **_percentiles("response", responses),
    }


def _told(events: Path, window: tuple[float, float]) -> list[dict[str, Any]]:
    if not events.exists():
        return []
    began, ended = window
    lines = events.read_text(encoding="utf-8").splitlines(keepends=True)
    # The bot may have been stopped in the middle of the last one.
    return [event for event in map(json.loads, filter(_whole, lines)) if began <= event["at"] <= ended]


def _whole(line: str) -> bool:
    return line.endswith("\n")


def _number(event: dict[str, Any]) -> int:
    """Which call of the C program this is: it counts its UUIDs."""
    return int(event["uuid"].replace("-", ""), 16)


def _percentiles(name: str, seconds: Iterable[float]) -> dict[str, float]:
    values = 1000 * np.array(list(seconds) or [0.0])
    return {f"{name}_p{percent}": float(np.percentile(values, percent, method="inverted_cdf")) for percent in (50, 95)}


def _row(load: Load, pairs: list[dict[str, Any]], runs: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("cpu_bot", "cpu_recogniser", "utterances", "understood", "wrong")
    names += ("heard_p50", "heard_p95", "response_p50", "response_p95", "ended_early")
    row: dict[str, Any] = {name: median_of(runs, name) for name in names}
    gap = {name: median_of(runs, "gap", name) for name in ("p50", "p99", "p99.9", "max")}
    misses = [f"p99 {gap['p99']:.1f} > {load.p99:g}"] if gap["p99"] > load.p99 else []
    # Who is not understood twice is handed to an operator: with a dialogue, an end is no loss.
    if not load.options and any(run["ended_early"] for run in runs):
        misses.append("calls ended early")
    told = {"what": load.what, "calls": load.calls, "pinned": load.pinned, "gap": gap}
    told["pair_p99"] = median_of(pairs, "gap", "p99")
    return told | row | {"verdict": verdict(busy=any(map(pair.busy, pairs)), misses=misses), "runs": runs}
