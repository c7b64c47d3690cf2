"""What a conversation asks the bot to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enter:
    """The dialogue is in this state now."""

    state: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say these recordings, one after the other."""

    recordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallTool:
    """Call a tool, and tell the conversation its result under this ticket."""

    ticket: int
    name: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expect:
    """The caller may say one of these texts; of every language, where it is not known yet which is the caller's."""

    texts: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Give the call to an operator: tell so, and hang up after the last word."""

    reason: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up after the last word."""

    reason: str


Act = Enter | Say | CallTool | Expect | Transfer | HangUp
