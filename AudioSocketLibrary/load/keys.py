"""Every key of a profile: the one table behind reading, messages and docs/profiles.md."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Final

from .capacity import Capacity
from .shapes import Burst, Hold, RateOfCalls, Repeat, Shape, Soak, Spike, Stability, Stages, Steps, Wave, key_of

SHAPES: Final[dict[str, type[Shape]]] = {
    shape.name: shape
    for shape in (Hold, RateOfCalls, Stages, Steps, Wave, Burst, Spike, Stability, Soak, Capacity, Repeat)
}

KEYS: Final[dict[str, dict[str, str]]] = {
    "": {
        "about": "one line, shown by `audiosocket profiles` and on the report",
        "bot": "the bot and how it is called",
        "scenarios": "a list of what is played; unless given, `built_in: Hello`",
        "callers": "who calls",
        "load": "exactly one shape",
        "warm_up": "a time that does not count in verdicts; unless given, the ramp",
        "thresholds": "a list of sentences (docs/thresholds.md); `{from: nfr.yaml, section: peak}`: those of a file",
        "abort_when": "a list of sentences that end the run early, like `error rate > 30 % for 20 s`",
        "limits": "what the run may cost at most; checked before the start",
        "baseline": "a name under results/baselines/, or a path, that `of baseline` means",
        "keep": "what is kept",
        "seed": "a whole number; drawn and printed unless given",
        "workers": "a number, or `auto`: one below 100 calls at once, else one a core",
        "log_url": "of the bot's own log of a call, with `{uuid}` in it",
    },
    "bot": {
        "address": "host:port; unless given, our reference bot is started",
        "environment": "what it is, like staging; needed unless it is on this machine. production needs a word more",
        "asterisk": "the version whose rules hold, like 22.10",
        "format": "slin, slin12, slin16, … ulaw, alaw",
        "rules": "strict or lenient",
        "start": "a command that starts the bot; we wait for it, watch it and stop it",
        "ready_within": "how long the bot may take to answer after its start (60 s)",
        "watch": "the process to sample: `pid 4711`, `port 9092`, `container NAME`, or a pid file",
        "events": "where the bot tells what it does: http://…, ws://… or a file",
    },
    "scenarios": {
        "test": "the name of a test, as QA wrote it",
        "tag": "all tests with this tag",
        "keyword": "the name of a user keyword",
        "built_in": "one of ours: Hello (greeting, one phrase, its reply, goodbye)",
        "from": "the file or folder that it is in",
        "arguments": "a list, for a keyword",
        "weight": "how often, as against the others: `60 %`, or a number; equal unless given",
    },
    "callers": {
        "data": "a CSV file with a row for each call",
        "before_call": "a request that announces each call",
        "lines": "how they sound: presets and shares, like `{clean: 80 %, street: 20 %}`",
        "voices": "a list of voices that phrases are synthesised with",
        "pause": "before each phrase: a time, or a range to draw from, like `300 ms .. 1.2 s`",
    },
    "callers.data": {
        "file": "CSV, the names of the fields in its first line",
        "order": "sequential, random or unique (sequential)",
    },
    "callers.before_call": {
        "method": "GET, POST, PUT, PATCH or DELETE (POST)",
        "url": "where to; `{uuid}` and fields of the data are filled in",
        "body": "sent as JSON",
        "headers": "names and values",
        "expect": "the status that it must have; unless given, any below 400",
    },
    "limits": {
        "calls_at_once": "calls (500)",
        "calls": "calls in all (20000)",
        "talk_time": "of all calls together: the bill for speech and language models (100 h)",
        "duration": "of the run (2 h)",
    },
    "keep": {
        "recordings": "all, failed, none, or a share of calls (1 %)",
        "disk": "what recordings may take in all; of what comes then, no sound is kept (1 GB)",
        "rows": "yes or no: one row for each call (yes)",
        "reports": "a list of html, markdown, junit, json, csv (html, json, markdown, junit)",
        "directory": "where runs are kept (results)",
    },
    "load.stages": {
        "to": "the level to go to",
        "over": "in which time; at once unless given",
        "for": "how long the level is then kept",
    },
}
"""Keys of each part, and what they mean, with the default in brackets."""


def shape_keys(shape: type[Shape]) -> dict[str, str]:
    """The keys of a shape and what they mean."""
    if shape is Stages:
        return KEYS["load.stages"]
    return {key_of(each): f"{each.metadata['about']}{_default(each.default)}" for each in fields(shape)}


def _default(value: object) -> str:
    if value is MISSING:
        return ""
    return f" ({value:g} s)" if isinstance(value, float) else f" ({value})"
