"""Who calls: of the number of a call, and the seed, follow its scenario, its data, its voice, its line and its bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final, Generic, TypeVar

from ..call import Depth
from ..media.line import Line, line_named
from ..records import UsageError
from ..scenario import AnnounceCall, CallData
from ..scenario.plan import Plan, PlannedStep
from ..transport import Address
from .profile import BeforeCall, Profile

_T = TypeVar("_T")
ONE: Final = "bot"
"""The name of the bot, where there is but one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What one call does, and how it sounds."""

    number: int
    plan: Plan
    target: str
    """Which bot; empty where there is but one."""
    seed: str
    fields: Mapping[str, str]
    voice: str
    line: Line | None
    pause: tuple[float, float]
    record: bool
    """Whether its recording may be kept, so that every frame of it is."""


class Casting:
    """Gives each call its caller: the same for the same seed, whichever worker makes the call.

    Args:
        profile: the load.
        plans: the plans of each of the profile's scenarios, in their order; a tag has several.
        bots: the bots by name; of several, calls take turns.
        seed: of the run.
        spool_folder: where the sound of a call that is recorded, or listened to, is kept while it lasts; None: the
            system's temporary folder.

    Raises:
        UsageError: the call data cannot be read.
    """

    def __init__(
        self,
        profile: Profile,
        plans: Sequence[Sequence[Plan]],
        bots: Mapping[str, Address],
        seed: int,
        spool_folder: Path | None = None,
    ) -> None:
        self._seed = seed
        self._callers = profile.callers
        self._keep = profile.keep
        self._names = list(bots)
        # A tag has several plans, which share its weight.
        weighed = [
            (plan, scenario.weight / len(found))
            for scenario, found in zip(profile.scenarios, plans, strict=True)
            for plan in found
        ]
        flat = [plan for plan, _ in weighed]
        self._scenarios = _Shares([(index, weight) for index, (_, weight) in enumerate(weighed)])
        self._searches = profile.shape.name == "capacity"
        self.names = [plan.name for plan in flat]
        """The names of all scenarios."""
        before = profile.callers.before_call
        target = profile.bot
        self._plans = {
            (index, name, depth): _announced(
                plan.adapted(
                    address,
                    asterisk=target.asterisk,
                    format=target.format,
                    rules=target.rules,
                    depth=Depth.FRAMES if plan.hears else depth,
                    spool_folder=spool_folder,
                ),
                before,
            )
            for index, plan in enumerate(flat)
            for name, address in bots.items()
            for depth in Depth
        }
        self._own_data = [plan.data for plan in flat]
        data = profile.callers.data
        self._data = CallData.read(Path(data), profile.callers.order, seed) if data else None
        self._lines = _Shares([(line_named(name), share) for name, share in profile.callers.lines.items()])

    @property
    def call_data(self) -> CallData | None:
        """The rows of the profile."""
        return self._data

    def check(self, calls: int) -> None:
        """Refuse a load whose rows would run out.

        Raises:
            UsageError: rows are unique, and there are fewer than calls.
        """
        callers = -(-calls // len(self._names))
        for data in [self._data] if self._data else self._own_data:
            if data is None or data.order != "unique":
                continue
            if self._searches:
                raise UsageError(
                    f"{data.name} has rows that are for one call only, and nobody knows how many calls a search for a "
                    "capacity makes: take order: sequential"
                )
            if len(data.rows) < callers:
                raise UsageError(
                    f"{data.name} has {len(data.rows)} rows, and each is for one call only; about {calls:,} calls are "
                    "planned. Add rows, take order: sequential, or plan fewer calls"
                )

    def caller(self, number: int) -> Caller:
        """The caller of the ``number``-th call.

        Raises:
            UsageError: it has no row of data.
        """
        # Several bots are called in turns, by the very same callers: what differs is the bot.
        who, turn = divmod(number, len(self._names))
        # Which of them is called first is drawn: with as many workers as bots, each bot would have one of its own.
        turn = (turn + Random(f"{self._seed} turn {who}").randrange(len(self._names))) % len(self._names)  # noqa: S311
        draw = Random(f"{self._seed} caller {who}")  # noqa: S311 - the same seed, the same callers
        index = self._scenarios.draw(draw)
        record = draw.random() < self._keep.recordings
        name = self._names[turn]
        callers = self._callers
        data = self._data or self._own_data[index]
        return Caller(
            number=number,
            plan=self._plans[index, name, Depth.FRAMES if record else Depth.EVENTS],
            target=name if len(self._names) > 1 else "",
            seed=f"{self._seed} {who}",
            fields=data.row(who) if data else {},
            voice=draw.choice(callers.voices) if callers.voices else "",
            line=self._lines.draw(draw) if self._lines else None,
            pause=callers.pause,
            record=record,
        )


class _Shares(Generic[_T]):
    """Things, each with its share."""

    def __init__(self, rows: Sequence[tuple[_T, float]]) -> None:
        self._things = [thing for thing, _ in rows]
        self._sums = list(accumulate(share for _, share in rows))

    def __bool__(self) -> bool:
        return bool(self._things)

    def draw(self, random: Random) -> _T:
        return random.choices(self._things, cum_weights=self._sums)[0]


def _announced(plan: Plan, before: BeforeCall | None) -> Plan:
    """The plan with the profile's announcement before it."""
    if before is None:
        return plan
    step = AnnounceCall(
        method=before.method,
        url=str(before.url),
        body=before.body or None,
        headers={name: str(value) for name, value in before.headers.items()},
        expect=before.expect,
    )
    return replace(plan, steps=(PlannedStep(step, "before_call", "the profile"), *plan.steps))
