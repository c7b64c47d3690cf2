"""A program as a recogniser: it gets a WAV file by name and prints what is said in it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import save_wav
from ..recogniser import RecogniserError, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class CommandRecogniser:
    """A process for each utterance, started without a shell. `{wav}`, `{language}` and `{rate}` are filled in."""

    def __init__(self, command: str, timeout: float = 60.0) -> None:
        try:
            self._words = shlex.split(command, posix=os.name != "nt")
        except ValueError as error:
            raise RecogniserError(f"The command '{command}' cannot be read: {error}") from None
        if not self._words or not any("{wav}" in word for word in self._words):
            raise RecogniserError(f"The command '{command}' gets no recording: write command:PROGRAM {{wav}}")
        if not shutil.which(self._words[0]):
            raise RecogniserError(f"There is no program '{self._words[0]}': install it, or give its whole path")
        self._timeout = timeout

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
            text = " ".join(self._run([_fill(word, filled) for word in self._words], Path(folder)).split())
        return Recognition(text, 1.0 if text else 0.0)

    def _run(self, words: list[str], folder: Path) -> str:
        name = self._words[0]
        # Files, not pipes: a grandchild that outlives the time limit would hold a pipe open, and us with it.
        said, complained = folder / "stdout", folder / "stderr"
        with said.open("wb") as out, complained.open("wb") as err:
            try:
                done = subprocess.run(  # noqa: S603 - the user's own command, and no shell
                    words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=self._timeout, check=False
                )
            except subprocess.TimeoutExpired:
                raise RecogniserError(f"'{name}' was not done within {self._timeout:g} s, and was stopped") from None
            except OSError as error:
                raise RecogniserError(f"'{name}' cannot be started: {error.strerror}") from None
        if done.returncode:
            lines = complained.read_text("utf-8", "replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "it does not say why")
            raise RecogniserError(f"'{name}' failed with exit code {done.returncode}: {last[:200]}")
        return said.read_text("utf-8", "replace")


def _fill(word: str, filled: dict[str, str]) -> str:
    for place, value in filled.items():
        word = word.replace(place, value)
    return word
