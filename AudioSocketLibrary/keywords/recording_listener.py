"""Robot's listener while a scenario is recorded: knows the line that is run, and lets nothing run but what may."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot import result, running
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from ..records import UsageError
from ..scenario import EventsOfBot, PlaceCall, Plan
from .recorder import Frame, Recorder
from .recording_rules import OURS, TRY, WHILE, objection_to_code, refusal_of

_HERE = Path.cwd()


class RecordingListener:
    """Makes a plan of each test that is run.

    Args:
        recorder: where the steps go.
        variables: set for all suites; texts are given to Robot as options, for imports may need them.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, recorder: Recorder, variables: Mapping[str, Any]) -> None:
        self.plans: list[Plan] = []
        self.failures: list[str] = []
        """Of tests that could not be recorded for another reason than a refusal."""
        self._recorder = recorder
        self._variables = variables
        self._errors: list[str] = []
        self._around: list[tuple[list[EventsOfBot], list[str]]] = []
        """What suites and the test found as the recorder's events and notes: put back at their end."""
        self._failed_at = ""

    def start_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:  # noqa: ARG002
        self._begin()
        for name, value in self._variables.items():
            BuiltIn().set_suite_variable(f"${{{name}}}", value)

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:  # noqa: ARG002
        self._end()

    def _begin(self) -> None:
        self._around.append((list(self._recorder.events), list(self._recorder.notes)))

    def _end(self) -> None:
        self._recorder.events, self._recorder.notes = self._around.pop()

    def start_test(self, data: running.TestCase, result: result.TestCase) -> None:
        self._begin()
        recorder = self._recorder
        recorder.test = result.full_name
        recorder.frames.clear()
        recorder.steps, recorder.relied = [], None
        if data.tags.robot("continue-on-failure") or data.tags.robot("recursive-continue-on-failure"):
            recorder.frames.append(Frame(_where(data)))
            recorder.refuse("a test that goes on after hard failures is not recorded: take the tag away")
            recorder.frames.clear()

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:
        recorder = self._recorder
        if not recorder.refusals:
            why = self._why_none(result)
            if why:
                self.failures.append(f"{self._failed_at or _where(data)}: {why}")
            else:
                self.plans.append(self._plan(result.name, _where(data)))
        recorder.test = ""
        self._failed_at = ""
        self._end()

    def _plan(self, name: str, source: str) -> Plan:
        recorder, relied = self._recorder, self._recorder.relied
        assert relied, "a plan has steps"
        return Plan(
            name,
            source,
            tuple(recorder.steps),
            data=relied.data,
            recogniser=relied.recogniser,
            book=relied.book,
            events=tuple(recorder.events),
            notes=tuple(recorder.notes),
        )

    def _why_none(self, result: result.TestCase) -> str:
        message = " ".join(result.message.split())
        if result.skipped:
            return (
                f"'{result.name}' is skipped here ({message}): record a test or keyword without that, and look into "
                "it after the load"
            )
        if result.failed:
            told = f" (Robot tells: {' '.join('; '.join(self._errors).split())})" if self._errors else ""
            return f"'{result.name}' failed while it was recorded: {message}{told}"
        if not any(isinstance(planned.step, PlaceCall) for planned in self._recorder.steps):
            return f"'{result.name}' places no call: a scenario begins with Place Call"
        return ""

    def message(self, message: result.Message) -> None:
        if message.level == "ERROR":
            self._errors.append(message.message)

    # -- what is run --------------------------------------------------------------------------------------------------

    def start_body_item(self, data: Any, result: Any) -> None:
        self._push(data)
        if result.not_run:
            return
        value = getattr(data, "value", ())
        objection = objection_to_code(value if isinstance(value, tuple) else ())
        if isinstance(data, running.If):
            conditions = [branch.condition for branch in data.body]
            objection = objection_to_code(conditions, code=True)
        if objection:
            self._recorder.refuse(objection)

    def end_body_item(self, data: Any, result: Any) -> None:  # noqa: ARG002 - Robot's interface
        if (result.failed or result.skipped) and not self._failed_at:
            self._failed_at = self._recorder.where
        self._recorder.frames.pop()

    def start_library_keyword(
        self, data: running.Keyword, implementation: running.LibraryKeyword, result: result.Keyword
    ) -> None:
        # First: should the check itself fail, nothing is run that was not checked.
        before, implementation.error = implementation.error, "It could not be checked whether this can be recorded"
        self._push(data, implementation.name)
        library = implementation.owner
        method = _method(library.instance, implementation.name) if library.real_name.startswith(OURS) else ""
        why = refusal_of(library.real_name, implementation.name, method, data.args)
        if why and not result.not_run:
            self._recorder.refuse(why)
        implementation.error = why or before

    def start_try(self, data: running.Try, result: result.Try) -> None:
        self._push(data)
        if not result.not_run:
            data.error = str(self._recorder.refuse(TRY))

    def start_while(self, data: running.While, result: result.While) -> None:
        self._push(data)
        if not result.not_run:
            data.limit = "1"
            self._recorder.refuse(WHILE)

    def _push(self, data: Any, name: str = "") -> None:
        named = (*getattr(data, "args", ()), *(f"{key}={value}" for key, value in (_named(data)).items()))
        name = name or str(getattr(data, "name", "") or "")
        self._recorder.frames.append(Frame(_where(data), name, named, getattr(data, "type", "") == "TEARDOWN"))


class NoEngine:
    """Takes the place of the engine: while a scenario is recorded, nothing of ours reaches the network."""

    running = False

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def run(self, work: Any, **_: Any) -> Any:
        """Refuses.

        Raises:
            UsageError: always.
        """
        work.close()
        raise self._refusal()

    def _refusal(self) -> UsageError:
        name = self._recorder.frames[-1].name if self._recorder.frames else "it"
        return self._recorder.refuse(f"'{name}' is no step of a call: do it before the load, outside the scenario")


def _method(library: DynamicCore, name: str) -> str:
    """The method of a keyword of ours, which has the same name in every language."""
    plain = name.replace(" ", "_").lower()
    methods: dict[str, Any] = library.keywords
    return next(str(method.__name__) for known, method in methods.items() if known.replace(" ", "_").lower() == plain)


def _named(data: Any) -> Mapping[str, Any]:
    return getattr(data, "named_args", None) or {}


def _where(data: Any) -> str:
    """``tests/tyres.robot:14``; from the working folder, where it lies in it."""
    if not data.source or not data.lineno or data.lineno < 0:
        return ""
    source = Path(data.source)
    if source.is_relative_to(_HERE):
        source = source.relative_to(_HERE)
    return f"{source.as_posix()}:{data.lineno}"
