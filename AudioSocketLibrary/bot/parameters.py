"""What a row of a script may say about its event and its action, and how people write it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..protocol import DTMF_KEYS, FrameType
from ..records import read_time

REQUIRED: Final = object()
_KEY_NAMES: Final = {"star": "*", "hash": "#"}
_SWITCH: Final = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing to be said about an event or an action."""

    name: str
    read: Callable[[Any], Any]
    about: str
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns from ``first`` to ``last``, both included."""

    first: int
    last: float

    def __contains__(self, turn: int) -> bool:
        return self.first <= turn <= self.last

    @classmethod
    def read(cls, value: Any) -> Turns:
        """``2`` is turn 2 alone, ``2+`` that and all later ones."""
        text = str(value).strip()
        number = text.removesuffix("+")
        if not number.isdecimal():
            raise ValueError(f"'{text}' is no turn: write a number (1 is the caller's first), or '2+' for 2 and later")
        return cls(int(number), math.inf if text.endswith("+") else int(number))


def seconds(value: Any) -> float:
    """A time: a number of seconds, or text with a unit."""
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is no time: write it like '800 ms' or '2 s'")  # noqa: TRY004 - told as text
    return read_time(value)


def delays(value: Any) -> tuple[float, ...]:
    """One time, or several that are taken in turn."""
    several = tuple(seconds(each) for each in (value if isinstance(value, (list, tuple)) else [value]))
    if not several:
        raise ValueError("the list of times is empty")
    return several


def recordings(value: Any) -> tuple[str, ...]:
    """One recording, or several that are taken in turn."""
    several = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not several or not all(isinstance(name, str) and name.strip() for name in several):
        raise ValueError(f"{_shown(value)} names no recording: give a prompt's name, a file, or a list of them")
    return several


def key(value: Any) -> str:
    """A key: 0-9, ``*`` or star, ``#`` or hash, A-D."""
    text = str(value).strip()
    text = _KEY_NAMES.get(text.lower(), text.upper())
    if len(text) != 1 or text not in DTMF_KEYS:
        raise ValueError(f"'{value}' is no key: 0-9, star, hash, A-D")
    return text


def switch(value: Any) -> bool:
    """``on`` or ``off``."""
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _SWITCH:
        raise ValueError(f"'{value}' is neither 'on' nor 'off'")
    return _SWITCH[str(value).lower()]


def whole(value: Any) -> int:
    """A whole number of at least 1."""
    text = str(value).strip().removesuffix("bytes").strip()
    if not text.isdecimal() or not 0 < int(text) <= 65535:
        raise ValueError(f"'{value}' is no number from 1 to 65535")
    return int(text)


def hexadecimal(value: Any) -> bytes:
    """Raw bytes, two hexadecimal digits each."""
    try:
        return bytes.fromhex(str(value).replace("0x", " "))
    except ValueError:
        raise ValueError(f"'{value}' is no bytes: write them in hexadecimal, like '02 00 00'") from None


def audio_type(value: Any) -> int:
    """A type of audio frames, 0x10 to 0x18."""
    try:
        number = value if isinstance(value, int) else int(str(value), 0)
    except ValueError:
        number = -1
    if not FrameType.AUDIO <= number <= FrameType.SLIN192:
        raise ValueError(f"'{value}' is no type of audio: write 0x10 to 0x18")
    return number


def speed(value: Any) -> float:
    """How many times faster than real time; ``at once`` is all in one go."""
    if str(value).strip().lower() == "at once":
        return math.inf
    try:
        factor = float(value)
    except (TypeError, ValueError):
        factor = 0.0
    if not factor >= 1:
        raise ValueError(f"'{value}' is no speed: write 'at once', or a number like 2 for twice real time")
    return factor


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value!r}"
