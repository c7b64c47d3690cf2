"""The report of an acceptance run, written by Robot itself: right after any merge, too."""

from __future__ import annotations

from pathlib import Path

from robot import result
from robot.api import ResultVisitor, logger

from ..records import UsageError
from ..report.load_building import build_report, read_thresholds
from ..report.load_console import verdict_lines
from ..report.load_files import write_report
from ..report.run_output import acceptance_of
from ..report.run_reading import run_of_acceptance


class LoadReport(ResultVisitor):  # type: ignore[misc]
    """Writes ``load-report.html`` and its siblings; changes nothing in Robot's own results.

    For ``robot``, ``pabot`` and ``rebot``: ``--prerebotmodifier "AudioSocketLibrary.LoadReport:results"``. Thresholds
    may follow: ``"AudioSocketLibrary.LoadReport;results;p95 response time < 1.5 s"``. They are judged in the report; an
    exit code is given by ``audiosocket report``.

    Args:
        folder: where the run is and the report goes: the same as ``--outputdir``, whose default it has.
        thresholds: what must hold.
    """

    def __init__(self, folder: str = ".", *thresholds: str) -> None:
        self._folder = Path(folder)
        self._thresholds = read_thresholds(thresholds)

    def visit_suite(self, suite: result.TestSuite) -> None:
        """Write the report of all calls in it; nothing where there were none."""
        acceptance = acceptance_of([suite])
        if not acceptance.rows:
            return
        run = run_of_acceptance(self._folder / "output.xml", acceptance, log="log.html")
        try:
            model = build_report(run, self._thresholds)
            written = write_report(model, self._folder)
        except UsageError as error:
            logger.error(str(error))
            return
        logger.console(f"Calls:   {next(iter(verdict_lines(model, self._folder)))}")
        logger.console(f"         {written[0]}")
