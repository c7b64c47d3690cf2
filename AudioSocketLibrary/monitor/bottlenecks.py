"""What gives first: which limit of a process was passed first, and since when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..records import time_text
from ..records.load_figures import value_text
from .process import Sample

ONE_CORE = (0.95, 1.10)
"""A process that stays here has one thread that works: on many cores no share of all would ever tell."""


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """Up to which a process is no bottleneck."""

    cpu: float = 0.80
    """Of all cores, 0 to 1."""
    memory: float = 1e9
    """Resident bytes."""
    threads: int = 100
    files: int = 500
    """Open files and sockets."""
    in_a_row: int = 3
    """So many samples, one after the other, must be above: one is a moment, not a bottleneck."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A limit that was passed."""

    what: str
    """``CPU``, ``one core``, ``memory``, ``threads`` or ``open files``."""
    since: float
    """Seconds of the run at which it was passed for good, or for long enough."""
    peak: float
    limit: float
    sentence: str


def bottlenecks(
    samples: Sequence[Sample], limits: ResourceLimits | None = None, *, cores: int = 1, who: str = "bot"
) -> list[Bottleneck]:
    """The limits that a process passed, the first passed first: what gives first.

    Args:
        samples: of the run, in the order of time; those of other processes are left out.
        limits: as a rule the defaults.
        cores: how many the process may use.
        who: whose samples are judged.
    """
    limits = limits or ResourceLimits()
    mine = [sample for sample in samples if sample.who == who]
    found = [
        _passed(mine, "CPU", lambda sample: sample.cpu, limits.cpu * cores, limits.in_a_row, _of_cores(cores)),
        _passed(mine, "memory", lambda sample: sample.memory, limits.memory, limits.in_a_row, _bytes),
        _passed(mine, "threads", lambda sample: sample.threads, limits.threads, limits.in_a_row, _count),
        _passed(mine, "open files", lambda sample: sample.files, limits.files, limits.in_a_row, _count),
    ]
    if found[0] is None:
        found.append(_one_core(mine, limits.in_a_row, cores))
    return sorted((each for each in found if each is not None), key=lambda each: each.since)


def _passed(
    samples: Sequence[Sample],
    what: str,
    figure: Callable[[Sample], float | None],
    limit: float,
    in_a_row: int,
    words: Callable[[float], str],
) -> Bottleneck | None:
    values = [(sample.at, value) for sample in samples if (value := figure(sample)) is not None]
    since = _since(values, limit, in_a_row)
    if since is None:
        return None
    peak = max(value for _, value in values)
    sentence = f"{what}: over {words(limit)} from {time_text(since)} on, at most {words(peak)}"
    return Bottleneck(what, since, peak, limit, sentence)


def _one_core(samples: Sequence[Sample], in_a_row: int, cores: int) -> Bottleneck | None:
    values = [(sample.at, sample.cpu) for sample in samples if sample.cpu is not None]
    peak = max((value for _, value in values), default=0.0)
    since = _since(values, ONE_CORE[0], in_a_row)
    if since is None or peak > ONE_CORE[1] or cores == 1:
        return None
    sentence = (
        f"one core: full from {time_text(since)} on, and never more than that one of {cores}: its work is in one "
        "thread, so more processes help, and more cores do not"
    )
    return Bottleneck("one core", since, peak, ONE_CORE[0], sentence)


def _since(values: Sequence[tuple[float, float]], limit: float, in_a_row: int) -> float | None:
    """When the first long enough stretch above the limit began."""
    began: float | None = None
    length = 0
    for at, value in values:
        if value <= limit:
            began, length = None, 0
            continue
        began, length = (at if began is None else began), length + 1
        if length >= in_a_row:
            return began
    return None


def _of_cores(cores: int) -> Callable[[float], str]:
    plural = "core" if cores == 1 else f"{cores} cores"
    return lambda cpu: f"{cpu / cores * 100:.0f} % of {plural}"


def _bytes(value: float) -> str:
    return value_text("size", value)


def _count(value: float) -> str:
    return f"{value:,.0f}"
