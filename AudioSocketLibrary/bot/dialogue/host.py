"""What all calls of a bot with a dialogue share: the dialogue, the recogniser's process, the tools."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ...media import tone
from ...media.engines import open_recogniser
from ...media.recogniser import RecogniserError
from ...media.recogniser_process import RecogniserProcess
from ...records import UsageError
from ...transport import now
from ..settings import PHRASES
from .conversation import Conversation
from .local import BackendLike
from .model import Dialogue
from .tools import Toolbox

if TYPE_CHECKING:
    from .talk import Talk

_HEAVY: Final = ("vosk", "faster-whisper")
"""Engines that load a model: only their own process does. A wrong one is found by the first utterance."""
_TIMEOUT: Final = 10.0
_WORKERS_OF_SERVICES: Final = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller was understood to say."""

    text: str
    confidence: float
    seconds: float
    """That recognition took."""
    error: str = ""
    known: bool = False
    """Whether a phrase is written so."""


class Host:
    """Shared by the calls of one bot.

    Args:
        dialogue: the dialogue.
        engine: of the recogniser, as for ``open_recogniser``.
        backend: has the tools, and takes the events.
    """

    def __init__(self, dialogue: Dialogue, engine: str, backend: BackendLike) -> None:
        self.dialogue = dialogue
        self.backend = backend
        self.toolbox = Toolbox(backend, dialogue.tools)
        self._engine = engine
        self._recogniser: RecogniserProcess | None = None
        self._talks: dict[int, Talk] = {}
        self._forget_answers: Callable[[], None] | None = None

    async def start(self) -> None:
        """Start the recogniser.

        Raises:
            UsageError: there is no such engine, or it cannot be had here.
        """
        if not self._engine.startswith(_HEAVY):
            try:
                await asyncio.to_thread(open_recogniser, self._engine)
            except ValueError as error:
                raise UsageError(f"The bot's recogniser: {error}") from None
        local = self._engine.startswith((PHRASES, "script:", "command:"))
        self._recogniser = RecogniserProcess(
            self._engine, workers=1 if local else _WORKERS_OF_SERVICES, timeout=_TIMEOUT
        )
        if self._engine.startswith(PHRASES):
            await self._warm()
        loop = asyncio.get_running_loop()
        self._forget_answers = self.backend.on_human_answer(
            lambda answer: loop.call_soon_threadsafe(self._hand_over, answer)
        )

    async def stop(self) -> None:
        """End the recogniser."""
        if self._forget_answers:
            self._forget_answers()
        recogniser, self._recogniser = self._recogniser, None
        if recogniser:
            await asyncio.to_thread(recogniser.close)
        self.toolbox.close()

    def join(self, talk: Talk, call: int) -> None:
        """A call stands."""
        self._talks[call] = talk

    def leave(self, call: int) -> None:
        """A call is over."""
        self._talks.pop(call, None)

    async def hear(self, samples: NDArray[np.int16], rate: int, conversation: Conversation, key: str) -> Heard:
        """Recognise an utterance among what makes sense now."""
        began = now()
        languages = [conversation.language] if conversation.language else list(self.dialogue.languages)
        if self._engine.startswith("script:"):
            del languages[1:]  # each language would take one of its answers
        tries = [self._in_language(samples, rate, language, conversation, key) for language in languages]
        found = await asyncio.gather(*tries)
        best = max(found, key=lambda heard: (not heard.error, heard.known, heard.confidence))
        return Heard(best.text, best.confidence, now() - began, best.error)

    async def _in_language(
        self, samples: NDArray[np.int16], rate: int, language: str, conversation: Conversation, key: str
    ) -> Heard:
        assert self._recogniser
        state = conversation.state
        expected = [phrase.text for phrase in self.dialogue.heard_in(state, language)]
        try:
            heard = await asyncio.wrap_future(
                self._recogniser.recognise(samples, rate, language, expected, key), loop=asyncio.get_running_loop()
            )
        except RecogniserError as error:
            return Heard("", 0.0, 0.0, str(error))
        for said in filter(None, (heard.phrase, heard.text)):
            if known := self.dialogue.phrase(said, state, conversation.language):
                return Heard(known.text, heard.confidence, 0.0, known=True)
        near = await asyncio.get_running_loop().run_in_executor(
            self.toolbox.threads, self.dialogue.nearest, heard.text, state, conversation.language
        )
        return Heard(near.text if near else heard.text, heard.confidence, 0.0, known=near is not None)

    async def _warm(self) -> None:
        """Have the templates made now: on a busy machine the first caller would wait for them until it gives up."""
        assert self._recogniser
        sound, made = tone(440, 0.3, 8000), []
        for language in self.dialogue.languages:
            for state in self.dialogue.states.values():
                expected = [phrase.text for phrase in self.dialogue.heard_in(state, language)]
                if state.listens and expected:
                    made.append(asyncio.wrap_future(self._recogniser.recognise(sound, 8000, language, expected)))
        # Whether the recogniser can be had was asked before; what else goes wrong, each utterance tells.
        await asyncio.gather(*made, return_exceptions=True)

    def _hand_over(self, answer: Any) -> None:
        talk = self._talks.get(answer.about.call)
        if talk:
            talk.human_answered(answer.request, answer.answer)
