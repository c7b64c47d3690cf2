"""Codec: frames a second, and what a frame costs on its way through a measured call, without the kernel."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID

from AudioSocketLibrary.call import Depth, Timeline
from AudioSocketLibrary.call.steady import Steady
from AudioSocketLibrary.media import ROUND, Ear, load_sound, silence_frame, utterance_path
from AudioSocketLibrary.protocol import (
    NEWEST,
    AudioFormat,
    FrameReader,
    FrameType,
    Party,
    RuleBook,
    behaviour_of,
    encode,
)
from AudioSocketLibrary.transport import PERIOD, Connection, MediaClock, connection

from .show import table

FORMAT = AudioFormat.slin
CALLS = 100
MANY = 1000
"""Calls whose objects do not stay in the processor's cache from one frame to the next."""
RECORDING = "winter_tyres"
WARM_UP = 150
"""Frames of each call before the time is taken: in the first 1.6 s its ear learns, and costs more."""


class _Nowhere:
    """A transport that takes everything and sends nothing."""

    def write(self, data: bytes) -> None:
        """Nothing: the price of the kernel is in the pacing table."""

    def get_write_buffer_size(self) -> int:
        """Always empty."""
        return 0

    def set_write_buffer_limits(self, high: int) -> None:
        """Nothing to set."""

    def close(self) -> None:
        """Nothing to close."""


def measure(*, runs: int, quick: bool) -> list[dict[str, Any]]:
    """All rows; each figure is the median of ``runs`` runs (of CPU time)."""
    frames = 20_000 if quick else 200_000
    speech = load_sound(utterance_path(RECORDING), FORMAT.rate).frames(FORMAT)
    rows = [
        _row("encode, 320 bytes of payload", runs, lambda: _encode(frames)),
        _row("read and judge, a frame a read", runs, lambda: _read(frames, 1)),
        _row("read and judge, ten frames a read", runs, lambda: _read(frames, 10)),
    ]
    for depth, calls in ((Depth.FRAMES, CALLS), (Depth.EVENTS, CALLS), (Depth.EVENTS, MANY)):
        rounds = max(50, frames // calls // 4)
        whose = f"{calls} calls, depth {depth.name}"
        for what, said in (("silence", (silence_frame(FORMAT),)), ("speech", speech)):
            rows.append(_row(f"received, {what}, {whose}", runs, _later(_receive, depth, calls, said, rounds)))
        rows.append(_row(f"sent (tick), {whose}", runs, _later(_send, depth, calls, rounds)))
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    table(
        "Codec and the path of a frame (calls in one loop, no kernel)",
        ("what", "us/frame", "frames/s"),
        [(row["what"], row["us"], round(row["frames_per_second"])) for row in rows],
        (f"received: data_received, timeline, the ear's round every {ROUND * 1000:g} ms, as in a real call.",),
    )


def _row(what: str, runs: int, once: Callable[[], float]) -> dict[str, Any]:
    found = [once() for _ in range(runs)]
    cost = float(median(found))
    return {"what": what, "us": cost * 1e6, "frames_per_second": 1 / cost, "runs": found}


def _timed(work: Callable[[], int]) -> float:
    """CPU seconds for each of the frames that ``work`` says it has done."""
    gc.collect()
    began = time.process_time()
    done = work()
    return (time.process_time() - began) / done


def _encode(frames: int) -> float:
    payload = bytes(320)

    def work() -> int:
        for _ in range(frames):
            encode(FrameType.AUDIO, payload)
        return frames

    return _timed(work)


def _read(frames: int, at_once: int) -> float:
    data = encode(FrameType.AUDIO, bytes(320)) * at_once
    reader, rules = FrameReader(), RuleBook(Party.BOT, behaviour_of(NEWEST))

    def work() -> int:
        for _ in range(frames // at_once):
            for frame in reader.feed(data):
                rules.check(frame)
        return frames

    return _timed(work)


def _later(what: Callable[..., Any], *arguments: object) -> Callable[[], float]:
    return lambda: cast(float, asyncio.run(what(*arguments)))


def _connections(depth: Depth, calls: int) -> list[Connection]:
    made = []
    for number in range(calls):
        timeline = Timeline(0.0, FORMAT, depth=depth)
        line = Connection(Party.CALLER, uuid=UUID(int=number), listener=timeline)
        line.connection_made(cast(asyncio.BaseTransport, _Nowhere()))
        timeline.connected(line)
        made.append(line)
    return made


async def _receive(depth: Depth, calls: int, said: Sequence[bytes], rounds: int) -> float:
    time_is = 1.0
    # On a clock of its own: faster than real time a bot would be ahead of it, which is another path.
    with patch.object(connection, "now", lambda: time_is):
        lines = _connections(depth, calls)
        ear = Ear.of(asyncio.get_running_loop())
        steady = Steady.of((FORMAT.rate, str(FORMAT.encoding), FORMAT.size))
        halves = lines[: calls // 2], lines[calls // 2 :]

        def work(rounds: int) -> int:
            nonlocal time_is
            for number in range(rounds):
                for half in halves:
                    for offset, line in enumerate(half):
                        line.data_received(said[(number + offset) % len(said)])
                    ear.listen()
                    steady.listen()
                    time_is += PERIOD / 2
            return rounds * calls

        work(WARM_UP)
        return _timed(lambda: work(rounds))


async def _send(depth: Depth, calls: int, rounds: int) -> float:
    lines, clock = _connections(depth, calls), MediaClock.of()
    for line in lines:
        line.start_media()

    def work() -> int:
        for _ in range(rounds):
            clock.serve(lines, 0.0, 0)
        return rounds * calls

    return _timed(work)
