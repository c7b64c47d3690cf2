"""What recordings are called, and what is said in them: so that a dialogue shows words, and a prompt its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..media.phrases import plain

if TYPE_CHECKING:
    from ..media.phrases import PhraseBook


@dataclass(frozen=True, slots=True)
class Names:
    """The phrase book, as far as a dialogue needs it."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """What is said in the callers' recordings, by name."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The names of the bot's prompts, by their text as it is compared."""

    @classmethod
    def of(cls, book: PhraseBook) -> Names:
        """Those of a phrase book."""
        return cls(
            {phrase.name: phrase.text for phrase in book.phrases},
            {plain(prompt.text): prompt.name for prompt in book.prompts},
        )

    def of_prompts(self, words: str) -> str:
        """The names of the prompts that were said one after the other; empty where other words were said, too."""
        left, found = plain(words), []
        while left:
            text = max((text for text in self.prompts if f"{left} ".startswith(f"{text} ")), key=len, default="")
            if not text:
                return ""
            found.append(self.prompts[text])
            left = left[len(text) :].lstrip()
        return ", ".join(found)


NO_NAMES = Names()
