"""Keywords: what happens inside the bot, as it tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from robot.api.types import Secret

from ..scenario import BotShouldHaveUnderstood, WaitForBotEvent
from .preparing import NO_TOKEN
from .robot import keyword
from .session import SESSION
from .varargs import refuse_options

_SOON = timedelta(seconds=5)


class BotEventKeywords:
    """Events of the bot, by the UUID of the call."""

    @keyword("Bot", "Inside")
    def listen_for_bot_events(self, source: str, *, token: Secret = NO_TOKEN) -> None:
        """Listens to what the bot tells about its calls, until the end of this suite (or test).

        Any bot can tell it: a line of JSON for each event, in which `event` and `uuid` are enough
        (`{"event": "recognised", "uuid": "0b5e…", "fields": {"text": "…"}}`; docs/backend.md has the whole format).
        The events of a call also stand in its record, as `marks`.

        Args:
            source: A file that the bot appends to; `http://…`, asked ten times a second for events `since=` the last
                number; or `ws://…`, which is connected again with `since=` after a break.
            token: Sent as `Authorization: Bearer`, to a WebSocket also as `token=`. A `Secret`, never logged.

        Example:
        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    events=${OUTPUT DIR}/events.jsonl
        Listen For Bot Events    ${OUTPUT DIR}/events.jsonl
        Place Call
        Wait For Bot Event    call started
        ```
        """
        SESSION.listen(source, token.value)

    @keyword("Bot", "Inside")
    def wait_for_bot_event(
        self, event: str, *, within: timedelta = _SOON, call: str = "", **fields: Any
    ) -> dict[str, Any]:
        """Waits until the bot tells an event about this call. Hard.

        Events that came before this keyword count: each wait takes the first fitting event of the call that no wait
        has taken before. So the order of two waits for different events does not matter, and the second wait for the
        same event is for the next one.

        Args:
            event: Its name, like `transfer` or `tool called`.
            within: How long to wait.
            call: Alias of the call; the current one unless given.
            **fields: Values that it must have, compared as text, like `name=order_status`.

        Returns:
            Its fields, as a dictionary.

        Example:
        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    events=${OUTPUT DIR}/waited.jsonl
        Listen For Bot Events    ${OUTPUT DIR}/waited.jsonl
        Place Call
        Send DTMF    0
        ${transfer}    Wait For Bot Event    transfer    within=10 s
        Log    ${transfer}[reason]
        ```
        """
        refuse_options([f"{name}=" for name in fields], ("within", "call"))
        step = WaitForBotEvent(name=event, within=within.total_seconds(), fields=fields, call=call)
        told: dict[str, Any] = SESSION.do(step)
        return told

    @keyword("Bot", "Inside")
    def bot_should_have_understood(
        self, text: str, *, within: timedelta = _SOON, turn: int | None = None, call: str = ""
    ) -> str:
        """Checks what the bot's recogniser made of what the caller said; waits until it tells. Hard.

        It is in the bot's events `recognised`. Letter case and punctuation do not matter, nor whether a number is said
        or written.

        Args:
            text: One word or more, as one stretch of what was understood.
            within: How long to wait.
            turn: In which turn; the last unless given.
            call: Alias of the call; the current one unless given.

        Returns:
            All that was understood in this turn.

        Example:
        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    events=${OUTPUT DIR}/understood.jsonl
        Listen For Bot Events    ${OUTPUT DIR}/understood.jsonl
        Place Call
        Play    winter_tyres
        Bot Should Have Understood    зимові шини
        ```
        """
        step = BotShouldHaveUnderstood(text=text, within=within.total_seconds(), turn=turn, call=call)
        understood: str = SESSION.do(step)
        return understood
