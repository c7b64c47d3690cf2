"""Probes of the wire: the bot's own frames, and many calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from ..protocol import ROWS, Party, RuleBook, ViolationKind
from ..records import time_text
from ..transport import now
from .bench import Bench, NotAnswered, why
from .judging import reasons_of
from .probe import Answer, Reason, broken, fine, remark, unmeasured

AT_ONCE = 20


def keeps(*kinds: ViolationKind) -> Callable[[Bench], Awaitable[Answer]]:
    """Asks whether any rule of these kinds was broken in the calls so far."""

    async def ask(bench: Bench) -> Answer:
        await bench.talk()
        reasons = reasons_of(bench.lines, kinds)
        if reasons:
            # Of the newest row that minds: what is told must be true today.
            return broken(list(reasons.values())[-1].text, reasons)
        calls = sum(bool(line.pieces) for line in bench.lines)
        if not calls:
            return unmeasured("the bot sent nothing")
        return fine("in all of 1 call" if calls == 1 else f"in all of {calls} calls")

    return ask


@dataclass(frozen=True, slots=True)
class _Caller:
    connected: float
    """Seconds until the connection stood (or was given up)."""
    answered: float | None = None
    why: str = ""


async def accepts(bench: Bench) -> Answer:
    """Connections stand in time."""
    slowest = max(caller.connected for caller in await _crowd(bench))
    late = {row.name: RuleBook(Party.BOT, row).late_accept(slowest) for row in ROWS}
    reasons = {name: Reason(each.text.removeprefix("the bot ")) for name, each in late.items() if each}
    if reasons:
        return broken(list(reasons.values())[-1].text, reasons)
    return fine(f"the slowest of {AT_ONCE} after {time_text(slowest)}")


async def crowd(bench: Bench) -> Answer:
    """Many calls at the same time."""
    callers = await _crowd(bench)
    missed = [caller.why for caller in callers if caller.answered is None]
    if missed:
        return broken(f"left {len(missed)} of {AT_ONCE} calls at once unanswered; the first: it {missed[0]}")
    talk = await bench.talk()
    alone = talk.greeting_time or talk.response_time
    times = [caller.answered for caller in callers if caller.answered is not None]
    if alone is None:
        return unmeasured("the bot did not speak in a call alone either")
    text = f"answered after {time_text(median(times))} (median), {time_text(max(times))} (longest)"
    if median(times) > 2 * alone + 0.5:
        return remark(f"{text} with {AT_ONCE} calls at once; alone after {time_text(alone)}")
    return fine(f"{text}; alone {time_text(alone)}")


async def _crowd(bench: Bench) -> list[_Caller]:
    async def all_call() -> list[_Caller]:
        await bench.talk()
        return list(await asyncio.gather(*(_call(bench) for _ in range(AT_ONCE))))

    return await bench.once("crowd", all_call)


async def _call(bench: Bench) -> _Caller:
    began = now()
    try:
        line = await bench.call()
    except OSError as error:
        return _Caller(now() - began, why=f"could not be called {why(error)}")
    connected = now() - began
    try:
        answered = await bench.answered(line)
        # Until all were answered: a bot that takes one call after the other is found out.
        await asyncio.sleep(max(0.0, bench.patience - (now() - began)))
    except NotAnswered as error:
        return _Caller(connected, why=str(error))
    finally:
        line.close()
    return _Caller(connected, answered)
