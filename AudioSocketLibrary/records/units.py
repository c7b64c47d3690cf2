"""Values as people write them, the same in tables, profiles and on the command line."""

from __future__ import annotations

import re

_UNITS = {
    "ms": 0.001, "millis": 0.001, "millisecond": 0.001, "milliseconds": 0.001, "мс": 0.001, "мілісекунд": 0.001,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "с": 1.0, "сек": 1.0, "секунда": 1.0, "секунди": 1.0, "секунд": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "хв": 60.0, "хвилина": 60.0, "хвилини": 60.0, "хвилин": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0, "год": 3600.0, "година": 3600.0, "години": 3600.0, "годин": 3600.0,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\s*")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_DECIBEL = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*dB(?:FS)?", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_RATE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|\bper\b|\ba\b)\s*([^\W\d_]+)", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(kB|MB|GB)", re.IGNORECASE)
_SIZES = {"kb": 1e3, "mb": 1e6, "gb": 1e9}


def read_time(text: str) -> float:
    """Seconds of ``800 ms``, ``2 s``, ``1 min 30 s``, ``1:30``, ``2 с``, ``5 хв``; a bare number is seconds, below 60.

    Raises:
        ValueError: it is written differently; the message says how.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        value = float(text.replace(",", "."))
        if value >= 60:
            raise ValueError(f"{text} means {text} seconds; for milliseconds write '{text} ms', for seconds '{text} s'")
        return value
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    total, at = 0.0, 0
    while match := _PART.match(text, at):
        unit = _UNITS.get(match[2].lower())
        if unit is None:
            break
        total += float(match[1].replace(",", ".")) * unit
        at = match.end()
    if not text or at < len(text):
        raise ValueError(f"'{text}' is no time: write it like '800 ms', '2 s', '1 min 30 s' or '1:30'")
    return total


def read_percent(text: str) -> float:
    """The share, 0 to 1 and more, of ``5 %`` or ``5%``.

    Raises:
        ValueError: there is no percent sign.
    """
    match = _PERCENT.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is no share: a share is written with a percent sign, like '5 %'")
    return float(match[1].replace(",", ".")) / 100


def read_rate(text: str) -> float:
    """The number per second of ``20/min``, ``1200/h`` or ``0.5/s``.

    Raises:
        ValueError: it is written differently; the message says how.
    """
    match = _RATE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if not match or unit is None:
        raise ValueError(f"'{text}' is no rate: a rate is a number and a unit, like '20/min'")
    return float(match[1].replace(",", ".")) / unit


def read_count(text: str) -> int:
    """A whole number, from 0.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(r"\d+", text.strip(), re.ASCII):
        raise ValueError(f"'{text}' is no number of something: write a whole one, like '20'")
    return int(text)


def read_size(text: str) -> float:
    """The bytes of ``50 MB``; kB, MB and GB are thousands of each other.

    Raises:
        ValueError: it is written differently; the message says how.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is no size: write it like '50 MB' (kB, MB or GB)")
    return float(match[1].replace(",", ".")) * _SIZES[match[2].lower()]


def read_decibel(text: str) -> float:
    """The number of ``-20 dBFS``, ``10 dB`` or ``10dB``.

    Raises:
        ValueError: there is no unit.
    """
    match = _DECIBEL.fullmatch(text.strip().replace("\u2212", "-"))
    if not match:
        raise ValueError(f"'{text}' is no level: write it like '-20 dBFS', a ratio like '10 dB'")
    return float(match[1].replace(",", "."))


def time_text(seconds: float) -> str:
    """Seconds for people: ``900 ms``, ``3.41 s``, ``2 min 5 s``."""
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 120:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def percent_text(share: float) -> str:
    """A share for people: ``0.5 %``, ``4.35 %``, ``100 %``."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"


def rate_text(per_second: float) -> str:
    """A rate for people, in the unit that leaves a number of at least 1 where there is one: ``20/min``, ``1.5/s``."""
    for unit, length in (("s", 1), ("min", 60)):
        if per_second * length >= 1:
            return f"{per_second * length:.4g}/{unit}"
    return f"{per_second * 3600:.4g}/h"
