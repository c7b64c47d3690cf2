"""How much load: calls at once, or calls a second."""

from __future__ import annotations

from ..records.units import rate_text, read_count, read_rate


class Rate(float):
    """Calls a second, written with a unit: ``20/min``."""

    def __str__(self) -> str:
        return rate_text(self)


Level = int | Rate


def read_level(text: str) -> Level:
    """Calls at once (``50``), or a rate (``20/min``).

    Raises:
        ValueError: it is neither.
    """
    return Rate(read_rate(text)) if "/" in text else read_calls(text)


def read_calls(text: str) -> int:
    """A number of calls.

    Raises:
        ValueError: it is none, or beyond all sense.
    """
    calls = read_count(text)
    if calls > 1_000_000:
        raise ValueError(f"{calls:,} calls are more than can be meant: the limit is 1,000,000")
    return calls


def read_calls_rate(text: str) -> Rate:
    """A rate of calls.

    Raises:
        ValueError: it is none.
    """
    rate = Rate(read_rate(text))
    if not 0 < rate <= 10_000:
        raise ValueError(f"'{text}' is no rate of calls: write one above 0 and up to 10000/s")
    return rate
