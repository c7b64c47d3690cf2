"""A load from its profile to its verdict: what the command, the keywords and the Python interface share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..load import Profile
from ..load.casting import ONE, Casting
from ..load.conductor import Conductor, View, Watching, Workers
from ..load.limits import Cost, is_loopback
from ..load.plateaus import answer_of, is_answered
from ..load.preparation import (
    Permission,
    bots_of,
    check_target,
    cores,
    cost_of,
    make_folder,
    mark_latest,
    prepare,
    recordings_text,
    with_long_enough_plateaus,
)
from ..load.started_bot import CommandBot, StartedBot, is_listening, reference_bot
from ..load.worker import Job, work
from ..monitor import Sampler, Watched
from ..records import Threshold, UsageError
from ..records.run_facts import RunFacts
from ..records.run_info import RunInfo
from ..records.verdict import Verdict, verdict_of
from ..report.baselines import no_baseline, use_baseline
from ..scenario import Plan, built_in
from ..transport import Address
from .engine import Engine
from .recording import Wanted, record

SOMEWHERE = Address("127.0.0.1", 9092)
"""Stands for the bot while a scenario is recorded: nothing is sent then."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What of a load does not stand in its profile."""

    bots: tuple[str, ...] = ()
    """``host:port``, or several as ``name=host:port``, which are called in turns."""
    workers: int | None = None
    permission: Permission = field(default_factory=Permission)
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Of the suites that the scenarios are in, without ``${}``."""
    folder: Path | None = None
    """Of the run; unless given, a new one in the profile's directory."""
    plans: tuple[tuple[Plan, ...], ...] | None = None
    """Of the profile's scenarios, where they are recorded already."""
    directory: Path | None = None
    """Where baselines are kept; unless given, the profile's directory of runs."""


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """A load that may be run: allowed, recorded, and within its limits."""

    profile: Profile
    options: LoadOptions
    bots: Mapping[str, Address]
    plans: tuple[tuple[Plan, ...], ...]
    cost: Cost
    workers: int

    @property
    def recordings(self) -> str:
        """What is kept of the sound, and what it takes."""
        return recordings_text(self.profile, self.cost)

    @property
    def uses_reference_bot(self) -> bool:
        """Whether our reference bot is called, for nobody said whom."""
        return not self.bots


@dataclass(frozen=True, slots=True)
class FinishedLoad:
    """A run that is over."""

    folder: Path
    info: RunInfo
    facts: RunFacts
    verdict: Verdict


def plan_load(profile: Profile, options: LoadOptions | None = None) -> PlannedLoad:
    """Check a load and record its scenarios; nothing is called yet.

    Raises:
        UsageError: its target is refused, a scenario cannot be recorded, or it would cost more than it may.
    """
    options = options or LoadOptions()
    bots = bots_of(profile, options.bots)
    check_target(profile, bots, options.permission)
    if profile.bot.start and not bots:
        raise UsageError(
            "'start' starts a bot, and nobody said where it listens: give its address, --bot 127.0.0.1:9092"
        )
    if profile.shape.name == "capacity" and not profile.thresholds:
        raise UsageError("A search for a capacity needs thresholds: it looks for the most calls at which they hold. "
                         "Add them to the profile, or give -T 'p95 response time < 2 s'")  # fmt: skip
    plans = options.plans or _recorded(profile, next(iter(bots.values()), SOMEWHERE), options.variables)
    profile = with_long_enough_plateaus(profile, plans)
    cost = cost_of(profile, plans, profile.seed or 0)
    # Before anything is started, and in a dry run, too.
    Casting(profile, plans, bots or {ONE: SOMEWHERE}, profile.seed or 0).check(cost.calls)
    workers = options.workers or profile.workers_on(cores(), cost.calls_at_once)
    return PlannedLoad(profile, options, bots, plans, cost, workers)


def _recorded(profile: Profile, bot: Address, variables: Mapping[str, Any]) -> tuple[tuple[Plan, ...], ...]:
    if all(scenario.kind == "built_in" for scenario in profile.scenarios):
        return tuple((built_in(scenario.name, bot),) for scenario in profile.scenarios)
    wanted = [
        Wanted(scenario.kind, scenario.name, scenario.source, tuple(map(str, scenario.arguments)))
        for scenario in profile.scenarios
    ]
    return tuple(tuple(plans) for plans in record(wanted, variables=variables, bot=bot))


def run_load(
    planned: PlannedLoad,
    workers: Workers,
    view: View,
    *,
    baseline: Callable[[str, Path, Path], RunFacts | None] = use_baseline,
) -> FinishedLoad:
    """Make a load, from the start of its bot to its verdict. Ctrl-C ends it, with all that was measured.

    Args:
        planned: the load.
        workers: who makes the calls.
        view: what shows it while it goes on.
        baseline: finds the facts of an earlier run by its name and the directory of runs, and keeps them in the folder
            of this one.

    Raises:
        UsageError: it cannot be made as asked; what was measured until then is in its folder.
    """
    profile, options = planned.profile, planned.options
    if not profile.bot.start:
        _check_listening(planned.bots)
    folder = options.folder or make_folder(Path(profile.keep.directory), profile.name)
    before = None
    if profile.baseline:
        before = baseline(profile.baseline, options.directory or Path(profile.keep.directory), folder)
        if before is None:
            view.say(no_baseline(profile.baseline, options.directory or Path(profile.keep.directory)))
    with ExitStack() as stack:
        bot = _started(planned, folder, view)
        bots = dict(planned.bots)
        if bot is not None:
            stack.callback(bot.stop)
            bots = bots or {"bot": bot.address}
        job, info = prepare(
            profile, planned.plans, bots, folder, workers=planned.workers, reference=planned.uses_reference_bot
        )
        conductor = Conductor(job, info, view, _watching(profile, bots, bot, folder))
        stack.callback(mark_latest, folder)
        info = conductor.conduct(workers)
    return FinishedLoad(folder, info, conductor.facts, judged(info, conductor.facts, before))


def judged(info: RunInfo, facts: RunFacts, baseline: RunFacts | None = None) -> Verdict:
    """The verdict of a run: of a search for a capacity, that of the plateau that is its answer."""
    thresholds, windows = answer_of(info)
    return verdict_of(
        facts,
        thresholds,
        workers=info.workers if info.kind == "load" else 0,
        state=info.state,
        reason=info.reason,
        baseline=baseline,
        baseline_name=info.baseline or "baseline",
        windows=windows,
        answered=is_answered(info),
    )


def _started(planned: PlannedLoad, folder: Path, view: View) -> StartedBot | None:
    target = planned.profile.bot
    if planned.uses_reference_bot:
        bot = reference_bot()
        view.say(f"Nobody said which bot to call: our reference bot is called, on {bot.address} (--bot HOST:PORT)")
        return bot
    if not target.start:
        return None
    address = next(iter(planned.bots.values()))
    started = CommandBot(str(target.start), address, target.ready_within, folder / "bot.log")
    view.say(f"The bot listens on {address} (pid {started.pid})")
    return started


def _check_listening(bots: Mapping[str, Address]) -> None:
    for address in bots.values():
        if not is_listening(address):
            raise UsageError(
                f"Cannot call the bot at {address}: nothing listens there. Start it, have it started "
                "(--start COMMAND), or give another address (--bot HOST:PORT)"
            )


def _watching(profile: Profile, bots: Mapping[str, Address], bot: StartedBot | None, folder: Path) -> Watching:
    watch = profile.bot.watch
    sampler = Sampler([Watched("conductor", "pid", str(os.getpid()), children=False)])
    if bot is not None:
        sampler.watch(Watched("bot", "pid", str(bot.pid)))
    elif watch is not None:
        sampler.watch(Watched("bot", watch.kind, watch.value))
    else:
        for name, address in bots.items():
            if is_loopback(address.host):
                sampler.watch(Watched("bot" if len(bots) == 1 else f"bot {name}", "port", str(address.port)))

    def sample(at: float) -> Iterable[Mapping[str, Any]]:
        return [one.to_json() for one in sampler.sample(at)]

    def ended() -> str:
        if bot is None or bot.running:
            return ""
        return f"the bot has ended: look at {folder / 'bot.log'}" if profile.bot.start else "the bot has ended"

    def noted() -> list[str]:
        # That a worker has ended is no news: one that is lost, the verdict names.
        return [str(note) for note in sampler.notes if not note.who.startswith("worker")]

    return Watching(sample, ended, noted, lambda name, pid: sampler.watch(Watched(name, "pid", str(pid))))


class WorkerHere:
    """The one worker of a run, in this process: on the loop that makes the calls of keywords, too."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._work: Future[str] | None = None

    def start(self, job: Job) -> None:
        """Start it."""
        self._work = self._engine.submit(work(job, 0))

    @property
    def alive(self) -> bool:
        """Whether it still works."""
        return self._work is not None and not self._work.done()

    def kill(self) -> None:
        """End it."""
        if self._work is not None:
            self._work.cancel()

    def error(self) -> str:
        """Why it did not begin its work; empty: it did."""
        if self._work is None or not self._work.done() or self._work.cancelled():
            return ""
        failed = self._work.exception()
        if failed is not None and not isinstance(failed, UsageError):
            raise failed
        return str(failed or "")


def with_thresholds(profile: Profile, sentences: Sequence[str]) -> Profile:
    """The profile with more thresholds.

    Raises:
        UsageError: a sentence is none.
    """
    try:
        return replace(profile, thresholds=(*profile.thresholds, *(Threshold.parse(text) for text in sentences)))
    except ValueError as error:
        raise UsageError(str(error)) from None


__all__ = [
    "FinishedLoad",
    "LoadOptions",
    "PlannedLoad",
    "WorkerHere",
    "judged",
    "plan_load",
    "run_load",
    "with_thresholds",
]
