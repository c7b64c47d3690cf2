"""``audiosocket load``: a profile played to its verdict."""

from __future__ import annotations

import shlex
import signal
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ..api import Report, perform, run_folder
from ..keywords.load_running import LoadOptions, PlannedLoad, plan_load, with_thresholds
from ..load import Profile, load_profile
from ..load.changes import changed
from ..load.environment import Filled
from ..load.live import LiveView
from ..load.preparation import Permission, prepare
from ..load.screen import display_of
from ..load.unconducted import check_unconducted, write_unconducted
from ..records import UsageError, read_percent
from ..records.units import read_rate
from ..report.baselines import no_baseline, use_baseline
from ..report.load_console import verdict_lines
from ..report.load_files import NAMES
from .options import Parsed, Time

RATE = Parsed("rate", read_rate)
SHARE = Parsed("share", read_percent)


@click.command("load")
@click.argument("profile", default="")
@click.option("--bot", "bots", multiple=True, metavar="HOST:PORT",
              help="The bot. Given twice, as new=HOST:PORT and base=HOST:PORT, both are called in turns. "
                   "Unless given, that of the profile, else our reference bot.")  # fmt: skip
@click.option("--profile", "part", default="", metavar="NAME", help="Which one of a file with several profiles.")
@click.option("--test", "tests", multiple=True, metavar="NAME", help="Play this test (with --from).")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Play all tests with this tag (with --from).")
@click.option("--keyword", "keywords", multiple=True, metavar="NAME", help="Play this user keyword (with --from).")
@click.option("--from", "source", default="", metavar="PATH", help="The file or folder that they are in.")
@click.option("--variable", "variables", multiple=True, metavar="NAME:VALUE", help="A variable of their suites.")
@click.option("--calls", "--users", "--num-calls", "calls", type=int, metavar="N", help="Calls at once, or at most.")
@click.option("--up-to", type=int, metavar="N", help="Of a search for a capacity: nobody looks beyond.")
@click.option("--rate", type=RATE, metavar="RATE", help="Calls that come, like 20/min.")
@click.option("--for", "--duration", "lasting", type=Time(), metavar="TIME", help="How long, after the ramp.")
@click.option("--ramp-up", type=Time(), metavar="TIME", help="From the first call to all of them.")
@click.option("--quick", is_flag=True, help="The same shape in under a minute, with at most ten calls at once.")
@click.option("--threshold", "-T", "thresholds", multiple=True, metavar="SENTENCE",
              help="One more, like 'p95 response time < 1.5 s'.")  # fmt: skip
@click.option("--baseline", default="", metavar="NAME", help="Compare with this one; unless given, the profile's.")
@click.option("--workers", type=click.IntRange(1, 1000), metavar="W", help="Processes that make the calls.")
@click.option("--seed", type=int, metavar="N", help="Make the same calls again.")
@click.option("--start", "command", default="", metavar="COMMAND", help="Start the bot; it is watched, and stopped.")
@click.option("--ready-within", type=Time(), metavar="TIME", help="How long it may take to listen (60 s).")
@click.option("--environment", default="", metavar="NAME", help="What the bot is, like staging.")
@click.option("--allow-production", is_flag=True, help="Call a bot that is marked production.")
@click.option("--talk-time", type=Time(), metavar="TIME", help="Of all calls together, at most.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE",
              help="Raise a limit: calls_at_once, calls, talk_time, duration.")  # fmt: skip
@click.option("--recordings", default="", metavar="WHICH", help="Keep all, failed, none, or a share like '1 %'.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The folder of the run; unless given, a new one below results/.")  # fmt: skip
@click.option("--prepare", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Only write what is to be done; print the two lines, of pabot and robot, that do it.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only tell what would be done, and what it costs.")
@click.option("--quiet", "-q", is_flag=True, help="Tell the verdict only.")
@click.option("--plain", is_flag=True, help="Plain lines, on a terminal too.")
@click.option("--no-report", is_flag=True, help="Write no report; 'audiosocket report RUN' can do so later.")
def load(profile: str, **options: Any) -> int:
    """Play a load to its verdict: a profile by name (audiosocket profiles) or file.

    Without a profile, --calls and --for (or --rate) make one.

    \b
    Examples:
      audiosocket load smoke --bot 127.0.0.1:9092
      audiosocket load peak --bot bot.staging:9092 --environment staging --test "Order Tyres" --from tests/
      audiosocket load capacity --up-to 300 -T "p95 response time < 2 s" -T "error rate < 1 %"
      audiosocket load --calls 20 --for 2min --start "python -m mybot --port 9092" --bot 127.0.0.1:9092

    \b
    Exit codes:
      0  passed
      1  a threshold was broken
      2  it could not be done as asked
      3  invalid: this machine could not keep time, nothing is said about the bot
      4  interrupted
    """
    chosen, prepared = _profile(profile, options), options["prepare"]
    if prepared and options["output"]:
        raise UsageError("--prepare names the folder of the run already: leave --output out")
    if prepared:
        check_unconducted(chosen, has_bot=bool(options["bots"] or chosen.bot.address))
    planned = plan_load(
        chosen,
        LoadOptions(
            bots=options["bots"],
            workers=options["workers"],
            permission=Permission(options["environment"], options["allow_production"]),
            variables=_variables(options["variables"]),
            folder=_folder(prepared or options["output"], dry=options["dry_run"]),
        ),
    )
    _announce(planned, quiet=options["quiet"] and not options["dry_run"])
    if options["dry_run"]:
        return 0
    if prepared:
        return _prepare(planned, prepared.resolve())
    # What cancels a job in CI: a bot that we started, and calls that are up, shall not outlive us.
    signal.signal(signal.SIGTERM, _interrupt)
    endless = planned.cost.duration == float("inf") or planned.profile.shape.name == "capacity"
    model = LiveView(None if endless else planned.cost.duration)
    with display_of(model, planned.profile.name, quiet=options["quiet"], plain=options["plain"]) as view:
        report = perform(planned, view=view, formats=() if options["no_report"] else None)
    _tell(report)
    return report.exit_code


def _interrupt(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _prepare(planned: PlannedLoad, folder: Path) -> int:
    profile = planned.profile
    job, info = prepare(profile, planned.plans, planned.bots, folder, workers=planned.workers, conducted=False)
    calling, judging = write_unconducted(job, info)
    runs = Path(profile.keep.directory)
    if profile.baseline and use_baseline(profile.baseline, runs, folder) is None:
        click.echo(f"  note: {no_baseline(profile.baseline, runs)}")
    if profile.abort_when:
        click.echo("  note: nobody watches this run: 'abort_when' does not end it")
    click.echo(f"Prepared in {folder}. To be run from this folder, one after the other:")
    click.echo(shlex.join(calling))
    click.echo(shlex.join(judging))
    return 0


def _profile(name: str, options: dict[str, Any]) -> Profile:
    found = load_profile(name, part=options["part"]) if name else None
    found = changed(
        found,
        calls=options["calls"],
        up_to=options["up_to"],
        rate=options["rate"],
        lasting=options["lasting"],
        ramp_up=options["ramp_up"],
        scenarios=[("test", each) for each in options["tests"]]
        + [("tag", each) for each in options["tags"]]
        + [("keyword", each) for each in options["keywords"]],
        source=options["source"],
        limits=options["limits"],
        talk_time=options["talk_time"],
        recordings=options["recordings"],
    )
    bot = found.bot
    if options["command"]:
        bot = replace(bot, start=Filled(options["command"]))
    if options["ready_within"] is not None:
        bot = replace(bot, ready_within=options["ready_within"])
    if options["seed"] is not None:
        found = replace(found, seed=options["seed"])
    if options["baseline"]:
        found = replace(found, baseline=options["baseline"])
    found = with_thresholds(replace(found, bot=bot), options["thresholds"])
    return found.quick() if options["quick"] else found


def _variables(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition(":") for text in given]
    if wrong := [name for name, colon, _ in pairs if not colon]:
        raise UsageError(f"'{wrong[0]}' is no variable: write NAME:VALUE, like --variable SHOP:kolesso")
    return {name: value for name, _, value in pairs}


def _folder(output: Path | None, *, dry: bool) -> Path | None:
    return None if output is None or dry else run_folder(output)


def _announce(planned: PlannedLoad, *, quiet: bool) -> None:
    if quiet:
        return
    profile, workers = planned.profile, planned.workers
    click.echo(f"{profile}")
    for note in profile.notes:
        click.echo(f"  note: {note}")
    names = ", ".join(plan.name for plans in planned.plans for plan in plans)
    bots = ", ".join(map(str, planned.bots.values())) or "our reference bot"
    click.echo(f"  plays {names}; calls {bots}; {workers} worker{'s' * (workers != 1)}")
    click.echo(f"  {planned.cost}")
    click.echo(f"  {planned.recordings}")


def _tell(report: Report) -> None:
    if len(report.facts):
        for line in verdict_lines(report.model, report.folder):
            click.echo(line)
    else:  # it was ended before its first call
        click.echo(report.sentence)
    found = report.comparison
    if found is not None:
        click.echo(found.sentence)
        for warning in found.warnings:
            click.echo(f"  note: {warning}")
    click.echo(f"Log: {report.folder / 'log.html'}")
    if (report.folder / NAMES["html"]).is_file():
        click.echo(f"Report: {report.folder / NAMES['html']}")
