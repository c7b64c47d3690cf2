"""What was run, and its headline figures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, Final

from ..records.load_figures import FIGURES, value_text
from ..records.units import percent_text, time_text
from .load_model import FigureRow, Stats, ThresholdRow, Tile
from .load_numbers import Numbers
from .run_reading import RunRead

_TIMES: Final = ("for", "ramp_up", "over", "each", "within", "rest", "confirm", "after")
"""Settings of shapes that are seconds."""
_FIGURES: Final = tuple(figure for figure in FIGURES.values() if figure.is_distribution)


def ran(run: RunRead) -> Iterator[tuple[str, str]]:
    """Names and values of what was run, those that are known."""
    for name, value in _ran(run):
        if value:
            yield name, value


def _ran(run: RunRead) -> Iterator[tuple[str, str]]:
    info = run.info
    yield ("Profile" if info.kind == "load" else "Tests"), info.name + (" (quick)" if info.quick else "")
    yield "Load", _shape(info.profile.get("load")) if isinstance(info.profile, dict) else ""
    bots = ", ".join(address if name == "bot" else f"{name} {address}" for name, address in info.bots.items())
    yield "Bot", f"{bots} (the reference bot of this library)" if info.reference_bot else bots
    yield "Environment", str(_of(info.profile, "bot", "environment") or "")
    yield "Scenarios", _scenarios(run)
    yield "Started", info.started
    yield "Lasted", time_text(info.duration) if info.duration else ""
    yield "Asked for", _asked(run)
    yield (
        "Warm-up",
        ", ".join(
            f"{phase.name} {time_text(phase.end - phase.start)}"
            for phase in info.phases
            if not phase.measured and phase.end < inf
        ),
    )
    yield "Seed", "" if info.seed is None else str(info.seed)
    yield "Profile's hash", info.profile_hash
    yield "Run", info.run
    yield "Tests at", info.commit
    yield "Workers", str(info.workers) if info.workers else ""
    host = info.host
    yield "Host", ", ".join(part for part in (host.name, f"{host.cores} cores" if host.cores else "", host.cpu) if part)
    yield "Versions", ", ".join(f"{name} {version}" for name, version in info.versions.items() if version)
    yield "Aborts when", "; ".join(info.abort_when)
    yield "Baseline", info.baseline


def tiles(run: RunRead, numbers: Numbers, thresholds: Sequence[ThresholdRow]) -> Iterator[Tile]:
    """The headline figures; one that broke a threshold is marked."""
    facts = run.facts
    broken = {row.title.split(" of ")[0].split(" in ")[0] for row in thresholds if row.ok is False}
    limited = {row.title for row in thresholds if row.ok and not row.weak}

    def mark(*names: str) -> Any:
        if any(name in broken for name in names):
            return "bad"
        return "good" if any(name in limited for name in names) else ""

    failed = facts.failed
    yield Tile(
        "Calls", f"{facts.due:,}", f"{failed:,} failed" if failed else "none failed", mark("failed calls", "calls")
    )
    rate = numbers.facts.samples("error rate")
    values = rate.values if len(rate) else ()  # type: ignore[union-attr]
    if values:
        share = sum(values) / len(values)
        yield Tile(
            "Success", percent_text(1 - share), f"error rate {percent_text(share)}", mark("error rate", "success rate")
        )
    per_minute = facts.samples("calls per minute")
    if run.info.kind == "load" and len(per_minute) and facts.seconds() > 0:
        each = sum(per_minute.values) * 60 / facts.seconds()  # type: ignore[union-attr]
        yield Tile(
            "Calls a minute", value_text("rate", float(f"{each:.3g}")), "that ended well", mark("calls per minute")
        )
    if run.info.kind == "load":
        most = facts.calls_up([(0.0, facts.end)])
        asked = run.info.calls_at_once
        yield Tile("At once", f"{most:,}", f"{asked:,} asked for" if asked else "at most", mark("calls at once"))
    response = numbers.stats("response time")
    for which in ("p50", "p95", "p99"):
        yield _tile(f"Response {which}", response, which, mark(f"{which} response time"))
    for title, name in (("Greeting", "greeting time"), ("Barge-in", "barge in time"), ("Dead air", "dead air")):
        stats = numbers.stats(name)
        if stats.n:
            yield _tile(f"{title} p95", stats, "p95", mark(f"p95 {name}"))


def figure_rows(numbers: Numbers) -> tuple[FigureRow, ...]:
    """All figures of replies, calls, frames and samples that there are values of."""
    rows = (FigureRow(each.name, each.about, each.noun, numbers.stats(each.name)) for each in _FIGURES)
    return tuple(row for row in rows if row.stats.n)


def _tile(title: str, stats: Stats, which: Any, mark: Any) -> Tile:
    note = f"95 % CI {stats.interval_text(which)}" if stats.interval_text(which) != "n/a" else f"of {stats.n:,}"
    text = stats.text(which)
    if text == "n/a" and stats.most is not None:
        note = f"only {stats.n:,}; at most {stats.most_text}"
    return Tile(title, text, note, mark)


def _shape(load: Any) -> str:
    """``hold 50 calls, ramp up 3 min, for 15 min``."""
    if not isinstance(load, dict):
        return ""
    parts = []
    for shape, settings in load.items():
        if isinstance(settings, dict):
            told = ", ".join(
                f"{key.replace('_', ' ')} {_setting(key, value)}"
                for key, value in settings.items()
                if value is not None
            )
            parts.append(f"{shape}: {told}")
        else:
            parts.append(f"{shape}: {json.dumps(settings, ensure_ascii=False)}")
    return "; ".join(parts)


def _setting(key: str, value: Any) -> str:
    if isinstance(value, int | float):
        return time_text(value) if key in _TIMES else f"{value:g}"
    return str(value)


def _of(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _scenarios(run: RunRead) -> str:
    names = [name for name in run.facts.scenarios if name]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _asked(run: RunRead) -> str:
    info = run.info
    told = []
    if info.planned_calls:
        told.append(f"{info.planned_calls:,} calls")
    if info.calls_at_once:
        told.append(f"at most {info.calls_at_once:,} at once")
    if told and info.held:
        told.append("held: a slow bot is called less often")
    return ", ".join(told)
