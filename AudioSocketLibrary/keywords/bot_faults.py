"""Keywords: the reference bot misbehaves, for as long as the test or suite lasts that asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..bot.fault_kinds import FAULTS
from ..bot.faults import read_fault
from ..bot.script import nearest
from ..records import UsageError
from .converters import Percent
from .robot import keyword, logger
from .running_bot import StartedBot
from .session import SESSION

_KINDS = {kind.name: kind for kind in FAULTS}


@dataclass(frozen=True, slots=True)
class _SetFault:
    bot: StartedBot
    owner: str
    """The test or suite that set it, by its full name."""
    name: str
    how: dict[str, Any]


class BotFaultKeywords:
    """Sets and clears faults of the bot that was started last.

    Args:
        bot: tells which that is; None: none runs.
        running: whether a bot still runs.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, bot: Callable[[], StartedBot | None], running: Callable[[StartedBot], bool]) -> None:
        self._bot = bot
        self._running = running
        self._set: list[_SetFault] = []

    @keyword("Bot")
    def set_bot_fault(
        self,
        fault: str,
        *,
        share: Percent | None = None,
        delay: timedelta | None = None,
        seed: int | None = None,
        **parameters: Any,
    ) -> None:
        """Makes the reference bot misbehave, until the test or suite that asked for it ends.

        It acts on the bot that was started last, in calls that stand and in those to come.

        Args:
            fault: Its name, like `slow speech`, `half duplex` or `refusing`; `audiosocket bot --list-faults` lists all.
            share: In how many calls it strikes, all unless given; of the database and the dependency, in how many
                requests.
            delay: By how much things come late, for faults that are slow; the same as `by`.
            seed: Draws the share: the same seed strikes the same calls.
            **parameters: What else can be said of this fault, like `after=2 s`, `above=3`, `uuid=4032`.

        Example:
        ```robotframework
        Set Bot Fault    slow speech    delay=300 ms    share=50 %    seed=7
        ```
        """
        kind = _KINDS.get(fault.strip().lower().replace("-", " ").replace("_", " "))
        if kind is None:
            raise UsageError(f"There is no fault '{fault}'; {nearest(fault, sorted(_KINDS))}")
        if delay is not None:
            if "by" in parameters:
                raise UsageError("'delay' and 'by' are the same: give one of them")
            parameters["by"] = delay.total_seconds()
        if share is not None:
            parameters["share"] = float(share)
        if seed is not None:
            parameters["seed"] = seed
        # Here, so that what is wrong with it is told before anything is asked of the bot.
        read_fault(kind, parameters)
        bot = self._needed()
        bot.set_fault(kind.name, parameters)
        self._set.append(_SetFault(bot, SESSION.owner(), kind.name, parameters))

    @keyword("Bot")
    def clear_bot_faults(self) -> None:
        """Makes the reference bot behave again: all its faults are cleared.

        What a fault has done already stays done: a call that was ended stays ended.

        Example:
        ```robotframework
        Set Bot Fault    mute
        Clear Bot Faults
        ```
        """
        bot = self._needed()
        bot.clear_faults("")
        self._set = [each for each in self._set if each.bot is not bot]

    def _needed(self) -> StartedBot:
        bot = self._bot()
        if bot is None:
            raise UsageError("No reference bot runs: start one first (Start Reference Bot)")
        return bot

    def _end_test(self, data: Any, result: Any) -> None:  # noqa: ARG002 - Robot's listener interface
        self._undo(result.full_name)

    def _end_suite(self, data: Any, result: Any) -> None:  # noqa: ARG002
        self._undo(result.full_name)

    def _undo(self, owner: str) -> None:
        over = [each for each in self._set if each.owner == owner]
        self._set = [each for each in self._set if each.owner != owner and self._running(each.bot)]
        for bot, name in {(each.bot.address, each.name): (each.bot, each.name) for each in over}.values():
            if not self._running(bot):
                continue
            before = next((each for each in reversed(self._set) if each.bot is bot and each.name == name), None)
            try:
                if before is None:
                    bot.clear_faults(name)
                else:
                    bot.set_fault(name, before.how)
            except UsageError as error:
                logger.warn(f"The fault '{name}' could not be cleared: {error}")
