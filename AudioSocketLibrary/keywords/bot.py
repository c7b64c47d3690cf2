"""Keywords: when the bot speaks."""

from __future__ import annotations

from datetime import timedelta

from ..scenario import (
    BotShouldGreetWithin,
    BotShouldHangUpWithin,
    BotShouldKeepTalkingFor,
    BotShouldNotInterruptCaller,
    BotShouldReplyWithin,
    BotShouldStaySilentFor,
    BotShouldStopTalkingWithin,
    WaitUntilBotHasSpoken,
    WaitUntilBotStartsSpeaking,
)
from .robot import keyword
from .session import SESSION


class BotKeywords:
    """Expectations of the bot's timing. They wait for what they assert; a limit judges, it does not cut."""

    @keyword("Bot", "Time")
    def bot_should_greet_within(self, limit: timedelta, *, call: str = "") -> None:
        """Checks that the bot greets in time: from the UUID sent to its first voiced sample.

        Soft: the test goes on, and fails at its end. No greeting at all (within `greeting_timeout`) ends the test.

        Args:
            limit: The longest greeting time.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        ```
        """
        SESSION.do(BotShouldGreetWithin(limit=limit.total_seconds(), call=call))

    @keyword("Bot", "Time")
    def bot_should_reply_within(self, limit: timedelta, *, turn: int | None = None, call: str = "") -> None:
        """Checks the response time: from the caller's last voiced sample to the reply's first.

        Soft: the test goes on, and fails at its end with the true figure. No reply at all (within `turn_timeout`)
        ends the test.

        Args:
            limit: The longest response time.
            turn: Which turn, 1 being the caller's first; the last unless given.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    winter_tyres
        Bot Should Reply Within    2 s
        ```
        """
        SESSION.do(BotShouldReplyWithin(limit=limit.total_seconds(), turn=turn, call=call))

    @keyword("Bot", "Time")
    def bot_should_stop_talking_within(self, limit: timedelta, *, turn: int | None = None, call: str = "") -> None:
        """Checks the barge-in time: from the caller's first voiced sample to the bot's last.

        Soft. Fails also where the bot was not speaking when the caller began.

        Args:
            limit: The longest barge-in time.
            turn: The turn in which the caller interrupted; the last unless given.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    stop    at=900 ms after bot starts
        Bot Should Stop Talking Within    700 ms
        ```
        """
        SESSION.do(BotShouldStopTalkingWithin(limit=limit.total_seconds(), turn=turn, call=call))

    @keyword("Bot", "Time")
    def bot_should_keep_talking_for(self, duration: timedelta, *, call: str = "") -> None:
        """Checks that what the caller just did does not stop the bot (a false barge-in). Soft.

        Args:
            duration: How long it should go on, from when the caller began.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    stop    at=300 ms after bot starts
        Bot Should Keep Talking For    100 ms
        ```
        """
        SESSION.do(BotShouldKeepTalkingFor(duration=duration.total_seconds(), call=call))

    @keyword("Bot", "Time")
    def bot_should_stay_silent_for(self, duration: timedelta, *, call: str = "") -> None:
        """Checks that the bot says nothing for that long from now on. Soft.

        Args:
            duration: How long.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Wait Until Bot Has Spoken
        Bot Should Stay Silent For    1 s
        ```
        """
        SESSION.do(BotShouldStaySilentFor(duration=duration.total_seconds(), call=call))

    @keyword("Bot", "Time")
    def bot_should_not_interrupt_caller(self, *, call: str = "") -> None:
        """Checks that the bot did not begin to speak while the caller spoke, in any turn so far. Soft.

        Args:
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    winter_tyres
        Bot Should Reply Within    2 s
        Bot Should Not Interrupt Caller
        ```
        """
        SESSION.do(BotShouldNotInterruptCaller(call=call))

    @keyword("Bot", "Time")
    def bot_should_hang_up_within(self, limit: timedelta, *, call: str = "") -> None:
        """Checks that the bot ends the call in time, counted from the last speech of either side.

        Args:
            limit: How long after the last speech.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call    ${BOT_THAT_HANGS_UP}
        Play    goodbye
        Bot Should Hang Up Within    5 s
        ```
        """
        SESSION.do(BotShouldHangUpWithin(limit=limit.total_seconds(), call=call))

    @keyword("Bot", "Waiting")
    def wait_until_bot_has_spoken(self, timeout: timedelta = timedelta(seconds=10), *, call: str = "") -> None:
        """Waits until the bot has spoken in this turn and been quiet for `reply_pause`. Rarely needed.

        Args:
            timeout: How long to wait for it to begin.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Wait Until Bot Has Spoken
        ```
        """
        SESSION.do(WaitUntilBotHasSpoken(timeout=timeout.total_seconds(), call=call))

    @keyword("Bot", "Waiting")
    def wait_until_bot_starts_speaking(self, timeout: timedelta = timedelta(seconds=10), *, call: str = "") -> None:
        """Waits for the bot's first voiced sample in this turn. Rarely needed.

        Args:
            timeout: How long to wait.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Wait Until Bot Starts Speaking
        ```
        """
        SESSION.do(WaitUntilBotStartsSpeaking(timeout=timeout.total_seconds(), call=call))
