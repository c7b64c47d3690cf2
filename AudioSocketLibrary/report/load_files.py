"""Writing the report of a run, in all its formats, under names that are never Robot's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ..records import Threshold, UsageError
from ..records.names import unknown_name
from .junit import junit_report
from .load_csv import csv_report
from .load_html import html_report
from .load_model import ReportModel
from .markdown import markdown_report
from .reporting import report_of
from .run_reading import read_run

FORMATS: Final = ("html", "json", "markdown", "csv", "junit")
NAMES: Final = {
    "html": "load-report.html",
    "json": "load-report.json",
    "markdown": "load-report.md",
    "csv": "load-report.csv",
    "junit": "load-report.junit.xml",
}


def read_formats(names: Iterable[str]) -> tuple[str, ...]:
    """Formats by their names; ``md``, ``xml`` and ``all`` will do.

    Raises:
        UsageError: there is no such format.
    """
    found: list[str] = []
    for name in names:
        plain = {"md": "markdown", "xml": "junit"}.get(name.strip().lower(), name.strip().lower())
        if plain == "all":
            found += FORMATS
        elif plain in FORMATS:
            found.append(plain)
        else:
            raise UsageError(unknown_name("format", name, FORMATS, all_are="Formats"))
    return tuple(dict.fromkeys(found))


def write_load_reports(
    path: Path,
    *,
    output: Path | None = None,
    formats: Iterable[str] = FORMATS,
    thresholds: Sequence[Threshold] = (),
) -> ReportModel:
    """Read a run back, judge it, and write its report, with the comparison that there is.

    Args:
        path: the run: its folder, its ``run.json``, or Robot's output.
        output: where to; None: beside the run.
        formats: of `FORMATS`; none: nothing is written.
        thresholds: to be met beside its own.

    Returns:
        What the report says.

    Raises:
        UsageError: it is no run, has no calls, or the report cannot be written.
    """
    run = read_run(path)
    model = report_of(run, thresholds)
    write_report(model, run.folder if output is None else output, formats, run_folder=run.folder)
    return model


def write_report(
    model: ReportModel, folder: Path, formats: Iterable[str] = FORMATS, *, run_folder: Path | None = None
) -> list[Path]:
    """Write a report.

    Args:
        model: the report.
        folder: where to.
        formats: of `FORMATS`.
        run_folder: where the run is, so that links to recordings lead there; None: in ``folder``.

    Returns:
        The files.

    Raises:
        UsageError: there is no such format, or the folder cannot be written to.
    """
    base = base_of(run_folder or folder, folder)
    makers: dict[str, Callable[[], str]] = {
        "html": lambda: html_report(model, base),
        "json": lambda: json_report(model),
        "markdown": lambda: markdown_report(model),
        "csv": lambda: csv_report(model),
        "junit": lambda: junit_report(model),
    }
    written = []
    for name in read_formats(formats):
        place = folder / NAMES[name]
        data = makers[name]().encode("utf-8", "replace")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except OSError as error:
            raise UsageError(f"The report cannot be written to {place}: {error.strerror or error}") from None
        written.append(place)
    return written


def json_report(model: ReportModel) -> str:
    """The model as JSON; ``v`` is its version, and ``verdict.passed`` what to gate on."""
    return json.dumps(model.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def base_of(run_folder: Path, folder: Path) -> str:
    """Where the run's folder is as seen from the report's: empty, or with a ``/`` at its end."""
    run_folder, folder = run_folder.resolve(), folder.resolve()
    if run_folder == folder:
        return ""
    try:
        return quote(Path(os.path.relpath(run_folder, folder)).as_posix()) + "/"
    except ValueError:  # on another drive
        return f"{run_folder.as_uri()}/"
