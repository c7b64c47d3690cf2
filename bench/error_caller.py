"""Our side of the error bench: ``LOOP PORT CALLS TURNS SECONDS``; prints a line of JSON with a row for each turn."""

from __future__ import annotations

import asyncio
import json
import sys
from random import Random
from typing import Any

import numpy as np

from AudioSocketLibrary.call import Call, CallSettings, Depth
from AudioSocketLibrary.media import Sound, tone
from AudioSocketLibrary.records import CallFailure
from AudioSocketLibrary.transport import Address, MediaClock

from .machine import loop_factory

RATE = 8000
LEADS = (0, 37, 80, 143)
"""Samples before the tone: the caller's last voiced sample is anywhere in its frame, as in speech."""
REPLY_PAUSE = 0.1
SPREAD = 0.5
"""Seconds over which the calls begin, so that the phases of their frames differ."""

Row = tuple[str, int, float | None]
"""UUID, turn, response time."""


class _Turns:
    """Hands out the turns of a run to its calls, as long as there are any and time is left."""

    def __init__(self, turns: int, seconds: float) -> None:
        self.left = turns
        self._until = asyncio.get_running_loop().time() + seconds

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0 and asyncio.get_running_loop().time() < self._until


def _tones() -> list[Sound]:
    sounds = []
    for lead in LEADS:
        samples = np.concatenate([np.zeros(lead, np.int16), tone(1000, 0.3, RATE)])
        sounds.append(Sound.from_samples(samples, RATE, f"tone after {lead} samples"))
    return sounds


async def _talk(bot: Address, settings: CallSettings, sounds: list[Sound], turns: _Turns, wait: float) -> list[Row]:
    await asyncio.sleep(wait)
    call = await Call.place(bot, settings)
    count = 0
    try:
        while turns.take():
            await call.play(sounds[count % len(sounds)])
            count += 1
        await call.wait_until_replied()
    except CallFailure as failure:
        print(failure, file=sys.stderr)
    await call.hang_up()
    return [(str(call.uuid), turn.number, turn.response_time) for turn in call.turns[1:]]


async def _run(port: int, calls: int, turns: int, seconds: float) -> dict[str, Any]:
    bot = Address("127.0.0.1", port)
    # One call is what a suite makes, and keeps every frame; many are a load.
    depth = Depth.FRAMES if calls == 1 else Depth.EVENTS
    settings = CallSettings(depth=depth, greets=False, reply_pause=REPLY_PAUSE, turn_timeout=5.0)
    sounds, still, random = _tones(), _Turns(turns, seconds), Random(calls)
    waits = [random.uniform(0, SPREAD) for _ in range(calls)]
    talks = await asyncio.gather(*(_talk(bot, settings, sounds, still, wait) for wait in waits))
    lag = MediaClock.of().loop_lag
    return {
        "turns": [row for talk in talks for row in talk],
        "loop_lag_p99": round((lag.percentile(99) or 0.0) * 1000, 2),
    }


if __name__ == "__main__":
    loop, *words = sys.argv[1:]
    with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
        print(json.dumps(runner.run(_run(int(words[0]), int(words[1]), int(words[2]), float(words[3])))))
