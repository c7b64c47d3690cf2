"""``audiosocket load``: a profile played to its verdict."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..keywords.load_running import FinishedLoad, LoadOptions, PlannedLoad, plan_load, run_load, with_thresholds
from ..load import Profile, load_profile
from ..load.changes import changed
from ..load.environment import Filled
from ..load.live import LiveView
from ..load.pabot_workers import OUTPUT, PabotWorkers, suites_folder
from ..load.preparation import Permission, prepare
from ..load.screen import display_of
from ..load.unconducted import check_unconducted, write_unconducted
from ..records import UsageError, read_percent
from ..records.units import read_rate
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
    endless = planned.cost.duration == float("inf") or planned.profile.shape.name == "capacity"
    model = LiveView(None if endless else planned.cost.duration)
    with display_of(model, planned.profile.name, quiet=options["quiet"], plain=options["plain"]) as view:
        done = run_load(planned, PabotWorkers(), view)
    join_outputs(done.folder, done.info.name)
    if not options["no_report"]:
        _report(done, planned.profile)
    _tell(done)
    return done.verdict.word.exit_code


def _prepare(planned: PlannedLoad, folder: Path) -> int:
    profile = planned.profile
    check_unconducted(profile, has_bot=bool(planned.bots))
    job, info = prepare(profile, planned.plans, planned.bots, folder, workers=planned.workers, conducted=False)
    calling, judging = write_unconducted(job, info)
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
    found = with_thresholds(replace(found, bot=bot), options["thresholds"])
    return found.quick() if options["quick"] else found


def _variables(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition(":") for text in given]
    if wrong := [name for name, colon, _ in pairs if not colon]:
        raise UsageError(f"'{wrong[0]}' is no variable: write NAME:VALUE, like --variable SHOP:kolesso")
    return {name: value for name, _, value in pairs}


def _folder(output: Path | None, *, dry: bool) -> Path | None:
    if output is None or dry:
        return None
    try:
        output.mkdir(parents=True, exist_ok=True)
        if any(output.iterdir()):
            raise UsageError(f"There is something in {output} already: a run needs a folder of its own")
    except OSError as error:
        raise UsageError(f"The run cannot be kept in {output}: {error.strerror or error}") from None
    return output


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


def join_outputs(folder: Path, name: str) -> None:
    """Have the run judged by Robot tests, and join them with the workers' results: output.xml, log.html, report.html.

    Raises:
        UsageError: Robot's results cannot be written.
    """
    robot = folder / "robot"
    verdict = robot / "verdict.xml"
    suite = suites_folder() / "run" / "verdict.robot"
    judging = [sys.executable, "-m", "robot", "--variable", f"RUN:{folder}", "--output", str(verdict)]
    judged = _run_quietly([*judging, "--log", "NONE", "--report", "NONE", "--console", "none", str(suite)])
    parts = [str(part) for part in (robot / OUTPUT, verdict) if part.is_file()]
    if not verdict.is_file() or not parts:
        raise UsageError(
            f"The verdict could not be written by Robot: {(judged.stderr or judged.stdout).strip()[-300:]}"
        )
    joining = [sys.executable, "-m", "robot.rebot", "--nostatusrc", "--name", name, "--outputdir", str(folder)]
    _run_quietly([*joining, "--output", "output.xml", *parts])


def _run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def _report(done: FinishedLoad, profile: Profile) -> None:
    from ..report.load_files import write_load_reports  # noqa: PLC0415 - slow to import, and not always wanted

    write_load_reports(done.folder, formats=profile.keep.reports)


def _tell(done: FinishedLoad) -> None:
    click.echo(done.verdict.sentence)
    for result in done.verdict.thresholds:
        click.echo(f"  {'ok    ' if result.ok else 'FAILED'}  {result.sentence}")
    if done.info.claim:
        click.echo(done.info.claim)
    click.echo(f"Log: {done.folder / 'log.html'}")
