"""SIP messages: from bytes to start line, headers and body (RFC 3261, section 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from .errors import WireError
from .sdp import Sdp, parse_sdp
from .sip_values import CSeq, SipAddress, SipUri, Via, parse_addresses, parse_cseq, parse_uri, parse_vias

COMPACT_FORMS: Final = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""Short names of headers (section 7.3.3, and the RFCs of the later ones)."""

WORD: Final = r"[A-Za-z0-9.!%*_+`'~-]+"
"""What the RFC calls a token."""
_REQUEST_LINE: Final = re.compile(rf"({WORD}) (\S+) SIP/2\.0")
_STATUS_LINE: Final = re.compile(r"SIP/2\.0 ([1-6]\d\d) (.*)")
_HEADER: Final = re.compile(rf"({WORD})[ \t]*:(.*)")
_FOLD: Final = re.compile(r"[ \t]*\r\n[ \t]+")


class SipHeaders(Mapping[str, str]):
    """The headers of a message, in their order. Names may be written in any case, and in short form.

    An item is the header's value; where the header came several times, all values with commas between them.
    """

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        self.rows = tuple(rows)
        """Name and value as they came, short names made long."""

    def all(self, name: str) -> list[str]:
        """Each value of a header, one for each time it came."""
        wanted = long_name(name).lower()
        return [value for each, value in self.rows if each.lower() == wanted]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter({name.lower(): name for name, _ in reversed(self.rows)}.values())

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.rows})

    def __repr__(self) -> str:
        return f"SipHeaders({dict(self)!r})"


@dataclass(frozen=True)
class SipMessage:
    """One SIP message. What a header holds is read when it is asked for, and may raise ``WireError`` then.

    Attributes:
        method: Of a request, like ``INVITE``; of a response that of its CSeq, where it has one.
        uri: Whom a request is for; of a response an empty text.
        status: Of a response; 0: a request.
        reason: The words beside the status.
        headers: By name.
        body: As many bytes as Content-Length says.
        rest: What came after the body: to be dropped on UDP, the next message on TCP (section 18.3).
    """

    method: str
    uri: str
    status: int
    reason: str
    headers: SipHeaders
    body: bytes = b""
    rest: bytes = field(default=b"", repr=False)

    @property
    def is_request(self) -> bool:
        """Whether it is a request; else a response."""
        return not self.status

    @property
    def start_line(self) -> str:
        """The first line."""
        return f"{self.method} {self.uri} SIP/2.0" if self.is_request else f"SIP/2.0 {self.status} {self.reason}"

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self._one("Call-ID")

    @cached_property
    def request_uri(self) -> SipUri:
        """Whom a request is for, in its parts."""
        return parse_uri(self.uri)

    @cached_property
    def from_address(self) -> SipAddress:
        """The From header in its parts."""
        return self._address("From")

    @cached_property
    def to_address(self) -> SipAddress:
        """The To header in its parts."""
        return self._address("To")

    @cached_property
    def contacts(self) -> list[SipAddress]:
        """The addresses of all Contact headers."""
        return [address for value in self.headers.all("Contact") for address in parse_addresses("Contact", value)]

    @cached_property
    def vias(self) -> list[Via]:
        """All Via headers, the nearest hop first."""
        return [via for value in self.headers.all("Via") for via in parse_vias(value)]

    @cached_property
    def cseq(self) -> CSeq:
        """The CSeq header: number and method."""
        return parse_cseq(self._one("CSeq"))

    @cached_property
    def sdp(self) -> Sdp | None:
        """The body, where Content-Type says that it is a session description."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return parse_sdp(self.body) if kind == "application/sdp" else None

    def __bytes__(self) -> bytes:
        head = [self.start_line, *(f"{name}: {value}" for name, value in self.headers.rows)]
        return ("\r\n".join(head) + "\r\n\r\n").encode() + self.body

    def __str__(self) -> str:
        return bytes(self).decode("utf-8", "replace")

    def _one(self, name: str) -> str:
        values = self.headers.all(name)
        if not values:
            raise WireError(f"The message has no {name} (RFC 3261, section 20)")
        return values[0]

    def _address(self, name: str) -> SipAddress:
        addresses = parse_addresses(name, self._one(name))
        if len(addresses) != 1:
            raise WireError(f"{name} holds {len(addresses)} addresses, not one (RFC 3261, section 20)")
        return addresses[0]


def parse_sip(data: bytes) -> SipMessage:
    """Reads one message. Whether it is valid as a whole, ``sip_problems`` tells.

    Raises:
        WireError: It is no SIP message, or is cut short.
    """
    data = data.lstrip(b"\r\n")  # allowed before a start line (section 7.5)
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        if b"\n\n" in data:
            raise WireError("The lines of a SIP message end with CR LF, and these with LF alone (RFC 3261, section 7)")
        raise WireError("The SIP message has no empty line after its headers: it is cut short (RFC 3261, section 7)")
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError(f"The head of the SIP message is not UTF-8 at byte {error.start} (RFC 3261, 7.3.1)") from None
    start, *lines = _FOLD.sub(" ", text).split("\r\n")
    headers = SipHeaders([_header(line) for line in lines])
    body, rest = _cut(headers, body)
    if request := _REQUEST_LINE.fullmatch(start):
        return SipMessage(request[1], request[2], 0, "", headers, body, rest)
    if response := _STATUS_LINE.fullmatch(start):
        method = headers.get("CSeq", "").rpartition(" ")[2]
        return SipMessage(method, "", int(response[1]), response[2], headers, body, rest)
    raise WireError(
        f"{start[:80]!r} begins no SIP message: a request begins '<method> <URI> SIP/2.0' (RFC 3261, section 7.1), "
        "a response 'SIP/2.0 <100 to 699> <reason>' (section 7.2)"
    )


def _header(line: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(line)
    if not match or "\r" in line or "\n" in line:
        raise WireError(f"{line[:80]!r} is no header: write '<name>: <value>' (RFC 3261, section 7.3.1)")
    return long_name(match[1]), match[2].strip(" \t")


def long_name(name: str) -> str:
    """The long name of a header, as it was written where it has no short one."""
    return COMPACT_FORMS.get(name.lower(), name)


def _cut(headers: SipHeaders, body: bytes) -> tuple[bytes, bytes]:
    said = headers.all("Content-Length")
    if not said:
        return body, b""
    length = said[0]
    if not (length.isascii() and length.isdecimal()) or len(length) > 10 or len(set(said)) > 1:
        raise WireError(f"Content-Length is a number of bytes, not {', '.join(said)!r} (RFC 3261, section 20.14)")
    if int(length) > len(body):
        raise WireError(
            f"Content-Length says {int(length)} bytes of body, and only {len(body)} came: the message is cut short "
            "(RFC 3261, section 18.3)"
        )
    return body[: int(length)], body[int(length) :]
