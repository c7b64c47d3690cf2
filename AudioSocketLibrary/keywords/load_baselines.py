"""Keywords that compare a load with an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..records import CallFailure, FailureKind
from ..records.comparing import Shown
from ..records.run_info import NAME as RUN_JSON
from ..report.baselines import DIRECTORY, need_baseline
from ..report.comparison import NotComparableError, compare_runs
from ..report.comparison_words import sentence, text_table
from ..report.load_building import judge_run
from ..report.run_details import RunDetails
from ..report.run_reading import RunRead, read_run
from .load_running import FinishedLoad
from .robot import keyword, logger


class BaselineKeywords:
    """Loads beside earlier ones.

    Args:
        last_load: gives the load that was run last.
    """

    def __init__(self, last_load: Callable[[], FinishedLoad]) -> None:
        self._last_load = last_load

    @keyword("Load")
    def load_should_not_be_worse_than(self, baseline: str, *, directory: Path = DIRECTORY) -> None:
        """The last load is not worse than an accepted one: no figure of it by more than chance explains. Soft.

        Whole calls are compared, with their noise: `docs/compare.md` tells how. A difference that is not shown, or too
        small to matter, does not fail; an invalid run does, and so do too few calls.

        Args:
            baseline: A name (`audiosocket baseline accept results/latest --name main`), or the folder of a run.
            directory: Where baselines are kept.

        Example:
        ```robotframework
        Run Calls    2    Place Call
        TRY
            Load Should Not Be Worse Than    main
        EXCEPT    There is no baseline main*    type=GLOB
            Log    Accept a run first
        END
        ```
        """
        done = self._last_load()
        if Path(baseline).is_dir():
            runs, name = [read_run(Path(baseline))], ""
        else:
            runs, name = list(need_baseline(baseline, directory).runs), f"baseline {baseline}"
        new = RunRead(done.folder / RUN_JSON, done.info, done.facts, RunDetails())
        verdicts = [judge_run(run) for run in runs]
        try:
            found = compare_runs(runs, new, [*verdicts, done.verdict], base_name=name)
        except NotComparableError as error:
            raise AssertionError(str(error)) from None
        for line in (sentence(found), *found.warnings, *text_table(found)):
            logger.info(line)
        if found.shown is Shown.FEW:
            raise AssertionError(sentence(found))
        if found.regression:
            raise CallFailure(FailureKind.LIMIT, sentence(found), soft=True)
