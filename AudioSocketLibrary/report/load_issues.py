"""What a reader should know first: what is wrong, what it rests on, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ..monitor.bottlenecks import bottlenecks
from ..monitor.process import Sample
from ..records import Validity
from ..records.units import percent_text, time_text
from ..records.validity import ValidityResult
from .charts_figures import Knee
from .charts_inside import Breakdown, wire_breakdowns
from .load_model import Issue, ThresholdRow, TurnRow
from .load_numbers import Numbers, percentile
from .run_reading import RunRead

_SLOWER: Final = 1.5
"""A turn is slow that takes so many times as long as the others together."""
_SILENCE: Final = 0.1
"""Seconds of silent frames that are worth a word."""
_LEAST: Final = 20
_GREW: Final = 1.25
_ADVICE: Final = {
    "no reply": "Listen to one of them: the bot either did not hear the caller, or had no answer in time",
    "no greeting": "Look at the bot's log for the time between its accept and its first audio",
    "refused": "The bot (or its host) did not accept more connections: look at its limits on connections and files",
    "connect time-out": "The bot's host was too busy to accept, or its queue of connections is too short",
    "cut by the bot": "Look at the bot's log for these calls: it ended them itself",
    "cut by the network": "The connection was lost: a restarted process, a proxy, or a host that ran out of memory",
    "dropped by Asterisk's rule": "The bot broke a rule of AudioSocket: 'audiosocket check' says which",
    "late reply": "See where the milliseconds of a reply go",
    "not placed": "All allowed calls were up: raise limits.calls_at_once, or find why calls take longer than planned",
}
_FINDINGS: Final = {
    "gap": "Callers hear a stutter. Send one media frame every 20 ms, from a clock and not from a sleep after the work",
    "burst": "A phone has room for 200 ms and loses the rest. Send frames at the pace at which they are spoken",
}


def issues(
    run: RunRead,
    numbers: Numbers,
    *,
    thresholds: Sequence[ThresholdRow],
    validity: ValidityResult,
    turns: Sequence[TurnRow],
    parts: Sequence[Breakdown],
    knee: Knee | None,
) -> list[Issue]:
    """All that was found, the gravest first."""
    found = [*_validity(validity), *_notes(run)]
    if validity.validity is Validity.INVALID:
        return found  # of the bot, nothing is said
    found += [
        *_broken(thresholds),
        *_failures(run),
        *_slow_turns(turns),
        *_silence(run),
        *_stages(parts),
        *_knee(knee),
        *_grown(run, numbers),
        *_findings(run),
        *_resources(run),
    ]
    if not thresholds:
        what = "No threshold was set, so nothing was judged"
        found.append(Issue("note", what, "Say what must hold, like 'p95 response time < 2 s'", anchor="thresholds"))
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda issue: rank[issue.severity])


def _validity(result: ValidityResult) -> Iterator[Issue]:
    if result.validity is Validity.VALID:
        return
    wrong = [check for check in result.checks if check.validity is result.validity]
    evidence = ", ".join(f"{check.name} {check.actual} ({check.limits})" for check in wrong)
    if result.validity is Validity.DEGRADED:
        yield Issue(
            "warning", "The figures are less exact than usual", "Run on a quieter machine", evidence, "validity"
        )
    elif result.lost_workers:
        advice = "Look at the worker's log (out of memory, killed?), and run again"
        yield Issue("error", "Rows are missing: nothing is said about the bot", advice, evidence, "validity")
    else:
        advice = (
            "Run again on a quieter machine, with fewer calls or on more cores; 'audiosocket doctor' says what it holds"
        )
        yield Issue(
            "error", "This machine could not keep time: nothing is said about the bot", advice, evidence, "validity"
        )


def _broken(thresholds: Sequence[ThresholdRow]) -> Iterator[Issue]:
    for row in thresholds:
        if row.ok is False:
            advice = "" if row.actual is not None else "Check that the scenario measures it, and that calls were made"
            yield Issue("error", f"Threshold broken: {row.threshold}", advice, row.sentence, "thresholds")
        elif row.weak:
            yield Issue(
                "note", f"Weak: {row.threshold} is met, but of too few values", "Run longer", row.note, "thresholds"
            )


def _notes(run: RunRead) -> Iterator[Issue]:
    for note in run.notes:
        if note not in run.info.notes:
            yield Issue("warning", note, "Figures are of what is left")
    dropped = run.facts.outcomes["dropped"]
    if dropped:
        what = f"{dropped:,} calls were dropped: this machine was too late to place them"
        yield Issue("warning", what, "Use a quieter machine or more workers", anchor="discards")


def _failures(run: RunRead) -> Iterator[Issue]:
    facts = run.facts
    examples = {str(row.get("failure") or ""): str(row.get("call", "")) for row in reversed(run.details.failed)}
    for kind, count in facts.failures.most_common(4):
        share = count / facts.due if facts.due else 0.0
        what = f"{count:,} call{'s' * (count != 1)} failed: {kind}"
        advice = _ADVICE.get(kind, "Listen to one of them, and look at the bot's log")
        yield Issue("warning", what, advice, f"{percent_text(share)} of {facts.due:,} calls", "failures",
                    examples.get(kind, ""))  # fmt: skip


def _slow_turns(turns: Sequence[TurnRow]) -> Iterator[Issue]:
    """A turn that is slower than all others together: as a rule one tool of the bot."""
    enough = [row for row in turns if row.stats.n >= _LEAST and row.stats.p95]
    for row in enough[:2]:
        others = [other for other in enough if other is not row]
        if not others or row.stats.p95 is None:
            return
        usual = float(np.median([other.stats.p95.value for other in others if other.stats.p95]))
        if row.stats.p95.value < usual * _SLOWER:
            return
        said = f" '{row.said}'" if row.said else ""
        what = f"Slow where: {row.scenario}, turn {row.turn}{said}, p95 {row.stats.text('p95')}"
        advice = "Look at what the bot does there and nowhere else: a tool, a longer prompt, a query"
        yield Issue("warning", what, advice, f"{row.stats.n:,} replies; the other turns: {time_text(usual)}", "turns")


def _stages(parts: Sequence[Breakdown]) -> Iterator[Issue]:
    if not parts:
        return
    slow = parts[-1]
    stage = max(slow.seconds, key=lambda name: slow.seconds[name])
    if stage not in ("silent frames", "no frames") and slow.response > 0:
        share = slow.seconds[stage] / slow.response
        if share >= 0.3:
            what = f"'{stage}' takes the largest part of a reply: {time_text(slow.seconds[stage])}"
            evidence = f"{share * 100:.0f} % of {time_text(slow.response)}, mean of {slow.n:,} replies ({slow.name})"
            yield Issue("note", what, "Begin there: it is where most can be won", evidence, "stages")


def _silence(run: RunRead) -> Iterator[Issue]:
    wire = wire_breakdowns(run)
    if wire and wire[0].seconds["silent frames"] >= _SILENCE:
        what = f"The bot sends {time_text(wire[0].seconds['silent frames'])} of silence before it speaks"
        evidence = f"mean of {wire[0].n:,} replies"
        yield Issue("warning", what, "Cut it: every reply is that much faster", evidence, "wire")


def _knee(knee: Knee | None) -> Iterator[Issue]:
    if knee is not None:
        what = f"The bot slows down from {knee.calls:,} calls at once on"
        evidence = f"p95 response time {time_text(knee.before)} before, {time_text(knee.after)} at the most calls"
        advice = "Plan for fewer, or scale what gives first"
        yield Issue("warning", what, advice, evidence, "concurrency-response")


def _grown(run: RunRead, numbers: Numbers) -> Iterator[Issue]:
    """Response times that grew while the load did not."""
    windows = [phase for phase in run.facts.phases if phase.measured]
    if len(windows) != 1 or not run.info.held:
        return
    start, end = windows[0].start, min(windows[0].end, run.facts.end)
    values, third = numbers.values("response time"), (end - start) / 3
    first, last = values.within(start, start + third), values.within(end - third, end)
    if min(len(first), len(last)) < 5 * _LEAST:
        return
    before, after = percentile(first, 95), percentile(last, 95)
    if before and after and after > before * _GREW:
        what = f"Response times grew while the load stayed: p95 {time_text(before)} to {time_text(after)}"
        advice = "Look for what piles up: a queue, a cache, memory. A longer run ('soak') shows whether it goes on"
        yield Issue("warning", what, advice, f"first third {len(first):,} replies, last {len(last):,}", "responses")


def _findings(run: RunRead) -> Iterator[Issue]:
    for kind, found in sorted(run.details.findings.items(), key=lambda item: -item[1].calls)[:4]:
        what = f"{kind} in {found.calls:,} call{'s' * (found.calls != 1)}"
        advice = _FINDINGS.get(kind, "Give an example to the bot's developers")
        yield Issue("note", what, advice, found.example, "findings", found.call)


def _resources(run: RunRead) -> Iterator[Issue]:
    facts = run.facts
    at, cpu = facts.resources("bot", "cpu")
    others = {what: dict(zip(*facts.resources("bot", what), strict=True)) for what in ("memory", "threads", "files")}
    samples = [
        Sample(
            time, "bot", value, *(None if (found := others[what].get(time)) is None else int(found) for what in others)
        )
        for time, value in zip(at, cpu, strict=True)
    ]
    for number, each in enumerate(bottlenecks(samples, cores=max(1, run.info.host.cores))):
        what = f"{'Gives first' if number == 0 else 'Then'}: the bot's {each.sentence}"
        yield Issue("warning", what, "This is what to scale", "sampled each second", f"resource-{_chart(each.what)}")


def _chart(what: str) -> str:
    return {"CPU": "cpu", "one core": "cpu", "open files": "files"}.get(what, what)
