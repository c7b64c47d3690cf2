"""Robot run by the tests: a suite in, what its user would see out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from robot.api import ExecutionResult, ResultVisitor
from robot.result import TestCase


@dataclass
class InnerRun:
    folder: Path
    tests: dict[str, TestCase]
    console: str
    code: int

    def status(self, test: str) -> str:
        return self.tests[test].status

    def message(self, test: str) -> str:
        return self.tests[test].message

    def metadata(self, test: str) -> dict[str, str]:
        return dict(self.tests[test].metadata)


class _Tests(ResultVisitor):
    def __init__(self) -> None:
        self.found: dict[str, TestCase] = {}

    def visit_test(self, test: TestCase) -> None:
        self.found[test.name] = test


SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.ReferenceBot
"""


def read_tests(output: Path) -> dict[str, TestCase]:
    visitor = _Tests()
    ExecutionResult(output).visit(visitor)
    return visitor.found


def run_robot(folder: Path, tests: str, *options: str, settings: str = SETTINGS, name: str = "inner.robot") -> InnerRun:
    """Run the test cases of ``tests`` with Robot, as a user would, in a process of its own."""
    suite = folder / name
    suite.write_text(f"{settings}\n*** Test Cases ***\n{tests}", encoding="utf-8")
    out = folder / "out"
    done = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(out), *options, str(suite)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    return InnerRun(out, read_tests(out / "output.xml"), done.stdout + done.stderr, done.returncode)
