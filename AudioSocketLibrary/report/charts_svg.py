"""A chart as an inline SVG: no script, colours by class (so it follows light, dark and print), values as tool tips.

Made by hand, where a chart library was planned: Bokeh needs a megabyte of script in each report and a policy that lets
any style in, draws nothing on paper but pixels, and keeps the colours that it was made with in the dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from markupsafe import Markup, escape

from .charts_scale import Scale, tick_text, value_of
from .load_model import Chart, Rule, Series

WIDTH: Final = 520
_HEIGHT: Final = 250
_LEFT: Final = 58
_LABELS: Final = 150
"""Room for the names of categories."""
_RIGHT: Final = 22
_TOP: Final = 22
_BOTTOM: Final = 36
_ROW: Final = 34
"""Height of a category."""
_LONGEST: Final = 18
"""Letters of a category's name that have room."""


class _Paper:
    """Where things are, and what was drawn."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.parts: list[str] = []
        self.left = _LABELS if chart.horizontal else _LEFT
        self.height = _TOP + _BOTTOM + _ROW * len(chart.labels) if chart.horizontal else _HEIGHT
        self.bottom = self.height - _BOTTOM
        self.right = WIDTH - _RIGHT
        along, across = (chart.y, chart.x) if chart.horizontal else (chart.x, chart.y)
        # Of bars that lie, values run along the page.
        values = Scale.of(
            along, _along(chart), self.left, self.right, from_zero=chart.horizontal, tight=not chart.horizontal
        )
        self.x = values
        self.y = Scale.of(across, _across(chart), self.bottom, _TOP, from_zero=True)

    def add(self, text: str) -> None:
        self.parts.append(text)


def svg(chart: Chart) -> Markup:
    """The picture of a chart."""
    paper = _Paper(chart)
    _shades(paper)
    _grid(paper)
    if chart.horizontal:
        _lying_bars(paper)
    else:
        _series(paper)
        _tips(paper)
    for rule in chart.rules:
        _rule(paper, rule)
    label = escape(f"{chart.title}. {chart.about}")
    return Markup(  # noqa: S704 - made here, every text of the run in it escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {paper.height}" role="img" aria-label="{label}">'
        f"{''.join(paper.parts)}</svg>"
    )


def _along(chart: Chart) -> list[float]:
    if chart.horizontal:
        return _heights(chart) + [rule.at for rule in chart.rules]
    return [at for one in chart.series for at in one.x] + [rule.at for rule in chart.rules if rule.vertical]


def _across(chart: Chart) -> list[float]:
    if chart.horizontal:
        return []
    values = _heights(chart)
    lines = [value for one in chart.series if one.kind != "points" for value in one.y if value is not None]
    if lines and len(lines) < len(values):
        # Single points far above all lines would press these to the ground: they stand at the upper edge.
        values = [min(value, max(lines) * 2) for value in values]
    # A limit far above all values would press them to the ground: it is told, not drawn.
    most = max(values, default=0.0)
    return values + [rule.at for rule in chart.rules if not rule.vertical and rule.at <= most * 3]


def _heights(chart: Chart) -> list[float]:
    if not chart.stacked:
        return [value for one in chart.series for value in one.y if value is not None]
    sums: dict[float, float] = {}
    for one in chart.series:
        for at, value in zip(one.x, one.y, strict=True):
            sums[at] = sums.get(at, 0.0) + (value or 0.0)
    return list(sums.values())


def _shades(paper: _Paper) -> None:
    for start, end, name in paper.chart.shades:
        left, right = paper.x.clamped(start), paper.x.clamped(end)
        if right - left < 1:
            continue
        paper.add(f'<rect class="shade" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" '
                  f'height="{paper.bottom - _TOP}"/>')  # fmt: skip
        if right - left > 7 * len(name):
            paper.add(f'<text class="t" x="{left + 4:.1f}" y="{_TOP + 12}">{escape(name)}</text>')


def _grid(paper: _Paper) -> None:
    chart = paper.chart
    unit = chart.y.unit if chart.horizontal else chart.x.unit
    for tick in paper.x.ticks():
        at = paper.x(tick)
        if chart.horizontal:
            paper.add(f'<path class="g" d="M{at:.1f} {_TOP}V{paper.bottom}"/>')
        text = escape(tick_text(unit, tick, paper.x.most))
        paper.add(f'<text class="t m" x="{at:.1f}" y="{paper.bottom + 15}">{text}</text>')
    name = chart.y.name if chart.horizontal else chart.x.name
    paper.add(f'<text class="t e n" x="{paper.right}" y="{paper.height - 4}">{escape(name)}</text>')
    if chart.horizontal:
        return
    for tick in paper.y.ticks():
        at = paper.y(tick)
        paper.add(f'<path class="g" d="M{paper.left} {at:.1f}H{paper.right}"/>')
        text = escape(tick_text(chart.y.unit, tick, paper.y.most))
        paper.add(f'<text class="t e" x="{paper.left - 6}" y="{at + 4:.1f}">{text}</text>')
    paper.add(f'<text class="t n" x="4" y="12">{escape(chart.y.name)}</text>')


def _series(paper: _Paper) -> None:
    bars = [one for one in paper.chart.series if one.kind == "bar"]
    if bars:
        _standing_bars(paper, bars)
    for one in paper.chart.series:
        if one.kind == "points":
            marks = "".join(f"M{paper.x(at):.1f} {paper.y.clamped(value):.1f}h0" for at, value in _known(one))
            paper.add(f'<path class="p s-{one.role}" d="{marks}"/>')
        elif one.kind in ("line", "step"):
            dashed = " d" if one.dashed else ""
            draw = _steps if one.kind == "step" else _line
            paper.add(f'<path class="l s-{one.role}{dashed}" d="{draw(paper, one)}"/>')


def _known(one: Series) -> Iterator[tuple[float, float]]:
    for at, value in zip(one.x, one.y, strict=True):
        if value is not None:
            yield at, value


def _pieces(one: Series) -> Iterator[list[tuple[float, float]]]:
    """Stretches without a hole."""
    points = zip(one.x, one.y, strict=True)
    for known, group in groupby(points, key=lambda point: point[1] is not None):
        if known:
            yield [(at, value) for at, value in group if value is not None]


def _line(paper: _Paper, one: Series) -> str:
    path = []
    for piece in _pieces(one):
        points = [f"{paper.x(at):.1f} {paper.y(value):.1f}" for at, value in piece]
        # A point that stands alone is a dot: round ends make one of a line without length.
        path.append(f"M{'L'.join(points)}" + ("h0" if len(points) == 1 else ""))
    return "".join(path)


def _steps(paper: _Paper, one: Series) -> str:
    half = _gap(one.x) / 2
    path = []
    for piece in _pieces(one):
        at, value = piece[0]
        path.append(f"M{paper.x.clamped(at - half):.1f} {paper.y(value):.1f}")
        path += [f"H{paper.x.clamped(at - half):.1f}V{paper.y(value):.1f}" for at, value in piece[1:]]
        path.append(f"H{paper.x.clamped(piece[-1][0] + half):.1f}")
    return "".join(path)


def _gap(at: Sequence[float]) -> float:
    return min((after - before for before, after in pairwise(at)), default=1.0)


def _standing_bars(paper: _Paper, bars: Sequence[Series]) -> None:
    half = _gap(bars[0].x) / 2 * 0.86
    base: dict[float, float] = {}
    for one in bars:
        path = []
        for at, value in _known(one):
            if not value:
                continue
            low = base.get(at, 0.0)
            left, right = paper.x.clamped(at - half), paper.x.clamped(at + half)
            path.append(f"M{left:.1f} {paper.y(low):.1f}V{paper.y(low + value):.1f}H{right:.1f}V{paper.y(low):.1f}Z")
            base[at] = low + value if paper.chart.stacked else 0.0
        paper.add(f'<path class="b s-{one.role}" d="{"".join(path)}"/>')


def _tips(paper: _Paper) -> None:
    """A tool tip for each place: what all series are there."""
    chart = paper.chart
    longest = max(chart.series, key=lambda one: len(one.x))
    half = _gap(longest.x) / 2
    for index, at in enumerate(longest.x):
        told = [
            f"{one.name} {value_of(chart.y.unit, value)}"
            for one in chart.series
            if (value := one.y[index] if index < len(one.y) else None) is not None
        ]
        if told:
            left, right = paper.x.clamped(at - half), paper.x.clamped(at + half)
            text = escape(f"{value_of(chart.x.unit, at)}: {', '.join(told)}")
            paper.add(f'<rect class="h" x="{left:.1f}" y="{_TOP}" width="{max(1.0, right - left):.1f}" '
                      f'height="{paper.bottom - _TOP}"><title>{text}</title></rect>')  # fmt: skip


def _lying_bars(paper: _Paper) -> None:
    chart = paper.chart
    for number, label in enumerate(chart.labels):
        top = _TOP + number * _ROW
        short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        paper.add(f'<text class="t e c" x="{_LABELS - 8}" y="{top + _ROW / 2 + 4:.1f}">{escape(short)}'
                  f"<title>{escape(label)}</title></text>")  # fmt: skip
        draw: Callable[[_Paper, int, float], None] = _stack if chart.stacked else _side_by_side
        draw(paper, number, top)


def _stack(paper: _Paper, number: int, top: float) -> None:
    low = 0.0
    for one in paper.chart.series:
        value = one.y[number] or 0.0
        if value > 0:
            _bar(paper, one, low, value, top + 6, _ROW - 12)
            low += value


def _side_by_side(paper: _Paper, number: int, top: float) -> None:
    height = (_ROW - 10) / max(1, len(paper.chart.series))
    for place, one in enumerate(paper.chart.series):
        value = one.y[number]
        if value is not None:
            _bar(paper, one, 0.0, value, top + 5 + place * height, height - 1)


def _bar(paper: _Paper, one: Series, low: float, value: float, top: float, height: float) -> None:
    left, right = paper.x(low), paper.x(low + value)
    text = escape(f"{one.name} {value_of(paper.chart.y.unit, value)}")
    paper.add(f'<rect class="b s-{one.role}" x="{left:.1f}" y="{top:.1f}" width="{max(0.5, right - left):.1f}" '
              f'height="{height:.1f}"><title>{text}</title></rect>')  # fmt: skip


def _rule(paper: _Paper, rule: Rule) -> None:
    vertical = rule.vertical or paper.chart.horizontal
    scale = paper.x if vertical else paper.y
    if not scale.holds(rule.at):
        return
    at = scale(rule.at)
    name = escape(rule.name)
    if vertical:
        side, text_at = ("e", at - 4) if at > WIDTH / 2 else ("", at + 4)
        paper.add(f'<path class="r r-{rule.role}" d="M{at:.1f} {_TOP}V{paper.bottom}"/>'
                  f'<text class="t r-{rule.role} {side}" x="{text_at:.1f}" y="{_TOP - 4}">{name}</text>')  # fmt: skip
    else:
        paper.add(f'<path class="r r-{rule.role}" d="M{paper.left} {at:.1f}H{paper.right}"/>'
                  f'<text class="t r-{rule.role} e" x="{paper.right}" y="{at - 4:.1f}">{name}</text>')  # fmt: skip
