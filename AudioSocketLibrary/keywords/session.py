"""The state of this process: open calls, defaults, the loop; shared by all libraries of this package."""

from __future__ import annotations

import atexit
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal

from ..call import Call, CallSettings
from ..media.saying import find_book
from ..records import UsageError
from ..scenario import (
    PROMPTS,
    CallData,
    Calls,
    EventsOfBot,
    HangUpAll,
    Judge,
    Step,
    open_source,
    play_step,
    understood,
)
from .engine import Engine
from .recorder import Recorder, ReliedOn
from .robot import suite_folder, variable
from .run_id import find_run_id

Keep = Literal["all", "failed", "none"]
Scope = Literal["test", "suite", "global"]
LAST_EVENTS = 0.3
"""Seconds that the bot's last events of a call may be on their way."""
_OF_CALLS = {field.name for field in fields(CallSettings)}


class Defaults:
    """What calls assume. Each change belongs to a test, a suite or (name "") to the run, and ends with it.

    The long name of a test begins with its suite's, and that with its parent's: the longer name outranks the shorter.
    """

    def __init__(self) -> None:
        self._levels: dict[str, dict[str, Any]] = {}

    def change(self, owner: str, values: dict[str, Any]) -> None:
        """Change values for ``owner``, from now on (changes of narrower scopes give way)."""
        for name, level in self._levels.items():
            if len(name) > len(owner):
                for key in values:
                    level.pop(key, None)
        self._levels.setdefault(owner, {}).update(values)

    def end(self, owner: str) -> None:
        """A test or suite is over: its changes are undone."""
        self._levels.pop(owner, None)

    def values(self) -> dict[str, Any]:
        """All values that were changed, as they hold now."""
        merged: dict[str, Any] = {}
        for name in sorted(self._levels, key=len):
            merged.update(self._levels[name])
        return merged

    @property
    def keep_recordings(self) -> Keep:
        """Which calls' recordings are kept."""
        keep: Keep = self.values().get("keep_recordings", "all")
        return keep

    @property
    def call_data(self) -> CallData | None:
        """The rows whose fields are written ``{name}``."""
        data: CallData | None = self.values().get("call_data")
        return data

    def settings(self, **given: Any) -> CallSettings:
        """The settings of the next call: the defaults, and what was given (None: not given)."""
        values = {name: value for name, value in self.values().items() if name in _OF_CALLS}
        values.update((name, value) for name, value in given.items() if value is not None)
        return replace(CallSettings(), **values)


class Session:
    """One per process: ``SESSION``."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.calls = Calls()
        self.defaults = Defaults()
        self.recorder: Recorder | None = None
        """Where steps go instead of being played, while a scenario is recorded."""
        self._owners: dict[str, str] = {}
        self.succeeded: set[str] = set()
        """Ids of calls that need no showing in the log: repeats of a scenario that succeeded."""
        self._run_known = False
        atexit.register(self._hang_up_all)

    def owner(self, scope: Scope = "test") -> str:
        """The long name of the running test (of the suite, where no test runs or the suite is asked for)."""
        if scope == "global":
            return ""
        suite, test = variable("${SUITE NAME}") or "", variable("${TEST NAME}")
        return f"{suite}.{test}" if test and scope == "test" else suite

    def do(self, step: Step) -> Any:
        """Play a step now and wait for it. A Robot time-out interrupts it at once, and ends the call it is about.

        While a scenario is recorded the step is kept instead, and nobody knows yet what it returns.
        """
        if self.recorder is not None:
            return self.recorder.add(step, self._relied_on())
        self._prepare()
        call = step.about(self.calls)
        return self.engine.run(
            play_step(step, self.calls), interrupted=lambda: self.hang_up([call] if call is not None else [])
        )

    def _prepare(self) -> None:
        if not self._run_known:
            self.calls.run, self._run_known = find_run_id(), True
        relied = self._relied_on()
        if (relied.recogniser, relied.book) != (self.calls.judge.engine, self.calls.judge.book):
            self.calls.judge.close()
            self.calls.judge = Judge(relied.recogniser, relied.book)
        self.calls.fields = relied.data.row(0) if relied.data else {}
        self.calls.seed = self.owner()

    def _relied_on(self) -> ReliedOn:
        return ReliedOn(self.defaults.call_data, self.defaults.values().get("recogniser", PROMPTS), self.phrase_book)

    @property
    def run(self) -> Any:
        """The run id, with which the UUIDs of all calls of this run begin; another one when a recording is played."""
        if self.recorder is not None:
            return self.recorder.later()
        self._prepare()
        return self.calls.run

    @property
    def phrase_book(self) -> Path | None:
        """The phrase book in use: the one that was named, else the one beside the suite or above; None: our own."""
        return self.defaults.values().get("phrase_book") or find_book(suite_folder())

    @property
    def in_call(self) -> bool:
        """Whether there is a current call, and it is open."""
        if self.recorder is not None:
            return self.recorder.in_call
        try:
            return not self.calls.get().over
        except UsageError:
            return False

    def listen(self, source: str, token: str) -> None:
        """Listen to what the bot tells, until the end of the running test (or suite).

        Raises:
            UsageError: there is no such source, or it cannot be had.
        """
        opened = open_source(source, token)
        if self.recorder is not None:
            self.recorder.events.append(EventsOfBot(source, token))
            return
        self.calls.events.listen(opened, self.owner())

    def place(self, step: Step) -> Any:
        """Play a step that places a call; the call belongs to the running test (or suite). Returns its UUID as text."""
        if self.recorder is not None:
            return self.do(step)
        call: Call = self.do(step)
        if self.defaults.keep_recordings == "none":
            call.recording_name = None
        self._owners[call.id] = self.owner()
        return str(call.uuid)

    def end(self, owner: str) -> list[Call]:
        """A test or suite is over: its calls are hung up and returned, and belong to nobody any more.

        Its defaults hold until ``defaults.end``: they say what is kept of the calls, and who understands them.
        """
        calls = [call for call in self.calls.all if self._owners.get(call.id) == owner]
        self.hang_up(calls)
        self._mark(calls)
        self.calls.events.end(owner)
        self.calls.forget(calls)
        for call in calls:
            del self._owners[call.id]
        return calls

    def calls_around(self, test: str) -> list[Call]:
        """The calls of the suites that a test, by its long name, lies in."""
        return [call for call in self.calls.all if test.startswith(f"{self._owners.get(call.id)}.")]

    def hang_up(self, calls: list[Call]) -> None:
        """Hang up those of them that are still open."""
        for call in calls:
            if not call.over:
                self.engine.run(call.hang_up())

    def _mark(self, calls: list[Call]) -> None:
        """Take over into the records what the bot told of these calls."""
        events = self.calls.events
        for call in calls:
            if events.listening:
                self.engine.run(events.settle(call, LAST_EVENTS))
            call.marks = events.marks(call)
        events.forget(calls)

    def understand(self, calls: list[Call]) -> None:
        """Have the words recognised that nobody asked for yet, for the log.

        Raises:
            UsageError: the recogniser cannot be had, or failed.
        """

        async def all_turns() -> None:
            for call in calls:
                for turn in call.turns:
                    await understood(call, self.calls, turn.number)

        if any(turn.parts for call in calls for turn in call.turns):
            self._prepare()
            self.engine.run(all_turns())

    def _hang_up_all(self) -> None:
        self.calls.judge.close()
        self.calls.events.end()
        if any(not call.over for call in self.calls.all):
            self.engine.run(play_step(HangUpAll(), self.calls))


SESSION = Session()
