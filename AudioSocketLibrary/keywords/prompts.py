"""Keywords: known recordings in what the bot plays."""

from __future__ import annotations

from datetime import timedelta

from ..media import PhraseBookError
from ..media.new_prompts import KeptPrompt, accept_command, check_name, make_book
from ..records import UsageError
from ..report.prompts_page import write_prompts_page
from ..scenario import BotShouldPlayPrompt, SavePrompt
from .robot import keyword, logger, suite_folder
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

    @keyword("Bot", "Prompts")
    def save_prompt(self, name: str, *, turn: int | None = None, call: str = "") -> None:
        """Keeps what the bot just said as a known recording, once a person has listened to it and accepted it.

        Hears the reply out. Where it is the known recording of that name, all of it and nothing else, nothing happens.
        Else it is kept in `prompts/new/` beside the phrase book in use, and a warning tells of the page to listen on;
        `audiosocket phrases accept NAME` makes it the known one. No row in the phrase book is needed. Without a phrase
        book `audio/phrases.yaml` is made beside the suite.

        Args:
            name: Of the prompt: letters, digits and `_`.
            turn: Which turn's reply; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Save Prompt    greeting
        ```
        """
        try:
            check_name(name)
            book = SESSION.phrase_book or make_book(suite_folder(), SESSION.defaults.settings().language)
            kept: KeptPrompt = SESSION.do(SavePrompt(name=name, book=book, turn=turn, call=call))
            page = write_prompts_page(book)
        except (PhraseBookError, OSError) as error:
            raise UsageError(f"The prompt '{name}' could not be kept: {error}") from None
        if kept.state == "same":
            logger.info(f"The prompt '{name}' is what the bot said: {kept.path}")
            return
        what = "is new" if kept.state == "new" else "is another recording than the known one"
        logger.warn(
            f"What the bot said as prompt '{name}' {what}. Listen: {page.resolve().as_uri()} "
            f"Accept it: {accept_command(book, name)}"
        )

    def _play(self, names: tuple[str, ...], within: timedelta | None, turn: int | None, call: str) -> str:
        if not names:
            raise UsageError("Name at least one prompt of the phrase book")
        seconds = None if within is None else within.total_seconds()
        played: str = SESSION.do(BotShouldPlayPrompt(names=names, within=seconds, turn=turn, call=call))
        return played
