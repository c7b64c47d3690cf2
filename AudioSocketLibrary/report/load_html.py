"""The report as one HTML file: it opens offline, loads nothing, and runs nothing but its own few lines."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..records.load_figures import value_text
from ..records.units import percent_text, time_text
from ..version import __version__
from .charts_scale import clock_text, value_of
from .charts_svg import svg
from .load_model import CallRow, Chart, ReportModel

SECTIONS: Final = (
    ("load", "The load: what was planned, and what came"),
    ("response", "Response time"),
    ("stages", "Where the milliseconds went"),
    ("groups", "Part by part"),
    ("failures", "Failures"),
    ("speech", "Greeting, barge-in, dead air, pace"),
    ("health", "Our own errors"),
    ("resources", "Resources"),
)
_WIDE: Final = 190
_HIGH: Final = 38


def html_report(model: ReportModel, base: str = "") -> str:
    """The page.

    Args:
        model: the report.
        base: where the run's folder is as seen from the page, ending with ``/``; empty: the page is in it.
    """
    style, script = _asset("load_report.css"), _asset("load_report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    shown = {chart.section for chart in model.charts}
    known = {row.call for row in model.calls}
    parts = [("thresholds", "Thresholds"), ("issues", "Issues"), ("ran", "What was run")]
    parts += [(f"charts-{id_}", title.partition(":")[0]) for id_, title in SECTIONS if id_ in shown]
    parts += [("scenarios-table", "Scenarios")] if model.scenarios else []
    parts += [("calls", "Calls to listen to")] if model.calls else []

    def link_to(call: str) -> Markup:
        name = Markup("<code>{}</code>").format(call)
        return Markup('<a href="#call-{}">{}</a>').format(call, name) if call in known else name

    return (
        _templates()
        .get_template("load_report.html.j2")
        .render(
            model=model,
            sentence=model.verdict.sentence.removeprefix(model.verdict.word).lstrip(": "),
            parts=parts,
            anchors=_anchors(model),
            sections=SECTIONS,
            policy=policy,
            style=Markup(style),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - likewise
            svg=svg,
            rows_of=rows_of,
            speech=speech,
            link_to=link_to,
            links=lambda row: links(row, base),
            version=__version__,
        )
    )


def rows_of(chart: Chart) -> Iterator[tuple[str, ...]]:
    """The figures of a chart as rows of a table: places down, series across."""
    longest = max(chart.series, key=lambda one: len(one.x), default=None)
    if longest is None:
        return
    for index, at in enumerate(longest.x):
        values = [one.y[index] if index < len(one.y) else None for one in chart.series]
        if all(value is None for value in values):
            continue
        name = chart.labels[index] if chart.labels else value_of(chart.x.unit, at)
        yield (name, *("" if value is None else value_of(chart.y.unit, value) for value in values))


def links(row: CallRow, base: str) -> list[tuple[str, str]]:
    """Where more of a call is: its page, recording, Robot's log, the bot's own log."""
    found = {"page": row.page, "recording": row.recording, "log": row.log}
    made = [(name, base + quote(path, safe="/#")) for name, path in found.items() if path]
    return [*made, ("bot's log", row.bot_log)] if row.bot_log else made


def speech(row: CallRow) -> Markup:
    """Who spoke when, as a small picture: the caller above the line, the bot below; waveforms where there are any."""
    if row.length <= 0 or not (row.spans or row.wave):
        return Markup("")
    middle = _HIGH / 2
    scale = _WIDE / row.length
    parts = [f'<path class="g" d="M0 {middle}H{_WIDE}"/>']
    if row.wave:
        for channel, who, sign in zip(row.wave, ("caller", "bot"), (-1, 1), strict=False):
            step = _WIDE / max(1, len(channel))
            bars = "".join(
                f"M{number * step:.1f} {middle}v{sign * max(1, peak * (middle - 1) / 100):.1f}h{step:.1f}V{middle}Z"
                for number, peak in enumerate(channel)
                if peak > 1
            )
            parts.append(f'<path class="{who}" d="{bars}"/>')
    else:
        for start, end, who in row.spans:
            top = middle - 13 if who == "caller" else middle + 3
            place = f'x="{max(0.0, start * scale):.1f}" width="{max(1.0, (end - start) * scale):.1f}"'
            parts.append(f'<rect class="{escape(who)}" {place} y="{top}" height="10" rx="2"/>')
    label = escape(f"Who spoke when in call {row.call}, {time_text(row.length)}")
    return Markup(  # noqa: S704 - made here, texts escaped
        f'<svg class="speech" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _anchors(model: ReportModel) -> set[str]:
    found = {chart.id for chart in model.charts} | {"thresholds", "validity"}
    present = {"turns": model.turns, "findings": model.findings, "discards": model.discards, "calls": model.calls}
    return found | {name for name, rows in present.items() if rows}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("AudioSocketLibrary.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        percent=percent_text, clock=clock_text, seconds=time_text, value=lambda value, unit: value_text(unit, value)
    )
    return environment


@cache
def _asset(name: str) -> str:
    loader = _templates().loader
    assert loader is not None
    # A checkout on Windows may have turned the line ends; a browser turns them back before it takes the hash.
    return loader.get_source(_templates(), name)[0].replace("\r\n", "\n")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
