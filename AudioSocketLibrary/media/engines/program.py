"""A program of the user's, run once for each question, without a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """A command whose words may hold places like ``{wav}``."""

    words: tuple[str, ...]
    error: type[ValueError]
    timeout: float

    @classmethod
    def of(cls, command: str, *, without_wav: str, error: type[ValueError], timeout: float) -> Program:
        """The program of a command line; an error of that type, ending with ``without_wav``, if it has no {wav}."""
        try:
            words = shlex.split(command, posix=os.name != "nt")
        except ValueError as problem:
            raise error(f"The command '{command}' cannot be read: {problem}") from None
        if not words or not any("{wav}" in word for word in words):
            raise error(f"The command '{command}' {without_wav}")
        if not shutil.which(words[0]):
            raise error(f"There is no program '{words[0]}': install it, or give its whole path")
        return cls(tuple(words), error, timeout)

    def has(self, place: str) -> bool:
        """Whether the command has this place."""
        return any(place in word for word in self.words)

    def run(self, filled: Mapping[str, str], folder: Path, given: str = "") -> str:
        """Fills the places in, runs it with ``given`` on its standard input, and returns what it prints.

        Args:
            filled: the value of each place; a value may hold another place, which is left alone.
            folder: for its output while it runs.
            given: text.
        """
        name = self.words[0]
        words = [_fill(word, filled) for word in self.words]
        # Files, not pipes: a grandchild that outlives the time limit would hold a pipe open, and us with it.
        asked, said, complained = folder / "stdin", folder / "stdout", folder / "stderr"
        asked.write_text(given, "utf-8")
        with asked.open("rb") as into, said.open("wb") as out, complained.open("wb") as err:
            try:
                done = subprocess.run(  # noqa: S603 - the user's own command, and no shell
                    words, stdin=into, stdout=out, stderr=err, timeout=self.timeout, check=False
                )
            except subprocess.TimeoutExpired:
                raise self.error(f"'{name}' was not done within {self.timeout:g} s, and was stopped") from None
            except OSError as error:
                raise self.error(f"'{name}' cannot be started: {error.strerror}") from None
        if done.returncode:
            lines = complained.read_text("utf-8", "replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "it does not say why")
            raise self.error(f"'{name}' failed with exit code {done.returncode}: {last[:200]}")
        return said.read_text("utf-8", "replace")


def _fill(word: str, filled: Mapping[str, str]) -> str:
    for place, value in filled.items():
        if place in word:
            before, after = word.split(place, 1)
            return _fill(before, filled) + value + _fill(after, filled)
    return word
