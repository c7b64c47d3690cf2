"""SDP, the body that says where the audio goes and in which codecs (RFC 8866, before it RFC 4566)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Final

from .errors import WireError
from .rtp import STATIC_CODECS

_SESSION: Final = "vosiuepcbtrzka"
_MEDIA: Final = "icbka"
_ORDER: Final = {letter: place for place, letter in enumerate(_SESSION)}
_ONCE: Final = frozenset("vosiuc")
_LINE: Final = re.compile(r"([a-z])=(.*)", re.DOTALL)
_RTPMAP: Final = re.compile(r"(\d{1,3}) ([^/\s]+)/(\d+)(?:/(\d+))?")
_DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")
_DYNAMIC: Final = {"telephone-event": 101, "L16": 118, "opus": 107}
_CLOCKS: Final = {"L16": 16000, "opus": 48000}


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec of a media line: its payload type in RTP, name, clock rate in Hz, channels."""

    payload_type: int
    name: str
    rate: int
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Media:
    """One ``m=`` line and what follows it.

    Attributes:
        kind: ``audio``, ``video`` and so on.
        port: Where it is to be sent; 0: refused.
        protocol: Like ``RTP/AVP``.
        formats: As written: payload types of RTP.
        address: Where it is to be sent: its own ``c=`` line, else the session's.
        codecs: Of the formats, those that ``a=rtpmap`` or RFC 3551 names.
        direction: ``sendrecv`` unless an attribute says otherwise.
        ptime: Milliseconds in a packet; 0: not said.
        attributes: Each ``a=`` line, without the ``a=``.
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str
    codecs: tuple[Codec, ...]
    direction: str
    ptime: int
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sdp:
    """A session description: who offers (``origin``), its name and address, the media in their order."""

    origin: str
    name: str
    address: str
    media: tuple[Media, ...] = ()
    attributes: tuple[str, ...] = ()

    @property
    def audio(self) -> Media | None:
        """The first audio line; None: there is none."""
        return next((each for each in self.media if each.kind == "audio"), None)


@dataclass(slots=True)
class _Section:
    lines: dict[str, list[str]] = field(default_factory=dict)

    def first(self, letter: str) -> str:
        return self.lines.get(letter, [""])[0]


def parse_sdp(data: bytes) -> Sdp:
    """Reads a session description.

    Raises:
        WireError: It is none; with the line that is wrong.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError(f"The SDP is not UTF-8 at byte {error.start} (RFC 8866, section 5)") from None
    session, media = _sections(text)
    for letter, what in (("v", "version"), ("o", "origin"), ("s", "name"), ("t", "time")):
        if letter not in session.lines:
            raise WireError(f"The SDP has no {what} ({letter}=) (RFC 8866, section 5)")
    if session.first("v") != "0":
        raise WireError(f"SDP has version 0, and this says v={session.first('v')} (RFC 8866, section 5.1)")
    if len(session.first("o").split(" ")) != 6:
        raise WireError(f"An origin has 6 fields, and this is o={session.first('o')} (RFC 8866, section 5.2)")
    address = _address(session)
    return Sdp(
        session.first("o"),
        session.first("s"),
        address,
        tuple(_media(section, address, session) for section in media),
        tuple(session.lines.get("a", ())),
    )


def build_audio_sdp(host: str, port: int, codecs: Sequence[str] = ("PCMU", "PCMA", "telephone-event")) -> bytes:
    """Returns an offer, or answer, of one audio stream.

    Args:
        host: IP address at which we listen for RTP.
        port: Likewise.
        codecs: By name, the preferred one first.

    Raises:
        WireError: The address is no IP address, or a codec is not known.
    """
    try:
        version = 6 if isinstance(ip_address(host), IPv6Address) else 4
    except ValueError:
        raise WireError(f"SDP needs an IP address, not '{host}'") from None
    known = {codec.name.upper(): (number, codec.name, codec.rate) for number, codec in STATIC_CODECS.items()}
    known |= {name.upper(): (number, name, _CLOCKS.get(name, 8000)) for name, number in _DYNAMIC.items()}
    unknown = [name for name in codecs if name.upper() not in known]
    if unknown or not codecs:
        names = ", ".join(name for _, name, _ in known.values())
        raise WireError(f"There is no codec '{', '.join(unknown)}'. Codecs: {names}")
    chosen = [known[name.upper()] for name in codecs]
    lines = [
        "v=0",
        f"o=- 1 1 IN IP{version} {host}",
        "s=-",
        f"c=IN IP{version} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(str(number) for number, _, _ in chosen)}",
        # Opus says two channels whatever it sends (RFC 7587, section 7).
        *(f"a=rtpmap:{number} {name}/{rate}{'/2' * (name == 'opus')}" for number, name, rate in chosen),
        *("a=fmtp:101 0-16" for _, name, _ in chosen if name == "telephone-event"),
        "a=ptime:20",
        "a=sendrecv",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _sections(text: str) -> tuple[_Section, list[_Section]]:
    session, media = _Section(), list[_Section]()
    last = ""
    for number, line in enumerate(re.split(r"\r?\n", text.removesuffix("\n").removesuffix("\r")), 1):
        match = _LINE.fullmatch(line)
        if not match:
            raise WireError(f"Line {number} of the SDP is no '<letter>=<value>': {line!r} (RFC 8866, section 5)")
        letter, value = match.groups()
        if number == 1 and letter != "v":
            raise WireError(f"An SDP begins with its version (v=0), not with {line!r} (RFC 8866, section 5)")
        if letter == "m":
            media.append(_Section({"m": [value]}))
            continue
        if letter not in (_MEDIA if media else _SESSION):
            where = "a media section" if media else "the session's part"
            raise WireError(f"Line {number} of the SDP: {letter}= has no place in {where} (RFC 8866, section 5)")
        if not media:
            if letter in _ONCE and letter in session.lines:
                raise WireError(f"Line {number} of the SDP: a second {letter}= (RFC 8866, section 5)")
            if last and _ORDER[letter] < _ORDER[last] and {letter, last} != {"t", "r"}:
                raise WireError(f"Line {number} of the SDP: {letter}= must come before {last}= (RFC 8866, section 5)")
            last = letter
        (media[-1] if media else session).lines.setdefault(letter, []).append(value)
    return session, media


def _address(section: _Section, default: str = "") -> str:
    value = section.first("c")
    if not value:
        return default
    fields = value.split(" ")
    if len(fields) != 3 or fields[0] != "IN" or fields[1] not in {"IP4", "IP6"}:
        raise WireError(f"A connection is 'c=IN IP4 <address>', and this is c={value} (RFC 8866, section 5.7)")
    return fields[2].partition("/")[0]


def _media(section: _Section, address: str, session: _Section) -> Media:
    line = section.first("m")
    fields = line.split(" ")
    port = fields[1].partition("/")[0] if len(fields) > 3 else ""
    if not (port.isascii() and port.isdecimal() and int(port) <= 0xFFFF):
        raise WireError(
            f"A media line is 'm=<media> <port> <protocol> <formats>', and this is m={line} (RFC 8866, section 5.14)"
        )
    attributes = tuple(section.lines.get("a", ()))
    own = _address(section, address)
    if not own:
        raise WireError(f"Nothing says where m={line} goes: there is no c= line (RFC 8866, section 5.7)")
    directions = [each for each in (*attributes, *session.lines.get("a", ())) if each in _DIRECTIONS]
    ptime = next((each[6:] for each in attributes if each.startswith("ptime:")), "")
    return Media(
        fields[0],
        int(port),
        fields[2],
        tuple(fields[3:]),
        own,
        _codecs(fields[3:], attributes),
        directions[0] if directions else "sendrecv",
        int(ptime) if ptime.isascii() and ptime.isdecimal() else 0,
        attributes,
    )


def _codecs(formats: Sequence[str], attributes: Sequence[str]) -> tuple[Codec, ...]:
    named = {str(number): Codec(number, codec.name, codec.rate) for number, codec in STATIC_CODECS.items()}
    for each in attributes:
        if each.startswith("rtpmap:"):
            match = _RTPMAP.fullmatch(each[7:])
            if not match:
                raise WireError(f"'a={each}' is no 'a=rtpmap:<type> <codec>/<rate>' (RFC 8866, section 6.6)")
            number, name, rate, channels = match.groups()
            named[number] = Codec(int(number), name, int(rate), int(channels or 1))
    return tuple(named[each] for each in formats if each in named)
