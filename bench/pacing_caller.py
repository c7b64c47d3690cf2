"""Our side of the pacing bench, in a process of its own: ``LOOP PORT CALLS SECONDS``; prints a line of JSON."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from typing import Any

from AudioSocketLibrary.call import Call, CallSettings, Depth
from AudioSocketLibrary.records import Histogram
from AudioSocketLibrary.transport import Address, MediaClock

from .machine import loop_factory

SETTLE = 0.5
"""Seconds from the last connection to the beginning of counting; the receiver's is the same."""


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _lateness(calls: list[Call]) -> Histogram:
    lateness = Histogram()
    for call in calls:
        lateness.merge(call.timeline.lateness)
    return lateness


def _ms(value: float | None) -> float:
    return round((value or 0.0) * 1000, 2)


def _figures(delays: Histogram) -> dict[str, float]:
    p50, p99 = (_ms(delays.percentile(percent)) for percent in (50, 99))
    return {"n": len(delays), "p50": p50, "p99": p99, "max": _ms(delays.most)}


async def _run(port: int, wanted: int, seconds: float) -> dict[str, Any]:
    bot, settings = Address("127.0.0.1", port), CallSettings(depth=Depth.EVENTS, greets=False)
    calls = [await Call.place(bot, settings) for _ in range(wanted)]
    clock = MediaClock.of()
    await asyncio.sleep(SETTLE)
    cpu, lag = _cpu(), list(clock.loop_lag.counts)
    sent = sum(call.timeline.frames_sent for call in calls)
    skipped = sum(call.line.skipped for call in calls)
    lateness = list(_lateness(calls).counts)
    await asyncio.sleep(seconds)
    cpu = _cpu() - cpu
    late = _lateness(calls).since(lateness)
    frames = sum(call.timeline.frames_sent for call in calls) - sent
    skipped = sum(call.line.skipped for call in calls) - skipped
    loop_lag = clock.loop_lag.since(lag)
    await asyncio.sleep(0.1)  # the receiver still counts
    await asyncio.gather(*(call.hang_up() for call in calls))
    return {
        "late": _figures(late),
        "loop_lag_p99": _ms(loop_lag.percentile(99)),
        "frames": frames,
        "frames_back": sum(call.timeline.hearing.frames for call in calls),
        "skipped": skipped,
        "cpu_us_per_pair": round(cpu * 1e6 / frames, 2),
        "findings": sum(len(call.timeline.findings) for call in calls),
    }


if __name__ == "__main__":
    loop, *words = sys.argv[1:]
    with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
        print(json.dumps(runner.run(_run(int(words[0]), int(words[1]), float(words[2])))))
