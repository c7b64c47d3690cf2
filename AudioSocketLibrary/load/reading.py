"""A profile read: YAML or JSON as text, each value converted by the same types as in the tables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping as Values
from pathlib import Path
from typing import Final, Literal, cast

from ..media import SoundError
from ..media.line import line_named
from ..protocol import NEWEST, AsteriskVersion, AudioFormat
from ..records.units import read_count, read_percent, read_size, read_time
from ..records.yaml_lines import Mapping, read_yaml
from ..transport import Address
from .environment import Filled
from .keys import KEYS
from .limits import Limits
from .profile import BeforeCall, Callers, Keep, Profile, ScenarioChoice, Target, Watch
from .section import Section
from .shape_reading import read_shape
from .threshold_files import Known, read_reasons, read_thresholds

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REPORTS: Final = ("html", "markdown", "junit", "json", "csv")
_KINDS: Final = ("test", "tag", "keyword", "built_in")


def read_profile(place: Path, environment: Values[str, str] | None = None) -> Profile:
    """Read a profile of ours.

    Args:
        place: the file.
        environment: what `${ENV}` means; unless given, the environment of this process.

    Raises:
        UsageError: something in it is wrong; the text names the line and the nearest right word.
    """
    return profile_of(read_yaml(place, "profile", "load:"), place, os.environ if environment is None else environment)


def profile_of(content: Mapping, place: Path, environment: Values[str, str]) -> Profile:
    """The profile of what a file holds."""
    top = Section(content, environment, KEYS[""])
    shape, scenarios, baseline = read_shape(top), _scenarios(top), _none_is_empty(top.text("baseline"))
    known = Known(
        () if shape.name == "capacity" else tuple(phase.name for phase in shape.schedule().phases),
        () if any(one.kind == "tag" for one in scenarios) else tuple(one.name for one in scenarios),
        baseline,
    )
    return Profile(
        name=place.stem,
        shape=shape,
        about=str(top.text("about")),
        bot=_target(top.section("bot", KEYS["bot"])),
        scenarios=scenarios,
        callers=_callers(top.section("callers", KEYS["callers"])),
        warm_up=top.read("warm_up", read_time, None),
        thresholds=read_thresholds(top, known),
        abort_when=read_reasons(top, known),
        limits=_limits(top.section("limits", KEYS["limits"])),
        baseline=baseline,
        keep=_keep(top.section("keep", KEYS["keep"])),
        seed=top.read("seed", read_count, None),
        workers=top.read("workers", _read_workers, None),
        log_url=top.text("log_url"),
        path=place,
    )


def _target(bot: Section) -> Target:
    formats = [audio.name for audio in AudioFormat]
    return Target(
        address=bot.read("address", Address.parse, None),
        environment=str(bot.text("environment")),
        asterisk=bot.read("asterisk", AsteriskVersion, AsteriskVersion(NEWEST)),
        format=AudioFormat[bot.choice("format", formats, "slin")],
        rules=cast("Literal['strict', 'lenient']", bot.choice("rules", ("strict", "lenient"), "strict")),
        start=bot.text("start"),
        ready_within=bot.read("ready_within", read_time, 60.0),
        watch=bot.read("watch", read_watch, None),
        events=bot.text("events"),
    )


def read_watch(text: str) -> Watch:
    """The process to sample.

    Raises:
        ValueError: a pid or a port is no number.
    """
    kind, _, value = text.strip().partition(" ")
    if kind in ("pid", "port", "container") and value:
        if kind != "container" and not value.strip().isdigit():
            raise ValueError(f"'{text}' names no process: write 'pid 4711', 'port 9092' or the path of a pid file")
        return Watch(cast("Literal['pid', 'port', 'container']", kind), value.strip())
    return Watch("pid", kind) if text.strip().isdigit() else Watch("pid file", text.strip())


def _scenarios(top: Section) -> tuple[ScenarioChoice, ...]:
    rows = top.rows("scenarios", KEYS["scenarios"])
    if not rows:
        return (ScenarioChoice("built_in", "Hello"),)
    found = tuple(_scenario(row) for row in rows)
    shares = ["%" in str(row.row.get("weight", "")) for row in rows]
    if any(shares):
        total = sum(scenario.weight for scenario in found)
        if not all(shares):
            rows[shares.index(False)].wrong("weights are all shares (60 %), or none is")
        if abs(total - 1) > 0.001:
            rows[0].wrong(f"the weights of the scenarios sum up to {total * 100:g} %, not to 100 %")
    return found


def _scenario(row: Section) -> ScenarioChoice:
    kinds = [kind for kind in _KINDS if kind in row]
    if len(kinds) != 1:
        row.wrong(f"a scenario is exactly one of {', '.join(_KINDS)}, not {' and '.join(kinds) or 'none'}")
    kind = cast("Literal['test', 'tag', 'keyword', 'built_in']", kinds[0])
    name = str(row.text(kind)).strip()
    if not name:
        row.wrong(f"'{kind}' has no name", kind)
    if kind == "built_in" and name != "Hello":
        row.wrong(f"there is no built-in scenario '{name}': there is Hello", kind)
    if kind != "built_in" and "from" not in row:
        row.wrong(f"'{kind}: {name}' does not say where it is: add 'from: tests/'")
    if kind != "keyword" and "arguments" in row:
        row.wrong("only a keyword has arguments", "arguments")
    return ScenarioChoice(
        kind, name, str(row.text("from")), row.texts("arguments", _same), row.read("weight", _read_weight, 1.0)
    )


def _callers(callers: Section) -> Callers:
    data = callers.section("data", KEYS["callers.data"])
    if "order" in data and "file" not in data:
        data.wrong("'file' is missing here: data are a CSV file with a row for each call")
    lines = callers.values("lines", read_percent)
    for name in lines:
        try:
            line_named(name)
        except SoundError as error:
            callers.wrong(str(error), "lines")
    if lines and abs(sum(lines.values()) - 1) > 0.001:
        callers.wrong(f"the shares of the lines sum up to {sum(lines.values()) * 100:g} %, not to 100 %", "lines")
    order = data.choice("order", ("sequential", "random", "unique"), "sequential")
    return Callers(
        data=str(data.text("file")),
        order=cast("Literal['sequential', 'random', 'unique']", order),
        before_call=_before_call(callers),
        lines=lines,
        voices=tuple(str(voice) for voice in callers.texts("voices", _same)),
        pause=callers.read("pause", read_range, (0.0, 0.0)),
    )


def _before_call(callers: Section) -> BeforeCall | None:
    if "before_call" not in callers:
        return None
    row = callers.section("before_call", KEYS["callers.before_call"])
    return BeforeCall(
        method=row.choice("method", _METHODS, "POST"),
        url=row.read("url", _same),
        body=row.tree("body"),
        headers=row.values("headers", _same),
        expect=row.read("expect", read_count, None),
    )


def _limits(limits: Section) -> Limits:
    usual = Limits()
    return Limits(
        limits.read("calls_at_once", read_count, usual.calls_at_once),
        limits.read("calls", read_count, usual.calls),
        limits.read("talk_time", read_time, usual.talk_time),
        limits.read("duration", read_time, usual.duration),
    )


def _keep(keep: Section) -> Keep:
    usual = Keep()
    recordings = keep.read("recordings", read_recordings, (usual.recordings, usual.failed_only))
    reports = tuple(str(report) for report in keep.texts("reports", _same)) if "reports" in keep else usual.reports
    for report in reports:
        if report not in _REPORTS:
            keep.wrong(f"there is no report '{report}'. There are: {', '.join(_REPORTS)}", "reports")
    rows = keep.choice("rows", ("yes", "no", "true", "false"), "yes") in ("yes", "true")
    disk = round(keep.read("disk", read_size, float(usual.disk)))
    return Keep(*recordings, disk, rows, reports, str(keep.text("directory", usual.directory)))


def read_range(text: str) -> tuple[float, float]:
    """A time, or two: ``300 ms .. 1.2 s``.

    Raises:
        ValueError: it is neither, or the first is the longer one.
    """
    low, dots, high = text.partition("..")
    least = read_time(low)
    most = read_time(high) if dots else least
    if least > most:
        raise ValueError(f"'{text}' is no range: write the shorter time first, like '300 ms .. 1.2 s'")
    return least, most


def read_recordings(text: str) -> tuple[float, bool]:
    """Which recordings are kept: their share of the calls, and whether only those of failed calls.

    Raises:
        ValueError: it is neither of the words nor a share.
    """
    words = {"all": (1.0, False), "none": (0.0, False), "failed": (1.0, True)}
    if text in words:
        return words[text]
    if not text.strip().endswith("%") or not 0 <= (share := read_percent(text)) <= 1:
        raise ValueError(f"'{text}' keeps nothing we know: write all, failed, none, or a share like '1 %'")
    return share, False


def _read_weight(text: str) -> float:
    weight = read_percent(text) if "%" in text else float(text) if re.fullmatch(r"\d+(\.\d+)?", text.strip()) else -1.0
    if weight <= 0:
        raise ValueError(f"'{text}' is no weight: write a share like '60 %', or a number like '3'")
    return weight


def _read_workers(text: str) -> int | None:
    if text.strip().lower() == "auto":
        return None
    workers = read_count(text)
    if not 1 <= workers <= 1000:
        raise ValueError(f"{text} workers cannot be: write 'auto', or a number from 1 to 1000")
    return workers


def _none_is_empty(text: Filled) -> str:
    return "" if text.casefold() == "none" else str(text)


def _same(text: str) -> Filled:
    return text if isinstance(text, Filled) else Filled(text)
