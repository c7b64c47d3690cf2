"""Validity: may the figures of a run be believed? Its own errors decide: how late we were, and what we left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .units import percent_text


class Validity(StrEnum):
    """Whether figures may be believed. Invalid outranks passed and failed; degraded may pass, and is told."""

    VALID = "valid"
    DEGRADED = "degraded"
    INVALID = "invalid"


_RANK: Final = (Validity.VALID, Validity.DEGRADED, Validity.INVALID)


@dataclass(frozen=True, slots=True)
class OwnErrors:
    """What we did to the figures ourselves. None: not measured, for there was nothing to measure it on."""

    lateness_p99: float | None = None
    """Seconds that we were late with a media frame."""
    loop_lag_p99: float | None = None
    """Seconds that our loop woke too late."""
    skipped_share: float | None = None
    """Media frames that we did not send to avoid a burst, of all that were due; 0 to 1."""
    dropped: int = 0
    """Calls that we were too late to place."""
    due: int = 0
    """Calls that were due."""
    cpu_share: float | None = None
    """Of one core, of our busiest process."""
    understanding_p99: float | None = None
    """Seconds that callers waited for us to understand the bot, where words were expected."""
    lost_workers: Sequence[str] = ()
    """Workers that did not finish their rows."""


@dataclass(frozen=True, slots=True)
class ValidityLimits:
    """Up to which of our errors a run is valid, and beyond that degraded. Beyond that, it is invalid."""

    lateness: tuple[float, float] = (0.010, 0.020)
    loop_lag: tuple[float, float] = (0.010, 0.020)
    skipped: tuple[float, float] = (0.001, 0.01)
    dropped: tuple[float, float] = (0.0, 0.01)
    """Of the calls that were due."""
    understanding: tuple[float, float] = (0.5, 2.0)
    """A caller who is so long about an answer is still one; a later one lets the bot ask whether anybody is there."""
    cpu: tuple[float, float] = (0.85, float("inf"))
    """A busy core alone does not make figures wrong: it is late frames that would."""


@dataclass(frozen=True, slots=True)
class Check:
    """One of our errors beside its limits, in words."""

    name: str
    actual: str
    limits: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class ValidityResult:
    """The validity of a run and why."""

    validity: Validity
    checks: tuple[Check, ...]
    lost_workers: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """For people; it begins with the word in capitals where figures are not to be believed."""
        figures = ", ".join(f"{check.name} {check.actual}" for check in self.checks)
        if self.validity is Validity.VALID:
            return f"valid: {figures}"
        wrong = [check for check in self.checks if check.validity is self.validity]
        why = ", ".join(f"{check.name} {check.actual} ({check.limits})" for check in wrong)
        if self.validity is Validity.DEGRADED:
            return f"degraded: {why}. The figures are about the bot, but less exact than usual"
        return (
            f"INVALID: {why}: this machine could not keep time, and nothing is said about the bot. Run again on a "
            "quieter machine, with fewer calls or on more cores; 'audiosocket doctor' says what it can hold"
            if not self.lost_workers
            else f"INVALID: {why}: the figures of the lost calls are missing, and nothing is said about the bot. "
            "Look at the worker's log, and run again"
        )


def validity_of(errors: OwnErrors, limits: ValidityLimits | None = None) -> ValidityResult:
    """The validity of a run.

    Args:
        errors: what we did to the figures.
        limits: up to which each is tolerated; as a rule the defaults.
    """
    limits = limits or ValidityLimits()
    dropped = errors.dropped / errors.due if errors.due else float(errors.dropped > 0)
    checks = [
        _check("our lateness p99", errors.lateness_p99, limits.lateness, _milliseconds),
        _check("loop lag p99", errors.loop_lag_p99, limits.loop_lag, _milliseconds),
        _check("skipped media frames", errors.skipped_share, limits.skipped, percent_text),
        _check("dropped calls", dropped, limits.dropped, percent_text, told=f"{errors.dropped} of {errors.due}"),
        _check("CPU of our busiest process", errors.cpu_share, limits.cpu, percent_text),
    ]
    if errors.understanding_p99 is not None:
        checks.append(_check("our understanding p99", errors.understanding_p99, limits.understanding, _milliseconds))
    if errors.lost_workers:
        names = ", ".join(errors.lost_workers)
        checks.append(Check("lost workers", names, "limit none", Validity.INVALID))
    elif errors.lateness_p99 is None and errors.loop_lag_p99 is None:
        checks.append(Check("our own clock", "not measured", "it must be", Validity.INVALID))
    worst = max((check.validity for check in checks), key=_RANK.index)
    return ValidityResult(worst, tuple(checks), tuple(errors.lost_workers))


def _check(
    name: str, actual: float | None, limits: tuple[float, float], words: Callable[[float], str], told: str = ""
) -> Check:
    valid, degraded = limits
    limit = f"limit {words(valid) if valid else 'none'}"
    if degraded != float("inf"):
        limit += f", degraded up to {words(degraded)}"
    if actual is None:
        return Check(name, "not measured", limit, Validity.VALID)
    validity = Validity.VALID if actual <= valid else Validity.DEGRADED if actual <= degraded else Validity.INVALID
    return Check(name, told or words(actual), limit, validity)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms"
