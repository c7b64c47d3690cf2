"""Robot output of acceptance tests with calls in their metadata, as our listener leaves it; nobody is called."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from robot.api import TestSuite


def call_record(name: str, **changes: Any) -> dict[str, Any]:
    """A call with one turn, as a row without what is empty."""
    return {
        "call": name,
        "uuid": f"1f9c2e70-0000-8000-8000-{abs(hash(name)) % 10**12:012d}",
        "bot": "10.0.0.5:9092",
        "started": "2026-11-25T13:00:00.000+00:00",
        "length": 12.0,
        "figures": {"greeting_time": 0.6, "our_lateness": 0.001, "loop_lag": 0.001},
        "turns": [{"number": 1, "kind": "speech", "said": "Стоп", "start": 2.0, "end": 3.0, "response_time": 0.9}],
        "v": 1,
        **changes,
    }


def make_output(
    folder: Path,
    tests: Mapping[str, Iterable[Mapping[str, Any]]],
    *options: str,
    failing: Mapping[str, str] | None = None,
    name: str = "Shop",
    output: str = "output.xml",
) -> Path:
    """Run a suite whose tests carry these calls; returns its output.

    Args:
        folder: where to.
        tests: the calls of each test.
        options: more for Robot, as ``name=value``.
        failing: the messages with which tests fail.
        name: of the suite.
        output: of the output file; ``.json`` is JSON.
    """
    suite = TestSuite(name)
    for title, calls in tests.items():
        test = suite.tests.create(name=title)
        found = list(calls)
        if found:
            record = json.dumps({"v": 1, "calls": found}, ensure_ascii=False, separators=(",", ":"))
            test.body.create_keyword("Set Test Metadata", args=["Record", record.replace("\\", "\\\\")])
        if failing and title in failing:
            test.body.create_keyword("Fail", args=[failing[title]])
        if not test.body:
            test.body.create_keyword("No Operation")
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = dict(option.split("=", 1) for option in options)
    suite.run(
        output=str(folder / output), stdout=io.StringIO(), stderr=io.StringIO(), log=None, report=None, **settings
    )
    return folder / output
