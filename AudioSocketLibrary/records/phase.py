"""A phase: a named part of a load."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Phase:
    """A named part of a load, in seconds from its beginning."""

    name: str
    start: float
    end: float
    measured: bool = True
    """Whether it counts in verdicts; warm-ups and ramps do not."""

    def to_json(self) -> dict[str, Any]:
        """As JSON-ready data; an end that nobody knows is null."""
        end = None if self.end == inf else self.end
        return {"name": self.name, "start": self.start, "end": end, "measured": self.measured}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read it back."""
        end = inf if data.get("end") is None else data["end"]
        return cls(data["name"], data["start"], end, data.get("measured", True))
