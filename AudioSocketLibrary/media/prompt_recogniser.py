"""A recogniser of what the bot plays: known recordings by their waveform, several in one reply, in their order.

Where nothing of it is a known recording, the prompt that sounds most alike is the guess (by `PhraseRecogniser`), but it
never counts as understood: it would take "two years" for "three years".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .lru import Cache
from .phrase_recogniser import PhraseRecogniser
from .phrases import plain
from .prompt_match import RATE, PromptMatcher
from .recogniser import UNDERSTOOD, Part, RecogniserError, Recognition
from .sound import load_sound
from .voice import find_speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from .phrases import Phrase
    from .prompt_match import PromptMatch

GUESS: Final = UNDERSTOOD - 0.01
"""The confidence that a guess has at most."""
OVERLAP: Final = 0.3
"""Two recordings that share more of the shorter one's time were not both played."""
REST: Final = 0.4
"""Seconds of speech that no recording explains: they are looked into once more, for a recording played twice."""
ROUNDS: Final = 4


class PromptRecogniser:
    """Knows the recordings of prompts. Those of a language are read and prepared when it is first heard."""

    def __init__(self, prompts: Iterable[Phrase]) -> None:
        self.phrases = tuple(prompt for prompt in prompts if prompt.recordings)
        """All that it knows, those with a recording."""
        self._guess = PhraseRecogniser(self.phrases)
        self._matchers: Cache[str, PromptMatcher] = Cache(limit=16)

    def prepare(self) -> None:
        """Prepares all languages now, so that the first reply does not wait for it."""
        for language in dict.fromkeys(prompt.language for prompt in self.phrases):
            self._matcher(language).prepare()
        self._guess.prepare()

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns the prompts that were played, their texts joined; the confidence is the least similarity of them."""
        prompts = self._among(language, expected)
        found = self._played(samples, rate, self._matcher(language), prompts) if prompts else []
        if not found:
            # Where the language or what is expected has no recording, it says so.
            guess = self._guess.recognise(samples, rate, language, expected)
            return replace(guess, confidence=min(guess.confidence, GUESS))
        parts = tuple(
            Part(prompts[one.name].text, prompts[one.name].name, min(one.similarity, 1.0), one.start, one.end)
            for one in found
        )
        return Recognition(
            text=" ".join(part.text for part in parts),
            confidence=round(min(part.confidence for part in parts), 4),
            phrase=", ".join(part.phrase for part in parts),
            parts=parts,
        )

    def _played(
        self, samples: NDArray[np.int16], rate: int, matcher: PromptMatcher, names: Iterable[str]
    ) -> list[PromptMatch]:
        found: list[PromptMatch] = []
        rest = samples.copy()
        for _ in range(ROUNDS):
            known = in_order(matcher.rank(rest, rate, names))
            found += known
            for one in known:
                rest[max(0, round(one.start * rate)) : max(0, round(one.end * rate))] = 0
            if not known or sum(last - first for first, last in find_speech(rest, rate)) < REST * rate:
                break
        return in_order(found)

    def _among(self, language: str, expected: Sequence[str]) -> dict[str, Phrase]:
        """The prompts that are looked among, by the name of each of their recordings."""
        wanted, texts = set(expected), {plain(text) for text in expected}
        return {
            name: prompt
            for prompt in self.phrases
            if prompt.language == language
            and (not expected or {prompt.name, prompt.intent} & wanted or plain(prompt.text) in texts)
            for name in _recordings(prompt)
        }

    def _matcher(self, language: str) -> PromptMatcher:
        return self._matchers.get(language) or self._matchers.keep(language, self._read(language))

    def _read(self, language: str) -> PromptMatcher:
        sounds = {
            name: load_sound(path, RATE).samples
            for prompt in self.phrases
            if prompt.language == language
            for name, path in _recordings(prompt).items()
        }
        matcher = PromptMatcher(sounds, RATE)
        try:
            matcher.prepare()
        except ValueError as error:
            raise RecogniserError(str(error)) from None
        return matcher


def in_order(matches: Iterable[PromptMatch]) -> list[PromptMatch]:
    """Returns the recordings that were played, by time: of those that claim the same sound, the one that explains most.

    That is the longest where one is contained in the other, and of near twins the more alike.
    """
    played: list[PromptMatch] = []
    for match in sorted(matches, key=_explained, reverse=True):
        if match.same and not any(_at_once(match, other) for other in played):
            played.append(match)
    return sorted(played, key=lambda match: match.start)


def _explained(match: PromptMatch) -> float:
    return match.similarity**2 * match.coverage * (match.end - match.start)


def _at_once(one: PromptMatch, other: PromptMatch) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > OVERLAP * min(one.end - one.start, other.end - other.start)


def _recordings(prompt: Phrase) -> dict[str, Path]:
    return {f"{prompt.name} ({number})": path for number, path in enumerate(prompt.recordings)}
