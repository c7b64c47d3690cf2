"""Dynamic time warping of one utterance against many at once.

Steps are (1, 1), (1, 2) and (2, 1) frames, so one may be spoken at half to double the pace of the other. No step stays
within a frame: a whole column of all comparisons is then one operation of numpy. What no path can pass, or come from
to an end, is not computed: a third of it all is left, and 90 comparisons take a few ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SLACK: Final = 2
"""So many frames (30 ms) at either end of a template may go unheard, as where noise hides a weak consonant."""
FAR: Final = np.float32(1e9)


@dataclass(frozen=True, eq=False)
class Templates:
    """Utterances to compare with, laid out for it."""

    frames: NDArray[np.float32]
    """Of shape (width, templates, dimensions + 2): the shortest template first; then each frame's square, and 1."""
    lengths: NDArray[np.intp]
    order: NDArray[np.intp]
    """Of each, its place among the utterances that it was made of."""

    @classmethod
    def of(cls, utterances: Sequence[NDArray[np.float32]]) -> Templates:
        """Lays out features, each of shape (frames, dimensions)."""
        lengths = np.array([len(utterance) for utterance in utterances], np.intp)
        order = np.argsort(lengths, kind="stable")
        dimensions = utterances[0].shape[1]
        table = np.zeros((int(lengths.max()), len(utterances), dimensions + 2), np.float32)
        for place, index in enumerate(order):
            table[: lengths[index], place, :dimensions] = utterances[index]
        features = table[:, :, :dimensions]
        table[:, :, dimensions] = np.einsum("ijk,ijk->ij", features, features)
        table[:, :, dimensions + 1] = 1
        return cls(table, lengths[order], order)

    def distances(self, utterance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the mean distance along the best path to every template; `FAR` where no path fits."""
        found = np.full(len(self.lengths), FAR, np.float32)
        steps = len(utterance)
        # Only templates from half to double the length have a path.
        first, last = np.searchsorted(self.lengths, ((steps + 1) // 2, 2 * (steps + SLACK)), "left")
        if first < last:
            lengths = self.lengths[first:last]
            frames = np.ascontiguousarray(self.frames[: lengths[-1], first:last])
            ones = np.ones(steps, np.float32)
            squares = np.einsum("ij,ij->i", utterance, utterance)
            # |a - b|^2 of all frames in one product: (b, |b|^2, 1) with (-2 a, 1, |a|^2).
            factors = np.column_stack((-2 * utterance, ones, squares)).astype(np.float32)
            costs = (factors @ frames.reshape(-1, frames.shape[2]).T).reshape(steps, *frames.shape[:2])
            found[self.order[first:last]] = _walk(costs, lengths)
        return found


def _walk(costs: NDArray[np.float32], lengths: NDArray[np.intp]) -> NDArray[np.float32]:
    """Returns the mean along the best path to the end of each template; `costs` are squares, and are used up."""
    # A step of (1, 2) or (2, 1) is worth three frames, one of (1, 1) two: then the length of every path between two
    # corners is the sum of both lengths, and the mean is the total over it.
    steps, width, count = costs.shape
    # Rows are the frames of a template, two more before the first. A row is computed from two before it and one.
    start = np.full((width + 2, count), FAR, np.float32)
    before, last, now = start.copy(), start, start.copy()
    lows, highs = _bounds(steps, int(lengths[0]), int(lengths[-1]))
    _root(costs[0, : highs[1]])
    last[2 : 2 + SLACK + 1] = 2 * costs[0, : SLACK + 1]
    best, other = np.empty_like(start), np.empty_like(start)
    for step in range(1, steps):
        low, high = lows[step], highs[step]
        cost, size = costs[step, low:high], high - low
        _root(costs[step, low : highs[step + 1]])
        reached, way = best[:size], other[:size]
        np.add(last[low:high], cost, out=reached)
        np.add(before[low + 1 : high + 1], costs[step - 1, low:high], out=way)
        np.minimum(reached, way, out=reached)
        np.minimum(reached, last[low + 1 : high + 1], out=reached)
        np.multiply(cost, 2, out=way)
        now[: low + 2] = FAR
        np.add(reached, way, out=now[low + 2 : high + 2])
        before, last, now = last, now, before
    ends = lengths[None, :] - 1 - np.arange(SLACK + 1)[:, None]
    reached = np.take_along_axis(last, np.maximum(ends, 0) + 2, axis=0)
    means = np.where((reached < FAR) & (ends >= 0), reached / (steps + ends + 1), FAR)
    return np.asarray(means.min(axis=0), np.float32)


def _bounds(steps: int, shortest: int, longest: int) -> tuple[list[int], list[int]]:
    """Returns, for each step and one more, the first row that a path may pass, and one past the last."""
    lows, highs = [], []
    for step in range(steps + 1):
        left = max(steps - 1 - step, 0)
        lows.append(max(0, (step + 1) // 2, shortest - 1 - SLACK - 2 * left))
        highs.append(max(lows[-1], min(longest, 2 * step + SLACK + 1, longest - left // 2)))
    return lows, highs


def _root(squares: NDArray[np.float32]) -> None:
    np.maximum(squares, 0, out=squares)
    np.sqrt(squares, out=squares)
