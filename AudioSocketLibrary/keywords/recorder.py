"""What a scenario is recorded on: its steps in their order, and all in it that cannot be recorded."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from robot.libraries.BuiltIn import BuiltIn

from ..records import UsageError
from ..scenario import (
    BotShouldHangUpWithin,
    CallData,
    CallShouldHaveBeenEndedBy,
    EventsOfBot,
    HangUp,
    HangUpAll,
    PlaceCall,
    PlannedStep,
    RequestStep,
    Step,
)
from ..scenario.urls import shown
from ..transport import Address

_NEAR: Final = 8
"""Frames of Python between a value and who asks for its text."""
_ENDS: Final = (HangUp, HangUpAll, BotShouldHangUpWithin, CallShouldHaveBeenEndedBy)


@dataclass(frozen=True, slots=True)
class Frame:
    """A keyword or control structure that is being run."""

    where: str
    """``tests/tyres.robot:14``; empty: Robot does not tell."""
    name: str = ""
    arguments: tuple[Any, ...] = ()
    teardown: bool = False


@dataclass(frozen=True, slots=True)
class ReliedOn:
    """What steps take from their surroundings when they are played."""

    data: CallData | None
    recogniser: str
    book: Path | None


class Recorder:
    """Where keywords put their steps instead of playing them.

    Args:
        bot: whom the scenario's calls shall call.
    """

    def __init__(self, bot: Address) -> None:
        self.bot = bot
        self.test = ""
        """The name of the running test; empty: a suite's set-up runs."""
        self.frames: list[Frame] = []
        self.steps: list[PlannedStep] = []
        self.relied: ReliedOn | None = None
        self.events: list[EventsOfBot] = []
        self.notes: list[str] = []
        self.refusals: list[str] = []
        """What cannot be recorded: file and line, why, and the way out."""

    @property
    def where(self) -> str:
        """The line that is being run, and the line of the test that led there."""
        known = [frame.where for frame in self.frames if frame.where]
        if not known:
            return ""
        return known[-1] if known[0] == known[-1] else f"{known[-1]} (called from {known[0]})"

    @property
    def in_call(self) -> bool:
        """Whether a call is open at this place of the scenario."""
        about = [planned.step for planned in self.steps if isinstance(planned.step, (PlaceCall, *_ENDS))]
        return bool(about) and isinstance(about[-1], PlaceCall)

    def refuse(self, why: str) -> UsageError:
        """Note what cannot be recorded; returns what to raise, so that the rest is not run."""
        refusal = f"{self.where}: {why}" if self.where else why
        if refusal not in self.refusals:
            self.refusals.append(refusal)
        return UsageError(why)

    def leave_out(self, name: str, why: str) -> None:
        """Note a keyword that has no effect while a scenario is recorded."""
        note = f"{self.where}: '{name}' is left out: {why}"
        if note not in self.notes:
            self.notes.append(note)

    def later(self) -> Later:
        """What the keyword that is being run would return."""
        frame = self.frames[-1] if self.frames else Frame("")
        return Later(frame.name, self)

    def add(self, step: Step, relied: ReliedOn) -> Later:
        """Append a step.

        Raises:
            UsageError: it cannot be played by many; it is noted as a refusal.
        """
        why = self._why_not(step, relied)
        if why:
            raise self.refuse(why)
        self.relied = relied
        frame = self.frames[-1]
        in_teardown = self.frames[0].teardown
        self.steps.append(PlannedStep(step, _text(frame, step), frame.where, teardown=in_teardown))
        return self.later()

    def _why_not(self, step: Step, relied: ReliedOn) -> str:
        if not self.test:
            return "a suite's set-up is not part of a call: place the call, and do what is done in it, in the test"
        if any(frame.teardown for frame in self.frames[1:]):
            return (
                "the teardown of a keyword is not recorded: after a hard failure the call of a load skips to the "
                "teardown of the test, so write it there"
            )
        if _holds_later(step):
            return _not_known("a value of an earlier step")
        if self.relied not in (None, relied):
            return "call data, recogniser and phrase book are those of a whole scenario: set them before its first step"
        return self._why_not_placed(step) if isinstance(step, PlaceCall) else ""

    def _why_not_placed(self, step: PlaceCall) -> str:
        if step.bot != self.bot:
            return f"it calls {step.bot}, and the load {self.bot}: leave the address out, so that ${{BOT}} is called"
        if step.uuid is not None:
            return "all calls of the load would have the same UUID: leave uuid= out, and each has its own"
        return ""


class Later:
    """What a recorded keyword will return in each call, once it is played. Nobody may look at it before."""

    __slots__ = ("_name", "_recorder")

    def __init__(self, name: str, recorder: Recorder) -> None:
        self._name = name
        self._recorder = recorder

    def __repr__(self) -> str:
        return f"<what '{self._name}' returns in each call>"

    def __str__(self) -> str:
        return repr(self) if _is_assigned() else self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise self._recorder.refuse(_not_known(f"what '{self._name}' returns"))

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()

    __format__ = __bytes__ = __bool__ = __int__ = __float__ = __index__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _refuse
    __len__ = __iter__ = __contains__ = __getitem__ = __call__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __mod__ = _refuse


def _is_assigned() -> bool:
    """Whether Robot only tells the log what it assigns to a variable, which is no use of the value.

    It makes a text of it like any other, so only the caller tells. Should Robot call it otherwise, more is refused.
    """
    frame = sys._getframe(2)  # noqa: SLF001 - inspect.currentframe, with the two above it left out
    for _ in range(_NEAR):
        if frame.f_code.co_name == "format_assign_message":
            return True
        if frame.f_back is None:
            break
        frame = frame.f_back
    return False


def _not_known(what: str) -> str:
    return (
        f"{what} is not known while the scenario is recorded, and differs from call to call: judge it with a keyword "
        "of the call (Bot Should ..., Call ...) instead of IF, Evaluate, logging or text made of it"
    )


def _holds_later(value: Any) -> bool:
    if isinstance(value, Later):
        return True
    if isinstance(value, Mapping):
        return any(_holds_later(item) for item in value.values())
    if isinstance(value, list | tuple | set):
        return any(_holds_later(item) for item in value)
    if is_dataclass(value):
        return any(_holds_later(getattr(value, field.name)) for field in fields(value))
    return False


def _text(frame: Frame, step: Step) -> str:
    """The keyword as it was called, with values in the place of variables; no secret in it."""
    if isinstance(step, RequestStep):
        return f"{frame.name}    {step.method}    {shown(step.url)}"
    return "    ".join([frame.name, *(text for argument in frame.arguments for text in _texts_of(argument))])


def _texts_of(argument: Any) -> list[str]:
    if not isinstance(argument, str):
        return [str(argument)]
    if argument[:2] in ("@{", "&{") and argument.endswith("}"):
        value = BuiltIn().get_variable_value(argument)
        if isinstance(value, Mapping):
            return [f"{name}={item}" for name, item in value.items()]
        if isinstance(value, list | tuple):
            return [str(item) for item in value]
    return [str(BuiltIn().replace_variables(argument))]
