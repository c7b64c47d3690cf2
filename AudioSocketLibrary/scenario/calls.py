"""The calls of one test, or of one planned caller: by alias, one of them current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from uuid import UUID

from ..call import Call, CallServer, Moment
from ..media.line import Line
from ..media.saying import Sayings
from ..records import UsageError, new_run_id, uuid_of_run
from .call_data import fill
from .events import KeptEvents
from .judge import Judge


class Calls:
    """Open and ended calls, in the order in which they were placed.

    Args:
        run: the run id, with which the UUIDs of its calls begin.
    """

    def __init__(self, run: str = "") -> None:
        self.all: list[Call] = []
        self.placed = 0
        """How many there have been, also those that were forgotten since."""
        self.run = run or new_run_id()
        self.fields: Mapping[str, str] = {}
        """This caller's row of the call data."""
        self.seed = ""
        """By which this caller draws its words, its voice and its pauses."""
        self.voice = ""
        """Whose, for phrases that ask for none; empty: drawn."""
        self.line: Line | None = None
        """How this caller sounds, in calls that were given no line of their own."""
        self.pause = (0.0, 0.0)
        """Seconds that it thinks before it speaks in its turn, drawn between the two."""
        self.recorded = True
        """Whether recordings of these calls are kept, so that messages may name them."""
        self.sayings: Sayings | None = None
        """What callers beside this one have said before, where that is remembered."""
        self.judge = Judge()
        """What understands the bot."""
        self.events = KeptEvents()
        """What the bot tells of its inside."""
        self.server: CallServer | None = None
        """What takes calls where we are the bot."""
        self._current: Call | None = None
        self._announced: UUID | None = None
        self._drawn: Counter[str] = Counter()

    def draw(self, call: Call, least: float, most: float) -> float:
        """A length between two: another one at each draw in a call, the same ones for the same seed."""
        self._drawn[call.id] += 1
        draw = Random(f"{self.seed} {self.all.index(call)} length {self._drawn[call.id]}")  # noqa: S311 - repeatable
        return draw.uniform(least, most)

    async def think(self, call: Call, at: Moment) -> None:
        """A caller who speaks in its turn thinks before; at another moment it does not.

        Raises:
            CallFailure: the bot did not reply to the turn before, or the call is over.
        """
        if at.event or self.pause[1] <= 0 or call.over:
            return
        await call.wait_until_replied()
        end = call.until + self.draw(call, *self.pause)
        await call.wait_for(lambda: end, end)

    def fill(self, text: str) -> str:
        """A text with this caller's fields in the place of ``{name}``."""
        filled: str = fill(text, self.fields)
        return filled

    def next_uuid(self) -> UUID:
        """The UUID of the call that will be placed next."""
        self._announced = self._announced or uuid_of_run(self.run)
        return self._announced

    def add(self, call: Call) -> None:
        """Add a call and make it the current one.

        Raises:
            UsageError: an open call has the same alias.
        """
        self.check_alias(call.alias)
        self.all.append(call)
        self.placed += 1
        self._current = call
        self._announced = None

    def check_alias(self, alias: str) -> None:
        """Raise if an open call has this alias already."""
        if alias and any(call.alias == alias and not call.over for call in self.all):
            raise UsageError(f"A call '{alias}' is open already. Hang it up first, or take another alias")

    def get(self, alias: str = "") -> Call:
        """The call of that alias, the newest if there are several; without one the current call.

        Raises:
            UsageError: there is none.
        """
        if not alias:
            if self._current is None:
                raise UsageError("There is no call. Use 'Place Call' first.")
            return self._current
        for call in reversed(self.all):
            if call.alias == alias:
                return call
        known = ", ".join(f"'{call.alias}'" for call in self.all if call.alias)
        raise UsageError(f"There is no call '{alias}'. {f'Calls: {known}' if known else 'No call has an alias.'}")

    def switch(self, alias: str) -> Call:
        """Make another call the current one."""
        self._current = self.get(alias)
        return self._current

    def forget(self, calls: list[Call]) -> None:
        """Forget calls that are over."""
        self.all = [call for call in self.all if call not in calls]
        for call in calls:
            self._drawn.pop(call.id, None)
        if self._current in calls:
            self._current = self.all[-1] if self.all else None
