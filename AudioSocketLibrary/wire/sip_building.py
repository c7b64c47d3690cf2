"""Building SIP messages: what a request or a response must have is put in where it was not given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Final

from .errors import WireError
from .sip import WORD, SipHeaders, SipMessage, long_name
from .sip_values import parse_uri

REASONS: Final = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    600: "Busy Everywhere",
    603: "Decline",
}
"""The words beside a status (section 21)."""

HERE: Final = "127.0.0.1:5060"
_ECHOED: Final = ("Via", "From", "To", "Call-ID", "CSeq")
_WITH_CONTACT: Final = {"INVITE", "SUBSCRIBE", "UPDATE", "REFER"}


def build_request(
    method: str, uri: str, *, headers: Mapping[str, str | None] | None = None, body: bytes = b"", sdp: bool = False
) -> SipMessage:
    """Builds a request that is valid on its own (section 8.1.1).

    Args:
        method: Like ``INVITE``.
        uri: Whom it is for, like ``sip:100@127.0.0.1``.
        headers: What differs from the usual; None as a value: leave the header out.
        body: Its length is counted.
        sdp: The body is a session description.

    Raises:
        WireError: The method, the URI or a header cannot stand in a message.
    """
    if not re.fullmatch(WORD, method):
        raise WireError(f"'{method}' is no method of SIP: write one like INVITE (RFC 3261, section 7.1)")
    parse_uri(uri)
    usual = {
        "Via": f"SIP/2.0/UDP {HERE};branch=z9hG4bK{token_hex(8)}",
        "Max-Forwards": "70",
        "From": f"<sip:tester@{HERE}>;tag={token_hex(4)}",
        "To": f"<{uri}>",
        "Call-ID": token_hex(12),
        "CSeq": f"1 {method}",
    }
    if method in _WITH_CONTACT:
        usual["Contact"] = f"<sip:tester@{HERE}>"
    return SipMessage(method, uri, 0, "", _headers(list(usual.items()), headers or {}, body, sdp), body)


def build_response(
    request: SipMessage,
    status: int,
    reason: str = "",
    *,
    headers: Mapping[str, str | None] | None = None,
    body: bytes = b"",
    sdp: bool = False,
) -> SipMessage:
    """Builds the response to a request (section 8.2.6): its Via, From, To, Call-ID and CSeq come back.

    Args:
        request: What is answered.
        status: 100 to 699.
        reason: The words beside it; the usual ones unless given.
        headers: What differs; None as a value: leave the header out.
        body: Its length is counted.
        sdp: The body is a session description.

    Raises:
        WireError: The status or a header cannot stand in a message, or a response is to be answered.
    """
    if not request.is_request:
        raise WireError(f"A response answers a request, and this is one itself: {request.start_line}")
    if not 100 <= status <= 699:
        raise WireError(f"A status of SIP is 100 to 699, not {status} (RFC 3261, section 7.2)")
    usual = [(name, value) for name, value in request.headers.rows if name in _ECHOED]
    if status > 100:
        # All responses but 100 name their side of the dialogue (section 8.2.6.2).
        tag = f";tag={token_hex(4)}"
        usual = [(n, v if n != "To" or ";tag=" in v.lower() else v + tag) for n, v in usual]
    if request.method in _WITH_CONTACT and 200 <= status < 300:
        usual.append(("Contact", f"<sip:tester@{HERE}>"))
    words = _line("reason", reason or REASONS.get(status, ""))
    return SipMessage(request.method, "", status, words, _headers(usual, headers or {}, body, sdp), body)


def _headers(usual: list[tuple[str, str]], given: Mapping[str, str | None], body: bytes, sdp: bool) -> SipHeaders:
    usual += [("Content-Type", "application/sdp")] * sdp
    usual.append(("Content-Length", str(len(body))))
    theirs = {long_name(name).lower(): (long_name(name), value) for name, value in given.items()}
    rows: list[tuple[str, str]] = []
    for name, value in usual:
        if name.lower() not in theirs:
            rows.append((name, value))
        elif name.lower() not in {each.lower() for each, _ in rows}:
            # In its usual place, for people to find.
            rows += _row(*theirs[name.lower()])
    known = {name.lower() for name, _ in usual}
    return SipHeaders([*rows, *(row for key, each in theirs.items() if key not in known for row in _row(*each))])


def _row(name: str, value: str | None) -> list[tuple[str, str]]:
    if not re.fullmatch(WORD, name):
        raise WireError(f"'{name}' is no name of a header (RFC 3261, section 7.3.1)")
    return [] if value is None else [(name, _line(name, str(value)))]


def _line(what: str, value: str) -> str:
    if "\r" in value or "\n" in value:
        raise WireError(f"The {what} {value[:80]!r} holds the end of a line, and would begin another header")
    return value
