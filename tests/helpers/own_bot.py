"""A small bot on asyncio streams, well-behaved but for what it is told to do badly: made to be found out."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from AudioSocketLibrary.transport import Address
from tests.helpers.raw_bot import frame, tone

WORD = [frame(0x10, tone(0.4)[at : at + 320]) for at in range(0, 6400, 320)]
SILENT = frame(0x10, bytes(320))


class OwnBot:
    """Greets, replies after 300 ms of silence, hangs up with its caller.

    Args:
        naive: takes what one read gives for one frame.
        refuses: a frame of this type ends the call.
        once: refuses a UUID that it has seen.
        one_by_one: serves one call after the other.
        deaf_to_eof: does not notice that the caller hung up.
        dies_of: what ends the whole bot: ``no uuid``, ``reset``, ``early end`` (the greeting was not yet said).
        words: what it says, frame by frame.
    """

    def __init__(
        self,
        *,
        naive: bool = False,
        refuses: int = -2,
        once: bool = False,
        one_by_one: bool = False,
        deaf_to_eof: bool = False,
        dies_of: str = "",
        words: list[bytes] = WORD,
    ) -> None:
        self.naive, self.refuses, self.once, self.deaf_to_eof, self.dies_of = (
            naive,
            refuses,
            once,
            deaf_to_eof,
            dies_of,
        )
        self.words = words
        self.lock = asyncio.Lock() if one_by_one else contextlib.nullcontext()
        self.seen: set[bytes] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> OwnBot:
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0, backlog=200)
        self.address = Address("127.0.0.1", self.server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        talking = None
        try:
            async with self.lock:
                call = _Call(self, writer)
                talking = asyncio.create_task(call.talk())
                await call.listen(reader)
        except ConnectionResetError:
            self.perhaps_die("reset")
        except asyncio.CancelledError:
            pass
        finally:
            if talking:
                talking.cancel()
            writer.close()
            self.tasks.discard(task)

    def perhaps_die(self, cause: str) -> None:
        if cause == self.dies_of:
            self.server.close()


class _Call:
    def __init__(self, bot: OwnBot, writer: asyncio.StreamWriter) -> None:
        self.bot, self.writer = bot, writer
        self.uuid = b""
        self.to_say: list[bytes] = []
        self.said = 0
        self.spoken_to, self.quiet = False, 0

    async def read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        """Type and payload of the next frame; -1 at the end."""
        if self.bot.naive:
            data = await reader.read(65536)
            known = data and data[0] in (1, 3, *range(0x10, 0x19)) and (data[0] != 1 or len(data) == 19)
            return (data[0], data[3:]) if known else (-1, b"")
        try:
            header = await reader.readexactly(3)
            return header[0], await reader.readexactly(int.from_bytes(header[1:], "big"))
        except asyncio.IncompleteReadError:
            return -1, b""

    async def listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            kind, payload = await self.read(reader)
            if kind < 0:
                if not self.uuid:
                    self.bot.perhaps_die("no uuid")
                elif self.said < len(self.bot.words):
                    self.bot.perhaps_die("early end")
                if self.bot.deaf_to_eof:
                    await asyncio.sleep(60)
                return
            if kind == self.bot.refuses or (kind == 1 and self.bot.once and payload in self.bot.seen):
                return
            if kind == 1:
                self.uuid = payload
                self.bot.seen.add(payload)
                self.to_say += self.bot.words
            elif kind >= 0x10:
                self.hear(payload)

    def hear(self, payload: bytes) -> None:
        if any(payload[: 640 if self.bot.naive else None]):
            self.spoken_to, self.quiet = True, 0
        elif self.spoken_to:
            self.quiet += 1
            if self.quiet == 15:
                self.spoken_to = False
                self.to_say += self.bot.words

    async def talk(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not self.writer.transport.is_closing():
            if self.uuid:
                self.said += bool(self.to_say)
                self.writer.write(self.to_say.pop(0) if self.to_say else SILENT)
            due += 0.020
            await asyncio.sleep(due - loop.time())
