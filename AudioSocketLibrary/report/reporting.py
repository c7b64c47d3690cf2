"""The report of a run with all that lies beside it: the baseline that it was judged against, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Threshold, UsageError
from ..records.verdict import Verdict
from .baselines import Baseline, used_baseline
from .comparison import NotComparableError, compare_bots, compare_runs
from .comparison_words import comparison_part, not_compared
from .load_building import build_report, judge_run
from .load_model import Comparison, ReportModel
from .run_reading import RunRead


def report_of(run: RunRead, thresholds: Sequence[Threshold] = ()) -> ReportModel:
    """All that a report says of a run.

    Args:
        run: the run.
        thresholds: to be met beside its own.

    Raises:
        UsageError: a threshold of the run cannot be understood, or its baseline cannot be read.
    """
    before = used_baseline(run.folder)
    facts = None if before is None else before.facts
    name = run.info.baseline or "baseline"
    verdict = judge_run(run, thresholds, baseline=facts, baseline_name=name)
    found = _comparison(run, verdict, before)
    return build_report(run, thresholds, baseline=facts, baseline_name=name, comparison=found)


def comparison_of(run: RunRead) -> Comparison | None:
    """The run beside the baseline that it was judged against, or its bots beside each other; None: there is neither.

    Raises:
        UsageError: its baseline cannot be read.
    """
    before = used_baseline(run.folder)
    return _comparison(run, judge_run(run, baseline=None if before is None else before.facts), before)


def _comparison(run: RunRead, verdict: Verdict, before: Baseline | None) -> Comparison | None:
    try:
        bots = compare_bots(run, verdict)
        if bots or before is None:
            return comparison_part(bots)
        verdicts = [judge_run(one) for one in before.runs]
        found = compare_runs(before.runs, run, [*verdicts, verdict], base_name=f"baseline {before.name}")
        return comparison_part([found])
    except NotComparableError as error:
        return not_compared(str(error))
    except UsageError as error:
        # A search for a capacity has a baseline for its thresholds only.
        return not_compared(str(error))
