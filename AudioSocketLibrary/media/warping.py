"""Dynamic time warping of one utterance against many at once.

Steps are (1, 1), (1, 2) and (2, 1) frames, so one may be spoken at half to double the pace of the other. No step stays
within a frame: a whole column of all comparisons is then one operation of numpy, and 90 comparisons take a few ms.
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
    """Of shape (templates * width, dimensions)."""
    squares: NDArray[np.float32]
    lengths: NDArray[np.intp]

    @classmethod
    def of(cls, utterances: Sequence[NDArray[np.float32]]) -> Templates:
        """Lays out features, each of shape (frames, dimensions)."""
        lengths = np.array([len(utterance) for utterance in utterances], np.intp)
        table = np.zeros((len(utterances), int(lengths.max()), utterances[0].shape[1]), np.float32)
        for row, utterance in zip(table, utterances, strict=True):
            row[: len(utterance)] = utterance
        frames = table.reshape(-1, table.shape[2])
        return cls(frames, np.einsum("ij,ij->i", frames, frames), lengths)

    def distances(self, utterance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the mean distance along the best path to every template; `FAR` where no path fits."""
        count, width = len(self.lengths), len(self.frames) // len(self.lengths)
        squares = np.einsum("ij,ij->i", utterance, utterance)
        costs = self.frames @ utterance.T
        costs *= -2
        costs += self.squares[:, None]
        costs += squares
        np.sqrt(np.maximum(costs, 0, out=costs), out=costs)
        # A step of (1, 2) or (2, 1) is worth three frames, one of (1, 1) two: then the length of every path between
        # two corners is the sum of both lengths, and the mean is the total over it.
        columns = np.ascontiguousarray(costs.T).reshape(len(utterance), count, width)
        return self._walk(columns)

    def _walk(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        steps, count, width = columns.shape
        start = np.full((count, width + 2), FAR, np.float32)
        start[:, 2 : 2 + SLACK + 1] = 2 * columns[0, :, : SLACK + 1]
        before, last = np.full_like(start, FAR), start
        for step in range(1, steps):
            now = np.full_like(start, FAR)
            cost = columns[step]
            best = np.minimum(last[:, :-2] + cost, before[:, 1:-1] + columns[step - 1])
            now[:, 2:] = np.minimum(best + 2 * cost, last[:, 1:-1] + 2 * cost)
            before, last = last, now
        ends = self.lengths[:, None] - 1 - np.arange(SLACK + 1)
        reached = np.take_along_axis(last, np.maximum(ends, 0) + 2, axis=1)
        means = np.where((reached < FAR) & (ends >= 0), reached / (steps + ends + 1), FAR)
        return np.asarray(means.min(axis=1), np.float32)
