"""The calls of an acceptance run, of the metadata that our listener leaves in Robot's output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from robot.api import ExecutionResult
from robot.errors import DataError  # type: ignore[import-untyped]
from robot.result import TestCase, TestSuite  # type: ignore[import-untyped]

from ..records import UsageError
from ..records.run_info import RunInfo

_BEGIN: Final = '{"v":'
"""Of our metadata: a suite's own may have the same name."""
_TERMINATED: Final = "Execution terminated by signal"
_TOLD: Final = 3


@dataclass(slots=True)
class Acceptance:
    """The calls of an acceptance run, and how its tests ended."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    """A call row of each."""
    tests: dict[str, str] = field(default_factory=dict)
    """The test that made each call."""
    anchors: dict[str, str] = field(default_factory=dict)
    """Where in Robot's log each call is."""
    passed: int = 0
    failed: int = 0
    unexplained: list[str] = field(default_factory=list)
    """Failed tests none of whose calls failed: what went wrong is not in the calls."""
    terminated: bool = False
    """Whether somebody stopped it."""
    name: str = ""
    generator: str = ""
    """Robot's name and version."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures must know."""
        if not self.unexplained:
            return ()
        names = ", ".join(f"'{name}'" for name in self.unexplained[:_TOLD])
        more = f" and {len(self.unexplained) - _TOLD} more" if len(self.unexplained) > _TOLD else ""
        return (f"Failed for other reasons than their calls: {names}{more}",)

    @property
    def ending(self) -> dict[str, Any]:
        """How it ended: state and reason of a run."""
        if self.terminated:
            return {"state": "interrupted", "reason": "Robot's run was stopped by a signal"}
        if self.unexplained:
            number = len(self.unexplained)
            return {
                "state": "failed",
                "reason": f"{number} test{'s' * (number != 1)} failed for other reasons than a call",
            }
        return {"state": "finished", "reason": ""}

    def info(self, source: Path) -> RunInfo:
        """What was run, as far as Robot's output tells."""
        started = min((row["started"] for row in self.rows if row.get("started")), default="")
        ends = [row["start"] + row.get("length", 0.0) for row in self.rows]
        return RunInfo(
            kind="acceptance",
            run=str(self.rows[0].get("uuid", ""))[:8] if self.rows else "",
            name=self.name,
            about=f"Acceptance tests: {self.passed} passed, {self.failed} failed",
            workers=0,
            bots=_bots(self.rows),
            started=started,
            duration=max(ends, default=0.0) if self.rows else None,
            output=(source.name,),
            versions={"robotframework": self.generator.removeprefix("Robot ").removeprefix("Rebot ")}
            if self.generator
            else {},
            **self.ending,
        )


def read_acceptance(outputs: Iterable[Path]) -> Acceptance:
    """Read the calls of Robot's output files.

    Raises:
        UsageError: one is not there, or is no output of Robot.
    """
    results = []
    for output in outputs:
        try:
            results.append(ExecutionResult(str(output), include_keywords=False))
        except DataError as error:
            reason = " ".join(str(error).split())
            raise UsageError(f"{output} cannot be read as Robot's output: {reason}") from None
    found = acceptance_of(result.suite for result in results)
    found.generator = next((result.generator.split(" (")[0] for result in results if result.generator), "")
    return found


def acceptance_of(suites: Iterable[TestSuite]) -> Acceptance:
    """The calls of suites that were run."""
    found = Acceptance()
    times: list[datetime | None] = []
    for suite in suites:
        found.name = found.name or suite.name
        for item in _with_suites(suite):
            times += _add(found, item)
    _place(found.rows, times)
    return found


def _with_suites(suite: TestSuite) -> Iterator[TestSuite | TestCase]:
    yield suite
    yield from suite.tests
    for child in suite.suites:
        yield from _with_suites(child)


def _add(found: Acceptance, item: TestSuite | TestCase) -> list[datetime | None]:
    """Add a test or the set-up of a suite; returns when each of its calls began."""
    # Where the same output was merged twice, a call is still one.
    calls = [call for call in calls_of(item.metadata) if call.get("call") not in found.tests]
    for call in calls:
        found.tests[str(call.get("call", ""))] = item.full_name
        found.anchors[str(call.get("call", ""))] = item.id
        found.rows.append(
            {"row": "call", "scenario": item.name if isinstance(item, TestCase) else item.full_name, **call}
        )
    if isinstance(item, TestCase):
        found.passed += item.passed
        found.failed += item.failed
        found.terminated |= _TERMINATED in item.message
        if item.failed and not any(call.get("judgements") for call in calls) and _TERMINATED not in item.message:
            found.unexplained.append(item.full_name)
    return [_time(call.get("started")) or item.start_time for call in calls]


def calls_of(metadata: Mapping[str, str]) -> list[dict[str, Any]]:
    """The records in the metadata of a test or suite, as JSON."""
    text = metadata.get("Record", "")
    if not text.startswith(_BEGIN):
        return []
    try:
        calls: list[dict[str, Any]] = json.loads(text)["calls"]
    except (ValueError, KeyError, TypeError):
        return []
    return calls


def _place(rows: list[dict[str, Any]], times: list[datetime | None]) -> None:
    """Say when each call began, in seconds since the first one."""
    known = [time.timestamp() for time in times if time is not None]
    first = min(known, default=0.0)
    for row, time in zip(rows, times, strict=True):
        row["start"] = 0.0 if time is None else time.timestamp() - first
        row["intended"] = row["start"]


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


def _bots(rows: list[dict[str, Any]]) -> dict[str, str]:
    addresses = list(dict.fromkeys(str(row["bot"]) for row in rows if row.get("bot")))
    if len(addresses) == 1:
        return {"bot": addresses[0]}
    return {f"bot {number}": address for number, address in enumerate(addresses, 1)}
