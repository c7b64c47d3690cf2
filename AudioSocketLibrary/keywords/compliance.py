"""Keywords: short questions to any bot, the same as those of ``audiosocket check``."""

from __future__ import annotations

from typing import Literal

from robot.api import SkipExecution

from ..check import Talk, Verdict, check_bot, probe_named
from ..check.paper import sentence
from ..protocol import AsteriskVersion
from ..records import CallFailure, FailureKind
from ..transport import Address
from .calls import BOT, _bot
from .robot import keyword, logger
from .session import SESSION


class ComplianceKeywords:
    """Would the bot live behind Asterisk?"""

    def __init__(self) -> None:
        self._talks: dict[tuple[str, Address, str], Talk] = {}
        """The ordinary call with each bot, made once in a suite: each probe needs to know what is usual."""

    @keyword("Compliance")
    def bot_should_pass(
        self,
        probe: str,
        *,
        bot: Address = BOT,
        asterisk: AsteriskVersion | None = None,
        language: Literal["uk", "en"] = "uk",
    ) -> None:
        """Checks one thing that Asterisk, or its callers, ask of every bot, in short calls of its own.

        The probes are those of `audiosocket check`; the page `docs/check.md` tells what each asks, and why. Fails where
        it matters behind the Asterisk version asked for; a remark is only logged. Skips the test where the probe could
        not be judged, with the reason. The ordinary call, which tells what is usual for a bot, is made once in a suite.

        Args:
            probe: Its name, like `keys`, or its title, like `keeps the line when it gets a key press`.
            bot: Where it listens, `host:port`; the variable `${BOT}` unless given.
            asterisk: Behind which version; that of [Set Call Defaults] unless given.
            language: What the caller speaks.

        Example:
        ```robotframework
        Bot Should Pass    keys
        Bot Should Pass    coalesced    asterisk=20.17
        ```
        """
        asked = SESSION.defaults.settings(asterisk=asterisk).asterisk
        address = _bot() if bot is BOT else bot
        known = (SESSION.owner("suite"), address, language)
        work = check_bot(address, asked, language=language, probes=[probe_named(probe)], talk=self._talks.get(known))
        report = SESSION.engine.run(work)
        if report.talk:
            self._talks[known] = report.talk
        [result] = report.results
        if result.verdict is Verdict.NOT_MEASURED:
            raise SkipExecution(f"Not measured: {result.text}.")
        if result.verdict is Verdict.NO:
            raise CallFailure(FailureKind.FINDING, sentence(result))
        logger.info(sentence(result))
