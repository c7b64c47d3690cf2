"""The totals of a run, added up from what the tests' metadata say: right after any merge, too."""

from __future__ import annotations

import json
from typing import Any

from robot import result
from robot.api import ResultVisitor

from ..records import CallRecord
from ..report import Totals as Sum


class Totals(ResultVisitor):  # type: ignore[misc]
    """Writes the line ``Calls`` into the report: calls, replies, response times of the whole run.

    For ``pabot``, ``rebot`` and ``robot``: ``--prerebotmodifier AudioSocketLibrary.Totals``. A plain ``robot`` run has
    the line without it; a run that was merged from others needs it, as none of them knows of all calls.
    """

    def __init__(self) -> None:
        self._sum = Sum()

    def start_suite(self, suite: result.TestSuite) -> None:
        """Add the calls of a suite's set-up."""
        self._add(suite)

    def visit_test(self, test: result.TestCase) -> None:
        """Add the calls of a test."""
        self._add(test)

    def end_suite(self, suite: result.TestSuite) -> None:
        """Write the line, once all suites were seen."""
        if suite.parent is None and self._sum:
            suite.metadata["Calls"] = str(self._sum)

    def _add(self, item: result.TestCase | result.TestSuite) -> None:
        for data in _calls(item.metadata.get("Record", "")):
            self._sum.add(item.full_name, CallRecord.from_json({"uuid": "", "bot": "", **data}))


def _calls(text: str) -> list[dict[str, Any]]:
    if not text.startswith('{"v":'):
        return []  # a suite's own metadata may have this name
    calls: list[dict[str, Any]] = json.loads(text)["calls"]
    return calls
