"""Recognition on a thread of our own process, for engines that cost nothing and that a test wants at hand: scripts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from .recogniser import RecogniserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .recogniser import Recogniser, Recognition


class RecogniserThread:
    """A recogniser with the face of a `RecogniserProcess`. `recognise` never blocks."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.recogniser = recogniser
        self._threads = ThreadPoolExecutor(1, "recogniser")

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",
    ) -> Future[Recognition]:
        """Returns the future of what is said."""
        try:
            return self._threads.submit(self.recogniser.recognise, samples.copy(), rate, language, tuple(expected), key)
        except RuntimeError:
            refused: Future[Recognition] = Future()
            refused.set_exception(RecogniserError("The recogniser is closed"))
            return refused

    def close(self) -> None:
        """Ends the thread; what still waits is cancelled."""
        self._threads.shutdown(cancel_futures=True)
