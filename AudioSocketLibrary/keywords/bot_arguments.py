"""What keywords say about the reference bot: its times, recordings, dialogues and engines."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

from ..records import read_time
from .robot import find_file


class TimeOrNever(float):
    """Seconds; ``inf`` is never."""


class Recordings(tuple[str, ...]):
    """Prompts of the reference bot, or files."""

    __slots__ = ()


def to_time_or_never(value: str | int | float) -> TimeOrNever:
    """A time like `250 ms`, or `never`."""
    text = str(value).strip()
    try:
        return TimeOrNever(inf if text.lower() == "never" else read_time(text))
    except ValueError as error:
        raise ValueError(f"{error}, or 'never'") from None


def to_recordings(value: str | list[Any] | tuple[Any, ...]) -> Recordings:
    """Prompts or files: one, several with commas between them, or a list."""
    names = value.split(",") if isinstance(value, str) else value
    return Recordings(str(name).strip() for name in names if str(name).strip())


def recording_of(name: str) -> str:
    """A prompt's name as it is; a file that lies beside the suite by its path."""
    # A bare name is a prompt's: find_file would take it for an utterance of ours.
    found = find_file(Path(name)) if Path(name).suffix else None
    return str(found.resolve()) if found and found.is_file() else name


def dialogue_of(name: str | None) -> str | None:
    """A dialogue's name as it is; a file that lies beside the suite by its path."""
    return recording_of(name) if name and name.lower() != "none" else None


def recogniser_of(engine: str) -> str:
    """An engine; its file by its path."""
    scheme, colon, file = engine.partition(":")
    return f"{scheme}:{recording_of(file)}" if colon and not file.startswith("//") else engine


def seconds_or_none(time: TimeOrNever) -> float | None:
    """Seconds; None is never."""
    return None if time == inf else float(time)


BOT_CONVERTERS: dict[type, Callable[[Any], Any]] = {TimeOrNever: to_time_or_never, Recordings: to_recordings}
