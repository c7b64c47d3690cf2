"""Thresholds judged: what was measured, how far from the limit, and how much may be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from math import isinf

from .histogram import RESOLUTION, Histogram
from .load_figures import Unit, value_text
from .percentiles import Percentile
from .samples import Samples
from .thresholds import Threshold
from .units import percent_text

ABORT_N = 5
"""So many values the last seconds must hold before a run is stopped for them: one failed call is no reason."""


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """How a run stands to a threshold. Values are in the unit of the figure; of a baseline, shares of it."""

    threshold: Threshold
    ok: bool
    sentence: str
    """For people: what it was, the limit, by how much, of how many."""
    actual: float | None = None
    """None where nothing was measured, which is a failure."""
    limit: float = 0.0
    margin: float | None = None
    """How much room there was; negative where the limit was broken by so much."""
    n: int = 0
    """How many values it is of; of "for 99 % of seconds", how many seconds."""
    weak: bool = False
    """There were too few values for this percentile: with one more call it may be another."""
    low: float | None = None
    high: float | None = None
    """The 95 % interval; None where there are too few values for one."""
    at_least: bool = False
    """Only a lower bound is known: some waits were given up."""


def judge(
    threshold: Threshold,
    samples: Samples | Histogram,
    baseline: float | None = None,
    baseline_name: str = "baseline",
) -> ThresholdResult:
    """Judge a threshold on what was measured; nothing measured is a failure.

    Args:
        threshold: the limit.
        samples: the values of its figure, of its scenario and phase only.
        baseline: the same figure in the baseline; needed where the limit is a part of it.
        baseline_name: what the baseline is called.
    """
    if threshold.seconds is not None and isinstance(samples, Samples):
        return _judge_seconds(threshold, samples, threshold.seconds)
    found = samples.actual(threshold) if isinstance(samples, Samples) else _of_histogram(threshold, samples)
    if found is None:
        return _nothing(threshold, "no samples: nothing was measured that could meet it")
    if not threshold.of_baseline:
        return _judge_value(threshold, found, threshold.figure.unit)
    if not baseline:
        reason = f"{baseline_name} has no {threshold.title}" if baseline is None else f"it was 0 in {baseline_name}"
        accept = f"audiosocket baseline accept results/latest --name {baseline_name}"
        return _nothing(threshold, f"{reason}, so there is nothing to compare with. Accept a run first: {accept}")
    parts = Percentile(
        found.value / baseline,
        found.n,
        None if found.low is None else found.low / baseline,
        None if found.high is None else found.high / baseline,
        found.at_least,
    )
    unit = threshold.figure.unit
    of = f" of {baseline_name} ({value_text(unit, found.value)} after {value_text(unit, baseline)})"
    return _judge_value(threshold, parts, "share", of)


def abort_due(threshold: Threshold, samples: Samples, now: float, since: float = 0.0) -> ThresholdResult | None:
    """Whether a reason to abort holds over the last seconds; its result if so.

    Args:
        threshold: a reason to abort, such as ``error rate > 30 % for 20 s``.
        samples: the values so far, with their times.
        now: seconds of the run.
        since: the time from which on it may be judged: the end of the warm-up.
    """
    lasting = threshold.lasting or 0.0
    begin = now - lasting
    if begin < since:
        return None
    within = [begin < at <= now for at in samples.at]
    censored = list(compress(samples.censored, within))
    last = Samples(list(compress(samples.values, within)), list(compress(samples.at, within)), censored, lasting, begin)
    found = last.actual(threshold)
    if found is None or not threshold.holds(found.value):
        return None
    # Of a rate, no calls in all that time is an answer: 0 a minute.
    if found.n < ABORT_N and (threshold.figure.is_distribution or threshold.figure.share_of):
        return None
    what = value_text(threshold.figure.unit, found.value)
    sentence = f"stopped early: {threshold.title} {what} over the last {value_text('time', lasting)} ({threshold})"
    return ThresholdResult(threshold, True, sentence, found.value, threshold.limit, n=found.n)


def _judge_value(threshold: Threshold, found: Percentile, unit: Unit, of: str = "") -> ThresholdResult:
    # Of "at least 10 s" it is not known whether it is below 15 s: what is not shown is not passed.
    ok = threshold.holds(found.value) and (not found.at_least or threshold.upwards)
    margin = _margin(threshold, found.value)
    weak = found.n < threshold.minimal_n
    limit = f"{'at least' if threshold.upwards else 'limit'} {value_text(unit, threshold.limit)}"
    bound = "at least " if found.at_least else ""
    words = [f"{threshold.title} {bound}{value_text(unit, found.value)}{of}, {limit}"]
    if not ok and not threshold.holds(found.value):
        words.append(f": {_by(threshold, unit, margin)}")
    elif not ok:
        words.append(": some waits were given up, so nobody knows whether it was kept")
    notes = _notes(threshold, found, unit, weak)
    sentence = "".join(words) + (f" ({notes})" if notes else "")
    return ThresholdResult(
        threshold, ok, sentence, found.value, threshold.limit, margin, found.n, weak, found.low, found.high,
        found.at_least,
    )  # fmt: skip


def _judge_seconds(threshold: Threshold, samples: Samples, least: float) -> ThresholdResult:
    windows = list(samples.windows(threshold))
    if not windows:
        return _nothing(threshold, "no samples: nothing was measured that could meet it")
    met = sum(threshold.holds(found.value) and (not found.at_least or threshold.upwards) for found in windows)
    share = met / len(windows)
    ok = share >= least - 1e-12
    weak = len(samples) < threshold.minimal_n
    limit = value_text(threshold.figure.unit, threshold.limit)
    sentence = (
        f"{threshold.title} {threshold.operator} {limit} in {percent_text(share)} of {len(windows)} seconds, "
        f"at least {percent_text(least)}"
    )
    if not ok:
        sentence += f": broken in {len(windows) - met}"
    if weak:
        sentence += f" (weak: {len(samples)} {threshold.figure.noun}, {threshold.minimal_n} are needed)"
    return ThresholdResult(threshold, ok, sentence, share, least, share - least, len(windows), weak)


def _nothing(threshold: Threshold, why: str) -> ThresholdResult:
    return ThresholdResult(threshold, False, f"{threshold}: {why}", limit=threshold.limit)


def _of_histogram(threshold: Threshold, histogram: Histogram) -> Percentile | None:
    n = len(histogram)
    if not n:
        return None
    if threshold.aggregate == "mean":
        total = sum(count * (index + 1) * RESOLUTION for index, count in enumerate(histogram.counts))
        return Percentile(min(total / n, histogram.most), n)
    if threshold.aggregate is None or threshold.aggregate == "max":
        return Percentile(histogram.most, n)
    value = histogram.percentile(float(threshold.aggregate[1:]))
    return None if value is None else Percentile(value, n)


def _margin(threshold: Threshold, actual: float) -> float:
    if threshold.operator == "=":
        return -abs(actual - threshold.limit)
    return actual - threshold.limit if threshold.upwards else threshold.limit - actual


def _by(threshold: Threshold, unit: Unit, margin: float) -> str:
    if threshold.operator == "=":
        return f"off by {value_text(unit, -margin)}"
    return f"{'short' if threshold.upwards else 'over'} by {value_text(unit, -margin)}"


def _notes(threshold: Threshold, found: Percentile, unit: Unit, weak: bool) -> str:
    figure = threshold.figure
    if not (figure.is_distribution or figure.share_of or figure.unit == "rate"):
        return ""
    notes = ["only one" if found.n == 1 else f"{found.n} {figure.noun}"]
    if weak:
        notes.append(f"weak: {threshold.aggregate} needs {threshold.minimal_n}")
    elif found.low is not None and found.high is not None:
        high = "more" if isinf(found.high) else value_text(unit, found.high)
        notes.append(f"95 % CI {value_text(unit, found.low)} to {high}")
    elif threshold.aggregate in ("p50", "p90", "p95", "p99"):
        notes.append("too few for an interval")
    return "; ".join(notes)
