"""What SIP headers hold: URIs, addresses, Via, CSeq (RFC 3261, sections 19, 20 and 25)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .errors import WireError

_LETTERS: Final = r"A-Za-z0-9.!%*_+`'~-"
_TOKEN: Final = f"[{_LETTERS}]+"
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])"
_URI: Final = re.compile(
    rf"(?P<scheme>sips?):(?:(?P<user>[^@:\s<>]+)(?::(?P<password>[^@\s<>]*))?@)?(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?"
    r"(?P<parameters>(?:;[^;?\s<>]+)*)(?:\?(?P<headers>[^\s<>]*))?",
    re.IGNORECASE,
)
_OTHER_URI: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<rest>[^\s<>]+)")
_ANGLED: Final = re.compile(rf'(?P<name>"(?:[^"\\]|\\.)*"|[ \t{_LETTERS}]*)[ \t]*<(?P<uri>[^<>]*)>(?P<rest>.*)')
_VIA: Final = re.compile(
    rf"SIP\s*/\s*2\.0\s*/\s*(?P<transport>{_TOKEN})\s+(?P<host>{_HOST})\s*(?::\s*(?P<port>\d{{1,5}}))?\s*(?P<rest>;.*)?"
)
_CSEQ: Final = re.compile(rf"(?P<number>\d{{1,10}})\s+(?P<method>{_TOKEN})")
_PARAMETER: Final = re.compile(rf'({_TOKEN})(?:\s*=\s*([^\s;,="]+|"(?:[^"\\]|\\.)*"))?')


@dataclass(frozen=True, slots=True)
class SipUri:
    """A URI: ``sip:user@host:port;parameters``; of other schemes, like ``tel:``, all is in ``user``."""

    scheme: str
    user: str
    host: str
    port: int = 0
    """0: not said, which means 5060 (5061 for ``sips``)."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: str = ""
    text: str = ""
    """As it was written."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class SipAddress:
    """An address as in From, To and Contact: a name for people, a URI, parameters like ``tag``."""

    name: str
    uri: SipUri
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The tag, which with Call-ID names the dialogue; an empty text where there is none."""
        return self.parameters.get("tag", "")


@dataclass(frozen=True, slots=True)
class Via:
    """A hop of the request, and the way back for the response."""

    transport: str
    host: str
    port: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def branch(self) -> str:
        """What names the transaction; an empty text where there is none."""
        return self.parameters.get("branch", "")


@dataclass(frozen=True, slots=True)
class CSeq:
    """The number of a request in its dialogue, and its method."""

    number: int
    method: str


def parse_uri(text: str) -> SipUri:
    """Reads a URI (section 19.1.1).

    Raises:
        WireError: It is none.
    """
    if match := _URI.fullmatch(text):
        port = _port(match["port"], text)
        parameters = _uri_parameters(match["parameters"])
        host = match["host"].strip("[]")
        return SipUri(
            match["scheme"].lower(), match["user"] or "", host, port, parameters, match["headers"] or "", text
        )
    other = _OTHER_URI.fullmatch(text)
    if not other or other["scheme"].lower() in {"sip", "sips"}:
        raise WireError(f"'{text[:80]}' is no URI: write it like sip:100@127.0.0.1:5060 (RFC 3261, section 19.1.1)")
    return SipUri(other["scheme"].lower(), other["rest"], "", text=text)


def parse_addresses(header: str, value: str) -> list[SipAddress]:
    """Reads the addresses of a header (section 20.10); ``*`` of a Contact is none.

    Raises:
        WireError: One of them is none.
    """
    if header == "Contact" and value == "*":
        return []
    return [_address(header, each) for each in split(value)]


def parse_vias(value: str) -> list[Via]:
    """Reads a Via header (section 20.42).

    Raises:
        WireError: It is none.
    """
    vias = []
    for each in split(value):
        match = _VIA.fullmatch(each)
        if not match:
            raise WireError(
                f"'{each[:80]}' is no Via: write it like SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1 "
                "(RFC 3261, section 20.42)"
            )
        parameters = _parameters("Via", match["rest"] or "")
        vias.append(Via(match["transport"].upper(), match["host"].strip("[]"), _port(match["port"], each), parameters))
    return vias


def parse_cseq(value: str) -> CSeq:
    """Reads a CSeq header (section 20.16).

    Raises:
        WireError: It is none.
    """
    match = _CSEQ.fullmatch(value)
    if not match:
        raise WireError(f"'{value[:80]}' is no CSeq: write it like 1 INVITE (RFC 3261, section 20.16)")
    return CSeq(int(match["number"]), match["method"])


def split(value: str, separator: str = ",") -> list[str]:
    """The parts between separators, except those in quotes and in angle brackets."""
    parts, start, quoted, angled, escaped = [], 0, False, False, False
    for at, letter in enumerate(value):
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"' and not angled:
            quoted = not quoted
        elif not quoted and letter in "<>":
            angled = letter == "<"
        elif letter == separator and not quoted and not angled:
            parts.append(value[start:at].strip())
            start = at + 1
    return [*parts, value[start:].strip()]


def _address(header: str, text: str) -> SipAddress:
    if match := _ANGLED.fullmatch(text):
        name = match["name"].strip()
        if name.startswith('"'):
            name = re.sub(r"\\(.)", r"\1", name[1:-1])
        return SipAddress(name, parse_uri(match["uri"]), _parameters(header, match["rest"]))
    # Without brackets, what follows a semicolon is the header's, not the URI's (section 20.10).
    uri, semicolon, rest = text.partition(";")
    return SipAddress("", parse_uri(uri.strip()), _parameters(header, semicolon + rest))


def _parameters(header: str, text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    empty, *parts = split(text.strip(), ";")
    if empty:
        raise WireError(f"'{text[:80]}' after the address of {header} are no parameters (RFC 3261, section 7.3.1)")
    for part in parts:
        match = _PARAMETER.fullmatch(part.strip())
        if not match:
            raise WireError(f"'{part[:80]}' is no parameter of {header}: write name=value (RFC 3261, section 7.3.1)")
        value = match[2] or ""
        found[match[1].lower()] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    return found


def _uri_parameters(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text.split(";")[1:])
    return {name.lower(): value for name, _, value in pairs}


def _port(text: str | None, where: str) -> int:
    port = int(text or 0)
    if port > 0xFFFF:
        raise WireError(f"'{where[:80]}' has no usable port: {port} is above 65535")
    return port
