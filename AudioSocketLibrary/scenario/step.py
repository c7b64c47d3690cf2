"""A step: one thing done in a call, as data, with one coroutine that does it.

Live, a keyword plays its step at once and waits; under load the same steps, recorded, are played by many calls. There
is no second implementation of anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..call import Call, Moment
from ..protocol import Party
from ..records import CallFailure, UsageError
from .calls import Calls
from .prompt_start import hear_prompt_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(ABC):
    """What every step has."""

    call: str = ""
    """Alias of the call; empty: the current one."""

    def about(self, calls: Calls) -> Call | None:
        """The call that it is done in; None where that does not exist (yet)."""
        with suppress(UsageError):
            return calls.get(self.call)
        return None

    @property
    def hears(self) -> bool:
        """Whether it needs what the bot said itself, not only when it spoke: then the call must keep every frame."""
        moment = getattr(self, "at", None)
        return isinstance(moment, Moment) and bool(moment.prompt)

    @abstractmethod
    async def play(self, calls: Calls) -> Any:
        """Do it. Waits for what it must wait for.

        Raises:
            CallFailure: the call did not do what was expected; a soft one lets it go on.
            UsageError: it cannot be done as asked.
        """


async def play_step(step: Step, calls: Calls) -> Any:
    """Play a step; what it finds wrong is kept with the call, too."""
    call = step.about(calls)
    if call is not None:
        _check_subject(step, call)
    try:
        return await (await with_prompt_heard(step, calls)).play(calls)
    except CallFailure as failure:
        if call is not None:
            call.judgements.append(failure.judgement)
        raise


async def with_prompt_heard(step: Step, calls: Calls) -> Step:
    """The step as it is; where it waits for ``prompt <name> starts``, with the time of that once it was heard."""
    moment = getattr(step, "at", None)
    if not isinstance(moment, Moment) or not moment.prompt:
        return step
    known = replace(moment, at=await hear_prompt_start(calls.get(step.call), calls, moment))
    changed: dict[str, Any] = {"at": known}
    return replace(step, **changed)


def _check_subject(step: Step, call: Call) -> None:
    """Refuse to judge ourselves: who is expected to do something is the first word of a step's name."""
    subject = next((who for who in Party if type(step).__name__.startswith(f"{who.capitalize()}Should")), call.other)
    if subject is not call.other:
        raise UsageError(
            f"In this call we are the {call.role}: expect something of the {call.other} "
            f"('{call.other.capitalize()} Should ...'), or name another call with call="
        )
