"""What a worker keeps of its calls: a row of each, and the recordings that were asked for. In a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex

from ..call import Call, Depth, make_recording
from ..records import CallRecord, FailureKind, Judgement, Outcome, UsageError
from ..records.rows import Rows
from ..scenario import Calls, PlanResult
from .casting import Caller
from .course import Phase

WAV_BYTES = 4
"""Of a recording, a sample: two sides of two bytes."""
DISK = 1_000_000_000
"""Bytes of recordings that a worker keeps at most, unless told otherwise."""


@dataclass(slots=True)
class Played:
    """A call of the schedule that is over, in seconds of the one clock."""

    caller: Caller
    phase: Phase
    intended: float
    began: float | None
    """When we began with it; None: it was never placed."""
    outcome: Outcome = "passed"
    calls: Calls | None = None
    result: PlanResult = field(default_factory=PlanResult)
    why: str = ""
    """Why it was never placed."""


class Bookkeeper:
    """Writes the rows of a worker.

    Args:
        rows: where they go.
        start_at: second 0 of the run, on the one clock.
        folder: of the run; recordings go below it.
        failed_only: keep only the recordings of calls that failed.
        disk: bytes of recordings to keep at most; of what comes then the rows say all but the sound.
    """

    def __init__(
        self, rows: Rows, start_at: float, folder: Path, worker: int, *, failed_only: bool = False,
        disk: int = DISK,
    ) -> None:  # fmt: skip
        self._rows = rows
        self._start_at = start_at
        self._folder = folder
        self._worker = str(worker)
        self._failed_only = failed_only
        self._disk = disk
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rows")
        self._pending: set[asyncio.Future[None]] = set()
        self.trouble: str = ""
        """Why nothing more can be written; empty: it can."""
        self.left_out = 0
        """Recordings that were not kept, for the disk's sake."""

    def book(self, played: Played) -> None:
        """Have the row of a call written. Not here and now: the figures of a long call take a millisecond."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._book, played)
        self._pending.add(future)
        future.add_done_callback(self._booked)

    def write(self, row: dict[str, object]) -> None:
        """Have another row written, in its order."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._rows.write, row)
        self._pending.add(future)
        future.add_done_callback(self._booked)

    async def settle(self) -> None:
        """Wait until all that was booked is written; only then ``trouble`` tells of all of it."""
        while self._pending:
            await asyncio.wait(self._pending)
            await asyncio.sleep(0)  # what they told is heard

    async def finish(self) -> None:
        """Write what is left, and no more."""
        await self.settle()
        self._thread.shutdown(wait=False)

    def _booked(self, future: asyncio.Future[None]) -> None:
        self._pending.discard(future)
        error = future.exception()
        if isinstance(error, OSError):
            self.trouble = f"Rows cannot be written to {self._rows.place}: {error.strerror or error}"
        elif error is not None:
            # A fault of ours in one call must not be taken for a run that is well.
            self.trouble = f"A call could not be booked: {type(error).__name__}: {error}"

    def _book(self, played: Played) -> None:
        for record in self._records(played):
            self._rows.write({"row": "call", **record.to_row()})

    def _records(self, played: Played) -> list[CallRecord]:
        calls = played.calls.all if played.calls else []
        if not calls:
            return [self._without_call(played)]
        return [self._of_call(played, call, first=number == 0) for number, call in enumerate(calls)]

    def _of_call(self, played: Played, call: Call, *, first: bool) -> CallRecord:
        failure = played.result.failure
        outcome = played.outcome
        blamed = played.calls is not None and any(other.judgements for other in played.calls.all)
        if outcome == "failed" and not call.judgements and (blamed or not first):
            outcome = "passed"  # it was another call of the same caller that failed
        wav, digest, arrived = self._recording(played, call)
        record = call.record(recording=wav, sha256=digest, arrived=arrived)
        figures = dict(record.figures)
        parts = call.turns[0].parts
        if parts and first:
            figures["callers_wait"] = parts[0].start - played.intended
        record = self._told(replace(record, figures=figures), played, outcome)
        return replace(
            record,
            start=call.began - self._start_at,
            steps=tuple(played.result.steps) if first else (),
            failure=str(failure.kind) if failure and outcome == "failed" else "",
        )

    def _without_call(self, played: Played) -> CallRecord:
        """The row of a call that never was: nobody listened, or it was not even tried."""
        failure = played.result.failure
        bot = next((str(step.step.bot) for step in played.caller.plan.steps if hasattr(step.step, "bot")), "")
        uuid = str(played.calls.next_uuid()) if played.calls else ""
        kind = str(failure.kind) if failure else str(FailureKind.NOT_PLACED) if played.outcome == "not placed" else ""
        judgements = (failure.judgement,) if failure else (Judgement(0.0, kind, played.why),) if kind else ()
        last = played.result.steps[-1].end if played.result.steps else 0.0
        record = CallRecord(
            call=token_hex(4), uuid=uuid, bot=bot, judgements=judgements, length=max(0.0, last),
            reason=played.why, steps=tuple(played.result.steps),
        )  # fmt: skip
        record = self._told(record, played, played.outcome)
        start = None if played.began is None else played.began - self._start_at
        return replace(record, start=start, failure=kind if played.outcome in ("failed", "not placed") else "")

    def _told(self, record: CallRecord, played: Played, outcome: Outcome) -> CallRecord:
        caller = played.caller
        return replace(
            record,
            worker=self._worker,
            scenario=caller.plan.name,
            target=caller.target,
            index=caller.number,
            phase=played.phase.name,
            measured=played.phase.measured,
            intended=played.intended - self._start_at,
            outcome=outcome,
        )

    def _recording(self, played: Played, call: Call) -> tuple[str | None, str | None, str | None]:
        wanted = played.caller.record and call.timeline.depth is Depth.FRAMES
        if not wanted or (self._failed_only and played.outcome != "failed"):
            return None, None, None
        size = round((call.until - call.began) * call.settings.format.rate) * WAV_BYTES
        if size > self._disk:
            self.left_out += 1
            return None, None, None
        wav = f"recordings/{call.id}.wav"
        try:
            sound = make_recording(call.timeline, call.settings.format, call.until, call.role)
            digest = sound.save(self._folder / wav)
        except (OSError, RuntimeError, UsageError) as error:  # soundfile's are RuntimeErrors
            # The row tells all but the sound, and is written before the run ends by this.
            self.trouble = f"A recording cannot be written to {self._folder / wav}: {error}"
            return None, None, None
        arrived = f"recordings/{call.id}.arrived.wav" if sound.arrived is not None else None
        self._disk -= size * (1 if arrived is None else 2)
        return wav, digest, arrived
