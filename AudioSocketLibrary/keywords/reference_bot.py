"""The Robot library ``AudioSocketLibrary.ReferenceBot``: a bot to call, for as long as a suite or test needs it."""

from __future__ import annotations

import atexit
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any, Literal

from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from ..bot import BotSettings
from ..protocol import AudioFormat
from ..version import __version__
from .backend_data import BackendDataKeywords
from .bot_arguments import (
    BOT_CONVERTERS,
    Recordings,
    TimeOrNever,
    dialogue_of,
    recogniser_of,
    recording_of,
    seconds_or_none,
)
from .bot_faults import BotFaultKeywords
from .converters import CONVERTERS
from .robot import find_file, keyword, logger, variable
from .running_bot import StartedBot, start_here, start_process
from .session import SESSION

_USUAL = BotSettings()


@dataclass(frozen=True, slots=True)
class _Running:
    started: StartedBot
    owner: str
    """The test or suite that started it, by its full name."""
    before: dict[str, Any]
    """What its variables were."""


class ReferenceBotKeywords:
    """Starts and stops bots."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        self._running: list[_Running] = []
        atexit.register(self._stop_all)

    @property
    def last(self) -> StartedBot | None:
        """The bot that was started last and still runs; None: there is none."""
        return self._running[-1].started if self._running else None

    def runs(self, bot: StartedBot) -> bool:
        """Whether it has not been stopped."""
        return any(each.started is bot for each in self._running)

    @keyword("Bot")
    def start_reference_bot(
        self,
        *,
        greeting: str = "usual",
        replies: Recordings = Recordings(_USUAL.replies),  # noqa: B008 - it never changes
        reply_after: timedelta = timedelta(seconds=_USUAL.reply_after[0]),
        yields_after: TimeOrNever = TimeOrNever(_USUAL.yields_after or inf),  # noqa: B008
        hang_up_after_turn: int | None = None,
        silence_after: TimeOrNever = TimeOrNever(_USUAL.silence_after or inf),  # noqa: B008
        greeting_after: timedelta = timedelta(seconds=_USUAL.greeting_after),
        on_keys: bool = _USUAL.on_keys,
        endpoint: timedelta = timedelta(seconds=_USUAL.endpoint),
        fill: Literal["silence", "nothing"] = _USUAL.fill,
        format: AudioFormat = _USUAL.format,  # noqa: A002 - the field's word
        seed: int | None = None,
        echo: bool = False,
        calibration: bool = False,
        script: Path | None = None,
        dialogue: str | None = None,
        recogniser: str = _USUAL.recogniser,
        events: Path | None = None,
        backend: bool = False,
        run: str = "",
        port: int = 0,
        process: Literal["own", "suite"] = "own",
    ) -> str:
        """Starts a bot and sets `${BOT}` to its address.

        Args:
            greeting: A prompt's name or a file; `none`: the caller speaks first.
            replies: Prompts or files, taken in turn; the last is repeated.
            reply_after: The programmed delay: from the caller's last voiced sample to the reply's first. Not below
                `endpoint`.
            yields_after: It stops once it has been spoken over for so long, or `never`.
            hang_up_after_turn: It hangs up after its last word in this turn; 0 is the greeting.
            silence_after: It asks whether the caller is still there after so much silence, or `never`.
            greeting_after: From the UUID to the greeting.
            on_keys: Whether it answers keys.
            endpoint: The silence that tells the bot that the caller has stopped.
            fill: What it sends between utterances: `silence` or `nothing`.
            format: What it sends, and expects in 0x10: `slin`, `slin16`, `ulaw` and others.
            seed: Draws what faults with a `share` strike.
            echo: It sends back what it hears, and says nothing.
            calibration: It replies with tones at their exact sample: for measuring the measurer.
            script: A file of rows "on this event do that"; `audiosocket bot --help` lists events and actions.
            dialogue: By what it understands and answers its callers: `tyre_shop`, `delivery_desk` or a file; then
                `greeting` and `replies` have no effect.
            recogniser: What it understands with: `phrases` knows the recordings of the phrase book, `script:FILE` is
                told what it hears.
            events: A file to which it writes what happens in its calls, a line of JSON each.
            backend: Runs REST, WebSocket and a database beside it, and sets `${BACKEND}` to their URL and
                `${BACKEND PASSWORDS}` to the generated passwords by user, each a `Secret`.
            run: What its events and the backend's rows are tagged with.
            port: 0 lets the system choose.
            process: `own` is a process of its own. `suite` saves half a second and runs it in Robot's process, where
                both disturb each other's timing.

        Returns:
            The address, `host:port`.

        ```robotframework
        Start Reference Bot    replies=tyres_found, goodbye    reply_after=1.2 s    hang_up_after_turn=2
        ```
        """
        if SESSION.recorder is not None:
            SESSION.recorder.leave_out("Start Reference Bot", f"the load calls {SESSION.recorder.bot}")
            return str(SESSION.recorder.bot)
        settings = BotSettings(
            greeting=None if greeting.lower() == "none" else recording_of(greeting),
            replies=tuple(recording_of(name) for name in replies),
            reply_after=(reply_after.total_seconds(),),
            yields_after=seconds_or_none(yields_after),
            hang_up_after_turn=hang_up_after_turn,
            silence_after=seconds_or_none(silence_after),
            greeting_after=greeting_after.total_seconds(),
            on_keys=on_keys,
            endpoint=endpoint.total_seconds(),
            fill=fill,
            format=format,
            seed=seed,
            echo=echo,
            calibration=calibration,
            dialogue=dialogue_of(dialogue),
            recogniser=recogniser_of(recogniser),
            run=run,
        )
        rows = find_file(script) if script else None
        start = start_process if process == "own" else start_here
        started = start(settings, port=port, script=rows, events=events, backend=backend)
        before = {name: variable(name) for name in started.variables}
        theirs = before.get("${BOT}")
        if theirs and not any(theirs == bot.started.address for bot in self._running):
            logger.warn(
                f"${{BOT}} was {theirs}: until the reference bot stops, its address {started.address} stands there"
            )
        self._running.append(_Running(started, SESSION.owner(), before))
        _set_variables(started.variables)
        return started.address

    @keyword("Bot")
    def stop_reference_bot(self) -> None:
        """Stops the bot that was started last, hangs up its calls and puts `${BOT}` back.

        Nothing happens where none runs.

        ```robotframework
        Stop Reference Bot
        ```
        """
        if self._running:
            self._stop(self._running[-1])

    def _end_test(self, data: Any, result: Any) -> None:  # noqa: ARG002 - Robot's listener interface
        self._stop_those_of(result.full_name)

    def _end_suite(self, data: Any, result: Any) -> None:  # noqa: ARG002
        self._stop_those_of(result.full_name)

    def _stop_those_of(self, owner: str) -> None:
        for bot in [bot for bot in reversed(self._running) if bot.owner == owner]:
            # First, or these calls would seem to have been ended by the bot.
            for call in SESSION.calls.all:
                if not call.over and str(call.bot) == bot.started.address:
                    SESSION.engine.run(call.hang_up())
            self._stop(bot)

    def _stop(self, bot: _Running) -> None:
        self._running.remove(bot)
        bot.started.stop()
        # A bot started later may have its own there now.
        _set_variables(
            {name: bot.before[name] for name, ours in bot.started.variables.items() if variable(name) == ours}
        )

    def _stop_all(self) -> None:
        while self._running:
            self._running.pop().started.stop()


def _set_variables(values: dict[str, Any]) -> None:
    # Robot has no way to remove a variable; ${None} is what a variable that is missing reads as.
    for name, value in values.items():
        BuiltIn().set_suite_variable(name, value, "children=True")


class ReferenceBot(DynamicCore):  # type: ignore[misc]
    """Starts and stops the reference bot: a tyre shop to call while there is no other.

    It greets, notices when the caller has stopped, replies with recordings after a programmed delay, stops when it is
    spoken over, answers keys, asks after silence, hangs up; or does what a script says. It understands nothing and
    gives any utterance the next reply, unless it has a dialogue. It is what ``audiosocket bot`` runs.

    A bot is stopped at the end of the suite that started it in its setup, or of the test that started it.

    ```robotframework
    *** Settings ***
    Library           AudioSocketLibrary
    Library           AudioSocketLibrary.ReferenceBot
    Suite Setup       Start Reference Bot    reply_after=800 ms

    *** Test Cases ***
    Bot Replies In Time
        Place Call
        Play    winter_tyres
        Bot Should Reply Within    2 s
    ```
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_LIBRARY_CONVERTERS = {**CONVERTERS, **BOT_CONVERTERS}  # noqa: RUF012

    def __init__(self) -> None:
        bots = ReferenceBotKeywords()
        # The faults first: they are undone before their bot is stopped.
        super().__init__([BotFaultKeywords(lambda: bots.last, bots.runs), bots, BackendDataKeywords()])
