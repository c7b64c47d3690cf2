"""Keywords: what the bot says, in words."""

from __future__ import annotations

import re
from datetime import timedelta

from ..media.words import TOLERANCE
from ..records import UsageError
from ..scenario import BotShouldNotSay, BotShouldSay, BotShouldSayMatching, GetBotWords, check_texts
from .converters import Engine, Percent
from .robot import keyword
from .session import SESSION, Scope
from .varargs import refuse_options


class WordKeywords:
    """Words of the bot, by a recogniser."""

    @keyword("Bot", "Words")
    def bot_should_say(
        self,
        text: str,
        *,
        within: timedelta | None = None,
        tolerance: Percent | None = None,
        language: str = "",
        turn: int | None = None,
        call: str = "",
    ) -> str:
        """Checks that the words are heard in what the bot says in this turn; waits for them. Hard.

        Letter case and punctuation do not matter, nor whether a number is said or written: `16` is `шістнадцять`.
        Without [Use Recogniser] the bot is understood where it plays known prompts (those of the phrase book).

        Args:
            text: One word or more, as one stretch of what the bot says.
            within: Until when the words must have been said, from the caller's last word; so a filler hides no slow
                answer. `turn_timeout` unless given. Words that come later are a soft failure.
            tolerance: Share of the words that may be wrong (20 %).
            language: Of the words; that of the call unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Returns:
            The words as they were heard.

        Example:
        ```robotframework
        Place Call
        Bot Should Say    слухаю вас    within=5 s
        ```
        """
        return self._say((text,), within, tolerance, language, turn, call)

    @keyword("Bot", "Words")
    def bot_should_say_one_of(
        self,
        *texts: str,
        within: timedelta | None = None,
        tolerance: Percent | None = None,
        language: str = "",
        turn: int | None = None,
        call: str = "",
    ) -> str:
        """Checks that any of the texts is heard in what the bot says in this turn; waits for it. Hard.

        Args:
            *texts: Each as for [Bot Should Say].
            within: As for [Bot Should Say].
            tolerance: Share of the words that may be wrong (20 %).
            language: Of the words; that of the call unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Returns:
            The words as they were heard.

        Example:
        ```robotframework
        Place Call
        Bot Should Say One Of    слухаю вас    чим допомогти
        ```
        """
        refuse_options(texts, ("within", "tolerance", "language", "turn", "call"))
        return self._say(texts, within, tolerance, language, turn, call)

    @keyword("Bot", "Words")
    def bot_should_not_say(
        self,
        text: str,
        *,
        tolerance: Percent | None = None,
        language: str = "",
        turn: int | None = None,
        call: str = "",
    ) -> None:
        """Checks that the words are not heard in this turn; hears the bot out first. Hard.

        Args:
            text: As for [Bot Should Say].
            tolerance: Share of the words that may be wrong (20 %).
            language: Of the words; that of the call unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Not Say    до побачення
        ```
        """
        check_texts((text,))
        SESSION.do(
            BotShouldNotSay(
                text=text,
                tolerance=TOLERANCE if tolerance is None else tolerance,
                language=language,
                turn=turn,
                call=call,
            )
        )

    @keyword("Bot", "Words")
    def bot_should_say_matching(
        self,
        pattern: str,
        *,
        within: timedelta | None = None,
        language: str = "",
        turn: int | None = None,
        call: str = "",
    ) -> dict[str, str]:
        r"""Checks that what the bot says matches a regular expression; waits for it. Hard.

        It is matched against lower-case words with one space between them, numbers in digits, no punctuation.

        Args:
            pattern: A regular expression of Python; write `\\d` for `\d`.
            within: As for [Bot Should Say].
            language: Of the words; that of the call unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Returns:
            The named groups, as a dictionary.

        Example:
        ```robotframework
        Place Call
        ${found}    Bot Should Say Matching    слухаю (?P<whom>\\w+)
        Should Be Equal    ${found}[whom]    вас
        ```
        """
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"'{pattern}' is no regular expression: {error}") from None
        step = BotShouldSayMatching(pattern=pattern, within=_seconds(within), language=language, turn=turn, call=call)
        groups: dict[str, str] = SESSION.do(step)
        return groups

    @keyword("Bot", "Words")
    def get_bot_words(self, *, language: str = "", turn: int | None = None, call: str = "") -> str:
        """Returns the words of the reply; waits until the bot has spoken.

        Args:
            language: Of the words; that of the call unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Returns:
            The words; empty where nothing was understood.

        Example:
        ```robotframework
        Place Call
        ${words}    Get Bot Words
        Should Contain    ${words}    слухаю
        ```
        """
        words: str = SESSION.do(GetBotWords(language=language, turn=turn, call=call))
        return words

    @keyword("Data")
    def use_recogniser(self, engine: Engine, *, scope: Scope = "suite") -> None:
        """Says what understands the bot from now on.

        | Engine | What it is |
        | --- | --- |
        | `prompts` | the recordings of the phrase book, found in what the bot plays; needs nothing (default) |
        | `http://host:port/v1` | a speech service of the OpenAI shape: whisper servers, speaches, the real one |
        | `wyoming://host:port` | a Wyoming server, as of Home Assistant |
        | `command:whisper {wav}` | a command that prints the words of a WAV file |
        | `script:FILE.yaml` | says what it was told to: for bots without real sound |
        | `vosk:FOLDER`, `faster-whisper:MODEL` | packages of those names, with a model of yours |

        It runs in a process of its own. A key is taken from the environment variable `AUDIOSOCKET_RECOGNISER_KEY`.

        Args:
            engine: Its name or address.
            scope: How long it holds.

        Example:
        ```robotframework
        Use Recogniser    prompts    scope=test
        ```
        """
        SESSION.defaults.change(SESSION.owner(scope), {"recogniser": str(engine)})

    def _say(
        self,
        texts: tuple[str, ...],
        within: timedelta | None,
        tolerance: Percent | None,
        language: str,
        turn: int | None,
        call: str,
    ) -> str:
        check_texts(texts)
        step = BotShouldSay(
            texts=texts,
            within=_seconds(within),
            tolerance=TOLERANCE if tolerance is None else tolerance,
            language=language,
            turn=turn,
            call=call,
        )
        heard: str = SESSION.do(step)
        return heard


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()
