"""What a broken rule is: the names. The rules, and every text about them, stand in `rules.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Party(StrEnum):
    """An end of the connection, by who sent."""

    CALLER = "caller"
    BOT = "bot"


class ViolationKind(StrEnum):
    """The rules that can be broken. The list is fixed: reports count by it."""

    UNKNOWN_TYPE = "unknown type"
    TYPE_NOT_ALLOWED = "type not allowed"
    EMPTY_AUDIO = "zero-length audio"
    ODD_LENGTH = "odd length"
    OVERSIZE_AUDIO = "oversize audio"
    NO_UUID_FIRST = "no UUID first"
    SECOND_UUID = "second UUID"
    UUID_LENGTH = "UUID of wrong length"
    BAD_DTMF = "bad DTMF"
    HANGUP_WITH_PAYLOAD = "hangup with a payload"
    AFTER_HANGUP = "frame after hangup"
    CUT_MID_FRAME = "cut mid-frame"
    UNNOTICED_CLOSE = "unnoticed close"
    RESET = "connection reset"
    LATE_ACCEPT = "late accept"
    LATE_PAYLOAD = "late payload"
    SPLIT_HEADER = "split header"
    HALF_HEADER = "half header"
    UNFINISHED_WRITE = "unfinished write"
    MUTUAL_SILENCE = "mutual silence"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule broken.

    Attributes:
        kind: Which rule.
        fatal: This Asterisk would have dropped the call; if the caller broke it: the frame cannot be served.
        text: What happened, as a clause that can follow "Asterisk 22.10 would have dropped this call: ".
    """

    kind: ViolationKind
    fatal: bool
    text: str
