"""The engine: calls made by a process of its own that is spoken to in JSON lines, one object a line (docs/engine.md).

``python -m AudioSocketLibrary.load.engine --job FILE [--worker N]``; the job is written by `worker.Job.save`.

It is for programs that decide themselves when calls begin, and must not share a process with them: a tool that patches
threads and sockets, or one that keeps Python's lock for itself.

Standard input says what to do:

| line | what it does |
| --- | --- |
| ``{"do": "call", "number": 17}`` | begins call 17 now; its number and the job's seed say who calls, as in any run |
| ``{"do": "stop"}`` | hangs up all calls that are up; others may be begun after it |
| ``{"do": "end"}`` | begins no further call, waits for those that are up, and ends |

The end of standard input is ``stop`` and ``end``: an engine whose program was killed hangs up, and is gone.

Standard output has the rows of a run (`records.rows`), each as it comes: ``ready`` first, ``call`` for each call that
is over, ``pulse`` once a second, ``error`` for a line that cannot be done, ``end`` last. All else goes to standard
error. The exit code is 0; 2 where the job cannot be played, which the row ``end`` tells, too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import IO, Any, Final

from ..records import UsageError
from ..records.phase import Phase
from ..records.rows import VERSION, Rows, write_line
from ..transport import MediaClock, new_event_loop, now, use_fine_timers
from .bookkeeper import Bookkeeper
from .control import EVERY
from .pulse import Pulse
from .runner import Runner
from .worker import Job, listen

PHASE: Final = Phase("load", 0.0, inf)
"""The only one of an engine: who speaks to it knows more."""
_END: Final = '{"do": "end"}'
_STOP: Final = '{"do": "stop"}'
_OVER: Final = ""
"""No line that anybody can send: the calls that were up at the end are over."""


class RowsToStream:
    """Rows to an unbuffered stream. May be called from several threads."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.place = Path("standard output")
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            OSError: nobody reads any more.
        """
        with self._lock:
            write_line(self._stream, row)


class Engine:
    """Makes calls as it is told. To be used on the loop that makes them.

    Args:
        job: what calls are to be made.
        worker: which of the job's workers this is, from 0.
        rows: what is told.

    Raises:
        UsageError: the job's data or the bot's events cannot be had.
    """

    def __init__(self, job: Job, worker: int, rows: Rows) -> None:
        self.orders: asyncio.Queue[str] = asyncio.Queue()
        """Lines that say what to do."""
        self._ending: asyncio.Task[None] | None = None
        casting, keep = job.casting(), job.profile.keep
        start_at = now()
        self._books = Bookkeeper(
            rows, start_at, job.folder, worker, failed_only=keep.failed_only, disk=keep.disk // job.workers
        )
        self._runner = Runner(casting, self._books, run=job.run, start_at=start_at, at_once=job.at_once(worker))
        listen(job, self._runner)
        self._pulse = Pulse(worker, start_at)
        self._books.write(
            {
                "row": "ready",
                "v": VERSION,
                "worker": worker,
                "workers": job.workers,
                "run": job.run,
                "pid": os.getpid(),
                "host": platform.node(),
                "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "scenarios": casting.names,
            }
        )

    async def serve(self) -> str:
        """Do as told until told to end; returns why no call could be made, empty where they could."""
        beating = asyncio.create_task(self._beat())
        try:
            while not self._wrong and await self._do(await self.orders.get()):
                pass
        finally:
            for task in filter(None, (beating, self._ending)):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self._runner.stop()
            counts, wrong = self._runner.counts, self._wrong
            self._books.write(self._pulse.row(counts, self._runner.take_waits()))
            reason = "failed" if wrong else "finished"
            self._books.write(self._pulse.end(counts, reason, error=wrong, left_out=self._books.left_out))
            await self._books.finish()
            self._runner.close()
        return wrong

    @property
    def _wrong(self) -> str:
        return self._runner.error or self._books.trouble

    async def _do(self, line: str) -> bool:
        """Do what a line says; whether there may be another."""
        if line == _OVER:
            return False
        try:
            order = json.loads(line)
            what = order["do"]
            number = order["number"] if what == "call" else 0
        except (ValueError, TypeError, KeyError):
            self._refuse(line, 'write {"do": "call", "number": 17}, {"do": "stop"} or {"do": "end"}')
            return True
        if what == "call" and (not isinstance(number, int) or isinstance(number, bool) or number < 0):
            self._refuse(line, "the number of a call is a whole number from 0 on")
        elif what == "call" and self._ending is not None:
            self._refuse(line, "it comes after 'end'")
        elif what == "call":
            self._runner.call(number, PHASE)
        elif what == "stop":
            await self._runner.stop()
            self._runner.resume()
        elif what == "end":
            # Not waited for here: calls that take too long can still be stopped.
            self._ending = self._ending or asyncio.create_task(self._tell_when_over())
        else:
            self._refuse(line, "there are call, stop and end")
        return True

    async def _tell_when_over(self) -> None:
        await self._runner.over()
        self.orders.put_nowait(_OVER)

    def _refuse(self, line: str, way_out: str) -> None:
        self._books.write({"row": "error", "error": f"'{line[:100]}' cannot be done: {way_out}"})

    async def _beat(self) -> None:
        """Once a second a row of our pulse, and a look whether anything can still be done."""
        due = now()
        while True:
            due = max(due + EVERY, now())
            await asyncio.sleep(due - now())
            MediaClock.of().loop_lag.add(now() - due)
            self._books.write(self._pulse.row(self._runner.counts, self._runner.take_waits()))
            if self._wrong:
                self.orders.put_nowait(_END)


def _read_orders(engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
    def tell(line: str) -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(engine.orders.put_nowait, line)

    def read() -> None:
        # Not by sys.stdin: its lock, held here, would stop Python from exiting.
        unread = b""
        with suppress(OSError):
            while data := os.read(0, 65536):
                *lines, unread = (unread + data).split(b"\n")
                for line in filter(bytes.strip, lines):
                    tell(line.decode(errors="replace"))
        tell(_STOP)
        tell(_END)

    threading.Thread(target=read, daemon=True, name="orders").start()


async def _serve(job: Job, worker: int, rows: Rows) -> str:
    loop = asyncio.get_running_loop()
    engine = Engine(job, worker, rows)

    def stop() -> None:
        engine.orders.put_nowait(_STOP)
        engine.orders.put_nowait(_END)

    with suppress(NotImplementedError):  # Windows
        loop.add_signal_handler(signal.SIGTERM, stop)
    _read_orders(engine, loop)
    return await engine.serve()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an engine; returns its exit code."""
    parser = argparse.ArgumentParser("AudioSocketLibrary.load.engine", description="Makes calls, told in JSON lines.")
    parser.add_argument("--job", type=Path, required=True, help="what calls to make")
    parser.add_argument("--worker", type=int, default=0, help="which of the job's workers this is, from 0")
    given = parser.parse_args(arguments)
    # Rows only: what a library prints must not come between them.
    rows = RowsToStream(os.fdopen(os.dup(1), "wb", buffering=0))
    os.dup2(2, 1)
    # Ctrl-C in the terminal is for the program that speaks to us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_fine_timers()
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            wrong = runner.run(_serve(Job.load(given.job), given.worker, rows))
    except UsageError as error:
        wrong = str(error)
    if wrong:
        print(wrong, file=sys.stderr)  # noqa: T201 - a program
    return 2 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
