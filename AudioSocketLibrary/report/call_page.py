"""The page of one call: what was said, seen and heard, in one file that opens without a network."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..media.picture import STYLE as PICTURE_STYLE
from .figures import figure_rows
from .limits import listen_from
from .names import NO_NAMES, Names
from .robot_markup import href_of
from .told import told_rows
from .words import call_line, clock, dialogue_rows, grouped, how_it_ended, seconds

if TYPE_CHECKING:
    from pathlib import Path

    from ..records import CallRecord, Finding


@dataclass(frozen=True, slots=True)
class _Asset:
    text: Markup
    digest: str


def write_call_page(
    path: Path,
    record: CallRecord,
    recording_href: str | None,
    picture_svg: str | None = None,
    *,
    test: str = "",
    log_href: str | None = None,
    arrived_href: str | None = None,
    names: Names = NO_NAMES,
) -> Path:
    """Writes the call's own page: picture, player, dialogue, figures and facts.

    The page needs nothing but the recording beside it. It runs no script and loads nothing that it was not
    written with, whatever the call's texts hold. ``#t=15.2`` at the end of its address starts it there.

    Args:
        path: The HTML file to write.
        record: The call.
        recording_href: Path of the recording as seen from the page, not quoted; None where none was kept.
        picture_svg: The call's picture, from `record_picture`.
        test: The test that made the call.
        log_href: Path of Robot's log as seen from the page.
        arrived_href: Path of the bot's side as it arrived, where that differs from what a phone hears.
        names: What is said in the callers' recordings, and what the bot's prompts are called.

    Returns:
        The path written to.
    """
    html = call_page(
        record, recording_href, picture_svg, test=test, log_href=log_href, arrived_href=arrived_href, names=names
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(html.encode("utf-8", "replace"))
    return path


def call_page(
    record: CallRecord,
    recording_href: str | None,
    picture_svg: str | None = None,
    *,
    test: str = "",
    log_href: str | None = None,
    arrived_href: str | None = None,
    names: Names = NO_NAMES,
) -> str:
    """The HTML of `write_call_page`."""
    figures = figure_rows(record)
    style, script = _asset("call.css"), _asset("call.js")
    policy = (
        "default-src 'none'; media-src 'self' file: data:; img-src 'self' data:; "
        f"style-src '{style.digest}' '{_digest(PICTURE_STYLE)}'; script-src '{script.digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _templates()
        .get_template("call.html.j2")
        .render(
            record=record,
            test=test,
            line=call_line(record),
            findings=_by_kind(record),
            rows=grouped(dialogue_rows(record, names)),
            figures=[row for row in figures if not row.technical],
            technical=[row for row in figures if row.technical],
            told=told_rows(record),
            facts=_facts(record),
            recording=None if recording_href is None else href_of(recording_href),
            log=None if log_href is None else href_of(log_href),
            arrived=None if arrived_href is None else href_of(arrived_href),
            # Drawn by us, with every text in it escaped; the policy lets nothing else of it run.
            picture=Markup(picture_svg) if picture_svg else None,  # noqa: S704
            policy=policy,
            style=style.text,
            script=script.text,
        )
    )


def _by_kind(record: CallRecord) -> list[tuple[Finding, list[float]]]:
    """The first finding of each kind, and when there were any of it."""
    kinds: dict[str, tuple[Finding, list[float]]] = {}
    for one in sorted(record.findings, key=lambda finding: finding.at):
        kinds.setdefault(one.kind, (one, []))[1].append(one.at)
    return list(kinds.values())


def _facts(record: CallRecord) -> list[tuple[str, str]]:
    ended = how_it_ended(record) + (f": {record.reason}" if record.reason else "")
    facts = [
        ("Call", record.call),
        ("UUID", record.uuid or "none was sent"),
        ("Alias", record.alias),
        ("Bot" if record.role == "caller" else "Server", record.bot),
        ("Scenario", record.scenario),
        ("Worker", record.worker),
        ("Format", record.format),
        ("Asterisk", record.asterisk),
        ("Rules", record.rules),
        ("Line", record.line),
        ("Started", record.started),
        ("Length", seconds(record.length)),
        ("End", ended[:1].upper() + ended[1:]),
        ("Recording", record.recording or ""),
        ("SHA-256", record.recording_sha256 or ""),
    ]
    return [(name, value) for name, value in facts if value]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("AudioSocketLibrary.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(clock=clock, seconds=seconds, listen_from=listen_from)
    return environment


@cache
def _asset(name: str) -> _Asset:
    loader = _templates().loader
    assert loader is not None
    # A checkout on Windows may have turned the line ends; a browser turns them back before it takes the hash.
    text = loader.get_source(_templates(), name)[0].replace("\r\n", "\n")
    return _Asset(Markup(text), _digest(text))  # noqa: S704 - a file of this package


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
