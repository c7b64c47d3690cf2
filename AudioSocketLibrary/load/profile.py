"""The profile: a load as a file. Plain data; `reading.py` makes it of YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Literal

from ..protocol import NEWEST, AsteriskVersion, AudioFormat
from ..records.thresholds import Threshold
from ..transport import Address
from .environment import Filled, hide_secrets, shown_header
from .limits import Limits
from .schedule import Schedule
from .shapes import Shape

_QUICK_SECONDS = 40.0
"""Of a quick run, in which calls begin: the last of them end within the minute."""
_QUICK_AT_ONCE = 10
"""Calls at once in a quick run; of arrivals, calls that begin within a second."""
_QUICK_CALLS = 60
"""In all, where a rate or a number of calls is asked for."""


_NOTHING = Filled("")


@dataclass(frozen=True, slots=True)
class Watch:
    """The process whose resources are sampled."""

    kind: Literal["pid", "pid file", "port", "container"]
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


@dataclass(frozen=True, slots=True)
class Target:
    """The bot, and how it is called."""

    address: Address | None = None
    """None: our reference bot is started."""
    environment: str = ""
    asterisk: AsteriskVersion = field(default_factory=lambda: AsteriskVersion(NEWEST))
    format: AudioFormat = AudioFormat.slin
    rules: Literal["strict", "lenient"] = "strict"
    start: Filled = _NOTHING
    """The command that starts the bot; empty: it runs already."""
    ready_within: float = 60.0
    watch: Watch | None = None
    events: Filled = _NOTHING


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """A scenario of a load, and how often it is taken."""

    kind: Literal["test", "tag", "keyword", "built_in"]
    name: str
    source: str = ""
    """The file or folder that it is in, relative to the working folder."""
    arguments: tuple[Filled, ...] = ()
    weight: float = 1.0
    """As against the others; where percentages were given, their sum is 1."""


@dataclass(frozen=True, slots=True)
class BeforeCall:
    """The request that announces each call to the bot's backend."""

    method: str
    url: Filled
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, Filled] = field(default_factory=dict, repr=False)
    expect: int | None = None
    """The status that it must have; None: any below 400."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Who calls, and how they sound."""

    data: str = ""
    """A CSV file with a row for each call."""
    order: Literal["sequential", "random", "unique"] = "sequential"
    before_call: BeforeCall | None = None
    lines: Mapping[str, float] = field(default_factory=dict)
    """Shares of presets, with a sum of 1. Empty: all clean."""
    voices: tuple[str, ...] = ()
    pause: tuple[float, float] = (0.0, 0.0)
    """Before each phrase, drawn between the two."""


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept of a run."""

    recordings: float = 0.01
    """The share of calls whose recording is kept."""
    failed_only: bool = False
    """Only the recordings of failed calls."""
    disk: int = 1_000_000_000
    """Bytes that recordings may take in all."""
    rows: bool = True
    reports: tuple[str, ...] = ("html", "json", "markdown", "junit")
    directory: str = "results"


@dataclass(frozen=True, slots=True)
class Profile:
    """A load."""

    name: str
    shape: Shape
    about: str = ""
    bot: Target = field(default_factory=Target)
    scenarios: tuple[ScenarioChoice, ...] = (ScenarioChoice("built_in", "Hello"),)
    callers: Callers = field(default_factory=Callers)
    warm_up: float | None = None
    """Seconds that do not count; None: the ramp."""
    thresholds: tuple[Threshold, ...] = ()
    abort_when: tuple[Threshold, ...] = ()
    limits: Limits = field(default_factory=Limits)
    baseline: str = ""
    keep: Keep = field(default_factory=Keep)
    seed: int | None = None
    """None: drawn by the conductor, and printed."""
    workers: int | None = None
    """None: one below 100 calls at once, else one a core."""
    log_url: str = ""
    """Of the bot's own log of a call; ``{uuid}`` in it is replaced."""
    notes: tuple[str, ...] = ()
    """What of a file of another tool was understood differently, or is not driven; for people."""
    path: Path | None = field(default=None, compare=False)
    scale: float = 1.0
    """Of the load as it stands in the file; less in a quick run."""

    def __str__(self) -> str:
        return f"{self.name}: {self.about or self.shape.about}"

    def schedule(self, seed: int | None = None) -> Schedule:
        """When calls begin.

        Args:
            seed: unless given, that of the profile, or 0.
        """
        planned = self.shape.schedule(self.seed or 0 if seed is None else seed)
        return planned if self.warm_up is None else planned.warmed_up_from(self.warm_up)

    def scenario_of(self, call: int, seed: int | None = None) -> ScenarioChoice:
        """Which scenario the ``call``-th call plays: drawn by weight, the same for the same seed."""
        seed = self.seed or 0 if seed is None else seed
        draw = Random(f"{seed} scenario {call}")  # noqa: S311 - the same seed, the same calls
        return draw.choices(self.scenarios, [scenario.weight for scenario in self.scenarios])[0]

    def workers_on(self, cores: int, calls_at_once: int) -> int:
        """How many workers play it: as the profile says, else one below 100 calls at once, else one a core."""
        if self.workers is not None:
            return self.workers
        return 1 if calls_at_once < 100 else max(1, cores)

    def quick(self) -> Profile:
        """The same shape in under a minute, with at most ten calls at once; thresholds of rates follow the load."""
        planned = self.shape.schedule()
        endless = planned.duration == float("inf")
        time = 1.0 if endless else min(1.0, _QUICK_SECONDS / planned.duration)
        calls = planned.calls(1.0) if endless else len(self.shape.scaled(time, 1.0).schedule().arrivals)
        load = min(1.0, _QUICK_AT_ONCE / planned.calls_at_once(1.0), _QUICK_CALLS / max(1, calls))
        return replace(
            self,
            name=f"{self.name} (quick)",
            shape=self.shape.scaled(time, load),
            warm_up=None if self.warm_up is None else self.warm_up * time,
            thresholds=tuple(threshold.scaled(load) for threshold in self.thresholds),
            scale=load,
        )

    def to_dict(self) -> dict[str, Any]:
        """For ``run.json`` and reports: all keys, with units, as they stand in the file where they could be secret."""
        bot, callers, keep, before = self.bot, self.callers, self.keep, self.callers.before_call
        return {
            "name": self.name,
            "about": self.about,
            "bot": {
                "address": str(bot.address) if bot.address else "",
                "environment": bot.environment,
                "asterisk": str(bot.asterisk),
                "format": bot.format.name,
                "rules": bot.rules,
                "start": bot.start.shown,
                "ready_within": bot.ready_within,
                "watch": str(bot.watch) if bot.watch else "",
                "events": bot.events.shown,
            },
            "scenarios": [
                {
                    scenario.kind: scenario.name,
                    "from": scenario.source,
                    "arguments": [argument.shown for argument in scenario.arguments],
                    "weight": scenario.weight,
                }
                for scenario in self.scenarios
            ],
            "callers": {
                "data": {"file": callers.data, "order": callers.order} if callers.data else {},
                "before_call": {
                    "method": before.method,
                    "url": before.url.shown,
                    "body": hide_secrets(before.body),
                    "headers": {name: shown_header(name, value) for name, value in before.headers.items()},
                    "expect": before.expect,
                }
                if before
                else {},
                "lines": dict(callers.lines),
                "voices": list(callers.voices),
                "pause": list(callers.pause),
            },
            "load": {self.shape.name: self.shape.to_json()},
            "warm_up": self.warm_up,
            "thresholds": [str(threshold) for threshold in self.thresholds],
            "abort_when": [str(threshold) for threshold in self.abort_when],
            "limits": {name: getattr(self.limits, name) for name in Limits.__slots__},
            "baseline": self.baseline,
            "keep": {
                "recordings": "failed" if keep.failed_only else keep.recordings,
                "disk": keep.disk,
                "rows": keep.rows,
                "reports": list(keep.reports),
                "directory": keep.directory,
            },
            "seed": self.seed,
            "workers": self.workers,
            "log_url": Filled(self.log_url).shown,
            "scale": self.scale,
        }

    @property
    def hash(self) -> str:
        """Of what is asked of the bot: two runs of another hash are not to be compared without a warning.

        It leaves out where the bot is, who starts it, what is kept, limits, workers and the prose.
        """
        told = self.to_dict()
        asked = {key: told[key] for key in ("scenarios", "callers", "load", "warm_up", "scale")}
        asked["bot"] = {key: told["bot"][key] for key in ("asterisk", "format", "rules")}
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()[:12]
