"""The words of one part of a reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What was said from ``start`` to ``end``, on the one clock."""

    start: float
    end: float
    text: str
    """Empty where it was not understood."""
    perhaps: str = ""
    """The best guess, where the engine was not sure enough."""
