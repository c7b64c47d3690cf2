"""Robot run by the tests: a suite in, what its user would see out."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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
        timeout=290,
        check=False,
    )
    return InnerRun(out, read_tests(out / "output.xml"), done.stdout + done.stderr, done.returncode)


def run_robots(folder: Path, tests: str, *, settings: str = SETTINGS, at_once: int = 3) -> InnerRun:
    """Run the tests of one suite shared out to several runs at once: calls take their time, and little else.

    A part of the text that begins with ``***`` (keywords, say) goes to all of them.
    """
    blocks = [block for block in tests.split("\n\n") if block.strip()]
    cut = next((index for index, block in enumerate(blocks) if block.startswith("***")), len(blocks))
    shared = "\n\n" + "\n\n".join(blocks[cut:])

    def run(number: int) -> InnerRun:
        place = folder / str(number)
        place.mkdir()
        for file in folder.iterdir():
            if file.is_file():
                (place / file.name).symlink_to(file)
        return run_robot(place, "\n\n".join(blocks[:cut][number::at_once]) + shared, settings=settings)

    with ThreadPoolExecutor(at_once) as pool:
        runs = list(pool.map(run, range(at_once)))
    merged = {name: test for each in runs for name, test in each.tests.items()}
    return InnerRun(folder, merged, "".join(each.console for each in runs), max(each.code for each in runs))
