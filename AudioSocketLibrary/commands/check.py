"""``audiosocket check``: would a bot live behind Asterisk? Two minutes, no suite, no recogniser."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from ..check import PROBES, Report, Result, Verdict, check_bot, probe_named
from ..check.bench import LANGUAGES
from ..check.paper import write_report
from ..protocol import NEWEST, AsteriskVersion
from ..records import CallFailure, UsageError
from ..transport import Address, new_event_loop, use_fine_timers
from .call import _check_folder
from .options import ADDRESS, VERSION, Parsed

_MARK = {Verdict.OK: ("ok", "green"), Verdict.NO: ("no", "red"), Verdict.NOTE: ("note", "yellow")}
_WIDE = max(len(probe.title) for probe in PROBES)


@click.command("check")
@click.argument("bot", type=ADDRESS, metavar="HOST:PORT")
@click.option(
    "--asterisk",
    type=VERSION,
    metavar="VERSION",
    help=f"Answer for this version only; unless given, for all of them, and the exit code is that of {NEWEST}.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="What the caller speaks.",
)
@click.option(
    "--probe",
    "probes",
    multiple=True,
    type=Parsed("probe", probe_named),
    metavar="NAME",
    help="Ask only this; give it once for each. Default: all.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="results",
    show_default=True,
    metavar="DIR",
    help="Where check-HOST.html, .json and .junit.xml go.",
)
@click.option("--quiet", "-q", is_flag=True, help="Only the answer.")
@click.pass_context
def check(
    context: click.Context,
    bot: Address,
    asterisk: AsteriskVersion | None,
    language: str,
    probes: tuple[object, ...],
    output: Path,
    quiet: bool,
) -> None:
    """Ask a bot some 25 short questions, and say whether it would live behind Asterisk.

    Makes short calls, ordinary and odd, up to 20 at once, in less than two minutes. Needs no suite and no recogniser.

    Exit code: 0 the bot would do, 1 it would not behind the version asked for (default: the newest), 2 there is no bot.

    \b
    Example:
      audiosocket bot --port 9092           (in another terminal)
      audiosocket check 127.0.0.1:9092
    """
    _check_folder(output)
    chosen = tuple(probe for probe in PROBES if not probes or probe in probes)
    version = asterisk or AsteriskVersion(NEWEST)
    use_fine_timers()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        try:
            report = runner.run(
                check_bot(bot, version, language=language, probes=chosen, tell=(lambda _: None) if quiet else _tell)
            )
        except CallFailure as error:
            raise UsageError(str(error)) from None
    _conclude(report, only=asterisk)
    try:
        page = write_report(report, output)
    except OSError as error:
        raise UsageError(f"The report could not be kept in {output}: {error.strerror or error}") from None
    click.echo(f"{'For your records' if report.passed else 'Give this to the bot’s developers'}: {page}")
    context.exit(0 if report.passed else 1)


def _tell(result: Result) -> None:
    mark, colour = _MARK.get(result.verdict, ("-", None))
    text = result.text if result.verdict is not Verdict.NOT_MEASURED else f"not measured: {result.text}"
    line = f" {click.style(f'{mark:<5}', fg=colour)} {result.probe.title:<{_WIDE}}  {text}"
    click.echo(line.rstrip())


def _conclude(report: Report, only: AsteriskVersion | None) -> None:
    click.echo(f"{report.summary} {report.own_error}")
    click.echo(f"Would it live behind Asterisk{report.reach}?")
    for answer in report.answers:
        if only is None:
            click.echo(f"  {answer.versions}\n      {answer.text}")
        elif only.behaviour.name in answer.rows:
            click.echo(f"  {only}: {answer.text}")
