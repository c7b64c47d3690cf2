"""Loads from Python: a profile in, a report out. The command line and this are one and the same.

    from AudioSocketLibrary.api import run

    report = run("smoke", bot="127.0.0.1:9092")
    print(report.sentence)
    assert report.passed

A single call, step by step, is in ``AudioSocketLibrary.call`` (docs/python-api.md).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from .keywords.engine import Engine
from .keywords.load_outputs import join_outputs
from .keywords.load_running import (
    FinishedLoad,
    LoadOptions,
    PlannedLoad,
    WorkerHere,
    plan_load,
    run_load,
    with_thresholds,
)
from .load import Profile, load_profile
from .load.conductor import View, Workers
from .load.pabot_workers import PabotWorkers
from .load.preparation import Permission
from .load.screen import Quiet
from .load.shapes import Burst, Hold, RateOfCalls, Repeat, Soak, Spike, Wave
from .records import Threshold, UsageError
from .records.run_facts import RunFacts
from .records.run_info import NAME as RUN_JSON
from .records.run_info import RunInfo
from .records.verdict import Verdict
from .report.baselines import used_facts
from .report.history import write_history
from .report.load_building import judge_run, read_thresholds
from .report.load_files import FORMATS, NAMES, write_report
from .report.load_model import Comparison, ReportModel
from .report.reporting import report_of
from .report.robot_markup import robot_escape, robot_link
from .report.run_details import RunDetails
from .report.run_reading import RunRead, read_run
from .transport import Address

Bot = str | Address | Mapping[str, str | Address]
"""``host:port``; or several by name, which are called in turns by the same callers."""


class Report:
    """What a run has shown: read back of its folder, so that it says what anybody else will read there, too.

    Args:
        run: the run as it was read.
        verdict: what it has shown.
        thresholds: those that were asked for beside the run's own.
    """

    def __init__(self, run: RunRead, verdict: Verdict, thresholds: tuple[Threshold, ...] = ()) -> None:
        self.run = run
        self.verdict = verdict
        self.thresholds = thresholds

    @classmethod
    def read(cls, path: Path | str, thresholds: Iterable[str] = ()) -> Self:
        """Read a run back.

        Args:
            path: the folder of a load, or the ``output.xml`` of any acceptance run with calls.
            thresholds: what must hold beside its own, like ``p95 response time < 2 s``.

        Raises:
            UsageError: there is no run, it has no calls, or a threshold cannot be understood.
        """
        found = read_run(Path(path))
        more = read_thresholds(tuple(thresholds))
        return cls(found, judge_run(found, more, baseline=used_facts(found.folder),
                                    baseline_name=found.info.baseline or "baseline"), more)  # fmt: skip

    @property
    def passed(self) -> bool:
        """Whether all thresholds were met, in a run that is valid and came to its end."""
        return self.verdict.passed

    @property
    def exit_code(self) -> int:
        """As ``audiosocket load`` would end: 0 passed, 1 failed, 3 invalid, 4 interrupted."""
        return self.verdict.word.exit_code

    @property
    def sentence(self) -> str:
        """The verdict in one line; it begins with PASS, FAIL, INVALID or INTERRUPTED."""
        return self.verdict.sentence

    @property
    def folder(self) -> Path:
        """Of the run."""
        return self.run.folder

    @property
    def info(self) -> RunInfo:
        """What was run."""
        return self.run.info

    @property
    def facts(self) -> RunFacts:
        """What was measured, for figures of one's own."""
        return self.run.facts

    @property
    def comparison(self) -> Comparison | None:
        """The run beside its baseline, or its bots beside each other; None: there is neither."""
        return self.model.comparison

    def figure(self, name: str) -> float | None:
        """A figure: seconds, a share from 0 to 1, a number, a number a minute, bytes; None where nothing was measured.

        Args:
            name: as before the operator of a threshold: ``p95 response time``, ``error rate of "Order Tyres"``.

        Raises:
            UsageError: there is no such figure.
        """
        return self.facts.value(figure_threshold(name))

    @cached_property
    def model(self) -> ReportModel:
        """All that a report says, as plain data."""
        return report_of(self.run, self.thresholds)

    def save(self, formats: Iterable[str] = FORMATS, folder: Path | str | None = None) -> list[Path]:
        """Write it.

        Args:
            formats: of html, json, markdown, csv, junit.
            folder: where to; None: beside the run.

        Returns:
            The files, in the order of the formats.

        Raises:
            UsageError: there is no such format, or the folder cannot be written to.
        """
        place = self.folder if folder is None else Path(folder)
        return write_report(self.model, place, formats, run_folder=self.folder)


def figure_threshold(name: str) -> Threshold:
    """A figure as the threshold that says nothing of it.

    Raises:
        UsageError: there is no such figure.
    """
    reason = ""
    for unit in ("0 s", "0 %", "0", "0 MB"):
        try:
            return Threshold.parse(f"{name} >= {unit}")
        except ValueError as error:
            reason = reason or str(error)
    raise UsageError(reason)


def run(
    profile: Profile | str | Path,
    *,
    bot: Bot = "",
    workers: int | None = None,
    quick: bool = False,
    output: Path | str | None = None,
    thresholds: Sequence[str] = (),
    baseline: str = "",
    environment: str = "",
    allow_production: bool = False,
    variables: Mapping[str, Any] | None = None,
    formats: Iterable[str] | None = None,
    view: View | None = None,
) -> Report:
    """Play a load to its verdict. Ctrl-C ends it, with all that was measured.

    Args:
        profile: by name (``audiosocket profiles`` lists them), as a file, or made in code.
        bot: whom to call; unless given, the profile's, else our reference bot is started.
        workers: processes that make the calls; 0: none, this process makes them.
        quick: the same shape in under a minute, with at most ten calls at once.
        output: the folder of the run, new or empty; unless given, a new one in the profile's directory.
        thresholds: what must hold beside the profile's own, like ``p95 response time < 2 s``.
        baseline: the name of the baseline; unless given, the profile's.
        environment: what the bot is, like ``staging``; needed unless it is on this machine.
        allow_production: call a bot that is marked production.
        variables: of the suites that the scenarios are in.
        formats: of reports; None: those of the profile.
        view: what shows the run while it goes on; None: nothing does.

    Raises:
        UsageError: it cannot be made as asked; the text says why, and what to do.
    """
    found = profile if isinstance(profile, Profile) else load_profile(str(profile))
    found = with_thresholds(replace(found, baseline=baseline or found.baseline), thresholds)
    if quick:
        found = found.quick()
    planned = plan_load(
        found,
        LoadOptions(
            bots=_bots(bot),
            workers=workers or (1 if workers == 0 else None),
            permission=Permission(environment, allow_production),
            variables=variables or {},
            folder=None if output is None else run_folder(Path(output)),
        ),
    )
    return perform(planned, view=view, here=workers == 0, formats=formats)


async def run_async(profile: Profile | str | Path, **options: Any) -> Report:
    """Play a load without holding up the event loop.

    Cancelled, it ends the load: calls that are up are hung up, and what was measured is in the folder of the run.

    Args:
        profile: as for `run`.
        **options: likewise.

    Raises:
        UsageError: it cannot be made as asked.
    """
    view = _Cancellable(options.pop("view", None) or Quiet())
    work = asyncio.ensure_future(asyncio.to_thread(run, profile, view=view, **options))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        view.cancel()
        await asyncio.wait([work])
        raise


def perform(
    planned: PlannedLoad,
    *,
    view: View | None = None,
    here: bool = False,
    formats: Iterable[str] | None = None,
) -> Report:
    """Make a load that was planned: what `run` and ``audiosocket load`` share.

    Args:
        planned: the load.
        view: what shows it.
        here: this process makes the calls.
        formats: of reports; None: those of the profile.

    Raises:
        UsageError: it cannot be made as asked.
    """
    workers: Workers = WorkerHere(Engine()) if here else PabotWorkers()
    done = run_load(planned, workers, view or Quiet())
    chosen = planned.profile.keep.reports if formats is None else tuple(formats)
    join_outputs(done.folder, done.info.name, _first_block(done, page="html" in chosen))
    if len(done.facts):
        report = Report.read(done.folder)
        report.save(chosen)
    else:  # it was ended before its first call
        report = Report(RunRead(done.folder / RUN_JSON, done.info, done.facts, RunDetails()), done.verdict)
    if planned.options.folder is None:
        write_history(done.folder.parent)
    return report


def _first_block(done: FinishedLoad, *, page: bool) -> dict[str, str]:
    """What Robot's log and report say first about a load."""
    told = {"Verdict": robot_escape(done.verdict.sentence)}
    if done.info.claim:
        told["Capacity"] = robot_escape(done.info.claim)
    if page:
        told["Load report"] = robot_link(NAMES["html"], NAMES["html"])
    return told


def run_folder(output: Path) -> Path:
    """A folder that a run may have for its own.

    Raises:
        UsageError: there is something in it, or it cannot be made.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        if any(output.iterdir()):
            raise UsageError(f"There is something in {output} already: a run needs a folder of its own")
    except OSError as error:
        raise UsageError(f"The run cannot be kept in {output}: {error.strerror or error}") from None
    return output


def _bots(bot: Bot) -> tuple[str, ...]:
    if isinstance(bot, Mapping):
        return tuple(f"{name}={address}" for name, address in bot.items())
    return (str(bot),) if str(bot) else ()


class _Cancellable:
    """Shows a run by another view, and ends it as Ctrl-C would."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._asked = threading.Event()

    def cancel(self) -> None:
        """End the run at the next look at it."""
        self._asked.set()

    def add(self, row: Mapping[str, Any]) -> None:
        """A row came."""
        self._view.add(row)

    def show(self, at: float) -> None:
        """Show how things stand."""
        if self._asked.is_set():
            self._asked.clear()
            raise KeyboardInterrupt
        self._view.show(at)

    def say(self, sentence: str) -> None:
        """Tell something."""
        self._view.say(sentence)

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """One more line of a table."""
        self._view.row(heads, cells)


__all__ = [
    "Bot",
    "Burst",
    "Hold",
    "Profile",
    "RateOfCalls",
    "Repeat",
    "Report",
    "Soak",
    "Spike",
    "Threshold",
    "UsageError",
    "Wave",
    "load_profile",
    "perform",
    "run",
    "run_async",
    "run_folder",
]
