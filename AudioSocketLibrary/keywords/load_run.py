"""The library of the suites that a load run is made of: its workers, and its verdict as ordinary tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

from robot import result, running
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from ..load.unconducted import finish_unconducted
from ..load.worker import END_WITHIN, Job, clean_up_after, work
from ..records import UsageError
from ..records.rows import read_rows
from ..records.run_facts import RunFacts
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import RunInfo
from ..records.validity import Validity
from ..records.verdict import Verdict
from ..report.baselines import used_facts
from ..report.run_reading import read_run
from ..version import __version__
from .load_running import judged
from .robot import keyword, logger
from .session import SESSION


class WorkerKeywords:
    """What a worker does."""

    @keyword("Load")
    def make_share_of_calls(self, job: Path, worker: int) -> None:
        """Makes the share of one worker of a load run; `audiosocket load` has written what is to be done.

        A run that was stopped early has not failed here: the verdict tells of it.

        Args:
            job: The file that says what is to be done.
            worker: Which of the workers this is, from 0.

        Example:
        ```robotframework
        Make Share Of Calls    ${JOB}    ${WORKER}
        ```
        """
        if not job.name:
            raise UsageError("There is nothing to be done: this suite is run by 'audiosocket load' (docs/load.md)")
        todo = Job.load(job)
        over = Event()

        async def share() -> str:
            try:
                return await work(todo, worker)
            finally:
                over.set()

        def await_its_end() -> None:
            # Ctrl-C, where nobody conducts: calls are hung up and written down before this process ends.
            over.wait(END_WITHIN)

        try:
            ended = SESSION.engine.run(share(), interrupted=await_its_end)
        finally:
            clean_up_after(todo, job)
            _tell_share(todo.rows_of(worker))
        logger.info(f"The work of this worker {ended}: its calls are in {todo.rows_of(worker)}")


def _tell_share(rows: Path) -> None:
    """Keep what this worker did as metadata of its test: it survives any merge."""
    facts = RunFacts()
    for row in read_rows(rows):
        facts.add(row)
    summary = {"v": 1, "rows": rows.name, "calls": len(facts), "failed": facts.failed, "outcomes": dict(facts.outcomes)}
    BuiltIn().set_test_metadata("Load", json.dumps(summary))


class VerdictKeywords:
    """What a run has shown, as tests."""

    ROBOT_LISTENER_API_VERSION = 3

    def start_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:  # noqa: ARG002 - Robot's interface
        """Add a test for each threshold and each plateau of the run that is to be judged."""
        tags = {tag for test in data.tests for tag in test.tags}
        if data.parent is not None and data.parent.source and tags & {"load-worker", "load-verdict"}:
            # Its whole folder is run, with suites/load: there is no run that would want a worker, or a verdict.
            data.tests.clear()
            return
        if "load-verdict" not in tags:
            return
        place = BuiltIn().get_variable_value("${RUN}")
        try:
            info, verdict = _run(str(place))
        except UsageError:
            return  # the test for validity says why
        for number, plateau in enumerate(info.plateaus):
            seconds = plateau.end - plateau.start
            test = data.tests.create(
                name=f"Plateau {number + 1}: {plateau.name}, {seconds:.0f} s", tags=["load-plateau"]
            )
            test.body.create_keyword("Plateau Should Have Been Judged", args=["${RUN}", str(number)])
        for number, told in enumerate(verdict.thresholds):
            test = data.tests.create(name=str(told.threshold), tags=["load-threshold"])
            test.body.create_keyword("Threshold Should Be Met", args=["${RUN}", str(number)])

    @keyword("Load")
    def run_should_be_valid(self, run: str) -> None:
        """Our own clock kept time, no worker was lost, and the run was not cut short.

        Args:
            run: The folder of the run.

        Example:
        ```robotframework
        Run Should Be Valid    results/latest
        ```
        """
        info, verdict = _run(run)
        _show(info, verdict)
        if verdict.validity.validity is Validity.INVALID:
            raise AssertionError(verdict.sentence)
        if info.state != "finished":
            raise AssertionError(f"{verdict.word}: the run was {info.state}. {info.reason}")
        if not verdict.passed and all(told.ok for told in verdict.thresholds):
            raise AssertionError(verdict.sentence)  # no threshold would tell
        logger.info(verdict.validity.sentence)

    @keyword("Load")
    def threshold_should_be_met(self, run: str, number: int) -> None:
        """One threshold of a run was met.

        Args:
            run: The folder of the run.
            number: Which of its thresholds, from 0.

        Example:
        ```robotframework
        Threshold Should Be Met    results/latest    0
        ```
        """
        _, verdict = _run(run)
        told = verdict.thresholds[number]
        if not told.ok:
            raise AssertionError(told.sentence)
        logger.info(told.sentence)

    @keyword("Load")
    def plateau_should_have_been_judged(self, run: str, number: int) -> None:
        """A plateau of a search for a capacity was valid; the log says whether it held. That it did not is no failure.

        Args:
            run: The folder of the run.
            number: Which of its plateaus, from 0.

        Example:
        ```robotframework
        Plateau Should Have Been Judged    results/latest    0
        ```
        """
        info, _ = _run(run)
        plateau = info.plateaus[number]
        if plateau.held is None:
            raise AssertionError(plateau.why)
        logger.info(f"{plateau.calls} calls {'held' if plateau.held else 'did not hold'}. {plateau.why}")


@cache
def _run(place: str) -> tuple[RunInfo, Verdict]:
    folder = Path(place)
    if not (folder / RUN_JSON).is_file():
        raise UsageError(f"There is no run in {folder}: give the folder of one, robot -v RUN:results/latest")
    finish_unconducted(folder)
    read = read_run(folder)
    return read.info, judged(read.info, read.facts, used_facts(folder))


def _show(info: RunInfo, verdict: Verdict) -> None:
    metadata: dict[str, Any] = {"Run": f"{info.name}, seed {info.seed}", "Verdict": verdict.sentence}
    if info.claim:
        metadata["Capacity"] = info.claim
    for name, value in metadata.items():
        BuiltIn().set_suite_metadata(name, value, top=True)


class LoadRun(DynamicCore):  # type: ignore[misc]
    """The library behind `suites/load/run`: a worker's share of the calls, and the verdict as tests.

    `audiosocket load` runs these suites. By hand, a run that is over is judged once more with
    `robot -v RUN:results/latest suites/load/run/verdict.robot`.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"

    def __init__(self) -> None:
        super().__init__([WorkerKeywords(), VerdictKeywords()])
