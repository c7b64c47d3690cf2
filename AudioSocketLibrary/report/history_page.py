"""The page of all runs: a trend for each profile, and a row for each run. One file, no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..load.environment import masked
from ..records.load_figures import value_text
from ..records.units import percent_text
from ..version import __version__
from .charts_svg import svg
from .load_files import NAMES
from .load_model import Axis, Chart, Series

if TYPE_CHECKING:
    from .history import Entry

_SHOWN: Final = 60
"""So many runs, the newest, are in a chart."""
_LINKS: Final = (NAMES["html"], "log.html")


def history_page(entries: Sequence[Entry], directory: Path) -> str:
    """The page.

    Args:
        entries: the runs, the oldest first.
        directory: where they are, and where the page will be.
    """
    style = _asset("load_report.css") + _asset("history.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    profiles: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.verdict:
            profiles.setdefault(entry.name, []).append(entry)
    return (
        _templates()
        .get_template("history.html.j2")
        .render(
            entries=list(reversed(entries)),
            charts=[chart for name, of in sorted(profiles.items()) if (chart := _chart(name, of[-_SHOWN:]))],
            directory=directory.resolve().name,
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            style=Markup(style),  # noqa: S704 - files of this package
            svg=svg,
            link=lambda entry: _link(directory, entry),
            time=lambda value: "n/a" if value is None else value_text("time", value),
            share=lambda value: "n/a" if value is None else percent_text(value),
            rate=lambda value: "n/a" if value is None else f"{value:.3g}",
            date=lambda text: text[:16].replace("T", " "),
            masked=masked,
            short=_short,
            version=__version__,
        )
    )


def _chart(name: str, entries: Sequence[Entry]) -> Chart | None:
    """The response times of a profile's runs; None: there are no two of them."""
    counting = [(number, entry) for number, entry in enumerate(entries, 1) if entry.counts and entry.p95 is not None]
    if len(counting) < 2:
        return None
    before, now = counting[-2][1].p95 or 0.0, counting[-1][1].p95 or 0.0
    told = f"{value_text('time', now)}, the run before {value_text('time', before)}"
    x = tuple(float(number) for number, _ in counting)
    series = [
        Series("p50 response time", x, tuple(entry.p50 for _, entry in counting), role="p50"),
        Series("p95 response time", x, tuple(entry.p95 for _, entry in counting), role="p95"),
    ]
    failed = [(number, entry) for number, entry in counting if entry.verdict == "FAIL"]
    if failed:
        series.append(
            Series("failed", tuple(float(number) for number, _ in failed), tuple(entry.p95 for _, entry in failed),
                   "points", "failed")
        )  # fmt: skip
    return Chart(
        id=f"trend-{len(name)}",
        title=f"{masked(name)}: p95 response time {told}",
        about=f"The last {len(entries)} runs, the newest on the right; invalid and interrupted ones are left out.",
        x=Axis("run", "count"),
        y=Axis("response time", "time"),
        series=tuple(series),
    )


def _short(entry: Entry) -> str:
    """Its sentence without what stands in other columns."""
    return (
        entry.sentence.removeprefix(entry.verdict).partition(". valid: ")[0].partition(": this machine")[0].lstrip(": ")
    )


def _link(directory: Path, entry: Entry) -> str:
    for name in _LINKS:
        if (directory / entry.folder / name).is_file():
            return quote(f"{entry.folder}/{name}")
    return quote(f"{entry.folder}/")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("AudioSocketLibrary.report", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _asset(name: str) -> str:
    loader = _templates().loader
    assert loader is not None
    return loader.get_source(_templates(), name)[0].replace("\r\n", "\n")
