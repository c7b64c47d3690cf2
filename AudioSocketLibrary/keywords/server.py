"""The Robot library ``AudioSocketLibrary.Server``: a bot played by the suite, to test a PBX's dialplan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from robot.libraries.BuiltIn import BuiltIn

from ..call import Call, CallServer, CallSettings
from ..media.words import TOLERANCE
from ..protocol import AsteriskVersion, AudioFormat
from ..records import UsageError
from ..scenario import (
    BotShouldSay,
    CallerShouldHangUpWithin,
    CallerShouldSay,
    CallerShouldSendDTMF,
    CallFormatShouldBe,
    WaitForCall,
    check_texts,
)
from ..version import __version__
from .caller import KEY_NAMES
from .converters import CONVERTERS, Percent
from .robot import keyword, logger, variable
from .session import SESSION


class Server:
    """Plays the bot, so that a suite can test what a PBX does with its calls.

    `AudioSocketLibrary` plays Asterisk's part towards a bot; this library plays the bot's part towards an Asterisk. The
    dialplan is under test: does it come to `AudioSocket()`, with which UUID and audio format, what does the caller
    hear and press, and does the dialplan go on after we hung up? Both are imported, for [Say](AudioSocketLibrary),
    `Play`, `Hang Up` and the rest are the same keywords, and speak for the bot in a call that was waited for.

    ```robotframework
    *** Settings ***
    Library           AudioSocketLibrary
    Library           AudioSocketLibrary.Server
    Suite Setup       Start AudioSocket Server    port=9092
    Test Timeout      1 min

    *** Test Cases ***
    Menu Takes A Key
        Wait For Call
        Play    menu
        Caller Should Send DTMF    1    within=5 s
        Play    goodbye
        Hang Up
    ```

    In such a call the sides change places. A turn begins when *we* speak, its reply is the caller's, and response time
    runs from our last voiced sample to the caller's first. Expectations begin with `Caller Should`. We speak when the
    caller is quiet, and do not wait to be answered; `at=` knows `caller starts`, `caller pauses` and `caller stops`.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_AUTO_KEYWORDS = False
    ROBOT_LIBRARY_CONVERTERS = CONVERTERS
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        self.ROBOT_LIBRARY_LISTENER = self
        self._owner = ""
        self._before: Any = None

    @keyword("Server", name="Start AudioSocket Server")
    def start_audiosocket_server(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        format: AudioFormat | None = None,  # noqa: A002 - the field's word
        asterisk: AsteriskVersion | None = None,
    ) -> str:
        """Listens for calls and sets `${SERVER}` to the address. It is stopped at the end of the suite or test.

        Calls are answered at once, and wait (64 at most) until [Wait For Call] takes them.

        Args:
            port: Where to listen; 0 lets the system choose.
            host: Loopback unless given; `0.0.0.0` lets everybody in the network call.
            format: What we send; Asterisk takes any.
            asterisk: Whose calls these are: what it would never send becomes a finding.

        Returns:
            The address, `host:port`.

        Example:
        ```robotframework
        Start AudioSocket Server
        Log    AudioSocket(40325ec2-5efd-4bd3-805f-53576e581d13,${SERVER})
        Stop AudioSocket Server
        ```
        """
        if SESSION.calls.server is not None:
            raise UsageError(f"A server listens already, on {SESSION.calls.server.address}. Stop it first")
        server = CallServer(SESSION.defaults.settings(format=format, asterisk=asterisk))
        address = str(SESSION.engine.run(server.start(host=host, port=port)))
        SESSION.calls.server = server
        self._owner, self._before = SESSION.owner(), variable("${SERVER}")
        BuiltIn().set_suite_variable("${SERVER}", address, "children=True")
        return address

    @keyword("Server", name="Stop AudioSocket Server")
    def stop_audiosocket_server(self) -> None:
        """Listens no more, hangs up every call, and warns of calls that were never waited for.

        Nothing happens where none listens.

        Example:
        ```robotframework
        Stop AudioSocket Server
        ```
        """
        server = SESSION.calls.server
        if server is None:
            return
        SESSION.calls.server = None
        _tell(server, SESSION.engine.run(server.stop()))
        BuiltIn().set_suite_variable("${SERVER}", self._before, "children=True")

    @keyword("Server", "Calls")
    def wait_for_call(
        self,
        timeout: timedelta = timedelta(seconds=30),
        *,
        uuid: UUID | None = None,
        alias: str = "",
        reply_pause: timedelta | None = None,
        turn_timeout: timedelta | None = None,
    ) -> str:
        """Waits for a call, which becomes the current one. It ends with the test unless it was hung up before.

        Calls that came before are taken first, in the order in which they came.

        Args:
            timeout: How long to wait.
            uuid: Wait for the call with this UUID; any unless given.
            alias: A name, to speak of this call while another is current.
            reply_pause: Silence of the caller that ends a part of what it says, and after which we speak (800 ms).
            turn_timeout: How long expectations wait at all (10 s).

        Returns:
            The UUID.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    alias=pbx    # Here your PBX calls.
        ${uuid}    Wait For Call    5 s    alias=bot
        Stop AudioSocket Server
        ```
        """
        settings: CallSettings = SESSION.defaults.settings(
            reply_pause=None if reply_pause is None else reply_pause.total_seconds(),
            turn_timeout=None if turn_timeout is None else turn_timeout.total_seconds(),
        )
        step = WaitForCall(timeout=timeout.total_seconds(), uuid=uuid, settings=settings, call=alias)
        taken: str = SESSION.place(step)
        return taken

    @keyword("Server", "Caller")
    def caller_should_say(
        self,
        text: str,
        *,
        within: timedelta | None = None,
        tolerance: Percent | None = None,
        language: str = "",
        call: str = "",
    ) -> str:
        """Checks that the words are heard in what the caller says after our last word; waits for them. Hard.

        It is `Bot Should Say` with the sides changed: the same recogniser, the same tolerance.

        Args:
            text: One word or more, as one stretch of what the caller says.
            within: Until when, from our last word; `turn_timeout` unless given. Later words are a soft failure.
            tolerance: Share of the words that may be wrong (20 %).
            language: Of the words; that of the call unless given.
            call: Alias of the call; the current one unless given.

        Returns:
            The words as they were heard.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    greets=False    alias=pbx
        Wait For Call    5 s    alias=bot
        Use Recogniser    phrases    scope=test
        Play    winter_tyres    call=pbx
        Caller Should Say    зимові шини    within=8 s    call=bot
        Stop AudioSocket Server
        ```
        """
        check_texts((text,))
        words = BotShouldSay(
            texts=(text,),
            within=None if within is None else within.total_seconds(),
            tolerance=TOLERANCE if tolerance is None else tolerance,
            language=language,
            call=call,
        )
        said: str = SESSION.do(CallerShouldSay(words=words, call=call))
        return said

    @keyword("Server", "Caller", name="Caller Should Send DTMF")
    def caller_should_send_dtmf(self, keys: str, *, within: timedelta = timedelta(seconds=5), call: str = "") -> None:
        r"""Checks that the caller's next keys are these; waits for them. Hard; late keys are a soft failure.

        Keys count from where an earlier expectation ended; those pressed while we still spoke count too.

        Args:
            keys: Of `0`-`9`, `*`, `#`, `A`-`D`, or the words `star` and `hash`. Write `\#` for `#`.
            within: Until when the last must have been pressed, from our last word or the last key expected before.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    greets=False    alias=pbx
        Wait For Call    5 s    alias=bot
        Send DTMF    12\#    call=pbx
        Caller Should Send DTMF    12\#    within=5 s    call=bot
        Stop AudioSocket Server
        ```
        """
        SESSION.do(
            CallerShouldSendDTMF(keys=KEY_NAMES.get(keys.lower(), keys), within=within.total_seconds(), call=call)
        )

    @keyword("Server", "Caller")
    def caller_should_hang_up_within(self, limit: timedelta, *, call: str = "") -> None:
        """Checks that the caller ends the call in time, counted from the last speech of either side. Hard.

        Args:
            limit: How long it may take.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    greets=False    alias=pbx
        Wait For Call    5 s    alias=bot
        Hang Up    call=pbx
        Caller Should Hang Up Within    2 s    call=bot
        Stop AudioSocket Server
        ```
        """
        SESSION.do(CallerShouldHangUpWithin(limit=limit.total_seconds(), call=call))

    @keyword("Server", "Calls")
    def call_format_should_be(self, format: AudioFormat, *, call: str = "") -> None:  # noqa: A002
        """Checks the audio format that the other side sends, by its first audio frame; waits for that. Hard.

        Args:
            format: Which; of formats in 0x10 the size of a media frame decides.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    format=slin16    alias=pbx
        Wait For Call    5 s    alias=bot
        Call Format Should Be    slin16
        Stop AudioSocket Server
        ```
        """
        SESSION.do(CallFormatShouldBe(format=format, call=call))

    @keyword("Server", "Calls", name="Call Should Have UUID")
    def call_should_have_uuid(self, uuid: UUID, *, call: str = "") -> None:
        """Checks the UUID of a call. Hard.

        Args:
            uuid: The one expected, in any way of writing.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start AudioSocket Server
        Place Call    ${SERVER}    uuid=40325ec2-5efd-4bd3-805f-53576e581d13    alias=pbx
        Wait For Call    5 s
        Call Should Have UUID    40325EC25EFD4BD3805F53576E581D13
        Stop AudioSocket Server
        ```
        """
        found = SESSION.calls.get(call).uuid
        if found != uuid:
            raise AssertionError(f"The call has the UUID {found}, not {uuid}")

    def _end_test(self, data: Any, result: Any) -> None:  # noqa: ARG002 - Robot's listener interface
        self._stop_if_of(result.full_name)

    def _end_suite(self, data: Any, result: Any) -> None:  # noqa: ARG002
        self._stop_if_of(result.full_name)

    def _stop_if_of(self, owner: str) -> None:
        if SESSION.calls.server is not None and self._owner == owner:
            self.stop_audiosocket_server()


def _tell(server: CallServer, left: list[Call]) -> None:
    """Warn of what came and was not waited for."""
    if left:
        uuids = ", ".join(str(call.uuid) for call in left)
        calls = "1 call" if len(left) == 1 else f"{len(left)} calls"
        logger.warn(f"{calls} came to {server.address}, and nobody waited for it (Wait For Call): {uuids}")
    if server.turned_away:
        logger.warn(f"{server.turned_away} calls to {server.address} were hung up: too many waited to be taken")
    if server.strangers:
        logger.info(
            f"Connections to {server.address} that were no calls: {len(server.strangers)}; the last: "
            + server.strangers[-1]
        )
