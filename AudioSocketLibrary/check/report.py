"""Asks all probes, or one of them, and keeps what they found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from math import ceil

from ..protocol import AsteriskVersion
from ..records import time_text
from ..transport import Address, MediaClock, now
from .bench import OUR_LAG, Bench, NotAnswered, Talk, why
from .probe import Answer, Probe, Result, Verdict, broken, unmeasured
from .probes import PROBES
from .versions import VersionAnswer, answers

LONGEST_PROBE = 60.0


@dataclass(slots=True)
class Report:
    """What a bot was asked, and what it answered."""

    bot: Address
    asterisk: AsteriskVersion
    results: list[Result] = field(default_factory=list)
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    seconds: float = 0.0
    lag: float | None = None
    """How late our own loop woke (p99), in seconds."""
    talk: Talk | None = None
    """The ordinary call."""

    def count(self, verdict: Verdict) -> int:
        """How many probes ended so."""
        return sum(result.verdict is verdict for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether nothing would fail behind the version that was asked for."""
        return not self.count(Verdict.NO)

    @property
    def answers(self) -> list[VersionAnswer]:
        """The answer per version."""
        return answers(self.results)

    @property
    def reach(self) -> str:
        """What must be said beside a "yes" where not all was asked, or could be judged."""
        complete = len(self.results) == len(PROBES) and not self.count(Verdict.NOT_MEASURED)
        return "" if complete else ", as far as was measured"

    @property
    def summary(self) -> str:
        """The counts, in a sentence."""
        notes, missing = self.count(Verdict.NOTE), self.count(Verdict.NOT_MEASURED)
        parts = [f"{self.count(Verdict.OK)} ok", f"{self.count(Verdict.NO)} no"]
        parts += [f"{notes} note{'' if notes == 1 else 's'}"] if notes else []
        parts += [f"{missing} not measured"] if missing else []
        return f"{', '.join(parts)}, in {time_text(self.seconds)}."

    @property
    def own_error(self) -> str:
        """How far to trust the times."""
        if self.lag is None:
            return ""
        text = f"Our own loop woke at most {time_text(ceil(self.lag * 1000) / 1000)} late (p99)"
        return f"{text}: too late for times of milliseconds to be trusted." if self.lag > OUR_LAG else f"{text}."


async def check_bot(
    bot: Address,
    asterisk: AsteriskVersion,
    *,
    language: str = "uk",
    tell: Callable[[Result], None] = lambda _: None,
    probes: Sequence[Probe] = PROBES,
    talk: Talk | None = None,
) -> Report:
    """Ask all probes.

    Args:
        bot: where it listens.
        asterisk: behind which version the verdicts hold; the answers per version name all of them.
        language: of what the caller says.
        tell: called with each result when it is known.
        probes: which, in this order.
        talk: the ordinary call of an earlier report, so that it need not be made again; of the same loop.

    Raises:
        CallFailure: nothing listens there.
        NoBot: what listens there is no bot.
    """
    report = Report(bot, asterisk)
    began = now()
    async with Bench(bot, language, talk) as bench:
        lag = MediaClock.of().loop_lag
        before = list(lag.counts)
        report.talk = await bench.talk()
        asker = _Asker(bench, asterisk)
        for _, group in groupby(probes, key=lambda probe: probe.beside or probe.name):
            # Several side by side: most of their time is waiting, and none of them harms a bot.
            results = await asyncio.gather(*(asker.ask(probe) for probe in group))
            await bench.hang_up()
            for result in results:
                report.results.append(result)
                tell(result)
        report.lag = lag.since(before).percentile(99)
    report.seconds = now() - began
    return report


class _Asker:
    """Asks one probe after the other, and knows when there is no bot any more."""

    def __init__(self, bench: Bench, asterisk: AsteriskVersion) -> None:
        self._bench = bench
        self._asked = asterisk.behaviour
        self._lost = ""

    async def ask(self, probe: Probe) -> Result:
        """The result of one probe."""
        began = now()
        answer = await self._answer(probe)
        return Result.of(probe, answer, self._asked, now() - began)

    async def _answer(self, probe: Probe) -> Answer:
        if self._lost:
            return unmeasured(f"the bot could not be called any more since it was asked: {self._lost}")
        try:
            async with asyncio.timeout(LONGEST_PROBE):
                answer = await probe.ask(self._bench)
        except NotAnswered as error:
            return unmeasured(f"its call was not answered: the bot {error}")
        except OSError as error:
            if self._lost:
                return unmeasured(f"the bot could not be called any more since it was asked: {self._lost}")
            self._lost = probe.title
            return broken(f"could not be called any more {why(error)}")
        if answer.kind == "broken" and not await self._reachable():
            self._lost = probe.title
        return answer

    async def _reachable(self) -> bool:
        try:
            (await self._bench.call()).close()
        except OSError:
            return False
        return True
