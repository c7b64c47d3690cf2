"""Charts of how figures are spread, and of what they depend on: concurrency, phase, scenario, bot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from ..records.thresholds import Threshold
from ..records.units import percent_text, time_text
from .charts_time import limit_of
from .load_model import LEAST, Axis, Chart, GroupRow, Rule, Series
from .load_numbers import Array, Numbers, floats, percentile, xs
from .run_reading import RunRead

_BINS: Final = 48
_LEAST: Final = 10
"""Values below which a spread is not worth a chart."""
_LEVELS: Final = 16
"""Levels of concurrency that are told apart."""
_PER_LEVEL: Final = 10
_HEARD: Final = 60.0
"""Milliseconds between two frames that a phone cannot hide."""
_KNEE: Final = 1.3
"""A level is past the knee from where on p95 stays above so many times what it was at low levels."""
_NICE: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_SPREADS: Final = (
    ("greeting time", "greeting", "greeting time"),
    ("barge in time", "barge-in", "barge-in time"),
    ("dead air", "dead-air", "dead air"),
)


@dataclass(frozen=True, slots=True)
class Knee:
    """From how many calls at once on the bot slows down."""

    calls: int
    before: float
    """p95 response time below it, in seconds."""
    after: float
    """At the highest level."""


def spread_charts(run: RunRead, numbers: Numbers, thresholds: Sequence[Threshold]) -> list[Chart]:
    """Distributions: response time with its CDF; greeting, barge-in, dead air; the bot's frame cadence."""
    made = [
        _spread(numbers, "response time", "response-spread", "response time", thresholds, "response"),
        _cdf(run, numbers, thresholds),
        *(_spread(numbers, name, id_, title, thresholds, "speech") for name, id_, title in _SPREADS),
        _cadence(run),
    ]
    return [chart for chart in made if chart is not None]


def concurrency_chart(levels: Sequence[tuple[int, int, float | None, float | None]], knee: Knee | None) -> Chart | None:
    """Response time against calls at once; None where that hardly changed.

    Args:
        levels: of `levels_of`.
        knee: of `knee_of`.
    """
    if len(levels) < 3:
        return None
    title = f"Response time does not depend on concurrency up to {levels[-1][0]:,} calls at once"
    rules: tuple[Rule, ...] = ()
    if knee is not None:
        title = (
            f"From {knee.calls:,} calls at once on the bot slows down: p95 {time_text(knee.before)} before, "
            f"{time_text(knee.after)} at {levels[-1][0]:,}"
        )
        rules = (Rule(knee.calls, "knee", vertical=True, role="knee"),)
    at = tuple(float(level) for level, *_ in levels)
    return Chart(
        "concurrency-response", title,
        f"Response times by how many calls were up when the reply came; at least {_PER_LEVEL} replies a point.",
        Axis("calls at once"), Axis("response time", "time"),
        (
            Series("p95", at, tuple(high for *_, high in levels), "line", "p95"),
            Series("p50", at, tuple(middle for _, _, middle, _ in levels), "line", "p50"),
        ),
        rules, section="response",
    )  # fmt: skip


def levels_of(numbers: Numbers) -> list[tuple[int, int, float | None, float | None]]:
    """Levels of concurrency: calls at once, replies, p50 and p95 response time.

    Replies of the ramp count here, where the run has phases that are not measured: they are what shows a knee.
    """
    facts = numbers.facts
    phases = [None, *(phase.name for phase in facts.phases if not phase.measured)]
    found = [numbers.values("response time", phase=phase) for phase in dict.fromkeys(phases)]
    values = np.concatenate([each.values for each in found])
    if len(values) < _PER_LEVEL:
        return []
    up = numbers.up_at(np.concatenate([each.at for each in found]))
    most = float(up.max())
    step = max(1, ceil(most / _LEVELS))
    index = np.ceil(up / step).astype(int)
    levels = []
    for each in np.unique(index):
        here = values[index == each]
        if len(here) >= _PER_LEVEL:
            levels.append((int(min(each * step, most)), len(here), percentile(here, 50), percentile(here, 95)))
    return levels


def knee_of(levels: Sequence[tuple[int, int, float | None, float | None]]) -> Knee | None:
    """The level from which on p95 stays well above what it was at the lowest levels; None: there is none."""
    high = [level[3] or 0.0 for level in levels]
    if len(high) < 4:
        return None
    base = float(np.median(high[: max(2, len(high) // 3)]))
    past = [value > base * _KNEE for value in high]
    if base <= 0 or not past[-1]:
        return None
    first = len(past) - next((index for index, each in enumerate(reversed(past)) if not each), len(past))
    if first == 0 or first >= len(levels):
        return None
    return Knee(levels[first][0], base, high[-1])


def group_chart(groups: Sequence[GroupRow], id_: str, what: str, rules: Sequence[Rule] = ()) -> Chart | None:
    """Response times of the parts of a run, side by side; None of fewer than two."""
    shown = [group for group in groups if group.response.n][:24]
    if len(shown) < 2:
        return None
    worst = max(shown, key=lambda group: group.response.p95.value if group.response.p95 else 0.0)
    best = min(shown, key=lambda group: group.response.p95.value if group.response.p95 else 0.0)
    title = (
        f"Slowest {what}: {worst.name}, p95 response time {worst.response.text('p95')} ({best.name}: "
        f"{best.response.text('p95')})"
    )
    if worst.response.n < LEAST["p95"]:
        title = f"Response time by {what}; too few replies for a p95 of each"
    at = tuple(float(number) for number in range(len(shown)))
    return Chart(
        id_, title, f"p50 and p95 response time of each {what}.", Axis(what, "text"), Axis("response time", "time"),
        (
            Series("p50", at, floats([each.response.p50.value if each.response.p50 else None for each in shown]), "bar",
                   "p50"),
            Series("p95", at, floats([each.response.p95.value if each.response.p95 else None for each in shown]), "bar",
                   "p95"),
        ),
        tuple(rules), labels=tuple(each.name for each in shown), horizontal=True, section="groups",
    )  # fmt: skip


def edges_of(values: Array) -> Array:
    """Round, equal bins for values, up to their p99.5: the few beyond are in the last."""
    top = max(percentile(values, 99.5) or 0.0, 0.001)
    width = next((width for width in _NICE if top / width <= _BINS), top / _BINS)
    low = min(0.0, float(np.floor(values.min() / width) * width)) if len(values) else 0.0
    low = max(low, -width * _BINS / 4)
    return np.arange(low, top + width * 1.5, width, dtype=float)


def _spread(
    numbers: Numbers, figure: str, id_: str, name: str, thresholds: Sequence[Threshold], section: str
) -> Chart | None:
    values = numbers.values(figure)
    stats = numbers.stats(figure)
    if len(values) < _LEAST:
        return None
    edges = edges_of(values.values)
    inside = np.clip(values.values, edges[0], edges[-1] - 1e-9)
    counts = np.histogram(inside, bins=edges)[0].astype(float)
    title = f"{name[0].upper()}{name[1:]}: half within {stats.text('p50')}, 95 % within {stats.text('p95')}"
    if stats.n < LEAST["p95"]:
        title = f"{name[0].upper()}{name[1:]}: half within {stats.text('p50')}"
    beyond = int(np.sum(values.values > edges[-1]))
    about = f"Distribution of {stats.n:,} values in bins of {time_text(float(edges[1] - edges[0]))}."
    if beyond:
        about += f" The last bin has the {beyond:,} beyond it, up to {stats.most_text}."
    if stats.censored:
        about += f" {stats.censored:,} of them were given up: at least so long."
    middles = xs(floats((edges[:-1] + edges[1:]) / 2))
    rules = [Rule(rule.at, rule.name, vertical=True) for rule in limit_of(thresholds, figure)]
    series = (Series("values", middles, floats(counts), "bar", "actual"),)
    return Chart(id_, title, about, Axis(name, "time"), Axis("values"), series, tuple(rules), section=section)


def _cdf(run: RunRead, numbers: Numbers, thresholds: Sequence[Threshold]) -> Chart | None:
    bots = run.facts.targets
    series, title = [], ""
    for number, target in enumerate(bots if len(bots) > 1 else [None]):
        values = numbers.values("response time", target=target)
        if len(values) < _LEAST:
            continue
        known = np.sort(values.values)
        shares = np.unique(np.concatenate([np.linspace(0.0, 0.9, 46), np.linspace(0.9, 1.0, 31)]))[1:]
        at = [float(known[max(0, ceil(share * len(known) - 1e-9) - 1)]) for share in shares]
        series.append(Series(target or "replies", tuple(at), floats(shares), "line", f"kind{number}"))
        under = [time_text(level) for level in (1.0, 2.0)]
        title = title or (
            f"{percent_text(values.share_up_to(1.0))} of replies came within {under[0]}, "
            f"{percent_text(values.share_up_to(2.0))} within {under[1]}"
        )
    if not series:
        return None
    rules = [Rule(rule.at, rule.name, vertical=True) for rule in limit_of(thresholds, "response time")]
    return Chart("response-cdf", title, "Share of replies (cumulated) that came within a time.",
                 Axis("response time", "time"), Axis("of replies", "share"), tuple(series), tuple(rules),
                 section="response")  # fmt: skip


def _cadence(run: RunRead) -> Chart | None:
    gaps = np.asarray(run.details.gaps[1], dtype=float) * 1000
    if len(gaps) < _LEAST:
        return None
    edges = edges_of(gaps / 1000) * 1000
    counts = np.histogram(np.clip(gaps, edges[0], edges[-1] - 1e-9), bins=edges)[0].astype(float)
    high, late = percentile(gaps, 95) or 0.0, float(np.mean(gaps > _HEARD))
    title = f"The bot kept its pace: 99 % of its frames within {high:.3g} ms of the one before, in 95 % of calls"
    if late > 0.01:
        title = f"In {percent_text(late)} of calls the bot's frames came over 60 ms apart: a phone cannot hide that"
    series = (Series("calls", xs(floats((edges[:-1] + edges[1:]) / 2)), floats(counts), "bar", "actual"),)
    return Chart(
        "cadence", title, "Of each call, the p99 of the times between two frames of the bot. 20 ms is right.",
        Axis("between frames", "millis"), Axis("calls"), series,
        (Rule(_HEARD, "60 ms: heard as a gap", vertical=True),) if edges[-1] > _HEARD else (), section="speech",
    )  # fmt: skip
