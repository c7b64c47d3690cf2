"""What makes a SIP message valid: a table of rules, each with its section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from .errors import WireError
from .sip import SipMessage

_Rule: TypeAlias = Callable[[SipMessage], Iterator[str]]

COOKIE: Final = "z9hG4bK"
"""How a branch begins since RFC 3261."""
_ONCE: Final = ("To", "From", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Content-Length")


def sip_problems(message: SipMessage) -> list[str]:
    """What is wrong with a message, each with the section that says so; an empty list: it is valid."""
    found: list[str] = []
    for section, rule in _RULES:
        try:
            found += [f"{reason} ({section})" for reason in rule(message)]
        except WireError as error:
            found.append(str(error))
    # A header that cannot be read breaks several rules, with the same words.
    return list(dict.fromkeys(found))


def _mandatory(message: SipMessage) -> Iterator[str]:
    names = ("Via", "From", "To", "Call-ID", "CSeq", *["Max-Forwards"] * message.is_request)
    yield from (f"it has no {name}" for name in names if not message.headers.get(name))


def _once(message: SipMessage) -> Iterator[str]:
    for name in _ONCE:
        count = len(message.headers.all(name))
        if count > 1:
            yield f"it has {count} headers {name}, not one"


def _request_uri(message: SipMessage) -> Iterator[str]:
    if message.is_request:
        _ = message.request_uri
    yield from ()


def _branch(message: SipMessage) -> Iterator[str]:
    vias = message.vias
    if message.is_request and vias and not vias[0].branch.startswith(COOKIE):
        yield f"the branch of its first Via is '{vias[0].branch}', and does not begin with {COOKIE}"


def _cseq(message: SipMessage) -> Iterator[str]:
    if not message.headers.get("CSeq"):
        return
    cseq = message.cseq
    if cseq.number >= 2**31:
        yield f"the number of its CSeq is {cseq.number}, not below 2147483648"
    if message.is_request and cseq.method != message.method:
        yield f"its CSeq says {cseq.method}, and its first line {message.method}"


def _from_tag(message: SipMessage) -> Iterator[str]:
    if message.headers.get("From") and not message.from_address.tag:
        yield "its From has no tag"


def _to_tag(message: SipMessage) -> Iterator[str]:
    if message.headers.get("To") and not message.to_address.tag and message.status > 100:
        yield "its To has no tag, and every response but 100 needs one"


def _max_forwards(message: SipMessage) -> Iterator[str]:
    value = message.headers.get("Max-Forwards")
    if value and not (value.isascii() and value.isdecimal() and int(value[:9]) <= 255):
        yield f"its Max-Forwards is '{value}', not a number from 0 to 255"


def _call_id(message: SipMessage) -> Iterator[str]:
    value = message.headers.get("Call-ID", "")
    if " " in value or "\t" in value:
        yield f"its Call-ID '{value}' is not one word"


def _contact(message: SipMessage) -> Iterator[str]:
    contacts = message.contacts
    needed = message.method == "INVITE" and (message.is_request or 200 <= message.status < 300)
    if needed and len(contacts) != 1:
        whose = "an INVITE" if message.is_request else "a 2xx to INVITE"
        yield f"it has {len(contacts)} Contact addresses, and {whose} needs one"


def _content_type(message: SipMessage) -> Iterator[str]:
    if message.body and not message.headers.get("Content-Type"):
        yield f"it has a body of {len(message.body)} bytes and no Content-Type"


def _sdp(message: SipMessage) -> Iterator[str]:
    _ = message.sdp
    yield from ()


_RULES: Final[tuple[tuple[str, _Rule], ...]] = (
    ("RFC 3261, sections 8.1.1 and 8.2.6.2", _mandatory),
    ("RFC 3261, section 7.3.1", _once),
    ("RFC 3261, section 19.1.1", _request_uri),
    ("RFC 3261, section 8.1.1.7", _branch),
    ("RFC 3261, section 8.1.1.5", _cseq),
    ("RFC 3261, section 8.1.1.3", _from_tag),
    ("RFC 3261, section 8.2.6.2", _to_tag),
    ("RFC 3261, section 20.22", _max_forwards),
    ("RFC 3261, section 20.8", _call_id),
    ("RFC 3261, sections 8.1.1.8 and 13.3.1.4", _contact),
    ("RFC 3261, section 20.15", _content_type),
    ("RFC 8866", _sdp),
)
