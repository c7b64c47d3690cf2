"""Small loads for tests: jobs made in Python, of scenarios that take a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from AudioSocketLibrary.call import CallSettings
from AudioSocketLibrary.load.limits import Limits
from AudioSocketLibrary.load.profile import Keep, Profile, ScenarioChoice
from AudioSocketLibrary.load.shapes import Shape
from AudioSocketLibrary.load.worker import Job
from AudioSocketLibrary.records.rows import read_rows
from AudioSocketLibrary.scenario import HangUp, PlaceCall, Plan, PlannedStep, StaySilent, Step
from AudioSocketLibrary.transport import Address

NOBODY = Address("127.0.0.1", 9)
SETTINGS = CallSettings(greeting_timeout=3.0, turn_timeout=3.0)


def plan(*steps: Step, name: str = "Short", **more: Any) -> Plan:
    """Place a call, do the steps, hang up."""
    every = (PlaceCall(bot=NOBODY, settings=SETTINGS), *steps, HangUp())
    planned = tuple(PlannedStep(step, type(step).__name__, f"t.robot:{line}") for line, step in enumerate(every, 1))
    return Plan(name, "t.robot", planned, **more)


def short(seconds: float = 0.2, name: str = "Short") -> Plan:
    return plan(StaySilent(least=seconds), name=name)


def profile(
    shape: Shape, scenarios: int = 1, *, name: str = "test", limits: Limits | None = None, **more: Any
) -> Profile:
    chosen = tuple(ScenarioChoice("keyword", f"Scenario {number}", "t.robot") for number in range(scenarios))
    return Profile(
        name, shape, scenarios=chosen, limits=limits or Limits(), keep=more.pop("keep", Keep(recordings=0.0)), **more
    )


def job(folder: Any, shape: Shape, bot: Address, plans: tuple[Plan, ...] = (), **more: Any) -> Job:
    """A run that nobody conducts, of one worker."""
    plans = plans or (short(),)
    own = {name: more.pop(name) for name in ("seed", "workers", "conductor", "bots") if name in more}
    usual = {"seed": 7, "workers": 1, "conductor": 0, "bots": {"bot": bot}}
    return Job(
        folder=folder, run="1f9c2e70", profile=profile(shape, len(plans), **more),
        plans=tuple((each,) for each in plans), **{**usual, **own},
    )  # fmt: skip


def conducted(one: Job, by: int) -> Job:
    return replace(one, conductor=by)


def rows_of(one: Job, *kinds: str) -> list[dict[str, Any]]:
    """Rows of all workers, in the order of their files."""
    found = [row for worker in range(one.workers) for row in read_rows(one.rows_of(worker))]
    return [row for row in found if not kinds or row["row"] in kinds]


async def until(check: Callable[[], Any], limit: float = 30.0) -> None:
    """Wait, on a loop, for what comes true without an event."""
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
