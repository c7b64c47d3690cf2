"""Callers that no bot deserves: whatever they do, the bot lives, and another call does not suffer."""

import asyncio
import os
import random
import socket
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from AudioSocketLibrary.bot import Bot, BotSettings
from AudioSocketLibrary.bot.process import BotProcess
from AudioSocketLibrary.call import Call, CallSettings, Depth, Moment
from AudioSocketLibrary.media import load_sound, prompt_path, silence_frame, utterance_path
from AudioSocketLibrary.protocol import HEADER_SIZE, AudioFormat, encode_uuid
from AudioSocketLibrary.transport import PERIOD
from AudioSocketLibrary.transport.accepted import MOST_TAKEN

pytestmark = pytest.mark.integration

GREETING, REPLY = "one_moment", "still_there"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts what a process holds in /proc")
RST = struct.pack("ii", 1, 0)


@pytest.fixture
def bot():
    """One for each test: what a flood left in its memory is no matter of the next."""
    with BotProcess(["--greeting", GREETING, "--reply", REPLY, "--reply-after", "600ms", "--endpoint", "300ms"]) as bot:
        yield bot


class BadCaller(threading.Thread):
    """Calls on a thread of its own, badly, until it is stopped."""

    def __init__(self, address, behave, number=1):
        super().__init__(daemon=True)
        self.address = (address.host, address.port)
        self.behave = behave
        self.over = threading.Event()
        self.lines = [self.connect() for _ in range(number)]
        self.did = 0
        self.start()

    def connect(self):
        line = socket.create_connection(self.address, 10)
        line.settimeout(0.05)
        return line

    def run(self):
        while not self.over.is_set():
            for index, line in enumerate(self.lines):
                try:
                    self.did += self.behave(line)
                except TimeoutError:
                    pass
                except OSError:
                    line.close()
                    with suppress(OSError):
                        self.lines[index] = self.connect()
            self.over.wait(0.001)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(10)
        for line in self.lines:
            line.close()


FRAME = len(silence_frame(AudioFormat.slin))
FLOOD = silence_frame(AudioFormat.slin) * 200
RUBBISH = random.Random(1).randbytes(20_000)


def flood(line):
    line.setblocking(False)
    with suppress(BlockingIOError):
        line.recv(1 << 16)
    try:
        sent = line.send(FLOOD)
    except BlockingIOError:
        return 0
    line.settimeout(5)
    line.sendall(FLOOD[sent : -(-sent // FRAME) * FRAME])  # whole frames: a flood is no rubbish
    return sent


def never_read(line):
    """Speaks in time, and lets the bot's words fill the buffers."""
    line.sendall(silence_frame(AudioFormat.slin))
    time.sleep(0.02)
    return 1


def speak_rubbish(line):
    sent = line.send(RUBBISH)
    line.recv(1 << 16)
    return sent


def half_a_frame(line):
    line.sendall(encode_uuid(uuid4()) + b"\x10\xff\xff" + bytes(100))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
    raise OSError("and now another")


async def a_good_call(address):
    """Is greeted, says something, is answered; returns what arrived."""
    async with await Call.place(address) as call:
        assert await call.wait_for_reply(0, limit=30), "no greeting"
        await call.play(load_sound(utterance_path("stop"), 8000))
        assert await call.wait_for_reply(1, limit=30), "no reply"
        assert await call.wait_until_quiet(0.5, most=30)
        assert not call.over
        return b"".join(payload for *_, payload in call.timeline.hearing.played)


def words_of(name):
    """What a caller hears of a prompt, whatever of its leading silence is skipped."""
    sound = load_sound(prompt_path(name), 8000)
    frames = sound.frames(AudioFormat.slin)
    return b"".join(frame[HEADER_SIZE:] for frame in frames[sound.first_voiced // 160 :])


def assert_complete(arrived):
    assert arrived.count(words_of(GREETING)) == 1
    assert arrived.count(words_of(REPLY)) == 1


async def test_a_flood_is_read_at_a_bounded_rate(bot):
    began = time.monotonic()
    with BadCaller(bot.address, flood) as bad:
        await asyncio.sleep(2.0)
        sent, seconds = bad.did, time.monotonic() - began
    buffered = 8e6
    assert sent < buffered + 2 * seconds * MOST_TAKEN / PERIOD, f"{sent / 1e6:.1f} MB in {seconds:.1f} s"


def hang_up_politely(address, index):
    with socket.create_connection(address, 10) as line:
        if index % 2:
            line.sendall(encode_uuid(UUID(int=index)) + silence_frame(AudioFormat.slin))


def break_off(address, index):
    with socket.create_connection(address, 10) as line:
        if index % 2:
            line.sendall(encode_uuid(UUID(int=index))[:10])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)


def connect_and_close(address, times):
    """From four threads."""

    def some(offset):
        for index in range(offset, times, 4):
            (break_off if index % 4 > 1 else hang_up_politely)((address.host, address.port), index)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(some, range(4)))


class Held:
    """What a process holds now."""

    def __init__(self, pid):
        proc = Path(f"/proc/{pid}")
        self.sockets = len(list((proc / "fd").iterdir()))
        self.threads = len(list((proc / "task").iterdir()))
        self.bytes = int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __repr__(self):
        return f"{self.sockets} files, {self.threads} threads, {self.bytes / 1e6:.1f} MB"


async def settled(pid, before, limit=20.0):
    """What a process holds once its sockets are gone."""
    until = time.monotonic() + limit
    while (now := Held(pid)).sockets > before.sockets and time.monotonic() < until:  # noqa: ASYNC110 - has no event
        await asyncio.sleep(0.1)
    return now


@pytest.mark.parametrize(
    ("behave", "number"),
    [(flood, 1), (flood, 5), (never_read, 3), (speak_rubbish, 3), (half_a_frame, 3)],
    ids=["a flood", "five floods", "no reader", "rubbish", "half frames"],
)
async def test_another_call_does_not_suffer(bot, behave, number):
    with BadCaller(bot.address, behave, number) as bad:
        assert_complete(await a_good_call(bot.address))
        assert bad.did or behave is half_a_frame
        assert bad.is_alive()
    assert bot.running


@LINUX
@pytest.mark.slow
async def test_10_000_connections_in_a_row_leave_nothing_behind(bot):
    await asyncio.to_thread(connect_and_close, bot.address, 1000)
    before = await settled(bot.pid, Held(bot.pid))
    await asyncio.sleep(1.0)
    before = Held(bot.pid)
    good = asyncio.create_task(a_good_call(bot.address))
    await asyncio.to_thread(connect_and_close, bot.address, 10_000)
    assert_complete(await good)
    after = await settled(bot.pid, before)
    assert after.sockets <= before.sockets, (before, after)
    assert after.threads <= before.threads, (before, after)
    assert after.bytes - before.bytes < 20e6, (before, after)
    assert_complete(await a_good_call(bot.address))


@LINUX
async def test_what_a_thousand_calls_took_serves_the_next_thousand(bot):
    before, held = Held(bot.pid), []
    while len(held) < 30 and not at_rest(held):
        lines = [await asyncio.open_connection(bot.address.host, bot.address.port) for _ in range(300)]
        for number, (_, writer) in enumerate(lines):
            writer.write(encode_uuid(UUID(int=number)) + silence_frame(AudioFormat.slin) * 50)
        await asyncio.sleep(0.5)
        for _, writer in lines:
            writer.transport.abort()
        held.append(await settled(bot.pid, before))
    assert held[-1].sockets <= before.sockets, (before, held)
    assert held[-1].threads <= held[0].threads, held
    assert at_rest(held), held


def at_rest(held):
    """A serving bot collects garbage late, to keep its pace: memory grows for some rounds, and then no more."""
    return len(held) > 4 and held[-1].bytes - held[-5].bytes < 1e6


@LINUX
@pytest.mark.slow
async def test_rows_of_a_backend_come_back_too():
    with BotProcess(["--backend", "--greeting", GREETING, "--reply", REPLY, "--endpoint", "300ms"]) as bot:
        assert bot.backend
        login = {"username": "operator", "password": bot.passwords["operator"]}
        async with httpx.AsyncClient(base_url=bot.backend, timeout=30) as client:
            token = (await client.post("/login", json=login)).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"

            async def rows_now():
                """Once all that happened is written."""
                rows = -1
                while rows != (rows := (await client.get("/calls")).json()["total"]):  # noqa: ASYNC110
                    await asyncio.sleep(3.0)  # it writes once a second
                return rows

            with BadCaller(bot.address, half_a_frame, 2):
                assert_complete(await a_good_call(bot.address))
            before = await settled(bot.pid, Held(bot.pid))
            rows = await rows_now()
            assert rows > 1
            # Who says no UUID, or half of one, is no call to the backend.
            for _ in range(500):
                _, writer = await asyncio.open_connection(bot.address.host, bot.address.port)
                writer.write(encode_uuid(UUID(int=1))[:10])
                writer.transport.abort()
            after = await settled(bot.pid, before)
            assert await rows_now() == rows
            assert after.sockets <= before.sockets + 2, (before, after)
            assert after.threads <= before.threads + 2, (before, after)


async def test_more_talk_than_the_recogniser_can_hear_is_not_understood_and_nothing_piles_up(tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(2); print('так')")
    lines = []
    settings = BotSettings(
        dialogue="tyre_shop", recogniser=f"command:{sys.executable} {slow} {{wav}}", endpoint=0.2, silence_after=None
    )
    async with Bot(settings, log=lines.append) as bot:
        calls = [await Call.place(bot.address, CallSettings(depth=Depth.EVENTS, connect_timeout=20)) for _ in range(70)]
        said = load_sound(utterance_path("stop"), 8000)
        speaking = [asyncio.create_task(call.play(said, at=Moment("call starts", 3.0))) for call in calls]
        async with asyncio.timeout(60):
            while sum("does not keep up: 64 utterances wait" in line for line in lines) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.gather(*speaking)
        for call in calls:
            await call.hang_up()
