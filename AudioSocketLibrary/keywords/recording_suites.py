"""The suite that is run to record what somebody wants: their file with one test of it, or a test made of a keyword."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from robot.api import Languages, SuiteVisitor, TestSuite
from robot.errors import DataError  # type: ignore[import-untyped]

from ..records import UsageError
from .recording_request import Wanted

_SHOWN: Final = 8


def suite_for(wanted: Wanted, *, set_up: bool = True) -> tuple[TestSuite, list[str]]:
    """The suite to run, and the codes of the languages that its files are written in.

    Args:
        wanted: a test, tag or keyword.
        set_up: whether the set-up of suites is run, too; their teardown never is.

    Raises:
        UsageError: there is no such thing; the text has the nearest.
    """
    source = Path(wanted.source).absolute()
    if not source.exists():
        raise UsageError(f"There is no {wanted.source}, in which the {wanted.kind} '{wanted.name}' should be")
    languages = Languages()
    make = _of_keyword if wanted.kind == "keyword" else _of_tests
    try:
        suite = make(wanted, source, languages)
    except DataError as error:
        raise UsageError(f"{wanted.source} cannot be read: {error}") from None
    suite.visit(_Fixtures(set_up))
    return suite, [language.code for language in languages]


def has_test(source: Path, name: str) -> bool:
    """Whether a suite has a test of that name."""
    suite = TestSuite.from_file_system(source, allow_empty_suite=True)
    return any(_plain(test.name) == _plain(name) for test in suite.all_tests)


def _of_tests(wanted: Wanted, source: Path, languages: Languages) -> TestSuite:
    suite = TestSuite.from_file_system(source, lang=languages)
    tests = list(suite.all_tests)
    if wanted.kind == "tag":
        suite.filter(included_tags=[wanted.name])
        if not suite.test_count:
            tags = sorted({tag for test in tests for tag in test.tags})
            raise UsageError(_there_is_no("test with the tag", wanted, tags))
        return suite
    names = (_plain(wanted.name),)
    chosen = [test for test in tests if _plain(test.name) in names or _plain(test.full_name) in names]
    if not chosen:
        raise UsageError(_there_is_no("test", wanted, [test.name for test in tests]))
    if len(chosen) > 1:
        full = ", ".join(f"'{test.full_name}'" for test in chosen[:_SHOWN])
        raise UsageError(f"There are {len(chosen)} tests '{wanted.name}' in {wanted.source}: name one of {full}")
    suite.visit(_Only(chosen[0]))
    return suite


def _of_keyword(wanted: Wanted, source: Path, languages: Languages) -> TestSuite:
    if source.is_dir():
        raise UsageError(
            f"A keyword stands in a file, and {wanted.source} is a folder: name the file of '{wanted.name}'"
        )
    if source.suffix == ".resource":
        suite = TestSuite(source.stem, source=source)
        suite.resource.imports.resource(source.as_posix())
    else:
        suite = TestSuite.from_file_system(source, allow_empty_suite=True, lang=languages)
        suite.tests.clear()
    arguments: list[Any] = list(wanted.arguments)
    suite.tests.create(wanted.name).body.create_keyword(wanted.name, arguments)
    return suite


class _Only(SuiteVisitor):  # type: ignore[misc]
    """Takes all tests out but one."""

    def __init__(self, test: Any) -> None:
        self._id = test.id

    def start_suite(self, suite: TestSuite) -> None:
        suite.tests = [test for test in suite.tests if test.id == self._id]

    def end_suite(self, suite: TestSuite) -> None:
        suite.suites = [each for each in suite.suites if each.test_count]

    def visit_test(self, test: Any) -> None:
        """Nothing: for speed."""


class _Fixtures(SuiteVisitor):  # type: ignore[misc]
    """Takes out the set-ups and teardowns of suites that are not run."""

    def __init__(self, set_up: bool) -> None:
        self._set_up = set_up

    def start_suite(self, suite: TestSuite) -> None:
        # What a teardown takes back was never done while recording.
        suite.teardown = None
        if not self._set_up:
            suite.setup = None

    def visit_test(self, test: Any) -> None:
        """Nothing: a test's own belong to the call."""


def _there_is_no(what: str, wanted: Wanted, known: list[str]) -> str:
    near = get_close_matches(wanted.name, known, 1)
    there = f"nearest: '{near[0]}'" if near else f"there are {', '.join(known[:_SHOWN]) or 'none'}"
    return f"There is no {what} '{wanted.name}' in {wanted.source}; {there}"


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "")
