"""A probe, as data; what it found; and what that means behind each version of Asterisk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from ..protocol import ROWS, Behaviour

if TYPE_CHECKING:
    from .bench import Bench


class Verdict(StrEnum):
    """What is said of a probe."""

    OK = "ok"
    NO = "no"
    NOTE = "note"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a bot would not do behind a version: as what follows "because it"."""

    text: str
    ends_call: bool = True
    """The call is lost; else it goes on, and the caller suffers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe's coroutine found. Made by ``fine``, ``broken``, ``remark`` and ``unmeasured``."""

    kind: Literal["fine", "broken", "remark", "unmeasured"]
    text: str = ""
    reasons: Mapping[str, Reason] | None = None
    """By name of the row, where the rules of Asterisk say so; None: every version that the probe concerns."""


def fine(text: str = "") -> Answer:
    """The bot does it; ``text`` tells the figure."""
    return Answer("fine", text)


def broken(text: str, reasons: Mapping[str, Reason] | None = None) -> Answer:
    """The bot does not; ``text`` follows "the bot"."""
    return Answer("broken", text, reasons)


def remark(text: str) -> Answer:
    """Worth knowing, and nothing to fail for."""
    return Answer("remark", text)


def unmeasured(why: str) -> Answer:
    """It could not be judged."""
    return Answer("unmeasured", why)


def every(_: Behaviour) -> bool:
    """All versions."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to a bot."""

    name: str
    """In one word, for tables and files."""
    title: str
    """What a good bot does, as a line of the screen."""
    why: str
    """Why that matters behind Asterisk."""
    advice: str
    """What to tell the bot's developers."""
    ask: Callable[[Bench], Awaitable[Answer]]
    concerns: Callable[[Behaviour], bool] = every
    """Which versions a failure matters behind."""
    ends_call: bool = True
    """What a failure does there: the call is lost; else the caller suffers."""
    beside: bool = False
    """May run at the same time as others of this kind."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a probe found, as it is told to people."""

    probe: Probe
    verdict: Verdict
    text: str
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """Rows behind which it matters."""
    seconds: float = 0.0

    @classmethod
    def of(cls, probe: Probe, answer: Answer, asked: Behaviour, seconds: float) -> Result:
        """The result as it is behind the version that was asked for."""
        reasons: Mapping[str, Reason] = {}
        if answer.kind == "broken":
            reasons = answer.reasons or {
                row.name: Reason(answer.text, probe.ends_call) for row in ROWS if probe.concerns(row)
            }
        verdict = {
            "fine": Verdict.OK,
            "remark": Verdict.NOTE,
            "unmeasured": Verdict.NOT_MEASURED,
            "broken": Verdict.NO if asked.name in reasons else Verdict.NOTE,
        }[answer.kind]
        return cls(probe, verdict, answer.text, reasons, seconds)
