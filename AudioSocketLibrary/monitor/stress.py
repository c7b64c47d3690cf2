"""Limits of stress tests of a store, a bus or a codec, and whether a machine can meet them at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..records import time_text
from ..records.load_figures import value_text
from ..records.units import percent_text

_LEAST = ("writes_per_second", "reads_per_second")
_MOST = ("duration", "mean_write", "mean_read", "p95", "memory_growth")


@dataclass(frozen=True, slots=True)
class StressFigures:
    """What a stress test measured. None: not measured, and not judged."""

    duration: float | None = None
    writes_per_second: float | None = None
    reads_per_second: float | None = None
    mean_write: float | None = None
    """Seconds of one."""
    mean_read: float | None = None
    p95: float | None = None
    """Seconds of one operation."""
    memory_growth: float | None = None
    error_rate: float | None = None
    success_rate: float | None = None


@dataclass(frozen=True, slots=True)
class StressThresholds:
    """How much a stress test of a store, a bus or a codec does, and what it must reach. Set what is not yours.

    Of calls there are other limits: docs/thresholds.md.
    """

    operations: int = 1000
    """How many it makes at least."""
    memory_size: int = 10_000
    """How many things it keeps, where memory is asked about."""
    workers: int = 50
    """How many work at the same time."""
    duration: float = 2.0
    """Seconds, at most."""
    writes_per_second: float = 1000.0
    """At least."""
    reads_per_second: float = 5000.0
    """At least."""
    mean_write: float = 0.005
    mean_read: float = 0.001
    p95: float = 0.010
    memory_growth: float = 50e6
    """Bytes, at most."""
    error_rate: float = 0.05
    success_rate: float = 0.80
    """At least."""

    def broken(self, figures: StressFigures) -> list[str]:
        """The limits that were broken, each a sentence; empty: all that was measured passed."""
        return [sentence for _, sentence in _judged(self, figures)]

    def false_alarms(self, host: StressFigures, headroom: float = 2.0) -> dict[str, str]:
        """The limits that say nothing about a system under test here: this machine is too slow for them itself.

        Args:
            host: what the plainest work reaches on this machine (``audiosocket doctor``).
            headroom: how many times better than a limit the machine must be, for the limit to be about the system.

        Returns:
            By the name of the limit, a sentence with the figures.
        """
        tightened = replace(
            self,
            **{name: getattr(self, name) * headroom for name in _LEAST},
            **{name: getattr(self, name) / headroom for name in _MOST},
        )
        found = {}
        for name, _ in _judged(tightened, host):
            value, limit = getattr(host, name), getattr(self, name)
            least = "at least" if name in _LEAST else "at most"
            found[name] = (
                f"{name.replace('_', ' ')}: the default is {least} {_words(name, limit)}, this machine alone has "
                f"{_words(name, value)}"
            )
        return found

    def relative_to(self, host: StressFigures, headroom: float = 2.0) -> StressThresholds:
        """The same, where this machine can meet them; else as strict as it allows: a half of what it reaches itself."""
        loosened = {
            name: getattr(host, name) / headroom if name in _LEAST else getattr(host, name) * headroom
            for name in self.false_alarms(host, headroom)
        }
        return replace(self, **loosened)


def _judged(thresholds: StressThresholds, figures: StressFigures) -> list[tuple[str, str]]:
    found = []
    for name in (*_LEAST, *_MOST, "error_rate", "success_rate"):
        value, limit = getattr(figures, name), getattr(thresholds, name)
        least = name in _LEAST or name == "success_rate"
        if value is None or (value >= limit if least else value <= limit):
            continue
        way = "at least" if least else "at most"
        found.append(
            (name, f"{name.replace('_', ' ')} was {_words(name, value)}, {way} {_words(name, limit)} is asked for")
        )
    return found


def _words(name: str, value: float) -> str:
    if name in _LEAST:
        return f"{value:,.0f}"
    if name == "memory_growth":
        return value_text("size", value)
    return percent_text(value) if name.endswith("rate") else _short_time(value)


def _short_time(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else time_text(seconds)
