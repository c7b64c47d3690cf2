"""The totals of a run: calls, replies, and the exact percentiles of their response times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..records import FailureKind
from .robot_markup import href_of, robot_escape
from .words import seconds

if TYPE_CHECKING:
    from ..records import CallRecord


class _Time(NamedTuple):
    seconds: float
    answered: bool
    """False: the reply never came, and it was waited for so long; so the time is *at least* this."""
    test: str
    call: str
    at: float

    def __str__(self) -> str:
        return ("" if self.answered else "over ") + seconds(self.seconds)


class Totals:
    """Adds up calls; ``str`` of it is the line that a report shows, in Robot's markup."""

    def __init__(self) -> None:
        self._calls = 0
        self._times: list[_Time] = []

    def add(self, test: str, record: CallRecord) -> None:
        """Add a call of a test (or suite)."""
        self._calls += 1
        if record.role != "caller":
            return  # what is heard there is the caller, who need not answer
        for turn in record.turns:
            if turn.number and turn.response_time is not None:
                self._times.append(_Time(turn.response_time, True, test, record.call, turn.end or 0.0))
        for one in record.judgements:
            if one.kind == FailureKind.NO_REPLY and one.value is not None:
                self._times.append(_Time(one.value, False, test, record.call, one.at))

    def percentile(self, percent: float) -> str:
        """By nearest rank: a time that was measured, none between two."""
        ranked = sorted(self._times)
        return str(ranked[max(0, -int(-len(ranked) * percent // 100) - 1)])

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __str__(self) -> str:
        replies = sum(time.answered for time in self._times)
        told = [_count(self._calls, "call", "calls"), _count(replies, "reply", "replies")]
        if missing := len(self._times) - replies:
            told.append(f"{missing} that never came")
        if self._times:
            told.append(f"response time p50 {self.percentile(50)}, p95 {self.percentile(95)} (n={len(self._times)})")
            worst = max(self._times)
            link = f"[{href_of(f'calls/{worst.call}.html')}#t={max(worst.at, 0):.1f}|{worst}]"
            told.append(f"worst {link} in {robot_escape(worst.test)}")
        return ", ".join(told)


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"
