"""The figures that a threshold may name: one table with their unit, what they are of, and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .names import unknown_name
from .units import percent_text, read_percent, read_size, read_time, time_text

Unit = Literal["time", "share", "rate", "count", "size"]
Each = Literal["turn", "call", "frame", "sample", "run"]
"""What there is a value of: a turn, a call, a media frame, a look at a process; or the figure is one of the run."""


@dataclass(frozen=True, slots=True)
class LoadFigure:
    """A measured figure of a run."""

    name: str
    unit: Unit
    each: Each
    source: str
    """Where it is in the rows and files of a run."""
    about: str
    noun: str = ""
    """What is counted, in the plural."""
    more_is_better: bool = False
    share_of: bool = False
    """Its values are 0 or 1 a call, and the figure is their mean."""

    @property
    def is_distribution(self) -> bool:
        """Whether there are many values, of which a threshold names a percentile, the maximum or the mean."""
        return self.each != "run"


_ROWS = (
    LoadFigure("response time", "time", "turn", "turns[].response_time",
               "the caller's last voiced sample to the reply's first", "replies"),
    LoadFigure("words time", "time", "turn", "turns[].words_time",
               "the caller's last voiced sample to the words expected", "replies"),
    LoadFigure("barge in time", "time", "turn", "turns[].barge_in_time",
               "the caller speaks over the bot, to the bot's last voiced sample", "interruptions"),
    LoadFigure("greeting time", "time", "call", "figures.greeting_time",
               "UUID sent to the bot's first voiced sample", "calls"),
    LoadFigure("caller's wait", "time", "call", "intended arrival, figures.greeting_time",
               "the call's intended arrival to the bot's first voiced sample", "calls"),
    LoadFigure("connect time", "time", "call", "figures.connect_time", "connecting, until the bot accepted", "calls"),
    LoadFigure("dead air", "time", "call", "figures.dead_air", "the longest time in which neither side spoke", "calls"),
    LoadFigure("longest gap", "time", "call", "figures.longest_gap",
               "the longest time without audio in the middle of the bot's speech", "calls"),
    LoadFigure("call length", "time", "call", "figures.call_length", "connect to close", "calls"),
    LoadFigure("ahead of real time", "time", "call", "figures.ahead_of_real_time",
               "how much of its audio the bot had sent before it could be played", "calls"),
    LoadFigure("talk share", "share", "call", "figures.talk_share", "the bot's part of all speech", "calls"),
    LoadFigure("missed turns", "count", "call", "figures.missed_turns", "turns that got no reply", "calls"),
    LoadFigure("repeated replies", "count", "call", "figures.repeated_replies",
               "replies with the words of the one before", "calls"),
    LoadFigure("request time", "time", "call", "marks[].request", "an HTTP, WebSocket or database request", "requests"),
    LoadFigure("our lateness", "time", "frame", "lateness histogram", "how late we sent a media frame", "media frames"),
    LoadFigure("loop lag", "time", "frame", "loop lag histogram", "how late our loop woke", "wake-ups"),
    LoadFigure("bot CPU", "share", "sample", "resources", "of one core", "samples"),
    LoadFigure("bot memory", "size", "sample", "resources", "resident memory of the bot", "samples"),
    LoadFigure("bot threads", "count", "sample", "resources", "threads of the bot", "samples"),
    LoadFigure("bot open files", "count", "sample", "resources", "open files and sockets of the bot", "samples"),
    LoadFigure("error rate", "share", "run", "outcome", "failed calls of all that were due", "calls", share_of=True),
    LoadFigure("success rate", "share", "run", "outcome", "calls that did not fail, of all that were due", "calls",
               more_is_better=True, share_of=True),
    LoadFigure("calls per minute", "rate", "run", "end of each call", "calls that ended and did not fail", "calls",
               more_is_better=True),
    LoadFigure("calls", "count", "run", "rows", "calls that were due", "calls", more_is_better=True),
    LoadFigure("failed calls", "count", "run", "outcome", "calls that failed", "calls"),
    LoadFigure("calls at once", "count", "run", "start and end of each call", "the most that were up together", "calls",
               more_is_better=True),
    LoadFigure("not placed", "count", "run", "failure kind", "calls for which the limit of calls was full", "calls"),
    LoadFigure("dropped", "count", "run", "rows", "calls that we were too late to place", "calls"),
    LoadFigure("bot memory growth", "size", "run", "resources",
               "resident memory of the bot at the end, less that after the warm-up", "samples"),
)  # fmt: skip
FIGURES = {figure.name: figure for figure in _ROWS}
"""All figures by name."""
_FOLDED = {name.casefold(): figure for name, figure in FIGURES.items()}


def load_figure(name: str) -> LoadFigure:
    """The figure of this name; ``response_time`` will do for ``response time``.

    Raises:
        ValueError: there is none; the text has the nearest and all.
    """
    plain = " ".join(name.replace("_", " ").replace("’", "'").split())
    figure = _FOLDED.get(plain.casefold())
    if figure is None:
        raise ValueError(unknown_name("figure", plain, FIGURES, all_are="Figures"))
    return figure


def _number(text: str) -> float:
    try:
        return float(text.strip())
    except ValueError:
        raise ValueError(f"'{text}' is no number") from None


_READ: dict[Unit, tuple[Callable[[str], float], str]] = {
    "time": (read_time, "a time, like '2 s'"),
    "share": (read_percent, "a share, like '1 %'"),
    "rate": (_number, "a number a minute, like '40'"),
    "count": (_number, "a number, like '3'"),
    "size": (read_size, "a size, like '50 MB'"),
}


def read_value(figure: LoadFigure, text: str) -> float:
    """A value of a figure: seconds, a share from 0 to 1, a number, bytes.

    Raises:
        ValueError: it has another unit; the text says which is right.
    """
    read, how = _READ[figure.unit]
    try:
        value = read(text)
    except ValueError as error:
        of_time = figure.unit == "time" and text[:1].isdigit() and "%" not in text
        raise ValueError(str(error) if of_time else f"'{text}' is no limit of {figure.name}: write {how}") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"'{text}' is no limit of {figure.name}: write {how}")
    return float(f"{value:.12g}")  # 4812.3 ms is 4.8123 s, not the double beside it


def value_text(unit: Unit, value: float) -> str:
    """A value for people."""
    match unit:
        case "time":
            return time_text(value)
        case "share":
            return percent_text(value)
        case "size":
            return f"{value / 1e9:.4g} GB" if abs(value) >= 1e9 else f"{value / 1e6:.4g} MB"
    return f"{value:.6g}"


def exact_text(unit: Unit, value: float) -> str:
    """A value that reads back as the same."""
    match unit:
        case "time":
            return f"{value * 1000:.12g} ms" if 0 < value < 1 else f"{value:.12g} s"
        case "share":
            return f"{value * 100:.12g} %"
        case "size":
            return f"{value / 1e6:.12g} MB"
    return f"{value:.12g}"
