"""A profile with what the command line changes of it, or made of that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Literal, cast

from ..records import UsageError
from ..records.names import unknown_name
from ..records.units import read_count, read_time
from .levels import Rate
from .limits import Limits
from .profile import Profile, ScenarioChoice
from .reading import read_recordings
from .shapes import Hold, RateOfCalls, Repeat, Shape, Steps

FOR = 60.0
"""Seconds that a load lasts of which only the number of calls was said."""
_READERS = {"calls_at_once": read_count, "calls": read_count, "talk_time": read_time, "duration": read_time}


def changed(
    profile: Profile | None,
    *,
    calls: int | None = None,
    up_to: int | None = None,
    rate: float | None = None,
    lasting: float | None = None,
    ramp_up: float | None = None,
    scenarios: Sequence[tuple[str, str]] = (),
    source: str = "",
    limits: Sequence[str] = (),
    talk_time: float | None = None,
    recordings: str = "",
) -> Profile:
    """The profile with other values; None: a new one, of a number of calls or a rate.

    Args:
        profile: what was read of a file.
        calls: calls at once, or at most, as the shape has them.
        up_to: where a search for a capacity ends.
        rate: calls a second.
        lasting: seconds of its steady part.
        ramp_up: seconds.
        scenarios: kinds (test, tag, keyword) and names; they replace those of the profile.
        source: the file or folder that they are in.
        limits: like ``calls=5000``.
        talk_time: a limit, in seconds.
        recordings: all, failed, none, or a share.

    Raises:
        UsageError: the shape has no such value, or a value cannot be.
    """
    values = {"calls": calls, "to": up_to, "rate": rate, "lasting": lasting, "ramp_up": ramp_up}
    given = {name: value for name, value in values.items() if value is not None}
    if profile is None:
        profile = Profile("load", _made(given))
    elif given:
        profile = replace(profile, shape=_shape(profile.shape, given, profile.name))
    if scenarios:
        profile = replace(profile, scenarios=_scenarios(scenarios, source))
    elif source:
        raise UsageError("--from says where something is: add --test, --tag or --keyword")
    if limits or talk_time is not None:
        profile = replace(profile, limits=_limits(profile.limits, limits, talk_time))
    if recordings:
        try:
            share, failed = read_recordings(recordings)
        except ValueError as error:
            raise UsageError(str(error)) from None
        profile = replace(profile, keep=replace(profile.keep, recordings=share, failed_only=failed))
    return profile


def _made(given: dict[str, Any]) -> Shape:
    if "to" in given or ("calls" in given) == ("rate" in given):
        raise UsageError(
            "Which load? Name a profile ('audiosocket profiles' lists them), or say how many calls: "
            "--calls 20 --for 2min, or --rate 20/min --for 2min"
        )
    _check(given)
    lasting, ramp_up = given.get("lasting", FOR), given.get("ramp_up", 0.0)
    if "rate" in given:
        return RateOfCalls(Rate(given["rate"]), lasting, ramp_up)
    return Hold(given["calls"], lasting, ramp_up)


def _shape(shape: Shape, given: dict[str, Any], name: str) -> Shape:
    _check(given)
    known = {each.name for each in fields(shape)}
    new: dict[str, Any] = {}
    if isinstance(shape, Steps) and "to" not in given and "calls" in given:
        # Of steps the calls at once are those of the last: nobody means to go down to it.
        given = {**given, "to": given["calls"], "calls": min(given["calls"], shape.start)}
    for key, value in given.items():
        aliases = {"calls": ("calls", "peak", "high", "start"), "rate": ("calls",)}.get(key, (key,))
        field = next((alias for alias in aliases if alias in known), None)
        if field is None or (key == "rate") != isinstance(getattr(shape, field), Rate):
            option = {"to": "up-to", "lasting": "for", "ramp_up": "ramp-up"}.get(key, key)
            raise UsageError(f"--{option} has no meaning for {name}, a load of the shape '{shape.name}'")
        new[field] = Rate(value) if key == "rate" else value
    if shape.name == "capacity" and new.get("to") is not None and new["to"] < getattr(shape, "start", 1):
        new.setdefault("start", max(1, new["to"] // 10))
    if isinstance(shape, Repeat) and "calls" in new and shape.at_once == shape.calls > 1:
        new["at_once"] = new["calls"]
    return replace(shape, **new)


def _check(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if value < 0 or (value == 0 and name != "ramp_up"):
            option = {"to": "up-to", "lasting": "for", "ramp_up": "ramp-up"}.get(name, name)
            raise UsageError(f"--{option} {value:g}: nobody would call")


def _scenarios(named: Sequence[tuple[str, str]], source: str) -> tuple[ScenarioChoice, ...]:
    if not source:
        raise UsageError(f"Where is '{named[0][1]}'? Add --from tests/")
    return tuple(ScenarioChoice(cast("Literal['test', 'tag', 'keyword']", kind), name, source) for kind, name in named)


def _limits(before: Limits, given: Sequence[str], talk_time: float | None) -> Limits:
    new: dict[str, Any] = {} if talk_time is None else {"talk_time": talk_time}
    for text in given:
        name, _, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in _READERS:
            raise UsageError(f"--limit: {unknown_name('limit', name, _READERS, all_are='Limits')}")
        try:
            new[name] = _READERS[name](value)
        except ValueError as error:
            raise UsageError(f"--limit {name}: {error}") from None
    return replace(before, **new)
