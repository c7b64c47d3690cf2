"""How alike two sentences are: cosine of their character n-grams. Offline, the same on every machine."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Final

import numpy as np

_WORD: Final = re.compile(r"\w+")
_APOSTROPHES: Final = str.maketrans({"’": "", "'": "", "ʼ": "", "`": ""})
_LENGTHS: Final = (3, 4)
_LITTLE: Final = frozenset(
    """
    a an the is are am do does did i me my you your we us our it to of for on in at and or can could would will please
    tell what hello hi good day thanks thank have has be with about there this that
    а але б би в ви вам вас ваш ваша ваше ваші він вона воно вони до є же за з зі й і із їх її його ласка ласкаво мене
    мені ми на нам нас наш не ні о по про та так те ти то тут у це чи що щоб як яка яке який які я добрий день дякую
    скажіть підкажіть розкажіть прошу будь можна мій моя моє мої хочу
    """.split()  # noqa: SIM905 - a page of words
)
"""Words that say nothing of the subject."""


def grams_of(text: str) -> Counter[str]:
    """The character n-grams of the words that matter; of all words, if none does."""
    words = _WORD.findall(html.unescape(text).lower().translate(_APOSTROPHES))
    telling = [word for word in words if word not in _LITTLE] or words
    return Counter(
        padded[at : at + length]
        for padded in (f" {word} " for word in telling)
        for length in _LENGTHS
        for at in range(max(1, len(padded) - length + 1))
    )


class PhraseIndex:
    """Phrases with a key each; finds those most like a sentence. Not for several threads at once.

    A phrase's likeness does not depend on what else is in the index, so that adding one changes no other's.
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._phrases: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._flat: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._phrases)

    def add(self, key: int, phrase: str) -> None:
        """Add a phrase; a key may have several."""
        counts = grams_of(phrase)
        if counts:
            ids = np.array([self._ids.setdefault(gram, len(self._ids)) for gram in counts], np.intp)
            weights = np.sqrt(np.array(list(counts.values()), float))
            self._phrases.append((key, ids, weights / np.linalg.norm(weights)))
            self._flat = None

    def remove(self, key: int) -> None:
        """Remove all phrases of a key."""
        self._phrases = [phrase for phrase in self._phrases if phrase[0] != key]
        self._flat = None

    def nearest(self, text: str, most: int, at_least: float = 0.0) -> list[tuple[int, float]]:
        """Keys and their likeness, 0 to 1, the likest first; of equal ones the lower key first."""
        counts = grams_of(text)
        if not counts or not self._phrases:
            return []
        ids, weights, phrases = self._flattened()
        asked = np.zeros(len(self._ids))
        for gram, count in counts.items():
            if gram in self._ids:
                asked[self._ids[gram]] = count**0.5
        # Letters that no phrase has count too: a sentence of unknown words is like nothing.
        length = sum(counts.values()) ** 0.5
        likeness = np.bincount(phrases, asked[ids] * weights, len(self._phrases)) / length
        best: dict[int, float] = {}
        for (key, _, _), alike in zip(self._phrases, likeness.tolist(), strict=True):
            best[key] = max(best.get(key, 0.0), min(1.0, round(alike, 6)))
        found = sorted(((key, alike) for key, alike in best.items() if alike >= at_least), key=lambda each: -each[1])
        return sorted(found, key=lambda each: (-each[1], each[0]))[:most]

    def _flattened(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._flat is None:
            lengths = [len(ids) for _, ids, _ in self._phrases]
            self._flat = (
                np.concatenate([ids for _, ids, _ in self._phrases]),
                np.concatenate([weights for _, _, weights in self._phrases]),
                np.repeat(np.arange(len(self._phrases)), lengths),
            )
        return self._flat
