"""What the probes share: how to call the bot, and what its ordinary call was like."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from ..media import Sound, load_sound, utterance_path
from ..records import UsageError, time_text
from ..transport import Address, MediaClock, connect, now
from .line import Line, until

T = TypeVar("T")

LANGUAGES = ("uk", "en")
GREETS_WITHIN = 5.0
ANSWERS_WITHIN = 10.0
LISTENS = 8.0
"""Seconds of a greeting or a reply that are listened to at most."""
LONGEST_CONNECT = 5.0
"""Longer than any Asterisk waits, so that the figure can be told."""
OUR_LAG = 0.010
"""If our own loop woke later than this (p99), times of milliseconds are not judged."""


class NoBot(UsageError):
    """What listens there is no bot."""


class NotAnswered(Exception):
    """A call of a probe was not answered as the ordinary one was: the probe could not ask its question."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The ordinary call: greeting, one phrase, its reply, the caller hangs up."""

    line: Line
    lag: float
    """How late our own loop woke in it (p99), in seconds."""

    @property
    def greeting_time(self) -> float | None:
        """None: the bot did not greet."""
        time = self.line.greeting_time
        return time if time is not None and time <= GREETS_WITHIN else None

    @property
    def response_time(self) -> float | None:
        """None: the bot did not reply."""
        return self.line.turns[-1].response_time

    def length(self, turn: int) -> float:
        """Seconds from the first word of a reply to its last (0 is the greeting)."""
        parts = self.line.turns[turn].parts if turn < len(self.line.turns) else []
        return parts[-1].end - parts[0].start if parts else 0.0


def why(error: OSError) -> str:
    """Why a bot could not be called, in brackets."""
    return f"({os.strerror(error.errno) if error.errno else 'no connection in time'})"


class Bench:
    """Calls one bot, and hangs up whatever was left. Use it with ``async with``.

    Args:
        bot: where it listens.
        language: of the recordings that the caller says.
        talk: the ordinary call, where it was made before.
    """

    def __init__(self, bot: Address, language: str = LANGUAGES[0], talk: Talk | None = None) -> None:
        if language not in LANGUAGES:
            raise UsageError(f"There are no recordings in '{language}'. Languages: {', '.join(LANGUAGES)}")
        self.bot = bot
        self.lines = [talk.line] if talk else []
        self._talk = talk
        self._prefix = "" if language == LANGUAGES[0] else f"{language}_"
        self._shared: dict[str, asyncio.Task[Any]] = {}

    async def __aenter__(self) -> Bench:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._shared.values():
            task.cancel()
        await asyncio.gather(*self._shared.values(), return_exceptions=True)
        await self.hang_up()

    async def hang_up(self) -> None:
        """Hang up whatever a probe left."""
        for line in self.lines:
            line.close()
        await asyncio.gather(*(line.wait_closed() for line in self.lines))

    def sound(self, name: str, rate: int = 8000) -> Sound:
        """One of our recordings in the caller's language, like ``stop``."""
        return load_sound(utterance_path(self._prefix + name), rate)

    async def once(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """What several probes look at is done once."""
        task = self._shared.get(name)
        if task is None:
            task = self._shared[name] = asyncio.ensure_future(work())
        result: T = await task
        return result

    # -- calling ------------------------------------------------------------------------------------------------------

    async def call(self, *, uuid: UUID | None = None, **settings: Any) -> Line:
        """A call as Asterisk makes it; raises OSError (TimeoutError is one) where the bot cannot be reached."""
        line = await self._connect(uuid or uuid4(), **settings)
        line.start_media()
        return line

    async def bare(self) -> Line:
        """A connection on which nothing is sent but what the probe sends."""
        return await self._connect(None)

    async def _connect(self, uuid: UUID | None, **settings: Any) -> Line:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(LONGEST_CONNECT):
            _, line = await loop.create_connection(lambda: Line(uuid=uuid, **settings), self.bot.host, self.bot.port)
        self.lines.append(line)
        return line

    async def answered(self, line: Line, say: Callable[[Sound], Awaitable[Any]] | None = None) -> float:
        """Wait until the bot answers as it does in an ordinary call; returns after how many seconds.

        A bot that greets must greet; one that waits to be spoken to must reply; of any other one the line must stand.

        Raises:
            NotAnswered: it did not; the text says what it did.
        """
        talk = await self.talk()
        began = line.uuid_at or line.began
        spans = line.timeline.hearing.spans
        usual = talk.greeting_time
        if usual is None and talk.response_time is not None:
            await (say or line.speak)(self.sound("hello"))
            began, usual = now(), talk.response_time
        if usual is None:
            await until(lambda: line.ending, 0.5)
        elif await until(lambda: spans or line.ending, self.patience) and spans:
            return max(0.0, spans[0].start - began)
        if line.ending:
            raise NotAnswered(line.ended_after(began, "its beginning"))
        if usual is not None:
            raise NotAnswered(f"did not answer within {time_text(self.patience)}")
        return 0.0

    @property
    def patience(self) -> float:
        """How long a call of a probe waits for the bot's first word: three times what it usually takes, and 2 s."""
        talk = self._talk
        usual = (talk.greeting_time or talk.response_time or 0.0) if talk else 0.0
        return min(ANSWERS_WITHIN, 2.0 + 3 * usual)

    async def still_answers(self) -> float:
        """Make an ordinary call and hang up when it was answered.

        Raises:
            OSError: the bot cannot be reached.
            NotAnswered: it did not answer.
        """
        line = await self.call()
        try:
            return await self.answered(line)
        finally:
            line.close()

    # -- the ordinary call --------------------------------------------------------------------------------------------

    async def talk(self) -> Talk:
        """The ordinary call, made once.

        Raises:
            CallFailure: nothing listens there.
            NoBot: what listens there is no bot.
        """
        if self._talk is None:
            self._talk = await self.once("talk", self._make_talk)
        return self._talk

    async def _make_talk(self) -> Talk:
        # For its sentences, where nothing listens or nobody accepts.
        (await connect(self.bot, timeout=LONGEST_CONNECT)).close()
        lag = MediaClock.of().loop_lag
        before = list(lag.counts)
        line = await self.call()
        await until(lambda: line.greeting_time is not None or line.ending, GREETS_WITHIN)
        self._require_bot(line)
        await line.quiet(LISTENS)
        if not line.ending:
            await line.speak(self.sound("hello"))
            await until(lambda: line.turns[-1].parts or line.ending, ANSWERS_WITHIN)
            await line.quiet(LISTENS)
        self._require_bot(line)
        if not line.pieces:
            raise NoBot(
                f"No bot answers at {self.bot}: something accepts calls there, but "
                f"{line.ended_after(line.began, 'it was called') if line.ending else 'sent nothing at all'}, "
                "when called and when spoken to. Is it an AudioSocket server, and is this its port?"
            )
        line.close()
        return Talk(line, lag.since(before).percentile(99) or 0.0)

    def _require_bot(self, line: Line) -> None:
        """Refuse what answers in words: its first bytes are text, and no frame of anybody's begins so."""
        start = b"".join(piece.data for piece in line.pieces[:4])[:40]
        if len(start) >= 4 and start[0] >= 0x20 and all(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in start):
            what = "a web server" if start.startswith((b"HTTP/", b"<!DOCTYPE", b"<html")) else "something else"
            raise NoBot(
                f"No bot answers at {self.bot}: {what} listens there; it said {start.decode('ascii')!r}, which is no "
                "AudioSocket. Give the port of the bot's AudioSocket server"
            )
