"""Charts over the time of a run: arrivals, concurrency, throughput, response times, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from ..records.load_figures import value_text
from ..records.thresholds import Threshold
from ..records.units import percent_text, time_text
from .load_model import Axis, Chart, Rule, Series
from .load_numbers import Array, Numbers, Window, buckets, count_in, floats, percentile, spans, xs
from .run_reading import RunRead

TIME: Final = Axis("time of the run", "clock")
_FEW: Final = 20
"""Values, or calls of an acceptance run, below which nothing is to be seen over time."""
_LEAST: Final = 3
"""Values that a stretch of time must hold for a point of its percentiles."""
_KINDS: Final = 6
"""Failure kinds that are told apart; the rest is 'others'."""
_STEADY: Final = 0.15
"""A change smaller than this is called none."""


def time_charts(run: RunRead, numbers: Numbers, thresholds: Sequence[Threshold]) -> list[Chart]:
    """All charts over time that there are figures for."""
    shades = _shades(run)
    few = run.info.kind == "acceptance" and len(run.facts) < _FEW
    made: Iterable[Chart | None] = (
        _arrivals(run, numbers, shades),
        None if few else _concurrency(run, numbers, shades),
        None if few else _throughput(numbers, shades),
        _responses(run, numbers, thresholds, shades),
        _failures(run, shades),
    )
    return [chart for chart in made if chart is not None]


def limit_of(thresholds: Iterable[Threshold], figure: str) -> list[Rule]:
    """Lines for the limits on a figure of all scenarios."""
    found: dict[float, str] = {}
    for each in thresholds:
        if each.figure.name == figure and each.scenario is None and not each.of_baseline:
            found.setdefault(each.limit, f"limit {each.aggregate or ''} {value_text(each.figure.unit, each.limit)}")
    return [Rule(limit, " ".join(name.split())) for limit, name in found.items()]


def _shades(run: RunRead) -> tuple[tuple[float, float, str], ...]:
    return tuple(
        (phase.start, min(phase.end, run.facts.end), phase.name)
        for phase in run.facts.phases
        if not phase.measured and phase.start < run.facts.end
    )


def _arrivals(run: RunRead, numbers: Numbers, shades: tuple[tuple[float, float, str], ...]) -> Chart | None:
    if run.info.kind != "load":
        return None
    width, edges = buckets(numbers.end)
    planned = count_in(edges, numbers.intended) * 60 / width
    actual = count_in(edges, numbers.begun) * 60 / width
    middles = floats(edges[:-1] + width / 2)
    late = numbers.begun - numbers.intended
    late = late[np.isfinite(late)]
    worst = percentile(late, 99) if len(late) else None
    never = int(np.sum(~np.isfinite(numbers.begun)))
    title = "No call was placed"
    if worst is not None:
        title = f"99 % of calls began within {time_text(max(0.0, worst))} of plan"
    if never:
        title += f"; {never:,} were never placed"
    return Chart(
        "arrivals", title, f"Calls that were planned and that began, a minute, in stretches of {time_text(width)}.",
        TIME, Axis("calls a minute", "rate"),
        (
            Series("planned", xs(middles), floats(planned), "step", "planned", dashed=True),
            Series("began", xs(middles), floats(actual), "step", "actual"),
        ),
        shades=shades, section="load",
    )  # fmt: skip


def _concurrency(run: RunRead, numbers: Numbers, shades: tuple[tuple[float, float, str], ...]) -> Chart | None:
    width, edges = buckets(numbers.end, 120)
    middles = edges[:-1] + width / 2
    up = numbers.up_at(middles)
    series = [Series("calls up", xs(floats(middles)), floats(up), "step", "actual")]
    meant = _planned(run, middles)
    if meant is not None:
        series.insert(0, Series("planned", xs(floats(middles)), meant, "step", "planned", dashed=True))
    most = run.facts.calls_up([(0.0, numbers.end)])
    title = f"At most {most:,} call{'s' * (most != 1)} at once"
    if run.info.calls_at_once:
        title += f"; {run.info.calls_at_once:,} were asked for"
    return Chart("concurrency", title, "Calls that were up at the same time.", TIME, Axis("calls at once"),
                 tuple(series), shades=shades, section="load")  # fmt: skip


def _planned(run: RunRead, times: Array) -> tuple[float | None, ...] | None:
    """How many calls were meant to be up, of all workers; None where that is not known."""
    total: Array = np.zeros(len(times))
    seen = False
    for pulses in run.facts.health.pulses.values():
        known = [(pulse.at, pulse.planned) for pulse in pulses if pulse.planned is not None]
        if not known:
            continue
        seen = True
        at, planned = np.asarray(known, dtype=float).T
        index = np.clip(np.searchsorted(at, times), 0, len(at) - 1)
        total = total + np.where(times <= at[-1] + 1, planned[index], 0.0)
    return floats(total) if seen else None


def _throughput(numbers: Numbers, shades: tuple[tuple[float, float, str], ...]) -> Chart | None:
    width, edges = buckets(numbers.end, 60)
    good = count_in(edges, numbers.ended[numbers.outcomes == "passed"]) * 60 / width
    bad = count_in(edges, numbers.ended[numbers.failed]) * 60 / width
    middles = xs(floats(edges[:-1] + width / 2))
    failed, done = int(np.sum(numbers.failed)), int(np.sum(numbers.outcomes == "passed"))
    title = f"{done:,} calls ended well, none failed" if not failed else f"{done:,} calls ended well, {failed:,} failed"
    return Chart(
        "throughput", title, f"Calls that ended, a minute, in stretches of {time_text(width)}; those of the ramp, too.",
        TIME, Axis("calls a minute", "rate"),
        (
            Series("ended well", middles, floats(good), "bar", "ok"),
            Series("failed", middles, floats(bad), "bar", "failed"),
        ),
        stacked=True, shades=shades, section="load",
    )  # fmt: skip


def _responses(
    run: RunRead, numbers: Numbers, thresholds: Sequence[Threshold], shades: tuple[tuple[float, float, str], ...]
) -> Chart | None:
    # A ramp does not count in verdicts, but is where a knee shows: it is drawn, and shaded.
    values = numbers.values("response time")
    if len(values) < _FEW:
        return None
    width, edges = buckets(numbers.end, min(60, max(4, len(values) // 5)))
    points: dict[str, list[float | None]] = {"p50": [], "p95": [], "longest": []}
    for start, end in spans(edges):
        within = values.within(start, end)
        enough = len(within) >= _LEAST
        points["p50"].append(percentile(within, 50) if enough else None)
        points["p95"].append(percentile(within, 95) if enough else None)
        points["longest"].append(float(within.max()) if len(within) else None)
    middles = xs(floats(edges[:-1] + width / 2))
    return Chart(
        "responses", _trend(values.within, run.facts.windows()),
        f"Response times of what counts, by when the reply came, in stretches of {time_text(width)}. "
        f"Of fewer than 20 replies a p95 is their longest.",
        TIME, Axis("response time", "time"),
        (
            Series("longest", middles, floats(points["longest"]), "points", "most"),
            Series("p95", middles, floats(points["p95"]), "line", "p95"),
            Series("p50", middles, floats(points["p50"]), "line", "p50"),
        ),
        tuple(limit_of(thresholds, "response time")), shades=shades, section="response",
    )  # fmt: skip


def _trend(within: Callable[[float, float], Array], windows: list[Window]) -> str:
    """Whether the response time grew over the measured time."""
    if not windows:
        return "Response time over time"
    start, end = windows[0][0], windows[-1][1]
    third = (end - start) / 3
    parts = within(start, start + third), within(end - third, end + 1)
    first, last = (percentile(part, 95) for part in parts)
    if not first or not last or min(map(len, parts)) < _FEW:
        return "Response time over time"
    if abs(last / first - 1) < _STEADY:
        return f"p95 response time held at {time_text(last)} to the end"
    word = "grew" if last > first else "fell"
    return f"p95 response time {word} from {time_text(first)} in the first third to {time_text(last)} in the last"


def _failures(run: RunRead, shades: tuple[tuple[float, float, str], ...]) -> Chart | None:
    failures = run.details.failures
    if not failures:
        return None
    width, edges = buckets(run.facts.end, 60)
    counts = run.facts.failures.most_common()
    shown = [kind for kind, _ in counts[:_KINDS]]
    middles = xs(floats(edges[:-1] + width / 2))
    series = []
    for number, kind in enumerate(shown):
        times = np.array([at for at, of in failures if of == kind])
        series.append(Series(kind, middles, floats(count_in(edges, times)), "bar", f"kind{number}"))
    rest = np.array([at for at, of in failures if of not in shown])
    if len(rest):
        series.append(Series("others", middles, floats(count_in(edges, rest)), "bar", "others"))
    kind, count = counts[0]
    title = f"{percent_text(count / len(failures))} of {len(failures):,} failures: {kind}"
    if len(counts) == 1:
        title = f"{len(failures):,} failure{'s' * (len(failures) != 1)}, all of them: {kind}"
    return Chart(
        "failures", title, f"Failed calls by failure kind, in stretches of {time_text(width)}.",
        TIME, Axis("failed calls"), tuple(series), stacked=True, shades=shades, section="failures",
    )  # fmt: skip
