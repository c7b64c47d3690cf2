"""``audiosocket compare``: is a run worse than an earlier one, or is it noise?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from ..records import UsageError
from ..records.comparing import Shown
from ..records.verdict import Verdict
from ..report.baselines import DIRECTORY, need_baseline, used_facts
from ..report.comparison import NotComparableError, RunComparison, compare_bots, compare_runs
from ..report.comparison_words import COLUMNS, sentence, table, text_table
from ..report.load_building import judge_run
from ..report.load_model import plain
from ..report.markdown import escape
from ..report.run_reading import RunRead, read_run


@click.command("compare")
@click.argument("base", metavar="BASE")
@click.argument("new", nargs=-1, metavar="NEW...", type=click.Path(path_type=Path))
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), default=DIRECTORY, show_default=True,
              metavar="DIR", help="Where runs and baselines are kept.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(["text", "markdown", "json"]), default="text",
              show_default=True, help="What to print.")  # fmt: skip
def compare(base: str, new: tuple[Path, ...], directory: Path, format_: str) -> int:
    """Compare runs: BASE is a run's folder or the name of a baseline, NEW are runs of the same load.

    Of a run that called two bots in turns (--bot new=... --bot base=...), BASE alone compares these.

    \b
    Examples:
      audiosocket compare main results/latest
      audiosocket compare results/2026-11-25_130000_pr results/latest
      audiosocket compare results/latest

    \b
    Exit codes:
      0  not worse
      1  worse
      2  it could not be done as asked; too few calls to say anything
      3  a run is invalid: nothing is said about the bot
      4  a run was interrupted, or cut short
    """
    try:
        found = _compared(base, [read_run(one) for one in new], directory)
    except NotComparableError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    found = warned_twice(found)
    click.echo({"text": _text, "markdown": _markdown, "json": _json}[format_](found))
    regressions = [one.regression for one in found]
    return 1 if True in regressions else 2 if None in regressions else 0


def warned_twice(found: Sequence[RunComparison]) -> list[RunComparison]:
    """What was perhaps worse in two of the new runs is worse."""
    counts: dict[str, int] = {}
    for one in found:
        for row in one.found(Shown.PERHAPS, Shown.WORSE):
            counts[row.title] = counts.get(row.title, 0) + 1
    return [
        replace(
            one,
            rows=tuple(
                replace(row, shown=Shown.WORSE) if row.shown is Shown.PERHAPS and counts[row.title] > 1 else row
                for row in one.rows
            ),
        )
        for one in found
    ]


def _compared(base: str, new: Sequence[RunRead], directory: Path) -> list[RunComparison]:
    if not new:
        run = read_run(Path(base))
        found = compare_bots(run, _verdict(run))
        if not found:
            raise UsageError(f"What is {base} to be compared with? Name another run; {base} called only one bot")
        return found
    # A path has a folder or exists; all else is a name.
    if Path(base).exists() or len(Path(base).parts) > 1:
        runs, name = [read_run(Path(base))], ""
    else:
        runs, name = list(need_baseline(base, directory).runs), f"baseline {base}"
    verdicts = [_verdict(run) for run in runs]
    return [compare_runs(runs, one, [*verdicts, _verdict(one)], base_name=name) for one in new]


def _verdict(run: RunRead) -> Verdict:
    return judge_run(run, baseline=used_facts(run.folder))


def _text(found: Sequence[RunComparison]) -> str:
    lines = []
    for one in found:
        lines += [f"{one.new}: {sentence(one)}", *(f"  note: {told}" for told in one.warnings)]
        lines += [f"  {line}" for line in text_table(one)]
    return "\n".join(lines)


def _markdown(found: Sequence[RunComparison]) -> str:
    lines = []
    for one in found:
        lines += [f"**{escape(one.new)}**: {escape(sentence(one))}", ""]
        lines += [f"- {escape(told)}" for told in one.warnings] + [""] * bool(one.warnings)
        lines += [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
        lines += [f"| {' | '.join(escape(cell) for cell in row)} |" for row in table(one)]
        lines.append("")
    return "\n".join(lines).rstrip()


def _json(found: Sequence[RunComparison]) -> str:
    data = [
        {"sentence": sentence(one), "shown": one.shown, "regression": one.regression, **plain(one)} for one in found
    ]
    return json.dumps({"v": 1, "comparisons": data}, ensure_ascii=False, indent=1)
