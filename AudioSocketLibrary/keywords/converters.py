"""One converter for each type of an argument, with its error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from ..call import Moment
from ..media.engines import check_engine
from ..protocol import AsteriskVersion
from ..records import Successes, read_decibel, read_percent, read_time
from ..transport import Address
from .robot import find_file


class Limit(float):
    """A limit on a figure: a time in seconds (``800 ms``) or a share from 0 to 1 (``40 %``)."""

    share: bool

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read a time or a share."""
        share = text.strip().endswith("%")
        limit = cls(read_percent(text) if share else read_time(text))
        limit.share = share
        return limit


class Percent(float):
    """A share from 0 to 1, written with a percent sign (``20 %``).

    As an argument's default it is None: where this converter refuses, Robot tries that of the default's type, and a
    float would take ``0.2``.
    """


class Decibel(float):
    """A level in dBFS (``-20 dBFS``) or a ratio in dB (``10 dB``)."""


@dataclass(frozen=True, slots=True)
class LevelRange:
    """The least and the greatest level, in dBFS."""

    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.least:g}..{self.most:g} dBFS"


class Engine(str):
    """A recogniser's name or address, known to exist."""

    __slots__ = ()


def to_percent(value: str) -> Percent:
    """A share with a percent sign: `20 %`."""
    return Percent(read_percent(value))


def to_decibel(value: str) -> Decibel:
    """A level or a ratio with its unit: `-20 dBFS`, `10 dB`."""
    return Decibel(read_decibel(value))


def to_level_range(value: str) -> LevelRange:
    """Two levels, the lower one first: `-35..-12 dBFS`."""
    match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(?:dBFS)?\s*\.\.\s*(-?\d+(?:\.\d+)?)\s*dBFS\s*", value, re.IGNORECASE)
    if not match or float(match[1]) >= float(match[2]):
        raise ValueError(f"'{value}' is no range of levels: write the lower one first, like '-35..-12 dBFS'")
    return LevelRange(float(match[1]), float(match[2]))


def to_engine(value: str) -> Engine:
    """A recogniser: `prompts`, `http://host:port/v1`, `wyoming://host:port`, `command:...`, `script:FILE.yaml`."""
    scheme, _, file = value.partition(":")
    engine = f"{scheme}:{find_file(Path(file))}" if scheme == "script" and file else value
    check_engine(engine)
    return Engine(engine)


def to_timedelta(value: str | int | float) -> timedelta:
    """A time: `800 ms`, `2 s`, `1 min 30 s`, `1:30`, also `2 с`, `800 мс`; a bare number is seconds, below 60."""
    return timedelta(seconds=read_time(str(value)))


def to_moment(value: str) -> Moment:
    """A moment in the current turn: `900 ms after bot starts`, `bot pauses`, `caller stops`, `after the reply`."""
    return Moment.parse(value)


def to_address(value: str) -> Address:
    """Where a bot listens: `host:port`, like `127.0.0.1:9092` or `[::1]:9092`."""
    return Address.parse(value)


def to_uuid(value: str) -> UUID:
    """A UUID: 32 hexadecimal digits, with or without dashes."""
    try:
        return UUID(value)
    except ValueError:
        raise ValueError(
            f"'{value}' is no UUID: write 32 hexadecimal digits, like 40325ec2-5efd-4bd3-805f-53576e581d13"
        ) from None


def to_version(value: str) -> AsteriskVersion:
    """Any released version of Asterisk as text, like `22.10`, `20.17.2` or `certified-22.8`."""
    return AsteriskVersion(value)


def to_limit(value: str | int | float) -> Limit:
    """A limit on a figure: a time like `800 ms` or `2 s`, or a share like `40 %`."""
    return Limit.parse(str(value))


def to_successes(value: str) -> Successes:
    """How many of how many repeats shall succeed: `at least 9 of 10 calls`."""
    return Successes.parse(value)


def to_path(value: str) -> Path:
    """A file; relative to the folder of the suite, else to the working folder."""
    return Path(value)


CONVERTERS: dict[type, Callable[[Any], Any]] = {
    timedelta: to_timedelta,
    Moment: to_moment,
    Address: to_address,
    UUID: to_uuid,
    AsteriskVersion: to_version,
    Limit: to_limit,
    Path: to_path,
    Successes: to_successes,
    Percent: to_percent,
    Decibel: to_decibel,
    Engine: to_engine,
    LevelRange: to_level_range,
}
