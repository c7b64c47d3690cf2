"""Bots that keywords started: in a process of their own, or in Robot's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robot.api.types import Secret

from ..bot import Bot, BotSettings, load_script, rows_of
from ..bot.process import BotProcess, arguments_of
from ..transport import Address
from .session import SESSION


@dataclass(frozen=True, slots=True)
class StartedBot:
    """A bot that runs."""

    address: str
    stop: Callable[[], object]
    set_fault: Callable[[str, dict[str, Any]], object]
    clear_faults: Callable[[str], object]
    """A fault, or all (empty)."""
    of_backend: dict[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, Any]:
        """What Robot's variables say about it."""
        return {"${BOT}": self.address, **self.of_backend}


def start_process(
    settings: BotSettings, *, port: int, script: Path | None, events: Path | None, backend: bool
) -> StartedBot:
    """Start ``audiosocket bot``."""
    backend_port = 0 if backend else None
    bot = BotProcess(arguments_of(settings, port=port, script=script, events=events, backend_port=backend_port))
    variables = _variables(bot.backend, bot.passwords) if backend else {}
    return StartedBot(str(bot.address), bot.stop, bot.set_fault, bot.clear_faults, variables)


def start_here(
    settings: BotSettings, *, port: int, script: Path | None, events: Path | None, backend: bool
) -> StartedBot:
    """Start a bot on the loop of the keywords."""
    rows = load_script(script, usual=rows_of(settings)) if script else None
    if not backend:
        bot = Bot(settings, rows, events=events)
        address = SESSION.engine.run(bot.start(port=port))
        return _started(address, bot, lambda: SESSION.engine.run(bot.stop()), {})
    from ..bot.backend import Backend, BackendSettings  # noqa: PLC0415 - an extra, and slow to import

    running = Backend(BackendSettings.from_environment(base=BackendSettings(events_file=events)))
    try:
        running.start()
        bot = Bot(settings, rows, backend=running)
        address = SESSION.engine.run(bot.start(port=port))
    except BaseException:
        running.stop()
        raise

    def stop() -> None:
        SESSION.engine.run(bot.stop())
        running.stop()

    return _started(address, bot, stop, _variables(running.url, running.take_credentials()))


def _started(address: Address, bot: Bot, stop: Callable[[], object], variables: dict[str, Any]) -> StartedBot:
    return StartedBot(str(address), stop, bot.faults.set, lambda name: bot.faults.clear(name or None), variables)


def _variables(url: str | None, passwords: dict[str, str]) -> dict[str, Any]:
    # Robot logs what a variable is set to.
    return {"${BACKEND}": url, "${BACKEND PASSWORDS}": {name: Secret(word) for name, word in passwords.items()}}
