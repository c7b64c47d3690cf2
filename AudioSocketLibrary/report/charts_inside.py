"""Where the milliseconds of a reply went: by what the bot tells of its stages, and from the wire alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..records.units import time_text
from .load_model import Axis, Chart, GroupRow, Series
from .load_numbers import Array, percentile
from .run_details import HEARD, Stages
from .run_reading import RunRead

_LEAST: Final = 5
_SLOW: Final = 90
"""From this percentile on, replies are the slow ones."""
_KINDS: Final = 8
"""Stages that are told apart ..."""
_WORTH: Final = 0.01
"""... and the share of a reply that one must take to be worth its name."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What replies were made of, on average: means add up, percentiles do not."""

    name: str
    n: int
    response: float
    """Their mean response time in seconds."""
    seconds: dict[str, float]
    """By stage, in order."""


def breakdowns(run: RunRead) -> list[Breakdown]:
    """All replies and the slow ones; empty where nothing is known of stages."""
    stages = run.details.stages
    if len(stages) < _LEAST:
        return wire_breakdowns(run)
    return _slow_and_all(*_columns(stages))


def wire_breakdowns(run: RunRead) -> list[Breakdown]:
    """The same, seen from the wire alone; empty of a bot that sends frames all the time."""
    if len(run.details.silent[0]) < _LEAST:
        return []
    without, silent = (np.asarray(each, dtype=float) for each in run.details.silent)
    return _slow_and_all(without + silent, {"no frames": without, "silent frames": silent})


def _slow_and_all(response: Array, columns: dict[str, Array]) -> list[Breakdown]:
    order = _in_order(columns)
    slow = response >= (percentile(response, _SLOW) or 0.0)
    parts = [(f"all {len(response):,} replies", np.ones(len(response), dtype=bool))]
    if len(response) >= 10 * _LEAST:
        parts.append((f"the slowest {int(slow.sum()):,}", slow))
    return [
        Breakdown(name, int(which.sum()), float(response[which].mean()),
                  {stage: float(columns[stage][which].mean()) for stage in order})
        for name, which in parts
    ]  # fmt: skip


def stage_charts(run: RunRead, groups: Sequence[GroupRow], windows: Sequence[tuple[float, float]]) -> list[Chart]:
    """The waterfall of a reply, by turn, and how its stages grew from plateau to plateau.

    Args:
        run: the run.
        groups: its plateaus, or phases.
        windows: when each of them was.
    """
    found, wire = breakdowns(run), wire_breakdowns(run)
    charts = []
    if wire:
        about = "Mean seconds without a frame of the bot, and of silence that it sent before its first voiced sample."
        charts.append(_bars("wire", wire, f"Seen from the wire: {title_of(wire)}", about))
    if found and found != wire:
        charts.append(_bars("stages", found, title_of(found), "Mean seconds of each stage, one after the other."))
    stages = run.details.stages
    if len(stages) >= _LEAST:
        by_turn = _by(stages, np.asarray(stages.turn), {f"turn {n}": n for n in sorted(set(stages.turn))[:8]})
        if len(by_turn) > 1:
            slowest = max(by_turn, key=lambda each: each.response)
            title = f"Slowest of all turns: {slowest.name}, {time_text(slowest.response)} on average"
            charts.append(_bars("stages-turns", by_turn, title, "Mean seconds of each stage, by turn of the call."))
        by_group = _by_time(stages, groups, windows)
        if len(by_group) > 1:
            charts.append(_bars("stages-groups", by_group, _grew(by_group), "Mean seconds of each stage, by load."))
    return charts


def title_of(found: Sequence[Breakdown]) -> str:
    """What took the longest in the slow replies."""
    slow = found[-1]
    stage = max(slow.seconds, key=lambda name: slow.seconds[name])
    share = slow.seconds[stage] / slow.response if slow.response else 0.0
    of = "the slowest replies" if len(found) > 1 else "replies"
    return (
        f"'{stage}' takes {time_text(slow.seconds[stage])} of {time_text(slow.response)} in {of} ({share:.0%})".replace(
            "%", " %"
        )
    )


def _grew(found: Sequence[Breakdown]) -> str:
    first, last = found[0], found[-1]
    growth = {name: last.seconds.get(name, 0.0) - first.seconds.get(name, 0.0) for name in last.seconds}
    stage = max(growth, key=lambda name: growth[name])
    if growth[stage] < 0.05:
        return f"No stage grew from {first.name} to {last.name}"
    return f"From {first.name} to {last.name}, '{stage}' grew most: by {time_text(growth[stage])}"


def _columns(stages: Stages) -> tuple[Array, dict[str, Array]]:
    response = np.asarray(stages.response, dtype=float)
    columns = {name: np.nan_to_num(np.asarray(column, dtype=float)) for name, column in stages.seconds.items()}
    least = _WORTH * float(response.mean())
    while len(columns) > 2:
        names = [*(name for name in columns if name != HEARD), HEARD]
        small = min(names[:-1], key=lambda name: float(columns[name].mean()))
        if len(columns) <= _KINDS and float(columns[small].mean()) >= least:
            break
        # It is a part of what comes after it.
        after = names[names.index(small) + 1]
        columns[after] = columns[after] + columns.pop(small)
    return response, columns


def _in_order(columns: dict[str, Array]) -> list[str]:
    """'heard' is the last, though a reply without other stages may have been first."""
    return sorted(columns, key=lambda name: name == HEARD)


def _by(stages: Stages, keys: Array, wanted: dict[str, int]) -> list[Breakdown]:
    response, columns = _columns(stages)
    order = _in_order(columns)
    found = []
    for name, key in wanted.items():
        which = keys == key
        if which.sum() >= _LEAST:
            means = {stage: float(columns[stage][which].mean()) for stage in order}
            found.append(Breakdown(name, int(which.sum()), float(response[which].mean()), means))
    return found


def _by_time(stages: Stages, groups: Sequence[GroupRow], windows: Sequence[tuple[float, float]]) -> list[Breakdown]:
    at = np.asarray(stages.at, dtype=float)
    keys = np.full(len(at), -1)
    for number, (start, end) in enumerate(windows):
        keys[(at >= start) & (at < end)] = number
    return _by(stages, keys, {group.name: number for number, group in enumerate(groups)})


def _bars(id_: str, found: Sequence[Breakdown], title: str, about: str) -> Chart:
    at = tuple(float(number) for number in range(len(found)))
    names = list(dict.fromkeys(name for each in found for name in each.seconds))
    return Chart(
        id_, title, about, Axis("replies", "text"), Axis("time after the caller's last voiced sample", "time"),
        tuple(
            Series(name, at, tuple(round(each.seconds.get(name, 0.0), 6) for each in found), "bar", f"kind{number % 8}")
            for number, name in enumerate(names)
        ),
        stacked=True, labels=tuple(each.name for each in found), horizontal=True, section="stages",
    )  # fmt: skip
