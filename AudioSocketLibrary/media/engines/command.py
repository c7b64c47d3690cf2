"""A program as a recogniser: it gets a WAV file by name and prints what is said in it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import save_wav
from ..recogniser import RecogniserError, Recognition
from .program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class CommandRecogniser:
    """A process for each utterance, started without a shell. `{wav}`, `{language}` and `{rate}` are filled in."""

    def __init__(self, command: str, timeout: float = 60.0) -> None:
        self._program = Program.of(
            command,
            without_wav="gets no recording: write command:PROGRAM {wav}",
            error=RecogniserError,
            timeout=timeout,
        )

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),  # noqa: ARG002 - a program has no place for it
        key: str = "",  # noqa: ARG002
    ) -> Recognition:
        """Returns what the program prints; RecogniserError where it fails or takes too long."""
        with tempfile.TemporaryDirectory(prefix="audiosocket-") as folder:
            wav = Path(folder) / "utterance.wav"
            save_wav(wav, (samples,), rate)
            filled = {"{wav}": str(wav), "{language}": language, "{rate}": str(rate)}
            text = " ".join(self._program.run(filled, Path(folder)).split())
        return Recognition(text, 1.0 if text else 0.0)
