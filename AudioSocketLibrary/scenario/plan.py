"""Plans: a scenario's steps, recorded once, played by each of many calls."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..call import Depth
from ..media import PhraseBookError, RecogniserError, SoundError
from ..media.voices import VoiceError
from ..protocol import AsteriskVersion, AudioFormat
from ..records import CallFailure, StepTime, UsageError
from ..transport import Address, now
from .announce_step import AnnounceCall
from .call_data import CallData
from .caller_steps import HangUpAll, PlaceCall
from .calls import Calls
from .judge import PROMPTS
from .step import Step, play_step

_CANNOT = (UsageError, SoundError, PhraseBookError, VoiceError, RecogniserError)
"""What says that something cannot be done as asked, by any bot."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step, and where it came from."""

    step: Step
    text: str
    """As its user wrote it, with known values in the place of variables: ``Say    Добрий день``."""
    source: str
    """``tests/tyres.robot:14``"""
    teardown: bool = False
    """Played even after a hard failure."""


@dataclass(frozen=True, slots=True)
class EventsOfBot:
    """Where the bot tells what happens inside it."""

    source: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario that was recorded, and what its steps rely on."""

    name: str
    source: str
    steps: tuple[PlannedStep, ...]
    data: CallData | None = None
    """Whose rows fill ``{name}`` in texts; each call takes its own."""
    recogniser: str = PROMPTS
    book: Path | None = None
    """The phrase book with the bot's prompts; None: the package's own."""
    events: tuple[EventsOfBot, ...] = ()
    """What was listened to while it was recorded."""
    notes: tuple[str, ...] = ()
    """What was left out while it was recorded, and why."""

    @property
    def hears(self) -> bool:
        """Whether some step needs the bot's audio itself, so that calls must keep every frame."""
        return any(planned.step.hears for planned in self.steps)

    @property
    def depth(self) -> Depth:
        """How much its calls must keep at least."""
        return Depth.FRAMES if self.hears else Depth.EVENTS

    def adapted(
        self,
        bot: Address,
        *,
        asterisk: AsteriskVersion | None = None,
        format: AudioFormat | None = None,  # noqa: A002 - the field's word
        rules: Literal["strict", "lenient"] | None = None,
        depth: Depth | None = None,
        spool_folder: Path | None = None,
    ) -> Plan:
        """The same plan for another target.

        Args:
            bot: whom its calls call.
            asterisk: whose rules hold; None: as recorded.
            format: what the caller sends; None: as recorded.
            rules: None: as recorded.
            depth: how much of its calls is kept, where the plan needs no more; None: no more than that.
            spool_folder: where that is kept while they last; None: as recorded.
        """
        keep = Depth.FRAMES if self.hears else depth or Depth.EVENTS
        given: dict[str, Any] = {
            "asterisk": asterisk,
            "format": format,
            "rules": rules,
            "depth": keep,
            "spool_folder": spool_folder,
        }
        changed = {name: value for name, value in given.items() if value is not None}

        def adapt(planned: PlannedStep) -> PlannedStep:
            if not isinstance(planned.step, PlaceCall):
                return planned
            settings = replace(planned.step.settings, **changed)
            return replace(planned, step=replace(planned.step, bot=bot, settings=settings))

        return replace(self, steps=tuple(adapt(planned) for planned in self.steps))


@dataclass(slots=True)
class PlanResult:
    """What came of a plan in one caller's calls."""

    failures: list[CallFailure] = field(default_factory=list)
    steps: list[StepTime] = field(default_factory=list)
    """In seconds of the first call: what was done before it has negative times."""
    error: str = ""
    """Why the plan cannot be played by anybody: a field that is missing, say. Empty: it can."""

    @property
    def failure(self) -> CallFailure | None:
        """Why it failed: the first hard failure, else the first soft one. None: it did not."""
        hard = (failure for failure in self.failures if not failure.soft)
        return next(hard, next(iter(self.failures), None))


async def play_plan(plan: Plan, calls: Calls, result: PlanResult | None = None) -> PlanResult:
    """Play a plan in one caller's calls, as Robot would have played it, and hang them up.

    A soft failure is kept and the call goes on; after a hard one only the steps of the teardown are played, all of
    them. What cannot be done at all ends the plan as ``error``. Never raises what a call did wrong.

    Args:
        plan: what to play.
        calls: this caller's, with its row of data, its seed, voice, line and pause.
        result: filled as the plan is played, so that who cancels it keeps what is known by then.
    """
    result = PlanResult() if result is None else result
    player = _Player(calls, result)
    try:
        await player.play(plan)
    finally:
        await HangUpAll().play(calls)
        player.tell_broken()
        player.date()
    return result


class _Player:
    """Plays one plan once."""

    def __init__(self, calls: Calls, result: PlanResult) -> None:
        self._calls = calls
        self._result = result
        self._times: list[StepTime] = []
        self._began = now()

    async def play(self, plan: Plan) -> None:
        broken = False
        for planned in plan.steps:
            if broken and (not planned.teardown or self._no_call_for(planned.step)):
                continue
            failure = await self._play(planned)
            broken = broken or (failure is not None and not failure.soft)
            if self._result.error:
                return

    async def _play(self, planned: PlannedStep) -> CallFailure | None:
        failure: CallFailure | None = None
        begin = now()
        try:
            await play_step(planned.step, self._calls)
        except CallFailure as caught:
            # Without its frames and what came before it: they hold the call, which is kept beside it, in a ring.
            failure = caught.with_traceback(None)
            failure.__context__ = None
            self._result.failures.append(failure)
        except _CANNOT as error:
            self._result.error = f"{planned.source}: '{planned.text}' cannot be played. {error}"
        self._times.append(StepTime(planned.text, begin, now(), str(failure.kind) if failure else ""))
        return failure

    def _no_call_for(self, step: Step) -> bool:
        """Whether the call that a step of the teardown is about was never placed, because of the failure."""
        if isinstance(step, PlaceCall | AnnounceCall):
            return False
        return not any(not step.call or call.alias == step.call for call in self._calls.all)

    def tell_broken(self) -> None:
        """A call that Asterisk would have dropped has not succeeded, though no step noticed it."""
        for call in self._calls.all:
            if call.broken_unnoticed:
                failure = call.ended_early("the scenario was over")
                call.judgements.append(failure.judgement)
                self._result.failures.append(failure)

    def date(self) -> None:
        """Date the steps in seconds of the first call."""
        zero = self._calls.all[0].began if self._calls.all else self._began
        self._result.steps += [replace(time, at=time.at - zero, end=time.end - zero) for time in self._times]
