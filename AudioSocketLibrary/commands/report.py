"""``audiosocket report``: what a run has shown, as files for people and machines, and as an exit code."""

from __future__ import annotations

from pathlib import Path

import click

from ..report.load_building import read_thresholds
from ..report.load_console import verdict_lines
from ..report.load_files import FORMATS, read_formats, write_report
from ..report.reporting import report_of
from ..report.run_reading import read_run


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Where load-report.* go; unless given, beside the run.")  # fmt: skip
@click.option("--threshold", "-T", "thresholds", multiple=True, metavar="SENTENCE",
              help="What must hold beside the run's own thresholds, like 'p95 response time < 1.5 s'.")  # fmt: skip
@click.option("--format", "formats", multiple=True, metavar="NAME",
              help=f"Only this: {', '.join(FORMATS)}; give it once for each. Default: all.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Only the verdict's line.")
def report(run: Path, output: Path | None, thresholds: tuple[str, ...], formats: tuple[str, ...], quiet: bool) -> int:
    """Report a run: a load's folder, or the output.xml of any acceptance run with calls.

    Writes load-report.html, .json, .md, .csv and .junit.xml. Of an acceptance run without thresholds, no call may have
    failed.

    \b
    Examples:
      audiosocket report results/latest
      audiosocket report results/output.xml -T "p95 response time < 1.5 s"

    \b
    Exit codes:
      0  passed
      1  a threshold was broken
      2  it could not be done as asked
      3  invalid: this machine could not keep time, nothing is said about the bot
      4  the run was interrupted
    """
    limits, wanted = read_thresholds(thresholds), read_formats(formats) or FORMATS
    read = read_run(run)
    model = report_of(read, limits)
    folder = read.folder if output is None else output
    written = write_report(model, folder, wanted, run_folder=read.folder)
    for number, line in enumerate(verdict_lines(model, read.folder)):
        if number == 0 or not quiet:
            click.echo(line)
    if not quiet:
        click.echo(f"Report: {written[0]}")
    return model.verdict.exit_code
