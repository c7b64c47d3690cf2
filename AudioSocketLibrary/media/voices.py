"""Text to speech: the one interface of all voices. They are opened in `engines.speaking`, and kept by `studio`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VoiceError(ValueError):
    """A voice that cannot be had, or that failed. Its text is one sentence for people."""

    ROBOT_SUPPRESS_NAME = True


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What a voice said."""

    samples: NDArray[np.int16]
    """Of shape (n,)."""
    rate: int
    """In Hz; any."""


class Voice(Protocol):
    """An engine that speaks. It may block for long, so it is never called on a media loop's thread."""

    def speak(self, text: str, language: str, voice: str) -> Spoken:
        """Returns a text as speech.

        Args:
            text: One phrase.
            language: Such as "uk".
            voice: One of the engine's; empty: its usual one.

        Raises:
            VoiceError: the engine failed.
        """
        ...
