"""Keywords: known recordings in what the bot plays."""

from __future__ import annotations

from datetime import timedelta

from ..records import UsageError
from ..scenario import BotShouldPlayPrompt
from .robot import keyword
from .session import SESSION
from .varargs import refuse_options


class PromptKeywords:
    """Prompts of the bot, by waveform."""

    @keyword("Bot", "Prompts")
    def bot_should_play_prompt(
        self, name: str, *, within: timedelta | None = None, turn: int | None = None, call: str = ""
    ) -> None:
        """Checks that a known recording is heard in what the bot plays in this turn; waits for it. Hard.

        For bots that play recordings: one that synthesises never plays the same sound twice; use [Bot Should Say].
        It is found at any level, in noise, over any codec; of recordings that differ in a word the one that was
        played is told from the others by ranking.

        Args:
            name: Of the prompt in the phrase book, or its text.
            within: Until when it must have begun, from the caller's last word; `turn_timeout` unless given. A later
                one is a soft failure.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Play Prompt    greeting    within=2 s
        ```
        """
        self._play((name,), within, turn, call)

    @keyword("Bot", "Prompts")
    def bot_should_play_one_of_prompts(
        self, *names: str, within: timedelta | None = None, turn: int | None = None, call: str = ""
    ) -> str:
        """Checks that any of the recordings is heard in what the bot plays in this turn; waits for it. Hard.

        Args:
            *names: Of prompts in the phrase book, or their texts.
            within: As for [Bot Should Play Prompt].
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Returns:
            The name of the prompt that was heard.

        Example:
        ```robotframework
        Place Call
        ${name}    Bot Should Play One Of Prompts    greeting    goodbye
        Should Be Equal    ${name}    greeting
        ```
        """
        refuse_options(names, ("within", "turn", "call"))
        return self._play(names, within, turn, call)

    def _play(self, names: tuple[str, ...], within: timedelta | None, turn: int | None, call: str) -> str:
        if not names:
            raise UsageError("Name at least one prompt of the phrase book")
        seconds = None if within is None else within.total_seconds()
        played: str = SESSION.do(BotShouldPlayPrompt(names=names, within=seconds, turn=turn, call=call))
        return played
