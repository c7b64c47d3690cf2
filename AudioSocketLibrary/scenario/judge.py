"""What understands the bot: a recogniser in a process of its own, and the known prompts. Never on the media loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..media import load_sound
from ..media.new_prompts import accept_command, new_recording
from ..media.phrases import Phrase, PhraseBook, PhraseBookError, load_phrase_book
from ..media.prompt_match import RATE, PromptMatch, PromptMatcher
from ..media.recogniser import RecogniserError, Recognition
from ..media.recogniser_process import RecogniserProcess
from ..records import UsageError
from ..transport import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    import numpy as np
    from numpy.typing import NDArray

    T = TypeVar("T")

PROMPTS: Final = "prompts"
"""The engine that needs nothing: it knows the recordings of the phrase book."""
_LOCAL: Final = (PROMPTS, "phrases", "script:", "command:", "vosk", "faster-whisper")
_WORKERS_OF_SERVICES: Final = 4


class Judge:
    """Opened when it is first asked; one serves all calls of a process.

    Args:
        engine: as for ``open_recogniser``.
        book: the phrase book with the bot's prompts; None: the package's own.
    """

    def __init__(self, engine: str = PROMPTS, book: Path | None = None) -> None:
        self.engine = engine
        self.book = book
        self.waits: list[float] = []
        """Seconds from each question to its answer, since somebody last took them: a caller waits so long."""
        self._recogniser: RecogniserProcess | None = None
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="judge")

    @property
    def knows_only_prompts(self) -> bool:
        """Whether words that are no recording of the phrase book cannot be understood."""
        return self.engine.partition(":")[0] == PROMPTS

    async def understand(self, samples: NDArray[np.int16], rate: int, language: str, key: str = "") -> Recognition:
        """What is said in int16 samples of shape (n,); ``key`` is the call's UUID, which scripts heed.

        Raises:
            UsageError: the engine cannot be had, or failed.
        """
        if self._recogniser is None:
            workers = 1 if self.engine.startswith(_LOCAL) else _WORKERS_OF_SERVICES
            engine = self.engine
            if engine == PROMPTS and self.book:
                place = (await self.run(lambda: self._phrases)).path
                engine = f"{PROMPTS}:{place}"
            self._recogniser = RecogniserProcess(engine, workers=workers)
        asked = now()
        try:
            return await asyncio.wrap_future(self._recogniser.recognise(samples, rate, language, key=key))
        except RecogniserError as error:
            raise UsageError(f"What the bot said could not be understood: {error}") from None
        finally:
            self.waits.append(now() - asked)

    async def rank(self, samples: NDArray[np.int16], rate: int, names: Iterable[str] = ()) -> list[PromptMatch]:
        """How well known prompts fit what was said, the best first; all of them, where none is named.

        Raises:
            UsageError: there is no such prompt, or none has a recording.
        """
        return await self.run(self._rank, samples, rate, tuple(names))

    async def prompt_names(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names of prompts that were given by name or by text.

        Raises:
            UsageError: there is no such prompt; the text has the nearest.
        """
        return await self.run(self._names, tuple(names))

    async def prepare(self) -> None:
        """Read all known prompts now, so that the first reply does not wait for it."""
        await self.run(lambda: self._matcher)

    def close(self) -> None:
        """End the recogniser's process. May be called again; the judge may be asked again after it."""
        recogniser, self._recogniser = self._recogniser, None
        if recogniser:
            recogniser.close()

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        except (ValueError, OSError) as error:
            raise UsageError(str(error)) from None

    def _names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._prompt(name).name for name in names)

    def _prompt(self, name: str) -> Phrase:
        book = self._phrases
        try:
            prompt = book.prompt(name)
        except PhraseBookError:
            self._refuse_new(name)
            raise
        if not prompt.recordings:
            self._refuse_new(prompt.name)
            raise UsageError(
                f"The prompt '{prompt.name}' has no recording in {book.path.name}: add one, "
                "or keep what the bot says (Save Prompt)"
            )
        return prompt

    def _refuse_new(self, name: str) -> None:
        """Tell of a prompt that was kept, and that nobody has listened to yet."""
        new = new_recording(self.book, name) if self.book else None
        if self.book and new and new.is_file():
            raise UsageError(
                f"The prompt '{name}' is new: listen to {new}, and accept it: {accept_command(self.book, name)}"
            )

    def _rank(self, samples: NDArray[np.int16], rate: int, names: tuple[str, ...]) -> list[PromptMatch]:
        return self._matcher.rank(samples, rate, self._names(names))

    @cached_property
    def _phrases(self) -> PhraseBook:
        """The book in use; the package's own, where that has no prompts."""
        book = load_phrase_book(self.book)
        return book if any(prompt.recordings for prompt in book.prompts) else load_phrase_book()

    @cached_property
    def _matcher(self) -> PromptMatcher:
        sounds = {
            one.name: load_sound(one.recordings[0], RATE).samples for one in self._phrases.prompts if one.recordings
        }
        if not sounds:
            raise UsageError(
                f"No prompt in {self._phrases.path.name} has a recording: there is nothing to compare with"
            )
        return PromptMatcher(sounds, RATE)
