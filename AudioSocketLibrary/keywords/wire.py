"""The Robot library ``AudioSocketLibrary.Wire``: AudioSocket frames, RTP packets and SIP messages as bytes."""

from __future__ import annotations

from typing import Any, Literal

from ..protocol import (
    NEWEST,
    AsteriskVersion,
    FrameReader,
    Party,
    RuleBook,
    behaviour_of,
    encode,
    name_of,
)
from ..records import UsageError
from ..transport import Address
from ..version import __version__
from ..wire import (
    RtpPacket,
    SipMessage,
    WireError,
    build_audio_sdp,
    build_request,
    build_response,
    build_rtp,
    parse_rtp,
    parse_sip,
    sip_problems,
)
from .converters import CONVERTERS
from .robot import keyword
from .wire_types import WIRE_CONVERTERS, Codecs, FrameTypeNumber, Message, Octets, WireFrame


class Wire:
    """Builds, parses and judges AudioSocket frames, RTP packets and SIP messages as bytes.

    For tests of what speaks these protocols itself: a bot's own reader of frames, a gateway. Nothing here opens a
    socket, and no call is needed. What is parsed is an object with attributes. Bytes are written as hexadecimal digits
    (`03 00 01 35`), or given as bytes.

    ```robotframework
    *** Settings ***
    Library    AudioSocketLibrary.Wire

    *** Test Cases ***
    A Key Is One Frame
        ${frames}    Parse Frames    03 00 01 35
        Should Be Equal    ${frames[0].key}    5
    ```

    Parsers are strict: what the RFC does not allow is an error that names the section.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_AUTO_KEYWORDS = False
    ROBOT_LIBRARY_CONVERTERS = {  # noqa: RUF012
        **CONVERTERS,
        **WIRE_CONVERTERS,
    }

    @keyword("Frames")
    def build_frame(self, type: FrameTypeNumber, payload: Octets = Octets(), *, text: str = "") -> bytes:  # noqa: A002, B008
        """Builds one AudioSocket frame. Any type and any payload: a test may need wrong ones.

        Args:
            type: `HANGUP`, `UUID`, `DTMF`, `AUDIO`, `SLIN16` and so on, or a number like `0x10`.
            payload: Its bytes; a UUID may be written as it is.
            text: The payload as text instead, like the key of a DTMF frame.

        Returns:
            The bytes to send, in one write.

        Example:
        ```robotframework
        ${key}     Build Frame    DTMF    text=5
        Should Be Equal    ${key}    ${{b'\\x03\\x00\\x01' + b'5'}}
        ${hello}    Build Frame    UUID    40325ec2-5efd-4bd3-805f-53576e581d13
        Length Should Be    ${hello}    19
        ```
        """
        if payload and text:
            raise UsageError("A frame has one payload: give bytes or text=, not both")
        try:
            return encode(type, bytes(payload) or text.encode())
        except ValueError as error:
            raise UsageError(str(error)) from None

    @keyword("Frames")
    def parse_frames(
        self,
        data: Octets,
        *,
        sender: Literal["any", "caller", "bot"] = "any",
        asterisk: AsteriskVersion = AsteriskVersion(NEWEST),  # noqa: B008 - it never changes
    ) -> list[WireFrame]:
        """Parses bytes into AudioSocket frames. Fails where the last one is cut short.

        Args:
            data: What was received, from the beginning of a frame.
            sender: Who sent it: then it also fails at the first frame that this side may not send so.
            asterisk: The rules of which version.

        Returns:
            The frames, in order: `type`, `name`, `payload`, `size`, `milliseconds`, `uuid`, `key`.

        Example:
        ```robotframework
        ${data}      Build Frame    AUDIO    ${{bytes(320)}}
        ${frames}    Parse Frames    ${data}    sender=bot
        Should Be Equal As Numbers    ${frames[0].milliseconds}    20
        Run Keyword And Expect Error    *unknown type 0x20*    Parse Frames    20 00 00    sender=bot
        ```
        """
        reader = FrameReader()
        frames = reader.feed(bytes(data))
        if sender != "any":
            rules = RuleBook(Party(sender), behaviour_of(asterisk))
            for number, frame in enumerate(frames, 1):
                if broken := rules.check(frame):
                    raise WireError(f"Frame {number} ({frame}): {broken.text}")
        if left := reader.eof():
            what = f"its {left.inside} lacks {left.missing} byte" + "s" * (left.missing != 1)
            raise WireError(f"Frame {len(frames) + 1} ({name_of(left.type)}) is cut short: {what}")
        return [WireFrame.of(frame) for frame in frames]

    @keyword("RTP", name="Build RTP Packet")
    def build_rtp_packet(
        self,
        payload: Octets,
        *,
        payload_type: int = 0,
        sequence: int = 0,
        timestamp: int = 0,
        ssrc: int = 0,
        marker: bool = False,
        padding: int = 0,
    ) -> bytes:
        """Builds one RTP packet (RFC 3550).

        Args:
            payload: The audio.
            payload_type: 0 is PCMU (mu-law), 8 is PCMA (A-law), 96 to 127 are what SDP says.
            sequence: 0 to 65535.
            timestamp: Of its first sample; 160 more with each 20 ms at 8 kHz.
            ssrc: Who sends.
            marker: The first packet after a silence.
            padding: Bytes to add after the payload, 1 to 255; 0: none.

        Returns:
            The bytes to send, in one datagram.

        Example:
        ```robotframework
        ${packet}    Build RTP Packet    ${{b'\\xff' * 160}}    sequence=7    timestamp=1120    ssrc=0x1234
        Length Should Be    ${packet}    172
        ```
        """
        return build_rtp(
            bytes(payload),
            payload_type=payload_type,
            sequence=sequence,
            timestamp=timestamp,
            ssrc=ssrc,
            marker=marker,
            padding=padding,
        )

    @keyword("RTP", name="Parse RTP Packet")
    def parse_rtp_packet(self, data: Octets) -> RtpPacket:
        """Parses one RTP packet (RFC 3550). Fails where it is cut short or is no RTP.

        Args:
            data: One datagram.

        Returns:
            Its `version`, `payload_type`, `codec`, `sequence`, `timestamp`, `ssrc`, `marker`, `csrcs`, `extension`,
            `padding`; its `payload` without header and padding, and how many `milliseconds` that sounds.

        Example:
        ```robotframework
        ${data}      Build RTP Packet    ${{b'\\xff' * 160}}    sequence=7
        ${packet}    Parse RTP Packet    ${data}
        Should Be Equal    ${packet.codec}    PCMU
        Should Be Equal As Numbers    ${packet.milliseconds}    20
        Run Keyword And Expect Error    *12 bytes, and only 4 came*    Parse RTP Packet    80 00 00 07
        ```
        """
        return parse_rtp(bytes(data))

    @keyword("SIP", name="Build SIP Message")
    def build_sip_message(
        self,
        start: str,
        uri: str = "",
        *,
        request: SipMessage | None = None,
        headers: dict[str, Any] | None = None,
        body: Message = Message(),  # noqa: B008
        audio: Address | None = None,
        codecs: Codecs = Codecs(("PCMU", "PCMA", "telephone-event")),  # noqa: B008 - it never changes
    ) -> SipMessage:
        """Builds a SIP request, or the response to one (RFC 3261); what must be in it and is not given is put in.

        Args:
            start: A method, like `INVITE`; or a status, like `200` or `200 OK`.
            uri: Whom a request is for.
            request: What a response answers, as `Parse SIP Message` or this keyword returned it.
            headers: What differs from the usual; `${None}` leaves a header out.
            body: Text or bytes.
            audio: Address at which we would listen for RTP: the body is then SDP that offers audio there.
            codecs: Which, the preferred first.

        Returns:
            The message; `${{bytes($message)}}` is what to send.

        Example:
        ```robotframework
        ${invite}    Build SIP Message    INVITE    sip:100@127.0.0.1    audio=127.0.0.1:4000
        ${ok}        Build SIP Message    200 OK    request=${invite}    audio=127.0.0.1:4002
        SIP Message Should Be Valid    ${ok}
        Should Be Equal    ${ok.call_id}    ${invite.call_id}
        ```
        """
        if body and audio:
            raise UsageError("A message has one body: give body= or audio=, not both")
        content = build_audio_sdp(audio.host, audio.port, codecs) if audio else bytes(body)
        status, _, reason = start.partition(" ")
        if not status.isdecimal():
            if request is not None or not uri:
                raise UsageError(f"{start} is a request: give its URI, like sip:100@127.0.0.1, and no request=")
            return build_request(start, uri, headers=headers, body=content, sdp=bool(audio))
        if request is None:
            raise UsageError(f"{start} is a response: say to what, with request=")
        return build_response(request, int(status), reason, headers=headers, body=content, sdp=bool(audio))

    @keyword("SIP", name="Parse SIP Message")
    def parse_sip_message(self, data: Message) -> SipMessage:
        """Parses one SIP message (RFC 3261). Fails where it is none or is cut short.

        Args:
            data: One datagram; text is given the line ends of SIP.

        Returns:
            Its `method`, `uri`, `status`, `reason`, `headers` (by name in any case, short names too), `body`, `sdp`;
            and in their parts `request_uri`, `from_address`, `to_address`, `contacts`, `vias`, `cseq`, `call_id`.

        Example:
        ```robotframework
        ${invite}     Build SIP Message    INVITE    sip:100@127.0.0.1    audio=127.0.0.1:4000
        ${message}    Parse SIP Message    ${{bytes($invite)}}
        Should Be Equal    ${message.request_uri.user}    100
        Should Be Equal    ${message.headers}[cseq]    1 INVITE
        Should Be Equal As Integers    ${message.sdp.audio.port}    4000
        ```
        """
        return parse_sip(bytes(data))

    @keyword("SIP", name="SIP Message Should Be Valid")
    def sip_message_should_be_valid(self, message: Message) -> None:
        """Fails with every rule of RFC 3261 that the message breaks, each with its section.

        Args:
            message: As it came, or parsed.

        Example:
        ```robotframework
        ${invite}    Build SIP Message    INVITE    sip:100@127.0.0.1
        SIP Message Should Be Valid    ${invite}
        ${wrong}     Build SIP Message    INVITE    sip:100@127.0.0.1    headers=${{{'Max-Forwards': None}}}
        Run Keyword And Expect Error    *no Max-Forwards*    SIP Message Should Be Valid    ${wrong}
        ```
        """
        try:
            problems = sip_problems(parse_sip(bytes(message)))
        except WireError as error:
            problems = [str(error)]
        if problems:
            raise AssertionError(f"The SIP message is not valid: {'; '.join(problems)}")
