"""A recogniser of known recordings: the phrase whose recordings are most like the utterance, or none.

It compares cepstra by dynamic time warping, so it needs no model, no network and no more than numpy, and knows every
language of which it has recordings. It knows only phrases of its book, each as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from .features import RATE, cepstra
from .lru import Cache
from .phrases import plain
from .recogniser import UNDERSTOOD, RecogniserError, Recognition
from .sound import load_sound
from .warping import FAR, Templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .phrases import Phrase

DISTANCE: Final = 0.78
"""The rule, chosen on what `bench/recognition.py` calls dev: the best phrase is nearer than this, and"""
RATIO: Final = 1.18
"""the next phrase of another meaning is this much farther. Both together mean: understood."""


def confidence_of(distance: float, ratio: float) -> float:
    """Returns the confidence in a nearest phrase: falling with its distance, rising with the ratio of the next to it.

    It is the less of 1 / (1 + 2/3 (distance / DISTANCE)^4) and m / (m + 2/3), m = (ratio - 1) / (RATIO - 1); each is
    0.6 at its limit of the rule.
    """
    slope = (1 - UNDERSTOOD) / UNDERSTOOD
    near = 1 / (1 + slope * (distance / DISTANCE) ** 4)
    margin = max(ratio - 1, 0) / (RATIO - 1)
    return float(min(near, margin / (margin + slope)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase, and how far an utterance is from it."""

    phrase: Phrase
    distance: float


@dataclass(frozen=True, eq=False)
class _Set:
    """The templates of the phrases that are looked among."""

    phrases: tuple[Phrase, ...]
    owners: NDArray[np.intp]
    templates: Templates

    def nearest(self, utterance: NDArray[np.float32]) -> list[Candidate]:
        best = np.full(len(self.phrases), FAR, np.float32)
        np.minimum.at(best, self.owners, self.templates.distances(utterance))
        return [Candidate(self.phrases[index], float(best[index])) for index in np.argsort(best, kind="stable")]


class PhraseRecogniser:
    """Knows the recordings of phrases. They are read and turned into templates when a language is first heard."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrase for phrase in phrases if phrase.recordings)
        """All that it knows, those with a recording."""
        if not self.phrases:
            raise RecogniserError("No phrase has a recording to know it by: record some, or use another engine")
        self._sets: Cache[tuple[str, tuple[str, ...]], _Set] = Cache(limit=64)

    def prepare(self) -> None:
        """Makes the templates of all languages now, so that the first utterance does not wait for them."""
        for language in dict.fromkeys(phrase.language for phrase in self.phrases):
            self._among(language, ())

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns the nearest phrase; no text where nothing is spoken or nothing is anywhere near."""
        ranked = self.candidates(samples, rate, language, expected)
        if not ranked or ranked[0].distance >= FAR:
            return Recognition("", 0.0)
        best = ranked[0]
        other = next((one.distance for one in ranked if one.phrase.meaning != best.phrase.meaning), float(FAR))
        confidence = confidence_of(best.distance, other / max(best.distance, 1e-6))
        return Recognition(best.phrase.text, round(confidence, 4), best.phrase.name)

    def candidates(
        self, samples: NDArray[np.int16], rate: int, language: str, expected: Sequence[str] = ()
    ) -> list[Candidate]:
        """Returns all phrases that are looked among, the nearest first; none where nothing is spoken."""
        utterance = cepstra(samples, rate)
        return self._among(language, expected).nearest(utterance) if len(utterance) else []

    def _among(self, language: str, expected: Sequence[str]) -> _Set:
        asked = (language, tuple(expected))
        return self._sets.get(asked) or self._sets.keep(asked, self._make(language, set(expected)))

    def _make(self, language: str, expected: set[str]) -> _Set:
        spoken = [phrase for phrase in self.phrases if phrase.language == language]
        if not spoken:
            languages = ", ".join(sorted({phrase.language for phrase in self.phrases}))
            raise RecogniserError(f"No phrase is recorded in '{language}': there are phrases in {languages}")
        texts = {plain(text) for text in expected}
        wanted = [
            phrase
            for phrase in spoken
            if not expected or {phrase.name, phrase.intent} & expected or plain(phrase.text) in texts
        ]
        if not wanted:
            raise RecogniserError(f"None of the expected phrases is recorded in '{language}': {', '.join(expected)}")
        owners, utterances = [], []
        for owner, phrase in enumerate(wanted):
            for path in phrase.recordings:
                owners.append(owner)
                utterances.append(_template(path))
        return _Set(tuple(wanted), np.array(owners, np.intp), Templates.of(utterances))


@lru_cache(maxsize=4096)
def _template(path: Path) -> NDArray[np.float32]:
    sound = load_sound(path, RATE)
    features = cepstra(sound.samples, sound.rate)
    if not len(features):
        raise RecogniserError(f"{path.name} has no speech in it to know the phrase by: record it again")
    return features
