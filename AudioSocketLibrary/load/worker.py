"""A worker: one process that makes its share of the calls of a run, told what to do by files of the run's folder."""

from __future__ import annotations

import asyncio
import os
import pickle
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from ..records import UsageError, time_text
from ..records.rows import VERSION, RowWriter
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import read_run_info, write_run_info
from ..scenario import EventsOfBot, Plan, open_source
from ..transport import Address, MediaClock, now, quiet_collector, raise_open_files
from .bookkeeper import Bookkeeper
from .casting import Casting
from .control import EVERY, NUMBERS, Control, Stage
from .profile import Profile
from .pulse import Pulse
from .runner import Runner
from .schedule import Schedule
from .shapes import Hold

ROWS: Final = "rows"
START_IN: Final = 1.0
"""Seconds from the moment in which all workers are there to second 0 of the run."""
RENDEZVOUS: Final = 120.0
"""Seconds that a worker waits for the others."""
END_WITHIN: Final = 20.0
"""Seconds that workers may take to hang up and to end once they were told to; after that they are killed."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that a worker needs to know of a run. It may hold secrets of the profile, and is kept from other eyes."""

    folder: Path
    run: str
    profile: Profile
    plans: tuple[tuple[Plan, ...], ...]
    """Of each of the profile's scenarios; a tag has several."""
    bots: Mapping[str, Address]
    seed: int
    workers: int
    conductor: int
    """Its process id: without it, nobody would stop the workers. 0: there is none, and worker 0 begins the run."""

    def save(self, place: Path) -> None:
        """Write it to a new file that only this user can read."""
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            pickle.dump(self, file)

    @staticmethod
    def load(place: Path) -> Job:
        """Read it back.

        Raises:
            UsageError: it is not there, or is no job.
        """
        try:
            # Written by the conductor of this very run, readable by its user alone.
            job = pickle.loads(place.read_bytes())  # noqa: S301
        except (OSError, pickle.UnpicklingError, EOFError) as error:
            raise UsageError(f"The job of this run cannot be read from {place}: {error}") from None
        if not isinstance(job, Job):
            raise UsageError(f"{place} is no job of a run")
        return job

    @property
    def schedule(self) -> Schedule:
        """When calls begin, those of all workers, where the profile's own shape is played."""
        return self.profile.schedule(self.seed)

    def rows_of(self, worker: int) -> Path:
        """The file of a worker's rows."""
        return self.folder / ROWS / f"worker-{worker}.jsonl"

    def at_once(self, worker: int) -> int:
        """How many calls at once a worker may make: its share of the limit; the first take what does not divide."""
        share, rest = divmod(self.profile.limits.calls_at_once, self.workers)
        return max(1, share + (worker < rest))

    def casting(self) -> Casting:
        """Who calls."""
        return Casting(self.profile, self.plans, self.bots, self.seed, self.folder)


async def work(job: Job, number: int) -> str:
    """Do the share of one worker; returns how it ended: ``finished``, or why it was stopped.

    Args:
        job: the run.
        number: which worker, from 0.

    Raises:
        UsageError: it cannot be done as asked; what was measured until then is in the rows.
    """
    raise_open_files()
    casting = job.casting()
    rows = RowWriter(job.rows_of(number))
    try:
        rows.write(
            {
                "row": "worker",
                "v": VERSION,
                "worker": number,
                "workers": job.workers,
                "run": job.run,
                "pid": os.getpid(),
                "host": platform.node(),
                "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
        )
        end = {"row": "end", "worker": number, "at": 0.0}
        # Before second 0 is set: to look through all of a large process may take longer than the time until then.
        with quiet_collector():
            try:
                start_at = await _rendezvous(job, number)
                if not start_at:
                    rows.write({**end, "reason": "interrupted"})
                    return "interrupted"
                worker = _Worker(job, number, rows, casting, start_at)
                worker.listen()
            except UsageError as wrong:
                rows.write({**end, "reason": "failed", "error": str(wrong)})
                raise
            return await worker.work()
    finally:
        rows.close()


async def _rendezvous(job: Job, number: int) -> float:
    """Wait until all workers are there and second 0 is set: a time, so that nobody waits for a message. 0: never."""
    until = now() + RENDEZVOUS
    while True:
        control = Control.read(job.folder)
        if control.stop or not _conducted(job):
            return 0.0
        if control.start_at:
            return control.start_at
        if not job.conductor and not number and all(job.rows_of(other).exists() for other in range(job.workers)):
            begin(job)
        elif now() > until:
            here = sum(job.rows_of(other).exists() for other in range(job.workers))
            raise UsageError(
                f"Only {here} of {job.workers} workers were there after {time_text(RENDEZVOUS)}: start all of them at "
                f"once (pabot --processes {job.workers})"
            )
        await asyncio.sleep(EVERY / 4)


def begin(job: Job, stages: tuple[Stage, ...] = (Stage(0.0),), *, last: bool = True) -> Control:
    """Set second 0 of the run, soon enough for all workers to have read of it, and tell them."""
    start_at = now() + START_IN
    control = Control(start_at, stages, last)
    started = datetime.fromtimestamp(datetime.now(UTC).timestamp() + START_IN, UTC)
    info = read_run_info(job.folder / RUN_JSON)
    write_run_info(job.folder, replace(info, start_at=start_at, started=started.isoformat(timespec="milliseconds")))
    control.write(job.folder)
    return control


def listen(job: Job, runner: Runner) -> None:
    """Have a runner listen to what the bots of a run tell of their inside.

    Raises:
        UsageError: a source cannot be had.
    """
    target = job.profile.bot
    sources = [EventsOfBot(str(target.events))] if target.events else []
    sources += [source for plans in job.plans for plan in plans for source in plan.events]
    for source in dict.fromkeys(sources):
        runner.events.listen(open_source(source.source, token=source.token), job.run)


def _conducted(job: Job) -> bool:
    """Whether the conductor lives, where there is one; one that nobody has buried yet does not."""
    if not job.conductor:
        return True
    try:
        return bool(psutil.Process(job.conductor).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def clean_up_after(job: Job, place: Path) -> None:
    """Remove the file of a job whose conductor was killed before it could do so: it may hold secrets."""
    if not _conducted(job):
        place.unlink(missing_ok=True)


class _Worker:
    def __init__(self, job: Job, number: int, rows: RowWriter, casting: Casting, start_at: float) -> None:
        self._job = job
        self._number = number
        self._start_at = start_at
        keep = job.profile.keep
        self._books = Bookkeeper(
            rows, start_at, job.folder, number, failed_only=keep.failed_only, disk=keep.disk // job.workers
        )
        self._runner = Runner(casting, self._books, run=job.run, start_at=start_at, at_once=job.at_once(number))
        self._pulse = Pulse(number, start_at)
        self._playing: tuple[Stage, Schedule] | None = None
        self._stage = 0
        self._ended = "finished"

    def listen(self) -> None:
        """Listen to what the bots tell of their inside, where the run asks for it."""
        listen(self._job, self._runner)

    async def work(self) -> str:
        await asyncio.sleep(max(0.0, self._start_at - now()))
        # Without a call, or in less than a second, nothing else would tell how late this loop wakes.
        MediaClock.of().loop_lag.add(now() - self._start_at)
        beating = asyncio.create_task(self._beat())
        crashed = ""
        try:
            await self._play()
        except asyncio.CancelledError:
            self._ended = "interrupted"
            raise
        except Exception as fault:
            crashed = f"A worker failed by a fault of ours: {type(fault).__name__}: {fault}"
            raise
        finally:
            beating.cancel()
            (died,) = await asyncio.gather(beating, return_exceptions=True)
            if isinstance(died, Exception):
                crashed = crashed or f"A worker heard no more what was told: {type(died).__name__}: {died}"
            await self._runner.stop()
            self._books.write(self._pulse.row(self._runner.counts, self._runner.take_waits()))
            await self._books.settle()
            error = self._runner.error or self._books.trouble or crashed
            if error and self._ended == "finished":
                self._ended = "failed"
            last = self._pulse.end(self._runner.counts, self._ended, error=error, left_out=self._books.left_out)
            self._books.write(last)
            await self._books.finish()
            self._runner.close()
        if error:
            raise UsageError(error)
        return self._ended

    async def _play(self) -> None:
        """Play the stages one after another, as they are told."""
        while self._ended == "finished" and not self._runner.error:
            control = Control.read(self._job.folder)
            if self._stage < len(control.stages):
                await self._play_stage(control.stages[self._stage])
                self._stage += 1
            elif control.last:
                return
            else:
                await asyncio.sleep(EVERY / 4)
                await self._heed()

    async def _play_stage(self, stage: Stage) -> None:
        job = self._job
        whole = job.schedule if stage.calls is None else _plateau(stage)
        mine = whole.share(self._number, job.workers)
        self._playing = stage, mine
        await self._runner.play(mine, offset=stage.start, base=self._stage * NUMBERS)
        if self._ended == "finished":
            self._runner.resume()

    async def _beat(self) -> None:
        """Once a second: a row of our pulse, and a look at what was told."""
        due = self._start_at
        while True:
            due = max(due + EVERY, now())
            await asyncio.sleep(due - now())
            MediaClock.of().loop_lag.add(now() - due)
            self._books.write(self._pulse.row(self._runner.counts, self._runner.take_waits(), **self._planned()))
            await self._heed()

    def _planned(self) -> dict[str, int]:
        if self._playing is None:
            return {}
        stage, schedule = self._playing
        at = now() - self._start_at - stage.start
        return {"due" if schedule.arrivals else "planned": schedule.planned(at)}

    async def _heed(self) -> None:
        """Stop where that was told, or where nobody is left to tell it."""
        control = Control.read(self._job.folder)
        if self._books.trouble:
            self._ended = "failed"
        elif control.stop == "enough":
            if control.stopped_stage == self._stage and not self._runner.stopped:
                await self._runner.stop()
            return
        elif control.stop:
            self._ended = control.stop
        elif not _conducted(self._job):
            self._ended = "interrupted"
        else:
            return
        await self._runner.stop()


def _plateau(stage: Stage) -> Schedule:
    """The schedule of a plateau, its phases named after it."""
    planned = Hold(stage.calls or 1, stage.seconds, stage.ramp).schedule()
    phases = tuple(
        replace(phase, name=stage.name if phase.measured else f"up to {stage.name}") for phase in planned.phases
    )
    return replace(planned, phases=phases)
