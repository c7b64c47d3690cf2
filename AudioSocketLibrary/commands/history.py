"""``audiosocket history``: all runs of a directory, as a page and as files for tools that find changes."""

from __future__ import annotations

from pathlib import Path

import click

from ..report.baselines import DIRECTORY
from ..report.history import read_history, write_history


@click.command("history")
@click.argument("directory", default=DIRECTORY, type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
def history(directory: Path) -> None:
    """Write index.html, index.json and a trend-PROFILE.csv of all runs in DIR (results); done after each load, too.

    \b
    Examples:
      audiosocket history
      audiosocket history results/nightly
    """
    written = write_history(directory)
    for entry in read_history(directory):
        told = entry.sentence if entry.verdict else f"cannot be read: {entry.sentence}"
        click.echo(f"{entry.started[:16].replace('T', ' '):<16}  {entry.folder}  {told}")
    for place in written:
        click.echo(f"Wrote {place}")
