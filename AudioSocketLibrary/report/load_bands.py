"""Notes of capacity and stress reports: the success band, and the check-list of a stress test.

They are notes, not verdicts: a band beside a failed threshold would be a second verdict.
"""

from __future__ import annotations

from typing import Final

from ..records.units import percent_text
from .load_model import Note
from .load_numbers import Numbers
from .run_reading import RunRead

BANDS: Final = (
    (0.70, "overloaded: fewer than 70 % of calls ended well"),
    (0.80, "near its capacity: 70 to 80 % of calls ended well; scale before the load grows"),
    (1.00, "adequate: over 80 % of calls ended well"),
)
EXCESS: Final = "with room to spare: every call ended well"
_SHAPES: Final = ("capacity", "steps", "spike", "burst", "stability", "stages")


def is_stress(run: RunRead) -> bool:
    """Whether the run looked for limits, so that bands and the check-list say something."""
    load = run.info.profile.get("load") if isinstance(run.info.profile, dict) else None
    names = [run.info.name.casefold(), *(load if isinstance(load, dict) else ())]
    return bool(run.info.plateaus) or any(shape in name for shape in (*_SHAPES, "stress") for name in names)


def bands(run: RunRead, numbers: Numbers) -> tuple[Note, ...]:
    """The notes; none of an ordinary run."""
    if not is_stress(run):
        return ()
    notes = []
    success = _success(numbers)
    if success is not None:
        notes.append(Note("Success band (a note, not a verdict)", (f"{percent_text(success)}: {band_of(success)}",)))
    notes.append(Note("Check-list of a stress test", tuple(_checks(run, numbers))))
    return tuple(notes)


def band_of(success: float) -> str:
    """The band of a share of calls that ended well, 0 to 1."""
    if success >= 1:
        return EXCESS
    return next(text for limit, text in BANDS if success < limit or limit == 1.0)


def _success(numbers: Numbers) -> float | None:
    samples = numbers.facts.samples("success rate")
    values = samples.values if len(samples) else ()  # type: ignore[union-attr]
    return sum(values) / len(values) if values else None


def _checks(run: RunRead, numbers: Numbers) -> list[str]:
    facts = run.facts
    timed_out = sum(facts.failures[kind] for kind in ("no reply", "no greeting", "connect time-out", "no hangup"))
    at, memory = facts.resources("bot", "memory")
    growth = list(facts.samples("bot memory growth").values)  # type: ignore[union-attr]
    cut = sum(facts.failures[kind] for kind in ("cut by the bot", "cut by the network", "refused"))
    told = [
        f"No time-outs: {_yes(not timed_out)}{f' ({timed_out:,} calls)' if timed_out else ''}",
        f"No leaks: {_growth(growth) if at and memory else 'not measured: the bot was not watched'}",
        f"Errors handled: {_yes(not cut)}{f' ({cut:,} calls were refused or cut)' if cut else ''}",
        f"Stable at the most calls at once: {_stable(numbers)}",
        "Throughput and latency: see the thresholds above",
    ]
    recovered = _recovered(run, numbers)
    if recovered:
        told.append(f"Recovered after the extremes: {recovered}")
    told.append("Behaviour with less CPU or memory, and subscribers under load: not part of this run")
    return told


def _yes(held: bool) -> str:
    return "yes" if held else "no"


def _growth(values: list[float]) -> str:
    grown = next(iter(values), 0.0)
    return f"memory grew by {grown / 1e6:.3g} MB over the measured time" if grown > 0 else "memory did not grow"


def _stable(numbers: Numbers) -> str:
    up = numbers.up_at(numbers.begun)
    if not len(up) or not up.max():
        return "no call was up"
    high = (up >= 0.9 * up.max()) & (numbers.begun < float("inf"))
    share = float(numbers.failed[high].mean())
    return f"{percent_text(share)} of calls failed while at least {0.9 * up.max():.0f} were up"


def _recovered(run: RunRead, numbers: Numbers) -> str:
    """Whether the last phase did as well as the first one that counts."""
    phases = [phase.name for phase in run.facts.phases if phase.measured]
    if len(phases) < 3:
        return ""
    first, last = (numbers.stats("response time", phase=name).p95 for name in (phases[0], phases[-1]))
    if first is None or last is None:
        return ""
    return _yes(last.value <= first.value * 1.2) + f" (p95 {first.value:.2f} s before, {last.value:.2f} s after)"
