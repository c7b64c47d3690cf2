"""Scenarios that come with the package and work on any bot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..call import CallSettings
from ..records import UsageError
from ..transport import Address
from .bot_steps import WaitUntilBotHasSpoken
from .caller_steps import PlaceCall
from .calls import Calls
from .plan import Plan, PlannedStep
from .step import Step
from .voice_steps import Say

SOURCE: Final = "built in"


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpOnceAnswered(Step):
    """Hang up once the bot has had its say, or has hung up itself; nothing is expected of it any more."""

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        if await call.wait_for_reply(call.turns[-1].number):
            await call.wait_until_quiet(most=call.settings.longest_reply)
        await call.hang_up()


def hello(bot: Address, settings: CallSettings | None = None) -> Plan:
    """The scenario ``Hello``: hear the greeting, say one sentence, hear the answer, say goodbye.

    It expects a greeting, an answer, and no more of any bot; what it says are recordings of the package.
    """
    settings = settings or CallSettings()
    steps: tuple[tuple[str, Step], ...] = (
        ("Place Call", PlaceCall(bot=bot, settings=settings)),
        ("Wait Until Bot Has Spoken", WaitUntilBotHasSpoken(timeout=settings.greeting_timeout)),
        ("Say    Добрий день", Say(texts=("Добрий день",))),
        ("Wait Until Bot Has Spoken", WaitUntilBotHasSpoken(timeout=settings.turn_timeout)),
        ("Say    Ні, дякую. До побачення", Say(texts=("Ні, дякую. До побачення",))),
        ("Hang Up", HangUpOnceAnswered()),
    )
    return Plan("Hello", SOURCE, tuple(PlannedStep(step, text, SOURCE) for text, step in steps))


BUILT_IN: Final[Mapping[str, Callable[[Address], Plan]]] = {"Hello": hello}


def built_in(name: str, bot: Address) -> Plan:
    """A scenario of the package by its name.

    Raises:
        UsageError: there is none.
    """
    for known, make in BUILT_IN.items():
        if known.lower() == name.lower():
            return make(bot)
    raise UsageError(f"There is no built-in scenario '{name}'. Built in: {', '.join(BUILT_IN)}")
