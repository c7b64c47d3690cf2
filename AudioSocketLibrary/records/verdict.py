"""The verdict of a run: its thresholds, its validity, and what of both decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .judging import ThresholdResult
from .own_health import Windows
from .run_facts import RunFacts
from .thresholds import Threshold
from .validity import Validity, ValidityResult, validity_of


class Word(StrEnum):
    """A verdict in a word. Only the first one is a pass."""

    PASSED = "PASS"
    FAILED = "FAIL"
    INVALID = "INVALID"
    INTERRUPTED = "INTERRUPTED"

    @property
    def exit_code(self) -> int:
        """Of ``audiosocket``."""
        return {Word.PASSED: 0, Word.FAILED: 1, Word.INVALID: 3, Word.INTERRUPTED: 4}[self]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run has shown."""

    word: Word
    sentence: str
    """For people: the word, the calls, the validity."""
    thresholds: tuple[ThresholdResult, ...]
    validity: ValidityResult
    reason: str = ""
    """Why the run was ended before its time; empty: it was not."""

    @property
    def passed(self) -> bool:
        """Whether it passed: all thresholds met, figures that may be believed, a run that was not cut short."""
        return self.word is Word.PASSED


def verdict_of(
    facts: RunFacts,
    thresholds: Iterable[Threshold],
    *,
    workers: int = 1,
    state: str = "finished",
    reason: str = "",
    baseline: RunFacts | None = None,
    baseline_name: str = "baseline",
    windows: Windows | None = None,
    answered: bool = True,
) -> Verdict:
    """Judge a run.

    Args:
        facts: what was measured.
        thresholds: what must hold.
        workers: how many processes were to write rows.
        state: how the run ended: ``finished``, ``interrupted``, ``aborted`` or ``failed``.
        reason: why it was ended before its time.
        baseline: an earlier run, for thresholds of it.
        baseline_name: what it is called.
        windows: the stretches of the run whose validity decides; None: all of it.
        answered: whether a search found what it looked for; one that did not has failed, whatever its thresholds say.
    """
    results = tuple(facts.judge(threshold, baseline, baseline_name) for threshold in thresholds)
    validity = run_validity(facts, workers=workers, windows=windows)
    broken = [result for result in results if not result.ok]
    if validity.validity is Validity.INVALID:
        word = Word.INVALID
    elif state == "interrupted":
        word = Word.INTERRUPTED
    else:
        # A threshold of which nothing was measured is broken; without any, a call must have ended well.
        shown = bool(results) or facts.due > facts.failed
        met = not broken and state == "finished" and answered and shown
        word = Word.PASSED if met else Word.FAILED
    return Verdict(word, _sentence(word, facts, broken, validity, reason), results, validity, reason)


def run_validity(facts: RunFacts, *, workers: int, windows: Windows | None = None, over: bool = True) -> ValidityResult:
    """The validity of a run, or of stretches of it."""
    due = facts.due
    errors = facts.health.errors(
        workers=workers, dropped=facts.outcomes["dropped"], due=due, windows=windows, over=over
    )
    return validity_of(errors)


def _sentence(word: Word, facts: RunFacts, broken: list[ThresholdResult], validity: ValidityResult, reason: str) -> str:
    if facts.due:
        calls = f"{facts.due:,} call{'s' * (facts.due != 1)}, {facts.failed:,} failed"
    elif len(facts):
        calls = f"{len(facts):,} calls, none of which began and ended in the measured time"
    else:
        calls = "no call was made"
    if word is Word.INVALID:
        # It begins with the word itself.
        return f"{validity.sentence} ({calls})"
    told = [calls]
    if broken:
        told.append(f"{len(broken)} threshold{'s' * (len(broken) != 1)} broken")
    cut = facts.outcomes["interrupted"]
    if facts.due and cut:
        told.append(f"{cut:,} cut by the end of the run")
    if reason:
        told.append(reason)
    return f"{word} {', '.join(told)}. {validity.sentence}"
