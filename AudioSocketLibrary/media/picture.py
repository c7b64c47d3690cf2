"""The picture of a call: both sides as waveforms, with who spoke, the response times and what went wrong.

Hand-written SVG: a drawing library is fifty times slower and its pictures larger, and every log has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from ..records.xml_text import xml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of sound, drawn under its side's waveform. One with a ``text`` is a sound that is no turn."""

    start: float
    end: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with a word to it: a turn's number, a key, a finding."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """A time from ``start`` on; negative where the bot interrupted. ``limit``: the one it broke, from where on it is
    drawn as a red bar."""

    start: float
    seconds: float
    limit: float | None = None


# The card is opaque, as an <img> cannot see the page's own theme switch: wherever it lands, it can be read.
STYLE = """.P{font:11px Helvetica,Arial,sans-serif;--card:#fff;--ink:#1f2933;--dim:#5b6875;--line:#d5dbe1;
--caller:#2563c9;--bot:#0d7a66;--red:#c62222}@media (prefers-color-scheme:dark){.P{--card:#222a30;
--ink:#e2e1d7;--dim:#a3afb9;--line:#424f5a;--caller:#7db2ff;--bot:#4fcfb0;--red:#ff8a80}}
.P :is(.card,.k){fill:var(--card);stroke:var(--line)}.P text{fill:var(--dim)}.P .caller{fill:var(--caller)}
.P .bot{fill:var(--bot)}.P text.i{fill:var(--ink)}.P text.r{fill:var(--red)}.P :is(.i,.r){font-weight:bold}
.P .m{text-anchor:middle}.P .e{text-anchor:end}.P :is(path.l,path.i,path.r,.o){fill:none;stroke:var(--line)}
.P path.i{stroke:var(--ink)}.P path.r{stroke:var(--red);stroke-width:1.5}.P .n{stroke-dasharray:2 2}
.P .s{stroke-width:5;stroke:var(--caller)}.P .bs{stroke:var(--bot)}.P .k{stroke:var(--caller)}
.P path.x{fill:none;stroke:var(--red);stroke-width:5}
.P .f{fill:var(--red);stroke:var(--red);stroke-dasharray:2 3}""".replace("\n", "").replace(".P", ".call-picture")

_LEFT, _RIGHT, _HEIGHT = 56, 14, 242
_HALF = 32  # of a lane
_CALLER, _CALLER_BARS, _ARROWS, _BOT, _BOT_BARS, _AXIS = 60, 98, 122, 166, 204, 214
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_CROWD = 24  # of marks of one kind: more are drawn in a smaller way


def call_picture(
    caller: Samples,
    bot: Samples,
    rate: int,
    *,
    length: float = 0.0,
    caller_bars: Sequence[Bar] = (),
    bot_bars: Sequence[Bar] = (),
    turns: Sequence[Mark] = (),
    responses: Sequence[Response] = (),
    stops: Sequence[Response] = (),
    keys: Sequence[Mark] = (),
    findings: Sequence[Mark] = (),
    width: int = 900,
    columns: int = 600,
) -> str:
    """Draws both sides of a call as an SVG that reads on light and on dark pages, of 12 kB at most as a rule.

    Args:
        caller: What the caller sent, 16 bit mono; may be shorter than the call, or empty.
        bot: What was heard of the bot, likewise.
        rate: Samples in a second, of both.
        length: Seconds that the picture shows at least, where the call was longer than its sound.
        caller_bars: When the caller was heard; ``bot_bars``: when the bot was.
        turns: The turns' beginnings and numbers; ``responses``: their response times; ``keys``: the keys.
        stops: Times until the bot was silent after it was spoken over, where they broke their limit.
        findings: What was noticed, shown as red ticks whose text is a tooltip.
        width: Width in pixels; the height is fixed. ``columns``: in how many steps a waveform is drawn.

    Returns:
        One ``<svg>``. Its ``data-left``, ``data-right`` (pixels), ``data-seconds`` tell where a time lies.
    """
    seconds = max(len(caller) / rate, len(bot) / rate, length, 0.1)
    right = width - _RIGHT

    def x(at: float) -> float:
        return round(_LEFT + (right - _LEFT) * min(max(at / seconds, 0.0), 1.0), 1)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="call-picture" viewBox="0 0 {width} {_HEIGHT}" '
        f'width="{width}" height="{_HEIGHT}" role="img" aria-label="Waveforms, {seconds:.1f} s" '
        f'data-left="{_LEFT}" data-right="{right}" data-seconds="{seconds:.4f}"><style>{STYLE}</style>'
        f'<rect class="card" x=".5" y=".5" width="{width - 1}" height="{_HEIGHT - 1}" rx="6"/>'
    )
    waves = ""
    for name, samples, y in (("caller", caller, _CALLER), ("bot", bot, _BOT)):
        wave = _envelope(samples, round(seconds * rate), columns)
        place = f"translate({_LEFT} {y})scale({(right - _LEFT) / columns:.6g} 1)"
        waves += _label(f"{name} e", _LEFT - 8, y + 4, name) + _path("l", f"M{_LEFT} {y}H{right}")
        waves += f'<path class="{name}" transform="{place}" d="{wave}"/>'
    bars = _bars("s", _CALLER_BARS, [bar for bar in caller_bars if not bar.text], x)
    bars += _bars("s n", _CALLER_BARS, [bar for bar in caller_bars if bar.text], x)
    bars += _bars("s bs", _BOT_BARS, bot_bars, x)
    over = _findings(findings, x) + _times(responses, stops, right, x) + _turns(turns, x) + _keys(keys, x)
    return f"{head}{waves}{bars}{_axis(seconds, right, x)}{over}</svg>"


def _label(name: str, x: float, y: float, text: str) -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escape(xml_text(text))}</text>'


def _path(name: str, data: str) -> str:
    return f'<path class="{name}" d="{data}"/>' if data else ""


def _envelope(samples: Samples, total: int, columns: int) -> str:
    edges = np.arange(columns) * total // columns
    if not len(edges := edges[edges < len(samples)]):
        return "M0 0"
    high = np.maximum.reduceat(samples, edges).astype(np.float64)
    low = -np.minimum.reduceat(samples, edges).astype(np.float64)
    return _edge(high, -1) + _edge(low, 1)


def _edge(peaks: npt.NDArray[np.float64], sign: int) -> str:
    """One edge of the waveform, from the middle line back to it, in as few letters as can be."""
    # The power lifts quiet speech: on the telephone it peaks 10 to 20 dB under full scale.
    heights = np.rint((np.maximum(peaks, 0) / 32768) ** 0.7 * _HALF).astype(int).tolist()
    out, command, level = "M0 0", "", 0
    for height, same in groupby(heights):
        step, run, level = (height - level) * sign, len(list(same)), height
        if step:
            out += (" " if command == "l" else "l") + (f"1{step}" if step < 0 else f"1 {step}")
            command = "l"
        if flat := run - bool(step):
            out += f"h{flat}"
            command = "h"
    return out + "V0"


def _bars(name: str, y: int, bars: Sequence[Bar], x: Callable[[float], float]) -> str:
    places = 1 if len(bars) <= _CROWD else None
    path, at = "", 0.0
    for bar in sorted(bars, key=lambda bar: bar.start):
        start = round(x(bar.start), places)
        end = max(round(x(bar.end), places), start + 1)
        if path and start <= at + 1:  # too near to be told apart
            start = at
        if end > start:
            path += f"m{start - at:.5g} 0h{end - start:.5g}"
            at = end
    return _path(name, f"M0 {y}{path}") if path else ""


def _axis(seconds: float, right: int, x: Callable[[float], float]) -> str:
    step = next((step for step in _STEPS if seconds / step <= 12), seconds / 10)
    times = [n * step for n in range(int(seconds / step + 1e-9) + 1)]
    ticks = "".join(f"M{x(at):g} {_AXIS}v4" for at in times)
    labels = [_label("m" if x(at) < right - 14 else "e", x(at), _AXIS + 17, _clock(at, seconds)) for at in times]
    return _path("l", f"M{_LEFT} {_AXIS}H{right}{ticks}") + "".join(labels)


def _clock(at: float, seconds: float) -> str:
    minutes, rest = divmod(round(at), 60)
    long = f"{minutes}:{rest:02}" if seconds < 3600 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    return long if seconds >= 60 else f"{at:.4g} s"


def _turns(turns: Sequence[Mark], x: Callable[[float], float]) -> str:
    out, free = "", 0.0
    for turn in turns:
        at = x(turn.at)
        if at >= free:
            out += f'<circle class="o" cx="{at:g}" cy="14" r="9"/>' + _label("i m", at, 18, turn.text)
            free = at + (20 if len(turns) <= _CROWD else 40)
    return out


def _keys(keys: Sequence[Mark], x: Callable[[float], float]) -> str:
    top, free = _CALLER_BARS - 8, 0.0
    if len(keys) > _CROWD:
        return _path("i", "".join(f"M{x(key.at):.0f} {top}v15" for key in keys))
    out = ""
    for key in keys:
        # Keys pressed in quick succession stand side by side: at their own times they would cover each other.
        at, wide = max(x(key.at), free), 7 * len(key.text) + 7
        out += f'<rect class="k" x="{at:g}" y="{top}" width="{wide}" height="15" rx="3"/>'
        out += _label("i m", at + wide / 2, top + 12, key.text)
        free = at + wide + 1
    return out


def _times(responses: Sequence[Response], stops: Sequence[Response], right: int, x: Callable[[float], float]) -> str:
    """Response times as arrows, what is beyond a limit as a red bar; of labels in each other's way one stays."""
    arrows, labels, stopped = {"i": "", "r": ""}, _Labels(right, _ARROWS - 3), _Labels(right, _ARROWS + 12)
    over, last = "", 0.0
    for stop in stops:
        over += _over(stop, _BOT_BARS, x)
        stopped.add(stop, x(stop.start + (stop.limit or 0)), f"stopped after {_shown(stop)}", x)
    # The broken ones come first: theirs is the label that stays.
    for response in sorted(responses, key=lambda one: (one.limit is None, one.start)):
        name = "i" if response.limit is None else "r"
        start, end = x(response.start), x(response.start + response.seconds)
        if abs(end - start) >= 2 or name == "r":
            arrows[name] += f"M{start:g} {_CALLER_BARS + 5}V{_ARROWS}H{end:g}v9m-3-4l3 4 3-4"
        elif start > last + 4:  # too short for an arrow
            arrows[name] += f"M{start:.0f} {_ARROWS}v9"
            last = start
        over += _over(response, _ARROWS, x)
        labels.add(response, max(start, end), _shown(response), x)
    return _path("x", over) + _path("i", arrows["i"]) + _path("r", arrows["r"]) + labels.drawn + stopped.drawn


def _over(time: Response, y: int, x: Callable[[float], float]) -> str:
    """What is beyond the limit."""
    if not time.limit or time.seconds <= time.limit:
        return ""
    limit, end = x(time.start + time.limit), x(time.start + time.seconds)
    return f"M{limit:g} {y}H{end:g}" if end - limit >= 1 else f"M{limit:g} {y}h1"


def _shown(time: Response) -> str:
    text = f"{time.seconds:.2f} s".replace("-", "\u2212")
    return f"{text}, limit {time.limit:g} s" if time.limit else text


class _Labels:
    """Texts beside the times, each where there is room for it."""

    def __init__(self, right: int, y: int) -> None:
        self.drawn = ""
        self._right = right
        self._y = y
        self._taken: list[tuple[float, float]] = []

    def add(self, time: Response, after: float, text: str, x: Callable[[float], float]) -> None:
        wide, at = 6.3 * len(text), after + 5
        if at + wide > self._right:
            at = min(x(time.start), after) - wide - 5
        if all(at > b or at + wide < a for a, b in self._taken):
            self._taken.append((at - 4, at + wide + 4))
            self.drawn += _label("i" if time.limit is None else "r", round(at), self._y, text)


def _findings(findings: Sequence[Mark], x: Callable[[float], float]) -> str:
    width = 3 if len(findings) <= _CROWD else 35
    groups: dict[int, list[Mark]] = {}
    for finding in sorted(findings, key=lambda finding: finding.at):
        groups.setdefault(int(x(finding.at) / width), []).append(finding)
    out, most = "", 1500 // max(len(groups), 5)
    for group in groups.values():
        text = "\n".join(finding.text for finding in group)
        if len(text) > most:
            text = f"{text[:most]}… ({len(group)} in all)"
        tick = f"M{x(group[0].at):g} 26V{_AXIS - 1}l4 7h-8l4-7"
        out += f'<path class="f" d="{tick}"><title>{escape(xml_text(text))}</title></path>'
    return out
