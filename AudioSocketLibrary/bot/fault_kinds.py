"""The table of faults: all that the reference bot does wrong on request, and what its caller should notice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

from ..records import read_decibel, read_percent
from .parameters import REQUIRED, Parameter, audio_type, seconds, speed, whole


def share(value: Any) -> float:
    """A share from 0 to 1: ``0.2`` or ``20 %``."""
    part = read_percent(value) if isinstance(value, str) and "%" in value else float(value)
    if not 0 <= part <= 1:
        raise ValueError(f"'{value}' is no share: write 0 to 1, or '20 %'")
    return part


def _a_uuid(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise ValueError(f"{value!r} is no UUID")
    return value.lower()


def _a_seed(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise ValueError(f"'{value}' is no whole number") from None


def _a_time(value: Any) -> float:
    time = seconds(value)
    if not 0 <= time < math.inf:
        raise ValueError(f"'{value}' is no time from 0 on")
    return time


def _a_step(value: Any) -> float:
    time = _a_time(value)
    if time < 0.1:
        raise ValueError(f"'{value}' is too short: at least 100 ms")
    return time


def _a_count(value: Any) -> int:
    text = str(value).strip().removesuffix(".0")
    if not text.isdecimal():
        raise ValueError(f"'{value}' is no whole number from 0 on")
    return int(text)


def _decibel(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else read_decibel(value)


def _a_rate(value: Any) -> int:
    text = str(value).strip().removesuffix("Hz").strip()
    if not text.isdecimal() or not 4000 <= int(text) <= 192000 or int(text) % 50:
        raise ValueError(f"'{value}' is no rate: 4000 to 192000 Hz, a multiple of 50")
    return int(text)


def _where(value: Any) -> str:
    if value not in ("process", "thread"):
        raise ValueError(f"'{value}' is neither 'process' nor 'thread'")
    return str(value)


SHARE: Final = Parameter("share", share, "how often it strikes, drawn by the seed", 1.0)
UUID: Final = Parameter("uuid", _a_uuid, "only in calls whose UUID begins so; default: all", "")
SEED: Final = Parameter("seed", _a_seed, "draws the share; default: the bot's", None)
BY: Final = Parameter("by", _a_time, "how long")
_WHOM: Final = (SHARE, UUID, SEED)
_AFTER: Final = Parameter("after", _a_time, "from the beginning of the call, or from when it is set in one", 0.0)
_ABOVE: Final = Parameter("above", _a_count, "calls at once that are still served well")
_FOR: Final = Parameter("for", _a_time, "how long each lasts", 0.4)
_EVERY: Final = Parameter("every", _a_step, "from the beginning of one to that of the next", 1.0)
_EVER: Final = Parameter("for", seconds, "then the rest comes; default: it never does", math.inf)

BOT: Final = "a bot"
DIALOGUE: Final = "a dialogue"
BACKEND: Final = "a backend"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: what it is called, what can be said of it, and what a caller should notice."""

    name: str
    notice: str
    parameters: tuple[Parameter, ...] = _WHOM
    needs: str = ""
    """Without which it cannot strike."""
    does: str = ""
    """The action of a script that it is."""
    how: dict[str, Any] = field(default_factory=dict, hash=False)
    """Parameters of that action which nobody needs to give."""


FAULTS: Final = (
    FaultKind("slow recogniser", "replies come later by so much", (BY, *_WHOM), DIALOGUE),
    FaultKind("failing recogniser", "the bot says that it did not understand", needs=DIALOGUE),
    FaultKind("slow speech", "the voice's first audio comes later by so much, greeting and replies", (BY, *_WHOM), BOT),
    FaultKind("failing speech", "no greeting, no reply; the event 'mark' named 'speech failed' tells", needs=BOT),
    FaultKind(
        "slow database",
        "answers that need data come later by so much; the pool's wait grows; the breaker opens",
        (BY, *_WHOM),
        BACKEND,
    ),
    FaultKind("failing database", "the bot apologises, REST answers 503; the breaker 'database' opens", needs=BACKEND),
    FaultKind(
        "slow dependency",
        "order status comes later by so much, then from what was last known; the breaker 'supplier' opens",
        (BY, *_WHOM),
        BACKEND,
    ),
    FaultKind(
        "failing dependency",
        "order status is what was last known ('stale'); the breaker 'supplier' opens",
        needs=BACKEND,
    ),
    FaultKind("late greeting", "the greeting time grows by so much", (BY, *_WHOM), BOT),
    FaultKind("half duplex", "what is said while the bot speaks is not heard: no barge-in, no reply to it", needs=BOT),
    FaultKind("never stops talking", "the bot talks on while it is spoken over: no barge-in", needs=BOT),
    FaultKind(
        "one moment",
        "'One moment, please' in time, then the answer so much later: a reply of two parts",
        (BY, *_WHOM),
        BOT,
    ),
    FaultKind("mute", "nothing at all any more, not even silence", (_AFTER, *_WHOM), BOT, does="mute"),
    FaultKind(
        "burst",
        "speech faster than real time: a phone's buffer loses what is more than 200 ms ahead",
        (Parameter("speed", speed, "'at once', or how many times real time", math.inf), *_WHOM),
        BOT,
    ),
    FaultKind("gaps", "speech pauses in the middle again and again, then goes on", (_FOR, _EVERY, *_WHOM), BOT),
    FaultKind(
        "underruns",
        "speech pauses, then what was due meanwhile comes at once: gaps, and bursts that a phone loses",
        (_FOR, _EVERY, *_WHOM),
        BOT,
    ),
    FaultKind(
        "clipped audio", "speech is cut off at full scale", (Parameter("by", _decibel, "too loud", 20.0), *_WHOM), BOT
    ),
    FaultKind("quiet audio", "speech is hard to hear", (Parameter("by", _decibel, "too quiet", 30.0), *_WHOM), BOT),
    FaultKind(
        "noisy audio",
        "noise under the speech",
        (Parameter("level", _decibel, "of the white noise, in dBFS", -25.0), *_WHOM),
        BOT,
    ),
    FaultKind(
        "wrong rate",
        "speech sampled at another rate than its type says: half as fast and an octave lower at 16000 in 0x10",
        (Parameter("rate", _a_rate, "in Hz", 16000), *_WHOM),
        BOT,
    ),
    FaultKind(
        "wrong type",
        "audio frames of another type: Asterisk does not take them",
        (Parameter("type", audio_type, "0x10 to 0x18", 0x12), _AFTER, *_WHOM),
        BOT,
        does="frames as",
    ),
    FaultKind(
        "odd frames",
        "audio in frames of another size, at the same pace",
        (Parameter("bytes", whole, "payload of each frame", 333), _AFTER, *_WHOM),
        BOT,
        does="frames of",
    ),
    FaultKind(
        "empty frame",
        "one audio frame of 0 bytes: Asterisk since 22.4 drops the call; the finding 'zero-length audio'",
        (_AFTER, *_WHOM),
        BOT,
        does="send",
        how={"data": "10 00 00"},
    ),
    FaultKind(
        "half header",
        "two bytes of a header, then nothing: Asterisk 22.9 and newer stands still, older ones drop the call",
        (_EVER, _AFTER, *_WHOM),
        BOT,
        does="half header",
    ),
    FaultKind(
        "late payload",
        "one frame in two pieces; more than 5 ms apart drop the call",
        (BY, _AFTER, *_WHOM),
        BOT,
        does="late payload",
    ),
    FaultKind("hang up", "the call ends: the bot closed", (_AFTER, *_WHOM), BOT, does="hang up"),
    FaultKind("reset", "the call breaks: RST instead of an end", (_AFTER, *_WHOM), BOT, does="reset"),
    FaultKind(
        "hang up mid prompt",
        "the call ends in the middle of a word",
        (Parameter("after", _a_time, "from the first voiced sample of what the bot says", 0.5), *_WHOM),
        BOT,
    ),
    FaultKind(
        "refusing",
        "a call above so many connects, and is closed at once, before a frame of audio",
        (_ABOVE,),
        BOT,
    ),
    FaultKind("knee", "response times grow by so much for each call above so many", (_ABOVE, BY, *_WHOM), BOT),
    FaultKind(
        "leaking memory",
        "nothing in a call; the bot's process grows by so many MB with each, until the fault is cleared",
        (Parameter("mb", whole, "for each call", 1), *_WHOM),
        BOT,
    ),
    FaultKind(
        "leaking sockets",
        "nothing in a call; the bot's process opens so many more files with each, until the fault is cleared",
        (Parameter("count", whole, "for each call", 1), *_WHOM),
        BOT,
    ),
    FaultKind(
        "busy cpu",
        "in a process: less CPU for all others; in a thread: the bot's frames are late, gaps",
        (
            Parameter("load", share, "of one core", 1.0),
            Parameter("in", _where, "'process' of its own, or a 'thread' of the bot's", "process"),
        ),
        BOT,
    ),
)
_OF_ALL: Final = frozenset({"share", "uuid", "seed"})


def parameters_text(kind: FaultKind) -> str:
    """The parameters of its own with their defaults; share, uuid and seed are of nearly all."""
    own = [each for each in kind.parameters if each.name not in _OF_ALL]
    return " ".join(f"{each.name}={_shown(each)}" for each in own)


def faults_table() -> str:
    """All faults, a line each, for people: name, parameters, what a caller should notice."""
    return "\n".join(f"  {f'{kind.name} {parameters_text(kind)}'.strip()}: {kind.notice}" for kind in FAULTS)


def _shown(parameter: Parameter) -> str:
    value = parameter.default
    if value is REQUIRED:
        return "…"
    if value == math.inf:
        return "at once" if parameter.read is speed else "never"
    unit = (
        " dB"
        if parameter.read is _decibel
        else " s"
        if isinstance(value, float) and parameter.read is not share
        else ""
    )
    return f"{value:#x}" if parameter.read is audio_type else f"{value:g}{unit}" if unit else f"{value}"
