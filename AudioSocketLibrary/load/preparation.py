"""From a profile to a run that may begin: its guards, its cost, its folder, what stands in ``run.json``."""

from __future__ import annotations

import os
import platform
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import disk_usage, which
from typing import Final

from ..records import UsageError, new_run_id, time_text
from ..records.load_figures import value_text
from ..records.media_path import media_path
from ..records.run_info import Host, RunInfo
from ..records.units import percent_text
from ..scenario import Plan
from ..scenario.caller_steps import PlaceCall, Play, SendDTMF, StaySilent
from ..scenario.voice_steps import Say
from ..transport import Address
from ..version import __version__
from .bookkeeper import WAV_BYTES
from .capacity import Capacity
from .casting import ONE
from .environment import masked
from .limits import Cost, target_refused
from .profile import Profile
from .worker import ROWS, Job

CONNECT: Final = 3.0
TURN: Final = 6.0
"""Seconds of a greeting, and of what the caller says with the bot's answer: only to tell what a load will cost."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What the user said about the target."""

    environment: str = ""
    allow_production: bool = False


def bots_of(profile: Profile, given: Sequence[str] = ()) -> dict[str, Address]:
    """The bots to call, by name: those that were given, else that of the profile; none: our reference bot.

    Args:
        profile: the load.
        given: ``host:port``, or several as ``name=host:port``.

    Raises:
        UsageError: an address cannot be read, or several have no names.
    """
    named = [
        (name, address) if sign else (ONE, name) for name, sign, address in (text.partition("=") for text in given)
    ]
    if len(named) > 1 and len({name for name, _ in named}) < len(named):
        raise UsageError("Several bots need names of their own: --bot new=127.0.0.1:9093 --bot base=127.0.0.1:9092")
    try:
        found = {name: Address.parse(address) for name, address in named}
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not found and profile.bot.address:
        found = {ONE: profile.bot.address}
    return found


def check_target(profile: Profile, bots: Mapping[str, Address], permission: Permission) -> None:
    """Refuse a target that nobody has allowed.

    Raises:
        UsageError: production without the word, or another machine of which nobody said what it is.
    """
    environment = permission.environment or profile.bot.environment
    for address in bots.values():
        refused = target_refused(address, environment, allow_production=permission.allow_production)
        if refused:
            raise UsageError(refused)


def estimated_length(plans: Sequence[Sequence[Plan]], weights: Sequence[float]) -> float:
    """About how many seconds a call will last: by its turns, for nobody knows how long the bot speaks."""
    total = sum(weights)
    return sum(
        weight / total * sum(map(_length_of, found)) / len(found) for found, weight in zip(plans, weights, strict=True)
    )


def _length_of(plan: Plan) -> float:
    steps = [planned.step for planned in plan.steps]
    turns = sum(isinstance(step, Say | Play | SendDTMF) for step in steps)
    silent = sum(step.least if step.most is None else (step.least + step.most) / 2
                 for step in steps if isinstance(step, StaySilent))  # fmt: skip
    return CONNECT * sum(isinstance(step, PlaceCall) for step in steps) + TURN * turns + silent


def with_long_enough_plateaus(profile: Profile, plans: Sequence[Sequence[Plan]]) -> Profile:
    """The profile, in a search with plateaus in which a call comes to its end; a note tells where they were shorter."""
    shape = profile.shape
    if not isinstance(shape, Capacity):
        return profile
    length = estimated_length(plans, [scenario.weight for scenario in profile.scenarios])
    longer = shape.lasting_at_least(length)
    if longer == shape:
        return profile
    note = f"a call lasts about {time_text(length)}: no plateau is shorter"
    return replace(profile, shape=longer, notes=(*profile.notes, note))


def cost_of(profile: Profile, plans: Sequence[Sequence[Plan]], seed: int) -> Cost:
    """What the load will cost.

    Raises:
        UsageError: it is beyond the limits; the text has the lines to add.
    """
    length = estimated_length(plans, [scenario.weight for scenario in profile.scenarios])
    cost = Cost.of(profile.schedule(seed), max(1.0, length))
    if isinstance(profile.shape, Capacity):
        cost = replace(cost, duration=profile.shape.at_most)
    beyond = cost.beyond(profile.limits)
    if beyond:
        raise UsageError(f"{profile.name} would be {cost}. {' '.join(f'{sentence}.' for sentence in beyond)}")
    return cost


def recordings_text(profile: Profile, cost: Cost) -> str:
    """What is kept of the sound, what it takes and may take, and how much room there is where that is too little."""
    keep, most = profile.keep, value_text("size", profile.keep.disk)
    if not keep.recordings:
        return "records nothing"
    rate = profile.bot.format.rate
    planned = cost.talk_time * keep.recordings * rate * WAV_BYTES
    whose = "all calls" if keep.recordings >= 1 else f"{percent_text(keep.recordings)} of the calls"
    if keep.failed_only:
        minute = value_text("size", 60 * rate * WAV_BYTES)
        told = f"keeps recordings of calls that fail, {minute} a minute of them, {most} at most"
    elif planned > keep.disk:
        told = (
            f"records {whose}, about {value_text('size', planned)}, of which {most} is kept and no sound after that "
            "('keep: {disk: …}' of the profile is the limit)"
        )
    else:
        told = f"records {whose}, about {value_text('size', planned)}, {most} at most"
    folder = Path(keep.directory).absolute()
    room = disk_usage(next(place for place in (folder, *folder.parents) if place.is_dir())).free
    return told if min(planned, keep.disk) < room else f"{told}; but {value_text('size', room)} are free in {folder}"


def prepare(
    profile: Profile,
    plans: Sequence[Sequence[Plan]],
    bots: Mapping[str, Address],
    folder: Path,
    *,
    workers: int,
    reference: bool = False,
    conducted: bool = True,
) -> tuple[Job, RunInfo]:
    """The job of the workers, and what stands in ``run.json``. Second 0 is set when all workers are there.

    Raises:
        UsageError: the call data cannot be read, or would run out.
    """
    seed = secrets.randbelow(1_000_000) if profile.seed is None else profile.seed
    run = os.environ.get("AUDIOSOCKET_RUN") or new_run_id()
    job = Job(
        folder=folder,
        run=run,
        profile=profile,
        plans=tuple(tuple(found) for found in plans),
        bots=dict(bots),
        seed=seed,
        workers=workers,
        conductor=os.getpid() if conducted else 0,
    )
    cost = cost_of(profile, plans, seed)
    casting = job.casting()
    casting.check(cost.calls)
    schedule = job.schedule
    search = isinstance(profile.shape, Capacity)
    info = RunInfo(
        kind="load",
        run=run,
        name=profile.name.removesuffix(" (quick)"),
        about=profile.about or profile.shape.about,
        state="running",
        profile=profile.to_dict(),
        profile_hash=profile.hash,
        notes=(*profile.notes, *dict.fromkeys(note for found in plans for plan in found for note in plan.notes)),
        seed=seed,
        quick=profile.scale < 1 or profile.name.endswith("(quick)"),
        workers=workers,
        rows=tuple(f"{ROWS}/worker-{number}.jsonl" for number in range(workers)),
        resources=f"{ROWS}/resources.jsonl",
        bots={name: str(address) for name, address in bots.items()},
        reference_bot=reference,
        phases=() if search else schedule.phases,
        planned_calls=None if search else cost.calls,
        calls_at_once=None if search else cost.calls_at_once,
        held=schedule.held,
        thresholds=tuple(map(str, profile.thresholds)),
        abort_when=tuple(map(str, profile.abort_when)),
        baseline=profile.baseline,
        log_url=profile.log_url,
        versions=_versions(),
        host=_host(),
        commit=_commit(),
        limits={name: getattr(profile.limits, name) for name in ("calls_at_once", "calls", "talk_time", "duration")},
        plans={plan.name: [masked(planned.text) for planned in plan.steps] for found in plans for plan in found},
    )
    return job, info


def make_folder(directory: Path, name: str) -> Path:
    """A new folder for a run: date, time and name; a number after it, where there is one already.

    Raises:
        UsageError: it cannot be made.
    """
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip("-.")
    stem = f"{datetime.now():%Y-%m-%d_%H%M%S}_{plain or 'load'}"  # noqa: DTZ005 - the time on the wall of who looks
    for number in range(1, 1000):
        folder = directory / (stem if number == 1 else f"{stem}_{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"Runs cannot be kept in {directory}: {error.strerror or error}") from None
        return folder
    raise UsageError(f"There are a thousand runs of this second in {directory}: clear it up")


def mark_latest(folder: Path) -> None:
    """Let ``latest`` beside a run lead to it: a link, where the system has links; else a file with its name."""
    latest = folder.parent / "latest"
    runs = {each.name.encode() for each in folder.parent.iterdir() if each.is_dir()}
    if latest.is_symlink() or (latest.is_file() and latest.read_bytes().strip() in runs):
        latest.unlink()
    elif latest.exists():
        return  # somebody's own
    try:
        latest.symlink_to(folder.name, target_is_directory=True)
    except OSError:
        latest.write_text(f"{folder.name}\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    found = {
        "library": __version__,
        "media path": media_path(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }
    for name, package in (("robotframework", "robotframework"), ("pabot", "robotframework-pabot"), ("loop", "uvloop")):
        try:
            found[name] = version(package) if name != "loop" else f"uvloop {version(package)}"
        except PackageNotFoundError:
            found[name] = "asyncio" if name == "loop" else "not installed"
    return found


def _host() -> Host:
    boot = Path("/proc/sys/kernel/random/boot_id")
    return Host(
        name=platform.node(),
        cores=cores(),
        cpu=_cpu(),
        boot=boot.read_text("ascii").strip() if boot.is_file() else "",
    )


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    git = which("git")
    if git is None:
        return ""
    asked = subprocess.run(  # noqa: S603 - git, with fixed words
        [git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, timeout=10
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""
