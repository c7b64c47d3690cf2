"""The conductor: starts the workers of a run, watches them by their rows, and says when it is over.

It knows no worker's process: what it tells them stands in `control.py`, what they tell it in their rows.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from ..records import UsageError, time_text
from ..records.judging import abort_due
from ..records.rows import RowReader, RowWriter
from ..records.run_facts import RunFacts
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import RunInfo, State, read_run_info, write_run_info
from ..records.samples import Samples
from ..transport import now
from .capacity import Capacity
from .claim import PlateauFigures, heads
from .control import Control, Stage
from .plateaus import Plateaus
from .worker import END_WITHIN, RENDEZVOUS, Job, begin

LOOK: Final = 0.5
"""Seconds between two looks at the rows."""
SILENT: Final = 15.0
"""Seconds without a pulse after which a worker is taken for lost."""
OVER_BY: Final = 420.0
"""Seconds after its last call was to begin at which a run is over, whatever its workers say."""


class Workers(Protocol):
    """The processes (or this one) that make the calls."""

    def start(self, job: Job) -> None:
        """Start them.

        Raises:
            UsageError: they cannot be started.
        """

    @property
    def alive(self) -> bool:
        """Whether any of them still works."""

    def kill(self) -> None:
        """End them by force."""

    def error(self) -> str:
        """Why they did not even begin their work; empty: they did."""


class View(Protocol):
    """What shows a run while it goes on."""

    def add(self, row: Mapping[str, Any]) -> None:
        """A row came."""

    def show(self, at: float) -> None:
        """Show how things stand, so many seconds after the beginning."""

    def say(self, sentence: str) -> None:
        """Tell something, once."""

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """One more line of a table: a plateau is over."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What looks at the bot and at the machine while a run goes on."""

    sample: Callable[[float], Iterable[Mapping[str, Any]]] = lambda _: ()
    """Rows of what processes use, at a time of the run."""
    bot_ended: Callable[[], str] = lambda: ""
    """Why the bot that we started does not run any more; empty: it runs."""
    notes: Callable[[], Sequence[str]] = lambda: ()
    """What happened to the processes that are looked at: one has ended, or may not be looked at."""
    watch: Callable[[str, int], None] = lambda _name, _pid: None
    """Look at one more process from now on."""


class Conductor:
    """Conducts one run.

    Args:
        job: what the workers shall do; its second 0 is set.
        info: what stands in ``run.json``.
        view: what shows the run.
        watching: what looks at the bot.
    """

    def __init__(self, job: Job, info: RunInfo, view: View, watching: Watching | None = None) -> None:
        self.facts = RunFacts(info.phases)
        self.info = info
        self._job = job
        self._view = view
        self._watching = watching or Watching()
        self._readers = [RowReader(job.rows_of(number)) for number in range(job.workers)]
        self._samples = RowWriter(job.folder / info.resources)
        self._noted: list[str] = []
        self._state: State = "finished"
        self._reason = ""
        self._sampled = 0.0
        self._ended_at = self._enough_at = 0.0
        shape = job.profile.shape
        self._plateaus = Plateaus(shape, job.profile.thresholds) if isinstance(shape, Capacity) else None
        self._control = Control()

    @property
    def at(self) -> float:
        """Seconds of the run; negative before its beginning."""
        return now() - self._control.start_at if self._control.start_at else -1.0

    def conduct(self, workers: Workers) -> RunInfo:
        """Have the run made; returns what stands in ``run.json`` at its end. Ctrl-C ends it with all that was measured.

        Raises:
            UsageError: it cannot be made as asked; what was measured until then is in its folder.
        """
        write_run_info(self._job.folder, self.info)
        try:
            workers.start(self._job)
            self._rendezvous(workers)
            self._watch(workers)
        except KeyboardInterrupt as caught:
            self._end("interrupted", f"interrupted by {str(caught) or 'Ctrl-C'}")
            self._wait_for_end(workers)
        except OSError as full:
            self._state = "failed"
            self._reason = f"The run cannot be kept in {self._job.folder}: {full.strerror or full}"
            raise UsageError(self._reason) from None
        except BaseException:
            # A time-out of Robot, say: the calls must not go on without anybody who watches them.
            self._end("interrupted", "interrupted")
            self._wait_for_end(workers)
            raise
        finally:
            try:
                self._read()
                self._samples.close()
                self._write_info()
            finally:
                if workers.alive:
                    workers.kill()
                ended_badly = workers.error()
        if error := self.facts.health.error or ended_badly:
            self._state, self._reason = "failed", error
            self._write_info()
            raise UsageError(error)
        return self.info

    def _rendezvous(self, workers: Workers) -> None:
        """Wait until all workers are there, and begin the run."""
        until = time.monotonic() + RENDEZVOUS
        while workers.alive and len(self.facts.health.pulses) < self._job.workers:
            if time.monotonic() > until:
                here = len(self.facts.health.pulses)
                raise UsageError(
                    f"Only {here} of {self._job.workers} workers were there after {time_text(RENDEZVOUS)}: take fewer "
                    "(--workers), or look at what else this machine does"
                )
            time.sleep(LOOK / 5)
            self._read()
        if workers.alive:
            stages = () if self._plateaus else (Stage(0.0),)
            self._control = begin(self._job, stages, last=self._plateaus is None)
            self.info = read_run_info(self._job.folder / RUN_JSON)

    # -- while it goes on ---------------------------------------------------------------------------------------------

    def _watch(self, workers: Workers) -> None:
        while workers.alive:
            time.sleep(LOOK)
            self._read()
            self._sample()
            self._view.show(self.at)
            if self._state == "finished":
                self._look_for_an_end()
                self._search()
            elif self.at > self._ended_at + END_WITHIN:
                workers.kill()

    def _read(self) -> None:
        for reader in self._readers:
            for row in reader.new():
                self.facts.add(row)
                self._view.add(row)
                if row["row"] == "worker" and row["pid"] != os.getpid():
                    self._watching.watch(f"worker {row['worker']}", row["pid"])

    def _sample(self) -> None:
        if self.at - self._sampled < 1.0:
            return
        self._sampled = self.at
        for row in self._watching.sample(self.at):
            self._samples.write(row)
            self.facts.add(row)
            self._view.add(row)
        for note in self._watching.notes()[len(self._noted) :]:
            self._noted.append(note)
            self._view.say(note)

    def _look_for_an_end(self) -> None:
        if lost := self._lost():
            self._end("aborted", lost)
        elif ended := self._watching.bot_ended():
            self._end("aborted", ended)
        elif reason := self._reason_to_abort():
            if self._plateaus is None:
                self._end("aborted", reason)
            elif self._plateaus.give_up(reason):
                self._enough()
        elif beyond := self._beyond_limits():
            self._end("aborted", beyond)

    def _lost(self) -> str:
        """Why the workers cannot go on: one has said so, or is no more and the search would wait for it for ever."""
        health = self.facts.health
        if health.error or self._plateaus is None or self._control.last:
            return health.error
        silent = [
            number
            for number, pulses in health.pulses.items()
            if number in health.ended or self.at - (pulses[-1].at if pulses else 0.0) > SILENT
        ]
        return f"worker {silent[0]} is lost: the search cannot go on without it" if silent else ""

    def _reason_to_abort(self) -> str:
        since = self._plateaus.measured_from if self._plateaus else self._measured_from
        for threshold in self._job.profile.abort_when:
            samples = self.facts.samples(
                threshold.figure, scenario=threshold.scenario, phase=threshold.phase, known=True
            )
            if isinstance(samples, Samples):
                due = abort_due(threshold, samples, self.at, since)
                if due is not None:
                    return due.sentence
        return ""

    @property
    def _measured_from(self) -> float:
        return min((phase.start for phase in self.info.phases if phase.measured), default=0.0)

    def _beyond_limits(self) -> str:
        limits = self._job.profile.limits
        talk = self.facts.health.talk
        if len(self.facts) > limits.calls:
            return f"stopped: {len(self.facts):,} calls were made, the limit is {limits.calls:,}"
        if talk > limits.talk_time:
            return f"stopped: {time_text(talk)} of talk, the limit is {time_text(limits.talk_time)}"
        planned = max((phase.end for phase in self.info.phases if phase.end < float("inf")), default=0.0)
        # What is planned is within the limit; of a search, or a number of calls, nobody knows before.
        searches = self._plateaus is not None
        if (searches or not planned) and self.at > limits.duration:
            return f"stopped after {time_text(self.at)}: the limit is {time_text(limits.duration)}"
        if not searches and planned and self.at > planned + OVER_BY:
            return f"stopped after {time_text(self.at)}: no call was to begin after {time_text(planned)}"
        return ""

    def _search(self) -> None:
        """Let the search for a capacity go on, where its plateau is over."""
        plateaus = self._plateaus
        if plateaus is None or self._control.last or self._state != "finished":
            return
        if plateaus.current is not None:
            if self.at >= plateaus.current.end:
                # What is said after it is of another load: its calls need not be heard out.
                self._enough()
            if not self._played_out():
                return
        done = plateaus.close(self.facts, self._job.workers)
        if done is not None:
            thresholds = self._job.profile.thresholds
            self._view.row(heads(thresholds), PlateauFigures.of(done, self.facts, thresholds).cells)
        stage = plateaus.next(self.at)
        self.facts.phases = plateaus.phases
        if stage is None:
            self._tell(replace(self._control, last=True, stop=""))
        else:
            self._tell(replace(self._control, stages=(*self._control.stages, stage), stop=""))

    def _played_out(self) -> bool:
        """Whether all calls of a plateau are over, and their rows are here."""
        return self._control.stop == "enough" and self.facts.health.idle(self._job.workers, since=self._enough_at)

    def _enough(self) -> None:
        """All is known about the plateau that is played: its calls are hung up."""
        if self._control.stop != "enough":
            self._enough_at = self.at
            self._tell(replace(self._control, stop="enough", stopped_stage=len(self._control.stages) - 1))

    # -- its end ------------------------------------------------------------------------------------------------------

    def _end(self, state: Literal["interrupted", "aborted"], reason: str) -> None:
        if self._state != "finished":
            return
        self._state, self._reason = state, reason
        self._ended_at = self.at
        with suppress(OSError):  # the disk is full, and they are killed soon
            self._tell(replace(self._control, last=True, stop=state))
        self._view.say(f"{reason}. The calls that are up are hung up")

    def _tell(self, control: Control) -> None:
        self._control = control
        control.write(self._job.folder)

    def _wait_for_end(self, workers: Workers) -> None:
        until = time.monotonic() + END_WITHIN
        with suppress(KeyboardInterrupt):
            while workers.alive and time.monotonic() < until:
                time.sleep(LOOK)
                self._read()
        if workers.alive:
            workers.kill()

    def _write_info(self) -> None:
        info = replace(
            self.info,
            state=self._state,
            reason=self._reason,
            notes=tuple(dict.fromkeys((*self.info.notes, *self._noted))),
            ended=datetime.now(UTC).isoformat(timespec="milliseconds"),
            duration=round(self.facts.end, 3) if len(self.facts) else None,
        )
        if self._plateaus is not None:
            info = replace(
                info, phases=self._plateaus.phases, plateaus=self._plateaus.done, claim=self._plateaus.claim(self.facts)
            )
        self.info = info
        write_run_info(self._job.folder, info)
