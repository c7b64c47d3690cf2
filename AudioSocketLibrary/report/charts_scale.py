"""Scales of charts: round ticks, and values as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final, Self

from ..records.load_figures import value_text
from .load_model import Axis

_CLOCK: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_TICKS: Final = 5
_NOTHING: Final = 1e-9
"""A smaller difference than this is none that anybody measured."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Places values between two edges of the paper; the ``low`` one at ``start``."""

    unit: str
    low: float
    most: float
    start: float
    end: float

    @classmethod
    def of(
        cls, axis: Axis, values: Sequence[float], start: float, end: float, *, from_zero: bool, tight: bool = False
    ) -> Self:
        """A scale that holds these values.

        Args:
            axis: what it is of.
            values: all of them.
            start: the place of the lowest.
            end: the place of the highest.
            from_zero: whether 0 is on it, as it must be for bars.
            tight: whether it ends at the highest value, not at a round one above.
        """
        low, most = min(values, default=0.0), max(values, default=1.0)
        if axis.unit == "clock" or (from_zero and low > 0):
            low = 0.0
        if most - low < _NOTHING:
            most = low + 1.0
        if axis.unit in ("clock", "text") or tight:
            return cls(axis.unit, low, most, start, end)
        step = _step(axis.unit, most - low)
        low = min(low, floor(low / step) * step)
        top = ceil(most / step - 1e-9) * step
        if axis.unit == "share" and most <= 1.0:
            top = min(top, 1.0)
        return cls(axis.unit, low, top, start, end)

    def __call__(self, value: float) -> float:
        """The place of a value."""
        return self.start + (value - self.low) / (self.most - self.low) * (self.end - self.start)

    def clamped(self, value: float) -> float:
        """Its place, or the edge."""
        return self(min(self.most, max(self.low, value)))

    def holds(self, value: float) -> bool:
        """Whether a value is on it."""
        return self.low <= value <= self.most

    def ticks(self) -> list[float]:
        """Round values on it."""
        step = _step(self.unit, self.most - self.low)
        first = ceil(self.low / step - 1e-9)
        return [index * step for index in range(first, floor(self.most / step + 1e-9) + 1)]


def tick_text(unit: str, value: float, most: float) -> str:
    """A tick for people; all of one axis in the same unit."""
    match unit:
        case "clock":
            return clock_text(value)
        case "millis":
            return f"{value:.4g} ms"
        case "time":
            return f"{value * 1000:.4g} ms" if most < 1 else f"{value:.4g} s"
        case "share":
            return f"{value * 100:.4g} %"
        case "size":
            return f"{value / 1e9:.4g} GB" if most >= 1e9 else f"{value / 1e6:.4g} MB"
    return f"{value:,.6g}"


def value_of(unit: str, value: float) -> str:
    """A value for tool tips and tables."""
    match unit:
        case "clock":
            return clock_text(value)
        case "millis":
            return f"{value:.3g} ms"
        case "time" | "share" | "size":
            return value_text(unit, value)
    return f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def clock_text(seconds: float) -> str:
    """Seconds of the run: ``2:05``, ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _step(unit: str, span: float) -> float:
    if unit == "clock":
        return float(next((step for step in _CLOCK if span / step <= _TICKS), ceil(span / _TICKS / 86400) * 86400))
    rough = span / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9)) * power
    # There is no half a call.
    return max(1.0, float(ceil(step))) if unit == "count" else step
