"""Keywords: calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from ..call import Moment
from ..protocol import AsteriskVersion, AudioFormat
from ..records import CallFailure, CallRecord, UsageError
from ..scenario import GetCall, HangUp, HangUpAll, PlaceCall, SwitchCall
from ..transport import Address, Chunks
from .robot import keyword, variable
from .session import SESSION, Keep, Scope


class _FromVariable(Address):
    """The address in ``${BOT}``."""

    def __str__(self) -> str:
        return "${BOT}"


BOT = _FromVariable("", 0)


class CallKeywords:
    """Placing, switching and ending calls."""

    @keyword("Calls")
    def place_call(
        self,
        bot: Address = BOT,
        *,
        alias: str = "",
        uuid: UUID | None = None,
        greets: bool | None = None,
        format: AudioFormat | None = None,  # noqa: A002 - the field's word
        asterisk: AsteriskVersion | None = None,
        rules: Literal["strict", "lenient"] | None = None,
        dtx: bool | None = None,
        max_length: timedelta | None = None,
        connect_timeout: timedelta | None = None,
        greeting_timeout: timedelta | None = None,
        turn_timeout: timedelta | None = None,
        chunk_size: int = 0,
        chunk_interval: timedelta = timedelta(milliseconds=200),
    ) -> str:
        """Calls the bot as Asterisk would; the call becomes the current one.

        Connects, sends the UUID, then media frames without a break until the call is over. The call ends with the
        test (with the suite, where it was placed in a suite set-up) unless it was hung up before.
        What is not given is taken from [Set Call Defaults].

        Args:
            bot: Where it listens, `host:port`; the variable `${BOT}` unless given.
            alias: A name, to speak of this call while another is current.
            uuid: What the bot gets as the call's identity; random unless given.
            greets: Whether the bot speaks first; the caller then waits for its greeting before speaking.
            format: What the caller sends.
            asterisk: Whose rules hold, by version.
            rules: `strict`: the call fails where that Asterisk would have dropped it; `lenient`: it goes on.
            dtx: Send nothing instead of silence, as a phone with discontinuous transmission.
            max_length: After this the call is hung up.
            connect_timeout: How long to wait for the connection; Asterisk waits 2 s.
            greeting_timeout: How long to wait for the first word at all.
            turn_timeout: How long to wait for a reply at all.
            chunk_size: Send audio in pieces of so many bytes instead of media frames ...
            chunk_interval: ... every so often.

        Returns:
            The UUID.

        Example:
        ```robotframework
        Place Call
        Place Call    ${BOT}    alias=operator    asterisk=20.17
        ```
        """
        settings = SESSION.defaults.settings(
            greets=greets,
            format=format,
            asterisk=asterisk,
            rules=rules,
            dtx=dtx,
            max_length=_seconds(max_length),
            connect_timeout=_seconds(connect_timeout),
            greeting_timeout=_seconds(greeting_timeout),
            turn_timeout=_seconds(turn_timeout),
            chunks=Chunks(chunk_size, chunk_interval.total_seconds()) if chunk_size else None,
        )
        address = _bot() if bot is BOT else bot
        try:
            placed: str = SESSION.place(PlaceCall(bot=address, settings=settings, uuid=uuid, call=alias))
        except CallFailure as failure:
            if str(failure).endswith("give another address"):
                raise CallFailure(failure.kind, f"{failure}: robot -v BOT:host:port") from None
            raise
        return placed

    @keyword("Calls")
    def switch_call(self, alias: str) -> None:
        """Makes another call the current one.

        Args:
            alias: As given to [Place Call].

        Example:
        ```robotframework
        Place Call    alias=first
        Place Call    alias=second
        Switch Call    first
        ```
        """
        SESSION.do(SwitchCall(call=alias))

    @keyword("Calls")
    def hang_up(self, *, at: Moment | None = None, with_frame: bool = False, call: str = "") -> None:
        """Ends the call by closing it, as Asterisk does. A call left open is hung up at the end of its test.

        Args:
            at: When, like `bot stops` or `900 ms after bot starts`; now unless given.
            with_frame: Send the frame 0x00 before, which no Asterisk does.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        Hang Up    at=bot stops
        ```
        """
        SESSION.do(HangUp(at=at, with_frame=with_frame, call=call))

    @keyword("Calls")
    def hang_up_all_calls(self) -> None:
        """Ends every open call. What a test leaves open is hung up at its end anyway.

        Example:
        ```robotframework
        Place Call    alias=one
        Place Call    alias=two
        Hang Up All Calls
        ```
        """
        SESSION.do(HangUpAll())

    @keyword("Calls")
    def get_call(self, *, call: str = "") -> dict[str, Any]:
        """Returns the record of the call: uuid, turns, figures, findings, how it ended.

        Times are in seconds since the call began, which are those of its recording.

        Args:
            call: Alias of the call; the current one unless given.

        Returns:
            A dictionary.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        ${record}    Get Call
        Log    ${record}[figures][greeting_time]
        ```
        """
        record: CallRecord = SESSION.do(GetCall(call=call))
        return record.to_json()

    @keyword("Calls")
    def set_call_defaults(
        self,
        *,
        reply_pause: timedelta | None = None,
        turn_timeout: timedelta | None = None,
        greeting_timeout: timedelta | None = None,
        connect_timeout: timedelta | None = None,
        longest_reply: timedelta | None = None,
        max_length: timedelta | None = None,
        greets: bool | None = None,
        format: AudioFormat | None = None,  # noqa: A002
        asterisk: AsteriskVersion | None = None,
        rules: Literal["strict", "lenient"] | None = None,
        dtx: bool | None = None,
        language: str = "",
        keep_recordings: Keep | None = None,
        scope: Scope = "suite",
    ) -> None:
        """Changes what calls assume, for this test, suite or run; undone at its end.

        Args:
            reply_pause: Silence that ends a part of a reply, and after which the caller speaks (800 ms).
            turn_timeout: How long to wait for a reply at all (10 s). A limit judges earlier.
            greeting_timeout: The same for the greeting (10 s).
            connect_timeout: How long to wait for the connection (2 s).
            longest_reply: How long a polite caller listens before it gives up its turn (1 min).
            max_length: After this a call is hung up (5 min).
            greets: Whether the bot speaks first (yes).
            format: What the caller sends (slin: 8 kHz).
            asterisk: Whose rules hold (22.10).
            rules: `strict` or `lenient` (strict).
            dtx: Send nothing instead of silence (no).
            language: What caller and bot speak, like `en` (uk).
            keep_recordings: Of all calls, of those in failed tests, or of none (all).
            scope: How long it holds.

        Example:
        ```robotframework
        Set Call Defaults    turn_timeout=20 s    asterisk=20.17    scope=test
        ```
        """
        given = {
            "reply_pause": _seconds(reply_pause),
            "turn_timeout": _seconds(turn_timeout),
            "greeting_timeout": _seconds(greeting_timeout),
            "connect_timeout": _seconds(connect_timeout),
            "longest_reply": _seconds(longest_reply),
            "max_length": _seconds(max_length),
            "greets": greets,
            "format": format,
            "asterisk": asterisk,
            "rules": rules,
            "dtx": dtx,
            "language": language or None,
            "keep_recordings": keep_recordings,
        }
        values = {name: value for name, value in given.items() if value is not None}
        if not values:
            raise UsageError("Nothing to change: name at least one setting, like turn_timeout=20 s")
        SESSION.defaults.change(SESSION.owner(scope), values)


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


def _bot() -> Address:
    value = variable("${BOT}")
    if not value:
        raise UsageError(
            "No bot to call: give its address to 'Place Call', or set ${BOT}: robot -v BOT:127.0.0.1:9092. "
            "To start one of ours: Start Reference Bot (Library    AudioSocketLibrary.ReferenceBot)"
        )
    return value if isinstance(value, Address) else Address.parse(str(value))
