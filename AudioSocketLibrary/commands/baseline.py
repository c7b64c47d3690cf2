"""``audiosocket baseline``: runs that later ones are measured against."""

from __future__ import annotations

from pathlib import Path

import click

from ..records import Threshold
from ..records.load_figures import value_text
from ..report.baselines import DIRECTORY, Baseline, accept_baseline, baselines_in, need_baseline, read_baseline
from ..report.comparison import NotComparableError
from ..report.run_reading import RunRead

_SHOWN = ("p50 response time >= 0 s", "p95 response time >= 0 s", "p95 greeting time >= 0 s", "error rate >= 0 %",
          "calls per minute >= 0")  # fmt: skip
_WHERE = click.option("--directory", type=click.Path(file_okay=False, path_type=Path), default=DIRECTORY,
                      show_default=True, metavar="DIR", help="Where runs are kept.")  # fmt: skip


@click.group("baseline")
def baseline() -> None:
    """Keep runs as what later ones are measured against; small files, in results/baselines, worth committing."""


@baseline.command("accept")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--name", default="main", show_default=True, metavar="NAME", help="Of the baseline.")
@_WHERE
def accept(run: Path, name: str, directory: Path) -> int:
    """Accept a run; with three of them and more, what is usual is known, too. The last ten are kept.

    \b
    Examples:
      audiosocket baseline accept results/latest
      audiosocket baseline accept results/2026-11-25_130000_pr --name release-2
    """
    try:
        found = accept_baseline(run, name, directory)
    except NotComparableError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    click.echo(f"{found.newest.folder.name} is now the baseline {name} (run {len(found.runs)} of it)")
    return 0


@baseline.command("list")
@_WHERE
def list_(directory: Path) -> None:
    """List all baselines."""
    places = baselines_in(directory)
    if not places:
        click.echo("There are no baselines. Accept a run: audiosocket baseline accept results/latest --name main")
    for place in places:
        found = read_baseline(place)
        click.echo(
            f"{found.name}: {len(found.runs)} run{'s' * (len(found.runs) != 1)}, the newest {_run(found.newest)}, "
            f"accepted {found.accepted[-1]}"
        )


@baseline.command("show")
@click.argument("name", default="main")
@_WHERE
def show(name: str, directory: Path) -> None:
    """Show the runs of a baseline, the newest last."""
    found = need_baseline(name, directory)
    for line in _lines(found):
        click.echo(line)


def _lines(found: Baseline) -> list[str]:
    lines = []
    for run, accepted in zip(found.runs, found.accepted, strict=True):
        lines += [_run(run), f"  accepted {accepted}"]
        for sentence in _SHOWN:
            threshold = Threshold.parse(sentence)
            value = run.facts.value(threshold)
            text = "nothing measured" if value is None else value_text(threshold.figure.unit, value)
            lines.append(f"  {threshold.title:<20}  {text}")
    return lines


def _run(run: RunRead) -> str:
    commit = f", tests at {run.info.commit}" if run.info.commit else ""
    return f"{run.folder.name} (profile {run.info.name} {run.info.profile_hash}, {run.facts.due:,} calls{commit})"
