"""The shape of a load, as a profile has it."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

from ..records.units import read_time
from .keys import KEYS, SHAPES, shape_keys
from .levels import read_calls, read_calls_rate, read_level
from .section import Section
from .shapes import Shape, Stage, Stages, key_of


def read_shape(top: Section) -> Shape:
    """The shape of a profile.

    Raises:
        UsageError: there is none, or something in it is wrong; the text names the line.
    """
    if "load" not in top:
        top.wrong(
            "'load' is missing: write one shape, like 'load: {hold: {calls: 10, for: 2 min}}'. "
            f"Shapes: {', '.join(SHAPES)}"
        )
    load = top.section("load", SHAPES)
    if len(load.row) != 1:
        given = " and ".join(load.row) or "none"
        load.wrong(f"a load has exactly one shape, not {given}. Shapes: {', '.join(SHAPES)}")
    name = next(iter(load.row))
    shape = SHAPES[name]
    if shape is Stages:
        return _stages(load)
    row = load.section(name, shape_keys(shape))
    made = shape(**{each.name: _field(row, each) for each in fields(shape)})
    _check_levels(row, made)
    return made


def _field(row: Section, each: Field[Any]) -> Any:
    key = key_of(each)
    if key not in row.row and each.default is not MISSING:
        return each.default
    match each.metadata["kind"]:
        case "time":
            return row.read(key, read_time)
        case "calls" | "times":
            return row.read(key, read_calls)
        case "rate":
            return row.read(key, read_calls_rate)
        case "level":
            return row.read(key, read_level)
    return row.choice(key, ("even", "poisson"), "even")


def _stages(load: Section) -> Stages:
    found = []
    for row in load.rows("stages", KEYS["load.stages"]):
        stage = Stage(
            row.read("to", read_level, None), row.read("over", read_time, 0.0), row.read("for", read_time, 0.0)
        )
        if not stage.over and not stage.lasting:
            row.wrong("a stage takes time: write 'over' (to change the load) or 'for' (to keep it)")
        if stage.over and stage.to is None:
            row.wrong("'over' needs a 'to': the level to go to", "over")
        found.append(stage)
    kinds = {type(stage.to) for stage in found if stage.to is not None}
    if len(kinds) > 1:
        load.wrong("the stages mix calls at once and rates: write all of them as 50, or all as 20/min", "stages")
    if not any(stage.to for stage in found):
        load.wrong("no stage has a load: write 'to: 50', or 'to: 20/min'", "stages")
    return Stages(tuple(found))


def _check_levels(row: Section, shape: Shape) -> None:
    """What can be written, but makes no load."""
    values = {key_of(each): getattr(shape, each.name) for each in fields(shape)}
    if len({type(values[key]) for key in ("from", "to", "by") if key in values}) > 1:
        row.wrong("'from', 'to' and 'by' are all calls at once (50), or all rates (20/min)")
    for key in ("calls", "by", "for", "each", "times", "waves", "peak", "high", "at_once"):
        if values.get(key) == 0:
            row.wrong(f"'{key}' is 0: nobody would call", key)
    if shape.name == "capacity" and not 0 < values["from"] <= values["to"]:
        row.wrong("a search goes up: 'from' is at least 1 and at most 'to'", "from")
    low, high = values.get("low", values.get("base")), values.get("high", values.get("peak"))
    if low is not None and high is not None and low > high:
        row.wrong(f"the lower load ({low}) is above the higher one ({high})")
