"""An echo is judged bit by bit: what an echo may do, and what it may not."""

from __future__ import annotations

import asyncio
import struct

import pytest

from AudioSocketLibrary.call import CallSettings, Depth
from AudioSocketLibrary.media.corpus import utterance_path
from AudioSocketLibrary.records import CallFailure, FailureKind, UsageError
from AudioSocketLibrary.scenario import BotShouldEcho, Calls, HangUpAll, PlaceCall, Play, play_step
from AudioSocketLibrary.transport import Address

pytestmark = pytest.mark.integration


class EchoBot:
    """An echo on asyncio streams.

    Args:
        size: it sends pieces of so many bytes.
        flips: this byte of the speech has its lowest bit flipped.
        loses: this one, and the 99 after it, are lost.
        silent: it sends nothing back.
        ends: it hangs up after so many bytes of speech.
    """

    def __init__(self, *, size: int = 320, flips: int = -1, loses: int = -1, silent: bool = False, ends: int = -1):
        self.size, self.flips, self.loses, self.silent, self.ends = size, flips, loses, silent, ends
        self.heard = 0
        self.rest = b""

    async def __aenter__(self) -> Address:
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        return Address("127.0.0.1", self.server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, size = struct.unpack("!BH", await reader.readexactly(3))
                payload = await reader.readexactly(size)
                if kind == 0x10 and not self.silent:
                    self.rest += self.spoilt(payload)
                    while len(self.rest) >= self.size:
                        piece, self.rest = self.rest[: self.size], self.rest[self.size :]
                        writer.write(struct.pack("!BH", 0x10, len(piece)) + piece)
                if 0 <= self.ends < self.heard:
                    return
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return
        finally:
            writer.close()

    def spoilt(self, payload: bytes) -> bytes:
        """What it makes of a media frame; counted from the first that is not silent."""
        if not self.heard and not any(payload):
            return payload
        first, self.heard = self.heard, self.heard + len(payload)
        data = bytearray(payload)
        if first <= self.flips < self.heard:
            data[self.flips - first] ^= 1
        if first <= self.loses < self.heard:
            del data[self.loses - first : self.loses - first + 100]
        return bytes(data)


async def one_call(bot: EchoBot, *, within: float = 1.0, says: str = "thanks") -> None:
    async with bot as address:
        calls = Calls()
        try:
            await play_step(PlaceCall(bot=address, settings=CallSettings(greets=False, depth=Depth.FRAMES)), calls)
            if says:
                await play_step(Play(recording=utterance_path(says)), calls)
            await play_step(BotShouldEcho(within=within), calls)
        finally:
            await HangUpAll().play(calls)


@pytest.mark.parametrize("size", [320, 160, 500], ids=["as it came", "halved", "re-cut"])
def test_an_echo_may_cut_its_frames_as_it_likes(run, size):
    run(one_call(EchoBot(size=size), within=10.0))


@pytest.mark.parametrize(
    ("bot", "told"),
    [
        ({"flips": 2000}, r"byte [\d,]+ of [\d,]+ was 0x\w\w, and came back as 0x\w\w"),
        ({"loses": 2000}, r"byte [\d,]+ of [\d,]+ was 0x|of its [\d,]+ bytes only [\d,]+ came"),
        ({"silent": True}, r"nothing of its [\d,]+ bytes is among the 0 bytes that came"),
    ],
    ids=["one bit flipped", "a hole", "nothing"],
)
def test_one_bit_is_enough(run, bot, told):
    with pytest.raises(CallFailure, match=rf"^Bot did not send back 'thanks' as it was said: (?:{told})") as caught:
        run(one_call(EchoBot(**bot)))
    assert caught.value.kind is FailureKind.WRONG_ECHO
    assert not caught.value.soft


def test_a_call_that_ends_before(run):
    with pytest.raises(CallFailure, match=r"hung up .* before ") as caught:
        run(one_call(EchoBot(ends=1000), within=10.0))
    assert caught.value.kind is FailureKind.CUT_BY_BOT


def test_nothing_was_said(run):
    with pytest.raises(UsageError, match="The caller has said nothing yet that could come back"):
        run(one_call(EchoBot(), says=""))
