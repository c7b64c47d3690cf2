"""A run beside an earlier one, beside several, or two bots of the same run beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..records import Threshold, UsageError
from ..records.comparing import (
    Compared,
    Difference,
    Percentiles,
    Question,
    Ratio,
    Shown,
    block_length,
    differences,
    judged,
    least_calls,
)
from ..records.load_figures import load_figure
from ..records.run_facts import FAILED, CallFact, RunFacts
from ..records.run_info import RunInfo
from ..records.validity import Validity
from ..records.verdict import Verdict, Word
from .run_reading import RunRead

ASKED: Final = (
    ("response time", (50, 95, 99)),
    ("caller's wait", (95,)),
    ("greeting time", (50, 95)),
    ("words time", (95,)),
    ("barge in time", (50, 95)),
    ("dead air", (95,)),
    ("longest gap", (95,)),
    ("connect time", (95,)),
    ("request time", (95,)),
)
"""Figures of turns and calls, and their percentiles."""
_LEAST: Final = {50: 10, 95: 20, 99: 100}
"""How many values a percentile needs on each side; fewer, and it is their maximum."""
BASE: Final = "base"
"""The bot of this name is what others are compared with; where there is none, the last one is."""


class NotComparableError(UsageError):
    """A run has shown nothing that could be compared.

    Args:
        text: which run, and why.
        exit_code: of ``audiosocket``: 3 for an invalid run, 4 for one that was cut short.
    """

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What a comparison has shown."""

    base: str
    """What it is compared with, in a word or two."""
    new: str
    rows: tuple[Compared, ...]
    calls: tuple[int, int]
    """On both sides."""
    paired: bool = False
    """Whether both sides had the same callers."""
    warnings: tuple[str, ...] = ()
    """What differs beside the bot, each a sentence."""

    def found(self, *shown: Shown) -> tuple[Compared, ...]:
        """The figures of which this was shown."""
        return tuple(row for row in self.rows if row.shown in shown)

    @property
    def shown(self) -> Shown:
        """All figures in a word: one that is worse decides."""
        order = (Shown.WORSE, Shown.PERHAPS, Shown.BETTER, Shown.NONE)
        return next((each for each in order if self.found(each)), Shown.FEW)

    @property
    def regression(self) -> bool | None:
        """Whether it is worse; None: nothing can be said, there are too few calls."""
        return None if self.shown is Shown.FEW else self.shown is Shown.WORSE


def compare_runs(
    base: Sequence[RunRead], new: RunRead, verdicts: Sequence[Verdict], *, base_name: str = "", new_name: str = ""
) -> RunComparison:
    """Compare a run with one or several earlier ones.

    Args:
        base: what it is compared with; of three and more, how much they differ from each other counts, too.
        new: what is judged.
        verdicts: of the runs in ``base``, then of ``new``: what was cut short or is not to be believed is refused.
        base_name: what the base is called; unless given, the name of its folder.
        new_name: likewise.

    Raises:
        NotComparableError: a run is invalid or was cut short.
        UsageError: a run is a search for a capacity.
    """
    for run, verdict in zip((*base, new), verdicts, strict=True):
        check_comparable(run, verdict)
    base_name = base_name or base[-1].folder.name
    warnings = dict.fromkeys(told for one in base for told in differing(one.info, new.info))
    degraded = [
        f"{run.folder.name} is {verdict.validity.sentence}"
        for run, verdict in zip((*base, new), verdicts, strict=True)
        if verdict.validity.validity is Validity.DEGRADED
    ]
    rows = judged(list(_questions([one.facts for one in base], new.facts)))
    return RunComparison(
        base_name,
        new_name or new.folder.name,
        tuple(rows),
        (sum(one.facts.due for one in base), new.facts.due),
        warnings=(*warnings, *degraded),
    )


def compare_bots(run: RunRead, verdict: Verdict) -> list[RunComparison]:
    """Compare the bots of one run, which were called in turns by the same callers; none where there is one bot.

    Raises:
        NotComparableError: the run is invalid or was cut short.
        UsageError: it is a search for a capacity.
    """
    names = run.facts.targets
    if len(names) < 2:
        return []
    check_comparable(run, verdict)
    base = next((name for name in names if name.casefold() == BASE), list(run.info.bots or names)[-1])
    # Calls 2k and 2k + 1 have the same caller, as the casting of the load says.
    bots = len(run.info.bots) or len(names)
    return [_bots(run.facts, bots, base, name) for name in names if name != base]


def check_comparable(run: RunRead, verdict: Verdict) -> None:
    """Refuse a run that has shown nothing.

    Raises:
        NotComparableError: it is invalid or was cut short.
        UsageError: it is a search for a capacity.
    """
    name = run.folder.name
    if verdict.word is Word.INVALID:
        raise NotComparableError(f"{name} cannot be compared: {verdict.validity.sentence}", Word.INVALID.exit_code)
    if run.info.state != "finished":
        why = f": {run.info.reason}" if run.info.reason else ""
        raise NotComparableError(
            f"{name} cannot be compared: it was {run.info.state}{why}. Compare runs that came to their end",
            Word.INTERRUPTED.exit_code,
        )
    if run.info.plateaus:
        raise UsageError(
            f"{name} cannot be compared: it is a search for a capacity, and each of its plateaus is another load. "
            "Compare runs of a profile that holds one"
        )


def differing(base: RunInfo, new: RunInfo) -> Iterator[str]:
    """What differs between two runs beside the bot, each a sentence."""
    if base.profile_hash != new.profile_hash:
        yield f"The load was another one: profile {_profile(base)}, now {_profile(new)}"
    if base.plans != new.plans:
        changed = sorted(name for name in {*base.plans, *new.plans} if base.plans.get(name) != new.plans.get(name))
        yield f"Other steps were played: {', '.join(changed)}"
    if (base.host.name, base.host.cores, base.host.cpu) != (new.host.name, new.host.cores, new.host.cpu):
        yield (
            f"Another machine called: {_host(base)}, now {_host(new)}; bots are best compared in one run "
            "(--bot new=… --bot base=…)"
        )
    for name, usual in (("library", ""), ("loop", ""), ("media path", "Python")):
        # Before a run said which media path it took, there was only one.
        before, now = base.versions.get(name, usual), new.versions.get(name, usual)
        if before != now:
            yield f"The {name} was {before or 'unknown'}, now it is {now or 'unknown'}"


def _profile(info: RunInfo) -> str:
    return f"{info.name} ({info.profile_hash or 'none'})"


def _host(info: RunInfo) -> str:
    host = info.host
    return f"{host.name or 'unknown'} ({host.cores} core{'s' * (host.cores != 1)})"


def _bots(facts: RunFacts, bots: int, base: str, new: str) -> RunComparison:
    callers = _callers(facts, bots, base, new)
    return RunComparison(
        f"bot {base}", f"bot {new}", tuple(judged(list(_paired(facts, callers, base, new)))),
        (len(callers.base), len(callers.new)), paired=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Callers:
    """Callers that called both bots: which of them made a call."""

    base: dict[int, int]
    new: dict[int, int]


def _callers(facts: RunFacts, bots: int, base: str, new: str) -> _Callers:
    made: dict[str, dict[int, int]] = {base: {}, new: {}}
    for call in facts.calls():
        if call.target in made and _counts(call):
            made[call.target][call.index // bots] = call.number
    both = sorted(made[base].keys() & made[new].keys())
    before, now = ({made[name][caller]: place for place, caller in enumerate(both)} for name in (base, new))
    return _Callers(before, now)


def _counts(call: CallFact) -> bool:
    return call.measured and call.outcome not in ("interrupted", "dropped")


def _paired(facts: RunFacts, callers: _Callers, base: str, new: str) -> Iterator[Question]:
    few = least_calls(len(callers.base), len(callers.new))
    for name, percents in ASKED:
        before, now = (
            _of_callers(facts, name, percents, target, known)
            for target, known in ((base, callers.base), (new, callers.new))
        )
        if before.n or now.n:
            yield from _percentiles(name, percents, before, now, few=few, paired=True)
    before_failed, now_failed = (_failed_of(facts, known) for known in (callers.base, callers.new))
    yield _ratio("error rate", before_failed, now_failed, few=few, paired=True)


def _of_callers(
    facts: RunFacts, name: str, percents: Sequence[float], target: str, known: dict[int, int]
) -> Percentiles:
    pairs = [
        (value, known[call])
        for value, call in zip(*facts.values_by_call(name, target=target), strict=True)
        if call in known
    ]
    return Percentiles.of([value for value, _ in pairs], [call for _, call in pairs], percents, len(known))


def _failed_of(facts: RunFacts, known: dict[int, int]) -> Ratio:
    return Ratio(np.array([float(facts.outcome(call) in FAILED) for call in known]), np.ones(len(known)))


def _questions(base: Sequence[RunFacts], new: RunFacts) -> Iterator[Question]:
    few = least_calls(sum(one.due for one in base), new.due)
    for name, percents in ASKED:
        before, now = _of_calls(base, name, percents), _of_calls([new], name, percents)
        if before.n or now.n:
            runs = [[_value(one, f"p{percent} {name}") for one in base] for percent in percents]
            yield from _percentiles(name, percents, before, now, few=few, runs=runs)
    yield _ratio("error rate", _failed(base), _failed([new]), few=few, runs=[_value(one, "error rate") for one in base])
    before_rate, now_rate = _rate(base), _rate([new])
    short = least_calls(before_rate.calls, now_rate.calls)
    yield _ratio(
        "calls per minute", before_rate, now_rate, few=few or short,
        runs=[_value(one, "calls per minute") for one in base],
    )  # fmt: skip


def _of_calls(runs: Sequence[RunFacts], name: str, percents: Sequence[float]) -> Percentiles:
    """The values of all of several runs."""
    values: list[float] = []
    owners: list[int] = []
    before = 0
    for facts in runs:
        found, calls = facts.values_by_call(name)
        values += found
        owners += [call + before for call in calls]
        before += len(facts)
    return Percentiles.of(values, owners, percents)


def _failed(runs: Sequence[RunFacts]) -> Ratio:
    bad = [float(call.outcome in FAILED) for facts in runs for call in facts.calls() if _counts(call)]
    return Ratio(np.array(bad), np.ones(len(bad)))


def _rate(runs: Sequence[RunFacts]) -> Ratio:
    """Calls and minutes of stretches of the measured time."""
    calls: list[float] = []
    minutes: list[float] = []
    for facts in runs:
        block = block_length(facts.seconds())
        ends = np.array(facts.samples("calls per minute").at)  # type: ignore[union-attr]
        for start, end in facts.windows():
            edges = np.linspace(start, end, max(1, round((end - start) / block)) + 1)
            if end > start:
                calls += np.histogram(ends, edges)[0].tolist()
                minutes += (np.diff(edges) / 60).tolist()
    return Ratio(np.array(calls), np.array(minutes))


def _value(facts: RunFacts, title: str) -> float | None:
    unit = load_figure(title.partition(" ")[2] if title.startswith("p") else title).unit
    zero = {"time": "0 s", "share": "0 %"}.get(unit, "0")
    return facts.value(Threshold.parse(f"{title} >= {zero}"))


def _percentiles(
    name: str,
    percents: Sequence[float],
    base: Percentiles,
    new: Percentiles,
    *,
    few: bool,
    paired: bool = False,
    runs: Sequence[Sequence[float | None]] = (),
) -> Iterator[Question]:
    found: Sequence[Difference | None] = differences(base, new, paired=paired)
    for place, (percent, difference) in enumerate(zip(percents, found, strict=True)):
        yield Question(
            f"p{percent:g} {name}", "time", base.n, new.n, difference,
            runs=_known(runs[place]) if runs else (), least_n=_LEAST[int(percent)], few=few,
        )  # fmt: skip


def _ratio(
    name: str, base: Ratio, new: Ratio, *, few: bool, paired: bool = False, runs: Sequence[float | None] = ()
) -> Question:
    figure = load_figure(name)
    [found] = differences(base, new, paired=paired)
    return Question(
        name, figure.unit, base.n, new.n, found,
        runs=_known(runs), few=few, more_is_better=figure.more_is_better,
    )  # fmt: skip


def _known(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)
