"""A histogram of frame-level delays: cheap enough for every media frame, merged without loss."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from typing import Any, Self

RESOLUTION = 0.0005
"""Width of a bucket in seconds."""
_SIZE = 400
BUCKETS = _SIZE + 1
"""The last one is for what is longer than all others."""
_SCALE = 1 / RESOLUTION


class Histogram:
    """Counts of delays in buckets of 0.5 ms, up to 200 ms; longer ones in the last bucket, their maximum exact.

    A percentile is the upper edge of its bucket: it errs by less than 0.5 ms, and never to our advantage.
    """

    __slots__ = ("counts", "most")

    def __init__(self) -> None:
        # 1.6 kB: a load keeps two of each call.
        self.counts: MutableSequence[int] = array("I", bytes(4 * BUCKETS))
        self.most = 0.0

    def add(self, delay: float, times: int = 1) -> None:
        """Count a delay, in seconds, so many times; a negative one counts as 0."""
        index = int(delay * _SCALE) if delay > 0 else 0
        try:
            self.counts[index if index < _SIZE else _SIZE] += times
        except OverflowError:
            self.counts = _wide(self.counts)
            self.counts[min(index, _SIZE)] += times
        if delay > self.most:  # noqa: PLR1730 - a third of the price of max(), twice for every media frame
            self.most = delay

    def __len__(self) -> int:
        return sum(self.counts)

    def since(self, earlier: Sequence[int]) -> Self:
        """What was added after ``earlier``, an older copy of ``counts``. Its maximum is a bucket's edge."""
        part = type(self)()
        part.counts = _wide(count - before for count, before in zip(self.counts, earlier, strict=True))
        used = [index for index, count in enumerate(part.counts) if count]
        if used:
            part.most = self.most if used[-1] == _SIZE else min(self.most, (used[-1] + 1) * RESOLUTION)
        return part

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` counted."""
        self.counts = _wide(count + more for count, more in zip(self.counts, other.counts, strict=True))
        self.most = max(self.most, other.most)

    def add_counts(self, counts: Mapping[int, int], most: float) -> None:
        """Add delays that were counted elsewhere, by bucket; ``most`` is the longest of them, in seconds."""
        for index, count in counts.items():
            self.counts[index] += count
        self.most = max(self.most, most)

    def to_json(self) -> dict[str, Any]:
        """As JSON-ready data: the buckets that hold anything, and the maximum in seconds."""
        return {
            "counts": {str(index): count for index, count in enumerate(self.counts) if count},
            "most": round(self.most, 6),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read it back."""
        found = cls()
        found.merge_json(data)
        return found

    def merge_json(self, data: Mapping[str, Any]) -> None:
        """Add all that another one counted, of its JSON."""
        self.counts = _wide(self.counts)
        for index, count in data.get("counts", {}).items():
            self.counts[int(index)] += count
        self.most = max(self.most, data.get("most", 0.0))

    def percentile(self, percent: float) -> float | None:
        """The percentile by nearest rank, in seconds; None if nothing was counted."""
        total = len(self)
        if not total:
            return None
        rank = max(1, -(-total * percent // 100))
        seen = 0
        for index, count in enumerate(self.counts):
            seen += count
            if seen >= rank:
                return self.most if index == _SIZE else min(self.most, (index + 1) * RESOLUTION)
        return self.most

    def share_over(self, limit: float) -> float:
        """The share of delays from ``limit`` seconds on, 0 to 1; a limit inside a bucket counts as its lower edge."""
        total = len(self)
        return sum(self.counts[min(int(limit * _SCALE + 1e-9), _SIZE) :]) / total if total else 0.0


def _wide(counts: Iterable[int]) -> array[int]:
    """Counts of many calls, for days."""
    return array("Q", counts)
