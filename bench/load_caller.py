"""Our side of the load bench, in a process of its own: ``WHAT PORT CALLS SECONDS``; prints a line of JSON.

``talk``: so many calls at once, each says something for a third of the time. ``short``: so many calls one after
another, a hundred at once. ``burst``: so many placed in one moment. Everything is measured, nothing recorded.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

from AudioSocketLibrary.call import Call, CallSettings, Depth, Moment
from AudioSocketLibrary.media import load_sound, utterance_path
from AudioSocketLibrary.records import Histogram
from AudioSocketLibrary.transport import Address, MediaClock, new_event_loop, now, quiet_collector

RAMP = 250
"""Calls placed a second."""
SETTLE = 3.0
"""Seconds from the last connection to the beginning of counting: the first 1.6 s of a call cost more than the rest."""
RECORDING = "winter_tyres"
SAYS_AGAIN = 4.0
"""Seconds from the end of what a call says to its next words, which take 1.9 s."""
AT_ONCE = 100
SHORT = 0.3
"""Length of a short call in seconds."""
WARM_UP = 5000
"""Short calls before the first look at the process: until then the allocator still finds its size."""
SETTINGS = CallSettings(depth=Depth.EVENTS, greets=False, max_length=3600.0)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory() -> int:
    """Bytes of memory that the process has now."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _ms(delays: Histogram, percent: float) -> float:
    return round((delays.percentile(percent) or 0.0) * 1000, 2)


async def _talk(bot: Address, wanted: int, seconds: float) -> dict[str, Any]:
    sound = load_sound(utterance_path(RECORDING), SETTINGS.format.rate)
    clock, before = MediaClock.of(), _memory()
    began = now()
    placing = [asyncio.create_task(_placed(bot, began + number / RAMP)) for number in range(wanted)]
    calls = await asyncio.gather(*placing)
    talking = [asyncio.create_task(_speak(call, sound, number)) for number, call in enumerate(calls)]
    await asyncio.sleep(SETTLE)
    with quiet_collector():
        cpu, lag, lateness = _cpu(), list(clock.loop_lag.counts), list(clock.lateness.counts)
        due, skipped = clock.due, clock.skipped
        sent, heard = _frames(calls)
        await asyncio.sleep(seconds)
        cpu = _cpu() - cpu
        due, skipped = clock.due - due, clock.skipped - skipped
        late, lag_now = clock.lateness.since(lateness), clock.loop_lag.since(lag)
        sent_until, heard_until = _frames(calls)
        memory = _memory() - before
    await asyncio.sleep(0.2)  # the receiver still counts
    ended = sum(call.over for call in calls)
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    figures = [call.record().figures for call in calls]
    await asyncio.gather(*(call.hang_up() for call in calls))
    return {
        "late_p99": _ms(late, 99),
        "late_most": _ms(late, 100),
        "lag_p99": _ms(lag_now, 99),
        "frames": sent_until - sent,
        "frames_back": heard_until - heard,
        "skipped": skipped,
        "skipped_share": skipped / max(1, due + skipped),
        "cpu_us_per_pair": round(cpu * 1e6 / max(1, sent_until - sent), 2),
        "cpu_share": round(cpu / seconds, 3),
        "memory_per_call": memory / wanted,
        "ended_early": ended,
        "findings": sum(len(call.timeline.findings) for call in calls),
        "spoke": sum(bool(each.get("talk_share")) for each in figures),
    }


def _frames(calls: list[Call]) -> tuple[int, int]:
    sent = sum(call.timeline.frames_sent for call in calls)
    return sent, sum(call.timeline.hearing.frames for call in calls)


async def _placed(bot: Address, at: float) -> Call:
    await asyncio.sleep(max(0.0, at - now()))
    return await Call.place(bot, SETTINGS)


async def _speak(call: Call, sound: Any, number: int) -> None:
    await call.play(sound, at=Moment("call starts", call.seconds() + 0.2 + number % 59 / 10))
    while True:
        await call.play(sound, at=Moment("caller stops", SAYS_AGAIN))


async def _short(bot: Address, wanted: int, _: float) -> dict[str, Any]:
    await _many_short(bot, WARM_UP)
    before = _state()
    began = now()
    await _many_short(bot, wanted)
    lasted = now() - began
    after = _state()
    return {"before": before, "after": after, "seconds": round(lasted, 1)}


async def _many_short(bot: Address, wanted: int) -> None:
    numbers = iter(range(wanted))

    async def caller() -> None:
        for _ in numbers:
            async with await Call.place(bot, SETTINGS):
                await asyncio.sleep(SHORT)

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


def _state() -> dict[str, int]:
    gc.collect()
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - as plain as it gets
    return {
        "files": files,
        "threads": threading.active_count(),
        "memory": _memory(),
        "blocks": sys.getallocatedblocks(),
    }


async def _burst(bot: Address, wanted: int, _: float) -> dict[str, Any]:
    await (await Call.place(bot, SETTINGS)).hang_up()  # what is loaded with the first call
    await asyncio.sleep(0.1)
    issued: list[float] = []
    began = now()
    placing = [asyncio.create_task(Call.place(bot, SETTINGS)) for _ in range(wanted)]
    # The first step of each task ends where it waits for its connection: after all of them comes this.
    asyncio.get_running_loop().call_soon(lambda: issued.append(now()))
    calls = await asyncio.gather(*placing)
    stood = now()
    await asyncio.gather(*(call.hang_up() for call in calls))
    return {"issued_ms": (issued[0] - began) * 1000, "stood_ms": (stood - began) * 1000}


KINDS = {"talk": _talk, "short": _short, "burst": _burst}

if __name__ == "__main__":
    what, port, calls, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        bot = Address("127.0.0.1", int(port))
        print(json.dumps(runner.run(KINDS[what](bot, int(calls), float(seconds)))))
