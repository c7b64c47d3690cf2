"""The dialogue of one call: what happens in the call goes to the conversation, and what it answers is done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ...protocol import Frame
from ...transport import now
from ..agenda import Cause
from .acts import Act, CallTool, Enter, HangUp, Say, Transfer
from .conversation import Conversation
from .host import Heard, Host
from .model import UNSURE
from .utterance import Utterance

if TYPE_CHECKING:
    from ..session import Session

MAYBE_MORE: Final = 1.2
"""Seconds from the last voiced sample for which an utterance that was not understood may go on."""


class Talk:
    """Ties a conversation to a call. All on the call's event loop; what takes time runs elsewhere."""

    def __init__(self, host: Host, session: Session) -> None:
        self._host = host
        self._session = session
        self.conversation = Conversation(host.dialogue)
        self._utterance = Utterance(session.settings.format)
        self._recognition: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._cause = Cause("connected", now(), 0, 0.0)
        self._request: int | None = None
        """Of a human, whose answer is awaited."""
        self._ending = ""
        """Why the bot will hang up after its last word; empty: it will not."""
        self._transfer: asyncio.Task[None] | None = None
        host.join(self, session.number)

    def heard(self, at: float, frame: Frame) -> None:
        """The caller's audio."""
        self._utterance.add(at, frame)

    def on(self, cause: Cause) -> None:
        """Something happened to which the dialogue may answer."""
        if cause.event == "caller speaks":
            # What was said before is being recognised still: it goes on.
            self._drop_recognition()
            self._utterance.begin(cause.at)
        elif cause.event == "caller stops":
            self._cause = replace(cause, delay=self._session.settings.reply_delay(cause.turn))
            self._recognition = self._run(self._recognise(cause))
        elif cause.event == "reply ends":
            self._end_if_done()
        elif cause.event == "silence" and self._recognition is None:
            self._answer(cause, self.conversation.silence())
        elif cause.event == "key":
            self._drop_recognition()
            self._utterance.done()
            self._session.stop_talking()
            delayed = replace(cause, delay=self._session.settings.reply_delay(cause.turn))
            self._answer(delayed, self.conversation.key(cause.key))
        elif cause.event == "uuid":
            self._answer(cause, self.conversation.start())

    def human_answered(self, request: int, text: str) -> None:
        """A human answered a question of this call."""
        if self._request in (None, request):
            self._request = None
            self._answer(self._later(), self.conversation.human_answer(text))

    def stopped(self) -> None:
        """The bot was told to stop talking: nothing more is to be waited for."""
        self._end_if_done()

    def close(self) -> None:
        """The call is over."""
        self._host.leave(self._session.number)
        for task in self._tasks:
            task.cancel()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _answer(self, cause: Cause, acts: Iterable[Act]) -> None:
        self._cause = cause
        said: list[str] = []
        for act in acts:
            if isinstance(act, Enter):
                self._session.teller.tell("mark", name=f"state {act.state}", turn=cause.turn)
            elif isinstance(act, Say):
                said += act.recordings
            elif isinstance(act, CallTool):
                self._request = None
                self._run(self._call_tool(act))
            elif isinstance(act, Transfer):
                self._ending = "transferred to an operator"
                self._transfer = self._run(self._hand_to_operator(act.reason))
            elif isinstance(act, HangUp):
                self._ending = "hung up" if act.reason == "asked for" else f"hung up: {act.reason}"
        if said:
            texts = self._host.dialogue.texts
            self._session.teller.tell(
                "answered",
                text=". ".join(texts[name].rstrip(".") for name in said),
                prompt=", ".join(said),
                intent=self.conversation.intent,
                turn=cause.turn,
            )
            self._session.say(said, cause)
        self._end_if_done()

    async def _recognise(self, cause: Cause) -> None:
        samples, rate = self._utterance.take(cause.at)
        heard = await self._hear(samples, rate)
        if heard.confidence < UNSURE:
            # Who pauses in mid-sentence goes on now: then both halves are recognised as one.
            await asyncio.sleep(cause.at + MAYBE_MORE - now())
        self._recognition = None
        self._utterance.done()
        acts = self.conversation.understood(heard.text, heard.confidence)
        self._tell_heard(heard, cause.turn)
        self._answer(self._cause, acts)

    async def _hear(self, samples: NDArray[np.int16], rate: int) -> Heard:
        slow = self._session.faults.get("slow recogniser")
        late = slow["by"] if slow else 0.0
        await asyncio.sleep(late)
        if self._session.faults.get("failing recogniser") is not None:
            return Heard("", 0.0, late, "The recogniser fails, as it was told to")
        heard = await self._host.hear(samples, rate, self.conversation, self._session.uuid)
        return replace(heard, seconds=heard.seconds + late)

    def _tell_heard(self, heard: Heard, turn: int) -> None:
        self._session.note(f"turn {turn}: heard '{heard.text}' ({heard.confidence:.2f})")
        if heard.error:
            self._session.note(f"turn {turn}: {heard.error}")
            self._session.teller.tell("mark", name=f"recogniser failed: {heard.error}", turn=turn)
        self._session.teller.tell(
            "recognised",
            text=heard.text,
            confidence=round(heard.confidence, 3),
            language=self.conversation.language,
            intent=self.conversation.intent,
            turn=turn,
            seconds=round(heard.seconds, 4),
        )

    async def _call_tool(self, act: CallTool) -> None:
        outcome, result = await self._host.toolbox.call(act.name, act.arguments, self._session.teller.about)
        self._session.note(f"tool {act.name}: {outcome}{': ' + result['error'] if 'error' in result else ''}")
        if isinstance(result.get("request"), int):
            self._request = result["request"]
        self._answer(self._later(), self.conversation.tool_result(act.ticket, outcome, result))

    async def _hand_to_operator(self, reason: str) -> None:
        teller = self._session.teller
        outcome, _ = await self._host.toolbox.call("transfer_to_operator", {"reason": reason}, teller.about)
        if outcome != "found":
            teller.tell("transfer", reason=reason, operator="")
        self._transfer = None
        self._end_if_done()

    def _later(self) -> Cause:
        """The cause of what follows from a tool: what was said before may have been said long ago."""
        return self._cause

    def _end_if_done(self) -> None:
        if self._ending and self._transfer is None and not self._session.talking:
            self._session.hang_up(reason=self._ending)

    def _drop_recognition(self) -> None:
        if self._recognition is not None:
            self._recognition.cancel()
            self._recognition = None

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ran)
        return task

    def _ran(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._session.failed("go on with the dialogue", error)
