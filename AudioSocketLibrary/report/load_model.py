"""The report of a run as plain data. HTML, JSON, Markdown, CSV and JUnit are made of it and of nothing else.

Times are seconds, shares 0 to 1, sizes bytes, rates a minute; only `text` properties and sentences are for people.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from math import isfinite
from typing import Any, Final, Literal

from ..records.load_figures import Unit, value_text
from ..records.percentiles import Percentile

VERSION: Final = 1
"""Of the JSON that this becomes."""

Severity = Literal["error", "warning", "note"]
Mark = Literal["", "good", "bad", "weak"]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One of our own errors beside its limits."""

    name: str
    actual: str
    limits: str
    validity: str


@dataclass(frozen=True, slots=True)
class VerdictBlock:
    """What the run has shown, and whether it may be believed."""

    word: str
    """PASS, FAIL, INVALID or INTERRUPTED. Only the first is a pass."""
    exit_code: int
    passed: bool
    sentence: str
    """One line for people; it begins with the word."""
    validity: str
    """valid, degraded or invalid."""
    validity_sentence: str
    checks: tuple[CheckRow, ...]
    claim: str = ""
    """The answer of a capacity search, where there is one that may be quoted."""
    reason: str = ""
    """Why it ended before its time."""


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A threshold, and how the run stands to it."""

    threshold: str
    """The sentence as it would be written."""
    title: str
    unit: Unit
    ok: bool | None
    """Whether it was met; None: it was not judged, for the run is invalid or was not played to its end."""
    sentence: str
    operator: str
    limit: float
    actual: float | None = None
    """None: nothing was measured, which is a failure."""
    margin: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    weak: bool = False
    at_least: bool = False
    note: str = ""
    """What is to be known of the figure: of how many values it is, its interval, why it is weak."""

    @property
    def state(self) -> str:
        """In a word or two: ``met``, ``broken``, ``not judged``."""
        return {True: "met", False: "broken", None: "not judged"}[self.ok]

    @property
    def actual_text(self) -> str:
        """For people."""
        if self.actual is None:
            return "nothing measured"
        return f"{'at least ' if self.at_least else ''}{value_text(self.unit, self.actual)}"

    @property
    def limit_text(self) -> str:
        """For people, with its operator: ``< 2 s``."""
        return f"{self.operator} {value_text(self.unit, self.limit)}"

    @property
    def margin_text(self) -> str:
        """How far from the limit, and on which side."""
        if self.margin is None:
            return ""
        if self.operator == "=":
            side = "off"
        else:
            side = "room" if self.margin >= 0 else "over" if self.operator in ("<", "<=") else "short"
        return f"{value_text(self.unit, abs(self.margin))} {side}"


@dataclass(frozen=True, slots=True)
class Stats:
    """A figure over many values."""

    unit: Unit
    n: int
    censored: int = 0
    """How many of them are only "at least so much"."""
    mean: float | None = None
    p50: Percentile | None = None
    p90: Percentile | None = None
    p95: Percentile | None = None
    p99: Percentile | None = None
    most: float | None = None

    def text(self, which: Literal["p50", "p90", "p95", "p99"]) -> str:
        """A percentile for people: ``n/a`` where there are so few values that it would be their maximum."""
        found: Percentile | None = getattr(self, which)
        if found is None or self.n < LEAST[which]:
            return "n/a"
        return f"{'≥ ' if found.at_least else ''}{value_text(self.unit, found.value)}"

    @property
    def most_text(self) -> str:
        """The longest for people."""
        return "n/a" if self.most is None else f"{'≥ ' if self.censored else ''}{value_text(self.unit, self.most)}"

    def interval_text(self, which: Literal["p50", "p90", "p95", "p99"]) -> str:
        """The 95 % interval for people: ``n/a`` where there are too few values for one."""
        found: Percentile | None = getattr(self, which)
        if found is None or found.low is None or found.high is None:
            return "n/a"
        high = value_text(self.unit, found.high) if isfinite(found.high) else "more"
        return f"{value_text(self.unit, found.low)} to {high}"


LEAST: Final = {"p50": 2, "p90": 10, "p95": 20, "p99": 100}
"""How many values make a percentile that is not their maximum."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A measured figure of the whole run."""

    name: str
    about: str
    noun: str
    stats: Stats


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A part of the run: a scenario, a phase, a plateau, a bot."""

    name: str
    calls: int
    failed: int
    error_rate: float | None
    response: Stats
    greeting: Stats
    per_minute: float | None = None
    seconds: float | None = None
    measured: bool = True
    note: str = ""
    ok: bool | None = None
    """Whether it held, where that was asked; None: not asked, or it was invalid."""


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn of a scenario, over all calls."""

    scenario: str
    turn: int
    said: str
    stats: Stats


@dataclass(frozen=True, slots=True)
class CountRow:
    """Something counted, with its share of all and an example."""

    name: str
    count: int
    share: float | None = None
    example: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call to look at and listen to. Links are relative to the run's folder."""

    call: str
    uuid: str
    scenario: str
    begun: float | None
    """Seconds of the run."""
    length: float
    outcome: str
    failure: str = ""
    greeting: float | None = None
    slowest: float | None = None
    slowest_turn: str = ""
    what: str = ""
    bot: str = ""
    worker: str = ""
    page: str = ""
    recording: str = ""
    log: str = ""
    bot_log: str = ""
    """Of the bot's own log of this call, an address on the web."""
    spans: tuple[tuple[float, float, str], ...] = ()
    """Who spoke from when to when, in seconds of the call: ``caller`` or ``bot``."""
    wave: tuple[tuple[int, ...], ...] = ()
    """Where a recording was kept: how loud the caller and the bot were, 0 to 100, in equal stretches of the call."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline figure."""

    name: str
    value: str
    note: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that was found, what it rests on and what to do."""

    severity: Severity
    what: str
    advice: str = ""
    evidence: str = ""
    anchor: str = ""
    """The part of the report that shows it."""
    call: str = ""
    """A call that has it."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a chart."""

    name: str
    unit: Unit | Literal["clock", "text", "millis"] = "count"
    """``clock``: seconds of the run, as minutes and seconds; ``text``: categories."""
    log: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A row of points, or of bars."""

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """None: nothing there, and no line over it."""
    kind: Literal["line", "step", "bar", "points", "area"] = "line"
    role: str = ""
    """What it is, and so its colour: ``ok``, ``failed``, ``p50`` …"""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across a chart: a limit, or a moment."""

    at: float
    name: str
    vertical: bool = False
    role: str = "limit"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title is what it shows, its table the same figures."""

    id: str
    title: str
    about: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    stacked: bool = False
    labels: tuple[str, ...] = ()
    """Of categories: `Series.x` are then their numbers."""
    horizontal: bool = False
    shades: tuple[tuple[float, float, str], ...] = ()
    """Stretches of the x axis with a name: what did not count."""
    section: str = "time"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph or list that stands by itself: bands, check-lists."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The run beside an earlier one, or beside the other bot of the same run."""

    sentence: str
    regression: bool | None
    """None: nothing can be said."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportModel:
    """All that a report says."""

    title: str
    about: str
    kind: Literal["load", "acceptance"]
    run: str
    verdict: VerdictBlock
    thresholds: tuple[ThresholdRow, ...]
    ran: tuple[tuple[str, str], ...]
    """What was run: names and values, in order."""
    tiles: tuple[Tile, ...]
    issues: tuple[Issue, ...]
    comparison: Comparison | None
    figures: tuple[FigureRow, ...]
    scenarios: tuple[GroupRow, ...]
    phases: tuple[GroupRow, ...]
    plateaus: tuple[GroupRow, ...]
    bots: tuple[GroupRow, ...]
    turns: tuple[TurnRow, ...]
    failures: tuple[CountRow, ...]
    findings: tuple[CountRow, ...]
    stages: tuple[CountRow, ...]
    """Where the milliseconds of a reply went: the share of each stage, in order; counts are of replies."""
    charts: tuple[Chart, ...]
    calls: tuple[CallRow, ...]
    """The slowest calls, then failed ones."""
    discards: tuple[CountRow, ...]
    bands: tuple[Note, ...] = ()
    notes: tuple[str, ...] = ()
    started: str = ""
    duration: float | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, list[str]] = field(default_factory=dict)
    v: int = VERSION

    def to_json(self) -> dict[str, Any]:
        """As JSON-ready data; what is endless or no number is null."""
        data: dict[str, Any] = plain(self)
        return data


def plain(value: Any) -> Any:
    """Any of this as JSON-ready data."""
    if isinstance(value, float):
        return round(value, 6) if isfinite(value) else None
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
