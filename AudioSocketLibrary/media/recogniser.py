"""Speech to text: the one interface of all engines. They are opened in `engines`; bot and judging share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

UNDERSTOOD: Final = 0.6
"""Below this confidence an utterance counts as not understood, whatever the engine."""


class RecogniserError(ValueError):
    """An engine that cannot be had, or that failed. Its text is one sentence for people."""

    ROBOT_SUPPRESS_NAME = True


@dataclass(frozen=True, slots=True)
class Part:
    """One phrase of several in an utterance."""

    text: str
    phrase: str
    """Its name in the phrase book."""
    confidence: float
    start: float
    """Seconds since the first sample of the utterance."""
    end: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What an engine made of an utterance."""

    text: str
    """The best guess, also where the confidence is low; empty where there is none."""
    confidence: float
    """From 0 to 1. An engine that tells none has 1 where it heard words, and 0 where it heard none."""
    phrase: str = ""
    """Its name in the phrase book, or their names with commas between; only from engines that know recordings."""
    parts: tuple[Part, ...] = ()
    """The phrases in their order; only from engines that can tell them apart."""

    @property
    def understood(self) -> bool:
        """Whether the confidence reaches `UNDERSTOOD`."""
        return self.confidence >= UNDERSTOOD


class Recogniser(Protocol):
    """An engine. It may block for long, so it is never called on a media loop's thread: see `RecogniserProcess`.

    One call at a time: who has many threads opens one for each.
    """

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",
    ) -> Recognition:
        """Returns what is said in one utterance.

        Args:
            samples: The utterance, int16 of shape (n,), with or without silence around it.
            rate: In Hz.
            language: Such as "uk".
            expected: Texts, names or intents of phrases that would make sense now. An engine that can, looks only
                among them; others do not heed it. Empty: anything.
            key: Whose utterance this is, such as the UUID of the call. Only scripts heed it.

        Raises:
            RecogniserError: the engine failed.
        """
        ...


class RecogniserService(Protocol):
    """An engine that is asked without waiting: a `RecogniserProcess`, or a `RecogniserThread`."""

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",
    ) -> Future[Recognition]:
        """Returns the future of what is said; its failure is a `RecogniserError`."""
        ...

    def close(self) -> None:
        """Ends it; what still waits fails or is cancelled."""
        ...
