"""Charts of what figures rest on: our own errors second by second, and the resources that were sampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..records import Histogram
from ..records.units import percent_text, time_text
from .charts_scale import value_of
from .charts_time import TIME
from .load_model import Axis, Chart, Rule, Series
from .load_numbers import buckets, floats, spans, xs
from .run_reading import RunRead

_VALID = 10.0
"""Milliseconds up to which a run is valid."""


def health_charts(run: RunRead) -> list[Chart]:
    """Our own errors, and the resources that were sampled."""
    made = [_lateness(run), _own_cpu(run), *_resources(run)]
    return [chart for chart in made if chart is not None]


def _lateness(run: RunRead) -> Chart | None:
    pulses = [pulse for found in run.facts.health.pulses.values() for pulse in found]
    if not pulses:
        return None
    width, edges = buckets(run.facts.end, 60)
    last = len(edges) - 2
    series = []
    for name, role in (("our lateness", "p95"), ("loop lag", "p50")):
        # Seconds are merged before their percentile is taken: one of percentiles would be none.
        merged = [Histogram() for _ in edges[1:]]
        for pulse in pulses:
            delays = pulse.lateness if role == "p95" else pulse.loop_lag
            merged[min(last, int(max(0.0, pulse.at - 0.5) / width))].merge_json(delays)
        found = [each.percentile(99) for each in merged]
        milliseconds = [None if value is None else value * 1000 for value in found]
        series.append(Series(f"{name} p99", xs(floats(edges[:-1] + width / 2)), floats(milliseconds), "line", role))
    worst = max((value for one in series for value in one.y if value is not None), default=0.0)
    title = f"We were at most {worst:.3g} ms late (p99 of the worst {time_text(width)})"
    title += "; up to 10 ms, figures are valid" if worst <= _VALID else "; beyond 10 ms, figures are not to be trusted"
    return Chart("lateness", title, "How late this machine sent media frames, and how late its event loop woke.",
                 TIME, Axis("our own error", "millis"), tuple(series), (Rule(_VALID, "limit 10 ms"),),
                 section="health")  # fmt: skip


def _own_cpu(run: RunRead) -> Chart | None:
    pulses = {worker: found for worker, found in run.facts.health.pulses.items() if found}
    if not pulses:
        return None
    width, edges = buckets(run.facts.end, 60)
    series, worst = [], 0.0
    for worker, found in sorted(pulses.items())[:8]:
        at = np.array([pulse.at for pulse in found])
        cpu = np.array([pulse.cpu for pulse in found])
        means = [float(cpu[(at > start) & (at <= end)].mean()) if np.any((at > start) & (at <= end)) else None
                 for start, end in spans(edges)]  # fmt: skip
        worst = max([worst, *(mean for mean in means if mean is not None)])
        series.append(Series(f"worker {worker}", xs(floats(edges[:-1] + width / 2)), floats(means), "line",
                             f"kind{worker % 6}"))  # fmt: skip
    title = f"Our busiest process used {percent_text(round(worst, 2))} of a core"
    return Chart("own-cpu", title, "CPU of each worker, as a share of one core.", TIME, Axis("of one core", "share"),
                 tuple(series), (Rule(0.85, "85 %: near its end"),), section="health")  # fmt: skip


def _resources(run: RunRead) -> list[Chart]:
    """What was sampled: a chart a resource; the memory of the whole machine is another order of magnitude."""
    everyone = run.facts.watched[:8]
    processes = [who for who in everyone if who != "host"]
    bots = [who for who in everyone if who == "bot"]
    made = (
        _resource(run, "cpu", "CPU", Axis("of one core", "share"), everyone),
        _resource(run, "memory", "Memory", Axis("resident memory", "size"), processes),
        _resource(run, "threads", "Threads", Axis("threads"), bots),
        _resource(run, "files", "Open files and sockets", Axis("open files"), bots),
    )
    return [chart for chart in made if chart is not None]


def _resource(run: RunRead, what: str, title: str, axis: Axis, whose: Sequence[str]) -> Chart | None:
    width, edges = buckets(run.facts.end, 60)
    series, most = [], {}
    for number, who in enumerate(whose):
        at, values = (np.asarray(each, dtype=float) for each in run.facts.resources(who, what))
        if not len(values):
            continue
        index = np.clip(np.digitize(at, edges) - 1, 0, len(edges) - 2)
        sums, counts = np.bincount(index, values, len(edges) - 1), np.bincount(index, minlength=len(edges) - 1)
        means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
        series.append(Series(who, xs(floats(edges[:-1] + width / 2)), floats(means), "line", f"kind{number}"))
        most[who] = value_of(axis.unit, float(values.max()))
    if not series:
        return None
    told = {who: most[who] for who in ("bot", "host") if who in most} or dict(list(most.items())[:1])
    names = {"bot": "the bot", "host": "the machine"}
    text = ", ".join(f"{names.get(who, who)} at most {value}" for who, value in told.items())
    return Chart(f"resource-{what}", f"{title}: {text}", f"Sampled, mean of {time_text(width)}.", TIME, axis,
                 tuple(series), section="resources")  # fmt: skip
