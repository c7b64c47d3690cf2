"""Making the report of a run that was read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from math import isfinite
from typing import Any, Final

from ..load.environment import hide_secrets, masked
from ..load.plateaus import answer_of, is_answered
from ..records import Threshold, ThresholdResult, UsageError
from ..records.own_health import Windows
from ..records.run_facts import RunFacts
from ..records.verdict import Verdict, Word, verdict_of
from .charts_figures import concurrency_chart, group_chart, knee_of, levels_of, spread_charts
from .charts_health import health_charts
from .charts_inside import breakdowns, stage_charts
from .charts_time import limit_of, time_charts
from .load_bands import bands
from .load_calls import call_rows
from .load_groups import bot_rows, phase_rows, plateau_rows, scenario_rows, turn_rows
from .load_issues import issues
from .load_model import (
    Chart,
    CheckRow,
    Comparison,
    CountRow,
    GroupRow,
    ReportModel,
    ThresholdRow,
    VerdictBlock,
)
from .load_numbers import Numbers
from .load_ran import figure_rows, ran, tiles
from .run_reading import DISCARDS, RunRead

NO_FAILURES: Final = "error rate = 0 %"
"""What an acceptance run is judged on where nothing else was asked for."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
"""What a terminal acts on, what turns the direction of text around, and what is no character of XML."""


def read_thresholds(sentences: Sequence[str]) -> tuple[Threshold, ...]:
    """Thresholds of their sentences.

    Raises:
        UsageError: one cannot be understood.
    """
    try:
        return tuple(Threshold.parse(sentence) for sentence in sentences)
    except ValueError as error:
        raise UsageError(str(error)) from None


def thresholds_of(run: RunRead, more: Sequence[Threshold] = ()) -> tuple[tuple[Threshold, ...], Windows | None]:
    """What a run is judged on: its own thresholds and more, and the stretches whose validity counts (None: all of it).

    Of a search for a capacity that is the plateau that is its answer; of an acceptance run without any thresholds, that
    no call failed.

    Raises:
        UsageError: one of its own cannot be understood.
    """
    try:
        found, windows = answer_of(replace(run.info, thresholds=(*run.info.thresholds, *(str(each) for each in more))))
    except ValueError as error:
        raise UsageError(f"{run.source} has a threshold that cannot be understood: {error}") from None
    if not found and run.info.kind == "acceptance":
        found = read_thresholds([NO_FAILURES])
    return tuple(dict.fromkeys(found)), windows


def judge_run(
    run: RunRead,
    thresholds: Sequence[Threshold] = (),
    *,
    baseline: RunFacts | None = None,
    baseline_name: str = "baseline",
) -> Verdict:
    """The verdict of a run that was read back.

    Args:
        run: the run.
        thresholds: to be met beside its own.
        baseline: the facts of an earlier run, for thresholds of it.
        baseline_name: what that is called.
    """
    limits, windows = thresholds_of(run, thresholds)
    return verdict_of(
        run.facts,
        limits,
        workers=run.workers,
        state=run.info.state,
        reason=run.info.reason,
        baseline=baseline,
        baseline_name=baseline_name,
        windows=windows,
        answered=is_answered(run.info),
    )


def build_report(
    run: RunRead,
    thresholds: Sequence[Threshold] = (),
    *,
    baseline: RunFacts | None = None,
    baseline_name: str = "baseline",
    comparison: Comparison | None = None,
) -> ReportModel:
    """All that a report says of a run.

    Args:
        run: the run.
        thresholds: to be met beside its own.
        baseline: the facts of an earlier run, for thresholds of it.
        baseline_name: what that is called.
        comparison: with a baseline, or of two bots in one run.

    Raises:
        UsageError: a threshold of the run cannot be understood.
    """
    limits, _ = thresholds_of(run, thresholds)
    verdict = judge_run(run, thresholds, baseline=baseline, baseline_name=baseline_name)
    numbers = Numbers(run.facts)
    rows = tuple(_threshold(result, verdict.word) for result in verdict.thresholds)
    turns, phases, plateaus = turn_rows(run), phase_rows(numbers), plateau_rows(run, numbers)
    scenarios, bots = scenario_rows(numbers), bot_rows(numbers)
    levels = levels_of(numbers)
    knee, parts = knee_of(levels), breakdowns(run)
    charts = [
        *time_charts(run, numbers, limits),
        concurrency_chart(levels, knee),
        *spread_charts(run, numbers, limits),
        group_chart(plateaus, "plateaus", "plateau", limit_of(limits, "response time")),
        None if plateaus else group_chart(phases, "phases", "phase", limit_of(limits, "response time")),
        group_chart(scenarios, "scenarios", "scenario", limit_of(limits, "response time")),
        *_stage_charts(run, phases, plateaus),
        *health_charts(run),
    ]
    model = ReportModel(
        title=run.info.name or "Run",
        about=run.info.about,
        kind=run.info.kind,
        run=run.info.run,
        verdict=_verdict(run, verdict),
        thresholds=rows,
        ran=tuple(ran(run)),
        tiles=tuple(tiles(run, numbers, rows)),
        issues=tuple(
            issues(run, numbers, thresholds=rows, validity=verdict.validity, turns=turns, parts=parts, knee=knee)
        ),
        comparison=comparison,
        figures=figure_rows(numbers),
        scenarios=scenarios,
        phases=phases,
        plateaus=plateaus,
        bots=bots,
        turns=turns,
        failures=_failures(run),
        findings=tuple(
            CountRow(
                kind, found.count, found.calls / run.facts.due if run.facts.due else None, found.example, found.call
            )
            for kind, found in sorted(run.details.findings.items(), key=lambda item: -item[1].count)
        ),
        stages=tuple(
            CountRow(stage, parts[-1].n, seconds / parts[-1].response if parts[-1].response else None)
            for stage, seconds in (parts[-1].seconds.items() if parts else ())
        ),
        charts=tuple(chart for chart in charts if chart is not None),
        calls=call_rows(run),
        discards=tuple(CountRow(reason, count, None, DISCARDS[reason]) for reason, count in run.discards.items()),
        bands=bands(run, numbers),
        notes=run.notes,
        started=run.info.started,
        duration=run.info.duration,
        profile=hide_secrets(run.info.profile),
        plans=run.info.plans,
    )
    safe: ReportModel = _safe(model)
    # Its secrets are gone already, and its query is what finds the log.
    calls = tuple(replace(row, bot_log=raw.bot_log) for row, raw in zip(safe.calls, model.calls, strict=True))
    return replace(safe, calls=calls)


def _stage_charts(run: RunRead, phases: Sequence[GroupRow], plateaus: Sequence[GroupRow]) -> list[Chart]:
    if plateaus:
        return stage_charts(run, plateaus, [(each.start, each.end) for each in run.info.plateaus])
    shown = {group.name: group for group in phases}
    found = [phase for phase in run.facts.phases if phase.name in shown]
    return stage_charts(run, [shown[each.name] for each in found], [(each.start, each.end) for each in found])


def _verdict(run: RunRead, verdict: Verdict) -> VerdictBlock:
    checks = (CheckRow(each.name, each.actual, each.limits, each.validity.value) for each in verdict.validity.checks)
    return VerdictBlock(
        word=verdict.word.value,
        exit_code=verdict.word.exit_code,
        passed=verdict.passed,
        sentence=verdict.sentence,
        validity=verdict.validity.validity.value,
        validity_sentence=verdict.validity.sentence,
        checks=tuple(checks),
        # Of a run that is not to be believed, nothing may be quoted.
        claim=run.info.claim if verdict.word in ("PASS", "FAIL") else "",
        reason=verdict.reason,
    )


def _threshold(result: ThresholdResult, word: Word) -> ThresholdRow:
    threshold = result.threshold
    # What was met in a run that is invalid or was not played to its end has shown nothing.
    judged = word is not Word.INVALID and (word is not Word.INTERRUPTED or not result.ok)
    shares = threshold.of_baseline or threshold.seconds is not None
    note = result.sentence.rpartition("(")[2].rstrip(")") if result.sentence.endswith(")") else ""
    return ThresholdRow(
        threshold=str(threshold),
        title=threshold.title,
        unit="share" if shares else threshold.figure.unit,
        ok=result.ok if judged else None,
        sentence=result.sentence,
        operator=">=" if threshold.seconds is not None else threshold.operator,
        limit=result.limit,
        actual=result.actual,
        margin=result.margin,
        low=result.low,
        high=result.high if result.high is not None and isfinite(result.high) else None,
        n=result.n,
        weak=result.weak,
        at_least=result.at_least,
        note=note,
    )


def _failures(run: RunRead) -> tuple[CountRow, ...]:
    due = run.facts.due
    examples: dict[str, dict[str, Any]] = {}
    for row in run.details.failed:
        examples.setdefault(row.get("failure") or "", row)
    rows = []
    for kind, count in run.facts.failures.most_common():
        row = examples.get(kind, {})
        told = next((str(each.get("text", "")) for each in row.get("judgements", ())), "")
        rows.append(CountRow(kind, count, count / due if due else None, told, str(row.get("call", ""))))
    return tuple(rows)


def _safe(value: Any) -> Any:
    """The same without secrets, and without characters that mean something to a terminal or to XML."""
    if isinstance(value, str):
        # Of an enumeration, too, this is what it is written as.
        return masked(_CONTROL.sub(" ", value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _safe(getattr(value, each.name)) for each in fields(value)})
    if isinstance(value, dict):
        return {_safe(key): _safe(item) for key, item in value.items()}
    if isinstance(value, tuple):
        numbers = value and isinstance(value[0], float | int) and not isinstance(value[-1], str)
        return value if numbers else tuple(_safe(item) for item in value)
    return [_safe(item) for item in value] if isinstance(value, list) else value
